"""`aggregator demo` as a person starts it: it runs once, is looked at, and is ended by Ctrl-C."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import httpx
import pytest
from feed_rules import REASONED, judged
from harness import PATIENCE_S, Place, quiet_env

from aggregator.lab.demo.stock import past


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Running:
    """A demo in a process of its own, and the lines it prints."""

    def __init__(self, *options: str) -> None:
        line = [sys.executable, "-m", "aggregator", "demo", *options]
        self.process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quiet_env()
        )
        self.lines: list[str] = []
        self.errors = ""
        self._queue: Queue[str | None] = Queue()  # None: it prints no more
        self._threads = [Thread(target=self._read), Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        with self.process.stdout as out:
            for line in out:
                self._queue.put(line)
        self._queue.put(None)

    def _read_errors(self) -> None:
        with self.process.stderr as err:
            self.errors = err.read()

    def until(self, *wanted: str) -> list[str]:
        """Read on until each of these expressions was found in a line; return what they found."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(any(re.search(one, line) for line in self.lines) for one in wanted):
            line = None
            with suppress(Empty):
                line = self._queue.get(timeout=max(0.1, deadline - time.monotonic()))
            if line is None:
                self._threads[1].join(1)
                raise AssertionError(f"waited in vain for {wanted}:\n{''.join(self.lines)}{self.errors}")
            self.lines.append(line)
        return [next(filter(None, (re.search(one, line) for line in self.lines)))[0] for one in wanted]

    def end(self, number: signal.Signals | None) -> tuple[int, float]:
        """Send it a signal, if any; return its exit code and how long it took, in seconds."""
        began = time.monotonic()
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        took = time.monotonic() - began
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self.lines += [line for line in self._queue.queue if line is not None]
        return code, took

    @property
    def config(self) -> Path:
        return Path(self.until(r"/\S*/aggregator-demo-\w+/config")[0])


@contextmanager
def demo(*options: str):
    running = Running(*options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)  # killed it could not clear up


def processes(of: Path) -> set[int]:
    """The sessions in which a process has this folder in its command line: that of the daemon."""
    sessions = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(of) in (process / "cmdline").read_text():
                sessions.add(session(process))
    return sessions


def session(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(")")[2].split()[3])


