"""A small newsstand served over real HTTP, and a client that sends exactly the bytes a test says."""

from __future__ import annotations

import asyncio
import atexit
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from shutil import rmtree
from tempfile import mkdtemp

from aggregator import pipeline
from aggregator.config import Config
from aggregator.model import (
    Authority,
    Change,
    Curated,
    Due,
    Feed,
    Pause,
    PollOutcome,
    PollState,
    Section,
    Site,
    Source,
    Topic,
    key_of,
)
from aggregator.pipeline import Bounds
from aggregator.publish.artefact import artefacts
from aggregator.serve import (
    AlarmFeed,
    Archives,
    Callback,
    Health,
    ItemPages,
    Lists,
    Manners,
    SearchPages,
    Server,
    Shelf,
    SourcePages,
    StoryPages,
    Watched,
    create_app,
    make_server,
)
from aggregator.serve.search import BOUNDS
from aggregator.store import Store, items, polls

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SITE = Site(public_url="https://feeds.example.org", title="Газетный киоск")
AUTHORITY = Authority(name="feeds.example.org", date="2026-01-02")
BODIES = {
    "atom": ("<feed>" + "Маяк снова горит. " * 40 + "</feed>").encode(),
    "rss": ("<rss>" + "Маяк снова горит. " * 40 + "</rss>").encode(),
    "json": ('{"title": "' + "Маяк снова горит. " * 40 + '"}').encode(),
    "html": ("<!doctype html><title>" + "Маяк снова горит. " * 40 + "</title>").encode(),
}
ADDRESSES = {"atom": "/feeds/sea.atom", "rss": "/feeds/sea.rss", "json": "/feeds/sea.json", "html": "/topics/sea"}


def topic(id_="sea", **fields):
    return Topic(**({"id": id_, "title": "Море & берег", "match": "section:sea", "language": "ru"} | fields))


def documents(topic_id="sea", bodies=None, *, entries=3, now=NOON):
    return artefacts(topic_id, bodies or BODIES, entries=entries, fresh=timedelta(minutes=5), now=now)


@cache
def empty_store():
    """A store for those whose test is not about it."""
    folder = mkdtemp()
    atexit.register(rmtree, folder)
    return Store.open(f"sqlite:///{folder}/empty.db")


@dataclass
class Stand:
    """What the daemon would hold; tests change it while the server runs."""

    shelf: Shelf = field(default_factory=Shelf)
    topics: dict[str, Topic] = field(default_factory=lambda: {"sea": topic()})
    health: Health = field(default_factory=lambda: Health(ready=True))
    site: Site = SITE
    manners: Manners = field(default_factory=Manners)
    store: Store | None = None
    sources: tuple[str, ...] | dict[str, Source] = ()
    owners: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    config: Config | None = None  # what searches go by
    searched_at: Callable[[], datetime] = lambda: NOON
    bounds: Bounds = BOUNDS
    allow: tuple[str, ...] = ()
    measured: int = 0  # how often the store was asked for its numbers
    subscribed: str = "0" * 32  # the one callback that a hub knows
    delivered: list = field(default_factory=list)
    kept: bool = True  # what is delivered
    untold: list = field(default_factory=list)  # incidents that no store has
    asked: list = field(default_factory=list)  # of our own hub
    reply: pipeline.Reply | None = field(default_factory=lambda: pipeline.Reply(status=202))  # to that

    def app(self):
        return create_app(
            self.shelf,
            self.store,
            site=self.site,
            topics=lambda: self.topics,
            health=lambda: self.health,
            manners=lambda: self.manners,
            lists=self.lists(),
            sources=SourcePages(self.store, self.site, lambda: self.sources, lambda: NOON),
            stories=StoryPages(
                self.store,
                self.site,
                AUTHORITY,
                sources=lambda: dict(self.sources),
                owners=lambda: dict(self.owners),
                clock=lambda: NOON,
            ),
            items=ItemPages(
                self.store,
                self.site,
                AUTHORITY,
                sources=lambda: dict(self.sources),
                topics=lambda: self.topics,
                sections=lambda: self.sections,
                clock=lambda: NOON,
            ),
            alarms=AlarmFeed(
                self.store,
                self.site,
                AUTHORITY,
                sources=lambda: self.sources,
                topics=lambda: {id_ for id_, one in self.topics.items() if not one.private},
                untold=lambda: self.untold,
            ),
            searches=SearchPages(
                self.store,
                self.site,
                AUTHORITY,
                config=lambda: self.config,
                clock=self.searched_at,
                bounds=self.bounds,
            ),
            archives=Archives(
                self.store, self.site, AUTHORITY, topics=lambda: self.topics, sources=lambda: dict(self.sources)
            ),
            watched=Watched(allow=lambda: self.allow, measure=self.measure),
            callback=Callback(answer=self.answer, expected=self.expected, receive=self.receive, most_bytes=1000),
            hub=self.hub,
        )

    def lists(self):
        return Lists(
            self.store or empty_store(),
            self.shelf,
            self.site,
            topics=lambda: self.topics,
            sources=lambda: self.sources if isinstance(self.sources, dict) else {},
            clock=lambda: NOON,
        )

    async def measure(self):
        self.measured += 1

    async def answer(self, name, query):
        return query.decode() if name == self.subscribed else None

    async def expected(self, name):
        return name == self.subscribed

    async def hub(self, form):
        self.asked.append(form)
        return self.reply

    async def receive(self, name, delivery):
        self.delivered.append((name, delivery))
        return self.kept


def learns(store, source, item, *, at, kind="new", language="ru", held=None, **decided):
    """Have the store know this item of a source, and what was decided about it."""
    [claim] = store.write_now(
        polls.claim_due, limit=1, lease=HOUR, owner="test", now=at, pause=Pause(gap=timedelta(0)), only=[source],
        ignore_schedule=True,
    )  # fmt: skip
    change = Change(kind=kind, key=key_of(source, item.id), item=item, held=held)
    outcome = PollOutcome(
        source=source, at=at, ended="changed", state=PollState(last_poll_at=at), due=Due(at=at, interval=HOUR, why=""),
        took=HOUR, status=200, changes=(change,), present=(change.key,), feed=Feed(link=f"https://{source}.example/"),
    )  # fmt: skip
    store.write_now(polls.commit, outcome, claim.fence, gap=timedelta(0))
    facts = dict.fromkeys(("sections", "memberships", "verdicts", "credits"), ()) | decided
    curated = Curated(key=change.key, language=language, canonical_url=None, **facts)
    store.write_now(items.commit_curated, [curated], seen={change.key: (item.sha256, False)}, now=at)


@contextmanager
def serving(app) -> Iterator[Server]:
    """Run the real server on a free port, in a thread with a loop of its own."""
    ready, box = threading.Event(), {}

    async def main():
        stop = box["stop"] = asyncio.Event()
        box["loop"] = asyncio.get_running_loop()
        async with make_server(app, "127.0.0.1", 0) as server:
            box["server"] = server
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield box["server"]
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(10)
        assert not thread.is_alive()


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]  # names in small letters
    body: bytes


def ask(server: Server, method: str, path: str, **headers: str) -> Reply:
    """Send one request as it is written here (if_none_match= becomes If-None-Match:) and return the reply."""
    given = {"Host": "127.0.0.1", "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return parse(exchange(server, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"))


def exchange(server: Server, sent: bytes) -> bytes:
    """Send bytes; return all that comes until the server closes."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def parse(received: bytes) -> Reply:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        assert name.lower() not in headers, f"{name} twice"
        headers[name.lower()] = value.strip()
    return Reply(status=int(first.split()[1]), headers=headers, body=body)
