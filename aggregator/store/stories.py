"""Which items are copies of each other, and which tell of one event; what rare words are.

In:    memberships with their evidence, as curating decided them.
Out:   the group of an item, the members of a group; what a curator must know to go on.
Never: decides what belongs together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, select

from aggregator.model import Membership, MembershipKind, StoredItem
from aggregator.store import meta
from aggregator.store.dialect import chunks, insert
from aggregator.store.rows import membership, stored_item
from aggregator.store.schema import background, copy_item, item, source_state, story, story_item

TABLES: Mapping[MembershipKind, Table] = {"copy": copy_item, "story": story_item}
_FACTS = ("story", "of", "method", "score", "evidence", "rule", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """An item of which a curator decided before."""

    stored: StoredItem
    story: str | None
    copy: str | None  # its group of copies
    private: bool  # its source is


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """In how many articles each root stood, of those up to an item."""

    counts: Mapping[int, int]
    articles: int  # 0: nothing was counted yet
    upto: int  # Item.seq


def place(conn: Connection, memberships: Iterable[Membership], now: datetime) -> None:
    """Put items into their groups, founding those that are new; an item that stood in another one moves.

    Who founded a group stays where he is.
    """
    found = list(memberships)
    founded = [{"id": one, "at": now} for one in sorted({m.story for m in found if m.kind == "story"})]
    if founded:
        conn.execute(insert(conn, story).on_conflict_do_nothing(), founded)
    for kind, table in TABLES.items():
        mine = [member for member in found if member.kind == kind]
        put = insert(conn, table)
        moved = {name: put.excluded[name] for name in _FACTS}
        first = {m.item: _row(m, now) for m in mine if m.method == "first"}
        joined = {m.item: _row(m, now) for m in mine if m.method != "first"}
        if first:
            conn.execute(insert(conn, table).on_conflict_do_nothing(), list(first.values()))
        if joined:
            conn.execute(put.on_conflict_do_update(index_elements=["item"], set_=moved), list(joined.values()))


def _row(member: Membership, now: datetime) -> dict[str, object]:
    return {name: getattr(member, name) for name in ("item", *_FACTS[:-1])} | {"at": now}


def group_of(conn: Connection, kind: MembershipKind, key: str) -> str | None:
    """The group of this kind that an item belongs to, if any."""
    c = TABLES[kind].c
    return conn.scalar(select(c.story).where(c.item == key))


def groups_of(conn: Connection, kind: MembershipKind, keys: Collection[str]) -> dict[str, str]:
    """The groups of this kind that these items belong to, by item; nothing of those that are in none."""
    c = TABLES[kind].c
    found = (conn.execute(select(c.item, c.story).where(c.item.in_(some))) for some in chunks(keys))
    return {row.item: row.story for rows in found for row in rows}


def members(conn: Connection, kind: MembershipKind, group: str) -> list[Membership]:
    """The members of a group with their evidence, in the order of their arrival."""
    table = TABLES[kind]
    mine = select(table).join(item, item.c.key == table.c.item).where(table.c.story == group).order_by(item.c.seq)
    return [membership(row, kind) for row in conn.execute(mine).mappings()]


def recall(conn: Connection, *, since: datetime, after: int, limit: int, private: bool = False) -> list[Recalled]:
    """Curated items that came since then and behind the item with this seq, in the order of their arrival.

    private  those of private sources, too, with which no other item is compared
    """
    behind = after or _before_first(conn, since)
    s, c = story_item.c.story.label("story_of"), copy_item.c.story.label("copy_of")
    there = (
        select(item, s, c, source_state.c.private)
        .join(source_state, source_state.c.id == item.c.source)
        .outerjoin(story_item, story_item.c.item == item.c.key)
        .outerjoin(copy_item, copy_item.c.item == item.c.key)
        .where(item.c.seq > behind, item.c.first_seen_at >= since, item.c.curated_at.is_not(None))
    )
    if not private:
        there = there.where(~source_state.c.private)
    rows = conn.execute(there.order_by(item.c.seq).limit(limit)).mappings()
    return [
        Recalled(stored=stored_item(row), story=row["story_of"], copy=row["copy_of"], private=row["private"])
        for row in rows
    ]


def _before_first(conn: Connection, since: datetime) -> int:
    """The number behind which all came that came since then: a start must not walk through the whole past."""
    c = item.c
    number = c.seq + 0  # else SQLite looks for the least number where numbers are in order: through the whole past
    first = conn.scalar(select(func.min(number)).where(c.first_seen_at >= since))
    return (conn.scalar(select(func.max(c.seq))) or 0) if first is None else first - 1


def words(conn: Connection) -> Words:
    """How common each root is, as it was kept last."""
    kept = meta.get(conn, "background")
    articles, upto = map(int, kept.split()) if kept else (0, 0)
    counts = {row.root: row.articles for row in conn.execute(select(background.c.root, background.c.articles))}
    return Words(counts=counts, articles=articles, upto=upto)


def keep_words(conn: Connection, changed: Words) -> None:
    """Keep what changed since it was kept last; a root that no article has any more goes."""
    rows = [{"root": root, "articles": had} for root, had in changed.counts.items()]
    if rows:
        put = insert(conn, background)
        had = {"articles": put.excluded.articles}
        conn.execute(put.on_conflict_do_update(index_elements=["root"], set_=had), rows)
        conn.execute(delete(background).where(background.c.articles == 0))
    meta.put(conn, "background", f"{changed.articles} {changed.upto}")
