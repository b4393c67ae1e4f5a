"""HTTP/1.1 over connections of our own: h11 under asyncio, TLS where the address says so.

In:    a Route (whom to call, and what is allowed on the way), and one request.
Out:   an Answer: its head, and its body still to be read.
Never: follows a redirect, unpacks a body, or asks twice (but for a kept connection that turned out to be dead).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import h11

from aggregator.errors import FetchError
from aggregator.fetch import dial, egress, guard, trouble
from aggregator.fetch.resolve import Resolve

CONNECT_TIMEOUT_S = 10.0  # from the first packet to the end of the TLS handshake, all addresses together
SILENCE_S = 30.0  # in the middle of an exchange, after which nothing more is expected
KEPT_S = 5.0  # an idle connection is kept so long: polls of one host come a few seconds apart, or much later
MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
MAX_INTERIM = 10  # answers of 1xx before the real one
# h11 takes 10 us a piece, so a body cut into single bytes is a quarter of an hour of work. An honest one comes as
# packets of a kilobyte or more.
MAX_PIECES = 50_000
_BREATH = 500  # pieces after which the others get their turn
_READ_BYTES = 32 * 1024  # in one go: what bounds the work that one read can bring
_BUFFER = bytearray(_READ_BYTES)  # one for all: asyncio fills it and has it emptied before anybody else gets a turn
_VIEW = memoryview(_BUFFER)
_ENOUGH_BYTES = 128 * 1024  # unread, before we let the other side wait
_DRAINED = 8  # events that are looked at to see whether an answer that nobody read is over

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Whom to call, which way, and what is allowed on it. Connections are kept for equal routes only."""

    scheme: str  # "http" or "https"
    host: str  # ASCII; IPv6 without brackets
    port: int
    allowed: tuple[guard.Network, ...] = ()
    verify: bool = True
    via: egress.Egress | None = None

    @property
    def forwarded(self) -> bool:
        """Whether an HTTP proxy passes the request on, instead of connecting us (RFC 9112, section 3.2.2)."""
        return self.scheme == "http" and self.via is not None and self.via.scheme == "http"


class Answer:
    """An answer whose body is still to be read, and the connection it comes over."""

    def __init__(self, head: h11.Response, connection: Connection, over: Callable[[], None]) -> None:
        self.status = head.status_code
        self.headers: Headers = head.headers.raw_items()
        self._connection, self._over = connection, over

    async def read(self) -> bytes:
        """Return the next piece of the body, out of its chunks; b"" at the end."""
        return await self._connection.read()

    def close(self) -> None:
        """Be done with it: the connection is kept, or closed."""
        self._over()


class Transport:
    """Opens connections, and keeps idle ones for a moment.

    keep       how many; 0 closes each after its exchange, and says so
    trust      makes what says whom we trust, when it is first needed: 30 ms that a start has not to wait for
    kept_s     for how long
    silence_s  how long the other side may say nothing
    """

    def __init__(
        self,
        *,
        resolve: Resolve,
        keep: int,
        trust: Callable[[], ssl.SSLContext],
        kept_s: float = KEPT_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._resolve, self._keep, self._kept_s, self._silence_s = resolve, keep, kept_s, silence_s
        self._trust = lru_cache(trust)
        self._idle: dict[Route, tuple[Connection, asyncio.TimerHandle]] = {}

    async def ask(
        self, route: Route, target: bytes, headers: Headers, *, method: str = "GET", body: bytes = b""
    ) -> Answer:
        """Send a request; return the answer once its head is there. body: its length stands among the headers.

        Raises FetchError when nobody was reached or nothing may be asked, one of trouble.NETWORK_ERRORS later on.
        """
        request = self._request(route, method, target, headers)
        connection = self._kept(route)
        if connection is not None:
            try:
                return await self._exchange(route, connection, request, body)
            except trouble.NETWORK_ERRORS:
                if connection.heard:
                    raise
                # closed by the other side while it was idle: they have not seen our request
        return await self._exchange(route, await self._open(route), request, body)

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._drop(next(iter(self._idle)))

    def _request(self, route: Route, method: str, target: bytes, headers: Headers) -> h11.Request:
        if not self._keep:
            headers = [*headers, (b"Connection", b"close")]
        if route.forwarded and route.via:
            host = f"[{route.host}]" if ":" in route.host else route.host
            target = f"http://{host}:{route.port}".encode() + target
            headers = [*headers, *route.via.login]
        request = _written(method, target, headers)
        if request is None:
            raise FetchError("protocol", "our own request cannot be written as HTTP")
        return request

    async def _exchange(self, route: Route, connection: Connection, request: h11.Request, body: bytes) -> Answer:
        try:
            head = await connection.ask(request, body)
        except BaseException:
            connection.close()
            raise
        return Answer(head, connection, lambda: self._done(route, connection))

    async def _open(self, route: Route) -> Connection:
        way, peer, port = route.via, route.host, route.port
        egress.check(route.host, way, route.allowed)
        if way:
            peer, port = f'the egress "{way.name}"', way.port
            addresses = await dial.find(way.host, self._resolve, None)
        else:
            addresses = await dial.find(route.host, self._resolve, route.allowed)
        try:
            async with asyncio.timeout(egress.CONNECT_TIMEOUT_S if way else CONNECT_TIMEOUT_S):
                one = await dial.connect(addresses, port)
                if way and not route.forwarded:
                    await _tunnelled(one, way, route)
                    peer = route.host
                return await self._wrapped(one, route)
        except TimeoutError:
            raise FetchError("timeout", f"no connection with {peer} came about in time") from None
        except (OSError, ValueError) as error:  # ValueError: a name that TLS cannot ask for
            raise trouble.no_connection(error, peer) from error

    async def _wrapped(self, one: socket.socket, route: Route) -> Connection:
        """Put HTTP, and TLS if need be, on a connected socket, which is asyncio's from here on.

        TLS keeps the name, whatever address was dialled.
        """
        loop = asyncio.get_running_loop()
        if route.scheme == "http":
            return (await loop.create_connection(lambda: Connection(route.host, self._silence_s), sock=one))[1]
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(route.host, self._silence_s),
                sock=one,
                ssl=self._trust() if route.verify else _blind(),
                server_hostname=route.host.rstrip("."),
            )
        except ConnectionError:
            raise FetchError("tls", f"{route.host} broke off while an encrypted connection was made") from None
        return connection

    def _kept(self, route: Route) -> Connection | None:
        connection, timer = self._idle.pop(route, (None, None))
        if timer:
            timer.cancel()
        if connection and not connection.quiet:
            connection.close()
            return None
        return connection

    def _done(self, route: Route, connection: Connection) -> None:
        """Keep the connection when it can be used again: one per route, for we ask a host one thing at a time."""
        if not self._keep or route in self._idle or not connection.ready():
            connection.close()
            return
        if len(self._idle) >= self._keep:
            self._drop(next(iter(self._idle)))
        timer = asyncio.get_running_loop().call_later(self._kept_s, self._drop, route)
        self._idle[route] = connection, timer

    def _drop(self, route: Route) -> None:
        connection, timer = self._idle.pop(route)
        timer.cancel()
        connection.close()


