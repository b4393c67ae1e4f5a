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

STOPS = 10


@pytest.mark.timeout(300)
def test_sigterm_at_any_moment_ends_it_in_good_order_within_ten_seconds(begin):
    lives = begin(31)
    for _ in range(STOPS):
        lives.time_passes(0)
        assert lives.stops(longest_s=1.0) < 10
        assert lives.claimed() == []
    lives.finishes("run")


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
