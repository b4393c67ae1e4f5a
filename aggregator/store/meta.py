"""What is said once for the whole store, and its numbers.

In:    a name.
Out:   what stands under it; the authority of our ids; counts.
Never: changes an authority once it is minted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from aggregator.model import Authority
from aggregator.store.dialect import insert
from aggregator.store.schema import delivery, item, meta, source_state, story, topic_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The store in numbers."""

    sources: int  # enabled
    failing: int  # of them, those whose last poll failed
    items: int
    uncurated: int
    stories: int
    topics: int  # configured
    dirty: int  # of them, those to be rendered
    entries: int  # live, in all topics
    deliveries: int  # rows of the ledger


def get(conn: Connection, name: str) -> str | None:
    """What was set, or None."""
    return conn.scalar(select(meta.c.value).where(meta.c.name == name))


def put(conn: Connection, name: str, value: str) -> None:
    """Set it."""
    row = insert(conn, meta).values(name=name, value=value)
    conn.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": row.excluded.value}))


def authority(conn: Connection, name: str, now: datetime) -> Authority:
    """Who mints our entry ids: `name` as of today, or whoever was minted before, for ever (RFC 4151)."""
    for key, value in (("authority", name), ("authority_date", f"{now.astimezone(UTC):%Y-%m-%d}")):
        conn.execute(insert(conn, meta).values(name=key, value=value).on_conflict_do_nothing())
    return Authority(name=get(conn, "authority") or name, date=get(conn, "authority_date") or "")


def store_name(conn: Connection, name: str) -> str:
    """What this store is called in the names of files: `name` from now on, or what it was before, for ever."""
    conn.execute(insert(conn, meta).values(name="store", value=name).on_conflict_do_nothing())
    return get(conn, "store") or name


def stats(conn: Connection) -> Stats:
    """Count."""
    s, t = source_state.c, topic_state.c
    counts = {
        "sources": select(func.count()).where(s.enabled),
        "failing": select(func.count()).where(s.enabled, s.failures > 0),
        "items": select(func.count()).select_from(item),
        "uncurated": select(func.count()).where(item.c.curated_at.is_(None), item.c.held.is_(None)),
        "stories": select(func.count()).select_from(story),
        "topics": select(func.count()).where(t.configured),
        "dirty": select(func.count()).where(t.configured, t.dirty > t.published_dirty),
        "entries": select(func.count()).where(delivery.c.current.is_(True)),
        "deliveries": select(func.count()).select_from(delivery),
    }
    row = conn.execute(select(*(count.scalar_subquery().label(name) for name, count in counts.items()))).mappings()
    return Stats(**row.one())
