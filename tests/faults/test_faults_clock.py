"""Rows F16 and F42: the wall clock jumps, or is in 1970, and the list of certificate authorities is missing."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
import trustme
from fault_place import TOPICS, entries, metric, papers
from hostile import server

from aggregator.lab.origin import Origin

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
NEEDS_FAKETIME = pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
EVERY_S = 4
STALL_S = 60


class Wall:
    """The wall clock of a process, to be set while it runs. What only goes forward goes on as it does."""

    def __init__(self, root: Path) -> None:
        self.file = root / "offset"
        self.set("+0")
        self.environment = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, to: str) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(to)
        new.rename(self.file)


def asked_since(origin, moment):
    """Return the moments, by the test's own clock, at which each source was asked since."""
    times = defaultdict(list)
    for request in list(origin.requests):
        if request.at.timestamp() > moment:
            times[request.target].append(request.at.timestamp())
    return times


@NEEDS_FAKETIME
@pytest.mark.fault("F16")
@pytest.mark.parametrize(
    ("jump", "seconds"),
    [
        pytest.param("-1h", -3600, id="an hour back"),
        pytest.param("+1y", 31_536_000, id="a year ahead", marks=pytest.mark.slow),
        pytest.param("-1y", -31_536_000, id="a year back", marks=pytest.mark.slow),
        pytest.param("+1h", 3600, id="an hour ahead", marks=pytest.mark.slow),
        pytest.param("+8h", 28_800, id="eight hours of sleep", marks=pytest.mark.slow),
    ],
)
def test_a_jump_of_the_clock_stalls_nothing_and_starts_no_storm(place, origin, jump, seconds):
    wall = Wall(place.root)
    place.env = {}
    place.write(papers(origin, 5, poll={"every": f"{EVERY_S}s", "under_floor": True}), TOPICS)
    with place.start(**wall.environment) as daemon:
        daemon.wait_for(lambda: len(entries(daemon)) == 5, "five entries")
        daemon.wait_for(lambda: len(daemon.told("source.polled")) >= 10, "a second round")
        wall.set(jump)
        moment = time.time()
        daemon.wait_for(lambda: len(asked_since(origin, moment)) == 5, "every source to be asked again", STALL_S)
        (jumped,) = daemon.wait_for(lambda: daemon.told("clock.jumped"), "the word about it")
        assert abs(jumped["by_s"] - seconds) < 100
        assert metric(daemon, "clock_jumps_total") == 1
        daemon.wait_for(lambda: min(map(len, asked_since(origin, moment).values())) >= 3, "more rounds", STALL_S)
        for times in asked_since(origin, moment).values():
            pauses = [later - earlier for earlier, later in pairwise(times)]
            assert min(pauses) > EVERY_S / 2
        assert len(entries(daemon)) >= (5 if seconds < STALL_S * 60 * 24 else 0)
        assert daemon.get("/healthz").status_code == 200
        assert not daemon.told("work.crashed")
        assert daemon.stop() == 0


@NEEDS_FAKETIME
@pytest.mark.fault("F16")
def test_a_start_after_the_clock_was_set_back_waits_no_year(place, origin):
    wall = Wall(place.root)
    place.write(papers(origin, 3, poll={"every": f"{EVERY_S}s", "under_floor": True}), TOPICS)
    wall.set("+1y")
    with place.start(**wall.environment) as daemon:
        daemon.wait_for(lambda: len(daemon.told("source.polled")) >= 3, "three polls a year ahead")
        daemon.process.kill()
    wall.set("+0")
    moment = time.time()
    with place.start(**wall.environment) as daemon:
        daemon.wait_for(lambda: len(asked_since(origin, moment)) == 3, "every source to be asked again", STALL_S)
        assert daemon.told("clock.behind")
        assert daemon.stop() == 0


def believing(place, bundle: Path) -> dict[str, str]:
    """Return an environment in which the list of authorities is this file."""
    folder = place.root / "packages"
    folder.mkdir()
    (folder / "certifi.py").write_text(f"def where(): return {str(bundle)!r}\n")
    return {"PYTHONPATH": str(folder)}


def failed(place, environment):
    with place.start(**environment) as daemon:
        (told,) = daemon.wait_for(lambda: daemon.told("source.failed"), "the failure")
        assert not daemon.told("work.crashed")
        assert daemon.stop() == 0
    return told


@pytest.fixture
def secure(tmp_path):
    authority = trustme.CA()
    (tmp_path / "authorities.pem").write_bytes(authority.cert_pem.bytes())
    with Origin(tls=server(authority.issue_cert("127.0.1.1"))) as origin:
        yield origin


@pytest.mark.fault("F42")
def test_a_missing_list_of_authorities_is_a_failure_of_tls_that_says_so(place, secure):
    place.write(papers(secure, 1), TOPICS)
    told = failed(place, believing(place, place.root / "gone.pem"))
    assert told["kind"] == "tls"
    assert "the list of authorities cannot be read (No such file or directory)" in told["problem"]


@NEEDS_FAKETIME
@pytest.mark.fault("F42")
def test_a_clock_in_1970_is_a_failure_of_tls_that_asks_for_the_clock(place, secure):
    place.write(papers(secure, 1), TOPICS)
    environment = believing(place, place.root / "authorities.pem")
    with place.start(**environment) as daemon:
        daemon.wait_for(lambda: daemon.told("source.polled"), "a poll at the right time")
        assert daemon.stop() == 0
    place.database.unlink()
    told = failed(place, environment | {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "@1970-01-02 00:00:00"})
    assert told["kind"] == "tls"
    assert "is our clock right?" in told["problem"]
