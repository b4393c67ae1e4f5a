"""/search?q= and /search.atom?q=: what a query finds in all that is stored, as a page and as a feed.

In:    a query as somebody typed it; the store, the configuration.
Out:   a page and a feed, some seconds old; what is wrong with a query and where.
Never: finds what is private, withdrawn or configured no more; searches more than a few at once, or for long.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from aggregator import text
from aggregator.config import Config
from aggregator.errors import QueryError
from aggregator.model import Authority, Candidate, Site
from aggregator.pipeline import Archive, Bounds, Hit, Results
from aggregator.publish import compose, searched, story
from aggregator.publish.compose import Entry
from aggregator.publish.page import Link, environment, frame_of, web
from aggregator.publish.search_words import search_words_for
from aggregator.publish.searched import Piece, marked
from aggregator.query import Query, Sought
from aggregator.serve.answer import Answer, Headers, Resource, encoded, make_resource
from aggregator.serve.made import CACHE, Found, Made
from aggregator.serve.pages import RETRY_AFTER_S
from aggregator.serve.shelf import CACHE as FEED_CACHE
from aggregator.serve.shelf import MEDIA_TYPES, PAGE_HEADERS, POLICY
from aggregator.store import Store, work

SEARCH, SEARCH_FEED = "/search", "/search.atom"
LISTED = 25  # items on a page
PAGES = 20  # who looks further asks for something rarer
FED = 50  # entries of a feed
LONGEST, WORDS = 500, 30  # characters and words of a query: to inflect a word that no dictionary has takes 7 ms
MOST_ASKED = 4_000  # bytes behind the question mark: so long a query in Cyrillic, each letter as %D0%B0
BOUNDS = Bounds(items=5_000, seconds=1.0)
# Each search has one of the store's four readers and a good part of a core; private feeds and pages need the others.
AT_ONCE = 2
WAITING = 6  # more are told to come again
KEPT = 50  # pages and feeds
# The one page of ours with a form.
FORM_HEADERS: Headers = [
    (name, value.replace(b"form-action 'none'", b"form-action 'self'") if value == POLICY else value)
    for name, value in PAGE_HEADERS
]
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")  # what XML or PostgreSQL refuse
_PAGE = re.compile("[1-9][0-9]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item as the page shows it: plain text and web addresses only."""

    key: str
    title: Sequence[Piece]
    href: str | None
    language: str
    outlet: Link
    at: datetime
    teaser: Sequence[Piece]
    why: Sequence[Piece]


class Busy(Exception):
    """More search at this moment than may wait."""


