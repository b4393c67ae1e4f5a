"""The addresses at which hubs reach us: /websub/ID (WebSub, sections 5.3 and 7).

In:    a hub's question (GET) or its delivery (POST), and the spine that answers and keeps them.
Out:   an answer within a second: nothing that is delivered is read while a hub waits.
Never: takes a body for an address that is nobody's, or more of one than is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from aggregator import metrics
from aggregator.errors import StoreError
from aggregator.pipeline import Delivery
from aggregator.serve.answer import Answer, Headers
from aggregator.serve.body import TooLarge, take

CALLBACK = "/websub/"
METHODS = b"GET, POST"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the spine does with what comes at these addresses. The first argument is the id at the address's end."""

    answer: Callable[[str, bytes], Awaitable[str | None]]  # the answer to a question (a query); None: 404
    expected: Callable[[str], Awaitable[bool]]  # whether deliveries may come there
    receive: Callable[[str, Delivery], Awaitable[bool]]  # keeps a delivery; False: nobody expects it any more
    most_bytes: int  # of a delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushes:
    """An ASGI application for hubs."""

    callback: Callback
    refused: Mapping[int, Answer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            said = await self._answer(scope, receive)
        except StoreError:  # the hub tries again
            said = self.refused[503]
        metrics.answered("other", said.status)
        await send({"type": "http.response.start", "status": said.status, "headers": said.headers})
        await send({"type": "http.response.body", "body": said.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        name = scope["path"].removeprefix(CALLBACK)
        if scope["method"] not in ("GET", "POST"):
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, [(b"allow", METHODS)])
        if not _ID.fullmatch(name):
            return self.refused[404]
        if scope["method"] == "GET":
            said = await self.callback.answer(name, scope["query_string"])
            return self.refused[404] if said is None else _plain(HTTPStatus.OK, body=said.encode("utf-8", "replace"))
        return _plain(await self._receive(name, dict(scope["headers"]), receive))

    async def _receive(self, name: str, headers: Mapping[bytes, bytes], receive: Receive) -> HTTPStatus:
        """Take a delivery. 410 tells a hub that nobody wants it any more."""
        if not await self.callback.expected(name):
            metrics.received("unknown")
            return HTTPStatus.GONE
        try:
            body = await take(headers.items(), receive, self.callback.most_bytes)
        except TooLarge:
            metrics.received("too-large")
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        if body is None:
            return HTTPStatus.BAD_REQUEST
        signature = headers.get(b"x-hub-signature")
        delivery = Delivery(
            content_type=headers.get(b"content-type", b"").decode("latin-1"),
            signature=None if signature is None else signature.decode("latin-1"),
            body=body,
        )
        return HTTPStatus.ACCEPTED if await self.callback.receive(name, delivery) else HTTPStatus.GONE


def _plain(status: int, more: Headers | None = None, body: bytes = b"") -> Answer:
    """Return an answer that no browser takes for a page: a challenge is whatever somebody writes into an address."""
    headers: Headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *(more or []),
    ]
    return Answer(status=status, headers=headers, body=body)
