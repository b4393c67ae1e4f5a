"""Addresses to answers, and the server that carries them.

In:    the shelf, the site, what the daemon says of its topics and its health.
Out:   an ASGI application; a server on a socket, in the daemon's own event loop.
Never: installs signal handlers, writes an access log, believes a Host or X-Forwarded header.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

import uvicorn
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator import metrics
from aggregator.errors import StoreError
from aggregator.model import Site, Topic
from aggregator.publish.page import frame_of
from aggregator.serve.alarms import HEALTH, AlarmFeed
from aggregator.serve.answer import Answer, Resource, answer, asks_conditionally, later
from aggregator.serve.archives import Archives, is_archive
from aggregator.serve.feeds import FEEDS, PAGES, find_document
from aggregator.serve.health import Health, healthz, readyz
from aggregator.serve.hub import HUB, Asked, OurHub
from aggregator.serve.items import EDITS, ITEMS, ItemPages
from aggregator.serve.lists import PATHS as LISTS
from aggregator.serve.lists import Lists
from aggregator.serve.made import Found
from aggregator.serve.manners import Manners, about_page
from aggregator.serve.metrics import Watched, may_ask, numbers
from aggregator.serve.negotiate import meant, varying
from aggregator.serve.pages import problems, static_resources
from aggregator.serve.private import PRIVATE, PrivateDocuments
from aggregator.serve.search import SEARCH, SEARCH_FEED, SearchPages
from aggregator.serve.shelf import Shelf
from aggregator.serve.sources import SOURCES, SourcePages
from aggregator.serve.stories import STORIES, StoryPages
from aggregator.serve.throttle import Throttle
from aggregator.serve.websub import CALLBACK, Callback, Pushes
from aggregator.serve.wire import HEAD_S, KEEP_S, Protocol
from aggregator.store import Store

MAX_CONNECTIONS = 1000  # more are answered 503: a flood must not take the descriptors that polling needs
STOP_S = 2  # for answers in flight; the daemon's whole stop has 10 s
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An ASGI application that answers with what `find` finds at a path."""

    find: Callable[[str], Resource | Answer]
    refused: Mapping[int, Answer]
    kind: metrics.Kind = "other"
    throttle: Throttle | None = None

    def at_once(self, scope: Scope) -> Answer:
        """Return the answer to one request, and count it."""
        said = answer(scope["method"], scope["headers"], self.find(scope["path"]), self.refused)
        whole = said.status == HTTPStatus.OK and scope["method"] == "GET"
        if self.throttle and whole and not asks_conditionally(scope["headers"]):
            peer, _ = scope.get("client") or ("", 0)
            if wait_s := self.throttle.wait(peer, scope["path"], asyncio.get_running_loop().time()):
                said = later(self.refused[429], wait_s)
        metrics.answered(self.kind, said.status)
        return said

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request; its body, if it has one, is not read."""
        said = self.at_once(scope)
        body = said.body if scope["method"] != "HEAD" else b""
        await send({"type": "http.response.start", "status": said.status, "headers": said.headers})
        await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True, slots=True)
class Looked:
    """An ASGI application that answers with what the store knows; 503 where the store does not answer."""

    find: Callable[[str], Awaitable[Found]]
    refused: Mapping[int, Answer]
    kind: metrics.Kind = "page"
    whole: bool = False  # what stands behind a question mark counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = f"{scope['path']}?{scope['query_string'].decode('latin-1')}" if self.whole else scope["path"]
        try:
            found: Resource | Answer = await self.find(asked) or self.refused[404]
        except StoreError:
            found = self.refused[503]
        await Endpoint(lambda _: found, self.refused, self.kind)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Guarded:
    """An ASGI application for those who may ask; nobody else can tell that it is there."""

    watched: Watched
    shown: Endpoint
    nothing: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request by who sends it."""
        peer, _ = scope.get("client") or ("", 0)
        if not may_ask(peer, self.watched.allow()):
            await self.nothing(scope, receive, send)
            return
        await self.watched.measure()
        await self.shown(scope, receive, send)


