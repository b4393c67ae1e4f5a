"""Fetch one source over HTTP.

In:    a Source and what we remember of it (PollState).
Out:   Fetched: the body as bytes, or "not modified", plus what the server wants remembered.
Never: decodes text, parses XML, sleeps, logs, keeps a cookie, sends a Referer, or touches the store.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from string import punctuation
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin

import httpcore
import httpx

from aggregator.clock import now
from aggregator.errors import FetchError
from aggregator.fetch import decode, dial, hints, trouble
from aggregator.model import Fetched, PollState, Source

DEADLINE = timedelta(seconds=60)  # for everything: look-up, redirects, headers, body
MAX_BODY_BYTES = 20 * 1024 * 1024  # on the wire, and again unpacked
MAX_REDIRECTS = 10

ACCEPT = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAY_ASK_TO_WAIT = {*range(300, 400), 403, 429, 503}  # 403: Cloudflare's own refusals carry Retry-After
_DOCUMENT = frozenset({200, 203})  # 203: a proxy on the way changed it
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_TARGET = re.compile(r"[^:]+://[^/?#]*(?P<target>[^#]*)", re.DOTALL)


class Client:
    """Asks sources, any number at once. One per process.

    contact        address of a page about us, for the User-Agent
    allow_private  CIDRs beyond the public internet that every source may be fetched from
    resolve        name to addresses; None asks the system
    tls            whom we trust; None trusts the public authorities
    """

    def __init__(
        self,
        *,
        contact: str,
        version: str,
        allow_private: tuple[str, ...] = (),
        deadline: timedelta = DEADLINE,
        max_body_bytes: int = MAX_BODY_BYTES,
        resolve: dial.Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._product, self._contact = f"aggregator/{version}", contact
        self._allowed = dial.networks(allow_private)
        self._deadline, self._max_body_bytes = deadline, max_body_bytes
        self._transport = Transport(
            resolve=resolve or dial.SystemResolver(), tls=tls or httpx.create_ssl_context(trust_env=False)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(self, source: Source, state: PollState) -> Fetched:
        """Return the document, or "not modified".

        Raises FetchError when no usable answer came, SourceGone when the server says that none will come any more.
        """
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await self._follow(source, state)
        except TimeoutError:
            seconds = f"{self._deadline.total_seconds():g} seconds"
            raise FetchError("timeout", f"no complete answer within {seconds}") from None

    async def _follow(self, source: Source, state: PollState) -> Fetched:
        """Go from redirect to redirect until a document comes. The validators go along: they are of that document."""
        headers = self._headers(source.id, state)
        allowed = self._allowed + dial.networks(source.allow_private)
        url, seen, wait = _without_fragment(source.url), set[str](), None
        while url not in seen:
            if len(seen) > MAX_REDIRECTS:
                raise FetchError("redirects", f"redirects more than {MAX_REDIRECTS} times")
            seen.add(url)
            async with self._exchange(url, headers, allowed) as answer:
                wait = _longer(wait, _asked_to_wait(answer))
                if answer.status_code not in _REDIRECTS:
                    return await self._document(answer, url, state, wait)
                url = _next_url(url, answer)
        raise FetchError("redirects", "answers with its own address again and again (redirect loop)")

    def _headers(self, source: str, state: PollState) -> list[tuple[bytes, bytes]]:
        about = "; ".join(filter(None, [self._contact and f"+{_visible(self._contact)}", f"feed-id={source}"]))
        headers = [
            (b"User-Agent", f"{self._product} ({about})".encode()),
            (b"Accept", ACCEPT),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"close"),
        ]
        if state.etag:
            headers.append((b"If-None-Match", state.etag))
        if state.last_modified:
            headers.append((b"If-Modified-Since", state.last_modified))
        return headers

    @asynccontextmanager
    async def _exchange(
        self, url: str, headers: list[tuple[bytes, bytes]], allowed: tuple[dial.Network, ...]
    ) -> AsyncIterator[httpx.Response]:
        """Send one request; give the answer, its body still to be read."""
        request = _request(url, headers, allowed)
        try:
            response = await self._transport.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        except trouble.NETWORK_ERRORS as error:
            raise trouble.explain(error, request.url.host) from error

    async def _document(self, answer: httpx.Response, url: str, state: PollState, wait: timedelta | None) -> Fetched:
        status = answer.status_code
        not_modified = status == httpx.codes.NOT_MODIFIED and (state.etag or state.last_modified)
        if status not in _DOCUMENT and not not_modified:
            raise trouble.unusable(status, wait)
        body, bytes_read = (None, 0) if not_modified else await self._body(answer)
        return Fetched(
            status=status,
            url=url,
            body=body,
            content_type=answer.headers.get("content-type", ""),
            etag=_first(answer, b"etag"),
            last_modified=_first(answer, b"last-modified"),
            retry_after=wait,
            bytes_read=bytes_read,
        )

    async def _body(self, answer: httpx.Response) -> tuple[bytes, int]:
        """Return the body, unpacked, and how many bytes came."""
        self._refuse_more_than_fits(int(answer.headers.get("content-length", 0)))
        decoder = decode.decoder(answer.headers.get("content-encoding", ""))
        body, bytes_read = bytearray(), 0
        async for data in answer.aiter_raw():
            bytes_read += len(data)
            self._refuse_more_than_fits(bytes_read)
            for piece in decoder.feed(data):
                body += piece
                self._refuse_more_than_fits(len(body))
                if len(piece) >= decode.STEP:
                    await asyncio.sleep(0)  # a bomb: the others go on meanwhile
        decoder.end()
        if not body:
            raise FetchError(
                "empty", f"answers {answer.status_code}, but with an empty body", status=answer.status_code
            )
        return bytes(body), bytes_read

    def _refuse_more_than_fits(self, length_bytes: int) -> None:
        if length_bytes > self._max_body_bytes:
            raise FetchError("too-large", f"the body is larger than {self._max_body_bytes / 2**20:.3g} MB")


class Transport(httpx.AsyncBaseTransport):
    """One guarded connection per request.

    httpx's own pool looks through all its connections at every request: 3.4 ms of CPU each at 50 at once, and its
    dialler cannot be replaced. Polls go to different hosts, minutes apart, so there is little to keep alive.
    """

    def __init__(self, *, resolve: dial.Resolve, tls: ssl.SSLContext) -> None:
        self._resolve, self._tls = resolve, tls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; the response owns the connection. extensions: target (bytes as sent), allowed (networks)."""
        scheme, host = request.url.raw_scheme, request.url.raw_host
        port = request.url.port or _PORTS[request.url.scheme]
        guard = dial.Guard(self._resolve, request.extensions["allowed"])
        connection = httpcore.AsyncHTTPConnection(
            httpcore.Origin(scheme, host, port), ssl_context=self._tls, network_backend=guard
        )
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=scheme, host=host, port=port, target=request.extensions["target"]),
            headers=request.headers.raw,
            extensions={"timeout": {"connect": dial.CONNECT_TIMEOUT_S}},
        )
        try:
            answer = await connection.handle_async_request(sent)
        except BaseException:
            await guard.aclose()
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, connection))


