"""A copy of an SQLite store, made beside its daemon, and put in its place again.

In:    paths.
Out:   a file that alone is the store at one moment, checked; later the store is that file, the former lies beside.
Never: keeps the daemon from writing, changes what it copies, or leaves half a file under the name that was asked for.

The online backup goes by pages, so that there is something to show. Alone it would begin anew after every commit of
another process (sqlite3_backup_step), and never end beside a busy daemon; so the reading connection stands in one
transaction: in a WAL it then sees one state to the end, as VACUUM INTO would, and the writer goes on. Until the end the
WAL cannot be emptied: it grows by what is written meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aggregator.errors import BackupError, StoreError
from aggregator.store.engine import Store
from aggregator.store.sqlite import BUSY_MS, hold, let_go, make_folder, module

PAGES = 2_000  # at a time: 8 MB, some hundredths of a second between two steps of a progress bar
Progress = Callable[[int, int], None]  # pages that are left, pages in all
BESIDE = ("", "-wal", "-shm")  # the files of a store; the lock stays
COUNTED = {
    "sources": "SELECT count(*) FROM source_state WHERE enabled",
    "items": "SELECT count(*) FROM item",
    "stories": "SELECT count(*) FROM story",
    "topics": "SELECT count(*) FROM topic_state WHERE configured",
    "entries": "SELECT count(*) FROM delivery WHERE current",
    "deliveries": "SELECT count(*) FROM delivery",
}  # tables that were there from the first schema on


def copy(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Make `target`, which must not exist, a store of one file as `source` is now. Raises BackupError."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # private topics stand in it, and logins
    try:
        with closing(_opened(source, "ro")) as read, closing(_opened(target, "rw")) as write:
            read.execute("BEGIN")
            read.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only now it stands in one state
            read.backup(write, pages=PAGES, progress=progress and partial(_passed_on, progress), sleep=0)
            write.execute("PRAGMA journal_mode=DELETE")  # as it is said in the file: it needs no other beside it
        _to_disk(target)
    except (module().Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise BackupError(f"{source} cannot be copied to {target.parent}: {error}") from error


def _passed_on(progress: Progress, _status: int, left: int, pages: int) -> None:
    progress(left, pages)


def _opened(path: Path, mode: str) -> Any:
    connection = module().connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    return connection


def check(path: Path) -> None:
    """Raise BackupError unless all of a store's pages and indexes are sound. It reads the whole file."""
    try:
        with closing(_opened(path, "ro")) as read:
            said = read.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except module().Error as error:
        raise BackupError(f"{path} is no store of the aggregator: {error}") from error
    if said != "ok":
        raise BackupError(f"{path} is damaged: {said}")


def back_up(source: Path, target: Path, progress: Progress | None = None) -> dict[str, int]:
    """Make a checked copy and give it its name in one step, in place of what had it; return what is in it, counted."""
    part = _aside(target, "part")
    try:
        copy(source, part, progress)
        check(part)
        found = counted(part)
        part.replace(target)
        _to_disk(target.parent)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        discard(part)
    return found


def counted(path: Path) -> dict[str, int]:
    """Return how much of what is in a store. BackupError: it is none of ours. An older schema will do."""
    try:
        with closing(_opened(path, "ro")) as read:
            return {name: read.execute(count).fetchone()[0] for name, count in COUNTED.items()}
    except module().Error as error:
        raise BackupError(f"{path} is no store of the aggregator: {error}") from error


def prepare(backup: Path, database: Path, progress: Progress | None = None) -> Path:
    """Return a copy of a backup beside the database: checked, and with today's schema. The database is not touched.

    Raises BackupError; `discard` or `put_in_place` what is returned.
    """
    if not backup.is_file():
        raise BackupError(f"there is no file {backup}")
    check(backup)
    counted(backup)  # an empty file is sound as well, and would become an empty store
    part = _aside(database, "restoring")
    copy(backup, part, progress)
    try:
        Store.open(f"sqlite:///{part}").close()
    except StoreError as error:
        discard(part)
        raise BackupError(f"{backup} cannot be used: {error}") from error
    return part


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Keep daemons away from a store, which need not be there. Raises StoreHeld."""
    make_folder(database)
    lock = hold(database)
    try:
        yield
    finally:
        let_go(lock)


def put_in_place(part: Path, database: Path, former: Path) -> bool:
    """Make the prepared copy the store, and keep the present one as `former`; return whether there was one.

    Call it while the store is held. There is a store under the database's name at every moment, so that a daemon never
    begins an empty one. The present one is not opened: SQLite removes the WAL of a file that it takes for damaged. The
    WAL that a killed daemon has left goes with it, since the next who opens the file would read it into the other one.
    """
    kept = database.exists()
    try:
        _to_disk(part)
        if kept:
            former.hardlink_to(database)
        for beside in BESIDE[1:]:
            wal = database.with_name(database.name + beside)
            if wal.exists():
                wal.rename(former.with_name(former.name + beside))
        part.replace(database)
        _to_disk(database.parent)
    except OSError as error:
        raise BackupError(f"{database} cannot be replaced: {error.strerror or error}") from error
    return kept


def _aside(path: Path, word: str) -> Path:
    """Return the name of a file that is made for `path`, without what a process that was killed left there."""
    aside = path.with_name(f".{path.name}.{word}")
    discard(aside)
    return aside


def discard(path: Path) -> None:
    """Remove a store that was never put in its place."""
    for beside in (*BESIDE, "-journal"):
        path.with_name(path.name + beside).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Have the system write a file, or the names in a folder, so that a power cut finds them."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
