"""Which items are copies of one another, and on what evidence.

In:    memberships that curating decided.
Out:   the story of an item, the members of a story.
Never: compares items.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model import Membership
from aggregator.store.dialect import insert
from aggregator.store.rows import membership
from aggregator.store.schema import story, story_item

_FACTS = ("story", "of", "method", "score", "evidence", "rule", "at")


def place(conn: Connection, memberships: Iterable[Membership], now: datetime) -> None:
    """Put items into their stories, founding those that are new; an item that stood in another one moves."""
    rows = {m.item: {name: getattr(m, name) for name in ("item", *_FACTS[:-1])} | {"at": now} for m in memberships}
    if not rows:
        return
    founded = [{"id": one, "at": now} for one in sorted({row["story"] for row in rows.values()})]
    conn.execute(insert(conn, story).on_conflict_do_nothing(), founded)
    put = insert(conn, story_item)
    moved = {name: put.excluded[name] for name in _FACTS}
    conn.execute(put.on_conflict_do_update(index_elements=["item"], set_=moved), list(rows.values()))


def story_of(conn: Connection, key: str) -> str | None:
    """The story that an item belongs to, if any."""
    return conn.scalar(select(story_item.c.story).where(story_item.c.item == key))


def members(conn: Connection, story: str) -> list[Membership]:
    """The members of a story with their evidence, in the order in which they joined."""
    mine = select(story_item).where(story_item.c.story == story).order_by(story_item.c.at, story_item.c.item)
    return [membership(row) for row in conn.execute(mine).mappings()]
