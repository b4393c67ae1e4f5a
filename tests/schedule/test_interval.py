"""When a source that answers is polled next."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import PollRule, PollState
from aggregator.schedule import after_success
from aggregator.schedule.words import spoken

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def due(state=None, rule=None, *, new=False, ttl=None, seed=7):
    return after_success(state or PollState(), rule or PollRule(), new=new, now=NOON, rng=random.Random(seed), ttl=ttl)


@pytest.mark.parametrize(
    ("before", "new", "interval"),
    [
        pytest.param(None, True, HOUR, id="first contact"),
        pytest.param(HOUR, True, HOUR / 2, id="something new halves it"),
        pytest.param(HOUR, False, HOUR * 1.4, id="nothing new stretches it"),
        pytest.param(timedelta(minutes=16), True, timedelta(minutes=15), id="the floor holds"),
        pytest.param(timedelta(hours=23), False, timedelta(hours=24), id="the ceiling holds"),
    ],
)
def test_the_interval_follows_what_the_polls_bring(before, new, interval):
    assert due(PollState(interval=before), new=new).interval == interval


@pytest.mark.parametrize("seed", range(50))
def test_chance_never_brings_a_poll_before_its_interval(seed):
    found = due(PollState(interval=timedelta(minutes=15)), new=True, seed=seed)
    assert timedelta(minutes=15) <= found.at - NOON <= timedelta(minutes=16.5)


def test_a_fixed_interval_wins_over_rhythm_and_ttl():
    found = due(PollState(interval=HOUR), PollRule(every=timedelta(minutes=20)), new=True, ttl=timedelta(hours=9))
    assert (found.interval, found.why) == (timedelta(minutes=20), "every 20 min: as configured")


@pytest.mark.parametrize(
    ("ttl", "interval"),
    [
        pytest.param(timedelta(hours=3), timedelta(hours=3), id="asks for more"),
        pytest.param(timedelta(minutes=1), HOUR, id="asks for less"),
        pytest.param(timedelta(days=30), timedelta(hours=24), id="a month is more than anybody means"),
    ],
)
def test_a_feeds_ttl_is_a_lower_bound_up_to_the_ceiling(ttl, interval):
    assert due(PollState(interval=None), ttl=ttl).interval == interval


def test_the_reason_is_a_sentence():
    assert due(PollState(interval=HOUR), new=True).why == "every 30 min: the last poll brought something new"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=15), "15 min"),
        (timedelta(hours=3, minutes=30), "3.5 h"),
        (timedelta(hours=24), "24 h"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_a_span_is_spoken_as_people_do(span, words):
    assert spoken(span) == words
