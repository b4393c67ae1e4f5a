"""/hub: where subscribers find our own hub (WebSub, section 5.1).

In:    a form that was posted, and the spine that answers it.
Out:   202, or one sentence that says what is wrong.
Never: waits for anybody else while somebody waits for us: callbacks are asked afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from aggregator import metrics
from aggregator.errors import StoreError
from aggregator.pipeline import Reply
from aggregator.serve.answer import Answer, Headers
from aggregator.serve.body import TooLarge, take

HUB = "/hub"
MOST_BYTES = 16 * 1024  # of a form: two addresses, a secret and some words
FORM = b"application/x-www-form-urlencoded"
AGAIN_S = 60  # who finds too many others here may come back after that
METHODS = (
    "This is the hub of the feeds on this server (WebSub). Feed readers subscribe by POST; you need do nothing here."
)
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

Asked = Callable[[bytes], Awaitable[Reply | None]]  # a form; None: there is no hub


@dataclass(frozen=True, slots=True, kw_only=True)
class OurHub:
    """An ASGI application for subscribers."""

    asked: Asked
    refused: Mapping[int, Answer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            said = await self._answer(scope, receive)
        except StoreError:
            said = self.refused[503]
        metrics.answered("other", said.status)
        body = said.body if scope["method"] != "HEAD" else b""
        await send({"type": "http.response.start", "status": said.status, "headers": said.headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, METHODS, [(b"allow", b"POST")])
        kind = dict(scope["headers"]).get(b"content-type", FORM)
        if kind.partition(b";")[0].strip().lower() != FORM:
            return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body must be a form ({FORM.decode()}).")
        try:
            form = await take(scope["headers"], receive, MOST_BYTES)
        except TooLarge:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request to this hub has at most {MOST_BYTES} bytes.")
        except TimeoutError:
            return _plain(HTTPStatus.REQUEST_TIMEOUT, "The body has not come.")
        if form is None:
            return _plain(HTTPStatus.BAD_REQUEST, "The body ends in the middle.")
        said = await self.asked(form)
        return self.refused[404] if said is None else _plain(said.status, said.sentence)


def _plain(status: int, sentence: str, more: Headers | None = None) -> Answer:
    body = f"{sentence}\n".encode() if sentence else b""
    headers: Headers = [
        *([(b"content-type", b"text/plain; charset=utf-8")] if body else []),
        *([] if status == HTTPStatus.NO_CONTENT else [(b"content-length", b"%d" % len(body))]),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *([(b"retry-after", b"%d" % AGAIN_S)] if status in _BUSY else []),
        *(more or []),
    ]
    return Answer(status=status, headers=headers, body=body)
