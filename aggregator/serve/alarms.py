"""/feeds/_health.atom: our own alarms.

In:    what the store keeps of incidents, and what could not be kept because the store was the trouble.
Out:   the feed, some seconds old; also where the store does not answer, as that is when it is wanted.
Never: names a private source or topic, whoever asks: a proxy on this machine asks as this machine. `status` names them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from aggregator.errors import StoreError
from aggregator.model import Authority, Incident, Site
from aggregator.publish import alarms
from aggregator.serve.answer import Resource, encoded, make_resource
from aggregator.serve.feeds import FEEDS
from aggregator.serve.made import CACHE, Found, Made
from aggregator.serve.shelf import MEDIA_TYPES
from aggregator.store import Store, incidents

HEALTH = f"{FEEDS}_health.atom"  # no topic's: the name of a topic begins with a letter or a digit
LOOKED_AT = 1000  # incidents: many may be of private sources
LISTED = 100


class AlarmFeed:
    """Makes the feed, apart from the loop, which serves on.

    sources, topics  that all may know of
    untold           incidents that the store does not have, the latest first
    """

    def __init__(
        self,
        store: Store,
        site: Site,
        authority: Authority,
        *,
        sources: Callable[[], Collection[str]],
        topics: Callable[[], Collection[str]],
        untold: Callable[[], Sequence[Incident]] = lambda: (),
    ) -> None:
        self._store, self._site, self._authority = store, site, authority
        self._sources, self._topics, self._untold = sources, topics, untold
        self._made = Made(1)
        self._kept: list[Incident] = []  # as the store said last

    async def find(self, path: str) -> Found:
        """Return the feed."""
        return await self._made.get(path, self._feed)

    async def _feed(self) -> Resource:
        with suppress(StoreError):  # what it said last is better than nothing, and its silence is among the untold
            self._kept = await self._store.read(incidents.newest, LOOKED_AT)
        known = {"source": self._sources(), "topic": self._topics()}
        shown = [one for one in (*self._untold(), *self._kept) if one.name in known.get(one.about, ("",))]
        return await asyncio.to_thread(self._made_of, shown[:LISTED])

    def _made_of(self, shown: Sequence[Incident]) -> Resource:
        body = alarms.atom(shown, url=self._site.public_url + HEALTH, site=self._site, authority=self._authority)
        return make_resource(encoded(body), media_type=MEDIA_TYPES["atom"], cache=CACHE, public=True)
