"""SIGTERM and Ctrl-C at any moment: all is given back, and the next start finds good order."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time

import pytest
from fault_lives import PATIENCE_S
from harness import Place, quiet_env
from sample import document

from aggregator.lab.origin import Origin


@pytest.mark.fault("F30")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("stops", "seed"), [(5, 31), pytest.param(30, 32, marks=pytest.mark.slow)])
def test_sigterm_at_any_moment_ends_it_in_good_order_within_ten_seconds(begin, stops, seed):
    lives = begin(seed)
    for _ in range(stops):
        lives.time_passes(0)
        assert lives.stops(longest_s=1.0) < 10
        assert lives.claimed() == []
    lives.finishes("run")


@pytest.mark.fault("F30")
def test_an_interrupted_poll_gives_its_claims_back(tmp_path):
    place = Place(root=tmp_path)

    async def silence(_request, _reader, _writer):
        await asyncio.sleep(300)

    with Origin() as origin:
        url = origin.behave("/feed.xml", silence)
        place.write({"one": {"url": url}}, {"all": {"match": "source:one"}})
        line = place._line("poll", "--all")
        with subprocess.Popen(line, stderr=subprocess.DEVNULL, env=quiet_env()) as poll:
            deadline = time.monotonic() + PATIENCE_S
            while not origin.requests and time.monotonic() < deadline:
                time.sleep(0.02)
            poll.send_signal(signal.SIGINT)
            assert poll.wait(PATIENCE_S) == 130
        origin.serve("/feed.xml", document(["Мост открыт"]))
        assert place.json("poll", "--all")["new"] == 1
