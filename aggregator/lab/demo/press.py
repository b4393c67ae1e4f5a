"""The outlets at work: their feeds on the origin, and something new every few seconds.

In:    an origin.
Out:   feeds at the addresses that config/sources.yaml names: ten that work, one of them slowly, and one that fails.
Never: stops bringing news before it is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from types import TracebackType
from typing import Self

from aggregator.clock import now
from aggregator.lab.demo.print import OUTLETS, document
from aggregator.lab.demo.stock import Telling, coming, past
from aggregator.lab.origin import Document, Origin, Request, Response, answer

PACE = timedelta(seconds=3)  # so often something new comes: one can still read it
SHOWN = 20  # entries in a feed; older ones leave it, as in real feeds
SLOW = {"dispatch": timedelta(seconds=2)}
FAILING = "127.0.71.11", "/rss.xml"  # «Маяк»
STAY_AWAY = b"10"  # seconds


class Press:
    """Publishes while the block runs."""

    def __init__(self, origin: Origin) -> None:
        self._told: dict[str, list[tuple[datetime, Telling]]] = {outlet: [] for outlet in OUTLETS}
        self._documents: dict[str, Document] = {}
        self._coming = coming()
        self._over = Event()
        self._thread = Thread(target=self._work, name="press", daemon=True)
        began = now().replace(microsecond=0)
        for ago, telling in past():
            self._told[telling.by].append((began - ago, telling))
        for outlet in OUTLETS.values():
            self._print(outlet.id)
            origin.script(outlet.path, partial(self._answer, outlet.id), host=outlet.address)
        address, path = FAILING
        origin.script(path, _failing(), host=address)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(PACE.total_seconds()):
            telling = next(self._coming)
            self._told[telling.by].append((now().replace(microsecond=0), telling))
            self._print(telling.by)

    def _print(self, outlet: str) -> None:
        self._told[outlet] = sorted(self._told[outlet], key=lambda pair: pair[0], reverse=True)[:SHOWN]
        self._documents[outlet] = document(OUTLETS[outlet], self._told[outlet])

    def _answer(self, outlet: str, request: Request) -> Response:
        return replace(answer(self._documents[outlet], request), delay=SLOW.get(outlet, timedelta(0)))


def _failing() -> Callable[[Request], Response]:
    """Overloaded at first, then not there any more."""

    def answers() -> Iterator[Response]:
        for _ in range(2):
            yield Response(status=503, headers=[(b"Retry-After", STAY_AWAY)])
        while True:
            yield Response(status=404)

    coming_up = answers()
    return lambda _request: next(coming_up)