class SearchPages:
    """Makes the page and the feed, apart from the loop, which serves on."""

    def __init__(
        self,
        store: Store,
        site: Site,
        authority: Authority,
        *,
        config: Callable[[], Config],
        clock: Callable[[], datetime],
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._store, self._site, self._authority = store, site, authority
        self._config, self._clock, self._bounds = config, clock, bounds
        self._words = search_words_for(site.language)
        self._pages = Made(KEPT)
        self._archive: tuple[Config, Archive] | None = None
        self._free, self._under_way = asyncio.Semaphore(AT_ONCE), 0

    async def find(self, asked: str) -> Found:
        """Return what stands at a path with its query string. Raises StoreError."""
        path, _, query_string = asked.partition("?")
        feed = path == SEARCH_FEED
        if self._archive and self._archive[0] is not self._config():  # what was found may be private by now
            self._pages, self._archive = Made(KEPT), None
        if len(query_string) > MOST_ASKED:
            return self._refused(HTTPStatus.REQUEST_URI_TOO_LONG, self._words.too_long.format(LONGEST, WORDS))
        fields = parse_qs(query_string, errors="replace")
        said = " ".join(_UNSEEN.sub(" ", fields.get("q", [""])[0]).split())
        number = fields.get("page", ["1"])[0]
        if wrong := self._wrong(said, number, feed=feed):
            return self._refused(HTTPStatus.BAD_REQUEST, wrong, said[:LONGEST])
        if not said:
            return self._shown()
        make = partial(self._feed, said) if feed else partial(self._page, said, int(number))
        try:
            return await self._pages.get(f"{path} {number} {said}", partial(self._in_turn, make))
        except Busy:
            return self._refused(HTTPStatus.SERVICE_UNAVAILABLE, self._words.busy, said)

    def _wrong(self, said: str, number: str, *, feed: bool) -> str:
        """Return what is wrong with what was asked, before it is read; "" if nothing is."""
        if len(said) > LONGEST or len(text.tokens(said)) > WORDS:
            return self._words.too_long.format(LONGEST, WORDS)
        if not _PAGE.fullmatch(number) or int(number) > PAGES:
            return self._words.no_page.format(PAGES)
        return self._words.no_query if feed and not said else ""

    async def _in_turn(self, make: Callable[[], Found]) -> Found:
        if self._under_way >= AT_ONCE + WAITING:
            raise Busy
        self._under_way += 1
        try:
            async with self._free:
                return await asyncio.to_thread(make)
        finally:
            self._under_way -= 1

    def _open(self) -> Archive:
        config, known = self._config(), self._archive
        if known is None or known[0] is not config:
            self._archive = known = config, Archive(self._store, config, public=True)
        return known[1]

    def _page(self, said: str, number: int) -> Found:
        archive = self._open()
        try:
            query = archive.asked(said)
        except QueryError as error:
            return self._mistaken(said, error)
        before = (number - 1) * LISTED
        results = archive.search(query, LISTED, now=self._clock(), skip=before, bounds=self._bounds)
        looked_for = archive.sought(query)
        pairs = zip(results.hits, self._entries(archive, results), strict=True)
        return self._shown(
            said,
            lines=[_line(hit, entry, looked_for) for hit, entry in pairs],
            results=results,
            before=before,
            number=number,
            last=PAGES,
            address=searched.search_url(query.text, self._site, feed=True),
        )

    def _feed(self, said: str) -> Found:
        archive = self._open()
        try:
            query: Query = archive.asked(said)
        except QueryError as error:
            return self._mistaken(said, error)
        results = archive.search(query, FED, now=self._clock(), bounds=self._bounds)
        body = searched.atom(query.text, self._entries(archive, results), site=self._site, authority=self._authority)
        return make_resource(encoded(body), media_type=MEDIA_TYPES["atom"], cache=FEED_CACHE, public=True)

    def _entries(self, archive: Archive, results: Results) -> list[Entry]:
        found, sources = [hit.kept for hit in results.hits], archive.sources
        homes = self._store.read_now(work.homes, {one.stored.source for one in found})
        now, entries = self._clock(), []
        for one in found:
            source = sources[one.stored.source]
            origin = compose.origin(source, homes[source.id].feed)
            candidate = Candidate(
                stored=one.stored, origin=origin, priority=source.priority, story=None, sections=one.sections
            )
            entries.append(story.teased(candidate, sources, self._site.language, self._authority, now))
        return entries

    def _mistaken(self, said: str, error: QueryError) -> Answer:
        at = min(error.column - 1, len(said))
        return self._refused(HTTPStatus.BAD_REQUEST, error.problem, said, hint=error.hint, place=(said[:at], said[at:]))

    def _refused(self, status: HTTPStatus, problem: str, said: str = "", **more: Any) -> Answer:
        body = self._rendered(said, problem=problem, status=status, **more)
        headers: Headers = [
            (b"content-type", MEDIA_TYPES["html"].encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *FORM_HEADERS,
        ]
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append((b"retry-after", RETRY_AFTER_S))
        return Answer(status=status, headers=headers, body=body)

    def _shown(self, said: str = "", **facts: Any) -> Resource:
        body = self._rendered(said, **facts)
        return make_resource(encoded(body), media_type=MEDIA_TYPES["html"], cache=CACHE, more=FORM_HEADERS)

    def _rendered(self, said: str, **facts: Any) -> bytes:
        """Return the page. said: what stands in its box."""
        blank = {"results": None, "problem": "", "hint": "", "place": None, "address": None}
        page = environment("aggregator.serve").get_template("search.html")
        return page.render(
            **frame_of(self._site), said=said, say=self._words, longest=LONGEST, **(blank | facts)
        ).encode()


def _line(hit: Hit, entry: Entry, looked_for: Sequence[Sought]) -> Line:
    stored, teaser = hit.kept.stored, compose.teaser(entry)
    return Line(
        key=stored.key,
        title=marked(entry.title, looked_for),
        href=web(entry.link),
        language=stored.language or "",
        outlet=Link(label=entry.origin.title, href=web(entry.origin.home)),
        at=entry.published,
        teaser=[] if teaser == entry.title else marked(teaser, looked_for),
        why=_quoted(hit.why, looked_for),
    )


def _quoted(why: str, looked_for: Sequence[Sought]) -> list[Piece]:
    """Return a reason with the words marked in what it quotes, and not where it says what was looked for."""
    said, sign, quoted = why.partition("«")
    return [Piece(said, found=False), *marked(sign + quoted, looked_for)] if said else []
