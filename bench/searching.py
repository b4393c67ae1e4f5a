"""What the index of words costs, and what a search takes with it: `python -m bench.searching --help`.

Articles of the corpus's news stream, as many as are asked for: from the second time on that one is told, its sentences
stand in another order, with a few of another article among them. Indexed by the product's own batches, then searched
for what they hold often, seldom or never. Reading and searching in CPU time of this process beside wall time, of each
search its quickest turn: what else the machine does only ever makes it slower.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aggregator.config import Config
from aggregator.model import Change, Curated, Due, Item, Pause, PollOutcome, PollState, Source, key_of
from aggregator.pipeline import Archive, Bounds
from aggregator.pipeline.indexing import BATCH, indexed
from aggregator.store import Store, items, polls, words
from aggregator.store.gauges import gauges

ROOT = Path(__file__).resolve().parent.parent
STREAM = "news-stream/telegram-20191115.jsonl.gz"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOURCE = Source(id="stream", url="https://stream.example/rss")
AT_ONCE = 500  # items in a poll
BORROWED = 3  # sentences of another article
TURNS = 7  # of each search
LIMIT = 25
BOUNDS = Bounds(items=5_000, seconds=60.0)  # as /search has them, but for the time, which is measured here
QUERIES = {
    "a frequent word": "россия",
    "a place": "Донецк",
    "a rare word": "маяк",
    "two words": "суд приговорил",
    "a phrase": '"министр обороны"',
    "in the title": "пожар in:title",
    "either of many": "words:(обстрел, взрыв, пожар, авария, наводнение, землетрясение)",
    "one without another": "Украина not Зеленский",
    "a word of no article": "верблюдоящер",
    "a word and an expression": "пожар title:/горит/i",
    "no word, many found": "lang:ru",
    "no word, none found": "lang:is",
}


def main() -> None:
    """Measure and print a table; as JSON with --json."""
    parser = argparse.ArgumentParser(prog="python -m bench.searching", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("AGGREGATOR_CORPUS", ROOT / "../shared/corpus"))
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--database", default="", help="an empty one; by default SQLite in a temporary folder")
    parser.add_argument("--json", action="store_true", dest="as_json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/news.db"
        report = measure(asked.corpus / STREAM, url, asked.items, random.Random(1))
    sys.stdout.write(json.dumps(report, indent=1) if asked.as_json else table(report))


def measure(stream: Path, url: str, many: int, rng: random.Random) -> dict[str, Any]:
    """Return the figures of one engine. Deterministic but for the times."""
    store = Store.open(url)
    try:
        store.write_now(polls.sync_sources, [SOURCE], NOON)
        _fill(store, articles(stream, many, rng))
        before = store.read_now(gauges, NOON).size_bytes
        read_s, written_s = _index(store)
        size = store.read_now(gauges, NOON).size_bytes - before
        return {
            "engine": store.dialect,
            "items": many,
            "store_bytes_per_item": round(before / many),
            "index_bytes_per_item": round(size / many),
            "reading_cpu_ms_per_item": round(1000 * read_s / many, 3),
            "writing_ms_per_item": round(1000 * written_s / many, 3),
            "searches": {name: _search(store, query) for name, query in QUERIES.items()},
        }
    finally:
        store.close()


def articles(stream: Path, many: int, rng: random.Random) -> Iterator[Item]:
    """Yield so many articles, each with words in an order of its own."""
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    for n in range(many):
        one, other = told[n % len(told)], told[rng.randrange(len(told))]
        sentences = _sentences(one["text"])
        if n >= len(told):
            sentences += rng.sample(borrowed := _sentences(other["text"]), min(BORROWED, len(borrowed)))
            rng.shuffle(sentences)
        text = " ".join(sentences)
        link = f"https://stream.example/{n}"
        digest = sha256(f"{n}{text}".encode()).digest()
        yield Item(id=str(n), title=one["title"], content=f"<p>{text}</p>", link=link, published=NOON, sha256=digest)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def _fill(store: Store, told: Iterator[Item]) -> None:
    some: list[Item] = []
    for one in told:
        some.append(one)
        if len(some) == AT_ONCE:
            _take_in(store, some)
            some = []
    if some:
        _take_in(store, some)


def _take_in(store: Store, some: Sequence[Item]) -> None:
    [claim] = store.write_now(
        polls.claim_due,
        limit=1,
        lease=timedelta(hours=1),
        owner="bench",
        now=NOON,
        pause=Pause(gap=timedelta(0)),
        ignore_schedule=True,
    )
    changes = tuple(Change(kind="new", key=key_of(SOURCE.id, one.id), item=one) for one in some)
    outcome = PollOutcome(
        source=SOURCE.id,
        at=NOON,
        ended="changed",
        state=PollState(last_poll_at=NOON),
        due=Due(at=NOON, interval=timedelta(hours=1), why=""),
        took=timedelta(seconds=1),
        status=200,
        changes=changes,
        present=tuple(change.key for change in changes),
    )
    store.write_now(polls.commit, outcome, claim.fence, gap=timedelta(0))
    curated = [
        Curated(key=change.key, language="ru", canonical_url=None, sections=(), memberships=(), verdicts=(), credits=())
        for change in changes
    ]
    seen = {change.key: (change.item.sha256, False) for change in changes}
    store.write_now(items.commit_curated, curated, seen=seen, now=NOON)


def _index(store: Store) -> tuple[float, float]:
    """Index all; return the CPU seconds of reading and the seconds of writing."""
    read_s = written_s = 0.0
    while some := store.read_now(words.unindexed, BATCH):
        began = time.process_time()
        read = indexed(some)
        read_s += time.process_time() - began
        began = time.perf_counter()
        store.write_now(words.index, read, NOON)
        written_s += time.perf_counter() - began
    return read_s, written_s


def _search(store: Store, said: str) -> dict[str, Any]:
    archive = Archive(store, _config(), public=True)
    took, used = [], []
    for _ in range(TURNS):
        began, cpu = time.perf_counter(), time.process_time()
        results = archive.search(archive.asked(said), LIMIT, now=NOON, bounds=BOUNDS)
        took.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.process_time() - cpu))
    times = {"ms": round(min(took), 1), "cpu_ms": round(min(used), 1)}
    return {**times, "found": len(results.hits), "read": results.looked, "ended": results.ended}


def _config() -> Config:
    return Config(
        public_url="http://127.0.0.1:8080",
        listen_host="",
        listen_port=0,
        database="",
        sources={SOURCE.id: SOURCE},
        sections={},
        rules={},
        topics={},
        files=(),
        root=Path(),
    )


def table(report: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [f"{name:<24} {value}" for name, value in report.items() if name != "searches"]
    lines += ["", f"{'search':<24} {'ms':>8} {'CPU':>8} {'found':>6} {'read':>6}  ended"]
    for name, one in report["searches"].items():
        lines.append(f"{name:<24} {one['ms']:>8} {one['cpu_ms']:>8} {one['found']:>6} {one['read']:>6}  {one['ended']}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
