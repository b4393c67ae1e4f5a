"""What the daemon's ticks cost while nothing is due, by the number of sources.

In:    an engine, numbers of sources.
Out:   CPU and wall milliseconds of each tick: of our process and, on PostgreSQL, of the server's.
Never: measures anything but the product's own statements, through its own store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from aggregator.model import Pause
from aggregator.pipeline import LEASE
from aggregator.store import Store, inbox, items, outbox, polls, subscriptions, topics, words
from aggregator.store.gauges import gauges
from bench.measure import tree
from bench.scale_store import NOON, add_sources, fall_due, settled

AT_ONCE = 50  # polls under way, as configured where nothing is said
TURNS = 20
DUE = 0.01  # of all sources, in the second half
CLOCK_TICK = os.sysconf("SC_CLK_TCK")
BUDGET_MS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One of the things that the daemon does by the clock."""

    name: str
    every_s: float
    work: Callable[[Store], Any]


def _claim(store: Store) -> Any:
    return store.write_now(polls.claim_due, limit=AT_ONCE, lease=LEASE, owner="bench", now=NOON, pause=Pause(at_once=1))


def _call(store: Store) -> Any:
    store.write_now(inbox.claim_pushed, limit=10, lease=LEASE, owner="bench", now=NOON)
    return store.write_now(inbox.call, NOON)


def _subscribe(store: Store) -> Any:
    store.write_now(subscriptions.doubt_silent, NOON)
    return store.write_now(
        subscriptions.claim_asking, 20, timedelta(minutes=30), NOON, callbacks="http://a.example/websub/"
    )


TICKS = (
    Tick(name="poll", every_s=1, work=_claim),
    Tick(name="tell", every_s=1, work=lambda store: store.write_now(outbox.claim, 32, LEASE, NOON)),
    Tick(name="deliver", every_s=5, work=_call),
    Tick(name="curate", every_s=5, work=lambda store: store.read_now(items.uncurated, 200)),
    Tick(name="publish", every_s=5, work=lambda store: store.read_now(topics.dirty, NOON)),
    Tick(name="subscribe", every_s=10, work=_subscribe),
    Tick(name="index", every_s=30, work=lambda store: store.read_now(words.unindexed, 50)),
    Tick(name="metrics", every_s=15, work=lambda store: store.read_now(gauges, NOON)),
)


def measure(url: str, sizes: Sequence[int], turns: int = TURNS) -> list[dict[str, Any]]:
    """Return a row for each tick and number of sources."""
    store, server = Store.open(url), server_of(url)
    rows, held = list[dict[str, Any]](), 0
    try:
        for size in sizes:
            add_sources(store, held, size, NOON)
            held = size
            settled(url)
            rows += [_row(store, server, tick, turns, state="idle", sources=size) for tick in TICKS]
        fall_due(store, DUE, NOON)
        settled(url)
        some = max(min(turns, round(held * DUE) // AT_ONCE - 1), 1)  # as long as there are AT_ONCE for each turn
        rows.append(_row(store, server, TICKS[0], some, state="1 % due", sources=held))
    finally:
        store.close()
    return rows


def _row(store: Store, server: int | None, tick: Tick, turns: int, **facts: Any) -> dict[str, Any]:
    cpu_ms, wall_ms, _ = cost(lambda: tick.work(store), server, turns)
    row = {"engine": store.dialect, "tick": tick.name, "every_s": tick.every_s, **facts}
    return {**row, "cpu_ms": cpu_ms, "wall_ms": wall_ms}


def cost(work: Callable[[], Any], server: int | None, turns: int) -> tuple[float, float, Any]:
    """Return CPU and wall milliseconds of one turn (mean, median), and what the last one returned.

    server  process id of the database's server, whose CPU counts as well
    """
    found = work()  # what is read and compiled once is no part of it
    cpu, walls = cpu_watch(server), list[float]()
    for _ in range(turns):
        began = time.perf_counter()
        found = work()
        walls.append(time.perf_counter() - began)
    return 1000 * cpu() / turns, 1000 * median(walls), found


def cpu_watch(server: int | None) -> Callable[[], float]:
    """Return what returns the CPU seconds since now: of this process, and of a server and all below it."""
    theirs, ours = used_by(server), time.process_time()  # in this order: looking costs us something, too

    def since() -> float:
        spent = time.process_time() - ours
        return spent + used_by(server) - theirs

    return since


def used_by(server: int | None) -> float:
    """Return the CPU seconds of a process and of all below it."""
    return sum(map(_used, tree(server))) if server else 0.0


def _used(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / CLOCK_TICK  # its own, and that of children it has waited for
    return 0.0


def server_of(url: str) -> int | None:
    """Return the process id of the server behind an address on this machine; None for SQLite."""
    if url.startswith("sqlite"):
        return None
    import psycopg

    with psycopg.connect(url) as conn:
        folder = conn.execute("SHOW data_directory").fetchone()
    assert folder
    return int((Path(folder[0]) / "postmaster.pid").read_text("utf-8").split()[0])
