"""What a machine gives runs out under the daemon, and comes back: it lives on, says what is wrong, and recovers."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest
from harness import Daemon, Place, free_port
from hostile import MIB, OK, sends
from sample import document, rss

from aggregator.lab.origin import Document, Origin

TOPICS = {"all": {"title": "Всё", "match": "title:/./"}}
NOBODY = 65534
FILES = "+dac_override"  # of root's powers the one to open any file
MOST = 100  # processes and threads of nobody, who is nobody else at the moment
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", f"--inh-caps={FILES}", f"--ambient-caps={FILES}"]


@pytest.fixture
def place(tmp_path):
    return Place(root=tmp_path, port=free_port(), forks=False)


@contextmanager
def at_most(daemon, what, number):
    """Let the daemon have so much of something, and no more, as long as the block lasts."""
    process = psutil.Process(daemon.process.pid)
    before = process.rlimit(what)
    process.rlimit(what, (number, before[1]))
    try:
        yield
    finally:
        process.rlimit(what, before)


def cpu_s(process):
    times = process.cpu_times()
    return times.user + times.system


def parsers(daemon):
    children = psutil.Process(daemon.process.pid).children()
    return [child for child in children if "aggregator.parse.worker" in child.cmdline()]


def polled(place):
    return place.json("poll", "--all", "--force")


@pytest.mark.fault("F32")
def test_without_file_descriptors_it_waits_and_with_some_again_it_goes_on(place):
    with Origin() as origin, ExitStack() as clients:
        answer = sends(OK + b"Connection: close\r\n\r\n", rss(["Мост открыт"]))  # a new connection for each poll
        often, seldom = origin.behave("/1.xml", answer), origin.behave("/2.xml", answer, host="127.0.0.2")
        rule = {"every": "1s", "under_floor": True}
        place.write({"often": {"url": often, "poll": rule}, "seldom": {"url": seldom, "poll": "10h"}}, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
            daemon.wait_for(lambda: daemon.told("source.polled", source="seldom"), "the other poll")
            process = psutil.Process(daemon.process.pid)
            began, spent = time.monotonic(), cpu_s(process)
            with at_most(daemon, resource.RLIMIT_NOFILE, 64):  # some thirty are open
                for _ in range(100):
                    client = clients.enter_context(closing(socket.socket()))
                    client.setblocking(False)
                    client.connect_ex(("127.0.0.1", place.port))
                daemon.wait_for(lambda: daemon.told("source.failed") or daemon.told("work.crashed"), "a poll to fail")
                time.sleep(max(0, began + 3 - time.monotonic()))  # a busy loop would take all of it
                assert cpu_s(process) - spent < 0.5 * (time.monotonic() - began)
            clients.close()
            assert {one["kind"] for one in daemon.told("source.failed")} <= {"internal"}
            assert "Мост" in daemon.get("/feeds/all.atom").text
            assert place.json("poll", "seldom")["ended"] == {"unchanged": 1}
            assert daemon.stop() == 0


@pytest.mark.fault("F31")
def test_without_memory_a_poll_is_lost_and_a_parser_and_not_the_daemon(place):
    with Origin() as origin:
        large = b"<rss version='2.0'><channel>" + b" " * 15 * MIB + b"</channel></rss>"
        small, big = origin.serve("/1.xml", document(["Мост открыт"])), origin.serve("/2.xml", Document(body=large))
        place.write({"small": {"url": small}}, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
            process = psutil.Process(daemon.process.pid)
            place.write({"small": {"url": small}, "big": {"url": big}}, TOPICS)
            with at_most(daemon, resource.RLIMIT_AS, process.memory_info().vms + 8 * MIB):
                daemon.process.send_signal(signal.SIGHUP)
                [failed, *_] = daemon.wait_for(lambda: daemon.told("source.failed"), "a poll without memory")
                assert (failed["source"], failed["kind"]) == ("big", "internal")
                assert "MemoryError" in failed["problem"]
                assert "Мост" in daemon.get("/feeds/all.atom").text
            victims = parsers(daemon)
            for victim in victims:  # as the kernel does where memory runs out
                victim.kill()
            assert polled(place)["ended"] == {"unchanged": 1, "changed": 1}
            assert victims
            assert not set(victims) & set(parsers(daemon))
            assert daemon.stop() == 0


class Lowly(Place):
    """A place whose daemon is nobody, for root has no limit of processes; our code he may read as root does."""

    def begin(self, **environment):
        line = self._line("run")
        if os.geteuid() == 0:
            if not (shutil.which("setpriv") and shutil.which("prlimit")):
                pytest.skip("root has no limit of processes, and no setpriv (util-linux) is here to be somebody else")
            line = ["prlimit", f"--nproc={MOST}", *AS_NOBODY, *line]
            for path in (self.root, *self.root.rglob("*")):
                shutil.chown(path, NOBODY)
        return Daemon(self, line, environment)


@contextmanager
def no_more_processes(daemon):
    """Let no process and no thread be started, as long as the block lasts."""
    if os.geteuid() != 0:
        with at_most(daemon, resource.RLIMIT_NPROC, 1):
            yield
        return
    crowd = [subprocess.Popen([*AS_NOBODY, "sleep", "600"]) for _ in range(MOST)]
    try:
        yield
    finally:
        for one in crowd:
            one.kill()
        for one in crowd:
            one.wait()


@pytest.mark.fault("F33")
def test_without_another_process_nothing_is_parsed_and_with_one_again_it_is():
    with Origin() as origin, tempfile.TemporaryDirectory() as folder:  # pytest's own folders let nobody in
        url = origin.serve("/1.xml", document(["Мост открыт"]))
        place = Lowly(root=Path(folder), port=free_port())
        place.write({"one": {"url": url}}, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
            [parser] = parsers(daemon)
            origin.replace(url, document(["Мост открыт", "Парк открыт"]))
            with no_more_processes(daemon):
                parser.kill()
                said = polled(place)["polls"]
                assert [(one["ended"], one["kind"]) for one in said] == [("failed", "internal")]
                assert parsers(daemon) == []
                assert "Мост" in daemon.get("/feeds/all.atom").text
                assert daemon.get("/readyz").status_code == 200
            assert polled(place)["new"] == 1
            assert daemon.stop() == 0
