"""curate(items): language, sections, copies, topics, in order of arrival.

In:    items that are stored and not yet curated.
Out:   what was decided about each, committed batch by batch.
Never: decides what readers are shown, or looks at an item of which it has decided before, unless it was edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aggregator import dedup, report
from aggregator import publish as publishing
from aggregator.dedup import Article, Place
from aggregator.model import (
    Curated,
    Facts,
    Item,
    Membership,
    Source,
    StoredItem,
    Tagged,
    Topic,
    Verdict,
)
from aggregator.pipeline.desk import Desk, article_of, recalled
from aggregator.pipeline.learning import Knowing, knowing
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import items, learned, topics, work
from aggregator.tag import language_of
from aggregator.urls import canonical

BATCH = 200  # items curated in one transaction: large enough to be quick, small enough to be soon done again
PAST = 20_000  # how far back an edited rule may look for its backfill


async def curate(room: Newsroom) -> int:
    """Tag the oldest items not yet curated, find their copies and their topics; return how many there were."""
    async with room.curating:
        return await _curate(room)


async def _curate(room: Newsroom) -> int:
    batch = await room.store.read(items.uncurated, BATCH)
    if not batch:
        return 0
    room.desk = await recalled(room.desk, room.store, room.clock())
    urls = {item.key: canonical(item.item.link) if item.item.link else None for item in batch}
    since = room.clock() - dedup.WITHIN
    homes = await room.store.read(work.homes, {item.source for item in batch})
    articles = {url for url in urls.values() if url and dedup.shares_article(url)}
    shared = await room.store.read(items.same_url, articles, since)
    desk, room.desk = room.desk, None  # until what it decides is stored
    places = {url: [_place(twin) for twin in twins] for url, twins in shared.items()}
    own = {source: dedup.own_names(room.source(source), home.feed) for source, home in homes.items()}
    private = frozenset(source for source, home in homes.items() if home.private)
    known = await knowing(room, [stored.key for stored in batch])
    learner, room.learner = known.learner, None
    given = _Given(room=room, desk=desk, known=known, urls=urls, places=places, own=own, private=private)
    decided = await asyncio.to_thread(lambda: [_curated(given, stored) for stored in batch])
    seen = {stored.key: (stored.item.sha256, bool(stored.full_text)) for stored in batch}
    seen_said, lessons, words = known.said, learner.lessons(), desk.words()
    commit = partial(items.commit_curated, words=words, said=seen_said, lessons=lessons)
    if len(decided) == await room.store.write(commit, decided, seen=seen, now=room.clock()):
        room.desk, room.learner = desk, learner
        if lessons:
            learner.version = learned.after(learner.version)
    report.curated(decided)
    return len(decided)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What items are curated with."""

    room: Newsroom
    desk: Desk
    known: Knowing
    urls: Mapping[str, str | None]  # key -> canonical address
    places: dict[str, list[Place]]  # canonical address -> the items that have it, those of this batch, too
    own: Mapping[str, frozenset[str]]  # source -> the names of its outlet
    private: frozenset[str]  # sources, configured or not


def _place(twin: items.Twin) -> Place:
    return Place(key=twin.key, source=twin.source, copy=twin.copy, story=twin.story)


def _curated(given: _Given, stored: StoredItem) -> Curated:
    room, desk, url = given.room, given.desk, given.urls[stored.key]
    private = stored.source in given.private
    # What a private source says is in no words that others are known by.
    facts = _facts(room, given.known, stored, room.clock(), learn=not private and not stored.withdrawn)
    article = article_of(stored, facts.item, facts.language)
    # A person said where it belongs, of what was curated before; what is private is in no window that would know it;
    # and what is withdrawn is no news in any story.
    before = stored.key in desk.stories.rulings or (private and _curated_before(stored))
    placed = before or stored.withdrawn
    hits = room.matcher.match(facts)
    return Curated(
        key=stored.key,
        language=facts.language,
        canonical_url=url,
        sections=facts.sections,
        memberships=() if placed else memberships_of(desk, stored.seq, article, url, given.places, private=private),
        verdicts=tuple(publishing.admit(room.config.topics[h.topic], stored, h.why, private=private) for h in hits),
        credits=dedup.credits_in(f"{article.title}\n{article.body}", given.own[stored.source]),
    )


