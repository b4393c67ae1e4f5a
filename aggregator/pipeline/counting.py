"""How many outlets tell what is being curated, and what that changes in the topics that ask for it (`outlets:`).

In:    what was decided of a batch, each item for itself; the store as it is before that is committed.
Out:   the same, decided by the true numbers; verdicts on items that came before and that growth lets in.
Never: takes out what a topic has let in; asks again where no bound of a query lies between two numbers.

An item that came before is let in by the growth of its story alone: what matches an edited rule however many tell it
is let in by the rule, and that acts forward (R11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator import publish as publishing
from aggregator.model import Curated, MembershipKind, StoredItem, Tagged, Telling, Verdict
from aggregator.pipeline.asking import Beside, facts_now, voices
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import credits as cited_in
from aggregator.store import items, stories, work


@dataclass(frozen=True, slots=True)
class _Turn:
    """An item whose number of outlets has passed the bound of a query."""

    told: Telling
    new: bool  # it is of the batch, and was asked about as if it were alone
    before: int
    after: int
    topics: frozenset[str]


async def counted(
    room: Newsroom, batch: Sequence[StoredItem], decided: Sequence[Curated]
) -> tuple[list[Curated], list[tuple[str, Verdict]]]:
    """Return what is decided of a batch; and what is said of items that came before, by their keys."""
    if not (room.matcher.counted or room.muter.counted):
        return list(decided), []
    joins = _groups("story", decided)
    groups = await room.store.read(stories.groups_of, "story", [one.key for one in decided]) | joins
    told = await room.store.read(cited_in.told, set(groups.values()))
    fresh = [_telling(one, stored) for one, stored in zip(decided, batch, strict=True) if one.key in joins]
    turns = {turn.told.item: turn for turn in _turns(room, told, decided, fresh, groups)}
    there = await room.store.read(items.by_keys, turns)
    homes = await room.store.read(work.homes, {one.source for one in there})
    private = {source for source, home in homes.items() if home.private}
    sections = await room.store.read(items.sections_of_all, [one.key for one in there])
    sections |= {one.key: one.sections for one in decided}
    said = await asyncio.to_thread(_said, room, there, turns, private, sections)
    curated = [_counted(one, turns[one.key], said.get(one.key, ())) if one.key in turns else one for one in decided]
    return curated, [(key, one) for key, verdicts in said.items() if not turns[key].new for one in verdicts]


def _groups(kind: MembershipKind, decided: Sequence[Curated]) -> dict[str, str]:
    """Return the groups that items join, or found, with a batch; by their keys."""
    return {member.item: member.story for one in decided for member in one.memberships if member.kind == kind}


def _telling(one: Curated, stored: StoredItem) -> Telling:
    return Telling(
        item=one.key, source=stored.source, first_seen_at=stored.first_seen_at, copy=None, credits=one.credits
    )


def _turns(
    room: Newsroom,
    told: Mapping[str, Sequence[Telling]],
    decided: Sequence[Curated],
    fresh: Sequence[Telling],
    groups: Mapping[str, str],
) -> Iterator[_Turn]:
    """Yield the items of stories for which their topics may answer otherwise now.

    told    the stories as the store has them
    fresh   what joins them
    groups  the story of each item of the batch, and of each founder
    """
    mutes, every = room.muter.counted, frozenset(room.config.topics)
    batch, new, copies = {one.key for one in decided}, {one.item for one in fresh}, _groups("copy", decided)
    for story in sorted(set(groups.values())):
        before = [one for one in told.get(story, ()) if one.item not in new]
        after = [*before, *(one for one in fresh if groups[one.item] == story)]
        after = [replace(one, copy=copies.get(one.item, one.copy)) for one in after]
        was, now = voices(room.config, before), voices(room.config, after)
        for one in after:
            asked_of = 1 if one.item in batch else was
            turned = every if mutes.turned(asked_of, now) else room.matcher.counted.turned(asked_of, now)
            if turned:
                yield _Turn(one, one.item in batch, asked_of, now, turned)


def _said(
    room: Newsroom,
    there: Sequence[StoredItem],
    turns: Mapping[str, _Turn],
    private: Collection[str],
    sections: Mapping[str, tuple[Tagged, ...]],
) -> dict[str, list[Verdict]]:
    """Return what the topics of its turn say of each item now, and did not say before."""
    now = room.clock()

    def asked(stored: StoredItem, outlets: int) -> dict[str, Verdict]:
        turn, hidden = turns[stored.key], stored.source in private
        beside = Beside(credits=room.ours.cited(turn.told.credits), outlets=outlets)
        facts = facts_now(room, stored, sections.get(stored.key, ()), beside, now)
        hits, muted = room.matcher.match(facts), room.muter.muted(facts, now)
        return {
            hit.topic: publishing.admit(room.config.topics[hit.topic], stored, hit.why, muted=muted, private=hidden)
            for hit in hits
            if hit.topic in turn.topics
        }

    said: dict[str, list[Verdict]] = {}
    for one in there:
        turn = turns[one.key]
        before = {} if turn.new else asked(one, turn.before)
        known = {topic for topic, verdict in before.items() if verdict.admitted}
        said[one.key] = [verdict for topic, verdict in asked(one, turn.after).items() if topic not in known]
    return said


def _counted(one: Curated, turn: _Turn, said: Sequence[Verdict]) -> Curated:
    """Return a decision with what the topics of a turn say now."""
    return replace(one, verdicts=(*(had for had in one.verdicts if had.topic not in turn.topics), *said))
