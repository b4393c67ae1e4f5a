"""Dial a host: every address it has is checked, and one of those very addresses is called.

In:    a host name, and the networks that are allowed although they are private; then addresses and a port.
Out:   the addresses worth trying; then a connected socket.
Never: trusts a name, or a look-up made earlier: what is checked is what is dialled.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from aggregator.errors import FetchError
from aggregator.fetch import guard
from aggregator.fetch.resolve import Resolve

HEAD_START_S = 0.25  # before the next address is tried beside it (RFC 8305, section 5)
MAX_ADDRESSES = 4  # of one name that are tried


async def find(host: str, resolve: Resolve, allowed: Iterable[guard.Network] | None) -> list[str]:
    """Return the addresses to try. FetchError when one of all is not allowed; allowed None: whatever they are."""
    found = [host] if guard.is_address(host) else await resolve(host)
    if allowed is not None:
        for address in found:
            guard.check(host, address, allowed)
    if not found:
        raise FetchError("dns", f"the name {host} has no address")
    return interleaved(found)[:MAX_ADDRESSES]


def interleaved(addresses: Sequence[str]) -> list[str]:
    """Return them with the families in turn, beginning with the preferred one (RFC 8305, section 4)."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    return [address for address in chain.from_iterable(zip_longest(first, other)) if address is not None]


async def connect(addresses: Sequence[str], port: int) -> socket.socket:
    """Return a socket connected to the first address that answers; the last OSError when none does."""
    if len(addresses) == 1:
        return await _connect(addresses[0], port)
    waiting, running, failed = list(addresses), set[asyncio.Task[socket.socket]](), OSError("no address")
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_connect(waiting.pop(0), port)))
            head_start = HEAD_START_S if waiting else None
            done, _ = await asyncio.wait(running, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.discard(task)
                error = task.exception()
                if error is None:
                    running |= done - {task}
                    return task.result()
                failed = error if isinstance(error, OSError) else failed
        raise failed
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close)


async def _connect(address: str, port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.setblocking(False)
        await asyncio.get_running_loop().sock_connect(one, (address, port))
    except BaseException:
        one.close()
        raise
    return one


def _close(attempt: asyncio.Task[socket.socket]) -> None:
    """Close what an attempt opened that came too late."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
