"""What hubs send (WebSub): kept first, answered at once, read afterwards.

In:    a request at a callback's address; later, what is kept.
Out:   how to answer; the items, committed as those of a poll are; or a source that is polled at once.
Never: believes a document that is not signed with the subscription's secret, or takes one for all that its source has.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator import metrics, report
from aggregator.errors import LeaseLost, SourceError
from aggregator.metrics import Received
from aggregator.model import (
    Change,
    Claim,
    Due,
    Fetched,
    Look,
    PollOutcome,
    PollState,
    Pushed,
    Source,
    Subscription,
)
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.polling import LEASE
from aggregator.pipeline.reading import lags_after, news_of, parsed_of, recognised, taken_back, taught
from aggregator.pipeline.withdrawing import write_down
from aggregator.push import signature
from aggregator.store import identity, inbox, polls, subscriptions

AT_ONCE = 10  # sources whose deliveries are read together


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A hub's request, whole."""

    content_type: str
    signature: str | None  # X-Hub-Signature
    body: bytes


async def expected(room: Newsroom, name: str) -> bool:
    """Whether there is a subscription whose callback's address ends so, before a body is taken from anybody."""
    return await room.store.read(subscriptions.one, name) is not None


async def receive(room: Newsroom, name: str, delivery: Delivery) -> bool:
    """Keep a delivery for `deliver`; whether its subscription is known. What is not believed is thrown away.

    Whoever sends something false is not told so (WebSub, section 7.1).
    """
    held = await room.store.read(subscriptions.one, name)
    if held is None or held.state == "leaving":
        metrics.received("unknown")
        return False
    was = _what(delivery, held)
    metrics.received(was)
    if was in ("document", "ping"):
        await room.store.write(
            inbox.receive,
            held,
            content_type=delivery.content_type,
            body=delivery.body if was == "document" else None,
            now=room.clock(),
        )
    else:
        report.of(room.source(held.source), "warning", "push.refused", hub=held.hub, was=was)
    return True


def _what(delivery: Delivery, held: Subscription) -> Received:
    """An empty delivery has nothing in it that could be false: it only says that there is something new."""
    if not delivery.body:
        return "ping"
    signed = signature.judge(delivery.body, delivery.signature, held.secret)
    return "document" if signed == "right" else signed


async def deliver(room: Newsroom, owner: str = f"push-{os.getpid()}") -> tuple[int, int]:
    """Read what is kept; return how many documents that were, and how many sources are now due for a poll."""
    documents = 0
    while claimed := await room.store.write(
        inbox.claim_pushed, limit=AT_ONCE, lease=LEASE, owner=owner, now=room.clock()
    ):
        for claim, pushed in claimed:
            await _read(room, claim, pushed)
        documents += len(claimed)
    return documents, await room.store.write(inbox.call, room.clock())


async def _read(room: Newsroom, claim: Claim, pushed: Pushed) -> None:
    """Commit what a delivered document brings; where it cannot be read, have its source polled."""
    source = room.config.sources.get(claim.source)
    if source is None:  # it left the configuration between the claim and now
        await room.store.write(polls.release, claim)
        return
    state = await room.store.read(polls.state_of, source.id)
    try:
        outcome, shown = await _outcome(room, source, state, pushed)
    except SourceError as error:
        report.of(source, "warning", "push.unreadable", problem=str(error))
        outcome, shown = None, 0
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost one delivery, never the daemon
        report.of(source, "error", "work.crashed", work="deliver", exc_info=error)
        outcome, shown = None, 0
    try:
        if outcome is None:
            await room.store.write(inbox.ask_instead, claim, pushed.seq)
            return
        await write_down(room, outcome.withdrawn)
        await room.store.write(inbox.commit_pushed, outcome, claim, pushed.seq)
    except LeaseLost:
        report.discarded(source, "push")
        return
    report.pushed(source, outcome, shown)


async def _outcome(room: Newsroom, source: Source, state: PollState, pushed: Pushed) -> tuple[PollOutcome, int]:
    """Return what a delivered document brings, and how many items are in it."""
    if state.document == 0:
        raise SourceError("empty", "its source has shown no document of its own yet")
    fetched = Fetched(status=200, url=pushed.topic, body=pushed.body, content_type=pushed.content_type)
    parsed = await parsed_of(room, source, state, fetched)
    found = await recognised(room, source, state, parsed.items)
    changes = await _not_replayed(room, found.changes)
    now = room.clock()
    withdrawn, _ = await taken_back(room, source, parsed, found)
    look = Look(new=news_of(changes), bytes_read=None)
    outcome = PollOutcome(
        source=source.id,
        at=now,
        ended="pushed",
        state=replace(taught(room, source, state, look, now), lags=lags_after(state, changes, now)),
        due=Due(at=state.next_poll_at or now, interval=state.interval or timedelta(0), why=""),
        took=now - pushed.at,
        bytes_read=len(pushed.body),
        changes=changes,
        aliases=found.aliases,
        withdrawn=withdrawn,
    )
    return outcome, len(parsed.items)


async def _not_replayed(room: Newsroom, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes but those that bring former words back: an old delivery that came late, or once again."""
    edited = [change.key for change in changes if change.kind == "changed"]
    before = await room.store.read(identity.former, edited)
    return tuple(change for change in changes if (change.key, change.item.sha256) not in before)
