"""What publication.md R1 to R12 promise, held against the store before and after a publication.

Each promise is a function that yields what is wrong, as a sentence.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from ledger_steps import canary
from lxml import etree
from sqlalchemy import select

from aggregator.model import Authority, Delivery, Topic
from aggregator.publish import compose
from aggregator.publish.editing import changed_share
from aggregator.store import artefacts, topics
from aggregator.store.rows import delivered
from aggregator.store.schema import copy_item, delivery, item, ruling, story_item, topic_item
from aggregator.store.work import kind_of

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
STEPS = (2, 3, 5, 8, 13, 21)
AT = "{http://purl.org/atompub/tombstones/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """An item in a topic."""

    admitted: bool
    why: str
    at: datetime
    entry: str | None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A topic in the store at a moment."""

    ledger: dict[int, tuple[Any, ...]]  # seq -> all that is written, but for `current`
    current: frozenset[int]
    stands: dict[str, Stand]
    groups: dict[str, dict[str, str]]  # kind -> item -> group
    apart: frozenset[frozenset[str]]
    pinned: frozenset[str]
    source_of: dict[str, str]
    withdrawn: frozenset[str]
    backfilled: frozenset[str]
    dirty: bool
    documents: dict[str, bytes]


_FACTS = [column for column in delivery.c if column.name != "current"]


def seen(conn, topic, now):
    """Read all that promises are about."""
    t = topic_item.c
    rows = conn.execute(select(*_FACTS, delivery.c.current).where(delivery.c.topic == topic)).all()
    stands = conn.execute(select(t.item, t.admitted, t.why, t.at, t.entry_id).where(t.topic == topic))
    said = conn.execute(select(ruling.c.says, ruling.c.item, ruling.c.other)).all()
    there = conn.execute(select(item.c.key, item.c.source, item.c.withdrawn, item.c.arrival)).all()
    kinds = {"copy": copy_item, "story": story_item}
    found = artefacts.every(conn, [topic])
    plain = {one.format: one.body for one in found if one.encoding == "identity"}
    packed = {one.format: gzip.decompress(one.body) for one in found if one.encoding == "gzip"}
    if plain != packed and packed:
        raise Broken("a packed document is another one than the plain one")
    return Seen(
        ledger={row.seq: tuple(row)[:-1] for row in rows},
        current=frozenset(row.seq for row in rows if row.current),
        stands={key: Stand(admitted=a, why=w, at=at, entry=e) for key, a, w, at, e in stands},
        groups={k: dict(conn.execute(select(g.c.item, g.c.story)).all()) for k, g in kinds.items()},
        apart=frozenset(frozenset((a, b)) for says, a, b in said if says == "apart"),
        pinned=frozenset(a for says, a, _ in said if says == "pinned"),
        source_of={row.key: row.source for row in there},
        withdrawn=frozenset(row.key for row in there if row.withdrawn),
        backfilled=frozenset(row.key for row in there if row.arrival == "backfill"),
        dirty=topic in topics.dirty(conn, now),
        documents=plain,
    )


@dataclass
class Past:
    """What we know of a topic from earlier publications."""

    rows: dict[int, Delivery] = field(default_factory=dict)  # parsed, by seq
    history: dict[str, list[Delivery]] = field(default_factory=dict)  # by entry, in order
    fold: str = ""
    excused: set[frozenset[str]] = field(default_factory=set)  # entries of what only another fold made one
    restored: bool = False
    recorded: frozenset[tuple[str, str]] = frozenset()
    seen: dict[str, Delivery] = field(default_factory=dict)  # what readers were shown last of each entry
    showed: dict[str, set[str]] = field(default_factory=dict)  # item -> entries in which readers saw it
    edits: dict[str, list[datetime]] = field(default_factory=dict)  # when an entry's face was taken anew

    def had(self, row):
        """Whether readers had this entry before a restore; or the record has it of a delivery that died."""
        return row.entry_id in self.seen or (row.topic, row.entry_id) in self.recorded

    def newest(self):
        """The newest row of each entry."""
        return {id_: rows[-1] for id_, rows in self.history.items()}


@dataclass(frozen=True, kw_only=True)
class Act:
    """One publication, with all that it is judged by."""

    topic: Topic
    now: datetime
    before: Seen
    after: Seen
    past: Past  # with the new rows in it
    news: list[tuple[Delivery | None, Delivery]]  # the row before, the new row
    live: list[Delivery]
    hidden: dict[str, str]  # key -> why the topic must not show it
    authority: Authority
    numbers: dict[str, int]  # key -> number of its arrival
    private: list[str]  # sources

    def story(self, key):
        """The story of an item, by the topic's fold, as the publication saw it."""
        return key if self.topic.fold == "none" else self.before.groups[kind_of(self.topic)].get(key, key)


