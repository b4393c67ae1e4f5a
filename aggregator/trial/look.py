"""Ask an address, and what it leads to.

In:    a source with its address, and the configuration if there is one.
Out:   a Trial: each answer, and the feeds that a page names.
Never: stores anything, guesses an address unasked, asks a host again within its gap or after it asked to be left alone.

One request for a feed; for a page one more per feed that it names, at most MOST_FEEDS. Where no feed is found, what the
page itself repeats may become a source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator import __version__
from aggregator.clock import Clock
from aggregator.config import Config
from aggregator.config.presets import GAPS
from aggregator.errors import FetchError, ParseError, SourceError
from aggregator.fetch import Client
from aggregator.fetch.challenge import HEAD_BYTES, looks_like_wall
from aggregator.fetch.trouble import challenged
from aggregator.model import Access, Fetched, Parsed, Pause, PollState, Source
from aggregator.parse import Workers
from aggregator.parse.discover import Candidate, Kind, feeds_of, guesses, hubs_of_page, kind_of
from aggregator.parse.encoding import decode_page
from aggregator.parse.flaws import Flaws
from aggregator.parse.hubs import Hubs, announced
from aggregator.parse.propose import proposals
from aggregator.parse.zone import home_zone
from aggregator.pipeline import client_of

MOST_FEEDS = 3  # of a page: most name one feed and its comments, or one feed in several formats
MOST_BYTES = 2_000_000  # of a page that is searched for what it repeats: half a second at worst
_BUSY = {429, 503}  # a host that answers so wants to be left alone
_ABSENT = {404, 410}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One address that was asked, and what came of it."""

    candidate: Candidate
    source: Source  # as which it was asked
    took: timedelta
    fetched: Fetched | None = None
    kind: Kind | None = None  # of the body, if one came
    parsed: Parsed | None = None
    error: SourceError | None = None  # why it is no feed
    hubs: Hubs | None = None  # who would tell of its news, if something came


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All that was found out."""

    asked: tuple[Asked, ...]  # the address that was given, then the feeds of its page
    candidates: tuple[Candidate, ...] = ()  # that its page names

    @property
    def feeds(self) -> tuple[Asked, ...]:
        """Those that can become sources."""
        return tuple(asked for asked in self.asked if asked.parsed)


Say = Callable[[str], None]


async def look(
    source: Source, *, config: Config | None, allow_private: tuple[str, ...], guess: bool, clock: Clock, say: Say
) -> Trial:
    """Ask the source's address; where a page is found, the feeds that it names.

    guess  also ask the usual places, one by one, where no feed is found otherwise
    say    is told of each request before it is made
    """
    pause = config.pause if config else Pause(gaps=GAPS)
    async with _client(config, clock, allow_private) as client, Workers(count=1) as workers:
        asker = _Asker(client=client, workers=workers, clock=clock, pause=pause, say=say)
        first = await asker.ask(Candidate(url=source.url, how="given"), source)
        return await _explored(asker, first, guess=guess)


def _client(config: Config | None, clock: Clock, allow_private: tuple[str, ...]) -> Client:
    if config is None:
        return Client(contact="", version=__version__, allow_private=allow_private, clock=clock)
    return client_of(config, clock, allow_private=allow_private)


def toward(source: Source, url: str) -> Source:
    """Return the source with another address. What may be secret goes to its own origin only."""
    own = urlsplit(source.url)[:2] == urlsplit(url)[:2]
    return replace(source, url=url, access=source.access if own else Access(via=source.access.via))


async def _explored(asker: _Asker, first: Asked, *, guess: bool) -> Trial:
    """Ask what the page names, the best first, until it is enough; then, if wanted, the usual places."""
    if first.parsed:
        return Trial(asked=(first,))
    named = _named(first)
    asked = [first]
    for candidate in named:
        found = any(one.parsed for one in asked)
        if len(asked) > MOST_FEEDS or (found and candidate.how == "anchor"):
            break
        if candidate.how != "refresh":
            asked += await asker.follow(candidate, first.source)
    for candidate in guesses(first.fetched.url if first.fetched else first.source.url) if guess else ():
        if any(one.parsed for one in asked) or not _there(first):
            break
        if candidate.url not in {one.candidate.url for one in asked}:
            asked += await asker.follow(candidate, first.source)
    if first.kind == "HTML" and isinstance(first.error, ParseError) and not any(one.parsed for one in asked):
        asked += await asker.repeated(first)
    return Trial(asked=tuple(asked), candidates=named)


def _named(page: Asked) -> tuple[Candidate, ...]:
    if page.fetched is None or isinstance(page.error, FetchError):  # nothing came, or a bot wall
        return ()
    came = page.fetched
    return feeds_of(came.body or b"", came.url, came.links, content_type=came.content_type)


def _there(asked: Asked) -> bool:
    """Tell whether a site answered, so that its usual places are worth a request."""
    return isinstance(asked.error, ParseError) or (
        isinstance(asked.error, FetchError) and asked.error.status in _ABSENT
    )


@dataclass(slots=True, kw_only=True)
class _Asker:
    """Asks one address after another, and no host more often than is polite."""

    client: Client
    workers: Workers
    clock: Clock
    pause: Pause
    say: Say
    _asked_at: dict[str | None, float] = field(default_factory=dict)  # host -> when, by the loop's clock
    _busy: set[str | None] = field(default_factory=set)  # hosts that asked to be left alone

    async def follow(self, candidate: Candidate, page: Source) -> list[Asked]:
        """Ask what a page names, unless its host does not want it."""
        if (host := urlsplit(candidate.url).hostname) in self._busy:
            self.say(f"not asking {candidate.url}: {host} wants to be left alone")
            return []
        return [await self.ask(candidate, replace(toward(page, candidate.url), select=None))]

    async def repeated(self, page: Asked) -> list[Asked]:
        """Read what a page repeats, by the selectors that are proposed for it. Asks nothing."""
        assert page.fetched is not None
        text = decode_page((page.fetched.body or b"")[:MOST_BYTES], page.fetched.content_type, Flaws())
        candidate = replace(page.candidate, how="page")
        found = []
        for select in proposals(text, now=self.clock()):
            tried = replace(page, candidate=candidate, source=replace(page.source, select=select), error=None)
            read = await self._read(tried, page.fetched)
            found += [read] if read.parsed else []
        return found

    async def ask(self, candidate: Candidate, source: Source) -> Asked:
        """Send one request and read the answer."""
        await self._wait(urlsplit(source.url).hostname)
        self.say(f"asking {source.url}")
        began = self.clock()
        try:
            fetched = await self.client.fetch(source, PollState())
        except SourceError as error:
            if error.kind == "challenged" or (isinstance(error, FetchError) and error.status in _BUSY):
                self._busy.add(urlsplit(source.url).hostname)
            return Asked(candidate=candidate, source=source, took=self.clock() - began, error=error)
        finally:
            self._note(source.url)
        self._note(fetched.url)
        asked = Asked(candidate=candidate, source=source, took=self.clock() - began, fetched=fetched)
        return await self._read(asked, fetched)

    async def _read(self, asked: Asked, fetched: Fetched) -> Asked:
        body, said = fetched.body or b"", fetched.content_type
        kind, source = kind_of(body, said), asked.source
        if kind == "sitemap" and not source.select:
            source = replace(source, sitemap=True)
        asked = replace(asked, kind=kind, source=source)
        if source.select and not source.zone:
            source = replace(source, zone=home_zone(source.url) or "UTC")
        try:
            parsed = await self.workers.parse(body, url=fetched.url, content_type=said, source=source, now=self.clock())
        except ParseError as error:
            if looks_like_wall(body[:HEAD_BYTES]):
                self._busy.add(urlsplit(fetched.url).hostname)
                return replace(asked, error=challenged(fetched.status, fetched.retry_after))
            hubs = hubs_of_page(body, fetched.url, fetched.links, content_type=said)
            return replace(asked, error=error, hubs=hubs)
        feed = announced(parsed.feed, fetched.links, fetched.url)
        return replace(asked, parsed=parsed, hubs=Hubs(hubs=feed.hubs, topic=feed.self_url))

    async def _wait(self, host: str | None) -> None:
        if host in self._asked_at:
            left = (
                self._asked_at[host] + self.pause.gap_of(host or "").total_seconds() - asyncio.get_running_loop().time()
            )
            await asyncio.sleep(max(0.0, left))

    def _note(self, url: str) -> None:
        self._asked_at[urlsplit(url).hostname] = asyncio.get_running_loop().time()
