"""How much all bodies together may hold, while they are read and until they are parsed.

In:    how much a body has grown.
Out:   leave to grow further: at once, or when its turn has come.
Never: refuses. Whoever waits too long for his turn meets the deadline of his own exchange.

A limit for each does not bound fifty of them. Together they grow freely up to a limit; above it one may go on and the
others wait, so that somebody always can, and what is held stays below that limit and one body more.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

ALWAYS_BYTES = 256 * 1024  # of each body that nobody counts: most feeds, which thus never wait for the large ones
FREE_BYTES = 8 * 1024 * 1024  # beyond that: what fifty polls at once need, were each feed 400 kB


class Ration:
    """What there is for all."""

    def __init__(self, free_bytes: int = FREE_BYTES) -> None:
        self.free_bytes = free_bytes
        self.held_bytes = 0
        self.turn = asyncio.Lock()


class Share:
    """What one poll holds of it, until the end of the block."""

    def __init__(self, ration: Ration) -> None:
        self._ration = ration
        self._bytes, self._counted, self._mine = 0, 0, False

    async def grow(self, more: int) -> None:
        """Count bytes that have come; wait for the turn where that was too much for all."""
        self._bytes += more
        above = max(0, self._bytes - ALWAYS_BYTES)
        self._ration.held_bytes += above - self._counted
        self._counted = above
        if above and not self._mine and self._ration.held_bytes > self._ration.free_bytes:
            await self._ration.turn.acquire()
            self._mine = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ration.held_bytes -= self._counted
        self._counted = self._bytes = 0
        if self._mine:
            self._ration.turn.release()
            self._mine = False
