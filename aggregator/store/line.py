"""The line between daemons that share one PostgreSQL: what they call out to each other, and who is the one curator.

In:    an engine; a wish for the curator's seat.
Out:   what others have called; the seat, with a number that grows each time somebody takes it.
Never: is the truth about news: a call may be lost, so whoever listens looks into the database all the same.

The seat is an advisory lock of a connection of its own, which nobody has to give back: it falls free with the
connection. Who was cut off may not know that yet, so whatever only the curator may write checks the number first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine, func, select

from aggregator.errors import LeaseLost, StoreError
from aggregator.store.dialect import on_postgresql
from aggregator.store.schema import meta

if TYPE_CHECKING:
    from psycopg import AsyncConnection

P = ParamSpec("P")
T = TypeVar("T")

CHANNEL = "aggregator"
NUMBER = "seat"  # in `meta`: how often the seat was taken
_SEAT = (0x41676772, 2)  # the advisory lock; upgrading a schema has one, too
_SYNC = (0x41676772, 3)  # of those who tell the store what is configured
# Who takes no breath for so long has his connection ended by the server: a process that was stopped, a machine that is
# gone (PostgreSQL 14 and later).
SILENCE = timedelta(seconds=15)
_SETTINGS = {
    "idle_session_timeout": f"{SILENCE // timedelta(seconds=1)}s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
    "lock_timeout": "10s",
    "statement_timeout": "20s",
}


def call(conn: Connection, what: str) -> None:
    """Tell all daemons, once this transaction is committed, of work: "curate", "deliver", "shelf" or "tell"."""
    if on_postgresql(conn):
        conn.execute(select(func.pg_notify(CHANNEL, what)))


def one_at_a_time(conn: Connection) -> None:
    """Let nobody else tell the store what is configured until this transaction is over: daemons start together."""
    if on_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(*_SYNC)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The curator's: there is one for all who share a store."""

    held: bool  # by this process
    number: int | None = None  # by which the store knows whether it still is; None: nobody else can take it (SQLite)


def seated(fn: Callable[Concatenate[Connection, P], T], number: int) -> Callable[Concatenate[Connection, P], T]:
    """Return `fn` as the curator of this number runs it: LeaseLost, and nothing written, once another has sat down.

    The row is held until the transaction is over, so nobody sits down in the middle of it.
    """

    def checked(conn: Connection, *args: P.args, **kw: P.kwargs) -> T:
        held = conn.scalar(select(meta.c.value).where(meta.c.name == NUMBER).with_for_update(read=True))
        if held != str(number):
            raise LeaseLost(f"another daemon curates and publishes since then ({held}, not {number})")
        return fn(conn, *args, **kw)

    return wraps(fn)(checked)  # type: ignore[return-value]


class Line:
    """One connection of a process's own. Every method raises StoreError where it is cut; then there is no seat."""

    def __init__(self, conn: AsyncConnection[tuple[Any, ...]]) -> None:
        self._conn = conn

    @classmethod
    async def open(cls, engine: Engine) -> Self:
        """Connect, and listen from now on."""
        from psycopg import AsyncConnection

        _, given = engine.dialect.create_connect_args(engine.url)
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        more: dict[str, Any] = {"connect_timeout": 10, "options": options, "application_name": "aggregator line"}
        with _cut():
            conn = await AsyncConnection.connect(**given, **more, autocommit=True)
            await conn.execute(f"LISTEN {CHANNEL}")
        return cls(conn)

    async def hear(self, patience: timedelta) -> set[str]:
        """Return what was called meanwhile, as soon as something was, and after `patience` at the latest."""
        with _cut():
            found = self._conn.notifies(timeout=patience.total_seconds(), stop_after=1)
            return {note.payload async for note in found}

    async def sit(self) -> int | None:
        """Take the seat if it is free, and return its number; None: somebody else sits there."""
        with _cut():
            cursor = await self._conn.execute("SELECT pg_try_advisory_lock(%s, %s)", _SEAT)
            taken = await cursor.fetchone()
        return await self._count() if taken and taken[0] else None

    async def wait(self) -> int:
        """Stand in line for the seat, which whoever sits there sees; return its number."""
        with _cut():
            await self._conn.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            await self._conn.execute("SELECT pg_advisory_lock(%s, %s)", _SEAT)
        return await self._count()

    async def _count(self) -> int:
        """Nobody who sat here before can commit anything from now on; it waits for what he is committing."""
        counted = (
            "INSERT INTO meta (name, value) VALUES (%s, '1')"
            " ON CONFLICT (name) DO UPDATE SET value = (meta.value::bigint + 1)::text RETURNING value"
        )
        with _cut():
            cursor = await self._conn.execute(counted, (NUMBER,))
            row = await cursor.fetchone()
        assert row, "RETURNING returns"
        return int(row[0])

    async def wanted(self) -> bool:
        """Whether somebody stands in line for the seat. To ask is also how we say that we are alive."""
        waits = (
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND NOT l.granted AND l.classid = %s AND l.objid = %s"
            " AND d.datname = current_database())"
        )
        with _cut():
            cursor = await self._conn.execute(waits, _SEAT)
            row = await cursor.fetchone()
        return bool(row and row[0])

    async def rise(self) -> None:
        """Give the seat free."""
        with _cut():
            await self._conn.execute("SELECT pg_advisory_unlock(%s, %s)", _SEAT)

    async def close(self) -> None:
        """Hang up; whatever was held falls free."""
        await self._conn.close()


@contextmanager
def _cut() -> Iterator[None]:
    """Turn what psycopg raises into one line; waiting helps, for the store itself says when it does not."""
    from psycopg import Error

    try:
        yield
    except Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        failure = StoreError(f"the line to PostgreSQL: {said}")
        failure.permanent = False
        raise failure from error
