"""What a person says about stories, done: split, merge, pin; and all stories anew by the present rules.

In:    keys of items.
Out:   what changed, as plain values; the store's groups as they are from then on. Raises RulingError.
Never: takes an entry that readers have apart, or gives it another id or face (R4, R11).

Each ends in one transaction. The curator, whichever process he is in, sees it before his next item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from aggregator import dedup
from aggregator.dedup import Background, Place, Rulings, Stories
from aggregator.errors import RulingError
from aggregator.model import Membership, MembershipKind, Ruling, Says, StoredItem
from aggregator.pipeline.curating import memberships_of
from aggregator.pipeline.desk import PAGE, Desk, article_of
from aggregator.pipeline.newsroom import Newsroom
from aggregator.publish import whole
from aggregator.store import items, rulings, stories, visibility
from aggregator.urls import canonical


async def split(room: Newsroom, keys: Sequence[str]) -> dict[str, list[str]]:
    """Take items out of their story, together where they are several; return the members of both parts."""
    async with room.curating:
        members = await _public_first(room, await _story(room, keys[0]))
        left = [one.item for one in members if one.item not in keys]
        leaving = [one.item for one in members if one.item in keys]
        if missing := set(keys) - set(leaving):
            raise RulingError(f"{min(missing)} is not in the story of {keys[0]}: {_names(members)}")
        if not left:
            raise RulingError(f"{_names(members)}: nothing would be left of the story")
        after = dedup.parted(members, leaving)
        for copies in await _copies(room, members):
            after += dedup.parted(await _public_first(room, copies), leaving)
        said = [*_pairs("apart", leaving, left), *_pairs("together", leaving[:1], leaving[1:])]
        await _regroup(room, [*left, *leaving], after, said, _pairs("together", leaving, left))
        return {"out": leaving, "left": left}


async def merge(room: Newsroom, one: str, other: str) -> dict[str, list[str]]:
    """Make the stories of two items one; return its members."""
    async with room.curating:
        if one == other:
            raise RulingError("name two items: one of each story")
        if hidden := await room.store.read(visibility.among, [one, other]):
            raise RulingError(
                f"{min(hidden)} is of a private source: it joins stories by itself, and none joins its own"
            )
        mine, theirs = await _story(room, one), await _story(room, other)
        both = [[m.item for m in group] for group in (mine, theirs)]
        if mine[0].story == theirs[0].story:  # and so it shall stay
            await _regroup(room, [], [], _pairs("together", [one], [other]))
            return {"story": both[0]}
        if await _eldest(room, mine[0].story, theirs[0].story) != mine[0].story:
            mine, theirs, one = theirs, mine, other
        after = dedup.joined(mine, theirs, one)
        together = _pairs("together", [one], [member.item for member in after if member.item != one])
        await _regroup(room, [], after, together, _pairs("apart", *both))
        return {"story": [member.item for member in after]}


async def pin(room: Newsroom, key: str, *, off: bool) -> dict[str, list[str]]:
    """Let an item keep its story whatever comes, and be its face where none was delivered; or end that."""
    async with room.curating:
        members = await _story(room, key)
        word = [Ruling(says="pinned", item=key, other=key)]
        held = any(one.says == "pinned" and one.item == key for one in await room.store.read(rulings.about, [key]))
        if off and not held:
            raise RulingError(f"{key} is not pinned")
        await _regroup(room, [], [], [] if off else word, word if off else [])
        return {"story": [one.item for one in members]}


async def _story(room: Newsroom, key: str) -> list[Membership]:
    """Return the members of an item's story, in order of arrival; the item alone where it has none."""
    stored = await room.store.read(items.by_key, key)
    if stored is None:
        raise RulingError(f"no item is stored under {key}")
    if stored.curated_at is None:
        raise RulingError(f"{key} waits to be curated; a running daemon does so within seconds, ask again")
    group = await room.store.read(stories.group_of, "story", key)
    found = await room.store.read(stories.members, "story", group) if group else []
    return found or [dedup.told("story", key, key, key)]


async def _public_first(room: Newsroom, members: Sequence[Membership]) -> list[Membership]:
    """Return the members of a group so that a part of it is named after a public one, if it has any."""
    hidden = await room.store.read(visibility.among, [one.item for one in members])
    return sorted(members, key=lambda one: one.item in hidden)


