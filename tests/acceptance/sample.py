"""Small fictional feeds, dated close to now, so that what they hold is news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aggregator.lab.origin import Document


def rss(titles, *, host="news.example", encoding="utf-8", minutes_ago=10) -> bytes:
    """Return an RSS document with these titles; the first is the newest."""
    now = datetime.now(UTC).replace(microsecond=0)
    items = "".join(
        f"<item><title>{escape(title)}</title><link>https://{host}/news/{number}</link>"
        f"<guid>https://{host}/news/{number}</guid><description>{escape(title)}: подробности.</description>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=minutes_ago + number))}</pubDate></item>"
        for number, title in enumerate(titles, 1)
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>{host}</title>'
        f"<link>https://{host}/</link><description>Выдуманные новости</description>{items}</channel></rss>"
    )
    return text.encode(encoding)


def document(titles, **more) -> Document:
    return Document(body=rss(titles, **more), content_type="application/rss+xml")
