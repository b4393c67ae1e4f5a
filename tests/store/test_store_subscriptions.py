"""What was agreed with hubs: one daemon talks to each, nothing is lost with it, and hubs are held to their word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_makers import HOUR, a_change, a_source, an_item, an_outcome, claim, commit

from aggregator.errors import LeaseLost
from aggregator.model import PushState, Subscription
from aggregator.store import polls, sources, subscriptions

HUB, TOPIC = "https://hub.example/", "https://ozero.example/rss"
US = "https://feeds.example/websub/"
DAY = timedelta(days=1)


def a_subscription(now, number=1, source="ozero", **more):
    facts = {"hub": HUB, "topic": TOPIC, "secret": f"secret {number}", "due_at": now} | more
    return Subscription(id=f"{number:032x}", source=source, **facts)


def wanted(store, time, *some, source="ozero", **more):
    """Have a poll find these."""
    if store.read_now(polls.state_of, source).next_poll_at is None:
        store.write_now(polls.sync_sources, [a_source(source)], time.now)
    commit(store, time, an_outcome(time.now, source=source, hubs=some, **more))


def of(store, source="ozero"):
    return store.read_now(subscriptions.of_source, source)


def asking(store, time, limit=10):
    return store.write_now(subscriptions.claim_asking, limit, HOUR, time.now, callbacks=US)


def asked(store, time, held, problem="", after=HOUR):
    due_at = time.now + after
    store.write_now(subscriptions.asked, held, problem=problem, due_at=due_at, now=time.now)


def confirmed(store, time, held, lease=DAY):
    until, due_at = time.now + lease, time.now + 0.8 * lease
    store.write_now(subscriptions.confirmed, held.id, until=until, due_at=due_at)


@pytest.fixture
def active(store, time):
    """One subscription that its hub has confirmed."""
    wanted(store, time, a_subscription(time.now))
    (held,) = asking(store, time)
    asked(store, time, held)
    confirmed(store, time, held)
    (held,) = of(store)
    return held


def test_what_a_document_asks_for_is_to_be_asked_once(store, time):
    first = a_subscription(time.now)
    wanted(store, time, first)
    wanted(store, time, a_subscription(time.now, 2))
    assert of(store) == [first]
    assert store.read_now(subscriptions.one, first.id) == first
    assert store.read_now(subscriptions.one, "unknown") is None


def test_a_poll_without_a_document_leaves_them_alone(store, time, active):
    commit(store, time, an_outcome(time.now, ended="not-modified", feed=None, flaws=None, hubs=None))
    assert of(store) == [active]


def test_a_hub_that_a_document_names_no_more_is_left(store, time, active):
    wanted(store, time)
    (held,) = of(store)
    assert (held.state, held.in_a_row) == ("leaving", 0)
    assert [one.id for one in asking(store, time)] == [active.id]


def test_a_hub_that_was_never_asked_is_forgotten_at_once(store, time):
    wanted(store, time, a_subscription(time.now))
    wanted(store, time)
    assert of(store) == []


@pytest.mark.usefixtures("active")
def test_another_topic_at_the_same_hub_is_another_subscription(store, time):
    wanted(store, time, a_subscription(time.now, 2, topic="https://ozero.example/moved"))
    assert {(one.topic, one.state) for one in of(store)} == {
        (TOPIC, "leaving"),
        ("https://ozero.example/moved", "asking"),
    }


def test_a_hub_that_is_named_again_before_it_was_left_is_asked_to_stay(store, time, active):
    wanted(store, time)
    wanted(store, time, a_subscription(time.now, 2))
    (held,) = of(store)
    assert (held.id, held.state) == (active.id, "asking")


@pytest.mark.usefixtures("active")
def test_sources_that_left_the_configuration_leave_their_hubs(store, time):
    store.write_now(subscriptions.keep_only, {"other"}, US, time.now)
    assert [one.state for one in of(store)] == ["leaving"]


@pytest.mark.usefixtures("active")
def test_hubs_are_told_where_we_have_moved(store, time):
    store.write_now(subscriptions.keep_only, {"ozero"}, US, time.now)
    assert asking(store, time) == []
    store.write_now(subscriptions.keep_only, {"ozero"}, "https://new.example/websub/", time.now)
    assert [one.state for one in asking(store, time)] == ["active"]


def test_each_due_subscription_is_claimed_once(store, time):
    wanted(store, time, *(a_subscription(time.now, n, hub=f"https://hub-{n}.example/") for n in range(3)))
    first, second, third = (asking(store, time, 2) for _ in range(3))
    assert (len(first), len(second), len(third)) == (2, 1, 0)
    assert len({one.id for one in (*first, *second)}) == 3


def test_a_claim_runs_out_by_itself(store, time):
    wanted(store, time, a_subscription(time.now))
    asking(store, time)
    time.passes(HOUR + timedelta(seconds=1))
    assert len(asking(store, time)) == 1


@pytest.mark.fault("F38")
def test_a_request_that_comes_to_nothing_is_counted_and_tried_again(store, time):
    wanted(store, time, a_subscription(time.now))
    (held,) = asking(store, time)
    asked(store, time, held, "500 Internal Server Error")
    (held,) = of(store)
    assert (held.state, held.failures, held.problem) == ("asking", 1, "500 Internal Server Error")
    assert asking(store, time) == []
    time.passes(HOUR + timedelta(seconds=1))
    assert len(asking(store, time)) == 1


def test_whoever_lost_his_claim_changes_nothing(store, time):
    wanted(store, time, a_subscription(time.now))
    (old,) = asking(store, time)
    time.passes(HOUR + timedelta(seconds=1))
    (new,) = asking(store, time)
    asked(store, time, old, "too late")
    store.write_now(subscriptions.forget, old)
    assert of(store) == [new]


def test_a_hub_that_confirms_before_it_answers_is_not_unheard(store, time):
    wanted(store, time, a_subscription(time.now))
    (held,) = asking(store, time)
    confirmed(store, time, held)
    asked(store, time, held)
    (one,) = of(store)
    assert (one.state, one.failures) == ("active", 0)
    wanted(store, time)
    assert [one.state for one in of(store)] == ["leaving"]


def test_a_denial_is_kept_with_its_reason_and_counted(store, time, active):
    for _ in range(2):
        store.write_now(subscriptions.denied, active.id, why="not ours", due_at=time.now + DAY)
    (held,) = of(store)
    assert (held.state, held.problem, held.failures, held.granted_until) == ("denied", "not ours", 2, None)


def test_what_leaves_is_neither_confirmed_nor_denied(store, time, active):
    wanted(store, time)
    before = of(store)
    confirmed(store, time, active)
    store.write_now(subscriptions.denied, active.id, why="not ours", due_at=time.now)
    assert of(store) == before


def test_only_what_leaves_is_over_when_a_hub_says_so(store, time, active):
    store.write_now(subscriptions.left, active.id)
    assert of(store) == [active]
    wanted(store, time)
    store.write_now(subscriptions.left, active.id)
    assert of(store) == []


def test_how_well_a_hub_does_is_told_with_the_state_of_its_source(store, time, active):
    for _ in range(3):
        store.write_now(subscriptions.delivered, active, time.now)
    push = store.read_now(polls.state_of, "ozero").push
    assert push == PushState(until=active.granted_until, in_a_row=3, last_at=push.last_at)
    assert push.steady(active.granted_until - HOUR)
    assert not push.steady(active.granted_until)


def test_without_a_hub_there_is_nothing_to_tell(store, time):
    wanted(store, time)
    assert store.read_now(polls.state_of, "ozero").push == PushState()


def news(store, time, name="1", **more):
    """Have a poll find an item that came by itself."""
    commit(store, time, an_outcome(time.now, a_change(an_item(name), **more), hubs=None))


def silent(store, now):
    return store.write_now(subscriptions.doubt_silent, now)


@pytest.mark.fault("F38")
def test_a_hub_that_does_not_tell_what_a_poll_found_is_asked_anew(store, time, active):
    store.write_now(subscriptions.delivered, active, time.now - DAY)
    news(store, time)
    now = time.now
    assert silent(store, now + timedelta(minutes=29)) == []
    assert silent(store, now + timedelta(minutes=31)) == ["ozero"]
    assert silent(store, now + timedelta(minutes=62)) == []
    (held,) = of(store)
    assert (held.in_a_row, held.state, held.deliveries) == (0, "active", 1)
    assert held.due_at == now + timedelta(minutes=31)
    assert "30 minutes" in held.problem
    row = store.read_now(sources.one, "ozero")
    assert row.state.next_poll_at == now + timedelta(minutes=31)  # the last decision trusted the hub still
    assert "hub has not told" in row.why


@pytest.mark.parametrize("when", [timedelta(minutes=-10), timedelta(minutes=10)])
def test_a_hub_that_tells_shortly_before_or_after_a_poll_keeps_its_word(store, time, active, when):
    now = time.now
    if when < timedelta(0):
        store.write_now(subscriptions.delivered, active, now + when)
    news(store, time)
    if when > timedelta(0):
        store.write_now(subscriptions.delivered, active, now + when)
    assert silent(store, now + HOUR) == []


@pytest.mark.usefixtures("active")
def test_what_a_poll_finds_of_the_past_no_hub_has_to_tell(store, time):
    news(store, time, arrival="backfill")
    assert silent(store, time.now + DAY) == []


@pytest.mark.usefixtures("active")
def test_a_poll_whose_claim_is_lost_settles_nothing(store, time):
    (old,) = claim(store, time, only=["ozero"], ignore_schedule=True)
    store.write_now(polls.release, old)
    with pytest.raises(LeaseLost):
        store.write_now(polls.commit, an_outcome(time.now, hubs=()), old.fence, gap=timedelta(0))
    assert [one.state for one in of(store)] == ["active"]


def test_secrets_are_in_no_printout(active):
    assert active.secret not in repr(replace(active, problem="x"))