class Connection(asyncio.BufferedProtocol):
    """One connection, one exchange at a time."""

    def __init__(self, peer: str, silence_s: float) -> None:
        self._peer, self._silence_s = peer, silence_s
        self._wire = h11.Connection(h11.CLIENT, MAX_HEAD_BYTES)
        self._transport = cast("asyncio.Transport", None)  # until connection_made
        self._news: asyncio.Future[None] | None = None  # somebody waits for it
        self._pieces = 0  # of the present body
        self._unread = 0  # bytes that came since somebody waited
        self._over = False
        self._failure: Exception | None = None
        self.heard = False  # anything since the last request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: it stands, TLS included."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's signature
        """asyncio: where to put what comes."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """asyncio: it has come."""
        self.heard = True
        self._wire.receive_data(bytes(_VIEW[:nbytes]))
        self._unread += nbytes
        if self._unread > _ENOUGH_BYTES:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """asyncio: nothing more will come."""
        self._over = True
        self._wire.receive_data(b"")
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: it is closed, or broken."""
        self._failure = exc
        if exc is None:
            self.eof_received()
        self._over = True  # a break is no end: a body without a length would look complete
        self._wake()

    def _wake(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)

    async def ask(self, request: h11.Request, body: bytes) -> h11.Response:
        """Send a request; return the head of its answer."""
        self.heard, self._pieces = False, 0
        send = self._wire.send
        self._transport.write(send(request) + send(h11.Data(data=body)) + send(h11.EndOfMessage()))
        for _ in range(MAX_INTERIM + 1):
            event = await self._event()
            if isinstance(event, h11.Response):
                if len(event.headers) > MAX_HEADERS:
                    raise FetchError("protocol", f"the answer has more than {MAX_HEADERS} headers")
                return event
        raise FetchError("protocol", f"more than {MAX_INTERIM} interim answers came, and no real one")

    async def read(self) -> bytes:
        """Return the next piece of the answer's body; b"" at its end."""
        event = await self._event()
        if not isinstance(event, h11.Data):
            return b""
        self._pieces += 1
        if self._pieces > MAX_PIECES:
            raise FetchError("protocol", f"the body is cut into more than {MAX_PIECES:,} pieces")
        if not self._pieces % _BREATH:
            await asyncio.sleep(0)
        return bytes(event.data)

    @property
    def quiet(self) -> bool:
        """Whether nothing has come, and nothing has ended, since the last answer was over."""
        return not self._over and not self._wire.trailing_data[0]

    def ready(self) -> bool:
        """Return whether another request may follow: the answer is over, and all of it is here."""
        for _ in range(_DRAINED):
            if self._wire.their_state is not h11.SEND_BODY or self._next() is h11.NEED_DATA:
                break
        if self._wire.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE} or not self.quiet:
            return False
        self._wire.start_next_cycle()
        return True

    def close(self) -> None:
        """Close it now. What TLS would still have to say at parting, nobody needs to hear."""
        self._transport.abort()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._wire.next_event()) is h11.NEED_DATA:
            await self._more()
        return cast("h11.Event | type[h11.PAUSED]", event)

    def _next(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        try:
            return self._wire.next_event()
        except h11.ProtocolError:
            return h11.NEED_DATA

    async def _more(self) -> None:
        """Wait until bytes have come, or the end."""
        if self._failure:
            raise self._failure
        self._unread = 0
        self._transport.resume_reading()
        self._news = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._silence_s):
                await self._news
        except TimeoutError:
            raise FetchError("timeout", f"{self._peer} was silent for {self._silence_s:g} seconds") from None
        finally:
            self._news = None


async def _tunnelled(one: socket.socket, way: egress.Egress, route: Route) -> None:
    try:
        await egress.tunnel(one, way, route.host, route.port)
    except BaseException:
        one.close()
        raise


def _written(method: str, target: bytes, headers: Headers) -> h11.Request | None:
    """Return the request, or None. h11's own error would carry the header's value, which may be a secret."""
    try:
        return h11.Request(method=method, target=target, headers=headers)
    except h11.LocalProtocolError:
        return None


@lru_cache
def _blind() -> ssl.SSLContext:
    """Who a person has said is to be believed whatever certificate they show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
