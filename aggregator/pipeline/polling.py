"""poll(source): fetch, parse, decide what is new, commit; then when to come back, and why.

In:    a claim.
Out:   what was committed.
Never: lets the failure of one source, or a fault of ours, cost more than this poll.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator import dedup, report, schedule
from aggregator import publish as publishing
from aggregator.errors import FetchError, LeaseLost, ParseError, SourceError
from aggregator.fetch.challenge import HEAD_BYTES, looks_like_wall
from aggregator.fetch.moves import moved
from aggregator.fetch.trouble import challenged
from aggregator.log import tell
from aggregator.model import (
    Change,
    Claim,
    Ended,
    Fetched,
    Item,
    Parsed,
    PollOutcome,
    PollState,
    Source,
    key_of,
)
from aggregator.model.item import LATER
from aggregator.parse.hubs import announced
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.subscribing import wanted
from aggregator.push.rhythm import slowed
from aggregator.store import items, polls

FETCH_DEADLINE = timedelta(seconds=60)
LEASE = 2 * FETCH_DEADLINE + timedelta(seconds=60)  # a poll that takes longer is held to be dead (reliability.md)
DEAD_AFTER = timedelta(days=30)  # of 404 without a break (P15)
ARCHIVES = 10  # documents that are followed back on first contact (P29)
FORGET_VALIDATORS_AFTER = timedelta(days=30)  # of 304 without a break (P01)


async def poll(room: Newsroom, claim: Claim) -> PollOutcome | None:
    """Take one source through the whole way once; return what was committed, None if the claim had run out."""
    source = room.config.sources.get(claim.source)
    if source is None:  # it left the configuration between the claim and now
        await room.store.write(polls.release, claim)
        return None
    state = await room.store.read(polls.state_of, source.id)
    began = room.clock()
    try:
        fetched = await room.client.fetch(source, _asking(state, began))
        outcome = await _answered(room, source, state, fetched, began)
    except SourceError as error:
        outcome = _failed(room, source, state, error, began)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost one poll, never the daemon
        tell("error", "work.crashed", work="poll", source=source.id, exc_info=error)
        outcome = _failed(room, source, state, SourceError("internal", f"a fault of ours: {error!r}"), began)
    try:
        await room.store.write(polls.commit, outcome, claim.fence, gap=room.config.pause.gap)
    except LeaseLost:
        tell("warning", "source.discarded", source=source.id)
        return None
    report.polled(outcome)
    return outcome


def _asking(state: PollState, now: datetime) -> PollState:
    """Return the state to ask with: after thirty days of nothing but 304, once without validators (P01).

    Some servers answer 304 to any validator at all, and such a feed would stay frozen for ever.
    """
    if state.unmodified_since and now - state.unmodified_since >= FORGET_VALIDATORS_AFTER:
        return replace(state, etag=None, last_modified=None)
    return state


async def _answered(room: Newsroom, source: Source, state: PollState, fetched: Fetched, began: datetime) -> PollOutcome:
    """Return the outcome of an answer, by the cheapest way that is enough: 304, the same body, a document."""
    if fetched.body is None:
        return _succeeded(room, source, state, fetched, began, ended="not-modified")
    digest = await asyncio.to_thread(_sha256, fetched.body)
    if digest == state.body_sha256:
        return _succeeded(room, source, state, fetched, began, ended="unchanged")
    parsed = await parsed_of(room, source, state, fetched)
    older = await _archives(room, source, parsed, fetched.url) if state.document == 0 else ()
    changes = await changes_of(room, source, state, parsed, older)
    feed = announced(parsed.feed, fetched.links, fetched.url)
    outcome = _succeeded(
        room,
        source,
        state,
        fetched,
        began,
        ended="changed",
        new=any(change.kind == "new" for change in changes),
        ttl=parsed.feed.ttl,
    )
    remembered = replace(outcome.state, body_sha256=digest, document=state.document + 1)
    if any(flaw.code == "truncated" for flaw in parsed.flaws):
        # The validators may belong to the whole document, and a 304 would hide its lost half for ever. Without them the
        # next poll shows: the same bytes again are the document, and then its validators are kept.
        remembered = replace(remembered, etag=None, last_modified=None)
    return replace(
        outcome,
        state=remembered,
        changes=changes,
        present=tuple(key_of(source.id, item.id) for item in parsed.items),
        flaws=(*fetched.flaws, *parsed.flaws),
        feed=feed,
        hubs=wanted(room, source, feed, fetched.url),
    )


async def parsed_of(room: Newsroom, source: Source, state: PollState, fetched: Fetched) -> Parsed:
    """Return what is in a body. Where a feed was before and a bot wall stands now, the wall is the failure."""
    body = fetched.body or b""
    try:
        return await room.workers.parse(
            body, url=fetched.url, content_type=fetched.content_type, zone=source.zone, now=room.clock()
        )
    except ParseError as error:
        head = body[:HEAD_BYTES]
        if error.kind == "not-a-feed" and (looks_like_wall(head) or (state.document and b"<html" in head.lower())):
            raise challenged(fetched.status, fetched.retry_after) from error
        raise


async def _archives(room: Newsroom, source: Source, first: Parsed, url: str) -> tuple[Item, ...]:
    """Return what the archives of a feed hold beyond its document: walked once, on first contact (RFC 5005, P29).

    Whatever goes wrong on the way ends the walk; what was found until then is kept, and the feed itself is not harmed.
    """
    known, seen = {item.id for item in first.items}, {url}
    found: list[Item] = []
    page = first
    with suppress(SourceError, TimeoutError):
        async with asyncio.timeout(FETCH_DEADLINE.total_seconds()):
            while (previous := page.feed.previous) and previous not in seen and len(seen) <= ARCHIVES:
                seen.add(previous)
                await asyncio.sleep(room.config.pause.gap.total_seconds())
                fetched = await room.client.get(previous, source)
                page = await parsed_of(room, source, PollState(), fetched)
                found += [item for item in page.items if item.id not in known]
                known |= {item.id for item in page.items}
    return tuple(found)


async def changes_of(
    room: Newsroom, source: Source, state: PollState, parsed: Parsed, older: Sequence[Item] = ()
) -> tuple[Change, ...]:
    """Return what a document, and its archives, bring that we do not hold."""
    everything = (*parsed.items, *older)
    known = await room.store.read(items.known, source.id, [item.id for item in everything])
    return _stamped(source, state, parsed, dedup.changes(source.id, everything, known), room.clock())


def _stamped(
    source: Source, state: PollState, parsed: Parsed, changes: Sequence[Change], now: datetime
) -> tuple[Change, ...]:
    """Return the changes, each new item with the word whether it may enter topics by itself (R12)."""
    ranks = dedup.ranks(parsed.items)
    first_contact = state.document == 0
    stamped = []
    for change in changes:
        if change.item.id not in ranks:
            stamped.append(replace(change, arrival="backfill", arrival_why="from an archive of the feed", rank=LATER))
            continue
        rank = ranks[change.item.id]
        arrival, why = publishing.arrival(
            published=change.item.published,
            now=now,
            first_contact=first_contact,
            previous_success=state.last_success_at,
            rank=rank,
            first=source.first,
        )
        stamped.append(replace(change, arrival=arrival, arrival_why=why, rank=rank if first_contact else LATER))
    return tuple(stamped)


def _succeeded(
    room: Newsroom,
    source: Source,
    state: PollState,
    fetched: Fetched,
    began: datetime,
    *,
    ended: Ended,
    new: bool = False,
    ttl: timedelta | None = None,
) -> PollOutcome:
    now = room.clock()
    due = schedule.after_success(state, source.poll, new=new, now=now, rng=room.rng, ttl=ttl)
    if source.poll.every is None:
        due = slowed(due, state.push, now, ceiling=source.poll.ceiling)
    return PollOutcome(
        source=source.id,
        at=now,
        ended=ended,
        state=replace(
            moved(state, state.adopted_url or source.url, fetched.hops, now),
            # a 304 need not repeat them (RFC 9110, section 15.4.5); a 200 that stops sending one means it (P04)
            etag=fetched.etag or (state.etag if ended == "not-modified" else None),
            last_modified=fetched.last_modified or (state.last_modified if ended == "not-modified" else None),
            unmodified_since=(state.unmodified_since or now) if ended == "not-modified" else None,
            interval=due.interval,
            failures=0,
            problem_since=None,
            last_poll_at=now,
            last_success_at=now,
            next_poll_at=due.at,
        ),
        due=due,
        took=now - began,
        status=fetched.status,
        bytes_read=fetched.bytes_read,
    )


def _failed(room: Newsroom, source: Source, state: PollState, error: SourceError, began: datetime) -> PollOutcome:
    """Return the outcome of a failure: what is remembered stays, validators above all (P05)."""
    now = room.clock()
    answer = error if isinstance(error, FetchError) else None
    status, retry_after = (answer.status, answer.retry_after) if answer else (None, None)
    since = state.problem_since or now
    due = schedule.after_failure(
        state, source.poll, kind=error.kind, status=status, retry_after=retry_after, now=now, rng=room.rng
    )
    return PollOutcome(
        source=source.id,
        at=now,
        ended="failed",
        state=replace(state, failures=state.failures + 1, problem_since=since, last_poll_at=now, next_poll_at=due.at),
        due=due,
        took=now - began,
        status=status,
        kind=error.kind,
        problem=error.problem,
        hint=_dead_hint(status, now - since) or error.hint,
        host_pause=schedule.host_pause(status, retry_after),
    )


def _dead_hint(status: int | None, lasting: timedelta) -> str:
    if status == 404 and lasting >= DEAD_AFTER:  # noqa: PLR2004 - Not Found
        return "not found for thirty days: it is probably dead, look for its new address"
    return ""


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
