"""A store moved to another database, of the same engine or of the other one, with all its ids and numbers.

In:    two stores: one that stands still, and one that is empty.
Out:   the second is as the first; counts and checksums of both were compared before that was committed.
Never: writes into a store that holds something, or leaves half of one.

Whoever starts on the copy goes on where the first store stopped: the same entries, documents and ETags, tokens, claims.
The index of words is not taken along, for the engines make it differently; it is made anew in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from aggregator.errors import BackupError
from aggregator.store.checking import counted_to
from aggregator.store.columns import Words
from aggregator.store.dialect import on_postgresql
from aggregator.store.engine import Store
from aggregator.store.schema import item, metadata

AT_A_TIME = 500  # rows: some hundred kB of text
_MODULUS = 2**128
Sums = dict[str, tuple[int, int]]  # table -> rows, and the sum of their hashes
Progress = Callable[[int, int], None]  # rows that are left, rows in all


def copy(source: Store, target: Store, progress: Progress | None = None) -> dict[str, int]:
    """Copy everything in one transaction; return how many rows each table has. Raises BackupError, StoreError."""
    return source.read_now(lambda read: target.write_now(lambda write: _copy(read, write, progress)))


def _copy(read: Connection, write: Connection, progress: Progress | None) -> dict[str, int]:
    for table in metadata.sorted_tables:
        if write.execute(select(table).limit(1)).first():
            raise BackupError(f"the target is not empty: it has rows in {table.name}; name a database of its own")
    whole = sum(read.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables)
    done, given = 0, Sums()
    for table in metadata.sorted_tables:
        count = total = 0
        for some in _batches(_rows(read, table)):
            write.execute(insert(table), some)
            count, total = count + len(some), total + sum(map(_hash, some))
            if progress:
                progress(whole - done - count, whole)
        done += count
        given[table.name] = count, total % _MODULUS
        _count_on(read, write, table)
    _compare(given, write)
    return {name: rows for name, (rows, _) in given.items()}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, AT_A_TIME)):
        yield some


def _rows(conn: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Yield rows as values of Python, which are the same on both engines."""
    found = conn.execution_options(yield_per=AT_A_TIME).execute(select(table))
    return (_row(table, row) for row in found.mappings())


def _row(table: Table, row: Any) -> dict[str, Any]:
    values = {column.key: row[column] for column in table.c}
    for column in table.c:  # what an older program let in, and PostgreSQL refuses
        if isinstance(column.type, Words) and isinstance(value := values[column.key], str):
            values[column.key] = column.type.cleaned(value)
    return values | {"words_at": None} if table is item else values


def _hash(row: dict[str, Any]) -> int:
    """Return a number for a row; their sum is that of a table, in whatever order its rows come."""
    return int.from_bytes(sha256(repr([_plain(value) for value in row.values()]).encode()).digest()[:16])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return bytes(value) if isinstance(value, memoryview) else value


def _count_on(read: Connection, write: Connection, table: Table) -> None:
    """Have new rows numbered behind all that there ever were, also where the last ones are gone."""
    if "seq" not in table.c or not (last := counted_to(read, table.name)):
        return
    said = {"name": table.name, "last": last}
    if on_postgresql(write):
        write.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'seq'), :last)"), said)
        return
    write.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), said)
    write.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), said)


def _compare(given: Sums, write: Connection) -> None:
    for table in metadata.sorted_tables:
        count = total = 0
        for row in _rows(write, table):
            count, total = count + 1, total + _hash(row)
        if (count, total % _MODULUS) != given[table.name]:
            raise BackupError(f"the copy of {table.name} is not what was copied ({count} rows); nothing was kept of it")
