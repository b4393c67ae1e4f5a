"""A name to its addresses, by the system, on threads of our own.

In:    a host name.
Out:   its addresses in the order of preference (RFC 6724), or FetchError("dns").
Never: keeps an answer: what was right an hour ago may be somebody else's now.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Thread

from aggregator.errors import FetchError
from aggregator.fetch import trouble

Resolve = Callable[[str], Awaitable[list[str]]]

MAX_LOOKUPS = 32  # at once; a dead name server holds each for tens of seconds


class SystemResolver:
    """The system's name look-up.

    The event loop's shared threads would all be held by a few dead names. An executor's would be waited for when the
    process ends; these are daemons, so that a stop takes no longer than it must.
    """

    def __init__(self, look_up: Callable[[str], list[str] | FetchError] | None = None) -> None:
        self._look_up = look_up or _look_up
        self._free = asyncio.Semaphore(MAX_LOOKUPS)

    async def __call__(self, host: str) -> list[str]:
        """Return the addresses of the name."""
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

        try:
            Thread(target=work, name=f"look up {host}", daemon=True).start()
        except RuntimeError as error:  # the system gives us no thread
            settle(trouble.lacking(str(error)))
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


def unresolved(host: str, error: OSError | UnicodeError) -> FetchError:
    """Return what a failed look-up means."""
    if isinstance(error, UnicodeError):
        return FetchError("dns", f"{host[:80]} is not a name that can be looked up")
    if not isinstance(error, socket.gaierror):  # the system's own trouble: no descriptor, no memory
        return trouble.lacking(error.strerror or str(error))
    if error.errno == socket.EAI_AGAIN:
        return FetchError("dns", f"the name {host} cannot be looked up: no name server answers")
    return FetchError("dns", f"the name {host} does not resolve")
