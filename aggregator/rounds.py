"""Work asked for now, outside the daemon's own rhythm (`poll`, `story` ...), done here or by the daemon.

In:    a newsroom and a request.
Out:   what happens, as it happens; then everything curated and published.
Never: asks a host that wants to be left alone, unless forced.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from aggregator import __version__
from aggregator.dedup import difference
from aggregator.errors import RulingError
from aggregator.model import Artefact, Claim, Mute, PollOutcome
from aggregator.pipeline import (
    LEASE,
    Newsroom,
    Pruned,
    Rebuilt,
    curate,
    due,
    index,
    merge,
    name_sections,
    older_than,
    pin,
    poll,
    prune,
    publish,
    rebuild,
    split,
    withdraw,
)
from aggregator.sharing import seated
from aggregator.store import held, items, mutes, polls, retention, sources, tokens, withdrawal

BY_HAND = "a person withdrew it"
INDEXED = 20  # batches: what a round brought, and some of what there was before there was an index
TOLD_EACH_S = 0.5  # how far a long work is
PATIENCE = timedelta(seconds=30)  # so long one waits for a host's gap; what asks for more is left out, and said


async def poll_sources(
    room: Newsroom, names: Collection[str], *, ignore_schedule: bool, force: bool = False
) -> AsyncIterator[PollOutcome]:
    """Poll these sources, `at_once` together at most; yield the outcomes as they come.

    ignore_schedule  poll what is not due yet, too
    force            ask hosts that are paused (Retry-After), too
    """
    left, running = set(names), dict[asyncio.Task[PollOutcome | None], Claim]()
    owner = f"poll-{os.getpid()}"
    try:
        while left or running:
            if len(running) <= room.config.at_once // 2:  # claim by the half batch: each claim is a commit
                claims = await _claim(room, left, len(running), owner, ignore_schedule=ignore_schedule, force=force)
                left -= {claim.source for claim in claims}
                running |= {asyncio.create_task(poll(room, claim, by_hand=True)): claim for claim in claims}
            if not running:
                if not left or not await _worth_waiting(room, left, ignore_schedule=ignore_schedule, force=force):
                    return
                await asyncio.sleep(0.1)
                continue
            done, _ = await asyncio.wait(running, timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del running[task]
                if outcome := task.result():
                    yield outcome
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for claim in running.values():  # who interrupts us may ask again at once
            await room.store.write(polls.release, claim)


async def _claim(
    room: Newsroom, left: Collection[str], running: int, owner: str, *, ignore_schedule: bool, force: bool
) -> list[Claim]:
    free = room.config.at_once - running
    if not left or free <= 0:
        return []
    return await room.store.write(
        polls.claim_due,
        limit=free,
        lease=LEASE,
        owner=owner,
        now=room.clock(),
        pause=room.config.pause,
        only=left,
        ignore_schedule=ignore_schedule,
        force=force,
    )


async def _worth_waiting(room: Newsroom, left: Collection[str], *, ignore_schedule: bool, force: bool) -> bool:
    soonest = await room.store.read(
        polls.next_due_at, room.clock(), only=left, ignore_schedule=ignore_schedule, force=force
    )
    return soonest is not None and soonest - room.clock() <= PATIENCE


async def poll_now(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator poll` asks; yield what happens as plain messages, for the socket and for the progress bar.

    request    {"sources": [names] (none: all), "all": ignore the schedule, "force": ask paused hosts too}
    published  is given each topic's finished bytes
    """
    names = request.get("sources") or list(room.config.sources)
    ignore = bool(request.get("all") or request.get("sources"))
    if not ignore:
        waiting = await room.store.read(polls.due, room.clock())
        names = [name for name in names if name in waiting]
    yield {"event": "started", "sources": len(names)}
    left = set(names)
    curating: asyncio.Task[int] | None = None
    async for outcome in poll_sources(room, names, ignore_schedule=ignore, force=bool(request.get("force"))):
        left.discard(outcome.source)
        yield _polled(outcome)
        idle = curating is None or curating.done()
        if outcome.changes and room.store.seat.held and idle:  # side by side with the polls still under way
            if curating is not None:
                yield {"event": "curated", "items": curating.result()}
            curating = asyncio.create_task(curate(room))
    if curating is not None:
        yield {"event": "curated", "items": await curating}
    for source in sorted(left):
        yield {"event": "skipped", "source": source, "why": await _kept_from(room, source)}
    async with seated(room):
        while curated := await curate(room):
            yield {"event": "curated", "items": curated}
        async for message in _publish(room, published):
            yield message
        await index(room, INDEXED)