def _curated_before(stored: StoredItem) -> bool:
    return bool(stored.canonical_url or stored.language)


def _facts(room: Newsroom, known: Knowing, stored: StoredItem, now: datetime, *, learn: bool = False) -> Facts:
    """Return everything that queries may ask of an item, by the present configuration."""
    source, item = room.source(stored.source), publishing.whole(stored)
    language = language_of(item, declared=source.language)
    sections = known.sections(stored.key, item, source, language, learn=learn)
    return facts_of(stored, item, source, sections=sections, language=language, now=now)


def facts_of(
    stored: StoredItem,
    item: Item,
    source: Source,
    *,
    sections: tuple[Tagged, ...],
    language: str | None,
    now: datetime,
) -> Facts:
    """Return an item as queries see it. item: as `publish.whole` has it."""
    return Facts(
        item=item,
        source=source.id,
        groups=source.groups,
        sections=sections,
        language=language,
        age=now - stored.sort_at,
    )


def memberships_of(
    desk: Desk,
    seq: int,
    article: Article,
    url: str | None,
    places: dict[str, list[Place]],
    *,
    counted: bool = False,
    private: bool = False,
) -> tuple[Membership, ...]:
    """Return the memberships this item brings; later items see them in `places`.

    counted  whether its words are in the background already
    private  it is a private source's: later items see nothing of it
    """
    if private:
        there = places.get(url, []) if url and dedup.shares_article(url) else []
        twin = dedup.join(Place(key=article.key, source=article.source), there, url or "")
        return desk.visit(article, twin, _story_of(there))
    if url is None or not dedup.shares_article(url):
        return desk.place(seq, article, None, None, counted=counted)
    there = places.setdefault(url, [])
    if any(place.key == article.key for place in there):  # curated before, and edited since: it has its place
        return ()
    twin = dedup.join(Place(key=article.key, source=article.source), there, url)
    found = desk.place(seq, article, twin, _story_of(there), counted=counted)
    groups = {member.kind: member.story for member in found if member.item == article.key}
    there.append(Place(key=article.key, source=article.source, copy=groups.get("copy"), story=groups.get("story")))
    return found


def _story_of(there: Sequence[Place]) -> str | None:
    return next((place.story for place in there if place.story), None)


async def admit_past(room: Newsroom, topic: Topic) -> None:
    """Let the newest stored items that match into a topic that is new or was edited: `backfill` many (R11).

    Those that are in it already are none of them: else a topic with enough news would get nothing.
    """
    keys, left = await room.store.read(topics.past, topic.id, PAST), topic.backfill
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        found = {one.key: one for one in await room.store.read(items.by_keys, some)}
        homes = await room.store.read(work.homes, {item.source for item in found.values()})
        batch = [found[key] for key in some if key in found]
        open_to = [one for one in batch if topic.private or not homes[one.source].private]
        known = await knowing(room, [one.key for one in open_to])
        hits = await asyncio.to_thread(_matching, room, known, open_to, topic.id)
        if hits:
            await room.store.write(topics.admit, hits[:left], room.clock())
        left -= len(hits)
        if left <= 0:
            return


def _matching(room: Newsroom, known: Knowing, batch: Sequence[StoredItem], topic: str) -> list[tuple[str, Verdict]]:
    """Return the items (by key) that match a topic by the present rules."""
    now = room.clock()
    return [
        (stored.key, Verdict(topic=topic, admitted=True, why=f"backfill after a change of rules: {hit.why}"))
        for stored in batch
        for hit in room.matcher.match(_facts(room, known, stored, now))
        if hit.topic == topic
    ]
