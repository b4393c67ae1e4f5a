"""A permanent redirect is adopted after proof, and never to a worse place (P16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.moves import moved
from aggregator.model import Hop, PollState

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OLD, NEW = "https://old.example/feed", "https://new.example/feed"


def after(*polls, asked=OLD):
    """Return the state after polls, each (hours since noon, hops)."""
    state = PollState()
    for hours, hops in polls:
        state = moved(
            state, asked, [Hop(status=status, url=url) for status, url in hops], NOON + timedelta(hours=hours)
        )
    return state


@pytest.mark.parametrize("status", [301, 308])
def test_three_in_a_row_over_a_day_are_proof(status):
    assert after(*[(hours, [(status, NEW)]) for hours in (0, 12, 24)]).adopted_url == NEW


@pytest.mark.parametrize(
    "polls",
    [
        pytest.param([(0, [(301, NEW)]), (48, [(301, NEW)])], id="twice is not three times"),
        pytest.param([(h, [(301, NEW)]) for h in (0, 1, 2, 3)], id="four times within three hours"),
        pytest.param([(h, [(302, NEW)]) for h in (0, 24, 48)], id="302 is temporary"),
        pytest.param([(h, [(307, NEW)]) for h in (0, 24, 48)], id="307 is temporary"),
        pytest.param(
            [(0, [(301, NEW)]), (12, []), (24, [(301, NEW)]), (36, [(301, NEW)])], id="broken by a direct answer"
        ),
        pytest.param([(0, [(301, NEW)]), (24, [(301, OLD + "2")]), (48, [(301, NEW)])], id="each time elsewhere"),
        pytest.param([(h, [(301, "http://old.example/feed")]) for h in (0, 24, 48)], id="from https down to http"),
        pytest.param([(h, [(301, OLD)]) for h in (0, 24, 48)], id="to itself"),
    ],
)
def test_anything_less_is_none(polls):
    assert after(*polls).adopted_url is None


def test_only_the_permanent_beginning_of_a_chain_is_adopted():
    chain = [(301, NEW), (302, "https://cdn.example/today"), (301, "https://cdn.example/tomorrow")]
    assert after(*[(hours, chain) for hours in (0, 12, 24)]).adopted_url == NEW


def test_a_chain_of_permanent_ones_is_followed_to_its_end():
    chain = [(301, "https://mid.example/feed"), (308, NEW)]
    assert after(*[(hours, chain) for hours in (0, 12, 24)]).adopted_url == NEW
