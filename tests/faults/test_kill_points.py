"""kill -9 at every named point: the next start goes on as if nothing had been."""

from __future__ import annotations

import pytest

# Each point, in the words of reliability.md, and how often every life surely passes it.
POINTS = {
    "in-upgrade": 1,  # the schema is made, or looked at
    "in-sync_sources": 1,  # the configuration is being taken over
    "after-sync_topics": 1,
    "after-claim_due": 2,  # claimed
    "connected": 8,  # the head of an answer is there
    "body-read": 4,
    "before-known": 4,  # parsed
    "before-commit": 6,  # compared: all of a poll is known, nothing is written
    "in-commit": 6,  # all of it is written, the transaction is open
    "after-commit": 6,  # stored, and nobody told
    "before-commit_curated": 1,
    "in-commit_curated": 1,
    "after-commit_curated": 1,
    "before-publish": 2,  # rendered
    "in-publish": 3,  # ledger and documents are written, the transaction is open
    "after-publish": 2,  # delivered, but readers are still given the former bytes
    "in-index": 1,  # what searches ask is written, the transaction is open
    "after-index": 1,
}
slow = pytest.mark.slow


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=slow) for seed in range(2, 6))])
@pytest.mark.parametrize("verb", ["poll", "run"])
def test_a_kill_at_any_named_point_loses_nothing_and_repeats_nothing(begin, verb, seed):
    lives = begin(seed)
    for number, point in enumerate(["in-upgrade", *lives.rng.sample(list(POINTS), len(POINTS))]):
        if number == 4:  # so far nothing may ever have been published; from here on there is something to lose
            lives.finishes(verb)
        elif lives.rng.random() < 0.7:  # else the dead one's claims still stand when the next one starts
            lives.time_passes(26 if number == 8 else 0)
        if not lives.dies_at(verb, point, lives.rng.randint(1, POINTS[point])):
            lives.time_passes(0)
            assert lives.dies_at(verb, point, 1), point
    assert lives.kills >= len(POINTS)
    lives.finishes(verb)
