"""Take the body of a request, as much of it as is allowed.

In:    a request's announced length and its messages, the limit.
Out:   the whole body, None if its sender broke off, or TooLarge.
Never: waits for ever, or holds more than the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.types import Receive

BODY_S = 60  # for a whole body to come


class TooLarge(Exception):
    """A body is larger than allowed."""


async def take(headers: Iterable[tuple[bytes, bytes]], receive: Receive, most_bytes: int) -> bytes | None:
    """Return the whole body; None if its sender broke off. Raises TooLarge, TimeoutError."""
    if int(dict(headers).get(b"content-length", b"0")) > most_bytes:
        raise TooLarge
    async with asyncio.timeout(BODY_S):
        return await _read(receive, most_bytes)


async def _read(receive: Receive, most_bytes: int) -> bytes | None:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise TooLarge
        more = message.get("more_body", False)
    return bytes(body)
