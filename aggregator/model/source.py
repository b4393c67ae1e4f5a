"""Source: what we poll. PollState: what we remember of it between two polls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.cron import Cron
from aggregator.model.push import PushState
from aggregator.model.rhythm import Rhythm
from aggregator.model.topic import Republish

FLOOR = timedelta(minutes=15)  # politeness: no source is polled more often unless its YAML says so (P07)
CEILING = timedelta(hours=24)
HINTS_CAP = timedelta(hours=6)  # a CDN's max-age of a week must not silence a news feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """The hours of the day in which a source may be polled; over midnight where they end before they begin."""

    start: int  # hour, 0-23
    end: int  # hour, 1-24; not polled from then on
    zone: str = "UTC"  # IANA


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRule:
    """When a person wants a source polled. With neither `every` nor `cron` the rhythm of the source decides."""

    every: timedelta | None = None
    cron: Cron | None = None
    active: Active | None = None  # None: round the clock
    floor: timedelta = FLOOR
    ceiling: timedelta = CEILING
    under_floor: bool = False  # `every` and `cron` may go under the floor: the publisher has agreed to it
    eager: float = 1.0  # how much news is worth a request: 4 polls most, 0.25 least
    weight: float = 1.0  # how much more an item of this source matters than one of another
    hints: Literal["obey", "cap", "ignore"] = "cap"  # what max-age, ttl and their like may do
    hints_cap: timedelta = HINTS_CAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How we go to a source, where it is not as to everybody. What may hold a secret is in no repr and in no log."""

    via: str = ""  # name of an egress; "": directly
    user_agent: str = ""  # instead of ours
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    basic: str = field(default="", repr=False)  # user:password (RFC 7617)
    verify: bool = True  # False: whoever answers is believed

    @property
    def secret(self) -> bool:
        """Whether anything of it must not go to another origin."""
        return bool(self.headers or self.cookies or self.basic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """What is no content in the texts of a source."""

    select: tuple[str, ...] = ()  # CSS selectors of elements
    phrases: tuple[str, ...] = ()  # whole lines; `*` stands for any words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How far an item's date lies ahead of the poll that showed it, and of the one before; negative: behind it."""

    least: timedelta
    most: timedelta


AHEAD = timedelta(minutes=10)  # what a publisher's clock may run ahead
EVENTS = timedelta(days=3 * 366)  # what lies farther ahead is no event but a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document is read, beyond what it says itself."""

    strip: Strip | None = None
    ahead: timedelta = AHEAD  # so far a date may lie in the future
    labels: bool = True  # False: the zones that dates name are ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """Where the items of a page are: CSS selectors, those but `item` and `day` inside an item.

    `selector@name` reads an attribute instead of the words; "" is not looked for.
    """

    item: str
    title: str = ""  # "": the first sentence of its text
    id: str = ""
    link: str = ""
    summary: str = ""
    content: str = ""  # all that is selected, one after the other
    author: str = ""
    image: str = ""
    credit: str = ""  # whom it is taken from
    published: str = ""
    section: str = ""
    day: str = ""  # of the whole page: headings that say the day of the items behind them
    absent: str = ""  # no selector: what it means that no item is there; "": that the page was rebuilt


_READING = re.compile(r"(.*?)(?:@([A-Za-z][\w.:-]*))?", re.DOTALL)


def split_reading(text: str) -> tuple[str, str]:
    """Return the CSS selector and the name of the attribute of `a@href`; either may be ""."""
    found = _READING.fullmatch(text.strip())
    assert found is not None
    return found[1].strip(), found[2] or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One feed, page or sitemap that we poll."""

    id: str
    url: str
    select: Select | None = None  # it is a page
    sitemap: bool = False  # it is a sitemap
    title: str = ""  # as the person calls it; "" leaves it to the feed
    section: str | None = None  # our section's id, for all its items
    language: str | None = None  # BCP 47, of all its items
    zone: str | None = None  # IANA, of dates that carry none
    zone_labels: Literal["believe", "ignore"] = "believe"  # ignore: the zone above stands above those that dates name
    future: Literal["clamp", "allow"] = "clamp"  # allow: its dates are those of events
    strip: Strip | None = None
    full_text: bool = False  # its articles are fetched from the pages that its new items link to
    priority: float = 1.0
    groups: tuple[str, ...] = ()
    section_map: Mapping[str, str] = field(default_factory=dict)  # a category's term, as published -> our section's id
    path_map: Mapping[str, str] = field(default_factory=dict)  # folders of an item's address, as /sport/ -> the same
    poll: PollRule = PollRule()
    first: int = 10  # of the newest items on first contact, so many may enter topics (publication.md R12)
    allow_private: tuple[str, ...] = ()  # CIDRs beyond the public internet that it may be fetched from
    access: Access = Access()
    websub: bool = True  # False: its hubs are left alone
    private: bool = False  # visibility: its items stand in private topics only
    republish: Republish | None = None  # narrows what topics show of its articles
    images: Literal["link", "drop"] = "link"  # in the texts of its items

    @property
    def name(self) -> str:
        """What to call it before its feed has told its title."""
        return self.title or self.id

    @property
    def believed(self) -> bool:
        """Whether its dates mean when its items were published, and their zones are its publisher's word alone."""
        return self.future == "clamp" and self.zone_labels == "believe"

    def reading(self, offset: timedelta = timedelta(0)) -> Reading:
        """Return how its documents are read. offset: by how much its dates are known to be ahead of the truth."""
        ahead = EVENTS if self.future == "allow" else AHEAD + offset
        return Reading(strip=self.strip, ahead=ahead, labels=self.zone_labels == "believe")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What we remember of a source between two polls."""

    etag: bytes | None = None  # sent back verbatim, quotes and W/ included
    last_modified: bytes | None = None  # sent back verbatim; never parsed, servers write it wrongly
    body_sha256: bytes | None = None  # of the decoded body: the second way to notice "nothing new"
    document: int = 0  # how many different bodies it has shown us; 0 before first contact
    interval: timedelta | None = None  # the pause chosen last
    unmodified_since: datetime | None = None  # since when there was nothing but 304 (P01)
    moved_url: str | None = None  # where permanent redirects lead lately
    moved_times: int = 0  # so many times in a row to that very place
    moved_since: datetime | None = None
    adopted_url: str | None = None  # polled instead of the configured one, after proof (P16)
    rhythm: Rhythm = field(default_factory=Rhythm)
    rate_per_day: float | None = None  # items, by that rhythm; None before first contact
    aheads: tuple[Ahead, ...] = ()  # of its newest items, the latest last; for labels that lie
    lags: tuple[timedelta, ...] = ()  # of its newest items, from published to fetched; the latest last
    quiet_at: datetime | None = None  # from then on silence is an alarm: it answers well, and nothing new comes
    failures: int = 0  # in a row; any success sets it to 0
    problem_since: datetime | None = None  # when the present row of failures began
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    push: PushState = field(default_factory=PushState)  # read with the rest, kept by the subscriptions

    @property
    def reread(self) -> bool:
        """Whether the next document is asked or read otherwise than the last one: its validators were forgotten."""
        return self.document > 0 and self.body_sha256 is None

    @property
    def quiet(self) -> bool:
        """Whether it answers, and its last good answer came when nothing new had come for too long already."""
        return bool(self.quiet_at and self.last_success_at and self.last_success_at >= self.quiet_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What a host bears of us. A request to it costs price x penalty; 1 is normal."""

    price: float = 1.0  # of our own many sources
    penalty: float = 1.0  # of its 429s, as it stood at penalty_at
    penalty_at: datetime | None = None
    silences: int = 0  # polls of any source there, in a row, that got no answer at all
    sources: int = 1  # that we have there
    intervals: tuple[timedelta, ...] = ()  # of those


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When to poll next, and why then."""

    at: datetime
    interval: timedelta  # the rhythm behind it, to adapt from next time
    why: str  # one sentence for the person
    terms: Mapping[str, float | str] = field(default_factory=dict)  # what the decision was made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Our right to poll a source. A commit with an older fence is refused."""

    source: str
    fence: int
    until: datetime
