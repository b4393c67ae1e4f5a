"""Topics: which items belong to them, and whether their documents are out of date.

In:    the configured topics; verdicts about items.
Out:   which topics are dirty, which items wait for an entry, why an item is in a topic or not.
Never: renders, matches a query, or takes an item out of an entry.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy import insert as plain_insert

from aggregator.model import MUTED, MembershipKind, StoredItem, Tagged, Verdict
from aggregator.store import meta
from aggregator.store.dialect import chunks, clock, insert
from aggregator.store.rows import stored_item, tagged
from aggregator.store.schema import delivery, item, item_section, ruling, story_item, topic_item, topic_state
from aggregator.store.stories import TABLES

# What stands in `why` of an item that matched and was kept out by a key of its topic or of its source.
REASONS = {
    "after": "; after: the topic ",
    "muted": f"; kept out: {MUTED}",
    "outlets": "; outlets: fewer ",
    "private": "; kept out: its source is private",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """What we remember of a topic."""

    topic: str
    configured: bool
    rules_sha256: bytes
    created_at: datetime
    dirty: int  # how many reasons to render there were
    published_dirty: int  # how many of them its artefacts have seen
    published_at: datetime | None
    entries: int  # in its newest document
    flaw: str  # e.g. "window_short"; "" when all is well
    minted_as: str | None  # the id that it had when its feed's id was minted, if that was another


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an item stands in a topic."""

    verdict: Verdict
    at: datetime
    entry_id: str | None  # None until it stands in an entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A topic as a list of topics needs it."""

    created_at: datetime
    well: bool  # its last publication had no flaw
    lately: int  # live entries that entered it since the moment that was asked about


class Pending(NamedTuple):
    """An item that was admitted and stands in no entry yet."""

    stored: StoredItem
    story: str | None
    sections: tuple[Tagged, ...]
    pinned_at: datetime | None = None  # when a person made it the face of its story
    admitted_at: datetime | None = None
    taken_by: str | None = None  # a topic that delivered it, or its story, before


class Moved(NamedTuple):
    """An item of an entry, some of whose items were moved since it entered."""

    pending: Pending
    entry_id: str
    moved: bool
    apart: bool  # a person took it out of the story of the entry's anchor


def sync_topics(
    conn: Connection, rules: Mapping[str, bytes], now: datetime, *, backfilled: Collection[str] = ()
) -> list[str]:
    """Make the table say what the configuration says. Returns the new and the edited topics that wait for `backfill`.

    rules       topic -> sha256 of its rules
    backfilled  the topics whose past follows: who dies before it is there finds them waiting still
    A topic that left the configuration keeps its ledger; if it comes back, it is no new one, but is rendered again.
    """
    t = topic_state.c
    held = {row.topic: row for row in conn.execute(select(t.topic, t.rules_sha256, t.configured))}
    added = sorted(rules.keys() - held.keys())
    edited = sorted(one for one in rules.keys() & held.keys() if held[one].rules_sha256 != rules[one])
    back = [one for one in rules if one in held and not held[one].configured]
    conn.execute(update(topic_state).where(t.topic.not_in(rules)).values(configured=False))
    conn.execute(update(topic_state).where(t.topic.in_(back)).values(configured=True))
    touch(conn, {*edited, *back})
    for one in edited:
        if one not in backfilled:
            _goes_by(conn, one, rules[one])
    if added:
        first = {"configured": True, "created_at": now, "dirty": 1, "published_dirty": 0, "publications": 0}
        rest = {"entries": 0, "flaw": "", **first}
        unruled = dict.fromkeys(backfilled, b"")
        conn.execute(
            plain_insert(topic_state), [{"topic": a, "rules_sha256": unruled.get(a, rules[a]), **rest} for a in added]
        )
    return [one for one in (*added, *edited) if one in backfilled]


def backfill(conn: Connection, topic: str, rules: bytes, said: Sequence[tuple[str, Verdict]], now: datetime) -> None:
    """Add these verdicts about a topic's past, and let it go by these rules from now on (R11)."""
    admit(conn, said, now)
    _goes_by(conn, topic, rules)


def _goes_by(conn: Connection, topic: str, rules: bytes) -> None:
    conn.execute(update(topic_state).where(topic_state.c.topic == topic).values(rules_sha256=rules))


