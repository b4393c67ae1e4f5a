"""One daemon polls, one curates, one hands out; a person's commands work beside them."""

from __future__ import annotations

import time

import pytest
from cluster import Cluster
from sample import document

from aggregator.lab.origin import Origin

pytestmark = pytest.mark.timeout(300)
TOPICS = {"all": {"title": "Всё", "match": "title:/./"}}


@pytest.fixture
def cluster(postgresql_server, tmp_path):
    with Origin() as origin:
        urls = [
            origin.serve("/f.xml", document([f"Мост {n}"], host=f"m{n}.example"), host=f"127.0.15.{n}") for n in (1, 2)
        ]
        cluster = Cluster(postgresql_server, tmp_path, {f"m{n}": {"url": url} for n, url in enumerate(urls, 1)}, TOPICS)
        cluster.origin, cluster.urls = origin, urls
        yield cluster
        cluster.end()


def titles(daemon):
    answered = daemon.get("/feeds/all.json")
    return {item["title"] for item in answered.json()["items"]} if answered.status_code == 200 else set()


def test_each_does_its_own_and_readers_of_any_see_what_was_published(cluster):
    server = cluster.start("--role", "serve")
    assert server.get("/healthz").status_code == 200
    assert server.get("/readyz").status_code == server.get("/feeds/all.atom").status_code == 503
    poller, curator = cluster.start("--role", "poll"), cluster.start("--role", "curate")
    three = (poller, curator, server)
    for daemon in three:
        cluster.wait(lambda daemon=daemon: titles(daemon) == {"Мост 1", "Мост 2"}, "both entries")
        cluster.wait(lambda daemon=daemon: daemon.get("/readyz").status_code == 200, "it to be ready")
        assert daemon.get("/metrics").status_code == 200
    assert [len(daemon.told("source.polled")) for daemon in three] == [2, 0, 0]
    assert [bool(daemon.told("items.curated")) for daemon in three] == [False, True, False]
    assert [bool(daemon.told("topic.published")) for daemon in three] == [False, True, False]
    assert cluster.seat() == [curator]

    feeds = [daemon.get("/feeds/all.atom") for daemon in three]
    assert len({(feed.content, feed.headers["etag"]) for feed in feeds}) == 1

    cluster.origin.replace(cluster.urls[0], document(["Мост 3", "Мост 1"], host="m1.example"))
    cluster.all_due()
    cluster.wait(
        lambda: poller.told("source.polled", new=2) or poller.told("source.polled", new=1, changed=1), "the news"
    )
    began = time.monotonic()
    cluster.wait(lambda: "Мост 3" in titles(server), "the news to be handed out")
    assert time.monotonic() - began < 30
    assert [daemon.stop() for daemon in three] == [0, 0, 0]


def test_a_persons_commands_work_beside_the_daemons_and_the_curator_goes_on_afterwards(cluster):
    daemon, other = cluster.start(), cluster.start("--role", "serve")
    cluster.wait(lambda: titles(other) == {"Мост 1", "Мост 2"}, "both entries")
    place = daemon.place
    key = next(key for key, title in cluster.ask("SELECT key, title FROM item") if title == "Мост 1")
    assert place.json("withdraw", key, "--yes")["withdrawn"] == 1
    cluster.wait(lambda: titles(other) == {"Мост 2"}, "what was withdrawn to go")
    cluster.wait(lambda: cluster.seat() == [daemon], "the daemon to curate again")
    assert daemon.told("curator.left", why="a command works")
    cluster.origin.replace(cluster.urls[1], document(["Мост 4", "Мост 2"], host="m2.example"))
    assert place.json("poll", "m2")["new"] >= 1
    for one in (daemon, other):
        cluster.wait(lambda one=one: "Мост 4" in titles(one), "what was polled by hand")
    assert daemon.told("work.crashed") == []


def test_on_sqlite_there_is_one_role(place):
    place.write({"one": {"url": "http://127.0.0.1:9/"}}, TOPICS)
    refused = place.command("run", "--role", "poll")
    assert refused.returncode == 2
    assert "several processes need a PostgreSQL" in refused.stderr
