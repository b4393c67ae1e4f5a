"""Items that are withdrawn: shown no more, for ever (publication.md R8, R10).

In:    keys of items, or the ids that a source takes back; the reason.
Out:   which of them still stood; when and why an item was withdrawn; the entries that items stand in.
Never: deletes an item or brings one back, or decides what becomes of an entry: publishing does, of what has moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, false, func, or_, select, update

from aggregator.model import Withdrawal
from aggregator.store.dialect import chunks, insert
from aggregator.store.identity import known
from aggregator.store.schema import delivery, item, topic_item, withdrawn_item
from aggregator.store.topics import touch

_stands = item.c.withdrawn_at.is_(None)


class Withdrawn(NamedTuple):
    """Since when an item is withdrawn, and why."""

    at: datetime
    why: str


def withdraw(conn: Connection, keys: Collection[str], why: str, now: datetime) -> list[str]:
    """Withdraw items, and make dirty the topics that show them; return those that stood until now.

    Of an item that is withdrawn already, the first reason stays. It waits for nothing any more: for no topic, no page.
    """
    gone: list[str] = []
    freed = {"held": None, "held_until": None, "article_due_at": None, "words_at": None}
    for some in chunks(keys):
        mine = update(item).where(item.c.key.in_(some), _stands)
        gone += conn.scalars(mine.values(withdrawn_at=now, withdrawn=why, **freed).returning(item.c.key))
    for some in chunks(gone):
        _leave_topics(conn, some, why, now)
    return gone


def _leave_topics(conn: Connection, keys: list[str], why: str, now: datetime) -> None:
    """Keep out what waits for an entry, with the reason; have what stands in one looked at."""
    t = topic_item.c
    mine = t.item.in_(keys)
    touch(conn, conn.scalars(select(t.topic).where(mine, or_(t.admitted, t.entry_id.is_not(None))).distinct()).all())
    waits = and_(t.entry_id.is_(None), t.admitted)
    # In one statement: on PostgreSQL an item may come to stand in an entry while we wait for its row. And what waits is
    # moved, too: a publication that has been decided, and is not committed, may be about to let it in.
    values = {
        "moved": True,
        "why": case((waits, t.why + f"; kept out: {why}"), else_=t.why),
        "at": case((waits, now), else_=t.at),
        "admitted": case((waits, false()), else_=t.admitted),
    }
    conn.execute(update(topic_item).where(mine).values(values))


def withdraw_for_ever(conn: Connection, said: Collection[Withdrawal], now: datetime) -> int:
    """Withdraw items that the record says are withdrawn, those too that come again later; return how many stood."""
    rows = [{"item": one.item, "why": one.why, "at": one.at} for one in said]
    if rows:
        conn.execute(insert(conn, withdrawn_item).on_conflict_do_nothing(), rows)
    by_reason = defaultdict[str, list[str]](list)
    for one in said:
        by_reason[one.why].append(one.item)
    return sum(len(withdraw(conn, keys, why, now)) for why, keys in by_reason.items())


def withdraw_again(conn: Connection, keys: Collection[str], now: datetime) -> None:
    """Withdraw those of these new items that were withdrawn before a restore."""
    c = withdrawn_item.c
    for some in chunks(keys):
        for row in conn.execute(select(c.item, c.why).where(c.item.in_(some))).all():
            withdraw(conn, [row.item], row.why, now)


def withdrawn(conn: Connection, key: str) -> Withdrawn | None:
    """When and why an item was withdrawn; None if it was not, or if there is none."""
    row = conn.execute(select(item.c.withdrawn_at, item.c.withdrawn).where(item.c.key == key, ~_stands)).one_or_none()
    return Withdrawn(row.withdrawn_at, row.withdrawn) if row else None


def among(conn: Connection, keys: Collection[str]) -> set[str]:
    """Those of the items that are withdrawn."""
    found: set[str] = set()
    for some in chunks(keys):
        found |= set(conn.scalars(select(item.c.key).where(item.c.key.in_(some), ~_stands)))
    return found


def count(conn: Connection, source: str) -> int:
    """How many items of a source are withdrawn."""
    return conn.scalar(select(func.count()).where(item.c.source == source, ~_stands)) or 0


def standing(conn: Connection, source: str) -> list[str]:
    """The keys of a source's items that are not withdrawn, the last that came first."""
    mine = select(item.c.key).where(item.c.source == source, _stands)
    return list(conn.scalars(mine.order_by(item.c.seq.desc())))


def meant(conn: Connection, source: str, ids: Collection[str]) -> Mapping[str, str]:
    """The items of a source that it calls, or called, by these ids, but for those that are withdrawn: id -> key."""
    there = {id_: held.key for id_, held in known(conn, source, ids).items()}
    standing: set[str] = set()
    for some in chunks(set(there.values())):
        standing |= set(conn.scalars(select(item.c.key).where(item.c.key.in_(some), _stands)))
    return {id_: key for id_, key in there.items() if key in standing}


def pages_gone(conn: Connection, source: str, why: str, limit: int) -> list[bool]:
    """Of the newest items of a source whose pages were had, or withdrawn for that reason: whether they were."""
    gone = item.c.withdrawn.is_not_distinct_from(why)
    read = select(gone).where(item.c.source == source, or_(gone, item.c.full_text != ""))
    return [bool(one) for one in conn.scalars(read.order_by(item.c.seq.desc()).limit(limit))]


def entries(conn: Connection, keys: Collection[str]) -> set[tuple[str, str]]:
    """The live entries in which items stand: topic and id."""
    c, t, found = delivery.c, topic_item.c, set[tuple[str, str]]()
    inside = and_(t.topic == c.topic, t.entry_id == c.entry_id)
    live = select(c.topic, c.entry_id).join(topic_item, inside).where(c.current.is_(True)).distinct()
    for some in chunks(keys):
        found |= {(row.topic, row.entry_id) for row in conn.execute(live.where(t.item.in_(some)))}
    return found