def sync_faces(conn: Connection, faces: Mapping[str, str]) -> None:
    """Make the topics dirty whose documents would look otherwise than when they were rendered, entries apart.

    faces  topic -> fingerprint of its title, of our address and version, and the like
    """
    before: dict[str, str] = json.loads(meta.get(conn, "faces") or "{}")
    touch(conn, [topic for topic, face in faces.items() if before.get(topic) != face])
    meta.put(conn, "faces", json.dumps(dict(faces)))


def touch(conn: Connection, topics: Iterable[str]) -> None:
    """Give these topics a reason to be rendered again."""
    t = topic_state.c
    conn.execute(update(topic_state).where(t.topic.in_(sorted(topics))).values(dirty=t.dirty + 1))


def moved_now(conn: Connection, keys: Collection[str]) -> None:
    """Have each topic look again at these items: they are in other stories now, withdrawn, or pinned."""
    t = topic_item.c
    for some in chunks(keys):
        mine = t.item.in_(some)
        touch(conn, conn.scalars(select(t.topic).where(mine).distinct()).all())  # first: artefacts.publish waits for it
        # What waits, too: a publication that has been decided, and is not committed, may be about to let it in.
        conn.execute(update(topic_item).where(mine).values(moved=True))


def dirty(conn: Connection, now: datetime) -> list[str]:
    """Topics whose artefacts are out of date by now, the one that was published longest ago first."""
    t = topic_state.c
    waiting = select(t.topic).where(t.configured, or_(t.dirty > t.published_dirty, t.due_at <= clock(conn, now)))
    return list(conn.scalars(waiting.order_by(t.published_at.nulls_first(), t.topic)))


def states(conn: Connection) -> list[TopicState]:
    """All topics that are configured, by id."""
    t = topic_state.c
    rows = conn.execute(select(topic_state).where(t.configured).order_by(t.topic)).mappings()
    return [TopicState(**{name: row[name] for name in TopicState.__slots__}) for row in rows]


def state_of(conn: Connection, topic: str) -> TopicState | None:
    """One topic, also if it is configured no more; None if we never heard of it."""
    row = conn.execute(select(topic_state).where(topic_state.c.topic == topic)).mappings().one_or_none()
    return TopicState(**{name: row[name] for name in TopicState.__slots__}) if row else None


def listed(conn: Connection, since: datetime) -> dict[str, Listed]:
    """All topics that are configured, in brief, by id."""
    t, d = topic_state.c, delivery.c
    counted = select(d.topic, func.count().label("lately")).where(d.current.is_(True), d.entered_at >= since)
    count = counted.group_by(d.topic).subquery("count")
    rows = conn.execute(
        select(t.topic, t.created_at, t.flaw, func.coalesce(count.c.lately, 0).label("lately"))
        .outerjoin(count, count.c.topic == t.topic)
        .where(t.configured)
    )
    return {row.topic: Listed(created_at=row.created_at, well=not row.flaw, lately=row.lately) for row in rows}


def judge(conn: Connection, verdicts: Mapping[str, Sequence[Verdict]], now: datetime) -> None:
    """Take over all verdicts about these items (key -> its verdicts), and make dirty the topics they change.

    An item that stands in an entry stays there whatever is said now (R11); one that waits does so only as long as it is
    admitted.
    """
    for some in chunks(verdicts):
        named = {(verdict.topic, key) for key in some for verdict in verdicts[key]}
        _forget_unnamed(conn, some, named)
        admit(conn, [(key, verdict) for key in some for verdict in verdicts[key]], now)
        c = topic_item.c
        entered = select(c.topic).where(c.item.in_(some), c.entry_id.is_not(None)).distinct()
        touch(conn, conn.scalars(entered).all())


def _forget_unnamed(conn: Connection, keys: list[str], named: set[tuple[str, str]]) -> None:
    c = topic_item.c
    held = conn.execute(select(c.topic, c.item).where(c.item.in_(keys), c.entry_id.is_(None)))
    gone = [{"in_topic": topic, "which": key} for topic, key in held if (topic, key) not in named]
    if gone:
        conn.execute(delete(topic_item).where(c.topic == bindparam("in_topic"), c.item == bindparam("which")), gone)


