"""What of a poll is worth an alarm, and what is news after the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Due, PollOutcome, PollState, follows, incidents_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = PollState(document=3, last_poll_at=NOON - HOUR, last_success_at=NOON - HOUR)


def ended(state, ended="changed", **more):
    due = Due(at=NOON + HOUR, interval=HOUR, why="")
    return PollOutcome(source="mayak", at=NOON, ended=ended, state=state, due=due, took=HOUR, **more)


def failed(failures, *, since=NOON, **more):
    return ended(replace(WELL, failures=failures, problem_since=since, last_poll_at=NOON), "failed", **more)


@pytest.mark.parametrize(
    ("before", "outcome", "kinds"),
    [
        pytest.param(WELL, ended(WELL), [], id="well, as before"),
        pytest.param(WELL, failed(1, status=503), [], id="a hiccup"),
        pytest.param(WELL, failed(2, status=503), [], id="two"),
        pytest.param(WELL, failed(3, status=503), ["broke"], id="three failures in a row"),
        pytest.param(WELL, failed(1, status=410), ["gone"], id="410 at once"),
        pytest.param(WELL, failed(1, kind="challenged"), ["challenged"], id="a bot wall at once"),
        pytest.param(WELL, failed(40, since=NOON - 31 * DAY, status=404), ["dead"], id="404 for a month"),
        pytest.param(WELL, ended(replace(WELL, quiet_at=NOON - 2 * HOUR)), ["quiet"], id="silence"),
        pytest.param(replace(WELL, failures=3), ended(WELL), ["recovered"], id="well after failures"),
        pytest.param(replace(WELL, quiet_at=NOON - 2 * HOUR), ended(WELL), ["recovered"], id="news after silence"),
        pytest.param(PollState(), ended(WELL), ["recovered"], id="well at another address"),
        pytest.param(WELL, ended(replace(WELL, adopted_url="https://new.example/")), ["moved"], id="moved"),
    ],
)
def test_what_of_a_poll_may_be_told(before, outcome, kinds):
    assert [one.kind for one in incidents_of(before, outcome)] == kinds


@pytest.mark.parametrize(
    ("last", "kind", "news"),
    [
        (None, "broke", True),
        (None, "recovered", False),
        ("broke", "broke", False),
        ("gone", "broke", False),
        ("broke", "gone", True),
        ("quiet", "broke", True),
        ("broke", "recovered", True),
        ("recovered", "recovered", False),
        ("recovered", "broke", True),
        ("broke", "moved", True),
        ("refused", "refused", False),
        ("refused", "accepted", True),
        (None, "accepted", False),
    ],
)
def test_the_same_is_told_once_and_its_end_once(last, kind, news):
    assert follows(last, kind) is news
