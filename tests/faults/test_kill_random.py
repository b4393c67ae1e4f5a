"""kill -9 at any moment, under load: the world prints, the daemon polls every second, readers read."""

from __future__ import annotations

import pytest
from fault_postgresql import Shared

from aggregator.store import Store

slow = pytest.mark.slow


@pytest.mark.fault("F02")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kills", "seed"), [(8, 11), *(pytest.param(20, seed, marks=slow) for seed in range(12, 22))]
)  # 200 in the long form
def test_a_kill_at_any_moment_loses_nothing_and_repeats_nothing(begin, kills, seed):
    lives, number = begin(seed), 0
    while lives.kills < kills:
        number += 1
        assert number < 3 * kills, "it ends before it can be killed"
        if lives.rng.random() < 0.5:
            lives.time_passes(26 if number % 8 == 0 else 0)
        lives.dies_sometime(lives.rng.choice(["run", "run", "poll"]), longest_s=1.0)
    lives.finishes("run")


@pytest.mark.fault("F03")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=slow)])
def test_a_kill_at_any_moment_on_postgresql_loses_nothing_and_repeats_nothing(begin, postgresql_server, kills):
    name = f"killed_{kills}"
    postgresql_server.say(f"CREATE DATABASE {name}")
    Store.open(postgresql_server.url(name)).close()  # its schema is made; killing that is another test's
    lives, number = begin(41, Shared(postgresql_server, name)), 0
    while lives.kills < kills:
        number += 1
        assert number < 3 * kills, "it ends before it can be killed"
        if number == 2:  # from here on there is something to lose
            lives.finishes("run")
        elif lives.rng.random() < 0.5:
            lives.time_passes(26 if number % 8 == 0 else 0)
        lives.dies_sometime(lives.rng.choice(["run", "run", "poll"]), longest_s=1.5)
    lives.finishes("run")


@pytest.mark.fault("F01")
@slow
@pytest.mark.timeout(400)
def test_what_a_dead_daemon_claimed_is_polled_again_when_its_term_is_over(begin):
    """The one place where nobody moves the clock: a claim's term is three minutes."""
    lives = begin(21)
    lives.dies_at("run", "before-commit", 3)
    assert lives.claimed()
    lives.finishes_by_itself("run", patience_s=240)
