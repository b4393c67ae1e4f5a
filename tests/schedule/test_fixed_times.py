"""Cron lines, and the hours of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Active, Cron, PollRule, cron
from aggregator.schedule import fixed

KYIV = "Europe/Kyiv"


def local(text: str, zone: str = KYIV) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "after", "found"),
    [
        pytest.param("*/20 * * * *", "2026-03-02T12:05", "2026-03-02T12:20", id="every 20 minutes"),
        pytest.param("0 6 * * *", "2026-03-02T06:00", "2026-03-03T06:00", id="strictly after"),
        pytest.param("30 6-8 * * mon-fri", "2026-03-06T08:30", "2026-03-09T06:30", id="working days"),
        pytest.param("0 9 * * 0", "2026-03-02T12:00", "2026-03-08T09:00", id="0 is Sunday"),
        pytest.param("0 9 * * 7", "2026-03-02T12:00", "2026-03-08T09:00", id="and so is 7"),
        pytest.param("0 9 * * 1", "2026-03-02T12:00", "2026-03-09T09:00", id="1 is Monday"),
        pytest.param("0 9 13 * fri", "2026-03-01T00:00", "2026-03-06T09:00", id="the 13th or a Friday"),
        pytest.param("0 0 29 feb *", "2026-03-01T00:00", "2028-02-29T00:00", id="a leap day"),
        pytest.param("0 0 1 1 *", "2026-03-01T00:00", "2027-01-01T00:00", id="New Year"),
        pytest.param("10-30/10,45 5 * * *", "2026-03-02T05:30", "2026-03-02T05:45", id="steps and lists"),
        # Kyiv puts its clocks forward on 2026-03-29 at 03:00, and back on 2026-10-25 at 04:00
        pytest.param("30 3 * * *", "2026-03-28T12:00", "2026-03-29T04:30", id="a time that is jumped over"),
        pytest.param("30 3 * * *", "2026-03-29T05:00", "2026-03-30T03:30", id="and the day after"),
        pytest.param("0 6 * * *", "2026-03-28T12:00", "2026-03-29T06:00", id="the wall clock counts"),
    ],
)
def test_a_cron_line_names_the_next_moment(text, after, found):
    assert cron.following(Cron(text=text, zone=KYIV), local(after)) == local(found)


def test_an_hour_that_comes_twice_is_named_once_and_every_hour_in_both():
    night = local("2026-10-25T02:50")
    once = cron.following(Cron(text="30 3 * * *", zone=KYIV), night)
    assert cron.following(Cron(text="30 3 * * *", zone=KYIV), once) == local("2026-10-26T03:30")
    moments, at = [], night
    for _ in range(7):
        at = cron.following(Cron(text="*/20 * * * *", zone=KYIV), at)
        moments.append(at)
    assert [b - a for a, b in pairwise(moments)] == [timedelta(minutes=20)] * 6


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("* * * *", "4 fields, not 5", id="too few"),
        pytest.param("60 * * * *", "^minute is not within", id="too much"),
        pytest.param("* * 0 * *", "^day of month is not within", id="too little"),
        pytest.param("* 9-6 * * *", "^hour is not within", id="backwards"),
        pytest.param("*/0 * * * *", "^minute is not within", id="no step"),
        pytest.param("*/x * * * *", "^minute is not within", id="a step of words"),
        pytest.param("* * * foo *", "^month is not within", id="no such month"),
        pytest.param("-5 * * * *", "^minute is not within", id="negative"),
        pytest.param("0 0 31 2 *", "never comes", id="never"),
    ],
)
def test_what_is_wrong_with_a_cron_line_is_said(text, problem):
    with pytest.raises(ValueError, match=problem):
        cron.following(Cron(text=text), local("2026-03-02T12:00"))


fields = st.tuples(
    st.sampled_from(["*", "0", "*/15", "7,22", "10-40/7"]),
    st.sampled_from(["*", "0", "6-22", "*/5", "12,13"]),
    st.sampled_from(["*", "1", "10-20", "28"]),
    st.sampled_from(["*", "2", "3,10", "jan-jun"]),
)


@settings(max_examples=40)
@given(fields, st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001 - made aware below
def test_it_names_the_moments_that_apscheduler_names(parts, moment):
    text, after = " ".join((*parts, "*")), moment.replace(tzinfo=UTC, second=0, microsecond=0)
    theirs = CronTrigger.from_crontab(text, timezone="UTC").get_next_fire_time(None, after + timedelta(seconds=1))
    assert cron.following(Cron(text=text), after) == theirs


@pytest.mark.parametrize(
    ("active", "moment", "later"),
    [
        pytest.param(Active(start=6, end=24, zone=KYIV), "2026-03-02T12:00", "2026-03-02T12:00", id="within"),
        pytest.param(Active(start=6, end=24, zone=KYIV), "2026-03-02T03:00", "2026-03-02T06:00", id="before"),
        pytest.param(Active(start=6, end=20, zone=KYIV), "2026-03-02T20:00", "2026-03-03T06:00", id="after"),
        pytest.param(Active(start=22, end=6, zone=KYIV), "2026-03-02T23:30", "2026-03-02T23:30", id="over midnight"),
        pytest.param(Active(start=22, end=6, zone=KYIV), "2026-03-02T12:00", "2026-03-02T22:00", id="by day"),
        pytest.param(Active(start=6, end=24, zone=KYIV), "2026-03-29T02:00", "2026-03-29T06:00", id="a short night"),
        pytest.param(Active(start=6, end=24, zone=KYIV), "2026-10-25T02:00", "2026-10-25T06:00", id="a long night"),
    ],
)
def test_a_poll_waits_for_the_active_hours(active, moment, later):
    assert fixed.awake(active, local(moment), 0.0) == local(later)


def test_those_who_wait_for_the_same_hour_do_not_come_at_once():
    moments = {fixed.awake(Active(start=6, end=24), local("2026-03-02T03:00"), fixed.phase(f"s{n}")) for n in range(20)}
    assert len(moments) == 20
    assert max(moments) - min(moments) < timedelta(minutes=5)


def test_a_cron_line_faster_than_the_floor_keeps_the_floor_unless_agreed():
    last, line = local("2026-03-02T12:00"), Cron(text="*/5 * * * *", zone=KYIV)
    assert fixed.after_cron(PollRule(cron=line), line, 0.5, last) >= last + timedelta(minutes=15)
    agreed = PollRule(cron=line, under_floor=True)
    assert fixed.after_cron(agreed, line, 0.5, last) == last + timedelta(minutes=7, seconds=30)
