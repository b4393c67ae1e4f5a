"""Section: our taxonomy. Topic: a feed we publish. Artefact: its finished bytes. Delivery: what readers were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.item import Category, Enclosure, Item, Person, StoredItem, Tagged

Fold = Literal["story", "copy", "none"]  # what is one entry
Growth = Literal["quiet", "off", "loud"]  # what a reader sees of outlets that tell an entry's story later (R5)
Republish = Literal["full", "teaser", "link"]  # so much of an article, the most first
Learned = Literal["words", "semantic"]
Format = Literal["atom", "rss", "json", "html"]
Encoding = Literal["identity", "gzip"]
DeliveryState = Literal["live", "absorbed", "withdrawn", "aged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of our own taxonomy (donbas, ukraine, world ...)."""

    id: str
    title: str
    parent: str | None = None
    words: tuple[str, ...] = ()  # any inflected form puts an item here
    not_words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # /.../ or /.../i: as in a query
    learned: Learned | None = None  # what it is guessed by, from examples; None: it is not
    hints: tuple[str, ...] = ()  # words that are common in it: what is learned begins with them


MUTED = "muted by "  # begins what is said of an item that a mute keeps out


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """What a person does not want to read, in any topic."""

    match: str  # the query's text
    until: datetime | None = None  # None: for ever

    @property
    def words(self) -> str:
        """How it is called where it keeps something out."""
        return f"{MUTED}«{self.match}»"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTest:
    """An invented item that must enter a topic, or must not."""

    topic: str
    enters: bool
    file: str
    line: int  # where it stands there
    column: int
    item: Item
    source: str | None  # None: none of ours
    age: timedelta
    outlets: int  # that tell its story


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a document shows: at least so many entries, and all that entered within so many hours (R9)."""

    items: int = 50
    hours: int = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """How many outlets must tell a story before it enters a topic."""

    at_least: int = 1
    count: Literal["independent", "all"] = "independent"  # copies, one owner and one credited origin count once


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many entries in such a time."""

    number: int
    per: timedelta  # an hour, a day or a week


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """How many entries a person expects of a topic; otherwise a rule of it went wrong."""

    min: Rate | None = None
    max: Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A feed we publish."""

    id: str  # ^[a-z0-9][a-z0-9-]{0,63}$
    title: str
    match: str  # a query
    not_: str | None = None  # a query; takes items away
    description: str = ""
    language: str | None = None
    fold: Fold = "copy"
    window: Window = Window()
    backfill: int = 0  # R11, R12
    settle: timedelta = timedelta(0)  # R4: so long a new story waits for its best face
    growth: Growth = "quiet"  # R5
    bump_at: tuple[int, ...] = (3, 10)  # outlets at which `updated` moves where growth is loud
    after: tuple[str, ...] = ()  # topics; what they delivered already does not enter
    was: tuple[str, ...] = ()  # ids that it had before
    outlets: Outlets = Outlets()
    expect: Expect = Expect()
    private: bool = False  # visibility: shown under /private/TOKEN only, and it may hold private items
    republish: Republish = "full"  # at most so much of an article


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The feed that an entry comes from (atom:source)."""

    source: str  # our id
    title: str
    url: str  # of the feed
    home: str | None = None
    updated: datetime | None = None
    icon: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What an entry shows and keeps: pinned at its first delivery (R4)."""

    title: str
    link: str | None
    published: datetime
    authors: tuple[Person, ...]
    categories: tuple[Category, ...]
    summary: str  # safe HTML
    content: str  # safe HTML
    enclosures: tuple[Enclosure, ...]
    language: str | None
    comments: str | None
    origin: Origin
    extras: Mapping[str, str] = field(default_factory=dict, hash=False)
    via: tuple[Outlet, ...] = ()  # what its text names as its source, and readers of the topic had by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Another outlet's copy of an entry's article."""

    key: str  # of its item
    source: str
    outlet: str  # its name
    title: str
    link: str | None
    published: datetime
    via: bool = False  # the entry's text names it as its source


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the ledger: an entry of a topic as readers were shown it. The newest rev of an entry counts."""

    topic: str
    entry_id: str  # tag:AUTHORITY,DATE:KEY
    anchor: str  # key of the item whose id it carries (R2)
    story: str | None
    entered_at: datetime
    rev: int
    updated: datetime
    state: DeliveryState
    face: Face
    sha256: bytes  # Item.sha256 of the anchor when the face was taken: another one there means its publisher edited it
    outlets: tuple[Outlet, ...] = ()
    why: str = ""
    shows: str | None = None  # key of the item whose face it has, where that is not the anchor
    listed: int = 0  # so many of `outlets` stand in the document (R5)
    told: int = 1  # outlets that readers were told of at most, the one it shows among them
    growths: int = 0  # how often its list was shown anew
    grown_at: datetime | None = None  # when it was last
    edits: tuple[datetime, ...] = ()  # when its face was taken anew, in the last day (R5)
    into: str | None = None  # absorbed: the entry that it went into (R6)
    at: datetime | None = field(default=None, compare=False)  # when the row was written; None: not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What readers were shown of an entry that a restored ledger does not know, or knows as it was before."""

    topic: str
    entry_id: str
    anchor: str
    entered_at: datetime
    updated: datetime
    state: DeliveryState
    told: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item that was admitted to a topic and stands in no entry of it yet."""

    stored: StoredItem
    origin: Origin
    priority: float  # of its source: decides who is the anchor (R2)
    story: str | None  # or of its copies: by the topic's fold
    sections: tuple[Tagged, ...]
    pinned_at: datetime | None = None  # when a person made it the face of its story
    admitted_at: datetime | None = None  # since when it waits for an entry, or stands in one
    hidden: str | None = None  # why the topic must not show it: it is withdrawn, or private (R8)
    taken_by: str | None = None  # the topic of `after` that has delivered it, or its story, already
    remembered: Remembered | None = None  # the entry in which readers had it before a restore
    via: tuple[Outlet, ...] = ()  # what its text names as its source, of its story and admitted, too
    cited_by: tuple[str, ...] = ()  # keys of those whose text names it so


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An item of an entry, some of whose items were moved: put into another story, withdrawn or pinned."""

    candidate: Candidate
    entry_id: str
    moved: bool
    apart: bool = False  # a person took it out of the story of the entry's anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who mints entry ids (RFC 4151), decided once and kept in the store."""

    name: str
    date: str  # YYYY-MM-DD

    def entry_id(self, key: str) -> str:
        """Return the id of the entry whose anchor has this key."""
        return f"tag:{self.name},{self.date}:{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """Finished bytes of one topic in one format and encoding."""

    topic: str
    format: Format
    encoding: Encoding
    body: bytes
    etag: str  # strong, quotes included
    last_modified: datetime
    entries: int
    fresh: timedelta = timedelta(minutes=1)  # so long it is likely to stay as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where we are reached, as the configuration says; never taken from a request."""

    public_url: str  # without a slash at its end
    title: str = "Aggregator"
    language: str = "en"
    version: str = ""
    hubs: tuple[str, ...] = ()  # that tell of our public feeds

    def feed(self, topic: str, extension: str) -> str:
        """Return where a public topic's feed is subscribed to."""
        return f"{self.public_url}/feeds/{topic}.{extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Politeness to hosts."""

    at_once: int = 1  # requests to one host
    gap: timedelta = timedelta(seconds=2)  # between two of them
    gaps: Mapping[str, timedelta] = field(
        default_factory=dict, hash=False
    )  # host -> its own; asked one thing at a time

    def gap_of(self, host: str) -> timedelta:
        """Return the gap between two requests to a host: the longer one."""
        return max(self.gap, self.gaps.get(host, self.gap))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Remembered):
    """One line of the record beside the database: an entry as it was about to be delivered."""

    at: datetime  # when the line was written: before the row of the ledger was
    rev: int
    into: str | None = None
    items: tuple[str, ...] = ()  # keys of those that entered it with this line


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Another line of it: an item that was about to be withdrawn."""

    item: str  # its key
    why: str
    at: datetime
