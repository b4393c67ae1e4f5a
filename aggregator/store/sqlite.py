"""SQLite: which one, how it is opened, and who holds the file.

In:    the path of a database file.
Out:   an engine for the one writer, an engine for readers, a lock on the file.
Never: knows the tables.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

from aggregator.errors import StoreError, StoreHeld

BUSY_MS = 10_000  # how long to wait for another process that writes: a command line beside the daemon
# With two connections that write or checkpoint at once these versions can corrupt a WAL; fixed in 3.51.3 (2026-03-13).
# We keep to one writer that alone checkpoints, so the fault should not be reachable; we say it nevertheless.
AFFECTED_FROM, FIXED_IN = (3, 7, 0), (3, 51, 3)
# A quick_check reads the whole file, some 200 MB a second. Larger files are trusted at start and left to `db check`.
CHECKED_BYTES = 200_000_000
REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "fuse.sshfs"}  # their locks do not hold

_WRITER = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what we acknowledged survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA mmap_size=0",
)
_READER = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA query_only=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA mmap_size=0",
)


def module() -> ModuleType:
    """The newest SQLite at hand: the wheel's, else the one Python was built with."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2  # type: ignore[no-any-return]


def warnings_of(version: tuple[int, ...]) -> list[str]:
    """What a person should know of this version of SQLite."""
    if not AFFECTED_FROM <= version < FIXED_IN:
        return []
    shown = ".".join(map(str, version))
    return [f"SQLite {shown} has a known fault that can damage a database; install the package pysqlite3, or 3.51.3"]


def make_folder(path: Path) -> None:
    """Create the folder of the database file, and refuse one where locks do not hold."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create {path.parent}: {error.strerror}") from error
    kind = _file_system(path.parent.resolve(), _mounts())
    if kind in REMOTE:
        raise StoreError(f"{path} is on a network file system ({kind}), where SQLite loses data; use a local disk")


def _mounts() -> dict[str, str]:
    """Mount point -> type of its file system; empty where the system does not tell."""
    with suppress(OSError):
        lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        return {fields[1].replace("\\040", " "): fields[2] for fields in lines}
    return {}


def _file_system(folder: Path, mounts: dict[str, str]) -> str:
    points = [point for point in map(str, (folder, *folder.parents)) if point in mounts]
    return mounts[points[0]] if points else ""


def hold(path: Path) -> IO[str]:
    """Lock the file for this process, or raise StoreHeld. Closing what is returned gives it free, as does our death."""
    name = f"{path}.lock"
    try:
        lock = os.fdopen(os.open(name, os.O_RDWR | os.O_CREAT, 0o644), "r+")
    except OSError as error:
        raise StoreError(f"cannot write {name}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        said = lock.read().strip()
        lock.close()
        raise StoreHeld(str(path), int(said) if said.isdecimal() else 0) from None
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def let_go(lock: IO[str] | None) -> None:
    """Give the file free; the lock's file stays, for removing it would race with the next one who locks it."""
    if lock is None:
        return
    lock.seek(0)
    lock.truncate()
    lock.close()


def writer_engine(path: Path) -> Engine:
    """One connection. Every transaction is BEGIN IMMEDIATE: a deferred one fails at once where it should wait."""
    engine = _engine(quote(str(path.absolute())), 1)
    _prepare(engine, _WRITER, "BEGIN IMMEDIATE")
    return engine


def reader_engine(path: Path, connections: int) -> Engine:
    """Read-only connections; each transaction sees one state of the database."""
    engine = _engine(f"{quote(str(path.absolute()))}?mode=ro", connections)
    _prepare(engine, _READER, "BEGIN")
    return engine


def _engine(uri: str, connections: int) -> Engine:
    module_ = module()

    def connect() -> Any:
        return module_.connect(f"file:{uri}", uri=True, check_same_thread=False, isolation_level=None)

    pool = {"poolclass": QueuePool, "pool_size": connections, "max_overflow": 0}
    return create_engine("sqlite://", module=module_, creator=connect, **pool)


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def start(conn: Connection) -> None:
        conn.exec_driver_sql(begin)


def check(conn: Connection, path: Path) -> None:
    """Raise StoreError if the file is damaged, as far as that can be told in about a second."""
    if path.stat().st_size > CHECKED_BYTES:
        return
    said = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if said != "ok":
        raise StoreError(f"{path} is damaged ({said}); restore a backup: aggregator db restore FILE")


@contextmanager
def lenient(conn: Connection) -> Iterator[None]:
    """Read what is no UTF-8, with U+FFFD in its place: an older program, or another one, may have written it.

    Asked for when it is met, and not always: it costs a call for each text that is read.
    """
    connection: Any = conn.connection.driver_connection
    strict = connection.text_factory
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    try:
        yield
    finally:
        connection.text_factory = strict


def is_misspelt(error: Exception) -> bool:
    """Whether reading failed for a text that is no UTF-8."""
    return "Could not decode to UTF-8" in str(error)


def wal_bytes(path: Path) -> int:
    """How large the WAL is that belongs to a database file."""
    with suppress(OSError):
        return path.with_name(path.name + "-wal").stat().st_size
    return 0


def checkpoint(engine: Engine) -> None:
    """Move the WAL into the file, so that the file alone is the store. What is in the way leaves it for the next."""
    connection = engine.raw_connection()
    with suppress(module().Error):
        connection.execute("PRAGMA busy_timeout=500")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
