"""Row F17, and what a watchdog is told: loops that are blocked, hang, or are well."""

from __future__ import annotations

import signal
import time

import pytest
from fault_place import TOPICS, entries, heard, metric, papers, told


def test_systemd_hears_of_the_start_a_reload_the_life_and_the_stop(place, origin):
    place.write(papers(origin, 1), TOPICS)
    with told(place.root) as (listening, environment):
        with place.start(WATCHDOG_USEC="600000", **environment) as daemon:
            daemon.wait_for(lambda: entries(daemon), "an entry")
            time.sleep(1)
            begun = heard(listening)
            assert begun[0].startswith("READY=1\nSTATUS=1 sources, 1 topics")
            assert begun.count("WATCHDOG=1") >= 2
            (place.config / "topics.yaml").write_text("topics: {")
            daemon.wait_for(lambda: daemon.told("config.refused"), "the refusal")
            time.sleep(0.5)
            refused = heard(listening)
            place.write(papers(origin, 1), TOPICS)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
            daemon.stop()
        again = [line for line in heard(listening) if line != "WATCHDOG=1"]
        assert any(line.startswith("RELOADING=1\nMONOTONIC_USEC=") for line in refused)
        assert any("topics.yaml:1:" in line for line in refused)
        assert any(line.startswith("READY=1\nSTATUS=1 sources") for line in again)
        assert again[-1].startswith("STOPPING=1")


@pytest.mark.fault("F17")
def test_a_blocked_event_loop_is_counted_and_work_goes_on(place, origin):
    place.write(papers(origin, 3, poll={"every": "2s", "under_floor": True}), TOPICS)
    with told(place.root) as (listening, environment):
        with place.start(AGGREGATOR_HANG="connected:2:3", WATCHDOG_USEC="10000000", **environment) as daemon:
            (blocked,) = daemon.wait_for(lambda: daemon.told("loop.blocked"), "the block")
            assert blocked["seconds"] >= 2
            assert metric(daemon, "loop_blocked_seconds_total") >= 2
            before = len(daemon.told("source.polled"))
            daemon.wait_for(lambda: len(daemon.told("source.polled")) >= before + 6, "more polls")
            assert len(entries(daemon)) == 3
            assert daemon.get("/healthz").status_code == 200
            assert daemon.stop() == 0
        assert "WATCHDOG=1" in heard(listening)


def test_a_verb_that_never_returns_is_seen_and_the_watchdog_hears_no_more_of_us(place, origin):
    place.write(papers(origin, 1), TOPICS)
    with told(place.root) as (listening, environment):
        hang = {"AGGREGATOR_HANG": "before-claim_due:6:60", "AGGREGATOR_STUCK_AFTER_S": "1"}
        with place.start(WATCHDOG_USEC="600000", **hang, **environment) as daemon:
            assert daemon.get("/healthz").json()["loops"]["curate"]
            daemon.wait_for(lambda: daemon.told("loop.stuck", work="poll"), "the word about it")
            heard(listening)
            probe = daemon.get("/healthz")
            assert probe.status_code == 503
            assert "poll for" in probe.json()["why"]
            assert daemon.get("/feeds/all.atom").status_code == 200  # readers have what there is
            assert metric(daemon, "loops_stuck") >= 1
            time.sleep(1.5)
            assert "WATCHDOG=1" not in heard(listening)
