"""The ledger: what readers of a topic were shown, and when (publication.md, R1).

In:    rows that publishing decided.
Out:   the entries that stand in a topic now; the whole past of one.
Never: changes a row that was written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, literal_column, select, update
from sqlalchemy import insert as plain_insert

from aggregator.model import Delivery, StoredItem
from aggregator.store.dialect import chunks
from aggregator.store.rows import delivered, delivery_row, stored_item
from aggregator.store.schema import delivery, item, topic_item

TOLD = 500  # entries that left a topic of late; a document is no graveyard

_current = delivery.c.current.is_(True)
# As the partial indexes have it, and not as parameters: SQLite would walk through the topic's whole past.
_left = delivery.c.state.in_([literal_column("'absorbed'"), literal_column("'withdrawn'")])
_first = delivery.c.rev == literal_column("1")
_newest_first = (delivery.c.entered_at.desc(), delivery.c.entry_id)


def append(conn: Connection, rows: Sequence[Delivery], now: datetime) -> None:
    """Add rows; from now on they count instead of the former ones of their entries. Only artefacts.publish calls it."""
    if not rows:
        return
    c = delivery.c
    replaced = and_(c.topic == bindparam("in_topic"), c.entry_id == bindparam("which"), _current)
    keys = [{"in_topic": row.topic, "which": row.entry_id} for row in rows]
    conn.execute(update(delivery).where(replaced).values(current=False), keys)
    conn.execute(plain_insert(delivery), [{**delivery_row(row), "at": now} for row in rows])


def live(conn: Connection, topic: str) -> list[Delivery]:
    """The newest row of each live entry of a topic, the last entered first."""
    mine = select(delivery).where(delivery.c.topic == topic, _current).order_by(*_newest_first)
    return [delivered(row) for row in conn.execute(mine).mappings()]


def edited(conn: Connection, topic: str) -> list[tuple[Delivery, StoredItem]]:
    """Live entries whose publisher changed what they show since the face was taken, with that item as it is now.

    Words that are held are told to nobody yet.
    """
    mine = select(delivery, item).join(item, item.c.key == func.coalesce(delivery.c.shows, delivery.c.anchor))
    other = mine.where(delivery.c.topic == topic, _current, item.c.sha256 != delivery.c.sha256, item.c.held.is_(None))
    return [(delivered(row), stored_item(row)) for row in conn.execute(other.order_by(*_newest_first)).mappings()]


def gone(conn: Connection, topic: str, since: datetime) -> list[Delivery]:
    """The newest rows of entries that were absorbed or withdrawn since then and are not back, the last first."""
    c, later = delivery.c, delivery.alias()
    newer = select(later.c.seq).where(later.c.topic == c.topic, later.c.entry_id == c.entry_id, later.c.rev > c.rev)
    mine = select(delivery).where(c.topic == topic, _left, c.at >= since, ~newer.exists())
    rows = conn.execute(mine.order_by(c.at.desc(), c.entry_id).limit(TOLD)).mappings()
    return [delivered(row) for row in rows]


def absorptions(conn: Connection, topic: str, anchors: Collection[str], since: datetime) -> list[Delivery]:
    """Every time since then that an entry with one of these anchors was absorbed, of those that are absorbed now."""
    c, found = delivery.c, list[Delivery]()
    for some in chunks(anchors):
        mine = select(delivery).where(c.topic == topic, c.state == "absorbed", c.at >= since, c.anchor.in_(some))
        found += [delivered(row) for row in conn.execute(mine.where(_left)).mappings()]
    last = {row.entry_id: row for row in newest(conn, topic, {row.entry_id for row in found})}
    return [row for row in found if last[row.entry_id].state == "absorbed"]


def newest(conn: Connection, topic: str, entry_ids: Collection[str]) -> list[Delivery]:
    """The newest row of each of these entries, live or not."""
    c, found = delivery.c, list[Delivery]()
    for some in chunks(entry_ids):
        last = select(func.max(c.seq)).where(c.topic == topic, c.entry_id.in_(some)).group_by(c.entry_id)
        found += [delivered(row) for row in conn.execute(select(delivery).where(c.seq.in_(last))).mappings()]
    return found


def entered(conn: Connection, topic: str, limit: int) -> list[datetime]:
    """When the newest entries of a topic entered it, the last one first."""
    c = delivery.c
    firsts = select(c.entered_at).where(c.topic == topic, _first).order_by(c.entered_at.desc()).limit(limit)
    return list(conn.scalars(firsts))


def entered_within(conn: Connection, topic: str, since: datetime, until: datetime) -> list[Delivery]:
    """The newest rows of the entries that entered from `since` on and before `until`, whatever became of them."""
    c = delivery.c
    here = select(c.entry_id).where(c.topic == topic, _first, c.entered_at >= since, c.entered_at < until)
    return newest(conn, topic, set(conn.scalars(here)))


def entered_beside(
    conn: Connection, topic: str, since: datetime, until: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the last entry before `since` entered, and the first one from `until` on."""
    c = delivery.c
    firsts = select(c.entered_at).where(c.topic == topic, _first)
    before = firsts.where(c.entered_at < since).order_by(c.entered_at.desc()).limit(1)
    after = firsts.where(c.entered_at >= until).order_by(c.entered_at).limit(1)
    return conn.scalar(before), conn.scalar(after)


def of_item(conn: Connection, key: str) -> list[Delivery]:
    """The newest row, live or not, of each entry in which an item stands or is listed, by topic."""
    c, t = delivery.c, topic_item.c
    place = func.row_number().over(partition_by=(c.topic, c.entry_id), order_by=c.rev.desc()).label("place")
    inside = and_(t.topic == c.topic, t.entry_id == c.entry_id)
    ranked = select(c.seq, place).join(topic_item, inside).where(t.item == key).subquery()
    newest = select(ranked.c.seq).where(ranked.c.place == 1)
    rows = conn.execute(select(delivery).where(c.seq.in_(newest)).order_by(c.topic, c.entry_id)).mappings()
    return [delivered(row) for row in rows]


def history(conn: Connection, topic: str, entry_id: str) -> list[Delivery]:
    """All that readers were ever shown of an entry, the first row first."""
    c = delivery.c
    rows = select(delivery).where(c.topic == topic, c.entry_id == entry_id).order_by(c.rev)
    return [delivered(row) for row in conn.execute(rows).mappings()]


def ever(conn: Connection, topic: str, entry_ids: Collection[str]) -> set[str]:
    """Those of the ids that the topic has delivered at any time: they never enter it anew (R10)."""
    c = delivery.c
    found: set[str] = set()
    for some in chunks(entry_ids):
        found |= set(conn.scalars(select(c.entry_id).where(c.topic == topic, c.entry_id.in_(some), c.rev == 1)))
    return found
