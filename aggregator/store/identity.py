"""What is known of a source's items, so that they are known again: under whatever id, and in whatever words.

In:    a source, ids of a document; ids that items were shown under.
Out:   Known, what was edited lately, former words, Alias.
Never: decides what is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, false, func, or_, select

from aggregator.model import Alias, Known, key_of
from aggregator.store.dialect import chunks, insert
from aggregator.store.held import NEWS
from aggregator.store.schema import item, item_alias, item_revision, tombstone

ALIASES_KEPT = 3  # per item: some publishers make a new id for every reading, and none of those comes back

_KNOWN = (
    *(item.c[name] for name in ("key", "sha256", "title", "link", "published", "document", "held")),
    item.c.item_id.label("id"),
    item.c.language_seen.label("language"),
    false().label("pruned"),
)


def known(conn: Connection, source: str, item_ids: Collection[str]) -> dict[str, Known]:
    """What we hold already of these items, by the ids they are asked by, which may be other ones than their own."""
    ids = {key_of(source, one): one for one in item_ids}
    found: dict[str, Known] = {}
    for some in chunks(ids):
        found |= {ids[row.key]: _known(row) for row in conn.execute(select(*_KNOWN).where(item.c.key.in_(some)))}
    there = select(item_alias.c.key.label("alias"), *_KNOWN).join(item, item.c.key == item_alias.c.item)
    for some in chunks([key for key, id_ in ids.items() if id_ not in found]):
        found |= {ids[row.alias]: _known(row) for row in conn.execute(there.where(item_alias.c.key.in_(some)))}
    return found | _pruned(conn, {key: id_ for key, id_ in ids.items() if id_ not in found})


def _pruned(conn: Connection, ids: Mapping[str, str]) -> dict[str, Known]:
    """What is left of items, or of ids of theirs, that were pruned. ids: their keys -> as they are asked by."""
    c, found = tombstone.c, dict[str, Known]()
    for some in chunks(ids):
        gone = conn.scalars(select(c.key).where(c.key.in_(some)))
        found |= {ids[key]: Known(key=key, sha256=b"", id=ids[key], pruned=True) for key in gone}
    return found


def lately(conn: Connection, source: str, limit: int, *, undoubted: bool = False) -> list[Known]:
    """The items of a source that came last, the newest first; undoubted: but those that are held as a whole."""
    newest = select(*_KNOWN).where(item.c.source == source).order_by(item.c.seq.desc()).limit(limit)
    if undoubted:
        newest = newest.where(or_(item.c.held.is_(None), item.c.held.not_in(NEWS)))
    return [_known(row) for row in conn.execute(newest)]


def _known(row: Row[Any]) -> Known:
    return Known(**{name: getattr(row, name) for name in Known.__slots__})


def edits(conn: Connection, keys: Collection[str], since: datetime) -> dict[str, list[datetime]]:
    """When these items were edited since then, the first edit first, as far as revisions are kept."""
    r, found = item_revision.c, dict[str, list[datetime]]()
    for some in chunks(keys):
        late = select(r.item, r.at).where(r.item.in_(some), r.at > since).order_by(r.seq)
        for key, at in conn.execute(late):
            found.setdefault(key, []).append(at)
    return found


def former(conn: Connection, keys: Collection[str]) -> set[tuple[str, bytes]]:
    """What these items said before: key and sha256 of the revisions that are kept."""
    r, found = item_revision.c, set[tuple[str, bytes]]()
    for some in chunks(keys):
        found |= {(key, sha256) for key, sha256 in conn.execute(select(r.item, r.sha256).where(r.item.in_(some)))}
    return found


def keep_aliases(conn: Connection, aliases: Iterable[Alias], now: datetime) -> None:
    """Keep the newest ids of items beside those that they came with. What was another item's is this one's now."""
    rows = [{"key": one.key, "item": one.item, "item_id": one.id, "why": one.why, "at": now} for one in aliases]
    if not rows:
        return
    put = insert(conn, item_alias)
    anew = {name: put.excluded[name] for name in ("item", "why", "at")}
    conn.execute(put.on_conflict_do_update(index_elements=["key"], set_=anew), rows)
    c = item_alias.c
    place = func.row_number().over(partition_by=c.item, order_by=(c.at.desc(), c.key)).label("place")
    for some in chunks({row["item"] for row in rows}):
        ranked = select(c.key, place).where(c.item.in_(some)).subquery()
        conn.execute(delete(item_alias).where(c.key.in_(select(ranked.c.key).where(ranked.c.place > ALIASES_KEPT))))


def aliases_of(conn: Connection, key: str) -> list[tuple[Alias, datetime]]:
    """The other ids of an item that are kept, and since when it has each, the newest first."""
    mine = select(item_alias).where(item_alias.c.item == key).order_by(item_alias.c.at.desc(), item_alias.c.key)
    return [(Alias(key=row.key, id=row.item_id, item=row.item, why=row.why), row.at) for row in conn.execute(mine)]
