"""What persons muted by the command line: queries, each with its end.

In:    a query's text, canonical, and until when.
Out:   the mutes in the order in which they were said; how many items each kept out.
Never: reads a query, or forgets one before it is over.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select

from aggregator.model import Mute
from aggregator.store.dialect import insert
from aggregator.store.schema import mute, topic_item


def add(conn: Connection, said: Mute, now: datetime) -> None:
    """Mute; said again, the later end counts. What is over by now is forgotten."""
    conn.execute(delete(mute).where(mute.c.until <= now))
    put = insert(conn, mute).values(match=said.match, until=said.until, at=now)
    conn.execute(put.on_conflict_do_update(index_elements=["match"], set_={"until": put.excluded.until}))


def drop(conn: Connection, match: str) -> bool:
    """End a mute; whether there was one."""
    return conn.execute(delete(mute).where(mute.c.match == match)).rowcount > 0


def in_force(conn: Connection, now: datetime) -> tuple[Mute, ...]:
    """The mutes that are not over, in the order in which they were said."""
    there = select(mute).where(or_(mute.c.until.is_(None), mute.c.until > now)).order_by(mute.c.at, mute.c.match)
    return tuple(Mute(match=row.match, until=row.until) for row in conn.execute(there))


def kept_out(conn: Connection, said: Mute) -> int:
    """How many items a mute kept out of topics, of those that are stored. It looks at all that topics kept out."""
    c = topic_item.c
    out = c.admitted.is_(False), c.why.contains(said.words, autoescape=True)
    return conn.scalar(select(func.count(c.item.distinct())).where(*out)) or 0
