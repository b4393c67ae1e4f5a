"""When a source that answered is polled next, and why."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Active, Cron, Hints, Look, PollRule, Rhythm
from aggregator.schedule import learn, next_poll, refused, too_short

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FLOOR = timedelta(minutes=15)
SPREAD = 1.06
WATCHED = 28.0  # days


def steady(a_day: float, **more) -> Rhythm:
    """Return a source that has brought so many items a day for weeks, at every hour alike."""
    hour = a_day * WATCHED / 24
    return Rhythm(
        at=NOON,
        days=WATCHED,
        items=a_day * WATCHED,
        moments=a_day * WATCHED,
        last_item_at=NOON,
        pace=a_day,
        weekday=(hour * 5 / 7,) * 24,
        weekend=(hour * 2 / 7,) * 24,
        bytes_a_poll=30_000.0,
        **more,
    )


def due(rhythm=None, rule=None, *, source="ostro", last=NOON, now=None, seed=7, **more):
    rng = random.Random(seed)
    return next_poll(source, rhythm or Rhythm(), rule or PollRule(), last=last, now=now or last, rng=rng, **more)


@pytest.mark.parametrize(
    ("a_day", "least", "most"),
    [
        pytest.param(2000, FLOOR, FLOOR, id="a wire stays at the floor"),
        pytest.param(20, 45 * MINUTE, 75 * MINUTE, id="20 a day: about an hour"),
        pytest.param(2, 2 * HOUR, 4 * HOUR, id="2 a day: some hours"),
        pytest.param(0.2, 5 * HOUR, 11 * HOUR, id="one in five days: some times a day"),
        pytest.param(0.001, 18 * HOUR, DAY, id="nothing in a month: about the ceiling"),
    ],
)
def test_the_interval_follows_the_rate(a_day, least, most):
    assert least <= due(steady(a_day)).interval <= most


@pytest.mark.parametrize(
    ("rule", "factor"),
    [
        pytest.param(PollRule(eager=4), 0.5, id="eager: 4 polls twice as often"),
        pytest.param(PollRule(eager=0.25), 2, id="eager: 0.25 half as often"),
        pytest.param(PollRule(weight=4), 0.5, id="a breaking source twice as often"),
    ],
)
def test_one_knob_and_the_weight_scale_the_interval(rule, factor):
    assert due(steady(10), rule).interval / due(steady(10)).interval == pytest.approx(factor, rel=0.02)


def test_a_dear_host_and_a_dear_document_are_polled_less():
    plain = due(steady(10)).interval
    assert due(steady(10), mu=4).interval / plain == pytest.approx(2, rel=0.02)
    assert due(replace(steady(10), bytes_a_poll=500_000.0)).interval > 2 * plain


def test_the_busy_hours_are_polled_more_than_the_night():
    day = tuple(20.0 if 6 <= hour < 20 else 0.2 for hour in range(24))
    rhythm = replace(steady(20), weekday=day)
    assert due(rhythm, last=NOON).interval < due(rhythm, last=NOON + 9 * HOUR).interval / 2


def test_a_first_contact_without_dates_is_polled_as_the_fleet_is():
    assert due(Rhythm(), fleet_rate=100).interval < due(Rhythm(), fleet_rate=1).interval
    assert "not known yet" in due(Rhythm()).why


def test_a_document_that_is_replaced_fast_is_polled_before_that():
    rhythm = replace(steady(5), turnover=HOUR)
    assert due(rhythm).interval == 30 * MINUTE
    assert "replaced within 1 h" in due(rhythm).why
    assert too_short(rhythm, PollRule()) is None


def test_a_document_too_short_for_the_floor_is_proposed_to_the_person_and_not_polled_faster():
    rhythm = replace(steady(500), turnover=10 * MINUTE)
    assert due(rhythm).interval == FLOOR
    assert too_short(rhythm, PollRule()) == 5 * MINUTE
    assert too_short(rhythm, PollRule(every=5 * MINUTE, under_floor=True)) is None


def test_a_gap_halves_the_interval_but_not_below_the_floor():
    assert due(replace(steady(5), gap=True)).interval == pytest.approx(due(steady(5)).interval / 2, rel=0.01)
    assert due(replace(steady(500), gap=True)).interval == FLOOR


def test_after_refusals_a_source_is_come_back_to_step_by_step():
    rhythm, waits = refused(steady(100), 8 * HOUR), []
    for n in range(8):
        rhythm = learn(rhythm, Look(), NOON + n * MINUTE)
        waits.append(due(rhythm).interval)
    assert waits[:3] == [4 * HOUR, 2 * HOUR, HOUR]
    assert waits[-1] < HOUR


def test_refusals_hold_what_is_configured_too():
    rhythm = refused(steady(100), 8 * HOUR)
    assert due(rhythm, PollRule(every=20 * MINUTE)).at - NOON >= 8 * HOUR


def test_ninety_days_without_news_lead_to_the_ceiling_and_never_beyond():
    rhythm, now, waits = steady(5), NOON, []
    while now < NOON + 90 * DAY:
        rhythm = learn(rhythm, Look(bytes_read=300), now)
        found = due(rhythm, last=now)
        waits.append(found.at - now)
        now = found.at
    assert max(waits) <= DAY
    assert min(waits) >= FLOOR
    assert waits[-1] >= 0.9 * DAY
    assert len(waits) < 300


def test_the_reason_is_a_sentence_and_every_term_has_a_name():
    found = due(steady(20))
    assert found.why.startswith("every ")
    assert "it brings about 20 items a day" in found.why
    named = {
        "rate_per_day",
        "due_items",
        "burst",
        "kappa_min",
        "weight",
        "cost",
        "mu",
        "wanted_s",
        "interval_s",
        "wait_s",
    }
    assert named <= set(found.terms)


@pytest.mark.parametrize("seed", range(20))
def test_chance_only_delays(seed):
    assert due(steady(5)).interval <= due(steady(5), seed=seed).at - NOON <= due(steady(5)).interval * SPREAD


def test_a_decision_made_late_is_never_in_the_past():
    assert due(steady(500), last=NOON, now=NOON + 5 * HOUR).at == NOON + 5 * HOUR


hours = st.floats(0.01, 400).map(lambda n: timedelta(hours=n))
spans = st.none() | hours
hints = st.builds(Hints, max_age=spans, expires_in=spans, ttl=spans, period=spans)
rhythms = st.builds(
    Rhythm,
    at=st.just(NOON),
    days=st.floats(0, 14),
    items=st.floats(0, 5000),
    moments=st.floats(0, 5000),
    weekday=st.lists(st.floats(0, 300), min_size=24, max_size=24).map(tuple),
    weekend=st.lists(st.floats(0, 300), min_size=24, max_size=24).map(tuple),
    burst=st.floats(1, 8),
    burst_at=st.just(NOON),
    turnover=spans,
    bytes_a_poll=st.none() | st.floats(0, 1e8),
    gap=st.booleans(),
    hints=hints,
)
rules = st.builds(
    PollRule,
    every=spans,
    floor=st.floats(0.05, 48).map(lambda n: timedelta(hours=n)),
    ceiling=st.floats(1, 48).map(lambda n: timedelta(hours=n)),
    eager=st.floats(0.25, 4),
    weight=st.floats(0.1, 10),
    hints=st.sampled_from(["obey", "cap", "ignore"]),
)


@settings(max_examples=300)
@given(rhythm=rhythms, rule=rules, seed=st.integers(0, 99), mu=st.floats(1, 4096))
def test_no_decision_is_under_the_floor_or_beyond_what_person_and_publisher_set(rhythm, rule, seed, mu):
    wait = due(rhythm, rule, seed=seed, mu=mu).at - NOON
    assert wait >= rule.floor - timedelta(microseconds=1)
    own = max(rule.ceiling, rule.floor, rule.every or rule.floor)
    asked = max(
        h or timedelta(0)
        for h in (rhythm.hints.max_age, rhythm.hints.expires_in, rhythm.hints.ttl, rhythm.hints.period)
    )
    cap = {"ignore": timedelta(0), "cap": rule.hints_cap, "obey": 7 * DAY}[rule.hints]
    assert wait <= max(own, min(asked, cap)) * 1.11


@settings(max_examples=50)
@given(
    rhythm=rhythms,
    start=st.integers(0, 23),
    length=st.integers(1, 23),
    skipped=st.frozensets(st.integers(0, 23), max_size=20),
    cron=st.sampled_from([None, Cron(text="*/20 * * * *"), Cron(text="30 2 * * *", zone="Europe/Kyiv")]),
)
def test_no_poll_is_ever_outside_the_active_hours(rhythm, start, length, skipped, cron):
    end = (start + length) % 24 or 24
    rule = PollRule(cron=cron, active=Active(start=start, end=end, zone="Europe/Kyiv"))
    found = due(replace(rhythm, hints=Hints(skip_hours=skipped)), rule).at
    from zoneinfo import ZoneInfo

    local = found.astimezone(ZoneInfo("Europe/Kyiv")).hour
    assert (start <= local < end) if start < end else (local >= start or local < end)


def test_fixed_sources_keep_their_interval_and_come_to_different_phases():
    rule, minutes = PollRule(every=20 * MINUTE), set()
    for n in range(60):
        at, moments = NOON, []
        for _ in range(30):
            at = due(rule=rule, source=f"s{n}", last=at).at + timedelta(seconds=0.4)
            moments.append(at)
        assert all(timedelta(minutes=20) <= b - a <= timedelta(minutes=22, seconds=1) for a, b in pairwise(moments))
        minutes.add(moments[-1].minute % 20)
    assert len(minutes) > 12
