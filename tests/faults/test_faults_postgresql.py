"""The database goes away, and comes back; the curator dies, sleeps or is cut off. The real processes, a real server."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from cluster import Cluster, numbers
from servers import PostgreSQL, postgresql

from aggregator.lab.origin import Document, Origin, answer

pytestmark = pytest.mark.timeout(300)
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
TOPICS = {"all": {"match": "title:/./", "fold": "none"}}
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'aggregator%'"


class Paper:
    """One source; every poll of it can be made slow."""

    def __init__(self, origin: Origin, number: int) -> None:
        self.name, self.news, self.delay = f"paper-{number}", 1, timedelta(0)
        self.url = origin.script("/feed.xml", self._respond, host=f"127.0.14.{number + 1}")

    def _respond(self, request):
        items = "".join(
            f"<item><title>Весть {n} из {self.name}</title><guid>https://{self.name}.example/{n}</guid>"
            f"<pubDate>{format_datetime(BEGAN + timedelta(seconds=n))}</pubDate></item>"
            for n in range(self.news, 0, -1)
        )
        body = f'<rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'
        return replace(answer(Document(body=body.encode()), request), delay=self.delay)


@pytest.fixture(scope="module")
def mortal():
    """A server that may be killed."""
    with postgresql() as server:
        yield server


@pytest.fixture
def papers():
    with Origin() as origin:
        yield [Paper(origin, number) for number in range(6)]


def shared_by(server: PostgreSQL, folder, papers):
    sources = {paper.name: {"url": paper.url, "poll": {"every": "1s", "under_floor": True}} for paper in papers}
    return Cluster(server, folder, sources, TOPICS)


@pytest.fixture
def cluster(postgresql_server, tmp_path, papers):
    cluster = shared_by(postgresql_server, tmp_path, papers)
    yield cluster
    cluster.end()


@pytest.fixture
def frail(mortal, tmp_path, papers):
    """As `cluster`, on the server that may be killed."""
    cluster = shared_by(mortal, tmp_path, papers)
    yield cluster
    cluster.end()


def titles(daemon) -> set[str]:
    answered = daemon.get("/feeds/all.json")
    return {item["title"] for item in answered.json()["items"]} if answered.status_code == 200 else set()


def shows(cluster, daemon, papers, patience_s=120.0):
    """Wait until readers of this daemon see all that was printed; return how long that took."""
    printed = {f"Весть {n} из {paper.name}" for paper in papers for n in range(1, paper.news + 1)}
    began = time.monotonic()
    cluster.wait(lambda: titles(daemon) == printed, "all that was printed", patience_s)
    return time.monotonic() - began


def crashes(*daemons):
    return [event for daemon in daemons for event in daemon.told("work.crashed")]


@pytest.mark.fault("F05")
def test_the_server_is_killed_mid_poll_and_comes_back(frail, papers):
    daemon = frail.start()
    shows(frail, daemon, papers)
    for paper in papers:
        paper.delay = timedelta(seconds=1)
    frail.wait(lambda: frail.holding(daemon), "polls in hand")
    before = daemon.get("/feeds/all.atom")
    frail.server.kill()
    try:
        frail.wait(lambda: daemon.told("store.away"), "the daemon to notice")
        end = time.monotonic() + 4
        while time.monotonic() < end:
            served = daemon.get("/feeds/all.atom")
            assert (served.status_code, served.content) == (200, before.content)
            assert daemon.get("/healthz").status_code == daemon.get("/readyz").status_code == 200
            assert daemon.get("/sources").status_code in (200, 503)
            time.sleep(0.2)
        assert len(daemon.told("store.away")) == 1
    finally:
        frail.server.start()
    for paper in papers:
        paper.news, paper.delay = 2, timedelta(0)
    shows(frail, daemon, papers)
    assert daemon.told("store.back")
    assert crashes(daemon) == []
    assert daemon.stop() == 0


@pytest.mark.fault("F07")
def test_without_a_server_it_waits_and_says_so_and_begins_when_there_is_one(frail, papers):
    frail.server.kill()
    try:
        daemon = frail.begin()
        address = f"http://127.0.0.1:{daemon.place.port}"

        def status(path):
            try:
                return httpx.get(address + path, trust_env=False, timeout=10).status_code
            except httpx.HTTPError:
                return 0

        frail.wait(lambda: status("/healthz") == 200, "the probes to answer")
        assert [status(path) for path in ("/readyz", "/feeds/all.atom", "/metrics")] == [503, 503, 200]
        assert daemon.process.poll() is None
    finally:
        frail.server.start()
    daemon.wait_until_ready()
    shows(frail, daemon, papers)
    assert status("/readyz") == 200
    assert crashes(daemon) == []
    frail.server.kill()
    try:
        asked_to_stop = time.monotonic()
        assert daemon.stop() == 0, "it stops in good order, too, while the server is away"
        assert time.monotonic() - asked_to_stop < 30
        waiting = frail.begin()
        frail.wait(lambda: waiting.told("store.away"), "another one to wait")
        assert waiting.stop() == 0
    finally:
        frail.server.start()


@pytest.mark.fault("F07")
def test_what_only_a_person_can_mend_ends_it_at_once(cluster):
    cluster.process = {"database": cluster.server.url("nowhere")}
    daemon = cluster.begin()
    assert daemon.process.wait(60) == 78
    daemon._reader.join(5)
    assert 'database "nowhere" does not exist' in daemon.talk[-1]


@pytest.mark.fault("F06")
def test_a_failover_that_ends_every_connection_costs_readers_nothing(cluster, papers):
    daemon = cluster.start()
    shows(cluster, daemon, papers)
    for number in range(2, 4):
        for paper in papers:
            paper.news = number
        cluster.do(CUT)
        for path in ("/feeds/all.atom", "/topics/all", "/sources", "/"):
            assert daemon.get(path).status_code == 200, path
        time.sleep(0.3)
    shows(cluster, daemon, papers)
    assert crashes(daemon) == []
    assert daemon.stop() == 0


@pytest.mark.fault("F03")
def test_the_curator_is_killed_and_another_one_takes_over_within_seconds(cluster, papers):
    both = [cluster.start(), cluster.start()]
    (curator,) = cluster.wait(cluster.seat, "somebody to curate")
    (heir,) = [one for one in both if one is not curator]
    assert [numbers(one, "curator")[""] for one in (curator, heir)] == [1, 0]
    shows(cluster, heir, papers)
    curator.process.kill()
    cluster.terms_end(curator)
    for paper in papers:
        paper.news = 2
    assert shows(cluster, heir, papers) < 60
    assert cluster.seat() == [heir]


@pytest.mark.fault("F04")
@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_a_curator_that_was_cut_off_in_the_middle_writes_nothing_more(cluster, papers, times):
    """The first one is stopped while he publishes or curates, or between; the server ends his connections meanwhile."""
    one = cluster.start()
    shows(cluster, one, papers)
    two = cluster.start()
    for number in range(2, 2 + times):
        sleeper, other = (one, two) if cluster.wait(cluster.seat, "somebody to curate") == [one] else (two, one)
        for paper in papers:
            paper.news = number
        time.sleep(0.3 * number)
        sleeper.process.send_signal(signal.SIGSTOP)
        cluster.do(CUT)  # as its machine lost the network; the other one connects again at once
        cluster.wait(lambda other=other: other in cluster.seat(), "the other one to take over")
        cluster.terms_end(sleeper)
        shows(cluster, other, papers)
        sleeper.process.send_signal(signal.SIGCONT)
        cluster.wait(lambda sleeper=sleeper: sleeper.told("curator.left"), "the sleeper to see it")
        cluster.wait(lambda other=other: cluster.seat() == [other], "one curator")
    cluster.wait(cluster.settled, "all to be settled")
    shows(cluster, one, papers)
    shows(cluster, two, papers)
    rows = cluster.ask("SELECT anchor, count(*) FROM delivery WHERE topic = 'all' GROUP BY 1")
    assert {number for _, number in rows} == {1}
    assert len(rows) == (times + 1) * len(papers)
    assert crashes(one, two) == []


@pytest.mark.slow
@pytest.mark.fault("F04")
def test_a_curator_that_sleeps_loses_the_seat_though_nobody_cuts_it_off(cluster, papers):
    both = [cluster.start(), cluster.start()]
    (curator,) = cluster.wait(cluster.seat, "somebody to curate")
    (heir,) = [one for one in both if one is not curator]
    shows(cluster, heir, papers)
    curator.process.send_signal(signal.SIGSTOP)
    cluster.wait(lambda: heir in cluster.seat(), "the server to end the sleeper's line", 60)
    cluster.terms_end(curator)
    for paper in papers:
        paper.news = 2
    shows(cluster, heir, papers)
    curator.process.send_signal(signal.SIGCONT)
    cluster.wait(lambda: cluster.seat() == [heir], "one curator")
    shows(cluster, curator, papers)
