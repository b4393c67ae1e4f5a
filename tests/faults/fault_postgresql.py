"""A PostgreSQL as the lives of an aggregator and their oracle see it: with the same plain SQL as a file of SQLite.

In:    a server, the name of a database in it.
Out:   connections whose rows read as SQLite's do: moments as text, truth as 0 and 1.
Never: looks while what a dead process began is still under way in the server.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from servers import PostgreSQL

PATIENCE_S = 30


class Row:
    """A row by names and by numbers, as sqlite3.Row."""

    def __init__(self, names: Sequence[str], values: Sequence[Any]) -> None:
        self._values = [_as_sqlite(value) for value in values]
        self._by_name = dict(zip(names, self._values, strict=True))

    def __getitem__(self, which: str | int) -> Any:
        return self._values[which] if isinstance(which, int) else self._by_name[which]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)


def _as_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return int(value) if isinstance(value, bool) else value


class Found(list[Row]):
    """What a statement found."""

    def fetchone(self) -> Row | None:
        return self[0] if self else None

    def fetchall(self) -> list[Row]:
        return list(self)


class Connection:
    """What the oracle asks of a connection."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Found:
        if statement.startswith("PRAGMA"):  # PostgreSQL checks its pages and its keys by itself
            return Found([Row(["said"], ["ok"])] if "integrity" in statement else [])
        if "sqlite_master" in statement:
            statement = statement.replace("sqlite_master", "(SELECT tablename AS name FROM pg_tables) AS tables")
        cursor = self._conn.execute(statement.replace("?", "%s"), list(values) or None)
        names = [column.name for column in cursor.description]
        return Found(Row(names, values) for values in cursor.fetchall())


@dataclass(frozen=True)
class Shared:
    """One database of a server, in the place of a file."""

    server: PostgreSQL
    name: str

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def exists(self) -> bool:
        return True

    @contextmanager
    def copied(self) -> Iterator[Connection]:
        """Open it when nobody works in it any more; all is seen as it is at one moment."""
        self._wait_for_the_dead()
        with self.live() as conn:
            yield conn

    @contextmanager
    def live(self) -> Iterator[Connection]:
        import psycopg

        with psycopg.connect(self.url) as conn:
            conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            conn.execute("SET TIME ZONE 'UTC'")
            yield Connection(conn)

    def pass_time(self, hours: int) -> None:
        if not self.server.say("SELECT 1 FROM pg_tables WHERE tablename = 'delivery'", database=self.name):
            return
        self._wait_for_the_dead()
        self.server.say(
            "UPDATE source_state SET lease_until = '2026-01-01' WHERE lease_until IS NOT NULL",
            f"UPDATE delivery SET entered_at = entered_at - interval '{hours} hours'",
            database=self.name,
        )

    def _wait_for_the_dead(self) -> None:
        """A killed process leaves its sessions behind: the server ends each when it is done with its statement."""
        there = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'aggregator%'"
            f" AND datname = '{self.name}'"
        )
        deadline = time.monotonic() + PATIENCE_S
        while self.server.say(there)[0][0]:
            assert time.monotonic() < deadline, "sessions of a dead process stay"
            time.sleep(0.01)
