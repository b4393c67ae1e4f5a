"""The lives of one aggregator: it is started on the same store again and again, and each life ends as the test wants.

In:    a place with a configuration; how a life shall end.
Out:   how it ended; a tally of deaths.
Never: goes on to the next life before the oracle has looked at what the last one left.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fault_oracle import File, Oracle
from fault_postgresql import Shared
from fault_reader import Reader, shown
from fault_world import World
from harness import Place, quiet_env
from lxml import etree

from aggregator.crash import KILLED
from aggregator.lab.origin import Origin

PATIENCE_S = 60.0
IN_A_LIFE = 0.5  # seconds between two editions of the world while a daemon runs
TOPICS = {
    "all": {"match": "group:all", "fold": "none", "backfill": 5000, "window": {"items": 5000, "hours": 720}},
    "folded": {"match": "group:all", "fold": "copy", "backfill": 5000, "window": {"items": 5000, "hours": 720}},
    "short": {"match": "group:all", "window": {"items": 10, "hours": 24}},
}


@dataclass
class Lives:
    """One store, its world, and everybody who watches."""

    place: Place
    world: World
    oracle: Oracle
    rng: random.Random
    ends: Counter[str] = field(default_factory=Counter)
    life: subprocess.Popen[bytes] | None = None  # the present one

    def end(self) -> None:
        """Leave nothing behind, also where a test failed in the middle of a life."""
        if self.life is not None and self.life.poll() is None:
            self.life.kill()
            self.life.wait(PATIENCE_S)

    @property
    def kills(self) -> int:
        """How often it died of violence."""
        return sum(number for end, number in self.ends.items() if not end.startswith(("stopped", "survived")))

    def dies_at(self, verb: str, point: str, number: int) -> bool:
        """Live until the n-th pass of a named point; tell whether that came."""
        self.world.step()
        life = self._begin(verb, AGGREGATOR_CRASH=f"{point}:{number}")
        code = self._watch(life, patience_s=PATIENCE_S / 2)
        if code is None:  # a daemon that never comes by there
            life.kill()
            code = life.wait(PATIENCE_S)
        assert code in (KILLED, -signal.SIGKILL, 0), self._talk()
        self.ends[point if code == KILLED else "survived"] += 1
        self.oracle.look()
        return code == KILLED

    def dies_sometime(self, verb: str, longest_s: float) -> None:
        """Live until kill -9 comes, at whatever moment from the start on."""
        self.world.step()
        life = self._begin(verb)
        if self.rng.random() < 0.8:  # most of the start is Python's own; do not spend most deaths on it
            self._wait_for_a_request(life)
        self._watch(life, patience_s=self.rng.uniform(0, longest_s))
        life.send_signal(signal.SIGKILL)
        code = life.wait(PATIENCE_S)
        assert code in (-signal.SIGKILL, 0), self._talk()
        self.ends["at random" if code else "survived"] += 1
        self.oracle.look()

    def stops(self, longest_s: float) -> float:
        """Live as a daemon until SIGTERM comes, at whatever moment after it is up; return how long it took to go."""
        self.world.step()
        life = self._begin("run")
        self._wait_for("the daemon to start", lambda: '"daemon.started"' in self._talk())
        self._watch(life, patience_s=self.rng.uniform(0, longest_s))
        began = time.monotonic()
        life.send_signal(signal.SIGTERM)
        code = life.wait(PATIENCE_S)
        took = time.monotonic() - began
        assert code == 0, self._talk()
        self.ends["stopped"] += 1
        self.oracle.look()
        return took

    def time_passes(self, hours: int) -> None:
        """Let what a clock would do be done: claims run out, and what was delivered grows old."""
        if self.oracle.database.exists():
            self.oracle.database.pass_time(hours)

    def finishes(self, verb: str) -> None:
        """Leave it alone until all is done; then look for the last time."""
        self.time_passes(0)
        self.finishes_by_itself(verb, PATIENCE_S)

    def finishes_by_itself(self, verb: str, patience_s: float) -> None:
        """As `finishes`, without anybody moving the claims of the dead out of its way."""
        life = self._begin(verb)
        if verb == "run":
            self._wait_for("everything to be done", self._done, patience_s)
            life.send_signal(signal.SIGTERM)
        assert life.wait(PATIENCE_S) == 0, self._talk()
        if not self._done():  # a whole document of news is a flood, and goes on with the next poll (content.md A43)
            assert self._begin(verb).wait(PATIENCE_S) == 0, self._talk()
        self.oracle.final()

    def claimed(self) -> list[str]:
        """Return the papers that somebody holds, or held when he died."""
        with self.oracle.database.copied() as conn:
            return [row["id"] for row in conn.execute("SELECT id FROM source_state WHERE lease_until IS NOT NULL")]

    def _begin(self, verb: str, **env: str) -> subprocess.Popen[bytes]:
        arguments = {"run": ["run"], "poll": ["poll", "--all", "--json"]}[verb]
        with self._log.open("wb") as log:
            self.life = subprocess.Popen(
                self.place._line(*arguments), stdout=subprocess.DEVNULL, stderr=log, env=quiet_env() | env
            )
        return self.life

    @property
    def _log(self) -> Path:
        return self.place.root / "life.log"

    def _talk(self) -> str:
        return self._log.read_text("utf-8")

    def _watch(self, life: subprocess.Popen[bytes], patience_s: float) -> int | None:
        """Let the world go on and readers read until the life ends; None if it goes on after so many seconds."""
        deadline = time.monotonic() + patience_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                return life.wait(min(left, IN_A_LIFE))
            except subprocess.TimeoutExpired:
                self.world.step()
                self._read()
        return life.poll()

    def _read(self) -> None:
        """Let readers ask the daemon, if it listens: what it serves is never ahead of what it stored."""
        for topic, reader in self.oracle.readers.items():
            try:
                answer = httpx.get(f"http://127.0.0.1:{self.place.port}/feeds/{topic}.atom", timeout=5, trust_env=False)
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                wrong = list(self.oracle.reads(topic, reader, shown(answer.content)))
                assert not wrong, wrong[:10]

    def _wait_for_a_request(self, life: subprocess.Popen[bytes]) -> None:
        """Wait for the first sign of work; where the dead one's claims still stand, there may be none for minutes."""
        began, talks = time.monotonic(), 0.0
        while not self.world.asked and life.poll() is None:
            now = time.monotonic()
            talks = talks or (now if self._talk() else 0.0)
            if now > (talks + PATIENCE_S / 12 if talks else began + PATIENCE_S):
                return
            time.sleep(0.02)

    def _done(self) -> bool:
        try:
            with self.oracle.database.live() as conn:
                bodies = dict(map(tuple, conn.execute("SELECT id, body_sha256 FROM source_state")))
                (waits,) = conn.execute(
                    "SELECT (SELECT count(*) FROM item WHERE curated_at IS NULL)"
                    " + (SELECT count(*) FROM topic_state WHERE dirty > published_dirty)"
                ).fetchone()
        except sqlite3.OperationalError:  # it was killed each time before there was anything
            return False
        papers = self.world.papers.values()
        return not waits and all(paper.sheets.get(bodies.get(paper.id)) == paper.now for paper in papers)

    def _wait_for(self, what: str, found: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not found():
            assert time.monotonic() < deadline, f"waited in vain for {what}; the log:\n{self._talk()}"
            time.sleep(0.02)


def begin(
    origin: Origin, place: Place, *, papers: int, seed: int, grammar: etree.RelaxNG | None, shared: Shared | None = None
) -> Lives:
    """Return a store that does not exist yet and everything around it. Prints the seed. shared: on PostgreSQL."""
    print(f"seed {seed}")  # noqa: T201 - shown when a test fails
    world = World(origin, papers=papers, seed=seed)
    place.process = {"poll": {"at_once": 5}} | ({"database": shared.url} if shared else {})
    place.write(world.sources(), TOPICS, beside_sources={"groups": {"all": {"sources": list(world.papers)}}})
    readers = {topic: Reader(folded=keys.get("fold") != "none") for topic, keys in TOPICS.items()}
    oracle = Oracle(shared or File(place.database), world, readers, grammar)
    return Lives(place, world, oracle, random.Random(seed))
