"""What persons said of sections, and what sections are learned from.

In:    the sections of an item by a person's word; examples, and what to forget.
Out:   the same again; a version that changes with every lesson, for whoever has them in mind.
Never: learns or guesses.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.model import Example, Lessons
from aggregator.store import meta
from aggregator.store.dialect import chunks
from aggregator.store.dialect import insert as upsert
from aggregator.store.rows import dumps
from aggregator.store.schema import item, section_example, section_said

_e, _s = section_example.c, section_said.c


def version(conn: Connection) -> str:
    """Another text after every lesson, whichever process gave it."""
    return meta.get(conn, "learned") or ""


def examples(conn: Connection, reading: int) -> list[Example]:
    """All examples whose clues were read so, the oldest first."""
    rows = conn.execute(select(section_example).where(_e.reading == reading).order_by(_e.at, _e.item))
    return [
        Example(
            item=row.item,
            language=row.language,
            sections=tuple(json.loads(row.sections)),
            clues=json.loads(row.clues),
            meaning=row.meaning,
            said=row.said,
        )
        for row in rows
    ]


def keep(conn: Connection, lessons: Lessons, now: datetime) -> None:
    """Keep what was learned and drop what was forgotten."""
    learned = {one.item: one for one in lessons.learned}  # of an item that was learned twice the last counts
    for some in chunks({*learned, *lessons.forgotten}):
        conn.execute(delete(section_example).where(_e.item.in_(some)))
    rows = [
        {
            "item": one.item,
            "language": one.language,
            "sections": dumps(one.sections),
            "said": one.said,
            "reading": lessons.reading,
            "clues": dumps(one.clues),
            "meaning": one.meaning,
            "at": now,
        }
        for one in learned.values()
        if one.item not in lessons.forgotten
    ]
    if rows:
        conn.execute(insert(section_example), rows)
    _renew(conn)


def after(former: str) -> str:
    """The version that one lesson makes of another."""
    return str(int(former or "0") + 1)


def _renew(conn: Connection) -> None:
    meta.put(conn, "learned", after(version(conn)))


def said(conn: Connection, items: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What the sections of these items are by a person's word, of those of which one was said."""
    found: dict[str, tuple[str, ...]] = {}
    for some in chunks(set(items)):
        there = select(_s.item, _s.sections).where(_s.item.in_(some))
        found |= {row.item: tuple(json.loads(row.sections)) for row in conn.execute(there)}
    return found


def every(conn: Connection) -> dict[str, tuple[str, ...]]:
    """What the sections of items are by a person's word, of all of which one was said."""
    return {row.item: tuple(json.loads(row.sections)) for row in conn.execute(select(_s.item, _s.sections))}


def say(conn: Connection, key: str, sections: Sequence[str], now: datetime) -> None:
    """Keep what a person says of an item's sections, and have it curated again."""
    row = upsert(conn, section_said).values(item=key, sections=dumps(tuple(sections)), at=now)
    again = {"sections": row.excluded.sections, "at": row.excluded.at}
    conn.execute(row.on_conflict_do_update(index_elements=["item"], set_=again))
    _anew(conn, [key])


def unsay(conn: Connection, key: str) -> bool:
    """Forget what a person said of an item's sections; return whether anything was. It is curated again."""
    gone = conn.execute(delete(section_said).where(_s.item == key)).rowcount > 0
    conn.execute(delete(section_example).where(_e.item == key))
    _renew(conn)
    _anew(conn, [key])
    return gone


def _anew(conn: Connection, keys: Collection[str]) -> None:
    conn.execute(update(item).where(item.c.key.in_(keys)).values(curated_at=None))
