"""What the two engines say differently.

In:    a connection.
Out:   the statement or the value that its engine understands.
Never: knows what a statement is for.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Connection, Table, Text, any_, func, literal, select

from aggregator.store.columns import Moment

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql.dml import Insert

T = TypeVar("T")
AT_A_TIME = 500  # values in one IN (...): SQLite of 2019 still allows 999


def on_postgresql(conn: Connection) -> bool:
    """Whether many daemons may share this database, so that rows must be locked."""
    return conn.dialect.name == "postgresql"


def insert(conn: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT. Both engines offer the same methods."""
    if on_postgresql(conn):
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)  # type: ignore[return-value]  # same methods, no common class


def clock(conn: Connection, now: datetime) -> datetime:
    """The moment that leases are measured by: `now` on SQLite, the database's own on PostgreSQL.

    Daemons on several machines disagree about the time, and a lease must run out at one moment for all of them.
    """
    if not on_postgresql(conn):
        return now
    return conn.execute(select(func.clock_timestamp(type_=Moment))).scalar_one()


def latest(conn: Connection, *moments: ColumnElement[Any]) -> ColumnElement[datetime]:
    """The greatest of several moments in one row; none of them may be NULL."""
    name = "greatest" if on_postgresql(conn) else "max"
    greatest: ColumnElement[datetime] = getattr(func, name)(*moments, type_=Moment)
    return greatest


def among(conn: Connection, column: ColumnElement[str], names: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of these: one parameter for all, where IN (...) has one for each, of 65,535 at most."""
    if on_postgresql(conn):
        return column == any_(literal(list(names), ARRAY(Text)))
    said = func.json_each(json.dumps(list(names))).table_valued("value")
    return column.in_(select(said.c.value))


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one IN (...)."""
    rest = iter(values)
    while chunk := list(islice(rest, AT_A_TIME)):
        yield chunk