@dataclass
class Promises:
    """Watches over a life."""

    pasts: dict[str, Past] = field(default_factory=dict)
    publications: int = 0
    idle: int = 0
    counted: Counter[str] = field(default_factory=Counter)

    async def watch(self, life, name, publish, *, overtaken=False):
        """Let a topic be published, and hold every promise against it.

        Where the store knows of nothing to publish, mostly nothing is published, as in the daemon.
        """
        if not overtaken and name not in await life.store.read(topics.dirty, life.now):
            self.idle += 1
            if self.idle % 4:
                return
        before = await life.store.read(seen, name, life.now)
        self._begins(life, name, before)
        await publish()
        after = await life.store.read(seen, name, life.now)
        self._judge(life, name, before, after, again=False, overtaken=overtaken)
        self.publications += 1
        if not overtaken and self.publications % 4 == 0:
            await publish()
            again = await life.store.read(seen, name, life.now)
            self._judge(life, name, after, again, again=True, overtaken=False)

    async def went_back(self, life):
        """Take the ledger as it is after a restore; what readers were shown they have not forgotten."""
        self.counted["restore"] += 1
        for name, past in self.pasts.items():
            past.restored = True
            past.rows, past.history, past.edits = {}, {}, {}  # the edits of the day are told once more
            after = await life.store.read(seen, name, life.now)
            for _ in self._news(past, after):
                pass
            left = {entry_id for entry_id, row in past.seen.items() if row.state != "live"}
            if back := [id_ for id_, row in past.newest().items() if row.state == "live" and id_ in left]:
                raise Broken(f"restoring {name}\nonce_out_never_back: {back}")

    def _begins(self, life, name, before):
        """Note which entries only another fold makes one story."""
        past, topic = self.pasts.setdefault(name, Past()), life.topics[name]
        past.recorded = life.recorded
        if past.fold != topic.fold:
            past.fold = topic.fold
            if topic.fold != "none":
                groups = before.groups[kind_of(topic)]
                live = [row for row in past.newest().values() if row.state == "live"]
                one = [
                    pair for pair in combinations(live, 2) if len({groups.get(r.anchor, r.anchor) for r in pair}) == 1
                ]
                past.excused |= {frozenset(row.entry_id for row in pair) for pair in one}

    def _judge(self, life, name, before, after, *, again, overtaken):
        past = self.pasts[name]
        news = list(self._news(past, after))
        live = [row for row in past.newest().values() if row.state == "live"]
        topic = life.topics[name]
        private = [] if topic.private else [source.id for source in life.sources.values() if source.private]
        hidden = dict.fromkeys(before.withdrawn | (set() if overtaken else life.gone), "withdrawn")
        hidden |= {key: "private" for key, source in before.source_of.items() if source in private}
        act = Act(
            topic=topic, now=life.now, before=before, after=after, past=past, news=news, live=live, hidden=hidden,
            authority=life.room.authority, numbers={key: n for n, key in life.keys.items()}, private=private,
        )  # fmt: skip
        wrong = [f"{promise.__name__}: {what}" for promise in PROMISES for what in promise(act)]
        if again and (news or before.documents != after.documents):
            wrong.append(f"again: {[(row.state, row.rev, row.why) for _, row in news]}")
        if not before.dirty and not again and not overtaken and (odd := [r for _, r in news if r.state != "aged"]):
            wrong.append(f"dirty: nobody knew that there is something to publish: {[(r.state, r.why) for r in odd]}")
        for was, row in news:
            self.counted[f"{was.state if was else 'new'} -> {row.state}"] += 1
            self.counted["growth"] += bool(was and row.growths != was.growths)
            self.counted["other face"] += bool(was and row.shows != was.shows)
            self.counted["edit"] += bool(was and row.edits and row.edits != was.edits)
        for row in live:
            past.seen[row.entry_id] = row
            for key in shown_of(row):
                past.showed.setdefault(key, set()).add(row.entry_id)
        past.seen |= {row.entry_id: row for _, row in news}
        if wrong:
            raise Broken("\n".join([f"publishing {name} at {life.now} by {topic}", *wrong]))

    def _news(self, past, after):
        for seq, facts in sorted(after.ledger.items()):
            if seq not in past.rows:
                row = past.rows[seq] = delivered(dict(zip(_FACTS, facts, strict=True)))
                rows = past.history.setdefault(row.entry_id, [])
                yield (rows[-1] if rows else None), row
                rows.append(row)


