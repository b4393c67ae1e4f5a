"""Subscription: what we and a hub agreed on (WebSub). Pushed: what it sent. PushState: how well it keeps its word."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

STEADY = 3  # deliveries without a miss, after which a hub is believed (scheduling.md)
SILENCE = timedelta(minutes=30)  # a poll may find news so much earlier than its hub tells of it

WebSub = Literal["auto", "on", "off"]  # whether hubs are asked to push; auto: where they can reach us
SubscriptionState = Literal["asking", "active", "denied", "leaving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushState:
    """How well a source's hubs tell us of its news. For the scheduler."""

    until: datetime | None = None  # a hub has confirmed a subscription, which runs out then
    in_a_row: int = 0  # deliveries since a poll last found something that no hub had told
    last_at: datetime | None = None  # when the newest delivery came

    def steady(self, now: datetime) -> bool:
        """Whether the hub may be believed: polling is then only what catches its mistakes."""
        return self.until is not None and self.until > now and self.in_a_row >= STEADY


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One topic at one hub, on behalf of one source.

    asking: not confirmed yet; denied: the hub does not want to; leaving: to be ended, and then forgotten.
    """

    id: str  # 128 random bits in hex; the end of the callback's address
    source: str
    hub: str
    topic: str  # the rel=self of the document, which may not be the address that is polled
    secret: str = field(repr=False)
    state: SubscriptionState = "asking"
    due_at: datetime  # when something is to be done: ask, ask again, renew, leave
    callback: str | None = None  # the address that the hub was told, or is being told; None: it was never asked
    asked_at: datetime | None = None
    granted_until: datetime | None = None
    failures: int = 0  # requests in a row that came to nothing
    problem: str = ""  # of the last request, or the hub's reason for denying
    deliveries: int = 0
    in_a_row: int = 0
    last_delivery_at: datetime | None = None
    fence: int = 0  # a commit with an older one is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A document that a hub has sent, signed as it should be, and that waits to be read."""

    seq: int
    source: str
    topic: str  # where it would be fetched
    at: datetime  # when it came
    content_type: str
    body: bytes
