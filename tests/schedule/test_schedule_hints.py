"""How far publishers' wishes are followed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Hints, PollRule
from aggregator.schedule.hints import allowed, bounded

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hints", "rule", "interval", "after"),
    [
        pytest.param(Hints(), PollRule(), HOUR, HOUR, id="none"),
        pytest.param(Hints(max_age=MINUTE), PollRule(), HOUR, HOUR, id="never earlier"),
        pytest.param(Hints(max_age=3 * HOUR), PollRule(), HOUR, 3 * HOUR, id="plausible: four times our own"),
        pytest.param(Hints(ttl=2 * HOUR), PollRule(), 15 * MINUTE, 2 * HOUR, id="two hours are always plausible"),
        pytest.param(Hints(max_age=7 * DAY), PollRule(), HOUR, 6 * HOUR, id="a week from a content network: the cap"),
        pytest.param(Hints(max_age=DAY), PollRule(), 4 * HOUR, 16 * HOUR, id="the cap is no less than plausible"),
        pytest.param(Hints(max_age=DAY), PollRule(hints_cap=12 * HOUR), HOUR, 12 * HOUR, id="another cap"),
        pytest.param(Hints(max_age=9 * DAY), PollRule(hints="obey"), HOUR, 7 * DAY, id="obey: a week at most"),
        pytest.param(Hints(max_age=9 * DAY), PollRule(hints="ignore"), HOUR, HOUR, id="ignore"),
        pytest.param(Hints(max_age=HOUR, expires_in=DAY), PollRule(), MINUTE, HOUR, id="max-age above Expires"),
        pytest.param(Hints(expires_in=HOUR), PollRule(), MINUTE, HOUR, id="Expires alone"),
        pytest.param(Hints(max_age=timedelta(0), ttl=HOUR), PollRule(), MINUTE, HOUR, id="max-age=0 with a ttl"),
        pytest.param(Hints(max_age=HOUR, period=2 * HOUR), PollRule(), MINUTE, 2 * HOUR, id="the longest counts"),
        pytest.param(Hints(ttl=20 * HOUR), PollRule(ceiling=4 * HOUR), 4 * HOUR, 6 * HOUR, id="beyond a low ceiling"),
    ],
)
def test_a_hint_is_a_lower_bound_as_far_as_it_is_plausible(hints, rule, interval, after):
    assert bounded(hints, rule, interval)[0] == after


def test_the_hint_that_counted_is_named():
    assert bounded(Hints(max_age=HOUR, ttl=2 * HOUR), PollRule(), MINUTE)[1] == "ttl"
    assert bounded(Hints(ttl=MINUTE), PollRule(), HOUR)[1] == ""


@pytest.mark.parametrize(
    ("hints", "moment", "later"),
    [
        pytest.param(Hints(skip_hours=frozenset({3})), MONDAY, MONDAY, id="not now"),
        pytest.param(Hints(skip_hours=frozenset({12, 13})), MONDAY, MONDAY + 90 * MINUTE, id="two hours"),
        pytest.param(Hints(skip_hours=frozenset(range(1, 24))), MONDAY, MONDAY + 690 * MINUTE, id="all but midnight"),
        pytest.param(Hints(skip_hours=frozenset(range(24))), MONDAY, MONDAY, id="all hours are none"),
        pytest.param(Hints(skip_days=frozenset({0, 1})), MONDAY, MONDAY + 35.5 * HOUR, id="until Wednesday"),
        pytest.param(Hints(skip_days=frozenset(range(7))), MONDAY, MONDAY, id="all days are none"),
        pytest.param(
            Hints(skip_days=frozenset({0}), skip_hours=frozenset({0})), MONDAY, MONDAY + 12.5 * HOUR, id="both"
        ),
    ],
)
def test_a_poll_moves_on_to_an_hour_that_is_not_skipped(hints, moment, later):
    assert allowed(hints, PollRule(), moment)[0] == later
    assert allowed(hints, PollRule(hints="ignore"), moment)[0] == moment
