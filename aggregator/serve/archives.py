"""/feeds/TOPIC/archive/YYYYMMDD.atom: what entered a topic on a day, for whoever wants more than its document shows.

In:    a path, the ledger; topics and sources as configured.
Out:   the archive of a day that is over (RFC 5005), made when it is asked for and some seconds old.
Never: an archive of a private topic, or of a day on which nothing entered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from aggregator.model import Authority, Delivery, Site, Source, Topic
from aggregator.publish import archive
from aggregator.publish.page import frame_of
from aggregator.publish.rights import rights_of
from aggregator.serve.answer import Resource, encoded, make_resource, moved
from aggregator.serve.feeds import FEEDS, named_now
from aggregator.serve.made import Found, Made
from aggregator.serve.shelf import MEDIA_TYPES, STALE
from aggregator.store import Store, deliveries, topics

CACHE = f"public, max-age=900, {STALE}"  # it changes where a publisher edits or withdraws, and rarely then
_PATH = re.compile(rf"{FEEDS}([a-z0-9][a-z0-9-]*)/archive/([0-9]{{8}})\.atom")


def is_archive(path: str) -> bool:
    """Whether a path that begins with FEEDS is that of an archive."""
    return "/archive/" in path


class Archives:
    """Makes archives, apart from the loop, which serves on."""

    def __init__(
        self,
        store: Store,
        site: Site,
        authority: Authority,
        *,
        topics: Callable[[], Mapping[str, Topic]],
        sources: Callable[[], Mapping[str, Source]],
    ) -> None:
        self._store, self._site, self._authority, self._topics, self._sources = store, site, authority, topics, sources
        self._made = Made()

    async def find(self, path: str) -> Found:
        """Return what stands at a path. Raises StoreError."""
        asked = _PATH.fullmatch(path)
        day = asked and _day(asked[2])
        if not (asked and day):
            return None
        if asked[1] not in self._topics() and (named := named_now(asked[1], self._topics())):
            there = f"{frame_of(self._site)['root']}{FEEDS}{named.id}/archive/{asked[2]}.atom"
            return None if named.private else moved(there, cache=CACHE, public=True)
        topic = self._topics().get(asked[1])
        if topic is None or topic.private:
            return None
        return await self._made.get(path, partial(self._one, topic, day))

    async def _one(self, topic: Topic, day: date) -> Found:
        before, behind = await self._beside(topic, day)
        rows = await self._store.read(deliveries.entered_within, topic.id, *archive.span(day))
        state = await self._store.read(topics.state_of, topic.id)
        if state is None or behind is None or not rows:  # a day is over when something entered on a later one
            return None
        _, later = await self._beside(topic, behind)
        days = archive.Days(day=day, before=before, behind=behind if later else None)
        return await asyncio.to_thread(self._document, topic, rows, days, state.minted_as or topic.id)

    async def _beside(self, topic: Topic, day: date) -> tuple[date | None, date | None]:
        """Return the days before and behind this one on which something entered."""
        before, behind = await self._store.read(deliveries.entered_beside, topic.id, *archive.span(day))
        return before and before.date(), behind and behind.date()

    def _document(self, topic: Topic, rows: Sequence[Delivery], days: archive.Days, minted_as: str) -> Resource:
        id_ = self._authority.entry_id(f"topic:{minted_as}")
        body = archive.document(rows, days, rights_of(topic, self._sources()), id_=id_, site=self._site)
        return make_resource(encoded(body), media_type=MEDIA_TYPES["atom"], cache=CACHE, public=True)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
