"""Full texts: the pages behind a source's new items, where a person asks for them.

In:    the pages of one poll's new items, and those that earlier polls left.
Out:   what came of each: its article, or when to ask for it again, if at all; flaws for those that were not had.
Never: costs the poll anything: whatever goes wrong is a flaw. Never asked on first contact, of old items, against a
       robots.txt, or faster than a host's gap.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.errors import FetchError, ParseError
from aggregator.fetch import Client, robots
from aggregator.fetch.share import Share
from aggregator.model import GONE, Article, Change, Fetched, Flaw, Pause, PollOutcome, Source, StoredItem
from aggregator.model.item import sort_at
from aggregator.parse import Workers

MOST = 10  # pages a poll; with the gap between them, half a minute
DEADLINE = timedelta(seconds=45)  # for all of them: the lease of a poll has room for it beside its other requests
YOUNG = timedelta(days=2)  # whose page was not had by then, is no news any more
PAGE_GONE = "its page is gone: 410"
LAST = 5  # pages of a source by which it is judged whether its host means it, and does not say 410 to every program
_AGAIN = timedelta(hours=6)  # after a failure that may pass: with YOUNG a page is asked for eight times at most
_FRESH = timedelta(days=1)  # RFC 9309, section 2.4
_HOSTS = 1000  # whose rules are remembered
_ACCEPT = "text/html,application/xhtml+xml"
_UNWELCOME = {403, 429, 503}
_SERVER_ERROR = 500
_STOPPED = "full-text-stopped"
_PASSING = {"timeout", "dns", "connect", "tls"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is wanted."""

    key: str  # of the item that links to it
    url: str
    title: str  # of the item
    at: datetime  # where the item stands in time


@dataclass(slots=True, kw_only=True)
class _Host:
    """What is known of one host."""

    rules: robots.Rules = robots.ALL
    read_at: datetime | None = None
    shut_until: datetime | None = None  # it did not want its pages fetched
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Robots:
    """The rules of hosts, by origin and by the name we go by; the least recently used are forgotten."""

    hosts: OrderedDict[tuple[str, str], _Host] = field(default_factory=OrderedDict)

    def of(self, origin: str, name: str) -> _Host:
        """Return what is known, which may be nothing."""
        host = self.hosts.pop((origin, name), None) or _Host()
        self.hosts[origin, name] = host
        while len(self.hosts) > _HOSTS:
            self.hosts.popitem(last=False)
        return host


def pages(outcome: PollOutcome, waiting: Sequence[StoredItem]) -> list[Page]:
    """Return the pages of a poll's new items, no history among them, and those of the items that wait."""
    new = (change for change in outcome.changes if change.kind == "new" and change.held != "drift")
    news = [change for change in new if change.arrival == "live"]
    return [
        *(_page_of(change.key, change, sort_at(change.item.published, change.ahead, outcome.at)) for change in news),
        *(_page_of(stored.key, stored, stored.sort_at) for stored in waiting),
    ]


def _page_of(key: str, of: Change | StoredItem, at: datetime) -> Page:
    return Page(key=key, url=of.item.link or "", title=of.item.title, at=at)


