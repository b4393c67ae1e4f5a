"""What the tests of parsing share: how a document is read, and the option that rewrites golden files."""

from __future__ import annotations

from datetime import datetime

import pytest
from parse_samples import NOON, URL, rss

from aggregator.model import Item, Parsed
from aggregator.parse.read import read


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the results in tests/corpus, then review them"
    )


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def parse():
    """Read a document given as text or bytes."""

    def parse(body: str | bytes, *, content_type: str = "", zone: str | None = None, now=NOON, **how) -> Parsed:
        data = body.encode() if isinstance(body, str) else body
        return read(data, url=URL, content_type=content_type, zone=zone, now=now, **how)

    return parse


@pytest.fixture
def one(parse):
    """Read one item, given as the inside of an RSS <item>."""

    def one(inside: str, **how) -> Item:
        (item,) = parse(rss(f"<item>{inside}</item>"), **how).items
        return item

    return one
