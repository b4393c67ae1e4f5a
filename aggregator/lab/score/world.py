"""The product's own newsroom in virtual time, and the publishers that it asks.

In:    the sources that a rule configures, and what their publishers answer.
Out:   polls, claimed and committed as the daemon does it, and every request as it came.
Never: waits. The clock is moved to the moment at which something is due.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aggregator import __version__, pipeline, rounds
from aggregator.config import Config
from aggregator.fetch import MAX_BODY_BYTES, Client
from aggregator.lab.hub import Hub
from aggregator.lab.origin import Document, Headers, Origin, Request, Response, answer
from aggregator.lab.score.feeds import rss
from aggregator.model import Claim, Pause, PollOutcome, PollRule, Site, Source, Topic
from aggregator.pipeline import LEASE, Newsroom, open_newsroom
from aggregator.serve import (
    AlarmFeed,
    Archives,
    Callback,
    Health,
    ItemPages,
    Lists,
    Manners,
    SearchPages,
    Shelf,
    SourcePages,
    StoryPages,
    Watched,
    create_app,
    make_server,
)
from aggregator.store import Store, polls, sources
from aggregator.store.sources import SourceRow

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONTACT = "https://feeds.example/about"
LOOPBACK = ("127.0.0.0/8",)
GAP = timedelta(milliseconds=10)  # between two requests to a host: inside one poll it is spent for real
PATH = "/feed.xml"
NOWHERE = "http://127.0.0.1:8080"  # where readers would find us; nobody listens there
USUAL = Pause(gap=GAP)

T = TypeVar("T")


class Broken(Exception):
    """A promise was not kept. Its text is what was seen."""


def expect(kept: bool, seen: str) -> None:  # noqa: FBT001 - reads as the sentence it is
    """Go on if the promise was kept, else say what was seen."""
    if not kept:
        raise Broken(seen)


def sent(request: Request) -> tuple[bytes | None, bytes | None]:
    """Return the validators of a request: If-None-Match, If-Modified-Since."""
    return request.header(b"if-none-match"), request.header(b"if-modified-since")


def unconditional(requests: list[Request]) -> list[Request]:
    """Return those that ask for the whole document."""
    return [request for request in requests if sent(request) == (None, None)]


class Publisher:
    """A host of its own, with one feed; it answers as it was told last."""

    def __init__(self, origin: Origin, host: str) -> None:
        self.host, self.url = host, origin.script(PATH, self._answer, host=host)
        self._origin = origin
        self._respond: Callable[[Request], Response] = partial(answer, Document(body=rss(1), etag=b'"1"'))

    def _answer(self, request: Request) -> Response:
        return self._respond(request)

    def at(self, path: str) -> str:
        """Return the address of another path there."""
        return self._origin.url(path, self.host)

    def also(self, path: str, respond: Response | Document) -> str:
        """Answer at another path, too; return its address."""
        if isinstance(respond, Document):
            return self._origin.serve(path, respond, host=self.host)
        return self._origin.script(path, lambda _: respond, host=self.host)

    def serves(self, document: Document) -> None:
        """Serve a feed from now on, conditionally."""
        self._respond = partial(answer, document)

    def says(self, status: int, headers: Headers | None = None, body: bytes = b"") -> None:
        """Answer so from now on, whatever is asked."""
        response = Response(status=status, headers=headers or [], body=body)
        self._respond = lambda _: response

    def redirects(self, url: str, status: int = 301) -> None:
        """Send whoever asks elsewhere."""
        self.says(status, [(b"Location", url.encode())])

    @property
    def requests(self) -> list[Request]:
        """All requests to this host, in order of arrival."""
        return [request for request in self._origin.requests if request.address == self.host]

    @property
    def last(self) -> Request:
        """The latest of them."""
        return self.requests[-1]


class World:
    """One newsroom, one store, one clock for all rules; each rule has sources and publishers of its own."""

    def __init__(self, origin: Origin, folder: Path) -> None:
        self.origin, self.now = origin, START
        origin.clock = lambda: self.now
        self.room: Newsroom | None = None  # None while it is closed
        self.public_url = NOWHERE
        self.folder, self.database = folder, folder / "score.db"
        self.config = self._config((), (), USUAL)
        self._rng = random.Random()  # noqa: S311 - chance, no secret
        self._hosts = (f"127.0.{10 + number // 200}.{1 + number % 200}" for number in count())
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def begin(self, rule: str) -> None:
        """Make ready for a rule: nothing is configured, and chance begins anew, so that each run is the same."""
        self._rng.seed(rule)
        if self.room is None:
            await self._open()
        await self.configure()

    async def configure(self, *configured: Source, topics: tuple[Topic, ...] = (), pause: Pause = USUAL) -> None:
        """Reload with these sources; those that were there before and are not named leave the configuration."""
        self.config = self._config(configured, topics, pause)
        await pipeline.reload(self._newsroom, self.config)

    async def restart(self) -> None:
        """End the process, as far as it can be told from outside, and start it again on the same store."""
        async with self.stopped():
            pass

    @asynccontextmanager
    async def stopped(self) -> AsyncIterator[None]:
        """End the process, and start it again afterwards."""
        await self._close()
        yield
        await self._open()

    async def upgrade(self) -> None:
        """Start again on a store that an older version has left: it did not note how each source was asked."""
        await self._altered("SET variant = NULL")

    async def known(self) -> None:
        """Start again as if all that is configured had been polled before, and were due now.

        A thousand first polls would take half of the time of all rules and show nothing new.
        """
        await self._altered("SET document = 1, etag = CAST('\"1\"' AS BLOB), last_poll_at = next_poll_at WHERE enabled")

    async def _altered(self, how: str) -> None:
        """Start again on a store in which something was changed meanwhile. how: a statement's end about sources."""
        async with self.stopped():
            with closing(sqlite3.connect(self.database)) as database, database:
                database.execute(f"UPDATE source_state {how}")

    def publisher(self) -> Publisher:
        """Return a new one, with a small feed."""
        return Publisher(self.origin, next(self._hosts))

    def source(self, at: Publisher, *, every: timedelta | None = None, **other: Any) -> Source:
        """Return a source for a publisher's feed; it is named after the host."""
        rule = PollRule(every=every)
        known = {"id": f"s{at.host.replace('.', '-')}", "url": at.url, "allow_private": LOOPBACK, "poll": rule}
        return Source(**{**known, **other})

    async def subscribe(self, at: Publisher, *, every: timedelta | None = None, **other: Any) -> Source:
        """Configure one source alone and return it."""
        source = self.source(at, every=every, **other)
        await self.configure(source)
        return source

    async def poll(self, source: Source) -> PollOutcome:
        """Let the time pass until the source is due; then poll it."""
        due = await self.read(polls.next_due_at, self.now, only=[source.id])
        expect(due is not None, f"{source.id} is not polled any more")
        self.now = max(self.now, due or self.now)
        for claim in await self.claims(only=[source.id]):
            return await self.answer(claim)
        raise Broken(f"{source.id} is due and cannot be claimed")

    async def answer(self, claim: Claim) -> PollOutcome:
        """Poll what was claimed."""
        outcome = await pipeline.poll(self._newsroom, claim)
        expect(outcome is not None, "a poll was not committed")
        assert outcome is not None
        expect(outcome.kind != "internal", outcome.problem)
        return outcome

    async def polls(self, source: Source, times: int) -> list[PollOutcome]:
        """Poll it so many times, each when it is due."""
        return [await self.poll(source) for _ in range(times)]

    async def live(self, source: Source, span: timedelta) -> list[PollOutcome]:
        """Let so much time pass, and the source be polled whenever it is due."""
        end, outcomes = self.now + span, list[PollOutcome]()
        while (due := await self.read(polls.next_due_at, self.now, only=[source.id])) and due <= end:
            outcomes.append(await self.poll(source))
        self.now = end
        return outcomes

    async def work(self, span: timedelta, *, tick: timedelta = timedelta(0)) -> list[PollOutcome]:
        """Let so much time pass, and whatever is due be polled, what fell due in one tick together, as the daemon does.

        It ends early where nothing is configured.
        """
        end, outcomes = self.now + span, list[PollOutcome]()
        while (due := await self.read(polls.next_due_at, self.now)) and due <= end:
            self.now = max(self.now + tick, due)
            claims = await self.claims()
            expect(bool(claims), "what is due cannot be claimed")
            polled = await asyncio.gather(*(pipeline.poll(self._newsroom, claim) for claim in claims))
            outcomes += [outcome for outcome in polled if outcome is not None]  # who sleeps is put off
        self.now = max(self.now, end)
        return outcomes

    async def wake(self) -> None:
        """Do what the daemon does when it starts, or when the machine slept."""
        await pipeline.wake(self._newsroom)

    async def curate(self) -> None:
        """Sort everything that came."""
        while await pipeline.curate(self._newsroom):
            pass

    async def publish(self, topic: str) -> None:
        """Sort everything that came, and publish a topic."""
        await self.curate()
        await pipeline.publish(self._newsroom, topic)

    async def round(self, **request: Any) -> list[dict[str, Any]]:
        """Do a second later what `aggregator poll` does; return what it says.

        Where several sources of a host are to be polled it would wait for ever: this clock stands still meanwhile.
        """
        self.now += timedelta(seconds=1)
        return [said async for said in rounds.poll_now(self._newsroom, request, published=lambda _: None)]

    async def story(self, do: str, *keys: str) -> list[dict[str, Any]]:
        """Do what `aggregator story` does; return what it says."""
        request = {"do": do, "items": keys}
        return [said async for said in rounds.regroup_now(self._newsroom, request, published=lambda _: None)]

    async def release(self, source: Source) -> int:
        """Do what `aggregator release` does; return how many items were held."""
        request = {"source": source.id}
        said = [said async for said in rounds.release_now(self._newsroom, request, published=lambda _: None)]
        return sum(one.get("released", 0) for one in said)

    async def claims(self, **wishes: Any) -> list[Claim]:
        """Claim what is due, as the daemon does."""
        claim = partial(polls.claim_due, limit=50, lease=LEASE, owner="score", now=self.now, pause=self.config.pause)
        return await self._newsroom.store.write(claim, **wishes)

    async def row(self, source: Source) -> SourceRow:
        """Return what `status` tells of a source."""
        found = await self.read(sources.one, source.id)
        assert found is not None
        return found

    async def read(self, statement: Callable[..., T], *values: Any, **named: Any) -> T:
        """Read from the store."""
        return await self._newsroom.store.read(statement, *values, **named)

    @asynccontextmanager
    async def asking(self, **otherwise: Any) -> AsyncIterator[None]:
        """Ask through a client with other settings: less patient, or with look-ups that a rule decides."""
        options: dict[str, Any] = {"contact": CONTACT, "version": __version__, "clock": lambda: self.now}
        async with Client(**{**options, "allow_private": self.config.allow_private, **otherwise}) as client:
            room = self._newsroom
            usual, room.client = room.client, client
            try:
                yield
            finally:
                room.client = usual

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Hub]:
        """Let hubs reach us while the block lasts, and have one."""
        callback = Callback(
            answer=lambda name, query: pipeline.answer(self._newsroom, name, query),
            expected=lambda name: pipeline.expected(self._newsroom, name),
            receive=lambda name, delivery: pipeline.receive(self._newsroom, name, delivery),
            most_bytes=MAX_BODY_BYTES,
        )
        async with make_server(_app(self._newsroom, callback), "127.0.0.1", 0) as server:
            self.public_url = server.address
            with Hub(self.origin, host=next(self._hosts)) as hub:
                try:
                    yield hub
                finally:
                    await self.configure()  # whoever is still subscribed leaves
                    await self.talk(hub)
                    self.public_url = NOWHERE

    async def talk(self, hub: Hub) -> None:
        """Let hubs be asked what is due, and wait until this one has had its answers."""
        while await pipeline.subscribe(self._newsroom):
            pass
        for asked in hub.asked:
            await asyncio.wrap_future(asked.answered)

    async def push(self, hub: Hub, body: bytes, **how: str) -> tuple[list[int], int]:
        """Let a hub deliver, and read what it brought; return the statuses it got, and how many documents were read."""
        statuses = await asyncio.to_thread(hub.push, body, **how)
        return statuses, await self.deliver()

    async def deliver(self) -> int:
        """Read what hubs have brought; return how many documents that were."""
        return (await pipeline.deliver(self._newsroom))[0]

    @asynccontextmanager
    async def named(self, publisher: Publisher) -> AsyncIterator[None]:
        """Let every name lead to this publisher."""

        async def resolve(_host: str) -> list[str]:
            return [publisher.host]

        async with self.asking(resolve=resolve):
            yield

    @property
    def _newsroom(self) -> Newsroom:
        assert self.room is not None, "begin() opens it"
        return self.room

    async def _open(self) -> None:
        store = Store.open(f"sqlite:///{self.database}", exclusive=True)
        self._stack.callback(store.close)
        opening = open_newsroom(self.config, store, clock=lambda: self.now, rng=self._rng)
        self.room = await self._stack.enter_async_context(opening)

    def _config(self, configured: tuple[Source, ...], topics: tuple[Topic, ...], pause: Pause) -> Config:
        return Config(
            state_dir=self.folder,
            public_url=self.public_url,
            listen_host="127.0.0.1",
            listen_port=8080,
            database="",  # the store is opened already
            pause=pause,
            contact=CONTACT,
            allow_private=LOOPBACK,
            websub="off" if self.public_url == NOWHERE else "on",
            sources={source.id: source for source in configured},
            sections={},
            rules={},
            topics={topic.id: topic for topic in topics},
            files=(),
            root=Path(),
        )

    async def _close(self) -> None:
        self.room = None
        await self._stack.aclose()


def _app(room: Newsroom, callback: Callback) -> Any:
    """The product's own application, of which only what hubs ask is asked."""

    async def unmeasured() -> None:
        pass

    site = Site(public_url=NOWHERE)
    shelf = Shelf()
    return create_app(
        shelf,
        room.store,
        site=site,
        manners=Manners,
        lists=Lists(room.store, shelf, site, topics=dict, sources=dict, clock=room.clock),
        sources=SourcePages(room.store, site, tuple, room.clock),
        stories=StoryPages(room.store, site, room.authority, sources=dict, owners=dict, clock=room.clock),
        items=ItemPages(room.store, site, room.authority, sources=dict, topics=dict, sections=dict, clock=room.clock),
        alarms=AlarmFeed(room.store, site, room.authority, sources=tuple, topics=tuple),
        searches=SearchPages(room.store, site, room.authority, config=lambda: room.config, clock=room.clock),
        archives=Archives(room.store, site, room.authority, topics=dict, sources=dict),
        topics=dict,
        health=lambda: Health(ready=True),
        watched=Watched(allow=tuple, measure=unmeasured),
        callback=callback,
        hub=partial(pipeline.asked, room),
    )
