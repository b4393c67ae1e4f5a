"""One, two and four daemons on one PostgreSQL, polling a local origin with many hosts.

In:    numbers of daemons, sources, rounds.
Out:   polls a second; CPU of daemons, database and origin for each poll; polls that were done twice.
Never: is anything but the real process: `aggregator run`, each with its workers.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import RoundError
from bench.scale_store import database, server
from bench.scale_ticks import server_of, used_by

ROOT = Path(__file__).resolve().parent.parent
A_HOST = 4  # sources on one
ROUNDS = 3  # in which nothing has changed, after the first
PATIENCE_S = 300.0
STEP_S = 0.1
DUE = "UPDATE source_state SET next_poll_at = clock_timestamp() - interval '1 second'"
WAITING = "SELECT count(*) FROM source_state WHERE next_poll_at < clock_timestamp() OR lease_until IS NOT NULL"


class Publishers:
    """The origin's process."""

    def __init__(self, sources: int) -> None:
        line = [sys.executable, "-m", "bench.scale_origin", str(sources), str(max(1, sources // A_HOST))]
        self._process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.urls: list[str] = self._answer()["urls"]

    def asked(self) -> dict[str, Any]:
        """Return what was asked since the last time."""
        assert self._process.stdin
        self._process.stdin.write("asked\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def measure(daemons: Sequence[int], sources: int, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Return a row for each number of daemons and kind of round. Raises RoundError."""
    rows = list[dict[str, Any]]()
    with ExitStack() as stack:
        publishers = Publishers(sources)
        stack.callback(publishers.close)
        postgresql = stack.enter_context(server())
        for many in daemons:
            url = postgresql.get_uri(database=database(postgresql, f"daemons_{many}"))
            rows += _with_daemons(many, url, publishers, rounds)
    return rows


def _with_daemons(many: int, url: str, publishers: Publishers, rounds: int) -> list[dict[str, Any]]:
    import psycopg

    sources, origin_cpu = len(publishers.urls), publishers.asked()["cpu_s"]
    rows = list[dict[str, Any]]()
    with TemporaryDirectory(prefix="bench-daemons-") as folder, psycopg.connect(url, autocommit=True) as conn:
        root = Path(folder)
        _configure(root, url, publishers.urls)
        with _running(root, many) as started:
            database_server = server_of(url)
            for number in range(rounds + 1):
                if number:
                    conn.execute(DUE)
                cpu = _cpu(started), used_by(database_server)
                began = time.perf_counter()
                _wait(conn, started)
                wall = time.perf_counter() - began
                spent = _cpu(started) - cpu[0], used_by(database_server) - cpu[1]
                told = publishers.asked()
                rows.append(
                    {
                        "daemons": many,
                        "round": "same" if number else "cold",
                        "sources": sources,
                        "wall_s": wall,
                        "polls_per_s": told["asked"] / wall,
                        "missed": sources - told["asked"] if told["most"] <= 1 else 0,
                        "most_of_a_source": told["most"],
                        "daemon_ms": 1000 * spent[0] / sources,
                        "database_ms": 1000 * spent[1] / sources,
                        "origin_ms": 1000 * (told["cpu_s"] - origin_cpu) / sources,
                        "cores_used": (sum(spent) + told["cpu_s"] - origin_cpu) / wall,
                    }
                )
                origin_cpu = told["cpu_s"]
    return rows


def _configure(root: Path, url: str, urls: Sequence[str]) -> None:
    files: dict[str, Any] = {
        "aggregator": {
            "database": url,
            "listen": "127.0.0.1:0",
            "state_dir": str(root / "var"),
            "hub": "off",
            "hosts": {"default": {"at_once": A_HOST, "gap": "0s"}},
            "allow_private": ["127.0.0.0/8"],
        },
        "sources": {"sources": {f"paper-{n}": {"url": one} for n, one in enumerate(urls)}},
        "topics": {"topics": {"all": {"title": "All", "match": "words:place"}}},
    }
    for name, value in files.items():  # JSON is YAML
        (root / f"{name}.yaml").write_text(json.dumps(value), "utf-8")


@contextmanager
def _running(root: Path, many: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run so many daemons while the block runs; all are up before it begins, but for their first look for work."""
    line = [sys.executable, "-m", "aggregator", "--config", str(root), "run"]
    started = list[subprocess.Popen[bytes]]()
    try:
        for number in range(many):
            with (root / f"{number}.log").open("wb") as log:
                started.append(subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
            if number == 0:
                _wait_for_start(root / "0.log", started[0])  # it makes the tables
        yield started
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _wait_for_start(log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while "daemon.started" not in log.read_text("utf-8", "replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RoundError(f"the daemon does not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(STEP_S)


def _wait(conn: Any, started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until nobody is due and nobody is polled."""
    deadline = time.monotonic() + PATIENCE_S
    while conn.execute(WAITING).fetchone()[0]:
        if any(process.poll() is not None for process in started):
            raise RoundError("a daemon has ended")
        if time.monotonic() > deadline:
            raise RoundError(f"a round took more than {PATIENCE_S:g} s")
        time.sleep(STEP_S)


def _cpu(started: Sequence[subprocess.Popen[bytes]]) -> float:
    return sum(used_by(process.pid) for process in started)
