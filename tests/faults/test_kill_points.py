"""kill -9 at every named point: the next start goes on as if nothing had been."""

from __future__ import annotations

import pytest

# Each point, in the words of reliability.md, and how often every life surely passes it. Those on the way to hubs stand
# in acceptance/test_own_hub.py and test_pushed.py.
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
SOME = ("in-commit", "after-commit", "in-publish")
slow = pytest.mark.slow


@pytest.mark.fault("F01")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("verb", "points", "seed"),
    [
        pytest.param("run", tuple(POINTS), 1, id="run"),
        pytest.param("poll", SOME, 1, id="poll, some of them"),
        *(pytest.param("run", tuple(POINTS), n, marks=slow, id=f"run-{n}") for n in range(2, 6)),
        *(pytest.param("poll", tuple(POINTS), n, marks=slow, id=f"poll-{n}") for n in range(1, 6)),
    ],
)
def test_a_kill_at_any_named_point_loses_nothing_and_repeats_nothing(begin, verb, points, seed):
    lives = begin(seed)
    for number, point in enumerate(["in-upgrade", *lives.rng.sample(points, len(points))]):
        if number == 4:  # so far nothing may ever have been published; from here on there is something to lose
            lives.finishes(verb)
        elif lives.rng.random() < 0.7:  # else the dead one's claims still stand when the next one starts
            lives.time_passes(26 if number == 8 else 0)
        if not lives.dies_at(verb, point, lives.rng.randint(1, POINTS[point])):
            lives.time_passes(0)
            assert lives.dies_at(verb, point, 1), point
    assert lives.kills >= len(points)
    lives.finishes(verb)