def shown_of(row):
    """The items that readers see in an entry."""
    return [row.shows or row.anchor, *(outlet.key for outlet in row.outlets[: row.listed])]


def ledger_is_append_only(act):
    for seq, facts in act.before.ledger.items():
        if act.after.ledger.get(seq) != facts:
            yield f"row {seq} was changed"
    for was, row in act.news:
        if row.rev != (was.rev + 1 if was else 1):
            yield f"{row.entry_id} went from rev {was and was.rev} to {row.rev}"
        if row.at != act.now:
            yield f"{row.entry_id} was written at {row.at}"
    if most := [id_ for id_, n in Counter(row.entry_id for _, row in act.news).items() if n > 1]:
        yield f"more than one row of {most}"
    live = {row.entry_id for row in act.live}
    current = {act.past.rows[seq].entry_id for seq in act.after.current}
    if len(current) != len(act.after.current) or current != live:
        yield f"current are {current ^ live}"


def documents_show_what_the_ledger_says(act):
    shown = sorted(act.live, key=lambda row: (row.face.published, row.entry_id), reverse=True)
    documents = act.after.documents
    ids = [row.entry_id for row in shown]
    found = json.loads(documents["json"])["items"]
    feed = etree.fromstring(documents["atom"])
    entries = feed.findall(f"{ATOM}entry")
    guids = [guid.text for guid in etree.fromstring(documents["rss"]).iter("guid")]
    if not ids == [one["id"] for one in found] == [e.findtext(f"{ATOM}id") for e in entries] == guids:
        yield f"the ledger shows {ids}, the documents {[one['id'] for one in found]} and {guids}"
        return
    for row, one, element in zip(shown, found, entries, strict=True):
        updated = datetime.fromisoformat(element.findtext(f"{ATOM}updated"))
        listed = row.outlets[: row.listed]
        said = [one["title"], one.get("url"), [o["title"] for o in one["_aggregator"].get("outlets", ())]]
        if said != [row.face.title, row.face.link, [outlet.title for outlet in listed]]:
            yield f"{row.entry_id} says {said}"
        if updated != row.updated.replace(microsecond=0) or updated > act.now:
            yield f"{row.entry_id} says that it was updated {updated}"
    told = {one.get("ref") for one in feed.findall(f"{AT}deleted-entry")}
    left = {
        id_ for id_, row in act.past.newest().items()
        if row.state in ("absorbed", "withdrawn") and act.now - row.at <= timedelta(days=7)
    }  # fmt: skip
    if told != left:
        yield f"deleted in Atom are {told}, in the ledger {left}"


def an_id_is_its_anchors_and_stays(act):
    for was, row in act.news:
        if row.entry_id != act.authority.entry_id(row.anchor):
            yield f"{row.entry_id} has the anchor {row.anchor}"
        if was is None and not act.past.had(row) and (row.entered_at, row.state) != (act.now, "live"):
            yield f"{row.entry_id} is new, {row.state}, and entered {row.entered_at}"
        if was and (was.anchor, was.entered_at, was.face.published) != (row.anchor, row.entered_at, row.face.published):
            yield f"{row.entry_id} has another anchor, entered_at or published"
        if row.updated > act.now or row.face.published > act.now:
            yield f"{row.entry_id} says a time to come"


def one_story_has_one_entry(act):
    if act.topic.fold == "none":
        return
    for one, other in combinations(act.live, 2):
        pair = frozenset((one.entry_id, other.entry_id))
        told = {
            act.story((row.shows or row.anchor) if row.anchor in act.hidden else row.anchor) for row in (one, other)
        }
        if len(told) == 1 and pair not in act.past.excused:
            names = sorted(act.numbers[row.anchor] for row in (one, other))
            yield f"{names} are two entries of one story: {one.why}; {other.why}"


def no_item_stands_twice(act):
    shown = [key for row in act.live for key in shown_of(row)]
    if twice := [act.numbers[key] for key, n in Counter(shown).items() if n > 1]:
        yield f"{twice}"


def every_item_has_its_place(act):
    for key, stand in act.before.stands.items():
        now = act.after.stands[key]
        if now.entry and now.entry not in act.past.history:
            yield f"{act.numbers[key]} is in {now.entry}, which was never delivered"
        if now.admitted and not now.entry:
            waits = now.at + act.topic.settle > act.now or act.topic.outlets.at_least > 1
            if not waits and stand.admitted:
                yield f"{act.numbers[key]} is in no entry, and for no reason"
        if not now.admitted and not any(why in now.why for why in ("kept out", "after:", "outlets:")):
            yield f"{act.numbers[key]} was kept out without a reason: {now.why}"
        if key in act.before.backfilled and now.admitted and "backfill" not in now.why:
            yield f"{act.numbers[key]} was admitted although it is old: {now.why}"


