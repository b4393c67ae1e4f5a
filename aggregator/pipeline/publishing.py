"""publish(topic): the ledger and the documents in every format, committed together.

In:    a topic that changed.
Out:   its publication.
Never: renders anything that the ledger does not say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from aggregator import dedup, report
from aggregator import publish as publishing
from aggregator.model import Topic
from aggregator.pipeline.candidates import ledger_of
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
    return publishing.make(
        topic,
        ledger_of(room, topic, todo),
        gone=todo.gone,
        sections=room.config.sections,
        sources=room.config.sources,
        site=room.site,
        authority=room.authority,
        created_at=todo.created_at,
        fragments=room.fragments,
        now=room.clock(),
    )
