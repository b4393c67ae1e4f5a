"""publish(topic): the ledger and the documents in every format, committed together.

In:    a topic that changed.
Out:   its publication.
Never: renders anything that the ledger does not say.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from aggregator import publish as publishing
from aggregator import report
from aggregator.dedup import Tellers
from aggregator.model import Candidate, Source, Topic
from aggregator.pipeline.newsroom import Newsroom
from aggregator.publish.compose import outlet
from aggregator.store import artefacts, work


async def publish(room: Newsroom, topic_id: str) -> publishing.Publication:
    """Bring one configured topic's ledger and documents up to date; return what was committed."""
    async with room.publishing:
        return await _publish(room, room.config.topics[topic_id])


async def _publish(room: Newsroom, topic: Topic) -> publishing.Publication:
    began = room.clock()
    todo = await room.store.read(work.of, topic.id, "story" if topic.fold == "story" else "copy")
    made = await asyncio.to_thread(_make, room, topic, todo)
    await room.store.write(
        artefacts.publish,
        topic=topic.id,
        dirty=todo.dirty,
        rows=made.rows,
        entered=made.entered,
        artefacts=made.artefacts,
        flaw="; ".join(_flaws(made)),
        now=room.clock(),
    )
    report.published(topic.id, made, room.clock() - began)
    return made


def _flaws(made: publishing.Publication) -> Iterator[str]:
    """What a person should know of a topic's documents."""
    if made.flaw:
        yield made.flaw
    if made.skipped:
        entry_id, why = made.skipped[0]
        yield f"entries that cannot be rendered are left out: {len(made.skipped)}, the first is {entry_id} ({why})"


def _make(room: Newsroom, topic: Topic, todo: work.Work) -> publishing.Publication:
    candidates = _candidates(room, todo)
    return publishing.make(
        topic,
        pending=[candidates[one.stored.key] for one in todo.pending],
        live=todo.ledger,
        edited=[(row, candidates[anchor.stored.key]) for row, anchor in todo.edited],
        sections=room.config.sections,
        site=room.site,
        authority=room.authority,
        created_at=todo.created_at,
        fragments=room.fragments,
        now=room.clock(),
    )


def _candidates(room: Newsroom, todo: work.Work) -> dict[str, Candidate]:
    """Return the items that wait and the edited anchors by key, each with whom it cites and who cites it."""
    cited, cited_by = _cited(room, todo), defaultdict[str, list[str]](list)
    for citing, others in cited.items():
        for other in others:
            cited_by[other].append(citing)
    outlets = {one.key: outlet(_candidate(room, work.Pending(one, None, ()), todo.homes)) for one in todo.tellers}
    everyone = (*todo.pending, *(anchor for _, anchor in todo.edited))
    return {
        one.stored.key: replace(
            _candidate(room, one, todo.homes),
            via=tuple(outlets[other] for other in cited.get(one.stored.key, ())),
            cited_by=tuple(cited_by[one.stored.key]),
        )
        for one in everyone
    }


def _cited(room: Newsroom, todo: work.Work) -> dict[str, tuple[str, ...]]:
    """Return which other items of its story and topic an item cites; who is configured no more is cited no more."""
    sources, cited = room.config.sources, dict[str, tuple[str, ...]]()
    for story in todo.citing:
        cited |= Tellers([one for one in story if one.source in sources], sources, room.config.owners).cited()
    return cited


def _candidate(room: Newsroom, one: work.Pending, homes: Mapping[str, work.Home]) -> Candidate:
    home = homes[one.stored.source]
    source = room.config.sources.get(one.stored.source) or Source(id=one.stored.source, url=home.url)
    return Candidate(
        stored=one.stored,
        origin=publishing.origin(source, home.feed),
        priority=source.priority,
        story=one.story,
        sections=one.sections,
        pinned_at=one.pinned_at,
    )
