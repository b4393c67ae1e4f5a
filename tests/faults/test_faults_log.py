"""Rows F11 and F43: nobody takes the log, or there is no place for it or for exported files."""

from __future__ import annotations

import fcntl
import gzip
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from fault_place import TOPICS, papers
from harness import PATIENCE_S, quiet_env
from sample import document

SOME = 64_000  # bytes that a file may have: enough for what SQLite keeps beside a store, too few for the document
RELOADS = 12
FULL = Path("/dev/full")  # every write ends with "no space left on device"


def run(place, **more):
    line = [sys.executable, "-m", "aggregator", "--config", str(place.config), "run"]
    return subprocess.Popen(line, env=quiet_env(), **more)


def wait_for_entries(place, number):
    """Wait until the daemon serves so many entries."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(f"http://127.0.0.1:{place.port}/feeds/all.json", timeout=5, trust_env=False)
            if answer.status_code == 200 and len(answer.json()["items"]) == number:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError("waited in vain for the entries")


def read_until(pipe, word, times):
    """Empty a pipe until so many lines with this word have come out of it."""
    said, deadline = b"", time.monotonic() + PATIENCE_S
    while said.count(word) < times:
        assert time.monotonic() < deadline, said
        try:
            said += os.read(pipe, 65536)
        except BlockingIOError:
            time.sleep(0.02)


def numbers(place):
    text = httpx.get(f"http://127.0.0.1:{place.port}/metrics", timeout=5, trust_env=False).text
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def ends_well(place, daemon):
    wait_for_entries(place, 3)
    assert httpx.get(f"http://127.0.0.1:{place.port}/healthz", timeout=5, trust_env=False).status_code == 200
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE_S) == 0


@pytest.fixture
def filled(place, origin):
    place.write(papers(origin, 3), TOPICS)
    return place


@pytest.mark.fault("F11")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_a_full_disk_under_the_log_costs_lines_and_nothing_else(filled):
    with FULL.open("w") as full:
        daemon = run(filled, stderr=full, stdout=full)
    try:
        wait_for_entries(filled, 3)
        time.sleep(1.5)  # a look of the overseer
        assert float(numbers(filled)["aggregator_log_lines_dropped_total"]) > 0
        ends_well(filled, daemon)
    finally:
        daemon.kill()


@pytest.mark.fault("F11")
def test_a_full_disk_under_the_export_leaves_the_old_files_whole(place, origin):
    long = document([f"Новость {number} " + "и ещё слово " * 30 for number in range(200)])
    sources = {"one": {"url": origin.serve("/1.xml", long)}}
    topic = {"match": "source:one", "backfill": 500, "window": {"items": 500, "hours": 48}}
    place.write(sources, {"all": {"title": "Всё", **topic}})
    assert place.command("poll", "--all").returncode == 0
    out = place.root / "out"
    assert place.command("export", str(out)).returncode == 0
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    place.write(sources, {"all": {"title": "Всё, и с новым заглавием", **topic}})
    assert place.command("poll", "--all").returncode == 0
    line = [sys.executable, "-m", "aggregator", "--config", str(place.config), "export", str(out)]
    ended = subprocess.run(
        line,
        env=quiet_env(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SOME, SOME)),
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    whole = {file: gzip.decompress(file.read_bytes()) for file in before if file.suffix == ".gz"}  # or it raises
    large = [file for file in before if len(before[file]) > SOME]
    assert whole
    assert large
    assert all(file.read_bytes() == before[file] for file in large)


@pytest.mark.fault("F43")
@pytest.mark.parametrize("closed", ["0", "1", "2", "012"])
def test_a_daemon_without_stdin_stdout_or_stderr_works_and_stops(filled, closed):
    def close():
        for number in map(int, closed):
            os.close(number)

    daemon = run(filled, preexec_fn=close)
    try:
        ends_well(filled, daemon)
    finally:
        daemon.kill()


@pytest.mark.fault("F43")
def test_a_pipe_that_nobody_empties_holds_up_nothing_and_what_was_lost_is_said(filled):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)  # one page: it is full as soon as anything is in it
    os.set_blocking(reading, False)
    daemon = run(filled, stderr=writing, stdout=writing)
    os.close(writing)
    try:
        read_until(reading, b'"entries": 3', 1)
        for _ in range(RELOADS):
            daemon.send_signal(signal.SIGHUP)
            time.sleep(0.2)
        assert httpx.get(f"http://127.0.0.1:{filled.port}/healthz", timeout=5, trust_env=False).status_code == 200
        read_until(reading, b"config.reloaded", RELOADS)  # kept until somebody came to read
        os.close(reading)  # and now nobody ever will
        ends_well(filled, daemon)
    finally:
        daemon.kill()
