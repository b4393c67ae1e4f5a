"""The Unix socket beside an SQLite store: how a command asks the daemon that holds it to do the writing.

In:    one JSON object per connection, a line: {"verb": "poll", ...}.
Out:   JSON objects, a line each, as the work goes on; the connection's end is the answer's end.
Never: listens anywhere but on the file system, where the store's own permissions guard it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Handler = Callable[[Message], AsyncIterator[Message]]
LONGEST_REQUEST = 1 << 20  # bytes


def socket_of(database: Path) -> Path:
    """Return where the daemon on this SQLite file listens."""
    return database.with_name(database.name + ".socket")


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """Give an address for a path of any length: the kernel takes 107 bytes, people's folders are deeper."""
    if len(os.fsencode(path)) <= 100:  # noqa: PLR2004 - see above
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@asynccontextmanager
async def listen(path: Path, handle: Handler) -> AsyncIterator[None]:
    """Answer requests while the block runs. Call it only while holding the store: a left-over socket is replaced."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.LimitOverrunError, ValueError):
            request = json.loads(await asyncio.wait_for(reader.readline(), 5))
            async for message in handle(request):
                writer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        writer.close()

    path.unlink(missing_ok=True)
    with _address(path) as address:
        server = await asyncio.start_unix_server(answer, address, limit=LONGEST_REQUEST)
    path.chmod(0o600)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def ask(path: Path, request: Message) -> Iterator[Message]:
    """Send a request and yield the answers as they come. Raises OSError where nobody listens."""
    with socket.socket(socket.AF_UNIX) as connection, _address(path) as address:
        connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
