"""A small WebSub hub on the local origin, behind tests and score.

In:    requests of subscribers; documents to hand out.
Out:   questions to their callbacks, deliveries, and a record of all that was said.
Never: leaves 127.0.0.0/8, or keeps anything on disk.
"""

from __future__ import annotations

import hmac
import http.client
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from aggregator.lab.origin import HOME, Headers, Origin, Request, Response

PATIENCE_S = 20
FEED = "application/rss+xml"
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request of a subscriber, and what it answered when it was asked whether it meant it."""

    mode: str
    topic: str
    callback: str
    lease_s: int
    secret: str | None
    answered: Future[tuple[int, bytes]] = field(default_factory=Future)  # status and body; (0, b"") if it was not asked


class Hub:
    """A hub at one address: `with Hub(origin) as hub`. What it does otherwise than a good one, it is told.

    lease_s  grants so much; None: what is asked for
    """

    def __init__(self, origin: Origin, *, host: str = HOME, path: str = "/hub") -> None:
        self.url = origin.script(path, self._answer, host=host)
        self.asked: list[Asked] = []
        self.subscribers: dict[tuple[str, str], Asked] = {}  # topic and callback, as confirmed last
        self.lease_s: int | None = None
        self.status = 202
        self.denies: str | None = None  # the reason; instead of asking whether it is meant
        self.before_answering = False  # asks whether it is meant while its subscriber waits
        self._work = ThreadPoolExecutor(1, thread_name_prefix="hub")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._work.shutdown(cancel_futures=True)

    def _answer(self, request: Request) -> Response:
        said = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        asked = Asked(
            mode=said.get("hub.mode", ""),
            topic=said.get("hub.topic", ""),
            callback=said.get("hub.callback", ""),
            lease_s=self.lease_s or int(said.get("hub.lease_seconds", "0")),
            secret=said.get("hub.secret"),
        )
        self.asked.append(asked)
        if request.method != "POST" or self.status >= 300:  # noqa: PLR2004 - no success
            asked.answered.set_result((0, b""))
            return Response(status=self.status if request.method == "POST" else 405)
        done = self._work.submit(self._verify, asked)
        if self.before_answering:
            done.result(PATIENCE_S)
        return Response(status=self.status)

    def _verify(self, asked: Asked) -> None:
        """Ask whether it is meant (section 5.3), or say that it is denied (section 5.2)."""
        if self.denies is not None:
            asked.answered.set_result(self.deny(asked, self.denies))
            return
        status, body = self.ask(asked, challenge := "c-" + asked.callback[-8:])
        if status // 100 == 2 and body == challenge.encode():  # noqa: PLR2004 - a success
            if asked.mode == "subscribe":
                self.subscribers[asked.topic, asked.callback] = asked
            else:
                self.subscribers.pop((asked.topic, asked.callback), None)
        asked.answered.set_result((status, body))

    def ask(self, asked: Asked, challenge: str, **otherwise: str) -> tuple[int, bytes]:
        """Ask a callback whether it is meant; otherwise: other values of the fields, "topic" or "mode"."""
        said = {"mode": asked.mode, "topic": asked.topic, "challenge": challenge, "lease_seconds": f"{asked.lease_s}"}
        return self._get(asked.callback, said | otherwise)

    def deny(self, asked: Asked, reason: str) -> tuple[int, bytes]:
        """Tell a callback that its subscription is denied, or is no more."""
        self.subscribers.pop((asked.topic, asked.callback), None)
        return self._get(asked.callback, {"mode": "denied", "topic": asked.topic, "reason": reason})

    def _get(self, callback: str, fields: Fields) -> tuple[int, bytes]:
        query = urlencode({f"hub.{name}": value for name, value in fields.items()})
        return exchange("GET", f"{callback}?{query}")

    def push(self, body: bytes, *, method: str = "sha256", content_type: str = FEED) -> list[int]:
        """Deliver a document to all subscribers; return the statuses of their answers."""
        return [
            exchange(
                "POST", asked.callback, signed(body, asked.secret, method=method, content_type=content_type), body
            )[0]
            for asked in list(self.subscribers.values())
        ]

    def only(self) -> Asked:
        """Return the one subscriber."""
        (asked,) = self.subscribers.values()
        return asked


def signed(body: bytes, secret: str | None, *, method: str = "sha256", content_type: str = FEED) -> Headers:
    """Return the headers of a delivery (section 7.1)."""
    headers: Headers = [(b"Content-Type", content_type.encode())]
    if secret is not None:
        digest = hmac.new(secret.encode(), body, method).hexdigest()
        headers.append((b"X-Hub-Signature", f"{method}={digest}".encode()))
    return headers


def exchange(method: str, url: str, headers: Headers | None = None, body: bytes = b"") -> tuple[int, bytes]:
    """Send a request to a subscriber; return the status and the body of its answer."""
    parts = urlsplit(url)
    assert parts.hostname, url
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=PATIENCE_S)
    try:
        connection.putrequest(method, f"{parts.path}?{parts.query}" if parts.query else parts.path)
        for name, value in [*(headers or []), *([(b"Content-Length", b"%d" % len(body))] if method == "POST" else [])]:
            connection.putheader(name.decode(), value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