def lists_hold_members(act):
    for row in act.live:
        for outlet in row.outlets:
            stand = act.after.stands.get(outlet.key)
            if stand is None or stand.entry != row.entry_id:
                yield f"{act.numbers[row.anchor]} lists {act.numbers[outlet.key]}, which is elsewhere: {stand}"
            if outlet.key in act.hidden:
                yield f"{act.numbers[row.anchor]} lists {act.numbers[outlet.key]}, which is {act.hidden[outlet.key]}"
        sources = Counter((row.face.origin.source, *(outlet.source for outlet in row.outlets)))
        if twice := [source for source, n in sources.items() if n > 1]:
            yield f"{act.numbers[row.anchor]} lists {twice} twice"
        if row.listed > len(row.outlets):
            yield f"{act.numbers[row.anchor]} shows {row.listed} of {len(row.outlets)}"


def faces_change_for_a_reason(act):
    for was, row in act.news:
        if was is None:
            continue
        shown, before = (one.shows or one.anchor for one in (row, was))
        if shown == before:
            if row.face != was.face and row.sha256 == was.sha256:
                yield f"{act.numbers[row.anchor]} has another face, and nobody edited it: {row.why}"
            continue
        parted = act.story(before) != act.story(row.anchor) or act.story(before) != act.story(shown)
        if not (before in act.hidden or shown in act.before.pinned or parted):
            yield f"{act.numbers[row.anchor]} shows {act.numbers[shown]} instead of {act.numbers[before]}: {row.why}"


def lists_grow_in_steps(act):
    for was, row in act.news:
        if was is None or row.state != "live":
            continue
        had = {o.key for o in was.outlets[: was.listed]} | {was.shows or was.anchor}
        more = {o.key for o in row.outlets[: row.listed]} - had
        name = act.numbers[row.anchor]
        if row.growths == was.growths:
            if more:
                yield f"{name} lists {[act.numbers[key] for key in more]} without having grown"
            continue
        if row.growths != was.growths + 1 or row.growths > 6 or row.grown_at != act.now or act.topic.growth == "off":
            yield f"{name} grew from {was.growths} to {row.growths} at {row.grown_at}"
        if was.grown_at and act.now - was.grown_at < HOUR:
            yield f"{name} grew again after {act.now - was.grown_at}"
        if act.now - row.entered_at > DAY:
            yield f"{name} grew {act.now - row.entered_at} after it entered"
        steps = (*STEPS, *act.topic.bump_at) if act.topic.growth == "loud" else STEPS
        if 1 + row.listed not in steps:
            yield f"{name} grew to {1 + row.listed} outlets"


def updated_moves_seldom(act):
    for was, row in act.news:
        if was is None:
            continue
        name = act.numbers[row.anchor]
        edited = row.edits != was.edits and row.edits and row.edits[-1] == act.now
        if row.shows == was.shows and row.face != was.face and not edited:
            yield f"{name} was edited and does not say so"
        if edited:
            times = act.past.edits.setdefault(row.entry_id, [])
            times.append(act.now)
            if sum(act.now - at < DAY for at in times) > 3:
                yield f"{name} was edited more than three times a day"
        if row.updated == was.updated:
            continue
        words = changed_share(*(compose.plain(one.face.content or one.face.summary) for one in (was, row)))
        worth = edited and (row.face.title != was.face.title or words > 0.15)
        loud = act.topic.growth == "loud" and row.growths != was.growths
        to_forget = row.shows != was.shows and (was.shows or was.anchor) in act.hidden
        if row.updated != act.now or not (worth or loud or to_forget):
            yield f"{name} says that it is new again: {row.why}"


def who_left_stays_away(act):
    for was, row in act.news:
        if was is None or was.state == "live":
            continue
        name = act.numbers[row.anchor]
        told = {was.shows or was.anchor, *(outlet.key for outlet in was.outlets)}
        if was.state == "aged" and row.state in ("aged", "withdrawn") and told & act.hidden.keys():
            continue  # its readers are told to forget it
        # It is back, and out again where it has become too old for the document meanwhile.
        if was.state != "absorbed" or row.state not in ("live", "aged"):
            yield f"{name} went from {was.state} to {row.state}: {row.why}"
        elif act.now - was.at > DAY:
            yield f"{name} is back {act.now - was.at} after it was absorbed"
        else:
            often = [
                one for one in act.past.history[row.entry_id] if one.state == "absorbed" and act.now - one.at <= 4 * DAY
            ]
            if len(often) > 1:
                yield f"{name} is back although it wavers: it was absorbed {len(often)} times"


