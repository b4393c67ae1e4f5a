"""A complete newsroom without internet: invented outlets, the real daemon, and what happens as lines to read.

stock.toml, stock.py  what is told, and in which order
print.py              an outlet's feed in its format and encoding
press.py              the outlets at work on the local origin
config/               the configuration, to look at and to learn from
newsroom.py           the real daemon as a process of its own
tale.py               its log and its feeds as lines

    with Demo(port=8080) as demo:
        for lines in demo.news():
            for line in lines:
                print(line.verb, line.who, line.what)
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from queue import Empty, SimpleQueue
from string import Template
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from urllib.request import ProxyHandler, build_opener

from aggregator.config import load
from aggregator.errors import AggregatorError
from aggregator.lab.demo.newsroom import ENDED, Newsroom
from aggregator.lab.demo.press import Press
from aggregator.lab.demo.tale import Line, Sums, Tale
from aggregator.lab.origin import Origin

__all__ = ["Demo", "Line", "Sums"]

SETTLE_S = 0.6  # after a change: the daemon publishes several topics in a row, and they are told together,
PATIENCE_S = 2.0  # but not later than that
TIMEOUT_S = 5.0

Log = SimpleQueue[dict[str, Any] | None]  # None: stop


class Demo:
    """The demo on one port: everything runs while the block runs, and nothing is left of it then, file or process."""

    def __init__(self, *, port: int) -> None:
        self._port = port
        self._log: Log = SimpleQueue()
        self._newsroom = Newsroom(self._log)
        self._left = ExitStack()
        self._web = build_opener(ProxyHandler({}))  # no proxy lies between a machine and itself

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="aggregator-demo-")))
            origin = stack.enter_context(Origin())
            stack.enter_context(Press(origin))
            self.folder = write_config(folder, port=self._port, origin=origin.port)
            self.config = load(self.folder, env={})
            stack.callback(self._newsroom.stop)  # before the outlets: it lets the polls in hand end well
            self._newsroom.start(self.folder)
            self._left = stack.pop_all()
        self._tale = Tale(
            {source.id: source.title or source.id for source in self.config.sources.values()},
            {topic.id: topic.title for topic in self.config.topics.values()},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.close()

    @property
    def sums(self) -> Sums:
        """Everything so far."""
        return self._tale.sums

    def entries(self, topic: str) -> int:
        """Return how many entries a topic's feed has shown."""
        return self._tale.entries(topic)

    def stop(self) -> None:
        """End `news`; a signal handler may call it."""
        self._log.put(None)

    def news(self, *, seconds: float | None = None) -> Iterator[list[Line]]:
        """Yield what happened together, until `stop` is called or the seconds are over.

        Raises AggregatorError if the daemon ends by itself.
        """
        end = time.monotonic() + seconds if seconds is not None else float("inf")
        changed, first, look_at = set[str](), float("inf"), float("inf")
        while (now := time.monotonic()) < end:
            if now >= look_at:
                yield self._look(changed)
                changed, first, look_at = set(), float("inf"), float("inf")
            try:
                event = self._log.get(timeout=max(0.0, min(end, look_at, now + TIMEOUT_S) - now))
            except Empty:
                continue
            if event is None:
                return
            if event["event"] == ENDED:
                raise AggregatorError("the daemon of the demo ended by itself:\n" + "".join(self._newsroom.talk))
            yield list(self._tale.heard(event))
            if event["event"] == "topic.published" and event["rows"]:
                changed.add(event["topic"])
                first = min(first, time.monotonic())
                look_at = min(time.monotonic() + SETTLE_S, first + PATIENCE_S)

    def _look(self, changed: Collection[str]) -> list[Line]:
        """Return what is new in these topics. If the daemon does not answer, its log will say why."""
        try:
            feeds = {topic: self._feed(topic) for topic in self.config.topics if topic in changed}
        except OSError:
            return []
        return list(self._tale.seen(feeds))

    def _feed(self, topic: str) -> dict[str, Any]:
        """Return a topic as a feed reader gets it."""
        with self._web.open(f"{self.config.public_url}/feeds/{topic}.json", timeout=TIMEOUT_S) as answer:
            feed: dict[str, Any] = json.load(answer)
        return feed


def write_config(folder: Path, *, port: int, origin: int) -> Path:
    """Write the demo's configuration with these ports into a new folder; return its path."""
    made = folder / "config"
    made.mkdir()
    places = {"PORT": port, "ORIGIN": origin, "FOLDER": folder}
    for file in (resources.files(__package__) / "config").iterdir():
        (made / file.name).write_text(Template(file.read_text("utf-8")).substitute(places), "utf-8")
    return made
