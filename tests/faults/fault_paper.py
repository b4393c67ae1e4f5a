"""One small source of news, and what its reader gets: for faults of the store, where one topic shows enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from harness import Daemon, Place
from lxml import etree

from aggregator import control
from aggregator.lab.origin import Document, Origin

TOPICS = {"all": {"title": "Всё", "match": "source:city", "window": {"items": 2, "hours": 24}}}
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


class Paper:
    """Shows numbered articles; each number is one article for ever."""

    def __init__(self, origin: Origin, place: Place) -> None:
        self.origin, self.place = origin, place
        self.address = origin.serve("/city.xml", Document(body=b""), host="127.0.0.9")
        place.write({"city": {"url": self.address, "first": 100, "poll": {"every": "15m"}}}, TOPICS)

    def shows(self, *numbers: int, dated: bool = True) -> None:
        """Serve a document with these articles."""
        self.origin.replace(self.address, Document(body=self.body(*numbers, dated=dated)))

    def body(self, *numbers: int, dated: bool = True) -> bytes:
        """Return that document."""
        told = "".join(self._article(n, dated=dated) for n in numbers)
        return f"<rss version='2.0'><channel><title>Город</title>{told}</channel></rss>".encode()

    @staticmethod
    def _article(n: int, *, dated: bool) -> str:
        date = f"<pubDate>{format_datetime(BEGAN + timedelta(minutes=n))}</pubDate>" if dated else ""
        return (
            f"<item><guid>{n}</guid><link>https://city.example/{n}</link><title>{escape(title(n))}</title>"
            f"<description>{title(n)}: подробности.</description>{date}</item>"
        )

    def polled(self) -> int:
        """Have the daemon poll it now; return how many articles were new."""
        return sum(message["new"] for message in self.asked(verb="poll", sources=["city"]) if "new" in message)

    def asked(self, **request: Any) -> list[dict[str, Any]]:
        """Ask the daemon as a verb does, without the seconds that a process takes to start."""
        return list(control.ask(control.socket_of(self.place.database), request))


def title(n: int) -> str:
    """The title of an article; no two of them tell of one thing."""
    words = ["мост", "паром", "рынок", "школа", "парк", "театр", "музей", "вокзал", "порт", "сад", "завод", "цирк"]
    return f"{words[n % 12].title()} открыт в районе {n} ({words[(n * 5) % 12]})"


def read(daemon: Daemon) -> dict[str, tuple[str, str]]:
    """Return what stands in the topic: title and `updated` by id."""
    feed = etree.fromstring(daemon.get("/feeds/all.atom").content)
    return {
        one.findtext("{*}id"): (one.findtext("{*}title"), one.findtext("{*}updated"))
        for one in feed.iterfind("{*}entry")
    }


def shown(daemon: Daemon) -> set[str]:
    """Return the titles that stand in the topic."""
    return {title for title, _ in read(daemon).values()}


@contextmanager
def at_the_file(place: Place) -> Iterator[sqlite3.Connection]:
    """Open the store as any other program may."""
    with closing(sqlite3.connect(place.database, isolation_level=None, timeout=30)) as conn:
        yield conn


def sound(place: Place) -> bool:
    """Whether the file is whole."""
    with at_the_file(place) as conn:
        return conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def gauge(daemon: Daemon, name: str) -> float:
    """Return one number of /metrics."""
    said = daemon.get("/metrics")
    assert said.status_code == 200, said.text
    return next(float(line.split()[-1]) for line in said.text.splitlines() if line.startswith(f"aggregator_{name} "))
