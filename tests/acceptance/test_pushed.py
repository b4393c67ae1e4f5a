"""A hub tells of news: the real daemon, a real hub, readers that have it within seconds."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from http.client import HTTPException

import pytest
from sample import rss

from aggregator.crash import KILLED
from aggregator.lab.hub import Hub
from aggregator.lab.origin import Document, Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one"}}
PATIENCE_S = 30.0  # 5 s are promised, a fifth of a second is usual; machines that test are noisy


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


def titles(daemon):
    return {item["title"] for item in daemon.get("/feeds/all.json").json()["items"]}


def pushed(hub, topic, *news):
    links = f'<atom:link rel="hub" href="{hub.url}"/><atom:link rel="self" href="{topic}"/>'
    body = rss(news, host="one.example").replace(b"<item>", links.encode() + b"<item>", 1)
    body = body.replace(b'<rss version="2.0"', b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"')
    return Document(body=body, content_type="application/rss+xml")


def configured(place, url):
    place.process = {"public_url": f"http://127.0.0.1:{place.port}", "websub": "on"}
    place.write({"one": {"url": url}}, TOPICS)


def test_what_a_hub_tells_stands_with_readers_within_seconds(place, origin):
    with Hub(origin, host="127.0.0.3") as hub:
        url = origin.url("/1.xml")
        origin.serve("/1.xml", pushed(hub, url, "Мост открыт"))
        configured(place, url)
        with place.start() as daemon:
            daemon.wait_for(lambda: hub.subscribers, "the subscription")
            daemon.wait_for(lambda: titles(daemon) == {"Мост открыт"}, "the first entry")
            polls = len(daemon.told("source.polled"))
            document = pushed(hub, url, "Мост открыт", "Парк открыт")
            origin.replace(url, document)
            assert hub.push(document.body) == [202]
            daemon.wait_for(lambda: "Парк открыт" in titles(daemon), "the delivered entry", PATIENCE_S)
            assert len(daemon.told("source.polled")) == polls
            origin.replace(url, pushed(hub, url, "Мост открыт", "Парк открыт", "Школа открыта"))
            assert hub.push(b"") == [202]
            told = place.json("status", "one")["hubs"][0]
            assert (told["hub"], told["state"], told["deliveries"], told["in_a_row"]) == (hub.url, "active", 2, 2)
            assert not {"secret", "id", "callback"} & told.keys()
            text = place.command("status", "one").stdout
            assert "tells of its news until" in text
            assert "2 deliveries" in text
            metrics = daemon.get("/metrics").text
            assert 'aggregator_pushes_total{was="document"} 1.0' in metrics
            assert 'aggregator_pushes_total{was="ping"} 1.0' in metrics
            assert daemon.stop() == 0
        assert hub.only().secret not in "".join(daemon.talk)


def test_a_subscription_outlives_a_restart_and_ends_with_its_source(place, origin):
    with Hub(origin, host="127.0.0.3") as hub:
        url = origin.url("/1.xml")
        origin.serve("/1.xml", pushed(hub, url, "Мост открыт"))
        configured(place, url)
        with place.start() as daemon:
            daemon.wait_for(lambda: hub.subscribers, "the subscription")
            assert daemon.stop() == 0
        with place.start() as daemon:
            body = pushed(hub, url, "Мост открыт", "Парк открыт").body
            assert hub.push(body) == [202]
            daemon.wait_for(lambda: "Парк открыт" in titles(daemon), "the delivered entry", PATIENCE_S)
            assert [asked.mode for asked in hub.asked] == ["subscribe"]
            place.write({"two": {"url": origin.url("/2.xml")}}, {"all": {"title": "Всё", "match": "source:two"}})
            daemon.process.send_signal(1)
            daemon.wait_for(lambda: daemon.told("hub.left"), "the end of the subscription")
            assert not hub.subscribers
            assert daemon.stop() == 0


@pytest.mark.fault("F38")
def test_a_delivery_that_was_taken_is_not_lost_with_its_daemon(place, origin):
    with Hub(origin, host="127.0.0.3") as hub:
        url = origin.url("/1.xml")
        origin.serve("/1.xml", pushed(hub, url, "Мост открыт"))
        configured(place, url)
        with place.start() as daemon:
            daemon.wait_for(lambda: hub.subscribers, "the subscription")
            daemon.wait_for(lambda: titles(daemon) == {"Мост открыт"}, "the first entry")
            assert hub.push(pushed(hub, url, "Мост открыт", "Парк открыт").body) == [202]
            daemon.process.kill()
            daemon.process.wait()
        everything_is_due(place)  # it may have begun to read what it took, and its claim outlives it by minutes
        with place.start() as daemon:
            daemon.wait_for(lambda: "Парк открыт" in titles(daemon), "the delivered entry", PATIENCE_S)
            assert daemon.stop() == 0


@pytest.mark.fault("F01")
@pytest.mark.parametrize("point", ["in-asked", "in-confirmed", "after-receive", "in-commit_pushed"])
def test_a_kill_at_any_point_of_a_push_loses_nothing_and_repeats_nothing(place, origin, point):
    with Hub(origin, host="127.0.0.3") as hub:
        url = origin.url("/1.xml")
        origin.serve("/1.xml", pushed(hub, url, "Мост открыт"))
        configured(place, url)
        body = pushed(hub, url, "Мост открыт", "Парк открыт").body
        with place.start(AGGREGATOR_CRASH=f"{point}:1") as daemon:
            if point in ("after-receive", "in-commit_pushed"):
                daemon.wait_for(lambda: hub.subscribers, "the subscription")
                daemon.wait_for(lambda: titles(daemon) == {"Мост открыт"}, "the first entry")
                with suppress(OSError, HTTPException):
                    hub.push(body)
            assert daemon.process.wait(PATIENCE_S) == KILLED
        everything_is_due(place)
        with place.start() as daemon:
            daemon.wait_for(lambda: hub.subscribers, "the subscription")
            assert hub.push(body) == [202]  # a hub that was not answered tries again
            daemon.wait_for(lambda: titles(daemon) == {"Мост открыт", "Парк открыт"}, "both entries", PATIENCE_S)
            assert len(daemon.get("/feeds/all.json").json()["items"]) == 2
            assert place.json("status", "one")["items"] == 2
            assert daemon.stop() == 0


def everything_is_due(place):
    """Let the claims of the dead run out."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("UPDATE source_state SET lease_until = '2000-01-01 00:00:00.000000'")
        database.execute("UPDATE subscription SET due_at = '2000-01-01 00:00:00.000000'")
