"""What publishing a topic needs to know, read in one transaction so that it is one state of the store.

In:    a topic.
Out:   Work: its candidates, its ledger, the anchors that were edited, and the reasons seen so far.
Never: decides what readers are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from aggregator.model import (
    Authority,
    Delivery,
    Expect,
    Feed,
    MembershipKind,
    Remembered,
    StoredItem,
    Tagged,
    Telling,
    Topic,
)
from aggregator.store import credits as cited_in
from aggregator.store import deliveries, items, restored, stories, topics, visibility, withdrawal
from aggregator.store.dialect import chunks
from aggregator.store.rows import feed
from aggregator.store.schema import item, source_state, topic_item
from aggregator.store.topics import Moved, Pending

__all__ = ["Home", "Moved", "Pending", "Work", "of"]

TOLD_FOR = timedelta(days=7)  # so long a document says which entries left it; slower readers keep them
REMEMBERED = timedelta(hours=96)  # publication.md R7: a flip within 48 h freezes for 48 h more


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
    minted_as: str  # the topic's id when its feed's was minted
    days: list[date]  # the last two on which entries entered, the last one first; UTC
    flaw: str  # as it was told last
    pending: list[Pending]
    ledger: list[Delivery]  # live entries, and those that left but whose story goes on among `pending`, or that moved
    edited: list[tuple[Delivery, Pending]]
    moved: list[Moved]
    absorbed: list[Delivery]  # every time of late that an entry was absorbed whose anchor is among `moved`
    used: set[str]  # ids of entries that were delivered at any time, of those that `moved` could mint
    gone: list[Delivery]  # entries that were absorbed or withdrawn of late
    entered: list[datetime]  # when the newest entries entered, the last one first
    tellings: list[list[Telling]]  # stories that may be told by enough outlets now, as far as the topic has them
    citing: list[list[Telling]]  # stories of all items here, as far as the topic has them, that cite an outlet
    tellers: list[StoredItem]  # the items that `citing` is about
    remembered: dict[str, Remembered]  # where items of `pending` and `moved` stood before a restore, by key
    anchors: dict[str, str]  # of the entries in `remembered`, as far as the store has them: the story of each now
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
    waiting = [*pending, *(one.pending for one in moved)]
    remembered = restored.remembered(conn, topic, [one.stored.key for one in waiting])
    left = {one.entry_id for one in moved} | {one.entry_id for one in remembered.values()}
    left |= _of_stories(conn, topic, told, kind) if told else set()
    ledger = [*deliveries.live(conn, topic), *_left(conn, topic, left)]
    there = [one.stored for one in (*pending, *(shown for _, shown in edited), *(one.pending for one in moved))]
    citing = cited_in.citing(cited_in.tellings_in(conn, topic, {one.key for one in there}))
    tellers = items.by_keys(conn, {one.item for some in citing for one in some})
    return Work(
        dirty=state.dirty,
        created_at=state.created_at,
        minted_as=state.minted_as or topic,
        days=_days(conn, topic),
        flaw=state.flaw,
        pending=pending,
        ledger=_present(conn, ledger, asked),
        edited=list(zip(_present(conn, [row for row, _ in edited], asked), (one for _, one in edited), strict=True)),
        moved=moved,
        absorbed=deliveries.absorptions(conn, topic, {one.pending.stored.key for one in moved}, now - REMEMBERED),
        used=_used(conn, topic, authority, [one.pending.stored.key for one in moved]),
        gone=deliveries.gone(conn, topic, now - TOLD_FOR),
        entered=deliveries.entered(conn, topic, most_of(asked.expect)),
        tellings=cited_in.tellings_in(conn, topic, {one.stored.key for one in pending}) if at_least > 1 else [],
        citing=citing,
        tellers=tellers,
        remembered=remembered,
        anchors=_groups(conn, {one.anchor for one in remembered.values()}, kind),
        homes=homes(conn, {one.source for one in (*there, *tellers)}),
    )


def _used(conn: Connection, topic: str, authority: Authority, keys: Collection[str]) -> set[str]:
    """The ids of entries that were delivered at any time, of those that these items could mint."""
    before = {authority.entry_id(key) for key in restored.led(conn, topic, keys)}
    return before | deliveries.ever(conn, topic, [authority.entry_id(key) for key in keys])


def _days(conn: Connection, topic: str) -> list[date]:
    """The last two days on which entries entered, the last one first."""
    last = [moment.date() for moment in deliveries.entered(conn, topic, 1)]
    for day in last[:1]:
        begins = datetime.combine(day, time(), UTC)
        before, _ = deliveries.entered_beside(conn, topic, begins, begins + timedelta(days=1))
        last += [before.date()] if before else []
    return last


def kind_of(topic: Topic) -> MembershipKind:
    """Return the kind of the groups that are one entry."""
    return "story" if topic.fold == "story" else "copy"


def most_of(expect: Expect) -> int:
    """Return how many of a topic's newest entries say whether they are as many as expected."""
    return max(expect.min.number if expect.min else 0, expect.max.number + 1 if expect.max else 0)


