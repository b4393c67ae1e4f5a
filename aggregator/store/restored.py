"""After a restore: what readers were shown since the backup was made, by the record beside the database.

In:    lines of the record, the oldest first.
Out:   table `remembered`, for items that come again; rows of the ledger for entries that it knows as they were before.
Never: makes an entry of which the store has no words: that comes back, under its id, when its items do.

Validators of sources stay. They were stored together with the items of their document, so a 304 to them says that the
document is again what this store has seen, and hides nothing; whoever has news answers 200. To forget them would cost
every publisher a whole document and win nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from aggregator.model import Authority, Delivery, DeliveryState, Recorded, Remembered, Withdrawal
from aggregator.store import deliveries, meta, withdrawal
from aggregator.store.dialect import chunks, insert
from aggregator.store.rows import delivered
from aggregator.store.schema import artefact, delivery, topic_item, topic_state
from aggregator.store.schema import remembered as memory

AT_ONCE = 5_000  # lines looked up together: a record of a year has millions, and only those since the backup are held

Place = tuple[str, str]  # topic and entry, or topic and item


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the record told a store that it did not know."""

    entries: int  # that the ledger does not know
    items: int  # remembered: they go where they stood, if they come again
    gone: int  # entries that had left since the backup, and are out again
    anew: int  # entries that were told anew since
    foreign: int  # lines about entries that another store minted
    withdrawn: int  # items that stood in the backup, and were withdrawn since


class _Known(NamedTuple):
    """What decides which is newer, a line or the ledger's last row."""

    rev: int
    state: DeliveryState
    at: datetime


@dataclass(slots=True)
class _Told:
    """The newest line about an entry, and the items that all lines since the backup put into it."""

    line: Recorded
    known: DeliveryState | None  # to the ledger
    items: set[str] = field(default_factory=set)


def remembered(conn: Connection, topic: str, keys: Collection[str]) -> dict[str, Remembered]:
    """Return where these items stood in a topic before a restore, by item; those that are not remembered are left out.

    An item goes into that entry again: a live one takes over `entered_at` and `updated`, any other is never shown.
    """
    c = memory.c
    found: dict[str, Remembered] = {}
    for some in chunks(keys):
        for row in conn.execute(select(memory).where(c.topic == topic, c.item.in_(some))).mappings():
            found[row["item"]] = Remembered(**{name: row[name] for name in row if name not in ("item", "led")})
    return found


def led(conn: Connection, topic: str, keys: Collection[str]) -> set[str]:
    """Those of the items whose own entries were delivered before a restore, wherever they stood last."""
    c, found = memory.c, set[str]()
    for some in chunks(keys):
        found |= set(conn.scalars(select(c.item).where(c.topic == topic, c.item.in_(some), c.led)))
    return found


def apply(conn: Connection, lines: Iterable[Recorded | Withdrawal], now: datetime) -> Applied:
    """Bring a restored ledger to what readers know, and have all documents rendered anew. It may be done again."""
    authority = _authority(conn)
    told: dict[Place, _Told] = {}
    homes: dict[Place, str] = {}
    foreign, withdrawn = 0, list[Withdrawal]()
    for some in _batches(lines):
        withdrawn += [line for line in some if isinstance(line, Withdrawal)]
        entries = [line for line in some if isinstance(line, Recorded)]
        known = _newest(conn, entries)
        for line in entries:
            if authority and line.entry_id != authority.entry_id(line.entry_id[-16:]):
                foreign += 1
                continue
            _take(told, homes, line, known.get((line.topic, line.entry_id)))
    for (topic, key), entry_id in homes.items():
        if home := told.get((topic, entry_id)):
            home.items.add(key)
    items = _remember(conn, told.values())
    rows = [row for one in told.values() if one.known for row in _followed(conn, one)]
    deliveries.append(conn, rows, now)
    stood = withdrawal.withdraw_for_ever(conn, withdrawn, now)
    _render_anew(conn)
    gone = sum(row.state != "live" for row in rows)
    unknown = sum(one.known is None for one in told.values())
    return Applied(entries=unknown, items=items, gone=gone, anew=len(rows) - gone, foreign=foreign, withdrawn=stood)


def _authority(conn: Connection) -> Authority | None:
    name, date = meta.get(conn, "authority"), meta.get(conn, "authority_date")
    return Authority(name=name, date=date) if name and date else None


