"""Real feeds: their articles are told apart, and known again under other ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.dedup import recognise
from aggregator.errors import ParseError
from aggregator.model import Known, key_of
from aggregator.parse.read import read

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FOLDERS = ("fastfeedparser/real", "rss-parser/input", "rsparser", "feedjira", "ru-uk-feeds")


@pytest.fixture(scope="module")
def feeds(corpus):
    """The items of each real feed that has some."""
    found = {}
    for path in sorted(path for name in FOLDERS for path in (corpus / name).rglob("*") if path.is_file()):
        try:
            found[path] = read(
                path.read_bytes(), url="https://feed.example/", content_type="", zone=None, now=NOW
            ).items
        except ParseError:
            continue
    return {path: items for path, items in found.items() if len(items) > 3}


def recognised(before, now):
    names = ("id", "sha256", "title", "link", "published")
    ours = [Known(key=key_of("s", one.id), **{name: getattr(one, name) for name in names}) for one in before]
    return recognise("s", now, {}, ours)


def test_no_article_is_taken_for_another_of_its_feed(feeds):
    for path, items in feeds.items():
        half = len(items) // 2
        for before, now in ((items[half:], items[:half]), (items[1::2], items[::2])):
            assert recognised(before, now).met == (), path


def test_nearly_all_articles_are_known_again_when_all_ids_are_new(feeds):
    known = 0
    for path, items in feeds.items():
        found = recognised(items, [replace(one, id=f"uuid-{n}") for n, one in enumerate(items)])
        right = sum(one.id == item.id for one, item in zip(found.items, items, strict=True))
        assert len(found.met) == right, path
        known += right
    assert known > 0.99 * sum(map(len, feeds.values()))
