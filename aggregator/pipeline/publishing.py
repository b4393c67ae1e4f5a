"""publish(topic): the ledger and the documents in every format, committed together.

In:    a topic that changed.
Out:   its publication, recorded before it is delivered.
Never: renders anything that the ledger does not say, or delivers what could not be recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from aggregator import dedup, metrics, report
from aggregator import publish as publishing
from aggregator.errors import LeaseLost, StoreError
from aggregator.log import tell
from aggregator.model import Delivery, Incident, IncidentKind, Topic
from aggregator.model.incident import About
from aggregator.pipeline import record
from aggregator.pipeline.candidates import ledger_of
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import artefacts, incidents, topics, work

UNRECORDED = "nothing is delivered until it can be recorded"


async def due(room: Newsroom) -> list[str]:
    """Return the configured topics whose documents are out of date, in the order in which to publish them."""
    return in_order(room.config.topics, await room.store.read(topics.dirty, room.clock()))


def in_order(configured: Mapping[str, Topic], names: Iterable[str]) -> list[str]:
    """Return the configured ones of these topics as they are, but each behind those that its `after` leads to."""

    def depth(name: str) -> int:  # it ends: a circle is a mistake of the configuration
        return 1 + max((depth(first) for first in configured[name].after if first in configured), default=0)

    return sorted((name for name in names if name in configured), key=depth)


async def publish(room: Newsroom, topic_id: str) -> publishing.Publication | None:
    """Bring one topic's ledger and documents up to date; return what was committed.

    None, and nothing is done, where it is configured no more: a reload may have come while we waited for our turn.
    Whatever else goes wrong with it costs this topic alone: its readers keep what they have. A store that does not
    answer, or that has another curator by now (LeaseLost), is no fault of the topic's, and raised.
    """
    async with room.publishing:
        topic = room.config.topics.get(topic_id)
        if topic is None:
            return None
        try:
            return await _publish(room, topic)
        except (StoreError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must cost one topic, never the others
            tell("error", "work.crashed", work="publish", topic=topic.id, exc_info=error)
            problem = f"it cannot be published, by a fault of ours: {type(error).__name__}: {error}"[:300]
            return await _refused(room, topic, problem)


async def _publish(room: Newsroom, topic: Topic) -> publishing.Publication:
    began = room.clock()
    if topic.outlets.at_least > 1:
        few = f"outlets: fewer than {topic.outlets.at_least} told it within {dedup.SPAN.days} days"
        await room.store.decide(topics.give_up, topic.id, began - dedup.SPAN, few)
    todo = await room.store.read(work.of, topic, room.authority, began)
    made = await asyncio.to_thread(_make, room, topic, todo)
    if problem := await asyncio.to_thread(_recorded, room, made, todo.ledger):
        tell("error", "topic.unrecorded", topic=topic.id, problem=problem)
        await _note(room, "record", "", "silent")
        return await _refused(room, topic, problem)
    if todo.flaw.startswith(UNRECORDED):
        await _note(room, "record", "", "answers")
    news = [row.entered_at for row in made.rows if row.rev == 1]
    alarm = publishing.expected(topic.expect, [*news, *todo.entered], since=todo.created_at, now=began)
    if publishing.alarmed(todo.flaw) != bool(alarm.flaw):  # before it is remembered that it was told
        await _note(room, "topic", topic.id, "unexpected" if alarm.flaw else "expected", alarm.flaw)
    await room.store.decide(
        artefacts.publish,
        topic=topic.id,
        dirty=todo.dirty,
        rows=made.rows,
        entered=made.entered,
        kept_out=made.kept_out,
        due_at=min(filter(None, (made.due_at, alarm.due_at)), default=None),
        artefacts=made.artefacts,
        flaw="; ".join(_flaws(made, alarm)),
        hubs=None if topic.private else room.config.hubs,
        now=room.clock(),
    )
    report.published(topic.id, made, room.clock() - began)
    if publishing.alarmed(todo.flaw) != bool(alarm.flaw):
        report.alarmed(topic.id, alarm)
    return made


def _recorded(room: Newsroom, made: publishing.Publication, ledger: Sequence[Delivery]) -> str:
    """Write down what is about to be delivered; "" or why it must not be."""
    folder = room.config.state_dir
    try:
        record.keep(folder, room.store_name, record.recorded(made.rows, made.entered, ledger, room.clock()))
    except OSError as error:
        return f"{UNRECORDED} in {folder}: {error.strerror or error}"
    return ""


async def _refused(room: Newsroom, topic: Topic, problem: str) -> publishing.Publication:
    """Return an empty publication: readers keep what they have, and the topic stays dirty."""
    metrics.unpublished()
    await room.store.decide(artefacts.refuse, topic.id, problem)
    return publishing.Publication(rows=(), entered={}, kept_out={}, due_at=None, artefacts=(), flaw=problem, skipped=())


async def _note(room: Newsroom, about: About, name: str, kind: IncidentKind, problem: str = "") -> None:
    said = Incident(at=room.clock(), about=about, name=name, kind=kind, problem=problem)
    await room.store.write(incidents.note, [said])


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
        minted_as=todo.minted_as,
        days=todo.days,
        fragments=room.fragments,
        now=room.clock(),
    )
