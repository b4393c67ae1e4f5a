"""/sources and /sources/SOURCE: how the sources stand, when each is polled next, and why then.

In:    what the store knows of the configured sources, read anew when a page is asked for and some seconds old.
Out:   pages.
Never: shows what may be secret (headers, cookies, logins are not in a SourceRow), or asks a source anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import STATES, Site, percentile
from aggregator.publish.page import environment, frame_of
from aggregator.schedule import spoken
from aggregator.serve.answer import Resource, encoded, make_resource
from aggregator.serve.shelf import MEDIA_TYPES, PAGE_HEADERS
from aggregator.store import Store, sources
from aggregator.store.sources import SourceRow

SOURCES = "/sources"
FRESH_S = 5.0  # so long one page is handed out again: readers who reload must not become load on the store
KEPT = 200  # pages
POLLS = 50  # of its log
CACHE = "no-cache"


class SourcePages:
    """Makes the pages, each at most once in FRESH_S, whoever asks meanwhile; apart from the loop, which serves on."""

    def __init__(
        self, store: Store, site: Site, configured: Callable[[], Collection[str]], clock: Callable[[], datetime]
    ) -> None:
        self._store, self._site, self._configured, self._clock = store, site, configured, clock
        self._made: dict[str, tuple[float, asyncio.Task[Resource]]] = {}

    async def find(self, path: str) -> Resource | None:
        """Return the page at a path; None where there is none. Raises StoreError."""
        source = path.removeprefix(SOURCES).removeprefix("/")
        if source and source not in self._configured():
            return None
        now = asyncio.get_running_loop().time()
        made_at, page = self._made.get(source, (now, None))
        if page is None or (page.done() and (now - made_at > FRESH_S or page.exception())):
            page = asyncio.create_task(self._one(source) if source else self._all())
            if len(self._made) >= KEPT:
                self._made.clear()
            self._made[source] = now, page
        return await asyncio.shield(page)  # whoever goes away takes nothing from the others who wait for it

    async def _all(self) -> Resource:
        rows = await self._store.read(sources.every)
        return await asyncio.to_thread(self._table, rows, self._configured())

    def _table(self, stored: Sequence[SourceRow], known: Collection[str]) -> Resource:
        order = {word: place for place, word in enumerate(STATES)}
        rows = sorted((row for row in stored if row.id in known), key=lambda row: (order[row.standing], row.id))
        counts = Counter(row.standing for row in rows)
        return self._page("sources.html", rows=rows, counts=[(word, counts[word]) for word in STATES if counts[word]])

    async def _one(self, source: str) -> Resource:
        shown = await self._store.read(sources.closely, source, POLLS)
        return await asyncio.to_thread(self._page, "source.html", source=source, shown=shown)

    def _page(self, template: str, **facts: Any) -> Resource:
        now = self._clock()
        html = environment("aggregator.serve").get_template(template).render(
            now=now, moment=_moment, away=lambda at: _away(at, now), lag=_lag, **facts, **frame_of(self._site, "en")
        )  # fmt: skip
        return make_resource(encoded(html.encode()), media_type=MEDIA_TYPES["html"], cache=CACHE, more=PAGE_HEADERS)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _away(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    span = at - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {spoken(span)}" if span > timedelta(0) else f"{spoken(-span)} ago"


def _lag(row: SourceRow) -> str:
    found = [percentile(row.state.lags, share) for share in (0.5, 0.9)]
    return " / ".join(spoken(lag) for lag in found if lag is not None)