def believed(
    came: tuple[Article, ...], before: Sequence[bool], now: datetime
) -> tuple[tuple[Article, ...], tuple[Flaw, ...]]:
    """Return what came; where several pages are gone, and most of the last ones, they are asked for again, with a flaw.

    came    some of it gone
    before  of the pages that were asked for at earlier polls: whether they were gone, the last first
    What is withdrawn never comes back (R10), and there are hosts that say 410 to whatever they take for a robot.
    """
    answers = [article.gone for article in came if article.due_at is None]
    answers += before[: max(LAST - len(answers), 0)]
    gone = sum(answers)
    if gone <= 1 or 2 * gone <= len(answers):
        return came, ()
    again = (Article(key=one.key, due_at=now + _AGAIN) if one.gone else one for one in came)
    return tuple(again), (Flaw(code="full-text-gone", where="document", detail=f"{gone} of the last {len(answers)}"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the articles of one source, one page after the other."""

    client: Client
    workers: Workers
    known: Robots
    source: Source
    pause: Pause
    now: datetime
    share: Share

    async def read(self, wanted: Sequence[Page]) -> tuple[tuple[Article, ...], tuple[Flaw, ...]]:
        """Return what came of each page, and what went wrong. The newest are asked for, the rest waits."""
        newest = sorted(wanted, key=lambda page: page.at, reverse=True)
        came = {page.key: Article(key=page.key, due_at=self.now) for page in newest}
        flaws: list[Flaw] = []
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                for page in newest[:MOST]:
                    came[page.key] = self._later(page)  # should time be up meanwhile
                    came[page.key], flaw = await self._article(page)
                    if flaw and not (flaw.code == _STOPPED and any(said.code == _STOPPED for said in flaws)):
                        flaws.append(flaw)
        except TimeoutError:
            flaws.append(Flaw(code=_STOPPED, where="document", detail="no time was left"))
        if left := sum(article.due_at == self.now for article in came.values()):
            flaws.append(Flaw(code="full-text-skipped", where="document", detail=f"{left} of {len(came)}"))
        return tuple(came.values()), tuple(flaws)

    async def _article(self, page: Page) -> tuple[Article, Flaw | None]:
        host, url = self._host(page.url), page.url
        if host.shut_until and self.now < host.shut_until:
            return self._later(page, host.shut_until - self.now), _flaw(_STOPPED, page, url)
        try:
            if (fetched := await self._page(url)) is None:
                return self._later(page, _FRESH), _flaw("full-text-refused", page, url)
            text = await self.workers.article(
                fetched.body or b"", url=fetched.url, content_type=fetched.content_type, source=self.source
            )
        except FetchError as error:
            if error.status in _UNWELCOME or error.kind == "challenged":
                host.shut_until = self.now + max(_AGAIN, error.retry_after or _AGAIN)
                return self._later(page, host.shut_until - self.now), _flaw(_STOPPED, page, f"{url}: {error.problem}")
            gone, passing = error.status == GONE, error.kind in _PASSING or (error.status or 0) >= _SERVER_ERROR
            article = self._later(page) if passing else Article(key=page.key, gone=gone)
            return article, None if gone else _flaw("full-text-missing", page, f"{url}: {error.problem}")
        except ParseError as error:
            return Article(key=page.key), _flaw("full-text-missing", page, f"{url}: {error.problem}")
        flaw = None if text else _flaw("full-text-missing", page, f"{url}: no article is in it")
        return Article(key=page.key, text=text), flaw

    def _later(self, page: Page, wait: timedelta = _AGAIN) -> Article:
        return Article(key=page.key, due_at=self.now + wait)

    async def _page(self, url: str) -> Fetched | None:
        """Return the page; None where a robots.txt is against it, also that of a host it redirects to."""
        host = self._host(url)
        async with host.turn:
            if not (await self._rules_of(host, url)).allow(url):
                return None
            await self._wait(url)
            fetched = await self.client.get(url, self.source, self.share, accept=_ACCEPT)
        if _origin(fetched.url) == _origin(url):
            return fetched
        other = self._host(fetched.url)
        async with other.turn:
            return fetched if (await self._rules_of(other, fetched.url)).allow(fetched.url) else None

    async def _wait(self, url: str) -> None:
        await asyncio.sleep(self.pause.gap_of(urlsplit(url).netloc).total_seconds())

    def _host(self, url: str) -> _Host:
        return self.known.of(_origin(url), self._name)

    @property
    def _name(self) -> str:
        return robots.token(self.source.access.user_agent or self.client.agent(self.source))

    async def _rules_of(self, host: _Host, url: str) -> robots.Rules:
        if host.read_at is None or self.now - host.read_at >= _FRESH:
            host.rules, host.read_at = await self._rules(_origin(url)), self.now
        return host.rules

    async def _rules(self, origin: str) -> robots.Rules:
        """Return a host's rules. None there: all is allowed; not to be had: nothing is (RFC 9309, section 2.3.1)."""
        await self._wait(origin)
        try:
            fetched = await self.client.get(f"{origin}/robots.txt", self.source, self.share, accept="text/plain")
        except FetchError as error:
            status = error.status or _SERVER_ERROR
            absent = error.kind == "empty" or (status < _SERVER_ERROR and status not in _UNWELCOME)
            return robots.ALL if absent else robots.NOTHING
        return robots.read(fetched.body or b"", self._name)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _flaw(code: str, page: Page, detail: str) -> Flaw:
    where = f"item «{page.title[:60]}»" if page.title else "item"
    return Flaw(code=code, where=where, detail=detail[:200])
