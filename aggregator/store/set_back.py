"""What a clock that was ahead has left: moments that lie too far in the future by this one.

In:    now, by a clock that is right by now.
Out:   everything that waits for such a moment, moved back by as much as the clock was.
Never: moves what was planned while the clock was right: nobody is asked early because of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from aggregator.store.columns import Moment
from aggregator.store.dialect import clock
from aggregator.store.schema import host_state, source_state, subscription
from aggregator.store.schema_hub import outbox

AHEAD = timedelta(seconds=30)  # two machines' clocks may differ by less


def set_back(conn: Connection, now: datetime, *, lease: timedelta) -> tuple[int, timedelta]:
    """Return how many sources were polled later than now, and by how much the last of them was.

    What was planned then is moved by as much, so that it is as far away as it was and in the order in which it was.
    lease  of a poll, the longest
    """
    s, moment = source_state.c, clock(conn, now)
    last = conn.scalar(select(func.max(s.last_poll_at, type_=Moment)).where(s.enabled))
    by = last - moment if last else timedelta(0)
    late = or_(s.last_poll_at > moment + AHEAD, s.added_at > moment + AHEAD)
    rows = conn.execute(select(s.id, s.host, s.next_poll_at, s.last_poll_at, s.added_at).where(s.enabled, late)).all()
    conn.execute(update(source_state).where(s.lease_until > moment + lease + AHEAD).values(lease_until=moment + lease))
    if not rows:
        return 0, timedelta(0)
    by = max(by, *(row.added_at - moment for row in rows))
    moved = [
        {
            "which": row.id,
            "due": max(row.next_poll_at - by, moment),
            "polled": row.last_poll_at and min(row.last_poll_at, moment),
            "added": min(row.added_at, moment),
        }
        for row in rows
    ]
    values: dict[str, Any] = {
        "next_poll_at": bindparam("due"),
        "last_poll_at": bindparam("polled"),
        "added_at": bindparam("added"),
    }
    conn.execute(update(source_state).where(s.id == bindparam("which")).values(values), moved)
    _hosts(conn, {row.host for row in rows}, moment, by)
    _others(conn, moment, by)
    return len(rows), by


def _hosts(conn: Connection, hosts: set[str], moment: datetime, by: timedelta) -> None:
    h = host_state.c
    for name in ("next_allowed_at", "paused_until"):
        rows = conn.execute(select(h.host, h[name].label("until")).where(h[name] > moment)).all()
        moved = [{"which": row.host, "until": max(row.until - by, moment)} for row in rows if row.host in hosts]
        if moved:
            conn.execute(
                update(host_state).where(h.host == bindparam("which")).values({name: bindparam("until")}), moved
            )


def _others(conn: Connection, moment: datetime, by: timedelta) -> None:
    """Letters that wait to be tried again, and leases of hubs that wait to be renewed."""
    for table, since in ((outbox, outbox.c.at), (subscription, subscription.c.asked_at)):
        found = select(table.c.id, table.c.due_at).where(since > moment + AHEAD, table.c.due_at > moment)
        moved = [{"which": row.id, "due": max(row.due_at - by, moment)} for row in conn.execute(found)]
        if moved:
            conn.execute(update(table).where(table.c.id == bindparam("which")).values(due_at=bindparam("due")), moved)
