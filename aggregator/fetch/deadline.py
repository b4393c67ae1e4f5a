"""Waiting for somebody has an end.

In:    how long.
Out:   nothing, or FetchError("timeout").
Never: waits for less than everything: look-up, redirects, headers and body stand under one deadline.
"""

from __future__ import annotations

from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from aggregator.errors import FetchError


@asynccontextmanager
async def within(deadline: timedelta) -> AsyncIterator[None]:
    """Let the block go on for so long."""
    seconds = deadline.total_seconds()
    try:
        async with timeout(seconds):
            yield
    except TimeoutError:
        raise FetchError("timeout", f"no complete answer within {seconds:g} seconds") from None
