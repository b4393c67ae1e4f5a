"""What whoever started us is told, over a real socket."""

from __future__ import annotations

import os
import secrets
import socket
import time
from datetime import timedelta

import pytest

from aggregator.oversight import Supervisor


@pytest.fixture(params=["a file", "abstract"])
def listener(request, tmp_path):
    """A socket that listens, and how it is named in the environment."""
    name = str(tmp_path / "notify") if request.param == "a file" else f"@aggregator-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listening.settimeout(10)
        yield listening, name


def test_each_word_is_a_datagram(listener):
    listening, name = listener
    supervisor = Supervisor({"NOTIFY_SOCKET": name})
    supervisor.ready("12 sources\nof all kinds")
    assert listening.recv(1000) == b"READY=1\nSTATUS=12 sources of all kinds"
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    supervisor.reloading()
    said = dict(line.split(b"=") for line in listening.recv(1000).splitlines())
    assert said[b"RELOADING"] == b"1"
    assert before <= int(said[b"MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    supervisor.alive()
    assert listening.recv(1000) == b"WATCHDOG=1"
    supervisor.stopping()
    assert listening.recv(1000).startswith(b"STOPPING=1")


@pytest.mark.parametrize(
    ("told", "watchdog"),
    [
        pytest.param({}, None, id="nobody watches"),
        pytest.param({"WATCHDOG_USEC": "3000000"}, timedelta(seconds=3), id="whoever it is"),
        pytest.param({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=3), id="us"),
        pytest.param({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None, id="another process"),
        pytest.param({"WATCHDOG_USEC": "0"}, None, id="never"),
        pytest.param({"WATCHDOG_USEC": "soon"}, None, id="no number"),
    ],
)
def test_the_watchdog_is_heard_only_where_it_means_us(listener, told, watchdog):
    assert Supervisor({"NOTIFY_SOCKET": listener[1], **told}).watchdog == watchdog
    assert Supervisor(told).watchdog is None


def test_nobody_who_listens_is_no_trouble(tmp_path):
    Supervisor({}).ready("well")
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("well")


def test_a_listener_that_reads_nothing_holds_up_nobody(listener):
    supervisor = Supervisor({"NOTIFY_SOCKET": listener[1]})
    for _ in range(5000):
        supervisor.alive()
