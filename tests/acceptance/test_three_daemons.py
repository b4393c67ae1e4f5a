"""Three daemons on one PostgreSQL, one of them killed, one stopped for longer than its claims hold and woken again.

By what the database has kept: every due source was polled once a round, no item is lost or doubled, and what the
sleeper brought when he woke was refused and counted.
"""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cluster import Cluster, numbers

from aggregator.lab.origin import Document, Origin, answer

ROUNDS = 3
LONG_S = 900  # of the long form, on a machine that has much else to do
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
TOPICS = {"all": {"match": "title:/./", "fold": "none", "window": {"items": 10_000, "hours": 720}}}


class Papers:
    """Sources on hosts of their own; each prints one item more with every round."""

    def __init__(self, origin: Origin, number: int) -> None:
        self.origin, self.delay = origin, timedelta(0)
        self.titles = {f"paper-{n:04d}": [f"Весть 1 из {n}"] for n in range(number)}
        self.urls = {name: self._open(name, n) for n, name in enumerate(self.titles)}

    def _open(self, name: str, n: int) -> str:
        def respond(request):
            return replace(answer(_document(name, self.titles[name]), request), delay=self.delay)

        return self.origin.script("/feed.xml", respond, host=f"127.{8 + n // 60000}.{n // 250 % 240}.{n % 250 + 1}")

    def print(self) -> None:
        for n, titles in enumerate(self.titles.values()):
            titles.append(f"Весть {len(titles) + 1} из {n}")

    @property
    def sources(self):
        return {name: {"url": url, "poll": {"every": "6h"}} for name, url in self.urls.items()}


def _document(name: str, titles: list[str]) -> Document:
    items = "".join(
        f"<item><title>{title}</title><link>https://{name}.example/{n}</link><guid>https://{name}.example/{n}</guid>"
        f"<pubDate>{format_datetime(BEGAN + timedelta(seconds=n))}</pubDate></item>"
        for n, title in reversed(list(enumerate(titles)))
    )
    body = f'<rss version="2.0"><channel><title>{name}</title><description>Газета</description>{items}</channel></rss>'
    return Document(body=body.encode())


@pytest.fixture
def shared(postgresql_server, tmp_path, request):
    """Return a cluster of papers as many as asked for."""
    with Origin() as origin:
        papers = Papers(origin, request.param)
        cluster = Cluster(
            postgresql_server,
            tmp_path,
            papers.sources,
            TOPICS,
            process={"poll": {"at_once": max(4, request.param // 20)}},
        )
        yield cluster, papers
        cluster.end()


@pytest.mark.fault("F03")
@pytest.mark.fault("F04")
@pytest.mark.timeout(2000)
@pytest.mark.parametrize("shared", [40, pytest.param(2000, marks=pytest.mark.slow)], indirect=True)
def test_every_source_is_polled_once_a_round_though_one_dies_and_one_sleeps(shared, record_property):
    cluster, papers = shared
    one, two, three = cluster.start(), cluster.start(), cluster.start()
    began = time.monotonic()
    _round_is_over(cluster, papers, 1)

    papers.print()
    papers.delay = timedelta(seconds=3)  # so that both have something in hand when it happens
    cluster.all_due()
    cluster.wait(lambda: cluster.holding(two) and cluster.holding(three), "claims of both")
    three.process.send_signal(signal.SIGSTOP)
    two.process.kill()
    papers.delay = timedelta(0)
    held = cluster.holding(three)
    time.sleep(5)  # for so long nobody takes breath on the sleeper's line; see Cluster.terms_end
    cluster.terms_end(two, three)
    _round_is_over(cluster, papers, 2)

    three.process.send_signal(signal.SIGCONT)
    refused = cluster.wait(lambda: numbers(three, "discarded").get('work="poll"'), "the sleeper's polls to be refused")
    cluster.wait(lambda: numbers(three, "discarded")['work="poll"'] >= held, "all of them to be refused")
    assert len(three.told("source.discarded")) >= refused
    assert set(cluster.polls().values()) == {2}

    papers.print()
    cluster.all_due()
    _round_is_over(cluster, papers, 3)
    _nothing_is_lost_or_doubled(cluster, papers)
    expected = cluster.one("SELECT count(*) FROM delivery WHERE current")
    for daemon in (one, three):
        cluster.wait(lambda daemon=daemon: _entries(daemon) == expected, "what all readers are to be shown", 20)
        assert daemon.get("/readyz").status_code == 200
    assert len(cluster.seat()) == 1
    record_property(
        "table three daemons",
        {"sources": len(papers.urls), "rounds": ROUNDS, "writes refused": int(refused)}
        | {"seconds": round(time.monotonic() - began)},
    )
    assert three.stop() == one.stop() == 0


def _round_is_over(cluster: Cluster, papers: Papers, rounds: int) -> None:
    """Wait until all is polled and curated; then everything was polled that often, and not once more."""
    cluster.wait(
        lambda: cluster.one("SELECT count(*) FROM poll_log") >= rounds * len(papers.urls), f"round {rounds}", LONG_S
    )
    cluster.wait(cluster.settled, "all to be curated and published", LONG_S)
    assert cluster.polls() == dict.fromkeys(papers.urls, rounds)


def _nothing_is_lost_or_doubled(cluster: Cluster, papers: Papers) -> None:
    expected = {name: len(titles) for name, titles in papers.titles.items()}
    assert dict(cluster.ask("SELECT source, count(DISTINCT item_id) FROM item GROUP BY 1")) == expected
    assert cluster.one("SELECT count(*) FROM item") == sum(expected.values())
    entered = cluster.ask("SELECT anchor, entry_id FROM delivery WHERE topic = 'all' AND rev = 1")
    assert len(entered) == len(dict(entered)) == len({entry for _, entry in entered}) == sum(expected.values())
    # what a document has no room for leaves it (R9), and nothing else happens to an entry that nobody edits
    assert {state for (state,) in cluster.ask("SELECT state FROM delivery WHERE rev = 2")} <= {"aged"}
    assert cluster.one("SELECT count(*) FROM delivery WHERE rev > 2") == 0
    assert cluster.one("SELECT count(*) FROM source_state WHERE lease_until IS NOT NULL") == 0


def _entries(daemon) -> int:
    return len(daemon.get("/feeds/all.json").json()["items"])
