"""When a source that failed is tried again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Active, Due, Hints, PollRule, PollState, Rhythm
from aggregator.schedule import after_failure, heeded, host_pause, unheard

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def wait(*, failures=0, kind="", status=None, retry_after=None, seed=7):
    due = after_failure(
        PollState(failures=failures),
        PollRule(),
        kind=kind,
        status=status,
        retry_after=retry_after,
        now=NOON,
        rng=random.Random(seed),
    )
    return due.at - NOON


@pytest.mark.parametrize("failures", [0, 1, 5, 50, 5000])
@pytest.mark.parametrize("status", [None, 404, 500, 503, 429, 403])
def test_the_next_try_is_never_before_the_floor_and_never_after_more_than_a_day(status, failures):
    for seed in range(20):
        assert timedelta(minutes=15) <= wait(failures=failures, status=status, seed=seed) <= timedelta(hours=24)


@pytest.mark.parametrize("status", [500, 429])
def test_a_floor_above_a_day_holds_for_failures_too(status):
    rule = PollRule(floor=timedelta(days=3))
    due = after_failure(PollState(failures=9), rule, status=status, retry_after=None, now=NOON, rng=random.Random(7))
    assert timedelta(days=3) <= due.at - NOON <= timedelta(days=3.3)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_not_found_for_long_is_asked_for_once_a_day(seed):
    assert wait(failures=9, status=404, seed=seed) >= timedelta(hours=21)


def test_failures_in_a_row_stretch_the_wait():
    mean = [sum((wait(failures=n, seed=s) for s in range(99)), timedelta()) / 99 for n in range(6)]
    assert mean == sorted(mean)


@pytest.mark.fault("F22")
@pytest.mark.parametrize("kind", ["parser-died", "parser-hung"])
def test_what_kills_the_parser_is_left_alone_for_an_hour_and_then_ever_longer(kind):
    mean = [sum((wait(kind=kind, failures=n, seed=s) for s in range(99)), timedelta()) / 99 for n in range(5)]
    assert min(wait(kind=kind, seed=seed) for seed in range(99)) >= timedelta(hours=1)
    assert mean == sorted(mean)
    assert mean[-1] > timedelta(hours=5)


@pytest.mark.parametrize("status", [403, 429])
def test_an_unwelcome_client_stays_away_for_hours(status):
    assert wait(status=status) >= timedelta(hours=4)


@pytest.mark.parametrize("status", [429, 503, 403])
def test_what_the_server_asks_for_is_kept(status):
    assert wait(status=status, retry_after=timedelta(days=3)) >= timedelta(days=3)


def test_gone_is_asked_again_monthly():
    assert timedelta(days=30) <= wait(status=410) <= timedelta(days=33)


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"),
    [
        pytest.param(429, None, timedelta(hours=4), id="429 without a hint"),
        pytest.param(429, timedelta(minutes=5), timedelta(minutes=5), id="429 with one"),
        pytest.param(503, None, timedelta(minutes=15), id="503 without a hint"),
        pytest.param(503, timedelta(hours=2), timedelta(hours=2), id="503 with one"),
        pytest.param(500, None, None, id="500 speaks for one address"),
        pytest.param(None, None, None, id="no answer at all"),
    ],
)
def test_429_and_503_speak_for_the_whole_host(status, retry_after, pause):
    assert host_pause(status, retry_after) == pause


@pytest.mark.parametrize(
    ("silences", "sources", "minutes"),
    [
        pytest.param(4, 9, None, id="each source waits for itself"),
        pytest.param(5, 9, 5, id="one asks for all"),
        pytest.param(7, 9, 20, id="ever later"),
        pytest.param(9, 9, 60, id="an hour at most"),
        pytest.param(5000, 9, 60, id="for ever"),
        pytest.param(50, 1, None, id="a single source has pauses of its own"),
    ],
)
def test_a_host_that_says_nothing_is_asked_by_one_for_all(silences, sources, minutes):
    waits = [unheard(silences, sources, rng=random.Random(seed)) for seed in range(20)]
    if minutes is None:
        assert set(waits) == {None}
    else:
        assert all(1 <= wait / timedelta(minutes=minutes) <= 1.1 for wait in waits)
        assert len(set(waits)) == 20


def later(asked=None, *, retry_after=None, seed=7, **rule):
    """When a source that answers 500 on Sunday noon is tried again; floor of a quarter of a day."""
    state = PollState(rhythm=Rhythm(hints=asked or Hints()))
    rule = PollRule(**({"floor": timedelta(hours=6)} | rule))
    return after_failure(state, rule, status=500, retry_after=retry_after, now=NOON, rng=random.Random(seed)).at


@pytest.mark.parametrize("seed", range(5))
def test_a_failing_source_is_let_sleep_as_its_feed_and_its_person_want_it(seed):
    evening = Hints(skip_hours=frozenset(range(16, 23)))
    assert NOON + timedelta(hours=11) <= later(evening, seed=seed) <= NOON + timedelta(hours=11, minutes=5)
    monday = Hints(skip_days=frozenset({6, 0}))
    assert later(monday, seed=seed) >= NOON + timedelta(hours=36)
    assert later(monday, seed=seed, hints="ignore") < NOON + timedelta(hours=7)
    assert later(active=Active(start=6, end=18), seed=seed) >= NOON + timedelta(hours=18)
    assert later(evening, retry_after=timedelta(hours=5), seed=seed) >= NOON + timedelta(hours=11)


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        pytest.param(None, 1.0, id="nothing asked for"),
        pytest.param(timedelta(minutes=50), 1.0, id="less than we would wait"),
        pytest.param(timedelta(hours=3), 3.0, id="more"),
    ],
)
def test_a_redirect_may_ask_for_a_pause_before_it_leads_to_a_feed(retry_after, wait):
    due = Due(at=NOON + timedelta(hours=1), interval=timedelta(hours=1), why="its rhythm")
    put_off = heeded(due, retry_after, Hints(), PollRule(), now=NOON, rng=random.Random(7))
    assert wait <= (put_off.at - NOON) / timedelta(hours=1) <= wait * 1.1
    assert put_off.interval == due.interval
    assert ("asks to stay away" in put_off.why) == (wait > 1)