def alive(sessions: set[int]) -> list[str]:
    """What still runs in one of these sessions, the daemon's parser workers included."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if session(process) in sessions:
                left.append((process / "cmdline").read_text())
    return left


@dataclass
class Seen:
    """What a person saw of one demo."""

    lines: list[str] = field(default_factory=list)
    feeds: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    code: int | None = None
    took_s: float = 0.0
    errors: str = ""
    left: list[str] = field(default_factory=list)
    folder_left: bool = True

    def titles(self, topic: str) -> list[str]:
        return [item["title"] for item in self.feeds[topic]["items"]]


@pytest.fixture(scope="module")
def seen() -> Seen:
    seen = Seen()
    with demo("--port", free_port()) as running:
        feed, *_ = running.until(
            r"http://127\.0\.0\.1:\d+/feeds/clean\.atom(?=  \d+ entries)", r"kept out .*", r"slowly: .*", r"folded .*"
        )
        site, config = feed.removesuffix("/feeds/clean.atom"), running.config
        for topic in ("donbas", "world", "english", "ukrainian", "clean", "everything"):
            seen.feeds[topic] = httpx.get(f"{site}/feeds/{topic}.json", trust_env=False).json()
        seen.pages = {path: httpx.get(site + path, trust_env=False).text for path in ("/", "/topics/donbas")}
        for topic in seen.feeds:
            paths = (f"/feeds/{topic}.atom", f"/feeds/{topic}.rss", "/opml/topics", "/opml/sources")
            seen.documents |= {path: httpx.get(site + path, trust_env=False).content for path in paths}
        rows = json.loads(Place(root=config.parent).command("status", "--json").stdout)
        seen.status = {row["source"]: row for row in rows}
        sessions = processes(of=config)
        assert alive(sessions)
        seen.code, seen.took_s = running.end(signal.SIGINT)
        seen.left, seen.folder_left = alive(sessions), config.parent.exists()
        seen.lines, seen.errors = running.lines, running.errors
    return seen


def test_it_says_where_to_look_and_what_to_subscribe_to_and_how_to_end_it(seen):
    said = "".join(seen.lines)
    for address in (r"/\s", r"/feeds/donbas\.atom", r"/feeds/english\.atom", r"/feeds/clean\.atom", r"/topics/clean"):
        assert re.search(rf"http://127\.0\.0\.1:\d+{address}", said)
    assert "Ctrl-C" in said
    assert "status" in said


def test_it_tells_what_happens_in_plain_lines_where_no_terminal_is(seen):
    said = "".join(seen.lines)
    assert re.search(r"polled +Терикон +\d+ new", said)
    assert re.search(r"failed +Маяк +503 Service Unavailable; asked again in \d+ s", said)
    assert re.search(r"published +Донбасс +\d+ entries", said)
    assert "\x1b" not in said


def test_each_of_its_documents_is_valid_and_warns_only_of_what_has_a_reason(seen):
    assert [one for one in judged(seen.documents) if one[1].what not in REASONED] == []


def test_its_feeds_hold_articles_in_all_three_languages(seen):
    titles = seen.titles("clean")
    assert "Библиотека Солнцедола собрала карты всех шахт района" in titles
    assert "Садівники збирають найбільший урожай яблук за десять років" in titles
    assert "A processor that sleeps between two keystrokes" in titles
    assert seen.titles("english")
    assert seen.titles("ukrainian")


def test_what_came_as_windows_1251_and_as_koi8_r_is_readable(seen):
    assert "Библиотека Солнцедола собрала карты всех шахт района" in seen.titles("donbas")
    assert "Парламент принял бюджет с третьей попытки" in seen.titles("clean")
    assert "Библиотека Солнцедола" in seen.pages["/topics/donbas"]
    assert all("�" not in title for topic in seen.feeds for title in seen.titles(topic))


def test_dates_without_a_zone_are_those_of_the_outlet(seen):
    dates = {item["title"]: item["date_published"] for item in seen.feeds["donbas"]["items"]}
    read = datetime.fromisoformat(dates["Библиотека Солнцедола собрала карты всех шахт района"])
    (ago,) = [ago for ago, one in past() if one.by == "terikon" and one.id.endswith("/library")]
    assert abs(seen.at - ago - read) < timedelta(minutes=10)  # another zone would be hours away


def test_the_same_article_in_two_outlets_is_one_entry_where_topics_fold_and_two_where_they_do_not(seen):
    (trains,) = [i for i in seen.feeds["clean"]["items"] if i["url"].rstrip("/").endswith("/news/trains")]
    assert len(trains["_aggregator"]["outlets"]) == 1
    both = {"Ночные поезда вернутся в расписание с осени", "Нічні потяги повертаються"}
    assert both <= set(seen.titles("everything"))
    assert len(both & set(seen.titles("clean"))) == 1


def test_the_advertisement_is_kept_out_of_the_clean_topic_only(seen):
    assert any(title.startswith("Реклама") for title in seen.titles("everything"))
    assert not any(title.startswith("Реклама") for title in seen.titles("clean"))


def test_status_says_why_the_failing_outlet_fails_and_that_the_others_are_well(seen):
    mayak = seen.status["mayak"]
    assert (mayak["state"], mayak["status"] in (503, 404)) == ("failing", True)
    assert mayak["problem"] in ("503 Service Unavailable", "404 Not Found")
    assert {row["state"] for source, row in seen.status.items() if source != "mayak"} == {"well"}
    assert seen.status["kontur"]["flaw_count"] > 0  # broken XML, read all the same


def test_ctrl_c_ends_it_within_five_seconds_and_leaves_nothing_behind(seen):
    assert seen.code == 0
    assert seen.took_s < 5
    assert (seen.left, seen.folder_left) == ([], False)
    assert "The demo has ended" in seen.lines[-2]
    assert seen.errors == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_being_told_to_stop_while_it_starts_and_a_closed_terminal_leave_nothing_behind_either(number):
    with demo("--port", free_port()) as running:
        folder = running.config.parent
        sessions = processes(of=folder)
        code, took_s = running.end(number)
        assert (code, running.errors) == (0, "")
        assert took_s < 5
        assert not folder.exists()
        assert alive(sessions) == []


def test_it_ends_by_itself_when_asked_to_and_finds_a_free_port_where_8080_is_taken():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # if somebody else has it: so much the better
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        with demo("--seconds", "0.1") as running:
            folder = running.config.parent
            assert running.end(None)[0] == 0
    assert not folder.exists()
    ports = set(re.findall(r"http://127\.0\.0\.1:(\d+)", "".join(running.lines)))
    assert len(ports) == 1
    assert ports != {"8080"}


def test_a_port_that_is_taken_is_said_plainly():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with demo("--port", str(taken.getsockname()[1])) as running:
            assert running.end(None)[0] == 2
            assert "is taken by another program" in running.errors
