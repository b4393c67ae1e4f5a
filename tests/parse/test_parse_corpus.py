"""Real documents: nothing that feedparser finds is lost unexplained (tests/conformance reads every one of them)."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path

import feedparser
import pytest
from parse_samples import NOON, URL

from aggregator.errors import ParseError
from aggregator.parse.read import read

# Items that are fewer on purpose, by the flaw that says so.
EXPLAINED = {"item-repeated", "item-empty", "item-cut", "item-too-many"}


def documents(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def alone(body: bytes) -> int:
    """How many entries feedparser finds by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return len(feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries)


@pytest.mark.parametrize(
    "name",
    ["fastfeedparser/real", "fastfeedparser/with-expected", "rss-parser/input", "rsparser", "feedjira", "ru-uk-feeds"],
)
def test_no_item_that_feedparser_finds_is_lost_without_an_explanation(corpus, name):
    for path in documents(corpus / name):
        body = path.read_bytes()
        if body.lstrip()[:1] == b"{":
            continue  # feedparser knows no JSON Feed
        try:
            parsed = read(body, url=URL, content_type="", zone=None, now=NOON)
        except ParseError:
            assert alone(body) == 0, path
            continue
        missing = alone(body) - len(parsed.items)
        explained = {f.code for f in parsed.flaws} & EXPLAINED
        assert missing == 0 or (missing > 0 and explained), f"{path}: {missing} missing, {parsed.flaws}"


def test_windows_1251_and_koi8_r_come_out_as_cyrillic(corpus):
    for path in documents(corpus / "ru-uk-feeds"):
        parsed = read(path.read_bytes(), url=URL, content_type="", zone="Europe/Kyiv", now=NOON)
        letters = "".join(i.title for i in parsed.items)
        cyrillic = len(re.findall("[а-яёіїєґ]", letters))
        assert cyrillic > len(letters) / 3, f"{path}: {letters[:80]}"
