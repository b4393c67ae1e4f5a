"""Source: what we poll. PollState: what we remember of it between two polls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.model.push import PushState

FLOOR = timedelta(minutes=15)  # politeness: no source is polled more often unless its YAML says so (P07)
CEILING = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRule:
    """When a person wants a source polled."""

    every: timedelta | None = None  # fixed; None lets the rhythm of the source decide
    floor: timedelta = FLOOR
    ceiling: timedelta = CEILING


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
class Source:
    """One feed that we poll."""

    id: str
    url: str
    title: str = ""  # as the person calls it; "" leaves it to the feed
    section: str | None = None  # our section's id, for all its items
    language: str | None = None  # BCP 47, of all its items
    zone: str | None = None  # IANA, of dates that carry none
    priority: float = 1.0
    groups: tuple[str, ...] = ()
    section_map: Mapping[str, str] = field(default_factory=dict)  # a category's term, as published -> our section's id
    poll: PollRule = PollRule()
    first: int = 10  # of the newest items on first contact, so many may enter topics (publication.md R12)
    allow_private: tuple[str, ...] = ()  # CIDRs beyond the public internet that it may be fetched from
    access: Access = Access()
    websub: bool = True  # False: its hubs are left alone

    @property
    def name(self) -> str:
        """What to call it before its feed has told its title."""
        return self.title or self.id


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
    failures: int = 0  # in a row; any success sets it to 0
    problem_since: datetime | None = None  # when the present row of failures began
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    push: PushState = field(default_factory=PushState)  # read with the rest, kept by the subscriptions


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
