"""What stands between a connection and the application: uvicorn's protocol on llhttp, with limits to what it waits for.

In:    bytes of a connection.
Out:   requests to the application; 400 for a head that is too long, and the end for one that does not come.
Never: keeps more of a request than its head may be long, or a connection that asks for nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_REQUEST_HEAD = 16 * 1024  # bytes of request line and headers; browsers stay under 8 kB
HEAD_S = 20.0  # for a request to come, from its connection or its first byte on; nginx gives 60


class Protocol(HttpToolsProtocol):
    """llhttp reads a head of any length; h11, which has a limit, takes three times as long for a request."""

    def __init__(self, *, head_s: float = HEAD_S, **given: Any) -> None:
        super().__init__(**given)
        self._head_s = head_s
        self._arrived = self._chunk = 0  # bytes since the request began, and of what came last
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._come()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._chunk = len(data)
        self._arrived += self._chunk
        super().data_received(data)
        if self._deadline and self._arrived > MAX_REQUEST_HEAD and not self.transport.is_closing():
            self.send_400_response("This request is too long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._arrived = self._chunk  # the body of the request before, on this connection, is none of its head
        self._wait()

    def on_headers_complete(self) -> None:
        """It is complete, however it came; what is raised here is answered 400."""
        self._come()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one host (RFC 9112, section 3.2)")
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_REQUEST_HEAD:
            raise ValueError("a head that is too long")
        super().on_headers_complete()

    def _wait(self) -> None:
        self._deadline = self._deadline or self.loop.call_later(self._head_s, self.transport.close)

    def _come(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
