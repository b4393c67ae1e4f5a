"""When hubs are asked again, and how rarely is polled what they tell of."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import PollRule, PushState, Rhythm, Subscription
from aggregator.push import rhythm
from aggregator.schedule import next_poll

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEADY = PushState(until=NOON + DAY, in_a_row=3, last_at=NOON)
HELD = Subscription(
    id="0" * 32, source="mayak", hub="https://hub.example/", topic="https://mayak.example/f", secret="s", due_at=NOON
)


@pytest.mark.fault("F38")
@pytest.mark.parametrize("seed", range(20))
def test_a_lease_is_renewed_when_most_of_it_has_passed_and_some_of_it_is_left(seed):
    lease = 10 * DAY
    assert 0.8 * lease <= rhythm.renewal(lease, random.Random(seed)) <= 0.9 * lease


def test_renewals_of_equal_leases_do_not_come_together():
    rng = random.Random(1)
    assert len({rhythm.renewal(10 * DAY, rng) for _ in range(50)}) == 50


def test_a_lease_of_seconds_is_no_busy_loop():
    assert rhythm.renewal(timedelta(seconds=1), random.Random(1)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        pytest.param(HOUR, HOUR, id="as granted"),
        pytest.param(None, 10 * DAY, id="nothing said"),
        pytest.param(999 * DAY, 30 * DAY, id="for ever"),
    ],
)
def test_a_lease_is_what_the_hub_grants_within_a_month(said, taken):
    assert rhythm.granted(said) == taken


@pytest.mark.fault("F38")
@pytest.mark.parametrize(
    ("pause", "longest"),
    [
        pytest.param(rhythm.again, DAY, id="after failures"),
        pytest.param(rhythm.after_denial, 7 * DAY, id="after denials"),
    ],
)
def test_pauses_grow_and_end_somewhere(pause, longest):
    rng = random.Random(1)
    first, later, last = (pause(failures, rng) for failures in (0, 2, 10_000))
    assert first < later <= last <= 1.2 * longest
    assert last >= 0.8 * longest


@pytest.mark.fault("F38")
@pytest.mark.parametrize(
    ("push", "after"),
    [
        pytest.param(STEADY, 6 * HOUR, id="a steady hub"),
        pytest.param(replace(STEADY, in_a_row=2), HOUR, id="two deliveries"),
        pytest.param(replace(STEADY, until=NOON), HOUR, id="a lease that has ended"),
        pytest.param(replace(STEADY, until=None), HOUR, id="no subscription"),
        pytest.param(PushState(), HOUR, id="no hub"),
    ],
)
def test_a_hub_is_believed_after_three_deliveries_and_while_its_lease_runs(push, after):
    assert push.steady(NOON) is (after > HOUR)
    due = next_poll("mayak", Rhythm(), PollRule(), last=NOON, now=NOON, rng=random.Random(1), pushed=push.steady(NOON))
    assert (due.at - NOON >= 6 * HOUR) is (after > HOUR)
    assert ("hub" in due.why) is (after > HOUR)


def test_a_hub_makes_no_pause_longer_than_a_person_wants():
    rule = PollRule(ceiling=2 * HOUR)
    due = next_poll("mayak", Rhythm(), rule, last=NOON, now=NOON, rng=random.Random(1), pushed=True)
    assert due.interval == 2 * HOUR


@pytest.mark.parametrize("state", ["asking", "active", "denied", "leaving"])
def test_the_request_says_what_the_recommendation_wants_and_no_secret_at_parting(state):
    fields = dict(rhythm.form(replace(HELD, state=state, callback="https://we.example/websub/1")))
    assert fields["hub.topic"] == HELD.topic
    assert fields["hub.callback"] == "https://we.example/websub/1"
    assert fields["hub.mode"] == ("unsubscribe" if state == "leaving" else "subscribe")
    assert ("hub.secret" in fields) == ("hub.lease_seconds" in fields) == (state != "leaving")
