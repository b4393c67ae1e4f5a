"""Item: one entry of one source, as published. Field names are Atom's (RFC 4287, section 4.2).

`published` and `updated` are the publisher's claims; everything that ends in `_at` is our own clock (aware, UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from aggregator.model.credit import Cited
from aggregator.model.rhythm import Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """RFC 4287, section 3.2."""

    name: str
    email: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """RFC 4287, section 4.2.2."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an item."""

    href: str
    type: str = ""
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of one feed, cleaned: text is XML text, HTML is safe, links are absolute http(s)."""

    id: str  # guid, else link, else a hash (DESIGN.md section 4); unique within its document
    title: str = ""  # plain text
    link: str | None = None
    summary: str = ""  # safe HTML
    content: str = ""  # safe HTML
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None  # BCP 47, as declared
    comments: str | None = None  # address of the page of comments
    # itunes:duration and its like, as RSS names them; two items that are equal but for these hash alike
    extras: Mapping[str, str] = field(default_factory=dict, hash=False)
    sha256: bytes = b""  # of the normalised item: everything above but its id, which may be made anew for each reading
    raw_sha256: bytes = b""  # of its bytes in the document, where those are known


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong in a feed that we worked around. Shown by `aggregator status SOURCE`."""

    code: str  # stable, searchable: "item-without-id"
    where: str  # "item 3", "channel", "document"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a document says of itself."""

    title: str = ""
    link: str | None = None  # of the site
    language: str | None = None
    updated: datetime | None = None
    icon: str | None = None
    previous: str | None = None  # the document with the entries before these (RFC 5005)
    hubs: tuple[str, ...] = ()  # rel=hub (WebSub), in its order
    self_url: str | None = None  # rel=self: what it calls its own address


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What was read from a document, and what was worked around."""

    feed: Feed
    items: tuple[Item, ...]  # in document order
    flaws: tuple[Flaw, ...] = ()
    hints: Hints = field(default_factory=Hints)  # what it asks of those who poll it
    claimed: Mapping[str, datetime] = field(default_factory=dict)  # `published` by item id, where it was too far ahead
    deleted: Mapping[str, str] = field(default_factory=dict)  # ids of entries that it takes back, with its words on it


def key_of(source: str, item_id: str) -> str:
    """Return the ITEM_ID that `why`, pages and entries use: 16 hex digits (DESIGN.md section 4)."""
    return sha256(f"{source}\0{item_id}".encode()).hexdigest()[:16]


Arrival = Literal["live", "backfill"]
Held = Literal["drift", "flood", "edits"]
# What stands in the store and goes into no topic yet: why, for people.
HELD: Mapping[Held, str] = {
    "drift": "the feed looks like another publisher's; if it is right: aggregator release SOURCE",
    "flood": "more news at once than the source can have; the next poll tells whether they last",
    "edits": "edited all day; the newest words are told when the day is over",
}
LATER = 2**31 - 1  # the rank of what came after first contact: no backfill admits it


def sort_at(published: datetime | None, ahead: timedelta, first_seen_at: datetime) -> datetime:
    """Return where an item stands in time. ahead: by so much its publisher's dates are ahead of the truth."""
    return min(published - ahead, first_seen_at) if published else first_seen_at


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item with what we know of it by our own clock."""

    key: str  # key_of(source, item.id)
    seq: int  # order of arrival
    source: str
    item: Item
    first_seen_at: datetime
    arrival: Arrival  # R12: whether it may enter topics by itself
    arrival_why: str
    rank: int  # place by date in the document of first contact, newest = 0: for `backfill: N`; LATER afterwards
    missing_at: datetime | None = None  # the last poll that did not show it; None: it came at first contact
    ahead: timedelta = timedelta(0)  # by so much its publisher's dates are ahead of the truth: a zone that lies
    listed_at: datetime | None = None  # when its document came to hold it, if its server or its feed says so
    curated_at: datetime | None = None
    language: str | None = None  # as we see it
    full_text: str = ""  # safe HTML: the article on the page it links to
    reread_from: bytes | None = None  # item.sha256 before we read its document otherwise; None: as it was published
    canonical_url: str | None = None
    held: Held | None = None  # why it, or of an edited one its newest words, go into no topic yet
    held_until: datetime | None = None
    withdrawn: str | None = None  # why it is shown no more, for ever (publication.md R8)

    @property
    def sort_at(self) -> datetime:
        """Where it stands in time: a publisher may claim the past, never the future (content.md A41)."""
        return sort_at(self.item.published, self.ahead, self.first_seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an item said for a while: what its publisher changes when he edits it."""

    since: datetime | None  # when it took the place of the one before; None: we do not know any more
    title: str
    text: str  # safe HTML: the content, else the summary
    sha256: bytes
    reread_from: bytes | None = None  # as of StoredItem

    def reread(self, before: Version) -> bool:
        """Whether only we read its document otherwise than when it gave the version before."""
        return self.reread_from == before.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A section of an item, with the reason."""

    section: str
    confidence: float  # 0..1
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a query may ask of one item."""

    item: Item
    source: str
    groups: tuple[str, ...] = ()
    owner: str | None = None  # of the source
    sections: tuple[Tagged, ...] = ()  # parents included
    language: str | None = None
    credits: tuple[Cited, ...] = ()
    outlets: int = 1  # that tell its story independently, private ones apart
    age: timedelta = timedelta(0)  # since sort_at