def _batches(lines: Iterable[Recorded | Withdrawal]) -> Iterator[list[Recorded | Withdrawal]]:
    rest = iter(lines)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def _newest(conn: Connection, lines: Collection[Recorded]) -> dict[Place, _Known]:
    """Return what the ledger says last of each of these entries."""
    c = delivery.c
    found: dict[Place, _Known] = {}
    asked = sorted({(one.topic, one.entry_id) for one in lines})
    for topic, places in groupby(asked, key=lambda place: place[0]):
        for some in chunks([entry_id for _, entry_id in places]):
            last = select(func.max(c.seq)).where(c.topic == topic, c.entry_id.in_(some)).group_by(c.entry_id)
            for row in conn.execute(select(c.entry_id, c.rev, c.state, c.at).where(c.seq.in_(last))):
                found[topic, row.entry_id] = _Known(row.rev, row.state, row.at)
    return found


def _take(
    told: dict[Place, _Told],
    homes: dict[Place, str],
    line: Recorded,
    row: _Known | None,
) -> None:
    """Take in the next line about an entry, unless the ledger has it or what came after it.

    A line is written before its row, so one that is later than the row is newer. Where a clock went back, its rev says
    so: revs of an entry only grow, but for those that were counted anew after an earlier restore.
    """
    place = (line.topic, line.entry_id)
    if row and line.at <= row.at and line.rev <= row.rev:
        told.pop(place, None)
        return
    one = told.setdefault(place, _Told(line, row.state if row else None))
    one.line = line
    if row is None:
        homes.setdefault((line.topic, line.anchor), line.entry_id)
    homes.update(((line.topic, key), line.entry_id) for key in line.items)


def _remember(conn: Connection, told: Iterable[_Told]) -> int:
    """Note where items stood that stand elsewhere in this store, or nowhere; return how many."""
    number = 0
    for topic, some in groupby(sorted(told, key=_topic), key=_topic):
        here = list(some)
        anchors = {one.line.anchor for one in here}
        rows = {key: _row(one.line, key, led=key in anchors) for one in here for key in one.items}
        for keys in chunks(rows):
            number += _put(conn, topic, {key: rows[key] for key in keys})
    return number


def _topic(one: _Told) -> str:
    return one.line.topic


def _row(line: Recorded, key: str, *, led: bool) -> dict[str, object]:
    return {"item": key, "led": led, **{name: getattr(line, name) for name in Remembered.__slots__}}


def _put(conn: Connection, topic: str, rows: Mapping[str, dict[str, object]]) -> int:
    c = topic_item.c
    entered = select(c.item, c.entry_id).where(c.topic == topic, c.item.in_(rows), c.entry_id.is_not(None))
    inside = {row.item: row.entry_id for row in conn.execute(entered)}
    waiting = [row for key, row in rows.items() if inside.get(key) != row["entry_id"]]
    if waiting:
        put = insert(conn, memory)
        anew = {name: put.excluded[name] for name in (*Remembered.__slots__, "led") if name != "topic"}
        conn.execute(put.on_conflict_do_update(index_elements=["topic", "item"], set_=anew), waiting)
    return len(waiting)


def _followed(conn: Connection, one: _Told) -> Iterator[Delivery]:
    """Yield the row that brings an entry which the ledger knows to what readers saw of it last, if they differ.

    One that had come back since (R7) stays absorbed: whoever parted it from the other did so after the backup, and has
    to say it again.
    """
    line, last = one.line, _last(conn, one.line)
    updated, told = max(line.updated, last.updated), max(line.told, last.told)
    moved = replace(last, rev=max(line.rev, last.rev) + 1, updated=updated, state=line.state, into=line.into, told=told)
    if last.state == "live" and line.state != "live":
        yield replace(moved, why="restored: it had left since the backup")
    elif last.state == line.state == "live" and (line.updated > last.updated or line.told > last.told):
        yield replace(moved, why="restored: readers were told of it anew, or of more outlets, since the backup")


def _last(conn: Connection, line: Recorded) -> Delivery:
    c = delivery.c
    mine = select(delivery).where(c.topic == line.topic, c.entry_id == line.entry_id)
    return delivered(conn.execute(mine.order_by(c.seq.desc()).limit(1)).mappings().one())


def _render_anew(conn: Connection) -> None:
    """Forget the documents: a daemon hands out what it finds before it renders, and these show what had left."""
    t = topic_state.c
    conn.execute(delete(artefact))
    conn.execute(update(topic_state).values(dirty=t.dirty + 1, publications=t.publications + 1))
