"""Whose items are private, and what follows for those that were met before (publication.md, Visibility).

In:    the sources that are private from now on; the configured topics.
Out:   groups in which no public item hangs on a private one; verdicts that keep private items out of public topics.
Never: decides what readers are shown of an entry: publishing does, which looks again at what has moved.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, select, update

from aggregator.model import MembershipKind, Topic
from aggregator.store import line, meta, rulings
from aggregator.store.dialect import chunks, insert
from aggregator.store.schema import artefact, item, source_state, story, tombstone, topic_item, topic_state
from aggregator.store.stories import TABLES
from aggregator.store.topics import moved_now, touch

KEPT = "kept"  # method of a membership whose evidence was a private item: it stays, and says no word of that
_private = select(source_state.c.id).where(source_state.c.private)
_buried = select(tombstone.c.key).where(tombstone.c.source.in_(_private))
_hidden = select(item.c.key).where(item.c.source.in_(_private)).union_all(_buried)


def flip(conn: Connection, private: Mapping[str, bool], now: datetime) -> None:
    """Make sources private or public that were not so until now.

    Stories are known by the item that founded them, so what a private one founded is named after its first public
    member. Whoever has groups in mind looks at them anew.
    """
    for hides in (False, True):
        which = [source for source, wish in private.items() if wish is hides]
        conn.execute(update(source_state).where(source_state.c.id.in_(which)).values(private=hides))
    if any(private.values()):
        moved = {key for kind, table in TABLES.items() for key in _without_hidden(conn, kind, table, now)}
        moved_now(conn, moved)
    if private:
        rulings.renew(conn)


def keep(conn: Connection, topics: Mapping[str, Topic], now: datetime) -> list[str]:
    """Take private items out of the topics that all may read; remove documents that show more than they may.

    Returns whose documents went: of topics that held such items, or are shown on other terms from now on. Every start
    and reload asks for it, for either the source or the topic may have been turned.
    """
    c = topic_item.c
    public = [name for name, topic in topics.items() if not topic.private]
    inside = (c.topic.in_(public), c.admitted, c.item.in_(_hidden))
    shown = select(c.topic, func.count(c.entry_id)).where(*inside).group_by(c.topic)
    held = {name: entries for name, entries in conn.execute(shown)}  # noqa: C416 - rows are no pairs to a type checker
    gone = {name for name, entries in held.items() if entries} | (topics.keys() - set(ready(conn, topics)))
    out = {"admitted": False, "why": c.why + "; kept out: its source is private", "moved": True, "at": now}
    conn.execute(update(topic_item).where(*inside).values(out))
    conn.execute(delete(artefact).where(artefact.c.topic.in_(gone)))
    t = topic_state.c
    conn.execute(update(topic_state).where(t.topic.in_(gone)).values(publications=t.publications + 1))
    line.call(conn, "shelf")
    touch(conn, gone | held.keys())
    meta.put(conn, "terms", json.dumps({name: _terms(topic) for name, topic in topics.items()}))
    return sorted(gone)


def ready(conn: Connection, topics: Mapping[str, Topic]) -> list[str]:
    """The topics whose documents were made on the terms that hold for them by this configuration."""
    held: dict[str, str] = json.loads(meta.get(conn, "terms") or "{}")
    return [name for name, topic in topics.items() if held.get(name) == _terms(topic)]


def _terms(topic: Topic) -> str:
    return f"{'private' if topic.private else 'public'} {topic.republish}"


def among(conn: Connection, keys: Collection[str]) -> set[str]:
    """Those of the items that are private."""
    found: set[str] = set()
    for some in chunks(keys):
        found |= set(conn.scalars(select(item.c.key).where(item.c.source.in_(_private), item.c.key.in_(some))))
    return found


def _without_hidden(conn: Connection, kind: MembershipKind, table: Table, now: datetime) -> set[str]:
    """Let no public item stand in a group that is named after a private one, or for what it shares with one.

    Returns the items whose group has another name now.
    """
    c, moved = table.c, set[str]()
    named = select(c.story).where(c.story.in_(_hidden), c.item.not_in(_hidden)).distinct()
    for group in conn.scalars(named).all():
        moved |= _refound(conn, kind, table, group, now)
    loose = update(table).where(c.of.in_(_hidden), c.item.not_in(_hidden))
    conn.execute(loose.values(of=c.story, method=KEPT, score=1.0, evidence="", at=now))
    return moved


def _refound(conn: Connection, kind: MembershipKind, table: Table, group: str, now: datetime) -> set[str]:
    c = table.c
    mine = select(c.item).join(item, item.c.key == c.item).where(c.story == group)
    members = conn.scalars(mine).all()
    founder = conn.scalars(mine.where(c.item.not_in(_hidden)).order_by(item.c.seq).limit(1)).one()
    if kind == "story":
        conn.execute(insert(conn, story).on_conflict_do_nothing(), [{"id": founder, "at": now}])
    conn.execute(update(table).where(c.story == group).values(story=founder, at=now))
    first = {"of": founder, "score": 1.0, "evidence": ""}
    conn.execute(update(table).where(c.item == founder).values(method="first", **first))
    conn.execute(update(table).where(c.item == group).values(method=KEPT, **first))
    return set(members)
