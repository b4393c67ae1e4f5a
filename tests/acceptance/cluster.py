"""Several daemons on one PostgreSQL: started, killed and stopped one by one, and their database asked.

In:    a server, a folder, sources and topics.
Out:   daemons; what their database says.
Never: waits for a claim to run out by itself, which takes minutes: the claim's term is moved, as the hours would.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import Daemon, Place, free_port
from servers import PostgreSQL

PATIENCE_S = 90.0
_numbers = itertools.count()


@dataclass
class Cluster:
    """One database and all who share it."""

    server: PostgreSQL
    root: Path
    sources: Mapping[str, Any]
    topics: Mapping[str, Any]
    process: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    database: str = field(default_factory=lambda: f"shared_{next(_numbers)}")
    daemons: list[Daemon] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.say(f"CREATE DATABASE {self.database}")

    def place(self) -> Place:
        """Return a folder with the configuration for one more of them."""
        root = self.root / f"daemon-{len(self.daemons)}-{next(_numbers)}"
        root.mkdir(parents=True)
        place = Place(root=root, port=free_port())
        place.process = {"database": self.server.url(self.database), **self.process}
        place.write(self.sources, self.topics, **self.more)
        return place

    def begin(self, *arguments: str, **environment: str) -> Daemon:
        """Start one more of them: `run` with these arguments."""
        place = self.place()
        self.daemons.append(Daemon(place, place._line("run", *arguments), environment, forked=not environment))
        return self.daemons[-1]

    def start(self, *arguments: str, **environment: str) -> Daemon:
        """As `begin`, and wait until it says that it is up."""
        daemon = self.begin(*arguments, **environment)
        daemon.wait_until_ready()
        return daemon

    def end(self) -> None:
        for daemon in self.daemons:
            daemon.__exit__()
        self.daemons.clear()
        self.server.say(f"DROP DATABASE {self.database} WITH (FORCE)")

    # --- what the database says -----------------------------------------------------------------------------------

    def ask(self, statement: str) -> list[Any]:
        return self.server.say(statement, database=self.database)

    def one(self, statement: str) -> Any:
        return self.ask(statement)[0][0]

    def do(self, statement: str) -> None:
        self.server.say(statement, database=self.database)

    def wait(self, found: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until `found` returns something true."""
        deadline = time.monotonic() + patience_s
        while not (result := found()):
            talk = "".join(line for daemon in self.daemons for line in daemon.talk[-15:])
            assert time.monotonic() < deadline, f"waited in vain for {what}; the logs:\n{talk}"
            time.sleep(0.1)
        return result

    def polls(self) -> Counter[str]:
        """How often each source was polled, by what was committed."""
        return Counter(dict(self.ask("SELECT source, count(*) FROM poll_log GROUP BY 1")))

    def holding(self, daemon: Daemon) -> int:
        """How many sources it has claimed."""
        mine = f"lease_owner LIKE '%-{daemon.process.pid}'"
        return int(self.one(f"SELECT count(*) FROM source_state WHERE lease_until IS NOT NULL AND {mine}"))

    def all_due(self) -> None:
        """Let every source be due at this moment, and no host keep us waiting."""
        self.do("UPDATE host_state SET next_allowed_at = NULL")
        self.do("UPDATE source_state SET next_poll_at = clock_timestamp() - interval '1 second'")

    def terms_end(self, *daemons: Daemon) -> None:
        """Let the claims of these have run out, and whoever takes no breath be cut off: minutes and seconds go by."""
        for daemon in daemons:
            mine = f"lease_owner LIKE '%-{daemon.process.pid}'"
            self.do(f"UPDATE source_state SET lease_until = clock_timestamp() WHERE {mine}")
        silent = (
            "application_name = 'aggregator line' AND state = 'idle' AND state_change < now() - interval '5 seconds'"
        )
        self.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {silent}")

    def settled(self) -> bool:
        """Whether nothing waits for the curator."""
        return not self.one(
            "SELECT (SELECT count(*) FROM item WHERE curated_at IS NULL)"
            " + (SELECT count(*) FROM topic_state WHERE dirty > published_dirty)"
        )

    def seat(self) -> list[Daemon]:
        """Who of them curates, as they have told."""
        return [one for one in self.daemons if one.process.poll() is None and _seated(one)]


def _seated(daemon: Daemon) -> bool:
    told = [event["event"] for event in list(daemon.events) if event["event"] in ("curator.seated", "curator.left")]
    return bool(told) and told[-1] == "curator.seated"


def numbers(daemon: Daemon, name: str) -> dict[str, float]:
    """Return the series of a metric, by their labels."""
    lines = daemon.get("/metrics").text.splitlines()
    found = (line.rsplit(" ", 1) for line in lines if line.startswith(f"aggregator_{name}"))
    return {series.partition("{")[2].rstrip("}"): float(value) for series, value in found}
