"""Full texts: the pages behind a source's new items, where a person asks for them.

In:    the changes of one poll.
Out:   the same, with the text of the article in those that have one; flaws for those that have none.
Never: costs the poll anything: whatever goes wrong is a flaw. Never asked on first contact, of old items, against a
       robots.txt, or faster than a host's gap.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.errors import FetchError, ParseError
from aggregator.fetch import Client, robots
from aggregator.fetch.share import Share
from aggregator.model import Change, Fetched, Flaw, Pause, Source
from aggregator.parse import Workers

MOST = 10  # pages a poll; with the gap between them, half a minute
DEADLINE = timedelta(seconds=45)  # for all of them: the lease of a poll has room for it beside its other requests
_FRESH = timedelta(days=1)  # RFC 9309, section 2.4
_HOSTS = 1000  # whose rules are remembered
_ACCEPT = "text/html,application/xhtml+xml"
_UNWELCOME = {403, 429, 503}
_SERVER_ERROR = 500


@dataclass(slots=True, kw_only=True)
class _Host:
    """What is known of one host."""

    rules: robots.Rules = robots.ALL
    read_at: datetime | None = None
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

    async def read(self, changes: Sequence[Change]) -> tuple[tuple[Change, ...], tuple[Flaw, ...]]:
        """Return the changes with their articles, and what went wrong."""
        wanted = [
            change for change in changes if change.kind == "new" and change.arrival == "live" and change.item.link
        ]
        texts: dict[str, str] = {}
        flaws = [_flaw("full-text-skipped", change, f"more than {MOST} at once") for change in wanted[MOST:]]
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                for change in wanted[:MOST]:
                    texts[change.key], flaw = await self._article(change)
                    flaws += [flaw] if flaw else []
                    if flaw and flaw.code == "full-text-stopped":
                        break
        except TimeoutError:
            flaws.append(Flaw(code="full-text-stopped", where="document", detail="no time was left"))
        return tuple(replace(one, full_text=texts.get(one.key, "")) for one in changes), tuple(flaws)

    async def _article(self, change: Change) -> tuple[str, Flaw | None]:
        url = change.item.link or ""
        try:
            if (fetched := await self._page(url)) is None:
                return "", _flaw("full-text-refused", change, url)
            article = await self.workers.article(
                fetched.body or b"", url=fetched.url, content_type=fetched.content_type, source=self.source
            )
        except FetchError as error:
            stop = error.status in _UNWELCOME or error.kind == "challenged"
            return "", _flaw("full-text-stopped" if stop else "full-text-missing", change, f"{url}: {error.problem}")
        except ParseError as error:
            return "", _flaw("full-text-missing", change, f"{url}: {error.problem}")
        return article, None if article else _flaw("full-text-missing", change, f"{url}: no article is in the page")

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
        return robots.token(self.source.access.user_agent or self.client.agent(self.source.id))

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


def _flaw(code: str, change: Change, detail: str) -> Flaw:
    where = f"item «{change.item.title[:60]}»" if change.item.title else "item"
    return Flaw(code=code, where=where, detail=detail[:200])
