"""/metrics: who may see our numbers, and what the store adds to them.

In:    the peer's address, the networks that may ask, the store.
Out:   the numbers; for everybody else the same as where nothing is.
Never: believes a header about who asks: X-Forwarded-For says whatever its sender likes (content.md A52).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from aggregator import metrics
from aggregator.errors import StoreError
from aggregator.serve.answer import Answer
from aggregator.store import Store
from aggregator.store.gauges import gauges

STORE_ANSWERS_IN_S = 2  # a scraper gives up after ten seconds, and most numbers do not need the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What /metrics needs of the daemon."""

    allow: Callable[[], Sequence[str]]  # networks beside this machine; asked each time, so that a reload shows at once
    measure: Callable[[], Awaitable[None]]  # brings the numbers of the store up to date


def may_ask(peer: str, allow: Iterable[str]) -> bool:
    """Return whether a peer, an IP address, is this machine or in one of these networks."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:  # an IPv4 peer of a socket that listens on both
        address = address.ipv4_mapped
    return address.is_loopback or any(address in ip_network(network) for network in allow)


async def measure(store: Store, now: datetime) -> None:
    """Ask the store for its numbers. Where it does not answer soon, that is what the metrics say."""
    try:
        async with asyncio.timeout(STORE_ANSWERS_IN_S):
            found = await store.read(gauges, now)
    except (StoreError, TimeoutError):
        metrics.store_silent()
        return
    metrics.store_says(
        sources=found.sources,
        uncurated=found.uncurated,
        dirty=found.dirty,
        late_s=found.late.total_seconds(),
        store_bytes=found.size_bytes,
        wal_bytes=found.wal_bytes,
        subscribers=found.subscribers,
        letters=found.letters,
    )


def numbers() -> Answer:
    """Return all numbers as they stand."""
    body = metrics.text()
    return Answer(
        status=200,
        headers=[
            (b"content-type", metrics.MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ],
        body=body,
    )
