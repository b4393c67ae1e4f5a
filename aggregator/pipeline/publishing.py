"""publish(topic): the ledger and the documents in every format, committed together.

In:    a topic that changed.
Out:   its publication.
Never: renders anything that the ledger does not say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from aggregator import dedup, report
from aggregator import publish as publishing
from aggregator.model import Candidate, Member, Source, Telling, Topic
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import artefacts, topics, work


async def publish(room: Newsroom, topic_id: str) -> publishing.Publication:
    """Bring one configured topic's ledger and documents up to date; return what was committed."""
    async with room.publishing:
        return await _publish(room, room.config.topics[topic_id])


async def _publish(room: Newsroom, topic: Topic) -> publishing.Publication:
    began = room.clock()
    if topic.outlets.at_least > 1:
        few = f"outlets: fewer than {topic.outlets.at_least} told it within {dedup.SPAN.days} days"
        await room.store.write(topics.give_up, topic.id, began - dedup.SPAN, few)
    todo = await room.store.read(work.of, topic, room.authority, began)
    made = await asyncio.to_thread(_make, room, topic, todo)
    news = [row.entered_at for row in made.rows if row.rev == 1]
    alarm = publishing.expected(topic.expect, [*news, *todo.entered], since=todo.created_at, now=began)
    await room.store.write(
        artefacts.publish,
        topic=topic.id,
        dirty=todo.dirty,
        rows=made.rows,
        entered=made.entered,
        kept_out=made.kept_out,
        due_at=min(filter(None, (made.due_at, alarm.due_at)), default=None),
        artefacts=made.artefacts,
        flaw="; ".join(_flaws(made, alarm)),
        now=room.clock(),
    )
    report.published(topic.id, made, room.clock() - began)
    return made


def _flaws(made: publishing.Publication, alarm: publishing.Alarm) -> Iterator[str]:
    """What a person should know of a topic's documents."""
    if alarm.flaw:
        yield alarm.flaw
    if made.flaw:
        yield made.flaw
    if made.skipped:
        entry_id, why = made.skipped[0]
        yield f"entries that cannot be rendered are left out: {len(made.skipped)}, the first is {entry_id} ({why})"


def _make(room: Newsroom, topic: Topic, todo: work.Work) -> publishing.Publication:
    ledger = publishing.Ledger(
        pending=[_candidate(room, topic, one, todo.homes) for one in todo.pending],
        live=todo.ledger,
        edited=[(row, _candidate(room, topic, shown, todo.homes)) for row, shown in todo.edited],
        moves=publishing.Moves(
            members=[_member(room, topic, one, todo.homes) for one in todo.moved],
            absorbed=todo.absorbed,
            used=todo.used,
        ),
        voices=_voices(room, topic, todo.tellings),
    )
    return publishing.make(
        topic,
        ledger,
        gone=todo.gone,
        sections=room.config.sections,
        site=room.site,
        authority=room.authority,
        created_at=todo.created_at,
        fragments=room.fragments,
        now=room.clock(),
    )


def _voices(room: Newsroom, topic: Topic, told: Sequence[Sequence[Telling]]) -> dict[str, int]:
    """Return how many outlets tell the story of each item that waits for others, as the topic counts them."""
    voices: dict[str, int] = {}
    for tellings in told:
        who = dedup.Tellers(tellings, room.config.sources, room.config.owners).independent()
        number = len(who.voices) if topic.outlets.count == "independent" else who.outlets
        voices |= dict.fromkeys((one.item for one in tellings), number)
    return voices


def _member(room: Newsroom, topic: Topic, one: work.Moved, homes: Mapping[str, work.Home]) -> Member:
    return Member(
        candidate=_candidate(room, topic, one.pending, homes),
        entry_id=one.entry_id,
        moved=one.moved,
        apart=one.apart,
    )


def _candidate(room: Newsroom, topic: Topic, one: work.Pending, homes: Mapping[str, work.Home]) -> Candidate:
    home = homes[one.stored.source]
    source = room.config.sources.get(one.stored.source) or Source(id=one.stored.source, url=home.url)
    private = "its source is private" if source.private and not topic.private else None
    return Candidate(
        stored=one.stored,
        origin=publishing.origin(source, home.feed),
        priority=source.priority,
        story=one.story,
        sections=one.sections,
        pinned_at=one.pinned_at,
        admitted_at=one.admitted_at,
        hidden=one.stored.withdrawn or private,
        taken_by=one.taken_by,
    )
