"""Our own hub tells of news: the real daemon, a raw callback, and a second daemon as its subscriber."""

from __future__ import annotations

import hmac
import sqlite3
from contextlib import closing, suppress

import httpx
import pytest
from harness import Place, free_port
from sample import document

from aggregator.crash import KILLED
from aggregator.lab.callback import Callback
from aggregator.lab.origin import Origin, Response

TOPICS = {"all": {"title": "Всё", "match": "source:one"}}
PATIENCE_S = 30.0  # 2 s are promised, a tenth of a second is usual; machines that test are noisy
SECRET = "между нами"


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


def configured(place, url, **more):
    place.process = {"public_url": f"http://127.0.0.1:{place.port}", "poll": {"floor": "1s"}, **more}
    place.write({"one": {"url": url, "poll": "1s"}}, TOPICS)


def feed(place, name="all", kind="atom"):
    return f"http://127.0.0.1:{place.port}/feeds/{name}.{kind}"


def asks(daemon, form):
    return httpx.post(f"{daemon.address}/hub", content=form, headers={"Content-Type": FORM}, trust_env=False)


FORM = "application/x-www-form-urlencoded"


def subscribed(daemon, callback, topic, **more):
    """Subscribe a callback, and wait until it stands."""
    assert asks(daemon, callback.form(topic, **more)).status_code == 202
    daemon.wait_for(lambda: daemon.told("subscriber.confirmed"), "the subscription")


def test_a_subscriber_hears_of_a_new_entry_at_once(place, origin):
    callback = Callback(origin, host="127.0.0.9")
    url = origin.serve("/1.xml", document(["Мост открыт"]))
    configured(place, url)
    with place.start() as daemon:
        daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
        shown = daemon.get("/feeds/all.atom")
        hub, topic = f"{daemon.address}/hub", feed(place)
        assert shown.links["hub"]["url"] == hub
        assert shown.links["self"]["url"] == topic
        subscribed(daemon, callback, topic, secret=SECRET, lease_seconds="86400")
        [asked] = callback.questions
        assert (asked["mode"], asked["topic"], asked["lease_seconds"]) == ("subscribe", topic, "86400")
        origin.replace(url, document(["Мост открыт", "Парк открыт"]))
        daemon.wait_for(lambda: daemon.told("source.polled", new=1, items=2), "the poll", PATIENCE_S)
        daemon.wait_for(lambda: callback.deliveries, "the delivery", PATIENCE_S)
        daemon.wait_for(lambda: not waiting(place), "the end of the letter")
        [delivery] = callback.deliveries
        assert delivery.body == daemon.get("/feeds/all.atom").content
        assert "Парк открыт" in delivery.body.decode()
        assert delivery.header(b"content-type") == shown.headers["content-type"].encode()
        assert delivery.header(b"link") == f'<{hub}>; rel="hub", <{topic}>; rel="self"'.encode()
        signature = hmac.new(SECRET.encode(), delivery.body, "sha256").hexdigest()
        assert delivery.header(b"x-hub-signature") == f"sha256={signature}".encode()
        text = place.command("status").stdout
        assert "1 subscription (all 1)" in text
        numbers = daemon.get("/metrics").text
        assert "aggregator_subscribers 1.0" in numbers
        assert 'aggregator_letters_total{letter="delivery",result="arrived"} 1.0' in numbers
        assert daemon.stop() == 0
    assert SECRET not in "".join(daemon.talk)
    assert callback.url not in "".join(daemon.talk)


def waiting(place):
    with closing(sqlite3.connect(place.database)) as database:
        return database.execute("SELECT kind, due_at, problem FROM outbox").fetchall()


def test_a_second_daemon_of_ours_hears_through_our_hub(place, origin, tmp_path):
    url = origin.serve("/1.xml", document(["Мост открыт"]))
    configured(place, url)
    reader = Place(root=tmp_path / "reader", port=free_port())
    reader.root.mkdir()
    with place.start() as daemon:
        daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
        reader.process = {"public_url": f"http://127.0.0.1:{reader.port}", "websub": "on"}
        reader.write({"one": {"url": feed(place), "poll": "10h"}}, TOPICS)
        with reader.start() as second:
            second.wait_for(lambda: second.told("hub.confirmed"), "the subscription")
            second.wait_for(lambda: "Мост" in second.get("/feeds/all.atom").text, "the first entry")
            polls = len(second.told("source.polled"))
            origin.replace(url, document(["Мост открыт", "Парк открыт"]))
            second.wait_for(lambda: second.told("source.pushed", new=1), "the delivery", PATIENCE_S)
            second.wait_for(lambda: "Парк" in second.get("/feeds/all.atom").text, "the second entry", PATIENCE_S)
            assert len(second.told("source.polled")) == polls
            assert second.stop() == 0
        assert daemon.stop() == 0