def create_app(
    shelf: Shelf,
    store: Store,
    *,
    site: Site,
    topics: Callable[[], Mapping[str, Topic]],
    health: Callable[[], Health],
    manners: Callable[[], Manners],
    lists: Lists,
    sources: SourcePages,
    stories: StoryPages,
    items: ItemPages,
    alarms: AlarmFeed,
    searches: SearchPages,
    archives: Archives,
    watched: Watched,
    callback: Callback,
    hub: Asked,
) -> Application:
    """Return the application. What is callable is asked at each request, so that a reload shows at once.

    callback  what is done with what hubs say
    hub       what is done with what is asked of our own
    """
    said = problems(site)
    static = static_resources()
    root = frame_of(site)["root"]
    feeds = Endpoint(lambda path: find_document(path, shelf, topics(), said, root), said, "feed", Throttle())
    pages = replace(feeds, kind="page", throttle=None)
    opened = Looked(PrivateDocuments(store, shelf, topics, said, root).find, said, "feed")
    made: dict[str, ASGIApp] = {EDITS: Looked(items.find, said, "feed"), HEALTH: Looked(alarms.find, said, "feed")}
    old = Looked(archives.find, said, "feed")
    nothing = Endpoint(lambda _: said[404], said)
    pushes = Pushes(callback=callback, refused=said)
    searched = Looked(searches.find, said, whole=True)
    others = Router(
        [
            *(Route(path, Looked(lists.find, said)) for path in LISTS),
            Route(SOURCES, Looked(sources.find, said)),
            Route(SOURCES + "/{source}", Looked(sources.find, said)),
            Route(STORIES, Looked(stories.find, said)),
            Route(STORIES + "/{story}", Looked(stories.find, said)),
            Route(PRIVATE + "{token}/{folder}/{document}", opened),
            Route(ITEMS + "/{item}", Looked(items.find, said)),
            Route(ITEMS + "/{item}/diff", Looked(items.find, said)),
            Route(SEARCH, searched),
            Route(SEARCH_FEED, replace(searched, kind="feed")),
            Route("/about", Endpoint(lambda _: about_page(manners(), site), said, "page")),
            *(Route(path, Endpoint(lambda path: static[path], said)) for path in static),
            Route("/healthz", Endpoint(lambda _: healthz(health()), said)),
            Route("/readyz", Endpoint(lambda _: readyz(health()), said)),
            Route(f"{CALLBACK}{{name}}", pushes),
            Route(HUB, OurHub(asked=hub, refused=said)),
            Route("/metrics", Guarded(watched, Endpoint(lambda _: numbers(), said), nothing)),
        ],
        redirect_slashes=False,  # its redirects repeat the Host header
        default=nothing,
    )

    return Application(feeds=feeds, pages=pages, made=made, old=old, others=others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Documents are asked for all day, everything else now and then: only the rest pays for a router."""

    feeds: Endpoint
    pages: Endpoint
    made: Mapping[str, ASGIApp]  # when somebody asks, by path
    old: ASGIApp
    others: ASGIApp

    def at_once(self, scope: Scope) -> Answer | None:
        """Return the answer to who asks for a feed; None for all else (wire.py)."""
        return self.feeds.at_once(scope) if self._chosen(scope["path"]) is self.feeds else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(PAGES):
            scope, send = {**scope, "path": meant(scope["path"], scope["headers"])}, varying(send)
        await self._chosen(scope["path"])(scope, receive, send)

    def _chosen(self, path: str) -> ASGIApp:
        if path.startswith(FEEDS):
            return self.made.get(path) or (self.old if is_archive(path) else self.feeds)
        return self.pages if path.startswith(PAGES) else self.others


class Door:
    """An ASGI application that leads to another one from some moment on, while it is served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._at_once: Callable[[Scope], Answer | None] = lambda _: None

    def lead_to(self, app: Application) -> None:
        """Let this one answer from now on."""
        self._app, self._at_once = app, app.at_once

    def at_once(self, scope: Scope) -> Answer | None:
        """Return the answer to a plain request, None where the application must be asked (wire.py)."""
        return self._at_once(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, receive, send)


def create_waiting(site: Site, health: Callable[[], Health], allow: Callable[[], Sequence[str]]) -> ASGIApp:
    """Return what answers as long as there is no store: probes and numbers; everything else is not ready yet."""
    said = problems(site)

    async def nothing_new() -> None:
        metrics.store_silent()

    numbers_only = Watched(allow=allow, measure=nothing_new)
    return Router(
        [
            Route("/healthz", Endpoint(lambda _: healthz(health()), said)),
            Route("/readyz", Endpoint(lambda _: readyz(health()), said)),
            Route(
                "/metrics",
                Guarded(numbers_only, Endpoint(lambda _: numbers(), said), Endpoint(lambda _: said[404], said)),
            ),
        ],
        redirect_slashes=False,
        default=Endpoint(lambda _: said[503], said),
    )


class Server(uvicorn.Server):
    """uvicorn on a socket that is already bound, without signal handlers: those are the daemon's."""

    def __init__(self, app: ASGIApp, listener: socket.socket, head_s: float, keep_s: float) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=keep_s,  # type: ignore[arg-type]  # any number will do
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=STOP_S,
                http=partial(Protocol, head_s=head_s, at_once=getattr(app, "at_once", None)),  # type: ignore[arg-type]
            )
        )
        self.listener = listener
        self.host, self.port = listener.getsockname()[:2]

    @property
    def address(self) -> str:
        """Where it listens, as the beginning of a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield


@contextlib.asynccontextmanager
async def make_server(
    app: ASGIApp, host: str, port: int, *, head_s: float = HEAD_S, keep_s: float = KEEP_S
) -> AsyncIterator[Server]:
    """Serve for as long as the block lasts; port 0 takes a free one. Raises OSError where the address cannot be had.

    app     where it has `at_once`, it is asked by that first (wire.py)
    head_s  so many seconds a request may take to come
    keep_s  so many seconds a connection is kept for another one
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listener:
        # asyncio sets this only on sockets that name their protocol, which create_server's do not; without it every
        # answer waits 40 ms for the client's delayed acknowledgement (seen: 345 answers a second instead of 2,000).
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = Server(app, listener, head_s, keep_s)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield server
        finally:
            server.should_exit = True
            await serving