class _Body(httpx.AsyncByteStream):
    """A body on its way, and the connection it comes over."""

    def __init__(self, answer: httpcore.Response, connection: httpcore.AsyncHTTPConnection) -> None:
        self._answer, self._connection = answer, connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._answer.aiter_stream():
            yield data

    async def aclose(self) -> None:
        await self._connection.aclose()


def _request(url: str, headers: list[tuple[bytes, bytes]], allowed: tuple[dial.Network, ...]) -> httpx.Request:
    """Return the request, its target as it stands in the URL: httpx would write "{" as "%7B" and fold "/../"."""
    parts = _TARGET.match(url)
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise FetchError("refused", "the address is malformed") from None
    if parsed.scheme not in _PORTS:
        raise FetchError("refused", f'an address that begins with "{parsed.scheme[:20]}:" is not on the web')
    if not parts or not parsed.host or (parsed.port or 0) > _MAX_PORT:
        raise FetchError("refused", "the address names no host, or no port that there is")
    target = _visible(parts["target"])
    target = target if target.startswith("/") else f"/{target}"
    return httpx.Request("GET", parsed, headers=headers, extensions={"target": target.encode(), "allowed": allowed})


def _visible(text: str) -> str:
    """Only what no header may hold is escaped (blanks, controls, letters beyond ASCII); "%" stays as it is."""
    return quote(text, safe=punctuation)


def _next_url(url: str, answer: httpx.Response) -> str:
    """Return where a redirect leads. Many sites write UTF-8 there, some windows-1251, instead of escapes."""
    location = _first(answer, b"location")
    if location is None:
        raise FetchError("redirects", f"answers {answer.status_code}, but does not say where to")
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = quote(location, safe=punctuation)
    try:
        return _without_fragment(urljoin(url, text))
    except ValueError:
        raise FetchError("redirects", "redirects to a malformed address") from None


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _asked_to_wait(answer: httpx.Response) -> timedelta | None:
    value = answer.headers.get("retry-after")
    if value is None or answer.status_code not in _MAY_ASK_TO_WAIT:
        return None
    return hints.retry_after(value, now())


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max(filter(None, (one, other)), default=None)


def _first(answer: httpx.Response, name: bytes) -> bytes | None:
    """Return the header's bytes as they came, or None when it is missing or empty."""
    return next((value for key, value in answer.headers.raw if key.lower() == name), None) or None
