"""The one local origin: a small web server on 127.0.0.0/8 behind tests, demo, score and bench.

In:    documents, scripts and raw behaviours, each at its own address and path.
Out:   their URLs, and a record of every request exactly as it came.
Never: listens beyond 127.0.0.0/8, or needs more than the standard library.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aggregator.clock import Clock, now

LOOPBACK = ip_network("127.0.0.0/8")
HOME = "127.0.0.1"

OVER = (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as it came."""

    at: datetime
    address: str  # of ours that was asked: "127.0.1.7"
    method: str
    target: bytes
    headers: Headers
    host: str = ""  # the Host header
    body: bytes = b""  # as long as its Content-Length says

    def header(self, name: bytes) -> bytes | None:
        """Return the first header of that name, or None; names are lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One scripted answer. Content-Length and Date are added where they are not given."""

    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something to serve, conditionally where it has validators."""

    body: bytes
    content_type: str = "application/xml"
    etag: bytes | None = None
    last_modified: bytes | None = None
    gzip: bool = False  # packed for whoever accepts it


Script = Callable[[Request], Response]
Behaviour = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class Origin:
    """The server, on a thread and an event loop of its own, so that anything can use it: `with Origin() as origin`.

    One port, the same on all its addresses; an address is bound when it is first served.
    tls: its side of TLS; without it the origin speaks plain HTTP.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.clock: Clock = now  # of its record and its Date; who moves a clock sets their own
        self.port = 0
        self.connections = 0  # that came about so far
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="origin", daemon=True)
        self._servers: dict[str, asyncio.Server] = {}
        self._behaviours: dict[tuple[str, bytes], Behaviour] = {}
        self._requests: list[Request] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._bind(HOME)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in order of arrival."""
        return list(self._requests)

    def forget(self) -> None:
        """Begin the record anew."""
        self._requests.clear()

    def url(self, path: str, host: str = HOME) -> str:
        """Return the URL of a path, served or not."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def serve(self, path: str, document: Document, *, host: str = HOME) -> str:
        """Serve a document; return its URL. path: with its query, if that matters; else for all queries."""
        return self.script(path, partial(answer, document), host=host)

    def replace(self, url: str, document: Document) -> None:
        """Serve another document at this URL from now on."""
        self._behaviours[_key(url)] = _answering(partial(answer, document))

    def remove(self, url: str) -> None:
        """Answer 404 at this URL from now on."""
        del self._behaviours[_key(url)]

    def script(self, path: str, respond: Script, *, host: str = HOME) -> str:
        """Answer with what `respond` returns for each request; return the URL."""
        return self._route(path, _answering(respond), host)

    def behave(self, path: str, behaviour: Behaviour, *, host: str = HOME) -> str:
        """Let a coroutine have the connection once the request was read; return the URL.

        It is closed when the coroutine ends; a stop of the origin cancels it.
        """

        async def once(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await behaviour(request, reader, writer)
            writer.close()

        return self._route(path, once, host)

    def _route(self, path: str, behaviour: Behaviour, host: str) -> str:
        self._bind(host)
        self._behaviours[host, path.encode()] = behaviour
        return self.url(path, host)

    def _bind(self, host: str) -> None:
        if ip_address(host) not in LOOPBACK:
            raise ValueError(f"{host} is not in {LOOPBACK}")
        if host not in self._servers:
            asyncio.run_coroutine_threadsafe(self._listen(host), self._loop).result()

    async def _listen(self, host: str) -> None:
        server = await asyncio.start_server(
            partial(self._connected, host), host, self.port, backlog=1024, ssl=self._tls
        )
        self.port = server.sockets[0].getsockname()[1]
        self._servers[host] = server

    async def _close(self) -> None:
        for server in self._servers.values():
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until somebody has enough."""
        self.connections += 1
        try:
            with suppress(
                asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                while not writer.is_closing():
                    request = await _read(address, reader, self.clock)
                    self._requests.append(request)
                    await self._behaviour(request)(request, reader, writer)
        finally:
            writer.close()

    def _behaviour(self, request: Request) -> Behaviour:
        path = request.target.partition(b"?")[0]
        exact, any_query = (request.address, request.target), (request.address, path)
        return self._behaviours.get(exact) or self._behaviours.get(any_query) or _NOT_FOUND


def answer(document: Document, request: Request) -> Response:
    """Return 304 when the request's validators are the document's (RFC 9110, section 13.2.2), else the document."""
    headers = [(b"ETag", document.etag)] if document.etag is not None else []
    if document.last_modified is not None:
        headers.append((b"Last-Modified", document.last_modified))
    if _not_modified(document, request):
        return Response(status=304, headers=headers)
    headers.append((b"Content-Type", document.content_type.encode()))
    body = document.body
    if document.gzip and b"gzip" in (request.header(b"accept-encoding") or b""):
        headers.append((b"Content-Encoding", b"gzip"))
        body = _packed(body)
    return Response(headers=headers, body=body)


def _not_modified(document: Document, request: Request) -> bool:
    known = request.header(b"if-none-match")
    if known is not None:
        return document.etag is not None and _matches(known, document.etag)
    since = request.header(b"if-modified-since")
    return since is not None and since == document.last_modified


def _matches(known: bytes, etag: bytes) -> bool:
    """Compare weakly (RFC 9110, section 8.8.3.2). The first line is for validators that are no entity-tags at all."""
    if known in {etag, b"*"}:
        return True
    return etag.removeprefix(b"W/") in re.findall(rb'"[^"]*"', known)


@lru_cache(maxsize=512)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _answering(respond: Script) -> Behaviour:
    async def behaviour(request: Request, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        response = respond(request)
        if response.delay:
            await asyncio.sleep(response.delay.total_seconds())
        writer.write(_wire(response, request))
        await writer.drain()
        if (request.header(b"connection") or b"").lower() == b"close":
            writer.close()

    return behaviour


_NOT_FOUND = _answering(lambda _: Response(status=404))


def _wire(response: Response, request: Request) -> bytes:
    """Return the response's bytes; the body only where HTTP has one there."""
    headers = list(response.headers)
    names = {name.lower() for name, _ in headers}
    if b"date" not in names:
        headers.append((b"Date", format_datetime(request.at, usegmt=True).encode()))
    bodiless = response.status in {204, 304}
    if not bodiless and not names & {b"content-length", b"transfer-encoding"}:
        headers.append((b"Content-Length", b"%d" % len(response.body)))
    phrase = HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else ""
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    body = b"" if bodiless or request.method == "HEAD" else response.body
    return f"HTTP/1.1 {response.status} {phrase}\r\n".encode() + head + b"\r\n" + body


async def _read(address: str, reader: asyncio.StreamReader, clock: Clock) -> Request:
    """Return the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].split(b"\r\n")
    method, target, _version = first.split(b" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    host = next((value.decode() for name, value in headers if name.lower() == b"host"), "")
    length = next((int(value) for name, value in headers if name.lower() == b"content-length"), 0)
    return Request(
        at=clock(),
        address=address,
        host=host,
        method=method.decode(),
        target=target,
        headers=headers,
        body=await reader.readexactly(length),
    )


def _key(url: str) -> tuple[str, bytes]:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return parts.hostname or HOME, f"{parts.path}{query}".encode()