async def _copies(room: Newsroom, members: Sequence[Membership]) -> list[list[Membership]]:
    """Return the groups of copies that these items are in."""
    groups = dict.fromkeys([await room.store.read(stories.group_of, "copy", one.item) for one in members])
    return [await room.store.read(stories.members, "copy", group) for group in groups if group]


async def _eldest(room: Newsroom, *names: str) -> str:
    """Return which of some stories was founded first."""
    founders = [await room.store.read(items.by_key, name) for name in names]
    return min((one for one in founders if one), key=lambda one: one.seq).key


def _pairs(says: Says, some: Sequence[str], others: Sequence[str]) -> list[Ruling]:
    return [Ruling(says=says, item=min(pair), other=max(pair)) for pair in product(some, others)]


def _names(members: Sequence[Membership]) -> str:
    return "it is alone" if len(members) == 1 else f"its members are {', '.join(one.item for one in members)}"


async def _regroup(
    room: Newsroom,
    keys: Collection[str],
    after: Sequence[Membership],
    said: Sequence[Ruling] = (),
    unsaid: Sequence[Ruling] = (),
) -> None:
    await room.store.decide(rulings.regroup, keys, after, said=said, unsaid=unsaid, now=room.clock())


@dataclass(slots=True, kw_only=True)
class Rebuilt:
    """All items of the window, grouped anew."""

    since: datetime  # what came before stays as it is, and is what stories may go on from
    before: dict[str, str] = field(default_factory=dict)  # key -> story, its own key where it is alone
    found: dict[tuple[MembershipKind, str], Membership] = field(default_factory=dict)  # by kind and key
    titles: dict[str, str] = field(default_factory=dict)  # of these items, and of what came somewhat before

    @property
    def after(self) -> Mapping[str, str]:
        """The story of each item as it is now."""
        return {key: self.group("story", key) or key for key in self.before}

    def group(self, kind: MembershipKind, key: str) -> str | None:
        """Return the group of an item; None where it is alone."""
        place = self.found.get((kind, key))
        return place.story if place else None


async def rebuild(room: Newsroom, *, dry_run: bool) -> Rebuilt:
    """Group the items of the last days anew, by the present rules and by what persons said."""
    async with room.curating:
        now, after = room.clock(), 0
        words, said = await room.store.read(stories.words), await room.store.read(rulings.every)
        background = Background(words.counts, words.articles)
        made = Rebuilt(since=now - dedup.SPAN)
        desk = Desk(Stories(background, rulings=Rulings(said)), "", 0, background.articles, made.since)
        since = made.since - dedup.SPAN
        while page := await room.store.read(stories.recall, since=since, after=after, limit=PAGE, private=True):
            urls = {one.stored.key: address for one in page if (address := _address(one.stored))}
            articles = {url for url in urls.values() if dedup.shares_article(url)}
            shared = await room.store.read(items.same_url, articles, now - dedup.WITHIN)
            await asyncio.to_thread(_again, desk, made, page, urls, shared)
            after = page[-1].stored.seq
        if not dry_run:
            await _regroup(room, made.before, list(made.found.values()))
        return made


def _address(stored: StoredItem) -> str | None:
    return canonical(stored.item.link) if stored.item.link else None


def _again(
    desk: Desk,
    made: Rebuilt,
    page: Sequence[stories.Recalled],
    urls: Mapping[str, str],
    shared: Mapping[str, Sequence[items.Twin]],
) -> None:
    """Recall what came before the window, and decide anew of what came in it."""
    places = {url: [_as_now(made, twin) for twin in twins if _is_there(made, twin)] for url, twins in shared.items()}
    for one in page:
        key = one.stored.key
        made.titles[key] = one.stored.item.title
        if one.stored.first_seen_at < made.since:
            if not one.private:
                desk.recall(one)
            continue
        made.before[key] = one.story or key
        article = article_of(one.stored, whole(one.stored), one.stored.language)
        seq, url, private = one.stored.seq, urls.get(key), one.private
        for member in memberships_of(desk, seq, article, url, places, counted=True, private=private):
            made.found.setdefault((member.kind, member.item), member)


def _is_there(made: Rebuilt, twin: items.Twin) -> bool:
    """Whether an item came before this page."""
    return twin.first_seen_at < made.since or twin.key in made.before


def _as_now(made: Rebuilt, twin: items.Twin) -> Place:
    if twin.key not in made.before:
        return Place(key=twin.key, source=twin.source, copy=twin.copy, story=twin.story)
    copy, story = made.group("copy", twin.key), made.group("story", twin.key)
    return Place(key=twin.key, source=twin.source, copy=copy, story=story)
