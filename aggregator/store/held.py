"""Items that are held: they stand here and wait, with the reason (model.HELD), before they go into topics.

In:    a source, a poll that ended well.
Out:   how many wait and why; none, once they are released.
Never: decides what is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, false, func, or_, select, update

from aggregator.model import Held
from aggregator.store.schema import item, source_state

NEWS: tuple[Held, ...] = ("drift", "flood")  # whole items; of the others only the newest words are held


def let_go(conn: Connection, source: str, now: datetime, *, confirmed: int | None) -> int:
    """Release what has waited long enough, and the flood that was real. Returns how many items that were.

    confirmed  the number of the document that brought it
    """
    c = item.c
    real = false() if confirmed is None else and_(c.held == "flood", c.document == confirmed)
    return _release(conn, source, or_(c.held_until <= now, real))


def release(conn: Connection, source: str) -> int:
    """Release all that is held of a source: a person says that it is right. Returns how many items that were.

    What its feed was called before is no sign of anything any more.
    """
    if "drift" in counts(conn, source).get(source, {}):
        conn.execute(update(source_state).where(source_state.c.id == source).values(feed=None))
    return _release(conn, source, item.c.held.is_not(None))


def _release(conn: Connection, source: str, which: object) -> int:
    mine = and_(item.c.source == source, item.c.held.is_not(None), which)  # type: ignore[arg-type]
    return conn.execute(update(item).where(mine).values(held=None, held_until=None, curated_at=None)).rowcount


def counts(conn: Connection, source: str | None = None) -> Mapping[str, Mapping[Held, int]]:
    """How many items are held, by source and reason; of one source or of all that have any."""
    c = item.c
    there = select(c.source, c.held, func.count()).where(c.held.is_not(None)).group_by(c.source, c.held)
    found: dict[str, dict[Held, int]] = {}
    for one, why, many in conn.execute(there if source is None else there.where(c.source == source)):
        found.setdefault(one, {})[why] = many
    return found
