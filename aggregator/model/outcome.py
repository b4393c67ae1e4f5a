"""What the stages hand to the spine, and the spine to the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.credit import Credit
from aggregator.model.incident import Incident
from aggregator.model.item import Arrival, Feed, Flaw, Held, Item, Tagged
from aggregator.model.push import Subscription
from aggregator.model.rhythm import Hints
from aggregator.model.source import Burden, Due, PollState


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed."""

    status: int
    url: str  # where it led


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A usable answer: a body, or "not modified"."""

    status: int
    url: str  # where it finally came from
    body: bytes | None  # decoded of its transfer and content encodings; None: not modified
    content_type: str = ""  # the header, as sent
    etag: bytes | None = None
    last_modified: bytes | None = None
    retry_after: timedelta | None = None
    bytes_read: int = 0  # on the wire, bodies only
    hops: tuple[Hop, ...] = ()  # in order
    links: tuple[str, ...] = ()  # the Link headers, as sent (RFC 8288)
    hints: Hints = field(default_factory=Hints)  # what its headers ask of those who poll
    flaws: tuple[Flaw, ...] = ()  # of the exchange, worked around


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store holds of an item that a document shows again, or showed lately."""

    key: str
    sha256: bytes
    id: str  # under which it came first; a document may call it otherwise by now
    title: str = ""
    link: str | None = None
    published: datetime | None = None
    language: str | None = None  # as we see it
    document: int = 0  # the number of the newest document of its source that showed it
    held: Held | None = None
    pruned: bool = False  # nothing but its key is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another id of an item that we hold."""

    key: str  # key_of(source, id)
    id: str
    item: str  # its key
    why: str  # how we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item worth storing."""

    kind: Literal["new", "changed"]
    key: str
    item: Item
    arrival: Arrival = "live"
    arrival_why: str = ""
    rank: int = 0
    ahead: timedelta = timedelta(0)  # by so much its publisher's dates are ahead of the truth
    reread: bool = (
        False  # a changed one: we read its document otherwise than before, its publisher need not have changed it
    )
    held: Held | None = None  # it goes into no topic yet; of a changed one, only its new words do not
    held_until: datetime | None = None  # None: until something else happens (HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What came of the page that an item links to."""

    key: str  # of the item
    text: str = ""  # safe HTML; "": not had
    due_at: datetime | None = None  # when the page may be asked for (again); None: it is not any more
    gone: bool = False  # its host says that it is gone for good: 410


Ended = Literal["changed", "unchanged", "not-modified", "failed", "pushed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """All effects of one poll; the store commits it in one transaction, or nothing of it.

    changed: a new body was read; unchanged: the same body again; not-modified: 304; pushed: a hub brought it, so the
    state is what it was.
    """

    source: str
    at: datetime
    ended: Ended
    state: PollState  # what to remember, validators and failures included
    due: Due
    took: timedelta
    status: int | None = None
    bytes_read: int = 0
    changes: tuple[Change, ...] = ()
    aliases: tuple[Alias, ...] = ()  # new ones
    confirmed: int | None = None  # the number of the document whose items are there still: what it flooded was real
    articles: tuple[Article, ...] = ()  # of items that are new, or were at an earlier poll
    missing_at: datetime | None = None  # the poll before this one, which did not show what is new now
    listed_at: datetime | None = None  # since when the document is as it is, if that is known
    present: tuple[str, ...] = ()  # keys of all items in the document, when it was read
    withdrawn: Mapping[str, str] = field(default_factory=dict)  # keys of items that are shown no more, with the reason
    flaws: tuple[Flaw, ...] | None = None  # None: the document was not read, the old ones stand
    feed: Feed | None = None  # None: as flaws
    hubs: tuple[Subscription, ...] | None = None  # that it asks for, each as new; None: as flaws
    kind: str = ""  # of the failure, SourceError.kind
    problem: str = ""  # one sentence; "" after a success
    hint: str = ""
    host_pause: timedelta | None = None  # 429 and 503 pause the whole host, and so does a host that says nothing
    burden: Burden | None = None  # what its host bears now; None: not judged anew
    incidents: tuple[Incident, ...] = ()  # what whoever looks after this place may have to hear of it


MembershipKind = Literal["copy", "story"]  # the same text again; another text about the same event


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An item's place among its copies, or in a story, with the evidence."""

    kind: MembershipKind
    story: str  # the key of the item that founds the group
    item: str  # the key of the member
    of: str  # the key of the item it was compared with; its own key where it founds the group
    method: str  # "first", "same-url", "same-text", "alike"
    score: float
    evidence: str  # one sentence or address a person can check
    rule: int  # version of the rule that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an item is in a topic. Stored also when it matched and was kept out, with the reason."""

    topic: str
    admitted: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """All that curating decided about one item."""

    key: str
    language: str | None
    canonical_url: str | None
    sections: tuple[Tagged, ...]
    memberships: tuple[Membership, ...]  # also the founder's, when this item is the second
    verdicts: tuple[Verdict, ...]
    credits: tuple[Credit, ...]  # who is cited in it