def the_eldest_survives(act):
    newest = act.past.newest()
    for _, row in act.news:
        if row.state != "absorbed":
            continue
        survivor = newest.get(row.into or "")
        name = act.numbers[row.anchor]
        if survivor is None:
            yield f"{name} went into {row.into}"
        elif (survivor.entered_at, survivor.entry_id) > (row.entered_at, row.entry_id):
            yield f"{name} went into the younger {act.numbers[survivor.anchor]}"
        elif survivor.state == "withdrawn" or (survivor.rev == 1 and survivor.entered_at == act.now):
            yield f"{name} went into {act.numbers[survivor.anchor]}, which is {survivor.state}: {survivor.why}"


def no_byte_of_what_is_hidden(act):
    bodies = b"".join(act.after.documents.values())
    for key, why in act.hidden.items():
        if canary(act.numbers[key]).encode() in bodies:
            yield f"{act.numbers[key]} is {why} and shown"
    for name in act.private:
        if f"//{name}.example".encode() in bodies or f"Outlet {name}<".encode() in bodies:
            yield f"{name} is private and named"


def window_is_over_entered_at(act):
    aged = [row for was, row in act.news if row.state == "aged" and was and was.state == "live"]
    hours = max(timedelta(hours=act.topic.window.hours), DAY)
    everyone = sorted([*act.live, *aged], key=lambda r: (r.entered_at, r.face.published, r.entry_id), reverse=True)
    longest = timedelta(days=30)
    wanted = {
        row.entry_id
        for n, row in enumerate(everyone)
        if act.now - row.entered_at <= (min(hours, longest) if n >= act.topic.window.items else longest)
    }
    if wanted != {row.entry_id for row in act.live}:
        yield f"{wanted ^ {row.entry_id for row in act.live}}"


def ids_are_minted_for_news_only(act):
    for was, row in act.news:
        if was is not None:
            continue
        if act.past.had(row):
            continue
        name, stood = act.numbers[row.anchor], act.before.stands.get(row.anchor)
        if stood is None or row.anchor in act.hidden:
            yield f"{name} has an entry, and never was admitted, or is hidden"
        elif stood.entry is None:
            if not stood.admitted:
                yield f"{name} has an entry, and was not admitted"
        else:
            former = act.past.history[stood.entry][-1].anchor
            apart = any(frozenset((key, former)) in act.before.apart for key in act.before.stands)
            if not apart or act.topic.fold == "none":
                yield f"{name} stood in {act.numbers[former]}, and has an entry of its own: {row.why}"
            here = [key for key, now in act.after.stands.items() if now.entry == row.entry_id]
            if all(act.now - act.before.stands[key].at >= 6 * HOUR for key in here):
                yield f"{name} has an entry of its own, and nothing in it is news: {row.why}"


def what_readers_had_before_a_restore_is_not_new(act):
    for was, row in act.news:
        if was is not None:
            continue
        name, had = act.numbers[row.anchor], act.past.seen.get(row.entry_id)
        if had is None:
            elsewhere = act.past.showed.get(row.shows or row.anchor, set())
            if elsewhere and act.past.restored and not act.before.apart:
                yield f"{name} was shown in {elsewhere}, and has an entry of its own: {row.why}"
            continue
        if row.entered_at != had.entered_at:
            yield f"{name} entered {had.entered_at}, and {row.entered_at} after a restore: {row.why}"
        if row.updated != had.updated and row.state == "live":
            yield f"{name} was updated {had.updated}, and {row.updated} after a restore: {row.why}"
        if had.state in ("aged", "withdrawn") and row.state == "live":
            yield f"{name} was {had.state}, and is back after a restore: {row.why}"


PROMISES = (
    ledger_is_append_only, documents_show_what_the_ledger_says, an_id_is_its_anchors_and_stays, one_story_has_one_entry,
    no_item_stands_twice, every_item_has_its_place, lists_hold_members, faces_change_for_a_reason, lists_grow_in_steps,
    updated_moves_seldom, who_left_stays_away, the_eldest_survives, no_byte_of_what_is_hidden,
    window_is_over_entered_at, ids_are_minted_for_news_only, what_readers_had_before_a_restore_is_not_new,
)  # fmt: skip
