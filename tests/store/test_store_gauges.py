"""What the store says of itself to those who watch it: the same on both engines."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from store_makers import (
    HOUR,
    LEASE,
    a_curation,
    a_source,
    an_item,
    an_outcome,
    claim,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.model import STATES, PollState
from aggregator.store import polls, sources, topics
from aggregator.store.gauges import gauges


def read(store, time):
    return store.read_now(gauges, time.now)


def test_a_fresh_store_stands_at_nothing(store, time):
    found = read(store, time)
    assert (found.sources, found.uncurated, found.dirty, found.late) == (dict.fromkeys(STATES, 0), 0, 0, timedelta(0))
    assert found.size_bytes > 4096


def test_sources_are_counted_by_the_state_that_status_shows(store, time):
    names = ("ozero", "bereg", "gone", "bad", "absent", "dead", "wall", "new", "old", "silent", "calm")
    store.write_now(polls.sync_sources, [a_source(name) for name in names], time.now)
    for name, more in (
        ("ozero", {}),
        ("bereg", {"ended": "not-modified", "status": 304}),
        ("gone", {"ended": "failed", "status": 410}),
        ("bad", {"ended": "failed", "status": None}),
        ("absent", {"ended": "failed", "status": 404, "state": failing(time, 29)}),
        ("dead", {"ended": "failed", "status": 404, "state": failing(time, 30)}),
        ("wall", {"ended": "failed", "status": 403, "kind": "challenged"}),
        ("old", {}),
        ("silent", {"ended": "not-modified", "state": answering(time, quiet_since=timedelta(hours=1))}),
        ("calm", {"ended": "not-modified", "state": answering(time, quiet_since=timedelta(hours=-1))}),
    ):
        commit(store, time, an_outcome(time.now, source=name, **more))
    store.write_now(polls.sync_sources, [a_source(name) for name in names if name != "old"], time.now)
    counted = read(store, time).sources
    assert counted == {"well": 3, "gone": 1, "dead": 1, "challenged": 1, "failing": 2, "new": 1, "quiet": 1}
    shown = Counter(row.standing for row in store.read_now(sources.every) if row.enabled)
    assert shown == counted


def answering(time, *, quiet_since):
    return PollState(last_poll_at=time.now, last_success_at=time.now, quiet_at=time.now - quiet_since)


def failing(time, days):
    return PollState(problem_since=time.now - timedelta(days=days), last_poll_at=time.now)


def test_what_waits_for_curating_and_for_publishing_is_counted(store, time):
    configured(store, time, "lake", "sea")
    one, _ = stored(store, time, an_item("1"), an_item("2"))
    before = read(store, time)
    assert before.uncurated == 2
    curate(store, time, a_curation(one, verdicts=[("lake", True)]))
    after = read(store, time)
    assert after.uncurated == 1
    assert after.dirty == len(store.read_now(topics.dirty, time.now)) >= 1


def test_lateness_is_that_of_the_source_that_waits_longest_and_nobody_holds(store, time):
    store.write_now(polls.sync_sources, [a_source("ozero"), a_source("bereg")], time.now)
    for name in ("ozero", "bereg"):
        commit(store, time, an_outcome(time.now, source=name))
    assert read(store, time).late == timedelta(0)
    time.passes(HOUR + timedelta(minutes=5))
    assert timedelta(minutes=5) <= read(store, time).late < timedelta(minutes=7)
    claim(store, time)  # whoever is being polled does not wait
    assert read(store, time).late == timedelta(0)
    time.passes(LEASE)
    assert read(store, time).late >= timedelta(minutes=7)


def test_a_host_that_wants_to_be_left_alone_makes_nobody_late(store, time):
    store.write_now(polls.sync_sources, [a_source()], time.now)
    commit(store, time, an_outcome(time.now, host_pause=3 * HOUR))
    time.passes(2 * HOUR)
    assert read(store, time).late == timedelta(0)
    time.passes(2 * HOUR)
    assert read(store, time).late >= HOUR
