"""/sources and /sources/SOURCE: how the sources stand, when each is polled next, and why then.

In:    what the store knows of the configured sources, but for private ones; read anew when a page is asked for, and
       some seconds old.
Out:   pages.
Never: shows what may be secret (headers, cookies, logins are not in a SourceRow), or asks a source anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from heapq import nsmallest
from typing import Any

from aggregator.model import HELD, STATES, Site, Standing, percentile
from aggregator.schedule import spoken
from aggregator.serve.answer import Resource
from aggregator.serve.made import Found, Made, page
from aggregator.store import Store, sources
from aggregator.store.sources import SourceRow
from aggregator.urls import public

SOURCES = "/sources"
POLLS = 50  # of its log
MOST = 1000  # sources on one page: with ten times as many it would be made for seconds, and weigh megabytes


class SourcePages:
    """Makes the pages, apart from the loop, which serves on."""

    def __init__(
        self, store: Store, site: Site, configured: Callable[[], Collection[str]], clock: Callable[[], datetime]
    ) -> None:
        self._store, self._site, self._configured, self._clock = store, site, configured, clock
        self._made = Made()

    async def find(self, path: str) -> Found:
        """Return the page at a path; None where there is none. Raises StoreError."""
        source = path.removeprefix(SOURCES).removeprefix("/")
        if source and source not in self._configured():
            return None
        return await self._made.get(path, partial(self._one, source) if source else self._all)

    async def _all(self) -> Resource:
        troubled, known = await self._store.read(sources.troubled), self._configured()
        names = await asyncio.to_thread(_worst, troubled, known)
        rows = await self._store.read(sources.some, names)
        return await asyncio.to_thread(self._table, rows, troubled, known)

    def _table(self, rows: Sequence[SourceRow], troubled: Mapping[str, Standing], known: Collection[str]) -> Resource:
        counts = Counter(state for name, state in troubled.items() if name in known)
        counts["well"] = len(known) - counts.total()
        shown = [(word, counts[word]) for word in STATES if counts[word]]
        return self._page("sources.html", rows=rows, counts=shown, more=len(known) - len(rows))

    async def _one(self, source: str) -> Resource:
        shown = await self._store.read(sources.closely, source, POLLS)
        return await asyncio.to_thread(self._page, "source.html", source=source, shown=shown)

    def _page(self, template: str, **facts: Any) -> Resource:
        return page(template, self._site, self._clock(), lag=_lag, public=public, HELD=HELD, **facts)


def _worst(troubled: Mapping[str, Standing], known: Collection[str]) -> list[str]:
    """Return the names of those of these sources that the page has room for: the worst first, then by name."""
    order = {word: place for place, word in enumerate(STATES)}
    return nsmallest(MOST, known, key=lambda name: (order[troubled.get(name, "well")], name))


def _lag(row: SourceRow) -> str:
    found = [percentile(row.state.lags, share) for share in (0.5, 0.9)]
    return " / ".join(spoken(lag) for lag in found if lag is not None)
