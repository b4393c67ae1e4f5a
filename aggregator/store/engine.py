"""The store: one writer, a few readers, and the statements of the other files run in transactions.

In:    a URL; functions that take a connection first.
Out:   what they return; StoreError with one line for the person.
Never: knows what a statement means.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import IO, Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from aggregator.crash import crash
from aggregator.errors import LeaseLost, StoreError
from aggregator.store.line import Line, Seat, seated
from aggregator.store.postgresql import connect, passes, reading, try_again
from aggregator.store.schema import HEAD
from aggregator.store.sqlite import (
    check,
    checkpoint,
    hold,
    is_misspelt,
    lenient,
    let_go,
    make_folder,
    module,
    reader_engine,
    wal_bytes,
    warnings_of,
    writer_engine,
)
from aggregator.store.upgrade import nobody, refuse_unknown, revision_of, upgrade

P = ParamSpec("P")
T = TypeVar("T")

DAMAGED = ("malformed", "not a database")  # what SQLite says of a file that it cannot read
A_MOMENT_S = 0.05  # after which whoever won a deadlock is through; a loser who is back at once may win it from him
READERS = 4  # threads that read: pages and the command line; the finished feeds come from memory


class Store:
    """A database of the aggregator, opened."""

    dialect: Literal["sqlite", "postgresql"]

    def __init__(self, *, shown: str, writer: Engine | None, reader: Engine, lock: IO[str] | None = None) -> None:
        self._shown, self._write_engine, self._read_engine, self._lock = shown, writer, reader, lock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self.dialect = "postgresql" if reader.dialect.name == "postgresql" else "sqlite"
        version = module().sqlite_version_info if self.dialect == "sqlite" else ()
        # Told by any thread whether the store answers; a daemon listens.
        self.noted: Callable[[StoreError | None], None] = lambda _: None
        self.seat = Seat(held=self.dialect == "sqlite")  # who holds the file holds it
        self.sqlite_version = ".".join(map(str, version)) or None
        self.warnings = warnings_of(version)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        exclusive: bool = False,
        readonly: bool = False,
        told: Callable[[str], None] = nobody,
    ) -> Store:
        """Open a database, or raise StoreError: one line that says what is wrong with it.

        url        sqlite:///FILE (its folder is created) or postgresql://...
        exclusive  SQLite: hold the file against other daemons, else StoreHeld; PostgreSQL is made for many
        readonly   change nothing, not even the schema; such a store can be read beside a running daemon
        told       called with each revision of the schema that the store is brought to
        """
        address = _address(url)
        with _one_line(address.render_as_string(hide_password=True)):
            if address.get_backend_name() == "postgresql":
                return _open_postgresql(address, readonly=readonly, told=told)
            return _open_sqlite(Path(address.database or ""), exclusive=exclusive, readonly=readonly, told=told)

    async def write(self, fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> T:
        """Run `fn(conn, ...)` in one transaction on the single writer thread.

        It runs to its end even if whoever awaits it is cancelled: a commit happens or does not, and is never cut.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._writer, self._write, _bound(fn, *args, **kw)))

    async def decide(self, fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> T:
        """As `write`, for what only the one curator may write. Raises LeaseLost where that is somebody else by now."""
        seat = self.seat
        if not seat.held:
            raise LeaseLost("another daemon curates and publishes")
        return await self.write(fn if seat.number is None else seated(fn, seat.number), *args, **kw)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> T:
        """Run `fn(conn, ...)` in one read-only transaction on a reader thread; it sees one state of the store."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, _bound(fn, *args, **kw))

    def write_now(self, fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> T:
        """As `write`, for callers without an event loop."""
        return self._writer.submit(self._write, _bound(fn, *args, **kw)).result()

    def read_now(self, fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> T:
        """As `read`, for callers without an event loop."""
        return self._readers.submit(self._read, _bound(fn, *args, **kw)).result()

    def _write(self, fn: Callable[[Connection], T]) -> T:
        if self._write_engine is None:
            raise StoreError(f"{self._shown} was opened for reading only")
        return self._run(self._write_engine, fn)

    async def trim(self, most: int) -> int:
        """Empty SQLite's WAL where it is larger than that; return how large it is then, if it still is, else 0.

        A reader that stands in one transaction for long keeps it from being emptied, and so from being filled anew.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._trim, most)

    def _trim(self, most: int) -> int:
        if self.dialect != "sqlite" or self._write_engine is None or wal_bytes(Path(self._shown)) <= most:
            return 0
        checkpoint(self._write_engine)
        left = wal_bytes(Path(self._shown))
        return left if left > most else 0

    def _read(self, fn: Callable[[Connection], T]) -> T:
        return self._run(self._read_engine, fn)

    def _run(self, engine: Engine, fn: Callable[[Connection], T]) -> T:
        try:
            with _one_line(self._shown):
                result = self._twice(engine, fn)
        except StoreError as error:
            if not error.permanent:
                self.noted(error)
            raise
        if self.dialect == "postgresql" or engine is self._write_engine:  # SQLite reads what it cannot write
            self.noted(None)
        return result

    def _twice(self, engine: Engine, fn: Callable[[Connection], T]) -> T:
        try:
            return _transact(engine, fn)
        except DBAPIError as error:
            if self.dialect != "postgresql" or not try_again(error):
                raise
            time.sleep(A_MOMENT_S)
            return _transact(engine, fn)

    async def line(self) -> Line:
        """Open the line to those who share this PostgreSQL. Raises StoreError."""
        return await Line.open(self._read_engine)

    def close(self) -> None:
        """End what runs, write what still waits to be written, and leave a store that its file alone makes up."""
        self._readers.shutdown(cancel_futures=True)
        self._writer.shutdown()
        self._read_engine.dispose()
        if self._write_engine is not None:
            if self.dialect == "sqlite":
                checkpoint(self._write_engine)
            self._write_engine.dispose()
        let_go(self._lock)
        self._lock = None


