"""What publishing a topic needs to know, read in one transaction so that it is one state of the store.

In:    a topic.
Out:   Work: its candidates, its ledger, the anchors that were edited, and the reasons seen so far.
Never: decides what readers are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from aggregator.model import Authority, Delivery, Expect, Feed, MembershipKind, StoredItem, Tagged, Telling, Topic
from aggregator.store import credits as cited_in
from aggregator.store import deliveries, items, stories, topics
from aggregator.store.dialect import chunks
from aggregator.store.rows import delivered, feed
from aggregator.store.schema import delivery, source_state, topic_item
from aggregator.store.topics import Moved, Pending

__all__ = ["Home", "Moved", "Pending", "Work", "of"]

TOLD_FOR = timedelta(days=7)  # so long a document says which entries left it; slower readers keep them
REMEMBERED = timedelta(hours=48)  # publication.md R7


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a source's items come from, also when it is configured no more."""

    url: str
    feed: Feed  # what its document says of itself
    private: bool  # its items stand in private topics only


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A topic as it stands."""

    dirty: int  # the reasons to render that this state answers
    created_at: datetime
    pending: list[Pending]
    ledger: list[Delivery]  # live entries, and those that aged but whose story goes on among `pending`
    edited: list[tuple[Delivery, Pending]]
    moved: list[Moved]
    absorbed: list[Delivery]  # every time of late that an entry went into one of those that `moved` is about
    used: set[str]  # ids of entries that were delivered at any time, of those that `moved` could mint
    gone: list[Delivery]  # entries that were absorbed or withdrawn of late
    entered: list[datetime]  # when the newest entries entered, the last one first
    tellings: list[list[Telling]]  # of stories that may be told by enough outlets now: those of their items that wait
    citing: list[list[Telling]]  # stories of all items here, as far as the topic has them, that cite an outlet
    tellers: list[StoredItem]  # the items that `citing` is about
    homes: dict[str, Home]  # of all items here, by source


def of(conn: Connection, asked: Topic, authority: Authority, now: datetime) -> Work:
    """Return what publishing this topic needs. Raises LookupError if it was never configured."""
    topic, kind, at_least = asked.id, kind_of(asked), asked.outlets.at_least
    state = topics.state_of(conn, topic)
    if state is None:
        raise LookupError(f"no topic {topic}")
    pending = topics.pending(conn, topic, kind, after=asked.after, at_least=at_least)
    moved = topics.moved(conn, topic, kind)
    edited = [(row, _anchor(conn, stored, kind)) for row, stored in deliveries.edited(conn, topic)]
    told = {one.story for one in pending if one.story}
    ledger = [*deliveries.live(conn, topic), *(_aged(conn, topic, told, kind) if told else ())]
    there = [one.stored for one in (*pending, *(shown for _, shown in edited), *(one.pending for one in moved))]
    citing = cited_in.tellings_in(conn, topic, {one.key for one in there})
    tellers = items.by_keys(conn, {one.item for some in citing for one in some})
    ids = [authority.entry_id(one.pending.stored.key) for one in moved]
    return Work(
        dirty=state.dirty,
        created_at=state.created_at,
        pending=pending,
        ledger=_present(conn, ledger, kind),
        edited=list(zip(_present(conn, [row for row, _ in edited], kind), (one for _, one in edited), strict=True)),
        moved=moved,
        absorbed=deliveries.absorbed_into(conn, topic, {one.entry_id for one in moved}, now - REMEMBERED),
        used=deliveries.ever(conn, topic, ids),
        gone=deliveries.gone(conn, topic, now - TOLD_FOR),
        entered=deliveries.entered(conn, topic, most_of(asked.expect)),
        tellings=_tellings(conn, pending) if at_least > 1 else [],
        citing=citing,
        tellers=tellers,
        homes=homes(conn, {one.source for one in (*there, *tellers)}),
    )


def kind_of(topic: Topic) -> MembershipKind:
    """Return the kind of the groups that are one entry."""
    return "story" if topic.fold == "story" else "copy"


def most_of(expect: Expect) -> int:
    """Return how many of a topic's newest entries say whether they are as many as expected."""
    return max(expect.min.number if expect.min else 0, expect.max.number + 1 if expect.max else 0)


def _tellings(conn: Connection, pending: Sequence[Pending]) -> list[list[Telling]]:
    """The items that wait, by story."""
    waiting = {one.stored.key for one in pending}
    told = {stories.group_of(conn, "story", key) for key in waiting} - {None}
    found = (cited_in.tellings(conn, story) for story in sorted(filter(None, told)))
    return [[one for one in story if one.item in waiting] for story in found]


def _anchor(conn: Connection, stored: StoredItem, kind: MembershipKind) -> Pending:
    sections: tuple[Tagged, ...] = items.sections_of(conn, stored.key)
    return Pending(stored, stories.group_of(conn, kind, stored.key), sections)


def _aged(conn: Connection, topic: str, told: Collection[str], kind: MembershipKind) -> list[Delivery]:
    """The newest rows of this topic's entries that tell these stories and stand in its document no more."""
    c, t, g = delivery.c, topic_item.c, stories.TABLES[kind].c
    entries = (
        select(t.entry_id)
        .join(stories.TABLES[kind], g.item == t.item)
        .where(t.topic == topic, t.entry_id.is_not(None), g.story.in_(told))
    )
    newest = select(func.max(c.seq)).where(c.topic == topic, c.entry_id.in_(entries)).group_by(c.entry_id)
    rows = conn.execute(select(delivery).where(c.seq.in_(newest), c.state != "live")).mappings()
    return [delivered(row) for row in rows]


def _present(conn: Connection, rows: Sequence[Delivery], kind: MembershipKind) -> list[Delivery]:
    """The rows with the stories that their anchors are in now: an entry goes with its anchor (R7)."""
    c, now = stories.TABLES[kind].c, dict[str, str]()
    for some in chunks({row.anchor for row in rows}):
        now |= {row.item: row.story for row in conn.execute(select(c.item, c.story).where(c.item.in_(some)))}
    return [replace(row, story=now.get(row.anchor)) for row in rows]


def homes(conn: Connection, sources: Collection[str]) -> dict[str, Home]:
    """Where the items of these sources come from, by source."""
    c = source_state.c
    rows = conn.execute(select(c.id, c.url, c.feed, c.private).where(c.id.in_(sources)))
    return {row.id: Home(url=row.url, feed=feed(row.feed) or Feed(), private=row.private) for row in rows}
