"""Read a body: unpacked, counted, and stopped when it becomes too much.

In:    the pieces as they come, the Content-Encoding and Content-Length that were announced, the limit.
Out:   Body: the bytes, how many came over the wire, and the flaws.
Never: blocks the others for long: after each large piece they get their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aggregator.errors import FetchError
from aggregator.fetch import decode, trouble
from aggregator.fetch.share import Share
from aggregator.model import Flaw

# XML packs five to twenty times, a long list of equal entries a hundred times. A bomb packs a thousand times and more;
# the limit on size stops it too, but only after that size.
MAX_RATIO = 200
_RATIO_FROM_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body, read to its end."""

    data: bytes
    bytes_read: int  # on the wire
    flaws: tuple[Flaw, ...] = ()


async def read(
    pieces: AsyncIterator[bytes], *, encoding: str, length_bytes: int, most_bytes: int, share: Share
) -> Body:
    """Return the whole body, or FetchError. most_bytes: on the wire, and again unpacked."""
    _refuse_too_much(length_bytes, most_bytes)
    decoder = decode.decoder(encoding)
    held, size, bytes_read = list[bytes](), 0, 0  # one buffer that grows beside others would leave holes in the heap
    try:
        async for data in pieces:
            bytes_read += len(data)
            _refuse_too_much(bytes_read, most_bytes)
            for piece in decoder.feed(data):
                held.append(piece)
                size += len(piece)
                _refuse_too_much(size, most_bytes)
                if size > max(_RATIO_FROM_BYTES, bytes_read * MAX_RATIO):
                    raise FetchError("too-large", f"the body unpacks to more than {MAX_RATIO} times what was sent")
                await share.grow(len(piece))
                if len(piece) >= decode.STEP:
                    await asyncio.sleep(0)
        decoder.end()
        flaws = (Flaw(code="garbage-after-gzip", where="answer"),) if decoder.garbage else ()
        return Body(data=b"".join(held), bytes_read=bytes_read, flaws=flaws)
    finally:
        held.clear()  # the traceback of a failure lives on for a while


async def head(pieces: AsyncIterator[bytes], *, encoding: str, most_bytes: int, timeout_s: float) -> bytes:
    """Return the beginning of a body, as much as can be had; nothing that is wrong with it matters."""
    found = bytearray()
    try:
        decoder = decode.decoder(encoding)
        async with asyncio.timeout(timeout_s):
            async for data in pieces:
                for piece in decoder.feed(data):
                    found += piece
                    if len(found) >= most_bytes:
                        return bytes(found[:most_bytes])
    except (FetchError, TimeoutError, *trouble.NETWORK_ERRORS):
        pass
    return bytes(found)


def _refuse_too_much(length_bytes: int, most_bytes: int) -> None:
    if length_bytes > most_bytes:
        raise FetchError("too-large", f"the body is larger than {most_bytes / 2**20:.3g} MB")