def _bound(fn: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kw: P.kwargs) -> Callable[[Connection], T]:
    @wraps(fn)
    def bound(conn: Connection) -> T:
        return fn(conn, *args, **kw)

    return bound


def _transact(engine: Engine, fn: Callable[[Connection], T]) -> T:
    name = getattr(fn, "__name__", "")
    crash(f"before-{name}")
    try:
        with engine.begin() as conn:
            result = fn(conn)
            crash(f"in-{name}")
    except DBAPIError as error:
        if not is_misspelt(error):
            raise
        with engine.begin() as conn, lenient(conn):
            result = fn(conn)
    crash(f"after-{name}")
    return result


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError("database: expected sqlite:///FILE or postgresql://...") from error
    kind = address.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise StoreError(f"database: {kind} is not supported, only sqlite:///FILE and postgresql://...")
    if kind == "sqlite" and address.database in (None, "", ":memory:"):
        raise StoreError("database: SQLite needs a file, as in sqlite:///var/aggregator.db")
    return address


def _open_sqlite(path: Path, *, exclusive: bool, readonly: bool, told: Callable[[str], None]) -> Store:
    with ExitStack() as undo:
        reader = reader_engine(path, READERS)
        undo.callback(reader.dispose)
        if readonly:
            if not path.exists():
                raise StoreError(f"there is no store at {path} yet; start the daemon first: aggregator run")
            _transact(reader, _refuse_other)
            writer = lock = None
        else:
            make_folder(path)
            lock = hold(path) if exclusive else None
            undo.callback(let_go, lock)
            writer = writer_engine(path)
            undo.callback(writer.dispose)
            _transact(writer, _bound(upgrade, told))
            if exclusive:
                _transact(reader, partial(check, path=path))
        undo.pop_all()
        return Store(shown=str(path), writer=writer, reader=reader, lock=lock)


def _open_postgresql(address: URL, *, readonly: bool, told: Callable[[str], None]) -> Store:
    shown = address.render_as_string(hide_password=True)
    engine = connect(address, READERS + 1)
    try:
        _transact(engine, _refuse_other if readonly else _bound(upgrade, told))
    except BaseException:
        engine.dispose()
        raise
    return Store(shown=shown, writer=None if readonly else engine, reader=reading(engine))


def _refuse_other(conn: Connection) -> None:
    """Raise StoreError for a schema that is not the one we want, where we may not change it."""
    revision = revision_of(conn)
    refuse_unknown(revision)
    if revision != HEAD:
        raise StoreError("the store is empty or of an older version; start the daemon first: aggregator run")


@contextmanager
def _one_line(shown: str) -> Iterator[None]:
    """Turn what the engine raises into one line for the person. `permanent` is False where waiting may help."""
    try:
        yield
    except DBAPIError as error:
        said = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
        hint = "; restore a backup: aggregator db restore FILE" if any(word in said for word in DAMAGED) else ""
        failure = StoreError(f"{shown}: {said}{hint}")
        failure.permanent = _lasts(error)
        raise failure from error


def _lasts(error: DBAPIError) -> bool:
    if hasattr(error.orig, "sqlstate"):
        return not passes(error)
    return not any(word in str(error.orig) for word in ("locked", "full", "disk I/O"))
