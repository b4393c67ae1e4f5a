"""What a client offers when it begins to speak TLS.

In:    a connection on which a ClientHello comes (RFC 8446, section 4.1.2).
Out:   the versions and the protocols that it offers.
Never: answers; whoever is connected is left alone after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_FIXED = 4 + 2 + 32  # kind and length, legacy version, random
_SUPPORTED_VERSIONS, _ALPN = 43, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """One offer."""

    versions: tuple[int, ...]  # 0x0303 is TLS 1.2
    protocols: tuple[bytes, ...]  # b"http/1.1", b"h2"; none where the client leaves it open


@asynccontextmanager
async def listening(host: str) -> AsyncIterator[tuple[int, asyncio.Queue[Hello]]]:
    """Listen while the block runs; give the port, and the offers as they come."""
    hellos = asyncio.Queue[Hello]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(5)
            hellos.put_nowait(read(await reader.readexactly(int.from_bytes(head[3:], "big"))))
        finally:
            writer.close()

    async with await asyncio.start_server(connected, host) as server:
        yield server.sockets[0].getsockname()[1], hellos


def read(message: bytes) -> Hello:
    """Return what a ClientHello offers."""
    rest = message[_FIXED:]
    for size_bytes in (1, 2, 1):  # session, cipher suites, compression
        _, rest = _cut(rest, size_bytes)
    extensions = dict(_extensions(_cut(rest, 2)[0]))
    versions, _ = _cut(extensions.get(_SUPPORTED_VERSIONS, b"\x02" + message[4:6]), 1)
    protocols, _ = _cut(extensions.get(_ALPN, b"\0\0"), 2)
    return Hello(
        versions=tuple(int.from_bytes(versions[at : at + 2], "big") for at in range(0, len(versions), 2)),
        protocols=tuple(_names(protocols)),
    )


def _cut(data: bytes, size_bytes: int) -> tuple[bytes, bytes]:
    """Return a vector, whose length stands before it in so many bytes, and what follows it."""
    end = size_bytes + int.from_bytes(data[:size_bytes], "big")
    return data[size_bytes:end], data[end:]


def _extensions(data: bytes) -> Iterator[tuple[int, bytes]]:
    while data:
        kind = int.from_bytes(data[:2], "big")
        value, data = _cut(data[2:], 2)
        yield kind, value


def _names(data: bytes) -> Iterator[bytes]:
    while data:
        name, data = _cut(data, 1)
        yield name