async def _publish(room: Newsroom, published: Callable[[Sequence[Artefact]], None]) -> AsyncIterator[dict[str, Any]]:
    for topic in await due(room):
        if (made := await publish(room, topic)) is None:
            continue
        published(made.artefacts)
        if not made.artefacts:
            yield {"error": f"{topic}: {made.flaw}"}
            continue
        entries = made.artefacts[0].entries
        yield {"event": "published", "topic": topic, "entries": entries, "changed": bool(made.rows)}


async def regroup_now(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator story` asks; yield what happens, at last {"event": "done"}, or {"error": why not}.

    request    {"do": "split", "merge", "pin", "unpin", "rebuild" or "try-rebuild", "items": [keys]}
    published  is given each topic's finished bytes
    """
    do, keys = request.get("do"), request.get("items", [])
    try:
        if do in ("rebuild", "try-rebuild"):
            made = await rebuild(room, dry_run=do == "try-rebuild")
            async for message in _rebuilt(room, made):
                yield message
        else:
            yield {"event": "regrouped", **await _regrouped(room, do, keys)}
    except RulingError as error:
        yield {"error": str(error)}
        return
    async for message in _publish(room, published):
        yield message
    yield {"event": "done"}


async def _regrouped(room: Newsroom, do: str | None, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Do it; return the members of the stories that it is about."""
    if do == "split" and keys:
        return await split(room, keys)
    if do == "merge" and len(keys) == 2:  # noqa: PLR2004 - one of each story
        return await merge(room, *keys)
    if do in ("pin", "unpin") and len(keys) == 1:
        return await pin(room, keys[0], off=do == "unpin")
    raise RulingError(f"this version does not know how to {do} {len(keys)} items")


async def _rebuilt(room: Newsroom, made: Rebuilt) -> AsyncIterator[dict[str, Any]]:
    """Say what is otherwise in the rebuilt stories, and then how much that is."""
    before, after = made.before, made.after
    changes = difference(before, after)
    for key in changes.moved:
        places = {"from": before[key], "to": after[key]}
        titles = {word: await _title(room, made, story) for word, story in places.items()}
        how = made.found.get(("story", key))
        evidence = {"method": how.method, "score": how.score, "evidence": how.evidence} if how else {}
        yield {"event": "moved", "item": key, "title": made.titles[key], **places, "titles": titles, **evidence}
    for word, found in (("split", changes.split), ("merged", changes.merged)):
        for story, others in found.items():
            titles = {one: await _title(room, made, one) for one in others}
            yield {"event": word, "story": story, "title": await _title(room, made, story), "stories": titles}
    counts = {"moved": len(changes.moved), "split": len(changes.split), "merged": len(changes.merged)}
    yield {"event": "rebuilt", "items": len(before), **counts}


async def _title(room: Newsroom, made: Rebuilt, story: str) -> str:
    """Return the title of the item that founded a story."""
    if story in made.titles:
        return made.titles[story]
    founder = await room.store.read(items.by_key, story)
    return founder.item.title if founder else ""


async def release_now(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator release` asks; yield how many items were held, and what became of them.

    request    {"source": its name}
    published  is given each topic's finished bytes
    """
    yield {"event": "released", "released": await room.store.write(held.release, request.get("source", ""))}
    while curated := await curate(room):
        yield {"event": "curated", "items": curated}
    async for message in _publish(room, published):
        yield message
    yield {"event": "done"}


async def token_now(
    room: Newsroom,
    request: Mapping[str, Any],
    *,
    published: Callable[[Sequence[Artefact]], None],  # noqa: ARG001 - no document changes
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator topic token` asks; yield how many tokens it was done to, or {"error": why not}.

    request    {"do": "new" or "revoke", "topic": its name, "hashes": sha256 of tokens, in hex}: no token comes here
    """
    topic = room.config.topics.get(request.get("topic", ""))
    if topic is None or not topic.private:
        yield {"error": "the configuration in force has no such private topic; it may have to be read anew (SIGHUP)"}
        return
    hashes = [bytes.fromhex(one) for one in request.get("hashes", [])]
    if request.get("do") == "new":
        await room.store.write(tokens.add, topic.id, hashes, room.clock())
        yield {"event": "given", "tokens": len(hashes)}
    else:
        yield {"event": "revoked", "tokens": await room.store.write(tokens.revoke, topic.id, hashes)}
    yield {"event": "done"}


async def withdraw_now(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator withdraw` asks; yield how many items that were, and how many entries went, by topic.

    request    {"items": [keys]}, or {"source": its name}: all that is stored of it
    published  is given each topic's finished bytes
    """
    source = request.get("source")
    keys = await room.store.read(withdrawal.standing, source) if source else request.get("items", [])
    before = await room.store.read(withdrawal.entries, keys)
    gone = await withdraw(room, keys, BY_HAND)
    yield {"event": "withdrawn", "withdrawn": len(gone)}
    async for message in _publish(room, published):
        yield message
    left = Counter(topic for topic, _ in before - await room.store.read(withdrawal.entries, keys))
    yield {"event": "left", "topics": dict(sorted(left.items()))}
    yield {"event": "done"}


async def section_now(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator section set` asks; yield the sections that the item has now, or {"error": why not}.

    request    {"item": its key, "sections": all that it is of; None: forget what was said}
    published  is given each topic's finished bytes
    """
    key = request.get("item", "")
    try:
        await name_sections(room, key, request.get("sections"))
    except RulingError as error:
        yield {"error": str(error)}
        return
    while await curate(room):
        pass
    yield {"event": "tagged", "sections": [asdict(one) for one in await room.store.read(items.sections_of, key)]}
    async for message in _publish(room, published):
        yield message
    yield {"event": "done"}


async def mute_now(
    room: Newsroom,
    request: Mapping[str, Any],
    *,
    published: Callable[[Sequence[Artefact]], None],  # noqa: ARG001 - what stands in a topic stays
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator mute QUERY` asks; yield what is muted from now on, or was until now.

    request    {"do": "add" or "drop", "match": a query, canonical, "until": ISO 8601 or null}
    """
    said = Mute(match=request["match"], until=datetime.fromisoformat(until) if (until := request["until"]) else None)
    if request.get("do") == "drop":
        done = await room.store.write(mutes.drop, said.match)
    else:
        done = True
        await room.store.write(mutes.add, said, room.clock())
    yield {"event": "muted", "match": said.match, "until": until, "done": done}
    yield {"event": "done"}


async def prune_now(
    room: Newsroom,
    request: Mapping[str, Any],
    *,
    published: Callable[[Sequence[Artefact]], None],  # noqa: ARG001 - no document changes
) -> AsyncIterator[dict[str, Any]]:
    """Do what `aggregator db prune` asks; yield how far it is, at last what went.

    request    {"older_s": the age of items that go, in seconds; null: as configured}
    """
    older = timedelta(seconds=request["older_s"]) if request.get("older_s") else None
    yield {"event": "started", "items": await room.store.read(retention.countable, older_than(room, older))}
    gone = Pruned()
    work = asyncio.create_task(prune(room, gone, older=older))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=TOLD_EACH_S)
            yield {"event": "pruning", "items": gone.items}
    finally:
        work.cancel()
    work.result()
    yield {"event": "pruned", **asdict(gone), "problem": await room.store.read(retention.oversize)}
    yield {"event": "done"}


WORK = {
    "prune": prune_now,
    "poll": poll_now,
    "story": regroup_now,
    "section": section_now,
    "release": release_now,
    "withdraw": withdraw_now,
    "token": token_now,
    "mute": mute_now,
}

UNSEATED = (poll_now, token_now, mute_now)  # of them only `poll` curates, at its end


async def answer(
    room: Newsroom, request: Mapping[str, Any], *, published: Callable[[Sequence[Artefact]], None]
) -> AsyncIterator[dict[str, Any]]:
    """Do what a verb asks, in the process that holds the store."""
    work = WORK.get(request.get("verb", ""))
    if work is None:
        yield {"error": f"this version ({__version__}) does not know {request.get('verb')!r}"}
        return
    if work in UNSEATED:
        async for message in work(room, request, published=published):
            yield message
        return
    async with seated(room):
        async for message in work(room, request, published=published):
            yield message


async def _kept_from(room: Newsroom, source: str) -> str:
    """Say why a source could not be polled now."""
    row = await room.store.read(sources.one, source)
    if row and row.held_until and row.held_until > room.clock():
        return f"it is claimed until {row.held_until:%H:%M} UTC by another poll, or by one that was killed"
    if row and row.host_paused_until and row.host_paused_until > room.clock():
        until = f"{row.host_paused_until:%Y-%m-%d %H:%M} UTC"
        return f"its host {row.host_word} until {until} (--force asks all the same)"
    return "its host is busy with other sources; ask again in a moment"


def _polled(outcome: PollOutcome) -> dict[str, Any]:
    new = sum(change.kind == "new" for change in outcome.changes)
    return {
        "event": "polled",
        "source": outcome.source,
        "ended": outcome.ended,
        "status": outcome.status,
        "items": len(outcome.present),
        "new": new,
        "changed": len(outcome.changes) - new,
        "bytes": outcome.bytes_read,
        "took_ms": round(outcome.took.total_seconds() * 1000),
        "kind": outcome.kind,
        "problem": outcome.problem,
        "hint": outcome.hint,
    }
