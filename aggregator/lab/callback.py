"""A subscriber's callback on the local origin, behind tests of our own hub.

In:    a hub's questions, deliveries and denials.
Out:   answers, and a record of all that came.
Never: asks a hub for anything: that is for who uses it.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from aggregator.lab.origin import HOME, Origin, Request, Response


class Callback:
    """A callback at one address. What it does otherwise than a good one, it is told."""

    def __init__(self, origin: Origin, *, host: str = HOME, path: str = "/callback") -> None:
        self.url = origin.script(path, self._answer, host=host)
        self.questions: list[dict[str, str]] = []
        self.deliveries: list[Request] = []
        self.agrees = True
        self.says = 200  # with which status it agrees
        self.status = 202  # to deliveries

    def form(self, topic: str, mode: str = "subscribe", **more: str) -> bytes:
        """Return what a hub is asked with. more: fields, without their "hub."."""
        fields = {"callback": self.url, "mode": mode, "topic": topic} | more
        return urlencode({f"hub.{name}": value for name, value in fields.items()}).encode()

    def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            self.deliveries.append(request)
            return Response(status=self.status)
        query = parse_qs(request.target.decode().partition("?")[2])
        said = {name.removeprefix("hub."): values[0] for name, values in query.items()}
        self.questions.append(said)
        body = said.get("challenge", "").encode()
        return Response(status=self.says, body=body) if self.agrees else Response(status=404)
