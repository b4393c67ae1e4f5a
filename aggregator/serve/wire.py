"""What stands between a connection and the application: uvicorn's protocol on llhttp, with limits to what it waits for.

In:    bytes of a connection.
Out:   requests to the application; 400 for a head that is too long, and the end for one that does not come.
Never: keeps more of a request than its head may be long, or a connection that asks for nothing; lets an answer overtake
       another, or pile up before a reader that does not take it.

A plain request for finished bytes needs no task, no queue and no messages of ASGI, which cost three times as much as
the answer itself: the application is asked for it by a call, and it is written where its head ends. All else, and
whatever comes while another answer is under way, goes uvicorn's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from aggregator.serve.answer import Answer

MAX_REQUEST_HEAD = 16 * 1024  # bytes of request line and headers; browsers stay under 8 kB
HEAD_S = 20.0  # for a request to come, from its connection or its first byte on; nginx gives 60
KEEP_S = 5.0  # between an answer and the next request; a cache in front asks all the time, a reader once an hour
_PLAIN = frozenset({b"content-length", b"transfer-encoding", b"upgrade", b"expect"})  # a plain request has none of them


class Protocol(HttpToolsProtocol):
    """llhttp reads a head of any length; h11, which has a limit, takes three times as long for a request."""

    def __init__(
        self, *, head_s: float = HEAD_S, at_once: Callable[[Any], Answer | None] | None = None, **given: Any
    ) -> None:
        """at_once: returns the answer to the scope of a plain request, None where the application must be asked."""
        super().__init__(**given)
        self._head_s, self._at_once = head_s, at_once
        self._begun = False  # a request, whose head is not complete
        self._said: Answer | None = None  # to the request that is being read
        self._arrived = self._chunk = 0  # bytes since the request began, and of what came last
        self._deadline: asyncio.TimerHandle | None = None
        self._free_since: float | None = None  # when the last answer was given; None while another one is asked for
        self._keeper: asyncio.TimerHandle | None = None
        self._standing: tuple[object, bytes] = (None, b"")  # the headers of every answer, and as they are sent

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._come()
        if self._keeper:
            self._keeper.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._chunk = len(data)
        self._arrived += self._chunk
        super().data_received(data)
        if self._begun and not self.transport.is_closing():
            self._wait()
            if self._arrived > MAX_REQUEST_HEAD:
                self.send_400_response("This request is too long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._arrived = self._chunk  # the body of the request before, on this connection, is none of its head
        self._begun, self._free_since = True, None

    def on_headers_complete(self) -> None:
        """It is complete, however it came; what is raised here is answered 400."""
        self._begun = False
        self._come()
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one host (RFC 9112, section 3.2)")
        if self._arrived > MAX_REQUEST_HEAD and self._head_bytes() > MAX_REQUEST_HEAD:  # what else came is its body
            raise ValueError("a head that is too long")
        self._said = self._quick(names)
        if self._said is None:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there."""
        if self._said is None:
            super().on_message_complete()
            return
        said, self._said = self._said, None
        head = b"".join((STATUS_LINE[said.status], self._always(), said.lines, b"\r\n"))
        if said.body and self.scope["method"] == "GET":
            self.transport.writelines((head, said.body))
        else:
            self.transport.write(head)
        self._stand_by()

    def _quick(self, names: list[bytes]) -> Answer | None:
        """Return the answer to a plain request on a connection that is free for it."""
        if self._at_once is None or not self.url.startswith(b"/") or b"?" in self.url or b"%" in self.url:
            return None
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy or self.flow.write_paused or len(self.connections) >= (self.limit_concurrency or 0):
            return None
        method = self.parser.get_method()
        if method not in (b"GET", b"HEAD") or not _PLAIN.isdisjoint(names) or not self.parser.should_keep_alive():
            return None
        self.scope["method"], self.scope["path"] = method.decode(), self.url.decode("latin-1")
        try:
            return self._at_once(self.scope)
        except Exception:  # noqa: BLE001 - uvicorn's way logs it and answers 500; the parser would call it a bad request
            return None

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _always(self) -> bytes:
        """Return the lines that begin every answer: Date, which the server makes anew each second."""
        known, lines = self._standing
        headers = self.server_state.default_headers
        if known is not headers:
            lines = b"".join(b"%s: %s\r\n" % pair for pair in headers)
            self._standing = (headers, lines)
        return lines

    def _stand_by(self) -> None:
        """Wait for another request, as long as uvicorn would.

        One timer looks after the connection for as long as it stands: a timer for each answer, made and ended, sends
        uvloop round its loop once more and costs a third of the answer.
        """
        self.server_state.total_requests += 1
        self._free_since = self.loop.time()
        self._keeper = self._keeper or self.loop.call_later(self.timeout_keep_alive, self._look)

    def _look(self) -> None:
        self._keeper = None
        if self._free_since is None:  # what is asked for now takes uvicorn's way, which has a timer of its own
            return
        left = self._free_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._keeper = self.loop.call_later(left, self._look)
        else:
            self.timeout_keep_alive_handler()

    def _wait(self) -> None:
        self._deadline = self._deadline or self.loop.call_later(self._head_s, self.transport.close)

    def _come(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
