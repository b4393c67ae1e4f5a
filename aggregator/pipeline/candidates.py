"""What the store knows of a topic's items, as publishing decides about them.

In:    the work that a topic has, the configuration.
Out:   its Ledger: candidates with where they come from, whom they cite, and why the topic must not show them.
Never: decides what readers are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from aggregator import publish as publishing
from aggregator.dedup import Tellers
from aggregator.model import Candidate, Member, Source, Topic
from aggregator.pipeline.newsroom import Newsroom
from aggregator.publish.compose import outlet
from aggregator.store import work


def ledger_of(room: Newsroom, topic: Topic, todo: work.Work) -> publishing.Ledger:
    """Return what a topic has, and what is new to it."""
    candidates = _candidates(room, topic, todo)
    members = [
        Member(candidate=candidates[one.pending.stored.key], entry_id=one.entry_id, moved=one.moved, apart=one.apart)
        for one in todo.moved
    ]
    return publishing.Ledger(
        pending=[candidates[one.stored.key] for one in todo.pending],
        live=todo.ledger,
        edited=[(row, candidates[shown.stored.key]) for row, shown in todo.edited],
        moves=publishing.Moves(members=members, absorbed=todo.absorbed, used=todo.used),
        voices=_voices(room, topic, todo),
        anchors=todo.anchors,
    )


def _candidates(room: Newsroom, topic: Topic, todo: work.Work) -> dict[str, Candidate]:
    """Return all items by key, each with whom it cites and who cites it."""
    cited, cited_by = _cited(room, todo), defaultdict[str, list[str]](list)
    for citing, others in cited.items():
        for other in others:
            cited_by[other].append(citing)
    tellers = [_candidate(room, topic, work.Pending(one, None, ()), todo.homes) for one in todo.tellers]
    outlets = {one.stored.key: outlet(one) for one in tellers if not one.hidden}
    everyone = (*todo.pending, *(shown for _, shown in todo.edited), *(one.pending for one in todo.moved))
    return {
        one.stored.key: replace(
            _candidate(room, topic, one, todo.homes),
            via=tuple(outlets[other] for other in cited.get(one.stored.key, ()) if other in outlets),
            cited_by=tuple(cited_by[one.stored.key]),
            remembered=todo.remembered.get(one.stored.key),
        )
        for one in everyone
    }


def _cited(room: Newsroom, todo: work.Work) -> dict[str, tuple[str, ...]]:
    """Return which other items of its story and topic an item cites; who is configured no more is cited no more."""
    sources, cited = room.config.sources, dict[str, tuple[str, ...]]()
    for story in todo.citing:
        cited |= Tellers([one for one in story if one.source in sources], sources, room.config.owners).cited()
    return cited


def _voices(room: Newsroom, topic: Topic, todo: work.Work) -> dict[str, int]:
    """Return how many outlets tell the story of each item that waits for others, as the topic counts them.

    Whom its readers must not see counts for nothing.
    """
    voices: dict[str, int] = {}
    private = frozenset() if topic.private else {one.id for one in room.config.sources.values() if one.private}
    for everybody in todo.tellings:
        told = [one for one in everybody if one.source not in private]
        who = Tellers(told, room.config.sources, room.config.owners).independent()
        number = len(who.voices) if topic.outlets.count == "independent" else who.outlets
        voices |= dict.fromkeys((one.item for one in told), number)
    return voices


def _candidate(room: Newsroom, topic: Topic, one: work.Pending, homes: Mapping[str, work.Home]) -> Candidate:
    home = homes[one.stored.source]
    source = room.config.sources.get(one.stored.source) or Source(id=one.stored.source, url=home.url)
    private = "its source is private" if home.private and not topic.private else None
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
