"""What hubs send is kept until it is read, by one at a time, and never instead of a poll."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from store_makers import HOUR, LEASE, MORNING, a_change, a_source, an_item, an_outcome, claim, commit

from aggregator.errors import LeaseLost
from aggregator.model import Subscription
from aggregator.store import identity, inbox, items, polls, schema, sources, subscriptions

MINUTE = timedelta(minutes=1)


@pytest.fixture
def held(store, time):
    """A subscription of a source that was polled."""
    return subscribed(store, time, "ozero")


def subscribed(store, time, source, **more):
    known = [a_source(name) for name in {"ozero", source}]
    store.write_now(polls.sync_sources, known, time.now)
    one = Subscription(
        id=f"{hash(source) % 2**64:032x}",
        source=source,
        hub="https://hub.example/",
        topic=f"https://{source}.example/rss",
        secret="s",
        due_at=time.now,
    )
    outcome = an_outcome(time.now, a_change(an_item(f"{source} 0"), source), source=source, hubs=(one,), **more)
    commit(store, time, outcome)
    return one


def receive(store, time, held, *bodies, now=None):
    for body in bodies:
        store.write_now(inbox.receive, held, content_type="text/xml", body=body, now=now or time.now)


def pushed(store, time, limit=10):
    return store.write_now(inbox.claim_pushed, limit=limit, lease=LEASE, owner="two", now=time.now)


def an_outcome_pushed(time, *changes):
    return an_outcome(time.now, *changes, ended="pushed", present=(), flaws=None, feed=None, hubs=None)


def test_what_came_first_is_read_first_and_once(store, time, held):
    receive(store, time, held, b"one", b"two")
    ((claim_, first),) = pushed(store, time)
    assert (first.body, first.topic, first.content_type, first.source) == (b"one", held.topic, "text/xml", "ozero")
    assert pushed(store, time) == []
    store.write_now(inbox.commit_pushed, an_outcome_pushed(time), claim_, first.seq)
    ((_, second),) = pushed(store, time)
    assert second.body == b"two"


def test_its_items_are_stored_and_nothing_that_decides_the_next_poll(store, time, held):
    receive(store, time, held, b"one")
    before, row = store.read_now(polls.state_of, "ozero"), store.read_now(sources.one, "ozero")
    ((claim_, one),) = pushed(store, time)
    change = a_change(an_item("1"))
    store.write_now(inbox.commit_pushed, an_outcome_pushed(time, change), claim_, one.seq)
    assert store.read_now(items.by_key, change.key).item == change.item
    assert store.read_now(polls.state_of, "ozero") == before
    after = store.read_now(sources.one, "ozero")
    assert (after.ended, after.why, after.feed) == (row.ended, row.why, row.feed)
    assert store.read_now(sources.log_of, "ozero")[0].ended == "pushed"
    assert pushed(store, time) == []


def test_what_hubs_leave_out_has_not_left_its_source(store, time, held):
    receive(store, time, held, b"one")
    ((claim_, one),) = pushed(store, time)
    store.write_now(inbox.commit_pushed, an_outcome_pushed(time, a_change(an_item("1"))), claim_, one.seq)
    documents = {
        row.document for row in store.read_now(lambda conn: conn.execute(select(schema.item.c.document)).all())
    }
    assert documents == {1}


def test_a_source_that_is_polled_is_not_read_for_and_the_other_way_round(store, time, held):
    receive(store, time, held, b"one")
    (polling,) = claim(store, time, ignore_schedule=True)
    assert pushed(store, time) == []
    store.write_now(polls.release, polling)
    assert len(pushed(store, time)) == 1
    assert claim(store, time, ignore_schedule=True) == []


def test_who_dies_with_a_delivery_in_hand_leaves_it_to_the_next(store, time, held):
    receive(store, time, held, b"one")
    pushed(store, time)
    time.passes(LEASE + MINUTE)
    assert [one.body for _, one in pushed(store, time)] == [b"one"]


def test_who_lost_his_claim_stores_nothing(store, time, held):
    receive(store, time, held, b"one")
    ((old, one),) = pushed(store, time)
    time.passes(LEASE + MINUTE)
    pushed(store, time)
    change = a_change(an_item("1"))
    with pytest.raises(LeaseLost):
        store.write_now(inbox.commit_pushed, an_outcome_pushed(time, change), old, one.seq)
    with pytest.raises(LeaseLost):
        store.write_now(inbox.ask_instead, old, one.seq)
    assert store.read_now(items.by_key, change.key) is None


def test_deliveries_for_several_sources_are_claimed_together(store, time, held):
    other = subscribed(store, time, "bereg")
    receive(store, time, held, b"one")
    receive(store, time, other, b"two")
    assert {one.body for _, one in pushed(store, time)} == {b"one", b"two"}


def test_a_hub_cannot_fill_the_disk(store, time, held):
    receive(store, time, held, *[b"%d" % n for n in range(inbox.KEPT + 50)], *[None] * 50)
    rows = store.read_now(lambda conn: conn.execute(select(schema.inbox)).all())
    assert len(rows) == inbox.KEPT + 1
    assert store.read_now(subscriptions.one, held.id).deliveries == inbox.KEPT + 100


# --- only that there is something new -----------------------------------------------------------------------------


def call(store, time):
    return store.write_now(inbox.call, time.now)


def test_a_source_whose_hub_calls_is_due_at_once(store, time, held):
    time.passes(2 * MINUTE)
    receive(store, time, held, None)
    assert claim(store, time) == []
    assert call(store, time) == 1
    assert [one.source for one in claim(store, time)] == ["ozero"]
    assert "hub" in store.read_now(sources.one, "ozero").why
    assert call(store, time) == 0


def test_a_hub_that_calls_all_the_time_causes_a_poll_a_minute(store, time):
    held = subscribed(store, time, "ozero")
    receive(store, time, held, None)
    call(store, time)
    assert claim(store, time) == []
    time.passes(inbox.PING_GAP + timedelta(seconds=1))
    assert [one.source for one in claim(store, time)] == ["ozero"]


def test_a_call_during_a_poll_waits_for_its_end(store, time, held):
    time.passes(2 * MINUTE)
    (polling,) = claim(store, time, ignore_schedule=True)
    receive(store, time, held, None)
    assert call(store, time) == 0
    outcome = an_outcome(time.now - 2 * MINUTE, hubs=None)
    store.write_now(polls.commit, outcome, polling.fence, gap=timedelta(0))
    assert call(store, time) == 1


def test_a_call_moves_no_poll_that_is_due_sooner(store, time, held):
    time.passes(2 * HOUR)
    due = store.read_now(polls.state_of, "ozero").next_poll_at
    receive(store, time, held, None)
    assert call(store, time) == 0
    assert store.read_now(polls.state_of, "ozero").next_poll_at == due


def test_a_source_that_fails_is_not_asked_sooner_for_a_hub(store, time, held):
    outcome = an_outcome(time.now, hubs=None)
    commit(store, time, replace(outcome, state=replace(outcome.state, failures=1)))
    time.passes(2 * MINUTE)
    receive(store, time, held, None)
    assert call(store, time) == 0
    assert claim(store, time) == []


def test_a_delivery_that_cannot_be_read_becomes_a_call(store, time, held):
    time.passes(2 * MINUTE)
    receive(store, time, held, b"rubbish")
    ((claim_, one),) = pushed(store, time)
    store.write_now(inbox.ask_instead, claim_, one.seq)
    assert pushed(store, time) == []
    assert call(store, time) == 1


def test_what_was_sent_for_a_source_that_has_left_is_thrown_away(store, time, held):
    receive(store, time, held, b"one", None)
    store.write_now(polls.sync_sources, [a_source("bereg")], time.now)
    assert pushed(store, time) == []
    call(store, time)
    assert store.read_now(lambda conn: conn.execute(select(schema.inbox)).all()) == []


@pytest.mark.usefixtures("held")
def test_former_words_are_known(store, time):
    first = a_change(an_item("1", words="Паром ходит"))
    commit(store, time, an_outcome(time.now, first, hubs=None))
    again = a_change(an_item("1", words="Паром стоит"), kind="changed")
    commit(store, time, an_outcome(MORNING, again, document=2, hubs=None))
    assert store.read_now(identity.former, [first.key]) == {(first.key, first.item.sha256)}
    assert store.read_now(identity.former, []) == set()
