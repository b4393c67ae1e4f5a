"""How large the store is, of what, and how fast it grows.

In:    the moment, and until when items may go.
Out:   Extent.
Never: is asked by a scrape: it counts all rows.

PostgreSQL says how large each table is. SQLite says it only where it was built to (dbstat), which the wheel is not;
there a sample of rows is measured, and the whole shared out by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, LargeBinary, Text, cast, func, literal, select, text
from sqlalchemy.sql.expression import FromClause

from aggregator.store import retention
from aggregator.store.dialect import on_postgresql
from aggregator.store.gauges import size
from aggregator.store.schema import delivery, item, metadata

LATELY = timedelta(days=7)  # growth is told by a week: a day of news is unlike the next
SAMPLE = 1_000  # rows of a table, the oldest and as many of the newest where they are numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table, with its indexes."""

    table: str
    rows: int
    bytes: int  # SQLite: about


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The store in bytes."""

    size: int  # of the database file; PostgreSQL: of the database
    free: int  # of that, pages that are filled before it grows; PostgreSQL does not tell: 0
    parts: list[Part]  # the largest first
    items_per_day: float
    entries_per_day: float
    bytes_per_day: int  # about
    oldest: datetime | None  # item: when it was seen first
    newest: datetime | None
    prunable: int  # items that may go by now


def extent(conn: Connection, now: datetime, until: datetime) -> Extent:
    """Measure. until: of retention.prune."""
    whole, c = size(conn), item.c
    used = retention.used(conn)
    oldest, newest = conn.execute(select(func.min(c.first_seen_at), func.max(c.first_seen_at))).one()
    days = _days(oldest, now)
    lately = now - timedelta(days=days)
    items = conn.scalar(select(func.count()).where(c.first_seen_at >= lately)) or 0
    entries = conn.scalar(select(func.count()).where(delivery.c.rev == 1, delivery.c.entered_at >= lately)) or 0
    return Extent(
        size=whole,
        free=whole - used,
        parts=sorted(_parts(conn, used), key=lambda part: part.bytes, reverse=True),
        items_per_day=items / days,
        entries_per_day=entries / days,
        bytes_per_day=round(items / days * retention.per_item(conn)),
        oldest=oldest,
        newest=newest,
        prunable=retention.countable(conn, until),
    )


def _days(oldest: datetime | None, now: datetime) -> float:
    """Return over how many days growth is counted: a young store has no week yet."""
    lasting = min(LATELY, now - oldest) if oldest else LATELY
    return max(lasting / timedelta(days=1), 1)


def _parts(conn: Connection, used: int) -> list[Part]:
    rows = {name: conn.scalar(select(func.count()).select_from(metadata.tables[name])) or 0 for name in metadata.tables}
    if on_postgresql(conn):
        asked = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        return [Part(table=name, rows=rows[name], bytes=conn.scalar(asked, {"name": name}) or 0) for name in rows]
    weights = {name: rows[name] * _width(conn, metadata.tables[name]) for name in rows}
    share = used / (sum(weights.values()) or 1)
    return [Part(table=name, rows=rows[name], bytes=round(weights[name] * share)) for name in rows]


def _width(conn: Connection, table: FromClause) -> float:
    """Return how many bytes a row has on average, by a sample of them."""
    columns = [cast(c, LargeBinary if isinstance(c.type, LargeBinary) else Text) for c in table.c]
    width = sum((func.coalesce(func.length(column), 0) for column in columns), start=literal(0)).label("width")
    order = [table.c.seq.desc()] if "seq" in table.c else []
    sample = select(width).select_from(table).order_by(*order).limit(SAMPLE).subquery()
    return float(conn.scalar(select(func.avg(sample.c.width))) or 0)
