"""Dial a host, unless the address is one that nobody outside should make us call.

In:    a host name, and the networks that are allowed although they are private.
Out:   an open connection to an address that passed.
Never: trusts a name, or a look-up made earlier: what is checked is what is dialled.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread

import httpcore

from aggregator.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Awaitable[list[str]]]  # a name to its addresses; FetchError("dns", ...) when it has none

CONNECT_TIMEOUT_S = 10.0
MAX_ADDRESSES = 4  # of one name that are tried, each for its share of CONNECT_TIMEOUT_S
MAX_LOOKUPS = 32  # at once; a dead name server holds each for tens of seconds

# Everything that is not the public internet. `ipaddress.is_global` of Python 3.11 says True for 224.0.0.1,
# 192.0.0.8, 2002:7f00:1:: and others, so the list is our own. Source: the IANA special-purpose registries.
_NOT_PUBLIC = tuple(
    ip_network(cidr)
    for cidr in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; Alibaba's metadata is 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, public by number only
        "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata is 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "3fff::/20",  # documentation
    )
)
_IPV6_UNICAST = IPv6Network("2000::/3")  # all that is assigned; loopback, fc00::/7, fe80::/10 ... lie outside
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches it; judged by the IPv4 address inside


@lru_cache(maxsize=1024)
def networks(cidrs: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the CIDRs as networks; ValueError for what is none."""
    return tuple(ip_network(cidr, strict=False) for cidr in cidrs)


def is_public(address: Address) -> bool:
    """Whether it belongs to the public internet, and to nothing else."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _IPV6_UNICAST:
            return False
    return not any(address in network for network in _NOT_PUBLIC)


def check(host: str, found: str, allowed: Iterable[Network]) -> None:
    """Raise FetchError("refused") unless this address of the host is public or allowed."""
    address = ip_address(found)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # the kernel dials the IPv4 address
    if is_public(address) or any(address in network for network in allowed):
        return
    where = f"{host} has the address {found}, which" if host != found else f"the address {found}"
    raise FetchError(
        "refused",
        f"{where} is not on the public internet",
        f"if it is meant, allow it with `allow_private: [{address}/{address.max_prefixlen}]`",
    )


class Guard(httpcore.AsyncNetworkBackend):
    """Dials for one exchange: looks the name up once, checks every answer, and dials one of those very addresses."""

    def __init__(self, resolve: Resolve, allowed: tuple[Network, ...]) -> None:
        self._resolve, self._allowed = resolve, allowed
        self._backend = httpcore.AnyIOBackend()
        self._opened: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. TLS keeps the name: httpcore takes it from the URL."""
        found = [host] if _is_address(host) else await self._resolve(host)
        for address in found:
            check(host, address, self._allowed)
        failed: Exception = FetchError("dns", f"the name {host} has no address")
        share = timeout / min(len(found), MAX_ADDRESSES) if timeout and found else None
        for address in found[:MAX_ADDRESSES]:
            try:
                self._opened = await self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return self._opened
        raise failed

    async def aclose(self) -> None:
        """Close what was opened. httpcore 1.0.9 forgets the socket when a TLS handshake is cancelled."""
        if self._opened is not None:
            await self._opened.aclose()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class SystemResolver:
    """The system's name look-up, on threads of our own.

    The event loop's shared threads would all be held by a few dead names. An executor's would be waited for when the
    process ends; these are daemons, so that a stop takes no longer than it must.
    """

    def __init__(self, look_up: Callable[[str], list[str] | FetchError] | None = None) -> None:
        self._look_up = look_up or _look_up
        self._free = asyncio.Semaphore(MAX_LOOKUPS)

    async def __call__(self, host: str) -> list[str]:
        """Return the addresses of the name, in the order of preference (RFC 6724)."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str] | FetchError] = loop.create_future()

        def settle(found: list[str] | FetchError) -> None:
            self._free.release()  # here and not below: a caller may give up, its thread cannot
            if not answer.done():
                answer.set_result(found)

        def work() -> None:
            found = self._look_up(host)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, found)

        Thread(target=work, name=f"look up {host}", daemon=True).start()
        found = await answer
        if isinstance(found, FetchError):
            raise found
        return found


def _look_up(host: str) -> list[str] | FetchError:
    """Return the addresses, or why there are none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return unresolved(host, error)
    return [str(address[0]) for _, _, _, _, address in found]


def unresolved(host: str, error: Exception) -> FetchError:
    """Return what a failed look-up means."""
    if not isinstance(error, socket.gaierror):
        return FetchError("dns", f"{host[:80]} is not a name that can be looked up")
    if error.errno == socket.EAI_AGAIN:
        return FetchError("dns", f"the name {host} cannot be looked up: no name server answers")
    return FetchError("dns", f"the name {host} does not resolve")
