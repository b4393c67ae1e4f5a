"""Distinct feeds made from real documents, and what their publishers do to them by the third round.

In:    the folder of real inputs; how many feeds; the moment.
Out:   Feeds: their bytes at first, and their bytes once something has happened.
Never: differs between two calls with the same arguments, or copies a document anywhere.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

FOLDERS = (
    "fastfeedparser/real",
    "fastfeedparser/with-expected",
    "rss-parser/input",
    "rsparser",
    "feedjira",
    "ru-uk-feeds",
)
CHANGED_SHARE = 0.1  # of the feeds
NEW_ITEMS = 3  # on top of a feed that has changed

_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|RDF)\b")
_HEAD = 3000  # bytes in which the root element stands, after comments and style sheets
_ITEM = re.compile(rb"<(item|entry)\b[^>]*>.*?</\1>", re.DOTALL)
_TITLE_END = re.compile(rb"</title>")
# What makes an item itself: the ends of its id and of its links.
_NAMES = re.compile(
    rb"""(?P<text>\s*</(?:guid|id|link)>)|(?P<attribute>(?:<link\b[^>]*?\bhref|\brdf:about)=(?P<quote>["'])[^"']*)(?P=quote)"""
)
_RFC822_DATE = re.compile(rb"(<pubDate\b[^>]*>)[^<]*")
_ISO_DATE = re.compile(rb"(<(?:dc:date|published|updated|issued|modified|created)\b[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed in its two states."""

    number: int
    body: bytes
    later: bytes  # the same bytes where nothing happens

    @property
    def validator(self) -> str:
        """Two thirds of all servers have one: an ETag, a Last-Modified, nothing, and again."""
        return ("etag", "last-modified", "")[self.number % 3]


def documents(corpus: Path) -> list[bytes]:
    """Return the documents that are RSS, Atom or RDF, in an encoding that is ASCII where ASCII is."""
    paths = (path for folder in FOLDERS for path in sorted((corpus / folder).glob("*")) if path.is_file())
    bodies = (path.read_bytes() for path in paths)
    return [body for body in bodies if _ROOT.search(body[:_HEAD])]


def feeds(bodies: list[bytes], count: int, now: datetime) -> list[Feed]:
    """Return `count` distinct feeds; a document that is used again has other ids and links.

    now  the date of the items that come later
    """
    used = [bodies[n % len(bodies)] for n in range(count)]
    first = [renamed(body, b"-%d" % (n // len(bodies))) if n >= len(bodies) else body for n, body in enumerate(used)]
    able = [n for n, body in enumerate(first) if _can_change(body)]
    chosen = set(random.Random(0).sample(able, min(len(able), max(1, round(count * CHANGED_SHARE)))))
    return [
        Feed(number=n, body=body, later=changed(body, now) if n in chosen else body) for n, body in enumerate(first)
    ]


def renamed(text: bytes, mark: bytes) -> bytes:
    """Return a document, or an item, with this mark behind every id and link."""

    def marked(found: re.Match[bytes]) -> bytes:
        if found["text"]:
            return mark + found["text"].lstrip()
        return found["attribute"] + mark + found["quote"]

    return _NAMES.sub(marked, text)


def _can_change(body: bytes) -> bool:
    first = _ITEM.search(body)
    return first is not None and _TITLE_END.search(first[0]) is not None


def changed(body: bytes, now: datetime) -> bytes:
    """Return the document with NEW_ITEMS items on top, and with another title of the item that was the first."""
    first = _ITEM.search(body)
    assert first, "only documents that can change are changed"
    edited = _titled(first[0], b" (edited)")
    new = [_new(first[0], number, now) for number in range(1, NEW_ITEMS + 1)]
    return body[: first.start()] + b"\n".join([*new, edited]) + body[first.end() :]


def _new(item: bytes, number: int, now: datetime) -> bytes:
    moment = now - timedelta(minutes=number)
    fresh = _titled(renamed(item, b"-new%d" % number), b" (new %d)" % number)
    fresh = _RFC822_DATE.sub(rb"\g<1>" + format_datetime(moment).encode(), fresh)
    return _ISO_DATE.sub(rb"\g<1>" + moment.isoformat(timespec="seconds").encode(), fresh)


def _titled(item: bytes, addition: bytes) -> bytes:
    return _TITLE_END.sub(addition + rb"</title>", item, count=1)
