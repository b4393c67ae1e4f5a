"""What happened to sources, topics and ourselves, the newest of it.

In:    incidents as they may be told.
Out:   those that were news, newest first.
Never: tells the same twice in a row, or keeps more than KEPT.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from aggregator.model import Incident, follows
from aggregator.store.schema_house import incident

KEPT = 1000  # a feed shows a hundred; the rest is there to know what was told last of each


def note(conn: Connection, incidents: Iterable[Incident]) -> int:
    """Keep those that say something new of what they are about; return how many they are."""
    noted = 0
    for one in incidents:
        if follows(_last(conn, one), one.kind):
            facts = {"about": one.about, "name": one.name, "kind": one.kind, "at": one.at, "problem": one.problem}
            conn.execute(insert(incident).values(facts))
            noted += 1
    if noted:
        oldest = select(incident.c.seq).order_by(incident.c.seq.desc()).offset(KEPT).limit(1)
        conn.execute(delete(incident).where(incident.c.seq <= oldest.scalar_subquery()))
    return noted


def newest(conn: Connection, limit: int) -> list[Incident]:
    """The newest ones, the latest first."""
    c = incident.c
    rows = conn.execute(select(incident).order_by(c.seq.desc()).limit(limit))
    return [Incident(at=row.at, about=row.about, name=row.name, kind=row.kind, problem=row.problem) for row in rows]


def _last(conn: Connection, one: Incident) -> str | None:
    c = incident.c
    same = select(c.kind).where(c.about == one.about, c.name == one.name, c.kind != "moved")
    last: str | None = conn.scalar(same.order_by(c.seq.desc()).limit(1))
    return last
