"""What a document holds, what of it we do not have yet, and what that teaches of its source: polled or pushed, alike.

In:    a body, and what is remembered of its source.
Out:   what was parsed; the changes, each with the word whether it may enter topics; what it takes back; the state after
       them.
Never: fetches or commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator import dedup, schedule
from aggregator import publish as publishing
from aggregator.dedup import Recognised
from aggregator.errors import ParseError
from aggregator.fetch import trouble
from aggregator.fetch.challenge import HEAD_BYTES, looks_like_wall
from aggregator.model import LAGS_KEPT, Change, Fetched, Flaw, Item, Known, Look, Parsed, PollState, Source
from aggregator.model.item import LATER
from aggregator.parse import labels
from aggregator.pipeline import quarantine
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import identity, withdrawal, work
from aggregator.store.held import NEWS
from aggregator.tag import language_of

TAKEN_BACK = "its publisher took it back"
_DOCUMENTS = 3  # of the last ones, an item may be missing now because it has another id; one may have been cut short
_LATELY = 100  # items that came last: what was in those documents, and where a document is long, twice its length
_LIKE = 20  # items that tell what a source is like


async def parsed_of(room: Newsroom, source: Source, state: PollState, fetched: Fetched) -> Parsed:
    """Return what is in a body. Where a feed was before and a bot wall stands now, the wall is the failure.

    Of a body that the parser could not bear, a copy is kept.
    """
    body = fetched.body or b""
    try:
        return await room.workers.parse(
            body,
            url=fetched.url,
            content_type=fetched.content_type,
            source=source,
            offset=labels.offset_of(source, state),
            now=room.clock(),
        )
    except ParseError as error:
        head = body[:HEAD_BYTES]
        html_instead = error.kind == "not-a-feed" and state.document and b"<html" in head.lower()
        if html_instead or (error.kind in {"not-a-feed", "empty-page"} and looks_like_wall(head)):
            raise trouble.challenged(fetched.status, fetched.retry_after) from error
        if error.kind in quarantine.KINDS:
            copy = await asyncio.to_thread(quarantine.keep, room.config.state_dir, source.id, body)
            raise ParseError(error.kind, error.problem, f"its bytes are kept in {copy}" if copy else "") from error
        raise


async def recognised(
    room: Newsroom, source: Source, state: PollState, shown: Sequence[Item], *, archive: bool = False
) -> Recognised:
    """Return which item of ours each entry is, and what they bring that we do not hold.

    Each new item has the word whether it may enter topics (R12), and what is edited all day the word that it waits.
    archive  the entries are from an archive of the feed, and no news on first contact
    """
    known, now = await room.store.read(identity.known, source.id, [item.id for item in shown]), room.clock()
    lately: list[Known] = []
    if not archive and len(dedup.by_id(shown, known)) < len(shown):
        newest = await room.store.read(identity.lately, source.id, _LATELY + 2 * len(shown))
        lately = [one for one in newest if one.document > state.document - _DOCUMENTS]
    found = dedup.recognise(source.id, shown, known, lately)
    if archive and state.document == 0:
        why = "from an archive of the feed"
        past = (replace(change, arrival="backfill", arrival_why=why, rank=LATER) for change in found.changes)
        return replace(found, changes=tuple(past))
    changes = _stamped(source, state, dedup.ranks(found.items), found.changes, now)
    edited = [change.key for change in changes if change.kind == "changed"]
    edits = await room.store.read(identity.edits, edited, now - dedup.DAY) if edited else {}
    return replace(found, changes=dedup.restless(changes, edits, now))


async def doubted(
    room: Newsroom, source: Source, state: PollState, parsed: Parsed, found: Recognised
) -> tuple[tuple[Change, ...], str]:
    """Return the changes of a poll, what had better wait held; and what makes the document look like another's.

    On first contact nothing is expected; what other selectors find is looked at by its dates.
    """
    changes = found.changes
    if state.document == 0 or state.last_success_at is None or state.reread:
        return changes, ""
    again = False
    if not any(one.held not in NEWS for one in found.met):
        newest = await room.store.read(identity.lately, source.id, _LATELY)
        again = not found.met and any(one.held == "flood" for one in newest)
        before = await room.store.read(identity.lately, source.id, _LIKE, undoubted=True)
        home = (await room.store.read(work.homes, [source.id]))[source.id].feed
        now = [(language_of(item, declared=source.language), item.link) for item in found.items]
        if why := dedup.drift(before, (home.title, parsed.feed.title), now):
            return dedup.strange(changes), why
    rhythm, days = state.rhythm, (room.clock() - state.last_success_at) / dedup.DAY
    at_once = rhythm.items / rhythm.moments if rhythm.moments else 0.0
    usual = max(schedule.level_of(rhythm, room.fleet_rate) * days, at_once)
    return dedup.flooded(changes, usual=usual, lasting=bool(found.met), again=again), ""


async def taken_back(
    room: Newsroom, source: Source, parsed: Parsed, found: Recognised
) -> tuple[dict[str, str], tuple[Flaw, ...]]:
    """Return the items that a document takes back (key -> why); none, and a flaw, where those are nearly all.

    What it shows, under whatever id, it does not take back.
    """
    meant = await room.store.read(withdrawal.meant, source.id, list(parsed.deleted)) if parsed.deleted else {}
    why = {key: _word(parsed.deleted[id_]) for id_, key in meant.items() if key not in found.keys}
    if not why:
        return {}, ()
    standing = len(await room.store.read(withdrawal.standing, source.id))
    if dedup.empties(len(why), of=standing):
        return {}, (Flaw(code="document-emptied", where="document", detail=f"{len(why)} of {standing} items"),)
    return why, ()


def _word(comment: str) -> str:
    return TAKEN_BACK + (f": «{comment}»" if comment else "")


def _stamped(
    source: Source, state: PollState, ranks: Mapping[str, int], changes: Sequence[Change], now: datetime
) -> tuple[Change, ...]:
    first_contact = state.document == 0
    stamped = []
    for change in changes:
        rank = ranks[change.item.id]
        arrival, why = publishing.arrival(
            published=change.item.published,
            now=now,
            first_contact=first_contact,
            previous_success=state.last_success_at,
            rank=rank,
            first=source.first,
            reread=state.reread and source.select is not None,
        )
        ahead = labels.ahead_of(source, state, change, now)
        rank = rank if first_contact else LATER
        reread = state.reread and change.kind == "changed"
        stamped.append(replace(change, arrival=arrival, arrival_why=why, rank=rank, ahead=ahead, reread=reread))
    return tuple(stamped)


def taught(room: Newsroom, source: Source, state: PollState, look: Look, now: datetime) -> PollState:
    """Return the state after a look at the source, with what it taught of the source's rhythm."""
    rhythm = schedule.learn(state.rhythm, look, now, zone=source.zone, fleet_rate=room.fleet_rate)
    return replace(
        state,
        rhythm=rhythm,
        rate_per_day=schedule.level_of(rhythm, room.fleet_rate),
        quiet_at=schedule.quiet_at(rhythm, zone=source.zone, fleet_rate=room.fleet_rate),
    )


def news_of(changes: Sequence[Change]) -> tuple[datetime | None, ...]:
    """Return when the new items were published, those that are doubted left out."""
    return tuple(change.item.published for change in changes if change.kind == "new" and not change.held)


def lags_after(state: PollState, changes: Sequence[Change], now: datetime) -> tuple[timedelta, ...]:
    """Return how old each new item was when it came to us, the oldest of a poll first, behind those before.

    What came late on purpose says nothing.
    """
    live = (change for change in changes if change.kind == "new" and change.arrival == "live" and not change.held)
    ages = (now - change.item.published + change.ahead for change in live if change.item.published)
    newest = sorted((max(age, timedelta(0)) for age in ages), reverse=True)
    return (*state.lags, *newest)[-LAGS_KEPT:]
