"""What publishing asks of the store about a topic: who waits, what moved, what left; the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from store_makers import (
    HOUR,
    QUIET,
    a_curation,
    a_delivery,
    a_place,
    a_source,
    an_item,
    an_outcome,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.model import Authority, Expect, Outlets, Rate, Ruling, Topic
from aggregator.store import artefacts, deliveries, polls, rulings, topics, withdrawal, work
from aggregator.store.schema import topic_item

DAY = timedelta(days=1)
SOURCES = ("ozero", "bereg", "pristan", "mayak")
AUTHORITY = Authority(name="feeds.example", date="2026-03-01")
TOPIC = Topic(id="lake", title="Озеро", match="section:lake", fold="story")


class Stand:
    """Items of a store, one of each source, and the topics they are in."""

    def __init__(self, store, time):
        self.store, self.time = store, time
        configured(store, time, "lake", "field")
        store.write_now(polls.sync_sources, [a_source(name) for name in SOURCES], time.now)

    def tells(self, *sources, story=None, topics_=("lake",), kind="story"):
        """Have an item of each source, admitted; return their keys."""
        keys = [stored(self.store, self.time, an_item("1"), source=name)[0] for name in sources]
        group = story or (keys[0] if len(keys) > 1 else None)
        for key in keys:
            place = [replace(a_place(key, group, kind=kind), method="same-url", of=key)] if group else []
            curate(self.store, self.time, a_curation(key, verdicts=[(t, True) for t in topics_], memberships=place))
        return keys

    def publish(self, *rows, topic="lake", entered=(), dirty=None, **facts):
        """Deliver, as of the reasons that are there now."""
        facts = {"artefacts": (), "flaw": "", "now": self.time.now, **QUIET, **facts}
        dirty = self.dirty(topic) if dirty is None else dirty
        self.store.write_now(artefacts.publish, topic=topic, dirty=dirty, rows=rows, entered=dict(entered), **facts)

    def enters(self, anchor, *others, topic="lake", **fields):
        """Let these items be an entry; return its row."""
        row = a_delivery(anchor, topic=topic, entered_at=self.time.now, **fields)
        self.publish(row, topic=topic, entered=dict.fromkeys((anchor, *others), row.entry_id))
        return row

    def dirty(self, topic="lake"):
        return self.store.read_now(topics.state_of, topic).dirty

    def pending(self, topic="lake", kind="story", **how):
        return self.store.read_now(topics.pending, topic, kind, **how)

    def moved(self, topic="lake"):
        return {one.pending.stored.key: one for one in self.store.read_now(topics.moved, topic, "story")}

    def flagged(self):
        t = topic_item.c
        return set(self.store.read_now(lambda conn: conn.execute(select(t.topic, t.item).where(t.moved)).all()))

    def work(self, now=None, **fields):
        return self.store.read_now(work.of, replace(TOPIC, **fields), AUTHORITY, now or self.time.now)


@pytest.fixture
def stand(store, time):
    return Stand(store, time)


# --- who waits --------------------------------------------------------------------------------------------------------


def keys_of(pending):
    return [one.stored.key for one in pending]


def test_what_another_topic_delivered_is_marked_and_so_is_what_tells_its_story(stand):
    first, second = stand.tells("ozero", "bereg", topics_=("lake", "field"))
    (alone,) = stand.tells("mayak", topics_=("lake", "field"))
    assert [one.taken_by for one in stand.pending(after=["field"])] == [None, None, None]
    stand.enters(first, topic="field")
    found = {one.stored.key: one.taken_by for one in stand.pending(after=["field", "sky"])}
    assert found == {first: "field", second: "field", alone: None}
    assert [one.taken_by for one in stand.pending(after=["sky"])] == [None, None, None]
    stand.enters(alone, topic="field")
    assert {one.taken_by for one in stand.pending(after=["field"])} == {"field"}
    assert {one.taken_by for one in stand.pending()} == {None}


@pytest.mark.parametrize(("at_least", "waiting"), [(1, 3), (2, 2), (3, 0)])
def test_a_story_that_too_few_sources_tell_is_left_out(stand, at_least, waiting):
    stand.tells("ozero", "bereg")
    stand.tells("mayak")
    assert len(stand.pending(at_least=at_least)) == waiting


def test_of_an_entrys_story_all_are_there_however_few_they_are(stand):
    first, second = stand.tells("ozero", "bereg")
    stand.enters(first)
    assert keys_of(stand.pending(at_least=9)) == [second]
    assert stand.pending("field", at_least=9) == []


def test_what_is_withdrawn_waits_no_more(stand, store, time):
    first, second = stand.tells("ozero", "bereg")
    store.write_now(withdrawal.withdraw, [first], "it was wrong", time.now)
    assert keys_of(stand.pending()) == [second]
    assert stand.pending(at_least=2) == []


def test_who_has_waited_too_long_for_others_waits_no_more(stand, store, time):
    (old,) = stand.tells("ozero")
    (inside,) = stand.tells("bereg")
    stand.enters(inside)
    time.passes(3 * DAY)
    before = store.read_now(lambda conn: conn.scalar(select(topic_item.c.at).where(topic_item.c.item == old)))
    (new,) = stand.tells("pristan")
    store.write_now(topics.give_up, "lake", before + timedelta(milliseconds=1), "outlets: too few")
    standing = {key: store.read_now(topics.verdicts_of, key)[0] for key in (old, inside, new)}
    assert {key: one.verdict.admitted for key, one in standing.items()} == {old: False, inside: True, new: True}
    assert standing[old].verdict.why == "matched; outlets: too few"


def test_voices_are_of_all_that_the_topic_has_of_a_story(stand):
    first, second = stand.tells("ozero", "bereg")
    stand.enters(first)
    (third,) = stand.tells("mayak", story=first)
    found = stand.work(outlets=Outlets(at_least=3))
    assert [sorted(one.item for one in told) for told in found.tellings] == [sorted([first, second, third])]
    assert stand.work().tellings == []


# --- what moved -------------------------------------------------------------------------------------------------------


def test_what_was_moved_comes_with_all_of_its_entry(stand, store):
    first, second = stand.tells("ozero", "bereg")
    (outside,) = stand.tells("mayak")
    row = stand.enters(first, second)
    assert (stand.moved(), stand.flagged()) == ({}, set())
    before = stand.dirty()
    store.write_now(topics.moved_now, [second, outside])
    assert stand.flagged() == {("lake", second), ("lake", outside)}, "a publication may be about to let it in"
    assert stand.dirty() > before
    found = stand.moved()
    assert {key: (one.entry_id, one.moved, one.apart) for key, one in found.items()} == {
        first: (row.entry_id, False, False),
        second: (row.entry_id, True, False),
    }


@pytest.mark.parametrize("together", [True, False], ids=["in a group", "of a name that was its own"])
def test_the_entry_that_tells_the_story_of_what_moved_comes_with_it(stand, store, time, together):
    (target,) = stand.tells("ozero")
    (moving,) = stand.tells("bereg")
    entries = {key: stand.enters(key).entry_id for key in (target, moving)}
    members = [target, moving] if together else [moving]
    after = [replace(a_place(key, target, kind="story"), method="same-url", of=target) for key in members]
    store.write_now(rulings.regroup, [moving], after, now=time.now)
    found = stand.moved()
    assert {key: one.entry_id for key, one in found.items()} == entries
    assert found[moving].moved
    assert found[moving].pending.story == target


def test_a_person_who_takes_items_apart_says_so_of_the_entrys_anchor(stand, store, time):
    first, second, third = stand.tells("ozero", "bereg", "mayak")
    stand.enters(first, second, third)
    said = [Ruling(says="apart", item=min(first, second), other=max(first, second))]
    store.write_now(rulings.regroup, [], [], said=said, now=time.now)
    assert {key: one.apart for key, one in stand.moved().items()} == {first: False, second: True, third: False}


def test_a_publication_has_seen_what_moved_unless_a_newer_reason_came(stand, store):
    (key,) = stand.tells("ozero")
    stand.enters(key)
    store.write_now(topics.moved_now, [key])
    read = stand.dirty()
    store.write_now(topics.moved_now, [key])
    stand.publish(dirty=read)
    assert stand.flagged() == {("lake", key)}
    stand.publish()
    assert stand.flagged() == set()


def test_a_publication_clears_what_moved_in_its_own_topic_only(stand, store):
    (key,) = stand.tells("ozero", topics_=("lake", "field"))
    stand.enters(key)
    stand.enters(key, topic="field")
    store.write_now(topics.moved_now, [key])
    stand.publish()
    assert stand.flagged() == {("field", key)}


def test_what_was_withdrawn_while_its_entry_was_made_is_looked_at(stand, store, time):
    (key,) = stand.tells("ozero")
    read = stand.dirty()
    store.write_now(withdrawal.withdraw, [key], "it was wrong", time.now)
    stand.publish(a_delivery(key), entered={key: a_delivery(key).entry_id}, dirty=read)
    assert stand.flagged() == {("lake", key)}


def test_a_topic_is_dirty_again_when_its_time_has_come(stand, store, time):
    stand.publish(due_at=time.now + HOUR)
    stand.publish(topic="field")
    assert store.read_now(topics.dirty, time.now) == []
    stand.publish(due_at=time.now - HOUR)
    assert store.read_now(topics.dirty, time.now) == ["lake"]
    stand.publish()
    assert store.read_now(topics.dirty, time.now) == []


# --- what left --------------------------------------------------------------------------------------------------------


def test_what_left_of_late_is_told_and_what_is_back_is_not(stand, time):
    since = time.now - HOUR
    rows = {name: a_delivery(name) for name in ("absorbed", "withdrawn", "aged", "back", "live")}
    stand.publish(*rows.values())
    for name in ("absorbed", "withdrawn", "aged"):
        stand.publish(replace(rows[name], rev=2, state=name))
    stand.publish(replace(rows["back"], rev=2, state="absorbed"))
    stand.publish(replace(rows["back"], rev=3))
    found = stand.store.read_now(deliveries.gone, "lake", since)
    assert {(row.anchor, row.state) for row in found} == {("absorbed", "absorbed"), ("withdrawn", "withdrawn")}
    assert all(row.at for row in found)
    assert stand.store.read_now(deliveries.gone, "lake", time.now + HOUR) == []
    assert stand.store.read_now(deliveries.gone, "field", since) == []


def test_each_time_an_entry_was_absorbed_is_told_while_it_is(stand, time):
    first = a_delivery("k1")
    other = a_delivery("k2")
    stand.publish(first, other)
    asked = ("lake", ["k1", "k2"], time.now - HOUR)
    for rev, state in enumerate(("absorbed", "live", "absorbed"), start=2):
        stand.publish(replace(first, rev=rev, state=state, into=other.entry_id if state == "absorbed" else None))
        found = stand.store.read_now(deliveries.absorptions, *asked)
        assert [row.rev for row in sorted(found, key=lambda row: row.rev)] == {2: [2], 3: [], 4: [2, 4]}[rev]
    assert stand.store.read_now(deliveries.absorptions, "lake", ["k2"], time.now - HOUR) == []
    assert stand.store.read_now(deliveries.absorptions, "lake", ["k1"], time.now + HOUR) == []
    assert stand.store.read_now(deliveries.absorptions, "field", ["k1"], time.now - HOUR) == []


def test_an_absorption_is_found_behind_however_many_entries_that_left(stand, time):
    stand.publish(a_delivery("k0"), replace(a_delivery("k0"), rev=2, state="absorbed"))
    many = [a_delivery(f"gone-{n}", state="withdrawn") for n in range(deliveries.TOLD + 1)]
    stand.publish(*many)
    assert len(stand.store.read_now(deliveries.gone, "lake", time.now - HOUR)) == deliveries.TOLD
    assert [row.rev for row in stand.store.read_now(deliveries.absorptions, "lake", ["k0"], time.now - HOUR)] == [2]


def test_when_entries_entered_is_told_once_of_each_the_last_first(stand, time):
    moments = [time.now - hours * HOUR for hours in range(4)]
    for n, at in enumerate(moments):
        stand.publish(a_delivery(f"k{n}", entered_at=at))
    stand.publish(a_delivery("k0", rev=2, entered_at=moments[0]), a_delivery("k9", topic="field"))
    assert stand.store.read_now(deliveries.entered, "lake", 3) == moments[:3]
    assert stand.store.read_now(deliveries.entered, "lake", 0) == []


def test_an_entry_that_left_is_there_when_its_story_goes_on_or_its_item_moves(stand, store, time):
    first, second = stand.tells("ozero", "bereg")
    row = stand.enters(first)
    stand.publish(replace(row, rev=2, state="aged"))
    assert [(one.anchor, one.state) for one in stand.work().ledger] == [(first, "aged")]
    stand.publish(entered={second: row.entry_id})
    assert stand.work().ledger == []
    store.write_now(withdrawal.withdraw, [first], "it was wrong", time.now)
    found = stand.work()
    assert [(one.anchor, one.state) for one in found.ledger] == [(first, "aged")]
    assert {one.pending.stored.key for one in found.moved} == {first, second}


# --- how it is found --------------------------------------------------------------------------------------------------


def test_what_a_usual_publication_reads_does_not_grow_with_the_past_of_its_topic(sqlite_url):
    """Each statement of `work.of` is explained: no table is walked through, nor all that a topic ever had."""
    from store_makers import Time

    from aggregator.store import Store

    store = Store.open(sqlite_url)
    stand = Stand(store, Time(store))
    first, second, third = stand.tells("ozero", "bereg", "mayak", topics_=("lake", "field"))
    stand.enters(first, second)
    stand.enters(first, topic="field")
    commit(store, stand.time, an_outcome(stand.time.now, source="ozero"))
    rate = Rate(number=3, per=DAY)
    topic = replace(TOPIC, after=("field",), outlets=Outlets(at_least=2), expect=Expect(min=rate, max=rate))
    walked = store.read_now(_walked, topic, stand.time.now)
    store.close()
    assert walked == []
    assert third


def _walked(conn, topic, now):
    """Return the plans by which reading a topic's work walks through a table, or through a topic's part of it."""
    said = []

    def explain(conn, _cursor, statement, parameters, _context, many):
        if statement.startswith(("SELECT", "WITH")) and not many:
            plan = conn.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            said.extend((row[3], statement) for row in plan)

    event.listen(conn, "before_cursor_execute", explain)
    work.of(conn, topic, AUTHORITY, now)
    event.remove(conn, "before_cursor_execute", explain)
    grows = ("topic_item", "item", "story_item", "copy_item", "delivery", "item_section", "item_credit")
    assert said
    return [
        (plan, statement)
        for plan, statement in said
        if plan.split()[1].removesuffix("_1") in grows
        and (plan.startswith("SCAN") or (plan.endswith("(topic=?)") and "autoindex" in plan))
    ]
