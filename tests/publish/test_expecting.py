"""Whether a topic has as many entries as a person expects, and when to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from publish_making import DAY, HOUR, NOON

from aggregator.model import Expect, Rate
from aggregator.publish.expecting import alarmed, expected

LONG_AGO = NOON - 30 * DAY
DAILY = Expect(min=Rate(number=2, per=DAY))
QUIET = Expect(max=Rate(number=2, per=HOUR))


def ago(*hours):
    return [NOON - timedelta(hours=one) for one in hours]


@pytest.mark.parametrize(
    ("expect", "entered", "since", "flaw", "due_at"),
    [
        pytest.param(Expect(), ago(1), LONG_AGO, "", None, id="nothing is expected"),
        pytest.param(DAILY, ago(1, 5, 50), LONG_AGO, "", NOON + 19 * HOUR, id="enough: until the second is a day old"),
        pytest.param(
            DAILY,
            ago(1, 24),
            LONG_AGO,
            "too_few: 1 entries entered within 24 h, at least 2 are expected",
            None,
            id="one",
        ),
        pytest.param(
            DAILY, [], LONG_AGO, "too_few: 0 entries entered within 24 h, at least 2 are expected", None, id="none"
        ),
        pytest.param(DAILY, [], NOON - HOUR, "", NOON + 23 * HOUR, id="a topic of an hour has a day's time"),
        pytest.param(DAILY, ago(1), NOON - 9 * HOUR, "", NOON + 15 * HOUR, id="so has one with an entry"),
        pytest.param(Expect(min=Rate(number=0, per=DAY)), [], LONG_AGO, "", None, id="at least none"),
        pytest.param(QUIET, ago(0, 0.5, 2), LONG_AGO, "", None, id="as many as may be"),
        pytest.param(
            QUIET,
            ago(0, 0.25, 0.5),
            LONG_AGO,
            "too_many: more than 2 entries entered within 1 h",
            NOON + HOUR / 2,
            id="too many, until the third is an hour old",
        ),
        pytest.param(QUIET, ago(0, 0.5, 1), LONG_AGO, "", None, id="the third has just become so old"),
        pytest.param(
            Expect(max=Rate(number=0, per=HOUR)),
            ago(0.5),
            LONG_AGO,
            "too_many: more than 0 entries entered within 1 h",
            NOON + HOUR / 2,
            id="none at all",
        ),
        pytest.param(
            Expect(min=DAILY.min, max=QUIET.max),
            ago(0, 0, 0),
            LONG_AGO,
            "too_many: more than 2 entries entered within 1 h",
            NOON + HOUR,
            id="what comes first",
        ),
    ],
)
def test_a_topic_is_held_against_what_is_expected_of_it(expect, entered, since, flaw, due_at):
    alarm = expected(expect, entered, since=since, now=NOON)
    assert (alarm.flaw, alarm.due_at) == (flaw, due_at)
    assert alarmed(alarm.flaw) == bool(flaw)


def test_nothing_is_to_be_looked_at_at_a_time_that_is_over():
    for hours in range(60):
        now = NOON + timedelta(hours=hours)
        for expect in (DAILY, QUIET):
            due_at = expected(expect, ago(0, 0, 0), since=LONG_AGO, now=now).due_at
            assert due_at is None or due_at > now


def test_other_flaws_of_a_topic_are_no_alarm():
    assert not alarmed("window_short: 9 entries of the last 3 h fill 2 MB; the topic asks for 50 entries and 24 h")
    assert alarmed("too_few: 0 entries; window_short: 9 entries")