def _anchor(conn: Connection, stored: StoredItem, kind: MembershipKind) -> Pending:
    sections: tuple[Tagged, ...] = items.sections_of(conn, stored.key)
    return Pending(stored, stories.group_of(conn, kind, stored.key), sections)


def _of_stories(conn: Connection, topic: str, told: Collection[str], kind: MembershipKind) -> set[str]:
    """The entries of this topic in which items of these stories stand."""
    t, g, found = topic_item.c, stories.TABLES[kind].c, set[str]()
    for some in chunks(told):
        theirs = t.item.in_(select(g.item).where(g.story.in_(some)))
        found |= set(conn.scalars(select(t.entry_id).where(t.topic == topic, theirs, t.entry_id.is_not(None))))
    return found


def _left(conn: Connection, topic: str, entry_ids: Collection[str]) -> list[Delivery]:
    """The newest rows of those of these entries that stand in the document no more."""
    return [row for row in deliveries.newest(conn, topic, entry_ids) if row.state != "live"]


def _present(conn: Connection, rows: Sequence[Delivery], topic: Topic) -> list[Delivery]:
    """The rows with the stories that they tell now: an entry goes with its anchor (R7).

    With what it shows instead, where its anchor is hidden: readers know it by that.
    """
    kept = {row.anchor for row in rows if row.shows}
    hidden = withdrawal.among(conn, kept) | (set() if topic.private else visibility.among(conn, kept))
    leads = [row.shows if row.shows and row.anchor in hidden else row.anchor for row in rows]
    groups = stories.groups_of(conn, kind_of(topic), set(leads))
    return [_telling(row, lead, groups) for row, lead in zip(rows, leads, strict=True)]


def _telling(row: Delivery, lead: str, groups: Mapping[str, str]) -> Delivery:
    """The row with the story of the item that it goes with; of one that is alone, the name that its group will get."""
    return replace(row, story=groups.get(lead, lead if lead != row.anchor else None))


def _groups(conn: Connection, keys: Collection[str], kind: MembershipKind) -> dict[str, str]:
    """The groups of those of these items that there are; of one that is alone, its own key."""
    g, found = stories.TABLES[kind].c, dict[str, str]()
    for some in chunks(keys):
        there = select(item.c.key, g.story).outerjoin_from(item, stories.TABLES[kind], g.item == item.c.key)
        found |= {row.key: row.story or row.key for row in conn.execute(there.where(item.c.key.in_(some)))}
    return found


def homes(conn: Connection, sources: Collection[str]) -> dict[str, Home]:
    """Where the items of these sources come from, by source."""
    c = source_state.c
    rows = conn.execute(select(c.id, c.url, c.feed, c.private).where(c.id.in_(sources)))
    return {row.id: Home(url=row.url, feed=feed(row.feed) or Feed(), private=row.private) for row in rows}
