"""Stories as people see them: the biggest of late, and one of them with all who tell it.

In:    since when; the id of a story, or of an item in it.
Out:   StoryRow, Story.
Never: tells of an item that is withdrawn or private, or whose source is not configured; decides what belongs together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from aggregator.model import Feed, Membership, StoredItem
from aggregator.store.held import NEWS
from aggregator.store.rows import feed, membership, stored_item
from aggregator.store.schema import item, source_state, story_item


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story in one line."""

    id: str
    first: StoredItem  # of its items, the one that came first
    outlets: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An item of a story, and why it is in it."""

    stored: StoredItem
    feed: Feed  # what the document of its source says of itself
    place: Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story looked at closely."""

    id: str
    members: tuple[Member, ...]  # the newest ones, in the order in which they came; not empty
    items: int  # all of them


def biggest(conn: Connection, *, since: datetime, limit: int) -> list[StoryRow]:
    """The stories that most outlets told of since then, the biggest first; of one outlet alone there are none."""
    before = select(item.c.seq).where(item.c.first_seen_at < since).order_by(item.c.seq.desc()).limit(1)
    outlets = func.count(item.c.source.distinct())
    late = (
        _told(story_item.c.story)
        .where(item.c.seq > (conn.scalar(before) or 0))
        .group_by(story_item.c.story)
        .having(outlets > 1)
        .order_by(outlets.desc(), func.max(item.c.seq).desc())
    )
    told: dict[str, list[tuple[int, str]]] = defaultdict(list)
    whole = _told(story_item.c.story, item.c.seq, item.c.source)
    for row in conn.execute(whole.where(story_item.c.story.in_(list(conn.scalars(late.limit(limit)))))):
        told[row.story].append((row.seq, row.source))
    firsts = select(item).where(item.c.seq.in_([min(of)[0] for of in told.values()]))
    first = {one.seq: one for one in map(stored_item, conn.execute(firsts).mappings())}
    rows = [
        StoryRow(id=id_, first=first[min(of)[0]], outlets=len({source for _, source in of}), items=len(of))
        for id_, of in told.items()
    ]
    return sorted(rows, key=lambda row: (-row.outlets, -max(told[row.id])[0]))


def closely(conn: Connection, key: str, limit: int) -> Story | None:
    """The story of this id, else that of the item with this key, with its newest members; None if there is none.

    So a story that went into another one, or into whose group of copies we were asked, is found as well. An item that
    is in none is a story of one, by its key.
    """
    mine = _told(item, story_item, source_state.c.feed)
    for story in (key, conn.scalar(_told(story_item.c.story).where(story_item.c.item == key))):
        in_it = story_item.c.story == story
        newest = mine.where(in_it).order_by(item.c.seq.desc()).limit(limit)
        rows = conn.execute(newest).mappings().all()
        if story and rows:
            count = conn.scalar(_told(func.count()).where(in_it)) or 0
            return Story(id=story, members=tuple(_member(row) for row in reversed(rows)), items=count)
    return _alone(conn, key)


def told_in(conn: Connection, key: str) -> str | None:
    """The story in which an item stands, None where nobody else tells it, as far as all may know."""
    story = conn.scalar(_told(story_item.c.story).where(story_item.c.item == key))
    many = conn.scalar(_told(func.count()).where(story_item.c.story == story)) if story else 0
    return story if many and many > 1 else None


def _alone(conn: Connection, key: str) -> Story | None:
    """The item of this key as a story of one; None where there is none, or it is held."""
    c = item.c
    home = select(item, source_state.c.feed).join(source_state, source_state.c.id == c.source)
    home = home.where(source_state.c.enabled, ~source_state.c.private, c.withdrawn_at.is_(None))
    shown = or_(c.held.is_(None), c.held.not_in(NEWS))
    row = conn.execute(home.where(c.key == key, shown)).mappings().one_or_none()
    if row is None:
        return None
    place = Membership(kind="story", story=key, item=key, of=key, method="first", score=1.0, evidence="", rule=0)
    return Story(id=key, members=(Member(stored=stored_item(row), feed=_feed(row), place=place),), items=1)


def _told(*columns: Any) -> Select[Any]:
    """Select from the items of stories, those of configured sources that all may know of and that stand still."""
    told = story_item.join(item, item.c.key == story_item.c.item)
    told = told.join(source_state, source_state.c.id == item.c.source)
    shown = source_state.c.enabled, ~source_state.c.private, item.c.withdrawn_at.is_(None)
    return select(*columns).select_from(told).where(*shown)


def _member(row: Any) -> Member:
    return Member(
        stored=stored_item(row),
        feed=_feed(row),
        place=membership(row, "story"),
    )


def _feed(row: Any) -> Feed:
    return feed(row[source_state.c.feed]) or Feed()