@pytest.mark.fault("F01")
@pytest.mark.parametrize("point", ["after-publish:2", "before-claim:1", "in-sent:1"])
def test_a_ping_goes_out_whenever_we_are_killed(place, origin, point):
    hub = origin.script("/hub", lambda _: Response(status=204), host="127.0.0.8")
    url = origin.serve("/1.xml", document(["Мост открыт"]))
    configured(place, url, hub="off", hubs=[hub])
    with place.begin(AGGREGATOR_CRASH=point) as daemon:
        origin.replace(url, document(["Мост открыт", "Парк открыт"]))
        assert daemon.process.wait(PATIENCE_S) == KILLED
    everything_is_due(place)
    with place.start() as daemon:
        daemon.wait_for(lambda: "Парк" in daemon.get("/feeds/all.atom").text, "the entries", PATIENCE_S)
        daemon.wait_for(lambda: not waiting(place), "the pings", PATIENCE_S)
        assert daemon.stop() == 0
    pinged = [request.body for request in origin.requests if request.address == "127.0.0.8"]
    assert {body.count(b"hub.mode=publish") for body in pinged} == {1}
    for kind in ("atom", "rss", "json"):
        assert any(f"all.{kind}".encode() in body for body in pinged)


def test_a_poll_by_hand_tells_hubs_where_no_daemon_runs(place, origin):
    hub = origin.script("/hub", lambda _: Response(status=204), host="127.0.0.8")
    configured(place, origin.serve("/1.xml", document(["Мост открыт"])), hubs=[hub])
    assert place.command("poll", "--all").returncode == 0
    assert sum(request.address == "127.0.0.8" for request in origin.requests) == 3
    assert not waiting(place)


@pytest.mark.fault("F01")
@pytest.mark.parametrize("point", ["after-wish:1", "in-meant:1", "in-sent:1"])
def test_a_subscriber_hears_whenever_we_are_killed(place, origin, point):
    callback = Callback(origin, host="127.0.0.9")
    url = origin.serve("/1.xml", document(["Мост открыт"]))
    configured(place, url)
    with place.start(AGGREGATOR_CRASH=point) as daemon:
        daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/all.atom").text, "the first entry")
        with suppress(httpx.TransportError):
            asks(daemon, callback.form(feed(place)))
        origin.replace(url, document(["Мост открыт", "Парк открыт"]))
        assert daemon.process.wait(PATIENCE_S) == KILLED
    everything_is_due(place)
    with place.start() as daemon:
        daemon.wait_for(lambda: subscribers(place), "the subscription", PATIENCE_S)
        daemon.wait_for(lambda: "Парк" in daemon.get("/feeds/all.atom").text, "the second entry", PATIENCE_S)
        origin.replace(url, document(["Мост открыт", "Парк открыт", "Школа открыта"]))
        daemon.wait_for(lambda: callback.deliveries, "the delivery", PATIENCE_S)
        daemon.wait_for(lambda: "Школа" in callback.deliveries[-1].body.decode(), "the third entry", PATIENCE_S)
        assert daemon.stop() == 0
    assert len(callback.questions) <= 2
    assert len({request.body for request in callback.deliveries}) >= len(callback.deliveries) - 1  # at least once


def subscribers(place):
    with closing(sqlite3.connect(place.database)) as database:
        return database.execute("SELECT until FROM subscriber WHERE until IS NOT NULL").fetchall()


def everything_is_due(place):
    """Let the claims of the dead run out."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("UPDATE outbox SET due_at = '2000-01-01 00:00:00.000000'")
        database.execute("UPDATE source_state SET lease_until = '2000-01-01 00:00:00.000000'")
