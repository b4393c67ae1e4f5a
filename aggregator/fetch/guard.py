"""Which addresses may be called, and which nobody outside should make us call.

In:    a host, the addresses found for it, and the networks that are allowed although they are private.
Out:   nothing, or FetchError("refused") that says what is wrong and how to allow it.
Never: looks a name up, or calls anybody.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aggregator.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

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

# Names that are nobody's on the public internet: RFC 6762 (local), RFC 8375 (home.arpa), RFC 9476 (alt), ICANN's
# resolution of 2024 (internal); localdomain is what routers hand out.
_NOT_PUBLIC_NAMES = ("local", "localdomain", "internal", "home.arpa", "alt")


@lru_cache(maxsize=1024)
def networks(cidrs: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the CIDRs as networks; ValueError for what is none."""
    return tuple(ip_network(cidr, strict=False) for cidr in cidrs)


@lru_cache(maxsize=2048)
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


def is_allowed(host: str, allowed: Iterable[Network]) -> bool:
    """Whether the host is an address, and one of those that a person has allowed although they are private."""
    return is_address(host) and any(ip_address(host) in network for network in allowed)


def check_unresolved(host: str, allowed: Iterable[Network]) -> None:
    """Raise FetchError("refused") for a host that only a private network knows, judged without a look-up.

    For what goes through an egress: the name is looked up there, out of our sight.
    """
    name = host.rstrip(".").lower()
    found = _number(name)
    if found is None and name.rpartition(".")[2] == "localhost":
        found = "127.0.0.1"
    if found is not None:
        check(host, found, allowed)
    elif "." not in name or any(name.endswith(f".{tail}") for tail in _NOT_PUBLIC_NAMES):
        raise FetchError(
            "refused",
            f"{host} is a name of a private network, and which one cannot be seen through an egress",
            "if it is meant, write its address instead of the name and allow that with `allow_private`",
        )


def is_private_name(host: str) -> bool:
    """Whether only a private network knows this host, judged without a look-up."""
    try:
        check_unresolved(host, ())
    except FetchError:
        return True
    return False


def _number(host: str) -> str | None:
    """Return the address a host is in any spelling (127.1, 0x7f.1, 2130706433), or None for a name."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4][0])
    except (OSError, UnicodeError):
        return None


def is_address(host: str) -> bool:
    """Whether it is an address as we write it, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
