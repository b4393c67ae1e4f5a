"""What a host bears, and how the many that were overdue come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.schedule import budget, forgiven, host_price, punished, spread

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_host_within_its_budget_costs_nothing_more():
    assert host_price([HOUR] * 59) == 1
    assert host_price([]) == 1


def test_beyond_it_a_round_of_all_sources_brings_the_price_to_the_square_of_the_excess_where_it_stays():
    price = a_round([15 * MINUTE] * 45)
    assert price == pytest.approx(9)
    slowed = [15 * MINUTE * price**0.5] * 45  # intervals grow by the square root
    assert a_round(slowed, price) == pytest.approx(9)
    assert a_round(slowed[:15], price) == pytest.approx(1)


@pytest.mark.parametrize(
    ("gap", "requests"), [(timedelta(0), 60), (timedelta(seconds=2), 60), (MINUTE, 30), (5 * MINUTE, 6)]
)
def test_a_host_that_is_left_alone_for_long_bears_half_of_what_its_gap_lets_through(gap, requests):
    assert budget(gap) == requests


def a_round(intervals, price=1.0):
    """Return the price after a poll of each source, before the intervals have followed."""
    for _ in intervals:
        price = host_price(intervals, before=price)
    return price


def test_a_429_doubles_the_penalty_and_a_quiet_day_halves_it():
    assert punished(punished(1.0)) == 4
    assert forgiven(4.0, DAY) == 2
    assert forgiven(4.0, 9 * DAY) == 1


def test_a_thousand_overdue_sources_come_over_at_least_ten_minutes():
    moments = spread([f"s{n}" for n in range(1000)], NOON)
    assert len(set(moments.values())) == 1000
    assert min(moments.values()) >= NOON
    assert max(moments.values()) - NOON >= 10 * MINUTE
    per_minute = [sum(1 for m in moments.values() if (m - NOON) // MINUTE == n) for n in range(11)]
    assert max(per_minute) < 100


def test_the_order_is_the_same_every_time_and_few_do_not_wait_long():
    ids = [f"s{n}" for n in range(30)]
    assert spread(ids, NOON) == spread(reversed(ids), NOON)
    assert max(spread(ids, NOON).values()) - NOON < MINUTE
    assert max(spread([f"s{n}" for n in range(50_000)], NOON).values()) - NOON <= HOUR
