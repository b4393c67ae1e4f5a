"""/items/ID, /items/ID/diff and /feeds/_edits.atom: an item, and what its publisher changed in it.

In:    what the store knows of items, read anew when a page is asked for and some seconds old; configured sources.
Out:   pages, and the feed of edits.
Never: shows more of an article than its teaser and what was changed, or what is private, withdrawn or not configured.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from aggregator.model import Authority, Origin, Section, Site, Source, StoredItem, Topic
from aggregator.publish import compose, edits
from aggregator.publish.changes import WORDS, Passage
from aggregator.publish.edits import Edit
from aggregator.publish.page import Link
from aggregator.serve.answer import Answer, Resource, encoded, make_resource
from aggregator.serve.feeds import FEEDS
from aggregator.serve.made import CACHE, Found, Made, href, page
from aggregator.serve.pages import problems
from aggregator.serve.shelf import MEDIA_TYPES
from aggregator.store import Store, items, members, retention, revisions, topics
from aggregator.store.revisions import History

ITEMS = "/items"
EDITS = f"{FEEDS}_edits.atom"  # no topic's: the name of a topic begins with a letter or a digit
LATELY = timedelta(days=14)
LISTED = 100  # edits
LOOKED_AT = 500  # changes, the newest: so many are read for the feed, and most are of a few words or of none
KEPT = 20  # pages: all that a publisher rewrote twenty times is megabytes

_ADDRESS = re.compile(r"/items/([0-9a-f]{16})(/diff)?")

_QUOTES = re.compile("(text|lead) «.*»")  # to the last of its marks: a text has such marks, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item that may be shown, with where it comes from."""

    stored: StoredItem
    origin: Origin
    edits: Sequence[Edit]  # oldest first; what they changed need not be visible
    quoted: bool  # reasons may quote its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An item as the head of its pages shows it: plain text and web addresses only."""

    key: str
    title: str
    language: str
    outlet: Link
    original: str | None
    published: datetime | None
    updated: datetime | None
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An edit as a page shows it."""

    at: datetime
    since: datetime | None  # of the version before
    title: tuple[Passage, ...]
    text: tuple[Passage, ...]
    cut: bool


class ItemPages:
    """Makes the pages and the feed, apart from the loop, which serves on."""

    def __init__(
        self,
        store: Store,
        site: Site,
        authority: Authority,
        *,
        sources: Callable[[], Mapping[str, Source]],
        topics: Callable[[], Mapping[str, Topic]],
        sections: Callable[[], Mapping[str, Section]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._site, self._authority, self._clock = store, site, authority, clock
        self._sources, self._topics, self._sections = sources, topics, sections
        self._made, self._feeds = Made(KEPT), Made(1)
        self._gone = problems(site)[410]
        self._judged: dict[object, bytes | None] = {}  # edits, when the feed was made last: each is compared once

    async def find(self, path: str) -> Found:
        """Return what stands at a path, 410 for what is withdrawn (R8) or pruned; None: nothing. Raises StoreError."""
        if path == EDITS:
            return await self._feeds.get(path, self._feed)
        asked = _ADDRESS.fullmatch(path)
        if asked is None:
            return None
        return await self._made.get(path, partial(self._diff if asked[2] else self._item, asked[1]))

    def _shown(self, found: Iterable[History | None]) -> list[Shown]:
        """Return what may be shown of what the store knows: all that we show of items has come through here."""
        sources = self._sources()
        return [
            _shown(one, source)
            for one in found
            if one and (source := sources.get(one.stored.source)) and not source.private
        ]

    async def _one(self, key: str) -> Shown | Answer | None:
        found = await self._store.read(revisions.closely, key)
        if found is None:  # it may have been pruned: whoever has its address shall forget it
            source = await self._store.read(retention.source_of, key)
            return self._gone if source in self._sources() else None
        shown = next(iter(self._shown([found])), None)
        return self._gone if shown and shown.stored.withdrawn else shown

    async def _item(self, key: str) -> Found:
        shown = await self._one(key)
        if not isinstance(shown, Shown):
            return shown
        story = await self._store.read(members.told_in, key)
        tagged = await self._store.read(items.sections_of, key)
        verdicts = [one.verdict for one in await self._store.read(topics.verdicts_of, key)]
        known = {id_: topic for id_, topic in self._topics().items() if not topic.private}
        sections, said = self._sections(), str if shown.quoted else _unquoted
        facts = {
            "story": story,
            "sections": [(sections[one.section].title, said(one.why)) for one in tagged if one.section in sections],
            "topics": [(known[one.topic], said(one.why)) for one in verdicts if one.admitted and one.topic in known],
        }
        return await asyncio.to_thread(self._told, shown, facts)

    def _told(self, shown: Shown, facts: Mapping[str, object]) -> Resource:
        edited = [edit.at for edit in reversed(shown.edits) if edits.is_visible(edit)]
        return self._page("item.html", shown, teaser=compose.teaser(shown.stored.item), edited=edited, **facts)

    async def _diff(self, key: str) -> Found:
        shown = await self._one(key)
        return await asyncio.to_thread(self._compared, shown) if isinstance(shown, Shown) else shown

    def _compared(self, shown: Shown) -> Resource:
        changed = [_changed(edit) for edit in reversed(shown.edits) if edits.is_visible(edit)]
        return self._page("diff.html", shown, changed=changed, most=WORDS)

    def _page(self, template: str, shown: Shown, **facts: object) -> Resource:
        language = shown.stored.language or self._site.language
        head = _head(shown, language)
        return page(template, self._site, self._clock(), language=language, item=head, **facts)

    async def _feed(self) -> Resource:
        found = await self._store.read(revisions.lately, LOOKED_AT)
        return await asyncio.to_thread(self._newest, [one for one in self._shown(found) if not one.stored.withdrawn])

    def _newest(self, shown: Iterable[Shown]) -> Resource:
        since = self._clock() - LATELY
        edited = [(edit, one) for one in shown for edit in one.edits if edit.at >= since]
        edited.sort(key=lambda pair: (pair[0].at, pair[1].stored.key), reverse=True)
        before, self._judged, listed = self._judged, {}, []
        for edit, one in edited:
            origin = replace(one.origin, updated=None)
            known_by = edit.at, edit.after.sha256, one.stored.key, one.stored.language, origin
            entry = before[known_by] if known_by in before else self._entry(edit, one.stored, origin)
            self._judged[known_by] = entry
            if entry:
                listed.append((edit.at, entry))
            if len(listed) == LISTED:
                break
        url = self._site.public_url + EDITS
        body = edits.atom(listed, url=url, site=self._site, authority=self._authority)
        return make_resource(encoded(body), media_type=MEDIA_TYPES["atom"], cache=CACHE, public=True)

    def _entry(self, edit: Edit, stored: StoredItem, origin: Origin) -> bytes | None:
        if not edits.is_substantial(edit):
            return None
        return edits.entry(edit, stored, origin, site=self._site, authority=self._authority)


def _shown(found: History, source: Source) -> Shown:
    """Return an item with where it comes from, without its texts where its source lets its title be shown alone."""
    stored, versions = found.stored, found.versions
    if source.republish == "link":
        stored = replace(stored, item=replace(stored.item, summary="", content=""), full_text="")
        versions = tuple(replace(one, text="") for one in versions)
    return Shown(
        stored=stored,
        origin=compose.origin(source, found.feed),
        edits=edits.edits_of(versions),
        quoted=source.republish != "link",
    )


def _unquoted(why: str) -> str:
    """Return a reason without what it quotes of a text; a title may be shown."""
    return _QUOTES.sub(r"\1", why)


def _head(shown: Shown, language: str) -> Head:
    stored = shown.stored
    return Head(
        key=stored.key,
        title=compose.title_of(stored),
        language=language,
        outlet=Link(label=shown.origin.title, href=href(shown.origin.home)),
        original=href(stored.item.link),
        published=stored.item.published,
        updated=stored.item.updated,
        seen=stored.first_seen_at,
    )


def _changed(edit: Edit) -> Changed:
    title, text = edit.title, edit.text
    return Changed(
        at=edit.at,
        since=edit.before.since,
        title=title.passages,
        text=text.passages,
        cut=title.cut or text.cut,
    )
