"""/stories, /stories/ID and /stories/ID.atom: what several outlets tell of, and why we say that it is the same.

In:    what the store knows of stories, read anew when a page is asked for and some seconds old; configured sources.
Out:   pages, and a feed for each story, at one address: asked for by another of its articles, it is said where.
Never: shows more of an article than its teaser, or anything of a source that is not configured.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from aggregator.dedup import Tellers
from aggregator.model import Authority, Candidate, Membership, Origin, Site, Source, Telling
from aggregator.publish import compose, story
from aggregator.publish.page import Link, frame_of
from aggregator.publish.wording import Wording, wording_for
from aggregator.serve.answer import Resource, encoded, make_resource, moved
from aggregator.serve.made import CACHE, Found, Made, href, page
from aggregator.serve.shelf import MEDIA_TYPES
from aggregator.store import Store, members
from aggregator.store.credits import tellings
from aggregator.store.members import Member, Story, StoryRow

STORIES = "/stories"
LATELY = timedelta(days=3)
LISTED = 50  # stories
MEMBERS = 200  # of one story, the newest; an event has rarely more than forty (docs/reference/stories.md)

_ID = re.compile(r"([0-9a-f]{16})(\.atom)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A story as the list shows it."""

    id: str
    title: str
    language: str
    outlets: int
    items: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article as the page of its story shows it."""

    key: str
    title: Link
    language: str
    outlet: Link
    at: datetime
    how: str
    of: Link | None  # what it was compared with; None where it is the first
    score: float
    words: str  # that both share
    rule: int  # version of the rule that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A member with what the configuration says of its source."""

    member: Member
    origin: Origin
    priority: float


class StoryPages:
    """Makes the pages and feeds, apart from the loop, which serves on."""

    def __init__(
        self,
        store: Store,
        site: Site,
        authority: Authority,
        *,
        sources: Callable[[], Mapping[str, Source]],
        owners: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._site, self._authority, self._clock = store, site, authority, clock
        self._sources, self._owners = sources, owners
        self._made = Made()

    async def find(self, path: str) -> Found:
        """Return what stands at a path. Raises StoreError."""
        if path == STORIES:
            return await self._made.get(path, self._all)
        asked = _ID.fullmatch(path.removeprefix(STORIES + "/"))
        if asked is None:
            return None
        return await self._made.get(path, partial(self._one, asked[1], asked[2] or ""))

    async def _all(self) -> Resource:
        rows = await self._store.read(members.biggest, since=self._clock() - LATELY, limit=LISTED)
        return await asyncio.to_thread(self._list, rows)

    def _list(self, rows: list[StoryRow]) -> Resource:
        return page(
            "stories.html",
            self._site,
            self._clock(),
            language=self._site.language,
            lines=[_line(row, self._site) for row in rows],
            days=LATELY.days,
        )

    async def _one(self, key: str, form: str) -> Found:
        found, sources = await self._store.read(members.closely, key, MEMBERS), self._sources()
        if found is None:
            return None
        tellers = [
            Teller(member=one, origin=compose.origin(source, one.feed), priority=source.priority)
            for one in found.members
            if (source := sources.get(one.stored.source))
        ]
        if not tellers:
            return None
        if found.id != key:
            there = f"{frame_of(self._site)['root']}{STORIES}/{found.id}{form}"
            return moved(there, cache=CACHE, public=bool(form))
        if form:
            return await asyncio.to_thread(self._feed, found, tellers)
        told = [one for one in await self._store.read(tellings, found.id) if one.source in sources]
        return await asyncio.to_thread(self._page, found, tellers, told, sources)

    def _page(
        self, found: Story, tellers: Sequence[Teller], told: Sequence[Telling], sources: Mapping[str, Source]
    ) -> Resource:
        language = tellers[0].member.stored.language or self._site.language
        words = wording_for(language)
        outlets = {one.member.stored.key: one.origin.title for one in tellers}
        who = Tellers(told, sources, self._owners(), words.tellers)
        return page(
            "story.html",
            self._site,
            self._clock(),
            language=language,
            told=[_told(one, outlets, self._site, words) for one in tellers],
            items=found.items,
            first=who.first_teller(),
            independent=who.independent(),
            address=compose.story_url(found.id, self._site),
        )

    def _feed(self, found: Story, tellers: Sequence[Teller]) -> Resource:
        candidates = [
            Candidate(stored=one.member.stored, origin=one.origin, priority=one.priority, story=found.id, sections=())
            for one in tellers
        ]
        body = story.atom(
            found.id,
            candidates,
            sources=self._sources(),
            site=self._site,
            authority=self._authority,
            now=self._clock(),
        )
        return make_resource(encoded(body), media_type=MEDIA_TYPES["atom"], cache=CACHE, public=True)


def _line(row: StoryRow, site: Site) -> Line:
    return Line(
        id=row.id,
        title=compose.title_of(row.first),
        language=row.first.language or site.language,
        outlets=row.outlets,
        items=row.items,
        since=row.first.sort_at,
    )


def _told(one: Teller, outlets: Mapping[str, str], site: Site, words: Wording) -> Told:
    """Return a line of the page. outlets: of the articles on it, by key."""
    stored, place = one.member.stored, one.member.place
    return Told(
        key=stored.key,
        title=Link(label=compose.title_of(stored), href=href(stored.item.link)),
        language=stored.language or site.language,
        outlet=Link(label=one.origin.title, href=href(one.origin.home)),
        at=stored.sort_at,
        how=words.like.get(place.method, place.method),
        of=_compared(place, outlets, words),
        score=place.score,
        words=", ".join(place.evidence.split()) if place.method == "alike" else "",
        rule=place.rule,
    )


def _compared(place: Membership, outlets: Mapping[str, str], words: Wording) -> Link | None:
    """Return what an article was compared with, a place on the same page; None for the first, which was not."""
    if place.of == place.item:
        return None
    if place.of not in outlets:
        return Link(label=words.not_shown, href=None)
    return Link(label=outlets[place.of], href=f"#{place.of}")
