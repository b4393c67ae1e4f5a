"""kill -9 at any moment, under load: the world prints, the daemon polls every second, readers read."""

from __future__ import annotations

import pytest

slow = pytest.mark.slow


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [11, *(pytest.param(seed, marks=slow) for seed in range(12, 19))])
def test_a_kill_at_any_moment_loses_nothing_and_repeats_nothing(begin, seed):
    lives = begin(seed)
    kills, number = 17, 0
    while lives.kills < kills:
        number += 1
        assert number < 3 * kills, "it ends before it can be killed"
        if lives.rng.random() < 0.5:
            lives.time_passes(26 if number % 8 == 0 else 0)
        lives.dies_sometime(lives.rng.choice(["run", "run", "poll"]), longest_s=1.0)
    lives.finishes("run")


@slow
@pytest.mark.timeout(400)
def test_what_a_dead_daemon_claimed_is_polled_again_when_its_term_is_over(begin):
    """The one place where nobody moves the clock: a claim's term is three minutes."""
    lives = begin(21)
    lives.dies_at("run", "before-commit", 3)
    assert lives.claimed()
    lives.finishes_by_itself("run", patience_s=240)
