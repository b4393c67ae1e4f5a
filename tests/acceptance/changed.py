"""What a publisher does to a document between two polls, done to real ones byte by byte.

In:    a document of the corpus.
Out:   its next edition, and what is different in it; None where that cannot be said for sure.
Never: parses and writes anew: whatever is odd about a document stays odd.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import feedparser
from wild import Wild

from aggregator.lab.origin import Document

ADDED = 3
CORRECTED = b"Corrected: "
REDATED = datetime.fromisoformat("2024-02-29T12:00:00+00:00")
LARGEST = 400_000  # bytes; a topic of its own must hold every item
DATED = {b"item": re.compile(rb"<pubDate>[^<]+</pubDate>"), b"entry": re.compile(rb"<published>[^<]+</published>")}
TITLE = re.compile(rb"<title(?: type=[\"'](?:text|html)[\"'])?>")


@dataclass(frozen=True)
class Edition:
    """A document's second edition. Ids are feedparser's, which for these documents are ours."""

    before: Wild
    document: Document
    added: frozenset[str]
    edited: str
    redated: str
    removed: str

    @property
    def untouched(self) -> set[str]:
        """The ids of the items that stand there as before."""
        return {_id(entry) for entry in self.before.entries} - {self.edited, self.redated, self.removed}


def next_edition(one: Wild, now: datetime) -> Edition | None:
    """Return the edition with three new items, one title edited, one item re-dated only, and the last one removed."""
    kind = next((kind for kind in DATED if len(_spans(one.body, kind)) >= 4), None)
    if kind is None or len(one.body) > LARGEST or not _plain(one):
        return None
    spans = _spans(one.body, kind)
    items = [one.body[start:end] for start, end in spans]
    title, date = TITLE.search(items[0]), DATED[kind].search(items[1])
    if not title or not date:
        return None
    items[0] = items[0][: title.end()] + CORRECTED + items[0][title.end() :]
    items[1] = items[1].replace(date[0], _date(kind, REDATED), 1)
    news = b"".join(_new(kind, one, number, now) for number in range(ADDED))
    middle = b"".join(
        item + one.body[end:start] for item, (_, end), (start, _) in zip(items[:-1], spans[:-1], spans[1:], strict=True)
    )
    body = one.body[: spans[0][0]] + news + middle + one.body[spans[-1][1] :]
    ids = [_id(entry) for entry in one.entries]
    edition = Edition(
        before=one,
        document=_published_anew(one, body),
        added=frozenset(f"https://new.example/{one.id}/{number}" for number in range(ADDED)),
        edited=ids[0],
        redated=ids[1],
        removed=ids[-1],
    )
    return edition if _as_meant(edition) else None


def _spans(body: bytes, kind: bytes) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(rb"<%b[ >].*?</%b>" % (kind, kind), body, re.DOTALL)]


def _plain(one: Wild) -> bool:
    """Whether the document is whole, and every item has a name of its own that no edit changes."""
    read = one.by_feedparser
    ids = [_id(entry) for entry in read.entries]
    return not read.bozo and all(ids) and len(set(ids)) == len(ids) and one.body.lstrip().startswith(b"<")


def _id(entry: Any) -> str:
    return str(entry.get("id") or entry.get("feedburner_origlink") or entry.get("link") or "")


def _new(kind: bytes, one: Wild, number: int, now: datetime) -> bytes:
    link = f"https://new.example/{one.id}/{number}".encode()
    date = _date(kind, now - timedelta(minutes=number + 1))
    if kind == b"item":
        return b"<item><title>New %d</title><link>%b</link><guid>%b</guid>%b</item>" % (number, link, link, date)
    return (
        b'<entry xmlns="http://www.w3.org/2005/Atom"><id>%b</id><title>New %d</title><link href="%b"/>%b'
        b"<updated>%b</updated></entry>" % (link, number, link, date, now.isoformat().encode())
    )


def _date(kind: bytes, moment: datetime) -> bytes:
    if kind == b"item":
        return b"<pubDate>%b</pubDate>" % format_datetime(moment).encode()
    return b"<published>%b</published>" % moment.isoformat().encode()


def _published_anew(one: Wild, body: bytes) -> Document:
    """Return the document under other validators, where it had any."""
    document = one.document()
    etag = document.etag and document.etag.replace(b"etag", b"second-etag")
    modified = document.last_modified and b"Mon, 02 Mar 2026 10:00:00 GMT"
    return replace(document, body=body, etag=etag, last_modified=modified)


def _as_meant(edition: Edition) -> bool:
    """Whether feedparser alone sees exactly the changes that were meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after = feedparser.parse(
            edition.document.body,
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": edition.before.content_type},
        )
    old = {_id(entry): entry for entry in edition.before.entries}
    new = {_id(entry): entry for entry in after.entries}
    corrected = new.get(edition.edited, {}).get("title", "")
    return (
        not after.bozo
        and new.keys() - old.keys() == edition.added
        and old.keys() - new.keys() == {edition.removed}
        and corrected == f"{CORRECTED.decode()}{old[edition.edited].get('title', '')}"
        and all(new[one] == old[one] for one in edition.untouched)
    )
