"""curate(items): language, sections, copies, topics, in order of arrival.

In:    items that are stored and not yet curated.
Out:   what was decided about each, committed batch by batch.
Never: decides what readers are shown, or looks at an item of which it has decided before, unless it was edited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator import dedup, report
from aggregator import publish as publishing
from aggregator.dedup import Article, Place
from aggregator.model import (
    Curated,
    Membership,
    StoredItem,
    Topic,
    Verdict,
)
from aggregator.pipeline.asking import Beside, beside, cited_of, facts_now
from aggregator.pipeline.counting import counted
from aggregator.pipeline.desk import Desk, article_of, recalled
from aggregator.pipeline.learning import Knowing, knowing, sections_now
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import credits as cited_in
from aggregator.store import items, learned, mutes, topics, work
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
    room.muter.say(await room.store.read(mutes.in_force, room.clock()))
    articles = {url for url in urls.values() if url and dedup.shares_article(url)}
    shared = await room.store.read(items.same_url, articles, since)
    desk, room.desk = room.desk, None  # until what it decides is stored
    places = {url: [_place(twin) for twin in twins] for url, twins in shared.items()}
    own = {source: dedup.own_names(room.source(source), home.feed) for source, home in homes.items()}
    private = frozenset(source for source, home in homes.items() if home.private)
    known = await knowing(room, [stored.key for stored in batch])
    learner, room.learner = known.learner, None
    given = _Given(room=room, desk=desk, known=known, urls=urls, places=places, own=own, private=private)
    alone = await asyncio.to_thread(lambda: [_curated(given, stored) for stored in batch])
    decided, also = await counted(room, batch, alone)
    seen = {stored.key: (stored.item.sha256, bool(stored.full_text)) for stored in batch}
    lessons, words = learner.lessons(), desk.words()
    stored = await room.store.decide(
        items.commit_curated,
        decided,
        seen=seen,
        now=room.clock(),
        words=words,
        also=also,
        said=known.said,
        lessons=lessons,
    )
    if stored == len(decided):
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
    cited = cited_of(publishing.whole(stored), given.own[stored.source])
    private = stored.source in given.private
    # What a private source says is in no words that others are known by.
    sections = sections_now(room, stored, given.known, learn=not private and not stored.withdrawn)
    facts = facts_now(room, stored, sections, Beside(credits=room.ours.cited(cited)), room.clock())
    article = article_of(stored, facts.item, facts.language)
    # A person said where it belongs, of what was curated before; what is private is in no window that would know it;
    # and what is withdrawn is no news in any story.
    before = stored.key in desk.stories.rulings or (private and _curated_before(stored))
    placed = before or stored.withdrawn
    hits = room.matcher.match(facts)
    muted = room.muter.muted(facts, room.clock()) if hits else ""
    return Curated(
        key=stored.key,
        language=facts.language,
        canonical_url=url,
        sections=facts.sections,
        memberships=() if placed else memberships_of(desk, stored.seq, article, url, given.places, private=private),
        verdicts=tuple(
            publishing.admit(room.config.topics[hit.topic], stored, hit.why, muted=muted, private=private)
            for hit in hits
        ),
        credits=cited,
    )


def _curated_before(stored: StoredItem) -> bool:
    return bool(stored.canonical_url or stored.language)


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


async def admit_past(room: Newsroom, topic: Topic, rules: bytes) -> None:
    """Let the newest stored items that match into a topic that is new or was edited: `backfill` many (R11).

    Those that are in it already are none of them: else a topic with enough news would get nothing.
    rules  the fingerprint of its rules: with the past in it, it goes by them
    """
    keys, hits = await room.store.read(topics.past, topic.id, PAST), []
    room.muter.say(await room.store.read(mutes.in_force, room.clock()))
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        found = {one.key: one for one in await room.store.read(items.by_keys, some)}
        homes = await room.store.read(work.homes, {item.source for item in found.values()})
        batch = [found[key] for key in some if key in found]
        open_to = [one for one in batch if topic.private or not homes[one.source].private]
        known = await knowing(room, some)
        around = beside(room.config, room.ours, some, await room.store.read(cited_in.around, some))
        hits += await asyncio.to_thread(_matching, room, open_to, known, around, topic.id)
        if len(hits) >= topic.backfill:
            break
    await room.store.decide(topics.backfill, topic.id, rules, hits[: topic.backfill], room.clock())


def _matching(
    room: Newsroom, batch: Sequence[StoredItem], known: Knowing, around: Mapping[str, Beside], topic: str
) -> list[tuple[str, Verdict]]:
    """Return the items (by key) that match a topic by the present rules."""
    now = room.clock()
    return [
        (stored.key, Verdict(topic=topic, admitted=True, why=f"backfill after a change of rules: {hit.why}"))
        for stored in batch
        for facts in [facts_now(room, stored, sections_now(room, stored, known), around[stored.key], now)]
        for hit in room.matcher.match(facts)
        if hit.topic == topic and not room.muter.muted(facts, now)
    ]
