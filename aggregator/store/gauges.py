"""What the store says of itself to those who watch it.

In:    the moment.
Out:   a few numbers, each from an index or a small table: a scrape every few seconds must cost nothing.
Never: counts items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, case, func, or_, select

from aggregator.model import NOT_FOUND, STATES, standing
from aggregator.store import outbox, subscribers
from aggregator.store.dialect import clock, on_postgresql
from aggregator.store.schema import TROUBLED, host_state, item, source_state, topic_state
from aggregator.store.sqlite import wal_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """How things stand."""

    sources: Mapping[str, int]  # each state -> how many of the configured ones
    uncurated: int
    dirty: int  # topics whose documents are out of date
    late: timedelta  # how long the source that waits longest could have been polled already
    size_bytes: int  # of the database
    wal_bytes: int  # of what SQLite has not moved into its file yet
    subscribers: int  # of our own hub
    letters: int  # that wait to be sent


def gauges(conn: Connection, now: datetime) -> Gauges:
    """Measure."""
    t = topic_state.c
    moment = clock(conn, now)
    oldest = _oldest_due(conn, moment)
    waiting = select(func.count()).select_from(topic_state).where(t.configured, t.dirty > t.published_dirty)
    uncurated = select(func.count()).select_from(item).where(item.c.curated_at.is_(None), item.c.held.is_(None))
    return Gauges(
        sources=_states(conn),
        uncurated=conn.execute(uncurated).scalar_one(),
        dirty=conn.execute(waiting).scalar_one(),
        late=moment - oldest if oldest else timedelta(0),
        size_bytes=size(conn),
        wal_bytes=_wal(conn),
        subscribers=sum(subscribers.by_topic(conn, now).values()),
        letters=outbox.count(conn),
    )


def _states(conn: Connection) -> dict[str, int]:
    """Count the few that are not well by what decides, each by itself where it matters how long a failure lasts."""
    s = source_state.c
    since, until = (case((s.status == NOT_FOUND, moment)) for moment in (s.problem_since, s.last_poll_at))
    decides = (s.ended, s.status, s.kind, since.label("since"), until.label("until"))
    troubled = select(*decides, func.count().label("sources")).where(s.enabled, TROUBLED).group_by(*decides)
    counted: dict[str, int] = dict.fromkeys(STATES, 0)
    for row in conn.execute(troubled):
        lasting = row.until - row.since if row.since else None
        counted[standing(row.ended, status=row.status, kind=row.kind, lasting=lasting, quiet=True)] += row.sources
    every = conn.execute(select(func.count()).select_from(source_state).where(s.enabled)).scalar_one()
    return {**counted, "well": every - sum(counted.values())}


def _oldest_due(conn: Connection, now: datetime) -> datetime | None:
    """Return when the source became due that waits longest; whoever is being polled or is paused does not wait."""
    s, h = source_state.c, host_state.c
    free = or_(s.lease_until.is_(None), s.lease_until <= now)
    open_ = or_(h.paused_until.is_(None), h.paused_until <= now)
    due = select(s.next_poll_at).outerjoin_from(source_state, host_state, h.host == s.host)
    first = due.where(s.enabled, free, open_, s.next_poll_at <= now).order_by(s.next_poll_at, s.id).limit(1)
    oldest: datetime | None = conn.scalar(first)
    return oldest


def _wal(conn: Connection) -> int:
    if on_postgresql(conn):
        return 0
    files = {row.name: row.file for row in conn.exec_driver_sql("PRAGMA database_list")}  # "temp" is another, at times
    return wal_bytes(Path(files["main"]))


def size(conn: Connection) -> int:
    """How many bytes the database takes on its disk, the WAL apart."""
    if on_postgresql(conn):
        return int(conn.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    pages, size = (conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
    return int(pages * size)
