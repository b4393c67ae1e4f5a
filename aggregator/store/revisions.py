"""What items said before, and what took its place.

In:    the key of an item; how many of the newest changes are asked for.
Out:   History.
Never: tells of an item whose source is not configured or that is held as a whole, or decides what an edit is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from aggregator.model import Feed, StoredItem, Version
from aggregator.store.dialect import chunks
from aggregator.store.held import NEWS
from aggregator.store.items import REVISIONS_KEPT
from aggregator.store.rows import feed, stored_item
from aggregator.store.schema import item, item_revision, source_state

_r = item_revision.c
_SAID = _r.item, _r.at, _r.title, _r.summary, _r.content, _r.sha256, _r.reread_from
_TOLD = (
    select(item, source_state.c.feed)
    .join(source_state, source_state.c.id == item.c.source)
    .where(source_state.c.enabled, or_(item.c.held.is_(None), item.c.held.not_in(NEWS)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An item with what it said before."""

    stored: StoredItem
    feed: Feed  # what the document of its source says of itself
    versions: tuple[Version, ...]  # oldest first; the last one stands, unless its newest words are held


def closely(conn: Connection, key: str) -> History | None:
    """The item of this key with all its versions that are kept; None if there is none to tell of."""
    row = conn.execute(_TOLD.where(item.c.key == key)).mappings().one_or_none()
    if row is None:
        return None
    former = conn.execute(select(*_SAID).where(_r.item == key).order_by(_r.seq)).all()
    since = row[item.c.first_seen_at] if len(former) < REVISIONS_KEPT else None
    return _history(row, former, since)


def lately(conn: Connection, limit: int) -> list[History]:
    """The items that the newest changes were made to, each with as many of its versions as those changes tell of."""
    former: dict[str, list[Any]] = defaultdict(list)
    for row in conn.execute(select(*_SAID).order_by(_r.seq.desc()).limit(limit)):
        former[row.item].insert(0, row)
    found = []
    for some in chunks(former):
        rows = conn.execute(_TOLD.where(item.c.key.in_(some))).mappings()
        found += [_history(row, former[row[item.c.key]], None) for row in rows]
    return found


def _history(row: Any, former: Sequence[Any], first: datetime | None) -> History:
    stored = stored_item(row)
    versions = [
        Version(
            since=since,
            title=one.title,
            text=one.content or one.summary,
            sha256=one.sha256,
            reread_from=one.reread_from,
        )
        for one, since in zip(former, [first, *(one.at for one in former)], strict=False)
    ]
    if stored.held != "edits":
        versions.append(_standing(stored, former[-1].at if former else first))
    return History(stored=stored, feed=feed(row[source_state.c.feed]) or Feed(), versions=tuple(versions))


def _standing(stored: StoredItem, since: datetime | None) -> Version:
    said = stored.item
    return Version(
        since=since,
        title=said.title,
        text=said.content or said.summary,
        sha256=said.sha256,
        reread_from=stored.reread_from,
    )
