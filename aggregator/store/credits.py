"""Who is cited in items, and the items of a story as its first teller is found by.

In:    credits, as curating found them.
Out:   the credits of items, in the order of their texts; a story's tellings.
Never: decides who told first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy import insert as plain_insert

from aggregator.model import Credit, Telling
from aggregator.store.dialect import chunks
from aggregator.store.schema import copy_item, item, item_credit, story_item


def keep(conn: Connection, found: Mapping[str, Sequence[Credit]]) -> None:
    """Keep who is cited in items, in place of what was found before. found: by item key."""
    conn.execute(delete(item_credit).where(item_credit.c.item.in_(found)))
    rows = [_row(key, number, one) for key, cited in found.items() for number, one in enumerate(cited)]
    if rows:
        conn.execute(plain_insert(item_credit), rows)


def _row(key: str, number: int, credit: Credit) -> dict[str, Any]:
    begins, ends = credit.place
    plain = {name: getattr(credit, name) for name in ("outlet", "name", "body", "phrase", "via")}
    return {"item": key, "number": number, "begins": begins, "ends": ends, **plain}


def credits_of(conn: Connection, keys: Collection[str]) -> dict[str, tuple[Credit, ...]]:
    """Who is cited in these items, by item key; nothing of those that cite nobody."""
    c, found = item_credit.c, dict[str, tuple[Credit, ...]]()
    for some in chunks(keys):
        mine = select(item_credit).where(c.item.in_(some)).order_by(c.item, c.number)
        for row in conn.execute(mine):
            credit = Credit(
                outlet=row.outlet,
                name=row.name,
                body=row.body,
                phrase=row.phrase,
                place=(row.begins, row.ends),
                via=row.via,
            )
            found[row.item] = (*found.get(row.item, ()), credit)
    return found


def tellings(conn: Connection, story: str) -> list[Telling]:
    """The items of a story, but for withdrawn ones, in the order in which we saw them first."""
    there = (
        select(item.c.key, item.c.source, item.c.first_seen_at, copy_item.c.story.label("copy"))
        .join(story_item, story_item.c.item == item.c.key)
        .outerjoin(copy_item, copy_item.c.item == item.c.key)
        .where(story_item.c.story == story, item.c.withdrawn_at.is_(None))
        .order_by(item.c.first_seen_at, item.c.seq)
    )
    rows = conn.execute(there).all()
    cited = credits_of(conn, [row.key for row in rows])
    return [
        Telling(
            item=row.key,
            source=row.source,
            first_seen_at=row.first_seen_at,
            copy=row.copy,
            credits=cited.get(row.key, ()),
        )
        for row in rows
    ]
