"""Which loops are stuck, and whether clocks agree: by a clock that the test turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.oversight import Pulse
from aggregator.oversight.pulse import COMMANDED, MISSED, STUCK_AFTER_S, Clocks


class Turned:
    """A clock that stands until it is turned, and a wall clock beside it that may be set."""

    def __init__(self) -> None:
        self.seconds, self.wall = 100.0, datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> float:
        return self.seconds

    def on(self, seconds: float, jump: float = 0.0) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds + jump)


@pytest.fixture
def clock():
    return Turned()


@pytest.fixture
def pulse(clock):
    pulse = Pulse({"poll": 1, "house": 600, "reload": None, "index": 30}, clock)
    for loop in ("poll", "house", "reload"):
        pulse.enter(loop)
    return pulse


def rounds(pulse, *loops):
    for loop in loops:
        pulse.begin(loop)
        pulse.end(loop)


def test_who_makes_its_rounds_is_not_stuck(pulse, clock):
    for _ in range(2000):
        clock.on(1)
        rounds(pulse, "poll")
        assert pulse.stuck() == {}
        if clock.seconds % 600 == 0:
            rounds(pulse, "house")


def test_a_round_that_does_not_end_is_stuck_and_one_that_comes_forward_is_not(pulse, clock):
    pulse.begin("poll")
    clock.on(STUCK_AFTER_S)
    assert pulse.stuck() == {}
    pulse.step("poll")
    clock.on(STUCK_AFTER_S)
    assert pulse.stuck() == {}
    clock.on(1)
    assert pulse.stuck() == {"poll": STUCK_AFTER_S + 1}
    assert pulse.told()["poll"] == {"works_s": 2 * STUCK_AFTER_S + 1}
    pulse.end("poll")
    assert pulse.stuck() == {}


def test_a_loop_that_nobody_wakes_is_stuck_and_one_without_ticks_is_not(pulse, clock):
    clock.on(MISSED + 1)
    assert pulse.stuck() == {"poll": MISSED + 1}
    assert pulse.told()["reload"] == {"rested_s": MISSED + 1}


def test_a_loop_that_does_not_run_here_is_not_awaited(pulse, clock):
    clock.on(10 * STUCK_AFTER_S)
    assert "index" not in pulse.stuck()


def test_who_waits_for_a_command_of_a_person_has_more_time(pulse, clock):
    pulse.begin("reload")
    pulse.commands += 1
    clock.on(STUCK_AFTER_S * COMMANDED)
    assert "reload" not in pulse.stuck()
    clock.on(1)
    assert "reload" in pulse.stuck()


@pytest.mark.parametrize(
    ("passed", "jump", "late", "jumped"),
    [
        pytest.param(1.0, 0, 0, 0, id="in time"),
        pytest.param(1.2, 0, 0, 0, id="a little late"),
        pytest.param(4.0, 0, 3, 0, id="blocked for 3 s"),
        pytest.param(1.0, 5, 0, 0, id="corrected"),
        pytest.param(1.0, 3600, 0, 3600, id="an hour ahead, or asleep"),
        pytest.param(1.0, -3600, 0, -3600, id="an hour back"),
        pytest.param(3.0, -31536000, 2, -31536000, id="a year back, and late"),
    ],
)
def test_clocks_that_part_are_seen(clock, passed, jump, late, jumped):
    clocks = Clocks(lambda: clock.wall, clock)
    clock.on(passed, jump)
    assert clocks.look(1.0) == (late, timedelta(seconds=jumped))
    clock.on(1.0)
    assert clocks.look(1.0) == (0, timedelta(0))
