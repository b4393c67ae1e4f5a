"""One moment, one address, and the smallest document around an item."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://feeds.example/rss.xml"


def rss(items: str, channel: str = "<title>Искра</title>") -> str:
    """An RSS document around items."""
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel>{channel}{items}</channel></rss>"
    )
