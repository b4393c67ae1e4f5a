"""Who is cited in items, and the items of a story as its first teller is found by.

In:    credits, as curating found them.
Out:   the credits of items, in the order of their texts; a story's tellings.
Never: decides who told first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, exists, null, select
from sqlalchemy import insert as plain_insert

from aggregator.model import Credit, Telling
from aggregator.store.dialect import chunks
from aggregator.store.schema import copy_item, item, item_credit, story_item, topic_item

_TOLD: Select[Any] = (
    select(story_item.c.story, item.c.key, item.c.source, item.c.first_seen_at, copy_item.c.story.label("copy"))
    .select_from(story_item)
    .join(item, item.c.key == story_item.c.item)
    .outerjoin(copy_item, copy_item.c.item == item.c.key)
    .where(item.c.withdrawn_at.is_(None))
    .order_by(story_item.c.story, item.c.first_seen_at, item.c.seq)
)
_ALONE: Select[Any] = (
    select(item.c.key, item.c.source, item.c.first_seen_at, null().label("copy"))
    .outerjoin(story_item, story_item.c.item == item.c.key)
    .where(story_item.c.item.is_(None), item.c.withdrawn_at.is_(None))
)


class Around(NamedTuple):
    """What is known of items beside themselves."""

    credits: dict[str, tuple[Credit, ...]]  # by item key; nothing of those that cite nobody
    stories: list[list[Telling]]  # that they are in, if several are in them


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
    """The items of a story, but for withdrawn ones, in the order in which we saw them first.

    An item that is in none is one by itself.
    """
    return told(conn, [story]).get(story, [])


def told(conn: Connection, stories: Collection[str]) -> dict[str, list[Telling]]:
    """Several stories, each as `tellings`; none of which nothing is there."""
    rows: dict[str, list[Row[Any]]] = {}
    for some in chunks(stories):
        rows |= _by_story(conn, _TOLD.where(story_item.c.story.in_(some)))
        alone = conn.execute(_ALONE.where(item.c.key.in_([one for one in some if one not in rows])))
        rows |= {row.key: [row] for row in alone}
    cited = credits_of(conn, [row.key for story in rows.values() for row in story])
    return {story: [_telling(row, cited) for row in its] for story, its in rows.items()}


def tellings_in(conn: Connection, topic: str | None, keys: Collection[str]) -> list[list[Telling]]:
    """The stories of these items, each as `tellings`, if several are in it; of a topic only what it admitted."""
    c, t = story_item.c, topic_item.c
    # not joined: SQLite would begin with all that the topic ever had (seen in its plan)
    mine = _TOLD.where(exists().where(t.item == item.c.key, t.topic == topic, t.admitted)) if topic else _TOLD
    stories: dict[str, list[Row[Any]]] = {}
    for some in chunks(keys):
        theirs = mine.where(c.story.in_(select(c.story).where(c.item.in_(some))))
        stories |= _by_story(conn, theirs)
    several = [rows for rows in stories.values() if len(rows) > 1]
    cited = credits_of(conn, [row.key for rows in several for row in rows])
    return [[_telling(row, cited) for row in rows] for rows in several]


def _by_story(conn: Connection, told: Select[Any]) -> dict[str, list[Row[Any]]]:
    return {story: list(rows) for story, rows in groupby(conn.execute(told).all(), key=lambda row: row.story)}


def around(conn: Connection, keys: Collection[str]) -> Around:
    """Who is cited in these items, and who else tells their stories."""
    return Around(credits_of(conn, keys), tellings_in(conn, None, keys))


def citing(told: Sequence[list[Telling]]) -> list[list[Telling]]:
    """Those of the stories in which an outlet is cited."""
    return [some for some in told if any(not credit.body for one in some for credit in one.credits)]


def _telling(row: Row[Any], cited: Mapping[str, tuple[Credit, ...]]) -> Telling:
    return Telling(
        item=row.key,
        source=row.source,
        first_seen_at=row.first_seen_at,
        copy=row.copy,
        credits=cited.get(row.key, ()),
    )
