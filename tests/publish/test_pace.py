"""A document says how long it keeps by how often its entries came, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from publish_making import HOUR, NOON, candidate, made

from aggregator.publish.pace import STEPS, fresh_for

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("gap", "kept"),
    [
        pytest.param(timedelta(seconds=5), 1, id="every five seconds"),
        pytest.param(4 * MINUTE, 1, id="every four minutes"),
        pytest.param(8 * MINUTE, 2, id="every eight minutes"),
        pytest.param(39 * MINUTE, 5, id="not quite ten minutes"),
        pytest.param(40 * MINUTE, 10, id="every forty minutes"),
        pytest.param(30 * HOUR, 15, id="now and then"),
    ],
)
def test_a_quarter_of_the_mean_gap_in_steps(gap, kept):
    assert fresh_for(NOON - number * gap for number in range(10)) == kept * MINUTE


@pytest.mark.parametrize("entered", [[], [NOON], [NOON, NOON, NOON]], ids=["nothing", "one", "one arrival of three"])
def test_who_is_not_known_yet_is_looked_at_soon(entered):
    assert fresh_for(entered) == STEPS[0]


def test_the_pace_is_that_of_now():
    lately = [NOON - number * 4 * MINUTE for number in range(20)]
    long_ago = [NOON - number * 100 * HOUR for number in range(1, 50)]
    assert fresh_for([*long_ago, *lately]) == MINUTE


def test_every_step_is_so_many_times_an_hour():
    assert all(HOUR % step == timedelta(0) for step in STEPS)


def test_each_artefact_of_a_publication_says_so():
    told = made([candidate(str(n), seen=NOON - n * HOUR) for n in range(3)])
    assert {one.fresh for one in told.artefacts} == {MINUTE}  # they entered together
