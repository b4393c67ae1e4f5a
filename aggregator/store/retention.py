"""What is kept of the past, and what of it may go.

In:    until when what left its source's document may go; how much at a time.
Out:   how much went. Of an item a tombstone stays, by which it is known for ever: it never is news again.
Never: takes what stands in its source's document or in a topic's, what waits for one, or what a person spoke of; or a
       row of the ledger: what readers were shown outlives the items that it was made of.

A poll in flight knows items that it may be about to write of, so those of its source are let be until it is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, union

from aggregator.store import meta, words
from aggregator.store.dialect import insert, on_postgresql
from aggregator.store.schema import (
    copy_item,
    delivery,
    item,
    item_alias,
    item_credit,
    item_revision,
    item_section,
    poll_log,
    ruling,
    section_said,
    source_state,
    story,
    story_item,
    tombstone,
    topic_item,
    topic_state,
)

# So long an entry may stand in a document (publication.md R9), and an article told again at its address is a copy of it
# (dedup.WITHIN). What left its source's document later than that is let be, were the disk full.
LEAST = timedelta(days=30)
_PAGES = ("page_count", "freelist_count", "page_size")
_OVERSIZE, _SHRUNK = "oversize", "shrunk"  # in meta
_OF_ITEMS = (item_revision, item_section, item_credit, item_alias, story_item, copy_item, topic_item)

_c = item.c
_configured = select(topic_state.c.topic).where(topic_state.c.configured)
_live = and_(delivery.c.current.is_(True), delivery.c.topic.in_(_configured))
_shows = delivery.c.shows
_faces = union(select(delivery.c.anchor).where(_live), select(_shows).where(_live, _shows.is_not(None)))
_ruled = union(select(ruling.c.item), select(ruling.c.other))
_ruled_stories = select(story_item.c.story).where(story_item.c.item.in_(_ruled))


def _may_go(until: datetime) -> tuple[ColumnElement[bool], ...]:
    t, s, home, inside = topic_item.c, story_item.c, source_state.c, topic_item.c.topic.in_(_configured)
    of_entry = and_(delivery.c.topic == t.topic, delivery.c.entry_id == t.entry_id, delivery.c.current.is_(True))
    stands = select(t.item).join(delivery, of_entry).where(t.item == _c.key, inside).exists()
    waits = select(t.item).where(t.item == _c.key, inside, t.admitted, t.entry_id.is_(None)).exists()
    return (
        _c.left_at < until,
        or_(_c.curated_at.is_not(None), _c.held.is_not(None), _c.withdrawn_at.is_not(None)),
        ~stands,
        ~waits,
        _c.key.not_in(_faces),
        _c.key.not_in(_ruled),
        ~select(s.item).where(s.item == _c.key, s.story.in_(_ruled_stories)).exists(),
        ~select(section_said.c.item).where(section_said.c.item == _c.key).exists(),
        ~select(home.id).where(home.id == _c.source, home.lease_until.is_not(None)).exists(),
    )


def countable(conn: Connection, until: datetime) -> int:
    """How many items `prune` would take."""
    return conn.scalar(select(func.count()).select_from(item).where(*_may_go(until))) or 0


def prune(conn: Connection, until: datetime, limit: int) -> int:
    """Remove the items that left their sources' documents first, before that moment; return how many went."""
    oldest = select(_c.seq, _c.key, _c.source).where(*_may_go(until)).order_by(_c.left_at, _c.seq).limit(limit)
    rows = conn.execute(oldest).all()
    free = _held_by_us(conn, {row.source for row in rows})
    rows = [row for row in rows if row.source in free]
    if rows:
        _bury(conn, {row.key: row.source for row in rows})
        words.leave(conn, [row.seq for row in rows])
        _remove(conn, [row.key for row in rows])
    return len(rows)


def _held_by_us(conn: Connection, sources: Collection[str]) -> set[str]:
    """Those of the sources that nobody can claim until we are done. SQLite has one writer anyway."""
    s = source_state.c
    free = select(s.id).where(s.id.in_(sources), s.lease_until.is_(None))
    return set(conn.scalars(free.with_for_update(skip_locked=True)))


def _bury(conn: Connection, items: dict[str, str]) -> None:
    """Keep what they are known by: key and source of each, and of its other ids."""
    a = item_alias.c
    others = conn.execute(select(a.key, a.item).where(a.item.in_(items)))
    graves = items | {row.key: items[row.item] for row in others}
    put = insert(conn, tombstone).on_conflict_do_nothing()
    conn.execute(put, [{"key": key, "source": source} for key, source in graves.items()])


def _remove(conn: Connection, keys: Sequence[str]) -> None:
    groups = list(conn.scalars(select(story_item.c.story).where(story_item.c.item.in_(keys)).distinct()))
    for table in _OF_ITEMS:
        conn.execute(delete(table).where(table.c.item.in_(keys)))
    conn.execute(delete(item).where(_c.key.in_(keys)))
    told = select(story_item.c.story).where(story_item.c.story == story.c.id)
    conn.execute(delete(story).where(story.c.id.in_(groups), ~told.exists()))


def source_of(conn: Connection, key: str) -> str | None:
    """The source of an item that was pruned, by its key or by that of another id it had; None: none was."""
    return conn.scalar(select(tombstone.c.source).where(tombstone.c.key == key))


def drop_revisions(conn: Connection, until: datetime, after: int, limit: int) -> tuple[int, int | None]:
    """Remove former versions of items that left their documents before that moment.

    after  the number (`seq`) of a version: look at so many behind it. Returns how many went, and where to go on.
    """
    r = item_revision.c
    looked_at = select(r.seq, _c.left_at).join(item, _c.key == r.item).where(r.at < until, r.seq > after)
    rows = conn.execute(looked_at.order_by(r.seq).limit(limit)).all()
    gone = [row.seq for row in rows if row.left_at and row.left_at < until]
    conn.execute(delete(item_revision).where(r.seq.in_(gone)))
    return len(gone), rows[-1].seq if len(rows) == limit else None


def drop_log(conn: Connection, until: datetime, limit: int) -> int:
    """Remove the oldest lines about polls from before that moment; return how many went."""
    p = poll_log.c
    old = select(p.seq).where(p.at < until).order_by(p.seq).limit(limit)
    return conn.execute(delete(poll_log).where(p.seq.in_(old))).rowcount


def used(conn: Connection) -> int:
    """How many bytes the store takes; on SQLite without the pages that are free, which it fills before it grows."""
    if on_postgresql(conn):
        return int(conn.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    pages, free, size = (conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in _PAGES)
    return int((pages - free) * size)


def excess(conn: Connection, most: int) -> int:
    """How many bytes are too many; 0 or less: none.

    PostgreSQL does not tell what is free inside its files: there it counts from the size at which we pruned last, since
    what was freed then is filled before the files grow.
    """
    return used(conn) - max(most, int(meta.get(conn, _SHRUNK) or 0))


def shrunk(conn: Connection) -> None:
    """Note on PostgreSQL how large the files are, now that as much as was too much in them is free."""
    if on_postgresql(conn):
        meta.put(conn, _SHRUNK, str(used(conn)))


def per_item(conn: Connection) -> float:
    """How many bytes an item takes, with all that is kept for its sake."""
    return used(conn) / max(1, conn.scalar(select(func.count()).select_from(item)) or 0)


def oversize(conn: Connection) -> str:
    """Why the store is larger than it may be; "" when all is well."""
    return meta.get(conn, _OVERSIZE) or ""


def say_oversize(conn: Connection, why: str) -> None:
    """Keep that for `status`."""
    meta.put(conn, _OVERSIZE, why)