def admit(conn: Connection, said: Sequence[tuple[str, Verdict]], now: datetime) -> None:
    """Add verdicts about single items (key, verdict) and leave their others alone."""
    rows = [
        {"topic": verdict.topic, "item": key, "admitted": verdict.admitted, "why": verdict.why, "at": now}
        for key, verdict in said
    ]
    if not rows:
        return
    put = insert(conn, topic_item)
    anew = {name: put.excluded[name] for name in ("admitted", "why", "at")}
    waits = topic_item.c.entry_id.is_(None)
    conn.execute(put.on_conflict_do_update(index_elements=["topic", "item"], set_=anew, where=waits), rows)
    touch(conn, {verdict.topic for _, verdict in said if verdict.admitted})


def past(conn: Connection, topic: str, limit: int) -> list[str]:
    """Keys of curated items that are not in a topic, the newest first. For the backfill of an edited rule (R11)."""
    c, t = item.c, topic_item.c
    inside = select(t.item).where(t.topic == topic, t.admitted)
    standing = c.curated_at.is_not(None), c.withdrawn_at.is_(None), c.key.not_in(inside)
    at = case((c.published < c.first_seen_at, c.published), else_=c.first_seen_at)  # nearly StoredItem.sort_at
    return list(conn.scalars(select(c.key).where(*standing).order_by(at.desc(), c.seq).limit(limit)))


def verdicts_of(conn: Connection, key: str) -> list[Standing]:
    """Where an item stands in each topic that matched it, by topic."""
    mine = select(topic_item).where(topic_item.c.item == key).order_by(topic_item.c.topic)
    return [
        Standing(verdict=Verdict(topic=row.topic, admitted=row.admitted, why=row.why), at=row.at, entry_id=row.entry_id)
        for row in conn.execute(mine)
    ]


def kept_out(conn: Connection, topic: str) -> dict[str, int]:
    """How many items matched a topic and are not admitted, by why: withdrawn, a key of REASONS, else old (R12)."""
    c, here = topic_item.c, topic_item.join(item)
    reasons = ((c.why.contains(words), name) for name, words in REASONS.items())
    why = case((item.c.withdrawn_at.is_not(None), "withdrawn"), *reasons, else_="old").label("reason")
    counted = select(why, func.count().label("items")).select_from(here).group_by("reason")
    rows = conn.execute(counted.where(c.topic == topic, c.admitted.is_(False)))
    return {row.reason: row.items for row in rows}


def pending(
    conn: Connection,
    topic: str,
    kind: MembershipKind = "copy",
    *,
    after: Sequence[str] = (),
    at_least: int = 1,
) -> list[Pending]:
    """Items that were admitted and stand in no entry yet, in order of arrival, with sections and group of that kind.

    after     topics; what they, or others of its group, delivered there is marked
    at_least  leave out those of whose story so many sources have not told yet; of an entry's story all are here
    """
    t = topic_item.c
    waits = and_(t.topic == topic, t.admitted, t.entry_id.is_(None))
    if at_least > 1:
        waits = and_(waits, _told_enough(topic, waits, at_least))
    found = [one for one, _ in _standing(conn, waits, kind) if one.stored.withdrawn is None]
    if not (after and found):
        return found
    taken = _taken(conn, after, kind, found)
    return [one._replace(taken_by=taken.get(one.story or "") or taken.get(one.stored.key)) for one in found]


def moved(conn: Connection, topic: str, kind: MembershipKind) -> list[Moved]:
    """All items of the live entries that hold an item that was moved since it entered, or that tell its story now."""
    t, d, g = topic_item.c, delivery.c, TABLES[kind].c
    here = and_(t.topic == topic, t.moved.is_(True), t.entry_id.is_not(None))
    flagged = set(conn.scalars(select(t.item).where(here)))
    if not flagged:
        return []
    entries = set(conn.scalars(select(t.entry_id).where(here)))
    told = select(g.story).join(topic_item, t.item == g.item).where(here)
    for teller in (d.anchor, d.shows):  # what an entry shows tells its story where its anchor is hidden
        telling = select(d.entry_id).join(TABLES[kind], g.item == teller)
        entries |= set(conn.scalars(telling.where(d.topic == topic, d.current.is_(True), g.story.in_(told))))
        alone = select(d.entry_id).where(d.topic == topic, d.current.is_(True), teller.in_(told))
        entries |= set(conn.scalars(alone))
    anchors = dict(conn.execute(select(d.entry_id, d.anchor).where(d.topic == topic, d.entry_id.in_(entries))).all())
    apart = _apart(conn, flagged)
    return [
        Moved(one, entry, one.stored.key in flagged, frozenset((one.stored.key, anchors.get(entry, ""))) in apart)
        for one, entry in _standing(conn, and_(t.topic == topic, t.entry_id.in_(entries)), kind)
    ]


