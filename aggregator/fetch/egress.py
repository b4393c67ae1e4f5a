"""Another way out than our own: an HTTP proxy, or a SOCKS proxy such as Tor's.

In:    what a person wrote for it ("socks5h://127.0.0.1:9050"); a socket connected to it, and whom it shall call.
Out:   an Egress; a socket that now reaches that host.
Never: looks the host's name up (the proxy does), or says the proxy's login in an error or a repr.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import h11
from socksio import ProtocolError, socks5

from aggregator.errors import FetchError
from aggregator.fetch import guard

SCHEMES = ("http", "socks5h")  # no "socks5": the name would be looked up here, which is what one wants to avoid
CONNECT_TIMEOUT_S = 30.0  # a circuit through Tor takes its time
_MAX_HEAD_BYTES = 16 * 1024
_MAX_LOGIN_BYTES = 255  # each half; more cannot be written as SOCKS (RFC 1929)
_STATUS_OK = range(200, 300)
_SOCKS_PROBLEMS = {
    socks5.SOCKS5ReplyCode.CONNECTION_NOT_ALLOWED_BY_RULESET: "does not allow it",
    socks5.SOCKS5ReplyCode.NETWORK_UNREACHABLE: "says that there is no route to its network",
    socks5.SOCKS5ReplyCode.HOST_UNREACHABLE: "says that it cannot be reached",
    socks5.SOCKS5ReplyCode.CONNECTION_REFUSED: "says that it refuses the connection",
    socks5.SOCKS5ReplyCode.TTL_EXPIRED: "says that it does not answer",
}

_Message = socks5.SOCKS5AuthMethodsRequest | socks5.SOCKS5UsernamePasswordRequest | socks5.SOCKS5CommandRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """A way out that a person has named. Wherever it stands, it is meant: its own address is not checked."""

    name: str
    scheme: str  # one of SCHEMES
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def login(self) -> list[tuple[bytes, bytes]]:
        """The header that an HTTP proxy wants, if it wants one (RFC 9110, section 11.7.2)."""
        if not self.user:
            return []
        word = base64.b64encode(f"{self.user}:{self.password}".encode())
        return [(b"Proxy-Authorization", b"Basic " + word)]


def read(name: str, url: str) -> Egress:
    """Return the egress that a URL describes; ValueError, which never repeats the URL, for what is none."""
    problem = f"egress {name}: write http://HOST:PORT or socks5h://HOST:PORT"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in SCHEMES or not parts.hostname or not port:
        raise ValueError(problem)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if max(len(user.encode()), len(password.encode())) > _MAX_LOGIN_BYTES:
        raise ValueError(f"egress {name}: its login is too long")
    return Egress(name=name, scheme=parts.scheme, host=parts.hostname, port=port, user=user, password=password)


def check(host: str, egress: Egress | None, allowed: Iterable[guard.Network]) -> None:
    """Raise FetchError("refused") for a host that must not, or cannot, be asked for on this way."""
    onion = host.rstrip(".").lower().endswith(".onion")
    if onion and (egress is None or egress.scheme != "socks5h"):
        raise FetchError("refused", f"{host} is inside Tor", "give the source a socks5h egress to Tor with `via:`")
    if egress is not None and not onion:
        guard.check_unresolved(host, allowed)


async def tunnel(one: socket.socket, egress: Egress, host: str, port: int) -> None:
    """Make the proxy at the other end connect us with the host. FetchError when it does not."""
    through = _socks if egress.scheme == "socks5h" else _connect
    try:
        await through(one, egress, host, port)
    except (EOFError, ProtocolError, h11.RemoteProtocolError):
        raise _failed(egress, "does not speak the protocol that its address says") from None


def _failed(egress: Egress, problem: str, kind: str = "connect") -> FetchError:
    return FetchError(kind, f'the egress "{egress.name}" {problem}')


async def _connect(one: socket.socket, egress: Egress, host: str, port: int) -> None:
    """CONNECT (RFC 9110, section 9.3.6). Nothing can come behind the answer's head: we speak first."""
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    wire = h11.Connection(h11.CLIENT, _MAX_HEAD_BYTES)
    asked = h11.Request(method="CONNECT", target=authority, headers=[(b"Host", authority.encode()), *egress.login])
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(one, wire.send(asked))
    while not isinstance(event := wire.next_event(), h11.Response):
        if event is h11.NEED_DATA:
            wire.receive_data(await loop.sock_recv(one, 4096))
    if event.status_code == 407:  # noqa: PLR2004 - Proxy Authentication Required
        raise _failed(egress, "wants another login")
    if event.status_code not in _STATUS_OK or wire.trailing_data[0]:
        raise _failed(egress, f"does not connect us with {host} ({event.status_code})")


async def _socks(one: socket.socket, egress: Egress, host: str, port: int) -> None:
    """SOCKS5 (RFC 1928, RFC 1929), the name looked up at the far end."""
    methods = socks5.SOCKS5AuthMethod
    method = methods.USERNAME_PASSWORD if egress.user else methods.NO_AUTH_REQUIRED
    await _send(one, socks5.SOCKS5AuthMethodsRequest([method]))
    accepted = socks5.SOCKS5AuthReply.loads(await _read(one, 2)).method == method
    if accepted and egress.user:
        await _send(one, socks5.SOCKS5UsernamePasswordRequest(egress.user.encode(), egress.password.encode()))
        accepted = socks5.SOCKS5UsernamePasswordReply.loads(await _read(one, 2)).success
    if not accepted:
        raise _failed(egress, "wants another login")
    await _send(one, socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host, port)))
    answer = socks5.SOCKS5Reply.loads(await _socks_reply(one))
    if answer.reply_code != socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise _failed(egress, f"was asked for {host} and {_SOCKS_PROBLEMS.get(answer.reply_code, 'failed')}")


async def _socks_reply(one: socket.socket) -> bytes:
    """Return the whole reply: its length depends on the kind of address in it, and nothing behind it is ours."""
    head = await _read(one, 5)
    rest = {1: 5, 3: head[4] + 2, 4: 17}.get(head[3])
    if rest is None:
        raise ProtocolError
    return head + await _read(one, rest)


async def _send(one: socket.socket, message: _Message) -> None:
    await asyncio.get_running_loop().sock_sendall(one, message.dumps())


async def _read(one: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = await asyncio.get_running_loop().sock_recv(one, length - len(data))
        if not more:
            raise EOFError
        data += more
    return data
