"""SIGHUP: the configuration on disk takes over, or is refused and the last good one stays in force."""

from __future__ import annotations

import signal

import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one"}}


@pytest.fixture
def newsroom(place):
    with Origin() as origin:
        sources = {"one": {"url": origin.serve("/1.xml", document(["Мост открыт"], host="one.example"))}}
        place.write(sources, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: titles(daemon, "all"), "the first entry")
            yield place, daemon, origin, sources


def titles(daemon, topic):
    return {item["title"] for item in daemon.get(f"/feeds/{topic}.json").json()["items"]}


def test_a_new_source_and_a_new_topic_are_live_after_a_reload(newsroom):
    place, daemon, origin, sources = newsroom
    more = {"two": {"url": origin.serve("/2.xml", document(["Школа открыта"], host="two.example"), host="127.0.0.2")}}
    topics = {**TOPICS, "both": {"title": "Оба", "match": "source:one,two", "backfill": 5}}
    place.write({**sources, **more}, topics)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
    daemon.wait_for(
        lambda: daemon.get("/feeds/both.json").status_code == 200 and titles(daemon, "both"), "the new topic's entries"
    )
    daemon.wait_for(lambda: titles(daemon, "both") == {"Мост открыт", "Школа открыта"}, "both entries")


def test_a_removed_topic_is_gone_and_a_removed_source_is_polled_no_more(newsroom):
    place, daemon, origin, _ = newsroom
    two = {"two": {"url": origin.serve("/2.xml", document(["Школа открыта"], host="two.example"), host="127.0.0.2")}}
    place.write(two, {"other": {"title": "Другое", "match": "source:two"}})
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
    assert daemon.get("/feeds/all.atom").status_code == 410
    assert [row["source"] for row in place.json("status")] == ["two"]


def test_a_mistake_keeps_the_last_good_configuration_and_says_where_it_is(newsroom):
    place, daemon, _, sources = newsroom
    place.write(sources, {"all": {"title": "Всё", "match": "sorce:one"}})
    daemon.process.send_signal(signal.SIGHUP)
    (refused,) = daemon.wait_for(lambda: daemon.told("config.refused"), "the refusal")
    assert "topics.yaml:" in refused["mistakes"][0]
    assert titles(daemon, "all") == {"Мост открыт"}
    assert "topics.yaml:" in daemon.get("/healthz").json()["why"]
    assert daemon.get("/readyz").status_code == 200
    place.write(sources, TOPICS)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
    assert "why" not in daemon.get("/healthz").json()


def test_what_is_read_at_start_only_is_said(newsroom):
    place, daemon, _, sources = newsroom
    place.process = {"authority": "feeds.example.org"}
    place.write(sources, TOPICS)
    daemon.process.send_signal(signal.SIGHUP)
    (told,) = daemon.wait_for(lambda: daemon.told("config.needs_restart"), "the word about a restart")
    assert told["keys"] == ["authority"]


def test_the_next_request_goes_out_as_the_new_configuration_says(newsroom):
    place, daemon, origin, sources = newsroom
    place.process = {"contact": "https://example.org/feeds", "subscribers": 3}
    place.write(sources, TOPICS)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
    assert place.command("poll", "one").returncode == 0
    agents = [request.header(b"user-agent").decode() for request in origin.requests]
    assert [agent.partition(" ")[2] for agent in agents] == [
        "(feed-id=one)",  # nobody outside could open a page of ours: this one is reached at 127.0.0.1
        "(+https://example.org/feeds; 3 subscribers; feed-id=one)",
    ]
    page = daemon.get("/about").text
    assert "https://example.org/feeds" in page
    assert "3 subscribers" in page
