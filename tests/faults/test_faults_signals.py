"""Row F30: signals, at the worst moments."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time

import pytest
from fault_place import TOPICS, papers


def hanging(origin, number):
    """Return the configuration of so many sources that never answer."""

    async def silence(_request, _reader, _writer):
        await asyncio.sleep(300)

    return {f"h{n}": {"url": origin.behave(f"/h{n}", silence, host=f"127.0.3.{n + 1}")} for n in range(number)}


def claimed(place):
    with sqlite3.connect(place.database) as raw:
        (number,) = raw.execute("SELECT count(*) FROM source_state WHERE lease_until IS NOT NULL").fetchone()
    raw.close()
    return number


@pytest.mark.fault("F30")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_with_fifty_requests_under_way_takes_ten_seconds_and_gives_every_claim_back(place, origin, number):
    place.write(hanging(origin, 50), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(origin.requests) >= 50, "fifty requests")
        assert claimed(place) == 50
        began = time.monotonic()
        assert daemon.stop(number) == 0
        assert time.monotonic() - began < 12  # ten, and a busy machine
        (stopping,) = daemon.told("daemon.stopping")
        assert stopping["polls_in_hand"] == 50
    assert claimed(place) == 0
    assert {row["state"] for row in place.json("status")} == {"new"}  # given back, not failed


@pytest.mark.fault("F30")
def test_a_second_signal_does_not_wait_and_the_next_start_is_whole(place, origin):
    place.write(hanging(origin, 20), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(origin.requests) >= 20, "the requests")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_for(lambda: daemon.told("daemon.stopping"), "the stop to begin")
        began = time.monotonic()
        assert daemon.stop() == 1
        assert time.monotonic() - began < 3
    place.write(papers(origin, 1), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: daemon.told("source.polled"), "a poll")
        assert daemon.stop() == 0


@pytest.mark.fault("F30")
@pytest.mark.parametrize("after_s", [0.1, 0.6, 1.1, 1.6])
def test_no_moment_of_the_start_is_a_bad_one_for_sighup(place, origin, after_s):
    place.write(papers(origin, 2), TOPICS)
    with place.begin() as daemon:
        time.sleep(after_s)  # whichever moment that is on this machine: each must do
        ready = bool(daemon.talk)
        daemon.process.send_signal(signal.SIGHUP)
        if not ready and daemon.process.poll() is None:
            time.sleep(0.3)
        if daemon.process.poll() is not None:  # Python itself had not begun
            assert daemon.process.returncode == -signal.SIGHUP
            assert not place.database.exists()
            return
        daemon.wait_until_ready()
        daemon.wait_for(lambda: len(daemon.told("source.polled")) == 2, "two polls")
        assert daemon.stop() == 0
        assert not daemon.told("work.crashed")
