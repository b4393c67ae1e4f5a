"""What a poll, an item and a topic cost, by the number of stored items.

In:    an engine, numbers of items; each time the same day of news on top of a longer past.
Out:   CPU and wall milliseconds: recognising and committing a document, curating an item, publishing a topic of 100.
Never: measures fetching or parsing, which know nothing of the store.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, text

from aggregator.clock import now
from aggregator.config import Config, load
from aggregator.model import Due, Item, Pause, PollOutcome
from aggregator.pipeline import LEASE, Newsroom, curate, open_newsroom, publish
from aggregator.pipeline.reading import recognised
from aggregator.store import Store, polls
from aggregator.store.gauges import gauges
from aggregator.store.line import Seat
from aggregator.store.schema import item
from bench.scale_store import settled
from bench.scale_ticks import cpu_watch, server_of

SOURCES = 50
SHOWN = 30  # items in a document
NEW = 4  # of them since the last poll
TOPIC = "all"
WARM = 24  # polls before anything is measured: then the topic shows its hundred
TURNS = 30
HOUR = timedelta(hours=1)
PAST = 40 * 24 * HOUR  # so long ago the past ends: out of every window
LIVE = 100_000_000  # numbers are left to the past
AT_A_TIME = 20_000  # items of the past in a transaction; PostgreSQL gives a statement a minute
VOCABULARY = 4000
WORDS = 80  # of an item


@dataclass(slots=True)
class World:
    """A newsroom with news every hour of its own clock, and what was told in it."""

    room: Newsroom
    server: int | None
    now: datetime
    rng: random.Random
    told: dict[str, list[Item]] = field(default_factory=dict)
    costs: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # CPU and wall seconds, by what it was

    async def hour(self) -> None:
        """Let one source have news, and do all that follows from it."""
        self.now += HOUR
        source = self.room.config.sources[f"paper-{self.rng.randrange(SOURCES)}"]
        told = self.told.setdefault(source.id, [])
        told[:0] = [self._an_item(source.id) for _ in range(NEW)]
        del told[SHOWN:]
        (claim,) = self.room.store.write_now(
            polls.claim_due,
            limit=1,
            lease=LEASE,
            owner="bench",
            now=self.now,
            pause=Pause(gap=timedelta(0)),
            only=[source.id],
            ignore_schedule=True,
            force=True,
        )
        state, _ = self.room.store.read_now(polls.remembered, source.id)
        found = await self._timed("recognise", lambda: recognised(self.room, source, state, tuple(told)))
        outcome = PollOutcome(
            source=source.id,
            at=self.now,
            ended="changed",
            state=replace(state, document=state.document + 1, last_poll_at=self.now, last_success_at=self.now),
            due=Due(at=self.now + HOUR, interval=HOUR, why="every hour"),
            took=timedelta(0),
            status=200,
            changes=found.changes,
            present=found.keys,
        )
        write = self.room.store.write
        await self._timed("commit", lambda: write(polls.commit, outcome, claim.fence, gap=timedelta(0)))
        await self._timed("curate", lambda: curate(self.room), share=NEW)
        await self._timed("publish", lambda: publish(self.room, TOPIC))

    def _an_item(self, source: str) -> Item:
        words = [f"word{self.rng.randrange(VOCABULARY)}" for _ in range(WORDS)]
        said = " ".join(words)
        link = f"https://{source}.example/{sha256(said.encode()).hexdigest()[:12]}"
        return Item(
            id=link,
            link=link,
            title=" ".join(words[:8]),
            summary=f"<p>{said}</p>",
            published=self.now,
            language="en",
            sha256=sha256(said.encode()).digest(),
        )

    async def _timed(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]], *, share: int = 1) -> Any:
        cpu, began = cpu_watch(self.server), time.perf_counter()
        found = await work()
        wall = time.perf_counter() - began
        self.costs.setdefault(name, []).append((cpu() / share, wall / share))
        return found


def measure(url: str, sizes: Sequence[int], turns: int = TURNS) -> list[dict[str, Any]]:
    """Return a row for each step and number of items that stand in the store before it."""
    return asyncio.run(_measured(url, sizes, turns))


async def _measured(url: str, sizes: Sequence[int], turns: int) -> list[dict[str, Any]]:
    rows, store, held = list[dict[str, Any]](), Store.open(url), 0
    with TemporaryDirectory(prefix="bench-growth-") as folder:
        try:
            begun = now() - timedelta(days=20)
            config = _config(Path(folder), url)
            async with open_newsroom(config, store, clock=lambda: begun, rng=random.Random(1)) as room:
                store.seat = Seat(held=True)  # on PostgreSQL, too: nobody else is there
                world = World(room=room, server=server_of(url), now=begun, rng=random.Random(1))
                room.clock = lambda: world.now
                await _begin(world)
                for size in sizes:
                    for start in range(held, size, AT_A_TIME):
                        store.write_now(_add_past, start, min(start + AT_A_TIME, size), begun - PAST)
                    settled(url)
                    held = size
                    rows += await _costs(world, size, turns)
        finally:
            store.close()
    return rows


async def _begin(world: World) -> None:
    """Let the topic fill; the items have numbers that leave room for a past."""
    await world.hour()
    world.room.store.write_now(_leave_room, LIVE)
    for _ in range(WARM):
        await world.hour()


async def _costs(world: World, size: int, turns: int) -> list[dict[str, Any]]:
    """Return what hours cost now; at last what the first batch after a start costs, which has to recall the window."""
    await world.hour()  # what is read and compiled once is no part of it
    world.costs.clear()
    for _ in range(turns):
        await world.hour()
    spent = {name: ([c for c, _ in some], [w for _, w in some]) for name, some in world.costs.items()}
    world.costs.clear()
    world.room.desk = None
    await world.hour()
    (cpu, wall), *_ = world.costs["curate"]
    spent["curate, first of a start"] = ([cpu * NEW], [wall * NEW])
    size_bytes = world.room.store.read_now(gauges, world.now).size_bytes
    facts = {"engine": world.room.store.dialect, "items": size, "store_mb": round(size_bytes / 1e6)}
    return [
        {**facts, "step": name, "cpu_ms": 1000 * fmean(cpus), "wall_ms": 1000 * median(walls)}
        for name, (cpus, walls) in spent.items()
    ]


def _config(folder: Path, url: str) -> Config:
    files: dict[str, Any] = {
        "aggregator": {"database": url, "state_dir": str(folder / "var"), "hub": "off"},
        "sources": {"sources": {f"paper-{n}": {"url": f"https://paper-{n}.example/rss"} for n in range(SOURCES)}},
        "topics": {"topics": {TOPIC: {"title": "All", "match": "lang:en", "window": {"items": 100, "hours": 24}}}},
    }
    for name, value in files.items():  # JSON is YAML
        (folder / f"{name}.yaml").write_text(json.dumps(value), "utf-8")
    return load(folder, env={})


# --- the past -----------------------------------------------------------------------------------------------------

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
_KEY = {  # sixteen digits in no order, as of a hash
    "sqlite": "printf('%08x%08x', (n.i * 2654435761) % 4294967296, n.i)",
    "postgresql": "lpad(to_hex((n.i::bigint * 2654435761) % 4294967296), 8, '0') || lpad(to_hex(n.i), 8, '0')",
}
_AT = {  # spread over three years
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', :ends, '-' || (100000000 - n.i * 95) || ' seconds')",
    "postgresql": "CAST(:ends AS timestamptz) - (100000000 - n.i * 95) * interval '1 second'",
}


def _leave_room(conn: Connection, many: int) -> None:
    """Count all items up by so many, and those to come."""
    conn.execute(text("UPDATE item SET seq = seq + :many"), {"many": many})
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT setval(pg_get_serial_sequence('item', 'seq'), (SELECT max(seq) FROM item))"))


def _add_past(conn: Connection, held: int, size: int, ends: datetime) -> None:
    """Store items as they are long after they came: curated, a third of them in stories, all in a topic's ledger."""
    engine = conn.dialect.name
    numbers = {"first": held + 1, "last": size}
    shown = ends.replace(tzinfo=None).isoformat(" ") if engine == "sqlite" else ends
    (template,) = conn.execute(text("SELECT max(seq) FROM item")).one()
    other = {
        "seq": "n.i",
        "key": _KEY[engine],
        "source": f"'paper-' || (n.i % {SOURCES})",
        "item_id": "'https://past.example/' || n.i",
        "link": "'https://past.example/' || n.i",
        "canonical_url": "'https://past.example/' || n.i",
        "first_seen_at": _AT[engine],
        "published": _AT[engine],
        "words_at": "item.first_seen_at",
    }
    names = [column.name for column in item.columns]
    said = ", ".join(other.get(name, f"item.{name}") for name in names)
    facts = {**numbers, "ends": shown, "template": template}
    conn.execute(
        text(f"INSERT INTO item ({', '.join(names)}) {_NUMBERS} SELECT {said} FROM n, item WHERE item.seq = :template"),
        facts,
    )
    mine = "FROM item WHERE seq BETWEEN :first AND :last"
    yes, no = ("TRUE", "FALSE") if engine == "postgresql" else ("1", "0")
    entry, moments = "'tag:past.example,2026-01-01:' || key", "first_seen_at, first_seen_at"
    for table, columns, values, where in (
        ("story", "id, at", "key, first_seen_at", " AND seq % 3 = 0"),
        (
            "story_item",
            "item, story, of, method, score, evidence, rule, at",
            "key, key, key, 'first', 1.0, '', 1, first_seen_at",
            " AND seq % 3 = 0",
        ),
        (
            "topic_item",
            "topic, item, admitted, why, at, entry_id, moved",
            f"'{TOPIC}', key, {yes}, 'lang:en', first_seen_at, {entry}, {no}",
            "",
        ),
        (
            "delivery",
            "topic, entry_id, rev, anchor, entered_at, updated, state, current, sha256, face, outlets, why, at",
            f"'{TOPIC}', {entry}, 1, key, {moments}, 'aged', {no}, sha256, '{{}}', '[]', '', first_seen_at",
            "",
        ),
    ):
        conn.execute(text(f"INSERT INTO {table} ({columns}) SELECT {values} {mine}{where}"), numbers)