def _apart(conn: Connection, keys: Collection[str]) -> set[frozenset[str]]:
    """The pairs of items that a person put into different stories, those with one of these."""
    r, found = ruling.c, set[frozenset[str]]()
    for some in chunks(keys):
        said = select(r.item, r.other).where(r.says == "apart", or_(r.item.in_(some), r.other.in_(some)))
        found |= {frozenset((row.item, row.other)) for row in conn.execute(said)}
    return found


def _standing(conn: Connection, where: ColumnElement[bool], kind: MembershipKind) -> list[tuple[Pending, str]]:
    """Items as they stand in a topic, in order of arrival, each with the entry that it is in ("": in none)."""
    groups, pin = TABLES[kind], and_(ruling.c.says == "pinned", ruling.c.item == item.c.key)
    t, s = topic_item.c, item_section.c
    sections: dict[str, list[Tagged]] = {}
    tags = select(item_section).join(topic_item, t.item == s.item).where(where)
    for row in conn.execute(tags.order_by(s.confidence.desc(), s.section)).mappings():
        sections.setdefault(row[s.item], []).append(tagged(row))
    found = (
        select(item, groups.c.story, ruling.c.at.label("pinned_at"), t.at.label("admitted_at"), t.entry_id)
        .join(topic_item, t.item == item.c.key)
        .outerjoin(groups, groups.c.item == item.c.key)
        .outerjoin(ruling, pin)
        .where(where)
        .order_by(item.c.seq)
    )
    return [
        (
            Pending(
                stored_item(row),
                row[groups.c.story],
                tuple(sections.get(row[item.c.key], ())),
                row["pinned_at"],
                row["admitted_at"],
            ),
            row[t.entry_id] or "",
        )
        for row in conn.execute(found).mappings()
    ]


def _told_enough(topic: str, waits: ColumnElement[bool], at_least: int) -> ColumnElement[bool]:
    """Whether so many sources have told of a waiting item's story in this topic, or an entry of it is there."""
    s, t, other = story_item.c, topic_item.c, topic_item.alias()
    many = (
        select(s.story)
        .join(topic_item, t.item == s.item)
        .join(item, item.c.key == s.item)
        .where(waits)
        .group_by(s.story)
        .having(func.count(item.c.source.distinct()) >= at_least)
    )
    waiting = select(s.story).join(topic_item, t.item == s.item).where(waits)
    entered = exists().where(other.c.item == s.item, other.c.topic == topic, other.c.entry_id.is_not(None))
    there = select(s.story).where(s.story.in_(waiting), entered)
    inside = select(s.item).where(or_(s.story.in_(many), s.story.in_(there)))
    return t.item.in_(inside)


def _taken(conn: Connection, after: Sequence[str], kind: MembershipKind, found: Sequence[Pending]) -> dict[str, str]:
    """Which of these topics delivered an item or a group: its key or its name -> the topic."""
    t, g = topic_item.c, TABLES[kind].c
    delivered = and_(t.topic.in_(after), t.entry_id.is_not(None))
    names: dict[str, str] = {}
    for some in chunks({one.story for one in found if one.story}):
        names |= {row.item: row.story for row in conn.execute(select(g.item, g.story).where(g.story.in_(some)))}
    taken: dict[str, str] = {}
    for some in chunks({one.stored.key for one in found} | names.keys()):
        for row in conn.execute(select(t.item, t.topic).where(delivered, t.item.in_(some))):
            taken |= {row.item: row.topic, names.get(row.item, row.item): row.topic}
    return taken


def give_up(conn: Connection, topic: str, before: datetime, why: str) -> None:
    """Let what has waited for other outlets since before then wait no longer."""
    t = topic_item.c
    waits = and_(t.topic == topic, t.admitted, t.entry_id.is_(None), t.at < before)
    conn.execute(update(topic_item).where(waits).values(admitted=False, why=t.why + f"; {why}"))
