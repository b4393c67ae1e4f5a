"""Subscriber: who hears from our own hub. Letter: what is to be sent to a hub or to a subscriber, until it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.topic import Format

Hub = Literal["on", "off"]  # whether our own is open
Mode = Literal["subscribe", "unsubscribe"]
LetterKind = Literal["ping", "question", "delivery", "denial"]

FEEDS: tuple[Format, ...] = ("atom", "rss", "json")  # what can be subscribed to, each at an address of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asked of our hub, until the callback has said that it is meant (WebSub, section 5.1)."""

    callback: str
    address: str  # of the feed, as it was written
    topic: str
    format: Format
    mode: Mode
    secret: str | None = field(default=None, repr=False)
    lease: timedelta = timedelta(0)  # what is granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One callback that hears of one feed of ours."""

    id: str
    callback: str = field(repr=False)  # whoever knows it can send there what he likes
    host: str
    address: str  # of the feed, as it was subscribed to
    topic: str
    format: Format
    secret: str | None = field(repr=False)
    until: datetime | None  # None: it was never confirmed, or is over
    wish: Wish | None  # what it has asked for since


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something to be sent.

    ping      to a hub of others: a feed has changed
    question  to a callback: is what was asked of our hub meant?
    delivery  to a subscriber: the feed as it is now
    denial    to a subscriber: the subscription is over, by our decision
    """

    id: str
    kind: LetterKind
    receiver: str  # the hub's address, or the subscriber's id
    host: str  # whom it is sent to
    topic: str
    format: Format
    at: datetime  # since when it waits
    failures: int = 0  # in a row
    news: int = 1  # reasons to write it, so far
    fence: int = 0  # a result with an older one is refused
