"""What persons said about stories, and the groups that are as they said.

In:    rulings; the memberships that hold from now on.
Out:   all rulings; a version that changes with every regrouping, for whoever has groups in mind.
Never: decides what belongs together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select

from aggregator.model import Membership, Ruling
from aggregator.store import meta, topics
from aggregator.store.dialect import chunks, insert
from aggregator.store.rows import membership
from aggregator.store.schema import ruling, story_item
from aggregator.store.stories import TABLES, place

_c = ruling.c
_story = func.coalesce(story_item.c.story, _c.other).label("story")
_all = select(ruling, _story).outerjoin(story_item, and_(story_item.c.item == _c.item, _c.says == "pinned"))


def every(conn: Connection) -> list[Ruling]:
    """All that was said, the pins with the story that each item keeps."""
    return [_ruling(row) for row in conn.execute(_all.order_by(_c.at, _c.says, _c.item, _c.other))]


def about(conn: Connection, keys: Collection[str]) -> list[Ruling]:
    """What was said about these items."""
    found: dict[Ruling, None] = {}
    for some in chunks(keys):
        mine = _all.where(or_(_c.item.in_(some), _c.other.in_(some))).order_by(_c.at, _c.says, _c.item, _c.other)
        found |= dict.fromkeys(_ruling(row) for row in conn.execute(mine))
    return list(found)


def _ruling(row: Any) -> Ruling:
    return Ruling(says=row.says, item=row.item, other=row.story)


def version(conn: Connection) -> str:
    """Another text after every regrouping, whichever process did it."""
    return meta.get(conn, "regrouped") or ""


def renew(conn: Connection) -> None:
    """Have all who have groups in mind look at them anew."""
    meta.put(conn, "regrouped", str(int(version(conn) or "0") + 1))


def rule(conn: Connection, *, said: Sequence[Ruling], unsaid: Sequence[Ruling], now: datetime) -> None:
    """Keep what was said, and forget what it takes back."""
    rows = [{"word": one.says, "one": one.item, "two": one.other} for one in unsaid]
    if rows:
        this = and_(_c.says == bindparam("word"), _c.item == bindparam("one"), _c.other == bindparam("two"))
        conn.execute(delete(ruling).where(this), rows)
    if said:
        put = insert(conn, ruling)
        again = put.on_conflict_do_update(index_elements=["says", "item", "other"], set_={"at": put.excluded.at})
        conn.execute(again, [{"says": one.says, "item": one.item, "other": one.other, "at": now} for one in said])


def regroup(
    conn: Connection,
    keys: Collection[str],
    after: Iterable[Membership],
    *,
    said: Sequence[Ruling] = (),
    unsaid: Sequence[Ruling] = (),
    now: datetime,
) -> None:
    """Put items into groups, and keep what was said; their topics are rendered again.

    keys  of items that are in no group but these

    A membership that is there already stays untouched, with its time.
    """
    rule(conn, said=said, unsaid=unsaid, now=now)
    wanted = {(one.kind, one.item): one for one in after}
    for kind, table in TABLES.items():
        for some in chunks({*keys, *(item for of, item in wanted if of == kind)}):
            held = [
                membership(row, kind) for row in conn.execute(select(table).where(table.c.item.in_(some))).mappings()
            ]
            gone = [one.item for one in held if wanted.get((kind, one.item)) != one]
            conn.execute(delete(table).where(table.c.item.in_(gone)))
            there = {one.item for one in held} - set(gone)
            place(conn, [m for key in some if key not in there and (m := wanted.get((kind, key)))], now)
    topics.moved_now(conn, {*keys, *(item for _, item in wanted), *(one.item for one in (*said, *unsaid))})
    renew(conn)
