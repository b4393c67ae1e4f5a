"""/, /api/v1/topics, /opml/topics and /opml/sources: what there is to subscribe to, and what it is made of.

In:    the shelf's holdings, what the store knows of topics and sources, the configuration.
Out:   a page, JSON, OPML: made once and kept until something changed or some seconds are over.
Never: names a private topic or source; leaves readers without an index because the store does not answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from aggregator.errors import StoreError
from aggregator.model import Feed, Site, Source, Topic
from aggregator.publish import compose, opml
from aggregator.publish.page import Link, environment, frame_of, subscriptions
from aggregator.serve.answer import Resource, encoded, make_resource
from aggregator.serve.made import Found, Made
from aggregator.serve.shelf import CACHE, MEDIA_TYPES, PAGE_HEADERS, Shelf
from aggregator.store import Store, sources, topics

INDEX, API, OPML, SOURCES_OPML = "/", "/api/v1/topics", "/opml/topics", "/opml/sources"
PATHS = (INDEX, API, OPML, SOURCES_OPML)
LATELY = timedelta(hours=24)
JSON_TYPE = "application/json; charset=utf-8"
OPML_TYPE = "text/x-opml; charset=utf-8"
KEPT = 8  # twice as many as there are: of two moments

Known = Mapping[str, topics.Listed]  # by topic; empty where the store does not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A topic as the index shows it."""

    topic: Topic
    entries: int
    lately: int | None  # of them came in the last 24 hours; None: nobody knows
    changed: datetime | None  # None: not published yet
    well: bool
    subscriptions: list[Link]


class Lists:
    """Makes the lists, apart from the loop, which serves on."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        site: Site,
        *,
        topics: Callable[[], Mapping[str, Topic]],
        sources: Callable[[], Mapping[str, Source]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._shelf, self._site, self._clock = store, shelf, site, clock
        self._topics, self._sources = topics, sources
        self._made = Made(KEPT)
        self._made_of: tuple[int, Mapping[str, Topic], Mapping[str, Source]] | None = None

    async def find(self, path: str) -> Found:
        """Return what stands at one of PATHS. Raises StoreError where only the store knows."""
        made_of = (self._shelf.version, dict(self._topics()), dict(self._sources()))
        if made_of != self._made_of:  # at once, and not after some seconds: what became private is named no more
            self._made, self._made_of = Made(KEPT), made_of
        return await self._made.get(path, partial(self._make, path))

    async def _make(self, path: str) -> Resource:
        if path == SOURCES_OPML:
            known = await self._store.read(sources.listed)
            return await asyncio.to_thread(_sources_opml, self._sources(), known, self._site)
        return await asyncio.to_thread(MAKERS[path], self._topics(), self._shelf, self._site, await self._known())

    async def _known(self) -> Known:
        try:
            return await self._store.read(topics.listed, self._clock() - LATELY)
        except StoreError:
            return {}


def index(configured: Mapping[str, Topic], shelf: Shelf, site: Site, known: Known) -> Resource:
    """Return the page that lists those of these topics that all may know of."""
    lines = _lines(configured, shelf, site, known)
    page = environment("aggregator.serve").get_template("index.html").render(lines=lines, **frame_of(site))
    return make_resource(encoded(page.encode()), media_type=MEDIA_TYPES["html"], cache=CACHE, more=PAGE_HEADERS)


def api(configured: Mapping[str, Topic], shelf: Shelf, site: Site, known: Known) -> Resource:
    """Return the same for programs."""
    listed = [_told(line, site) for line in _lines(configured, shelf, site, known)]
    body = json.dumps({"title": site.title, "topics": listed}, ensure_ascii=False, indent=1).encode() + b"\n"
    return make_resource(encoded(body), media_type=JSON_TYPE, cache=CACHE, public=True)


def topics_opml(configured: Mapping[str, Topic], _: Shelf, site: Site, known: Known) -> Resource:
    """Return the same for feed readers."""
    return _opml(topics_document(configured, known, site))


def topics_document(configured: Mapping[str, Topic], known: Known, site: Site) -> bytes:
    """Return these topics as OPML. It was modified when the newest of them came to be."""
    shown = [topic for topic in configured.values() if not topic.private]
    modified = max((known[topic.id].created_at for topic in shown if topic.id in known), default=None)
    return opml.document(site.title, opml.of_topics(shown, site), modified=modified)


def sources_document(configured: Mapping[str, Source], known: Mapping[str, sources.Listed], site: Site) -> bytes:
    """Return these sources as OPML. It was modified when the newest of them came to be."""
    shown = [source for source in configured.values() if not source.private]
    modified = max((known[source.id].added_at for source in shown if source.id in known), default=None)
    told = {id_: one.feed or Feed() for id_, one in known.items()}
    return opml.document(site.title, opml.of_sources(shown, told), modified=modified)


MAKERS = {INDEX: index, API: api, OPML: topics_opml}


def _sources_opml(configured: Mapping[str, Source], known: Mapping[str, sources.Listed], site: Site) -> Resource:
    return _opml(sources_document(configured, known, site))


def _opml(body: bytes) -> Resource:
    return make_resource(encoded(body), media_type=OPML_TYPE, cache=CACHE, public=True)


def _lines(configured: Mapping[str, Topic], shelf: Shelf, site: Site, known: Known) -> list[Line]:
    return [_line(topic, shelf, site, known) for topic in configured.values() if not topic.private]


def _line(topic: Topic, shelf: Shelf, site: Site, known: Known) -> Line:
    holding, listed = shelf.holding(topic.id), known.get(topic.id)
    return Line(
        topic=topic,
        entries=holding.entries if holding else 0,
        lately=listed.lately if listed else None,
        changed=holding.last_modified if holding else None,
        well=listed is None or listed.well,
        subscriptions=subscriptions(topic, site),
    )


def _told(line: Line, site: Site) -> dict[str, object]:
    topic = line.topic
    return {
        "id": topic.id,
        "title": topic.title,
        "description": topic.description,
        "language": topic.language or site.language,
        "page": compose.page_url(topic, site),
        "feeds": {kind: compose.feed_url(topic, kind, site) for kind in ("atom", "rss", "json")},
        "state": "waiting" if line.changed is None else "well" if line.well else "flawed",
        "entries": line.entries,
        "entries_24h": line.lately,
        "changed": line.changed.isoformat() if line.changed else None,
    }
