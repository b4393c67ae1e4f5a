"""Pages that are made from the store when somebody asks.

In:    the path of a page, and how it is made.
Out:   the page, some seconds old.
Never: makes a page twice at once, or keeps one that could not be made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import Site
from aggregator.publish.page import environment, frame_of, web
from aggregator.schedule import spoken
from aggregator.serve.answer import Answer, Resource, encoded, make_resource
from aggregator.serve.shelf import MEDIA_TYPES, PAGE_HEADERS
from aggregator.urls import ascii_only

FRESH_S = 5.0  # so long one page is handed out again: readers who reload must not become load on the store
KEPT = 200  # pages
CACHE = "no-cache"

Found = Resource | Answer | None  # a page, or where it stands; None where there is nothing
Making = Callable[[], Coroutine[Any, Any, Found]]


class Made:
    """Each page made at most once in FRESH_S, whoever asks meanwhile."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._made: dict[str, tuple[float, asyncio.Task[Found]]] = {}

    async def get(self, path: str, make: Making) -> Found:
        """Return what stands at a path. Raises what making it raises."""
        now = asyncio.get_running_loop().time()
        made_at, page = self._made.get(path, (now, None))
        if page is None or (page.done() and (now - made_at > FRESH_S or page.exception())):
            page = asyncio.create_task(make())
            if len(self._made) >= self._kept:
                self._made.clear()
            self._made[path] = now, page
        return await asyncio.shield(page)  # whoever goes away takes nothing from the others who wait for it


def page(template: str, site: Site, now: datetime, *, language: str = "en", **facts: Any) -> Resource:
    """Return a page for whoever looks after this place, in English if nothing else is said. It can say moments."""
    html = environment("aggregator.serve").get_template(template).render(
        now=now, moment=_moment, away=lambda at: _away(at, now), **facts, **frame_of(site, language)
    )  # fmt: skip
    return make_resource(encoded(html.encode()), media_type=MEDIA_TYPES["html"], cache=CACHE, more=PAGE_HEADERS)


def href(url: str | None) -> str | None:
    """Return what a publisher calls an address as a link can have it; None if that is no address of the web."""
    return web(ascii_only(url)) if url else None


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _away(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    span = at - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {spoken(span)}" if span > timedelta(0) else f"{spoken(-span)} ago"
