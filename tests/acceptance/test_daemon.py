"""The daemon as a process: it starts, holds its store, answers commands, restarts quietly, stops in good order."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import time

import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one,two"}}


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


def two_sources(origin):
    return {
        "one": {"url": origin.serve("/1.xml", document(["Мост открыт", "Дорога закрыта"], host="one.example"))},
        "two": {"url": origin.serve("/2.xml", document(["Школа открыта"], host="two.example"), host="127.0.0.2")},
    }


def titles(daemon, topic="all"):
    return [item["title"] for item in daemon.get(f"/feeds/{topic}.json").json()["items"]]


def test_yaml_in_a_merged_feed_out(place, origin):
    place.write(two_sources(origin), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(titles(daemon)) == 3, "three entries")
        assert set(titles(daemon)) == {"Мост открыт", "Дорога закрыта", "Школа открыта"}
        page = daemon.get("/topics/all")
        assert "Мост открыт" in page.text
        assert "all.atom" in daemon.get("/").text
        assert daemon.get("/healthz").status_code == daemon.get("/readyz").status_code == 200
        assert daemon.stop() == 0


def test_what_appears_later_reaches_the_reader_and_what_was_there_keeps_its_id(place, origin):
    sources = two_sources(origin)
    place.write(sources, TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(titles(daemon)) == 3, "three entries")
        before = {i["title"]: i["id"] for i in daemon.get("/feeds/all.json").json()["items"]}
        origin.replace(
            sources["one"]["url"], document(["Мост открыт", "Дорога закрыта", "Парк открыт"], host="one.example")
        )
        assert place.json("poll", "one")["new"] == 1
        after = {i["title"]: i["id"] for i in daemon.get("/feeds/all.json").json()["items"]}
        assert after.keys() - before.keys() == {"Парк открыт"}
        assert before.items() <= after.items()


def test_the_same_article_in_two_outlets_is_one_entry_that_names_both(place, origin):
    sources = {
        "one": {"url": origin.serve("/1.xml", document(["Мост открыт"], host="www.one.example")), "title": "Первый"},
        "two": {
            "url": origin.serve("/2.xml", document(["На реке открыли мост"], host="one.example"), host="127.0.0.2"),
            "title": "Второй",
        },
    }
    place.write(sources, TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(daemon.told("source.polled")) == 2, "two polls")
        entry = daemon.wait_for(
            lambda: len(both := daemon.get("/feeds/all.json").json()["items"]) == 1 and both, "one entry"
        )[0]
        (told,) = [why for why in place.json("why", "https://one.example/news/1") if why["copies"]][:1]
        assert {copy["method"] for copy in told["copies"]} == {"first", "same-url"}
        assert entry["title"] in ("Мост открыт", "На реке открыли мост")


def test_a_restart_polls_nobody_early_and_serves_what_was_there(place, origin):
    place.write(two_sources(origin), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(titles(daemon)) == 3, "three entries")
        etag = daemon.get("/feeds/all.atom").headers["etag"]
        assert daemon.stop() == 0
    origin.forget()
    with place.start() as daemon:
        again = daemon.wait_for(
            lambda: daemon.get("/readyz").status_code == 200 and daemon.get("/feeds/all.atom"), "the feed"
        )
        assert again.headers["etag"] == etag
        assert place.json("poll")["polled"] == 0  # the daemon itself says that nobody is due
        assert origin.requests == []
        assert daemon.told("source.polled") == []
        assert daemon.stop() == 0


@pytest.mark.fault("F15")
def test_a_second_daemon_on_one_store_is_refused_and_told_who_holds_it(place, origin):
    place.write(two_sources(origin), TOPICS)
    with place.start() as daemon:
        second = place.command("run")
        assert second.returncode == 75
        assert f"another daemon (process {daemon.process.pid}) holds" in second.stderr
        assert daemon.get("/healthz").status_code == 200


def test_an_address_that_is_taken_is_said_plainly(place, origin):
    place.write(two_sources(origin), TOPICS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        ended = place.command("run")
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{place.port}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_signal_stops_it_within_ten_seconds_even_while_a_source_hangs(place, origin, number):
    place.write({"one": {"url": hanging(origin)}, "two": two_sources(origin)["two"]}, TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: any(r.target == b"/hang" for r in origin.requests), "the hanging request")
        began = time.monotonic()
        assert daemon.stop(number) == 0
        assert time.monotonic() - began < 10
        assert daemon.told("daemon.stopped")
    assert place.json("status", "one")["state"] == "new"  # given back, not failed


def test_a_second_signal_ends_it_at_once(place, origin):
    place.write({"one": {"url": hanging(origin)}, "two": two_sources(origin)["two"]}, TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: any(r.target == b"/hang" for r in origin.requests), "the hanging request")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_for(lambda: daemon.told("daemon.stopping"), "the stop to begin")
        began = time.monotonic()
        assert daemon.stop() == 1
        assert time.monotonic() - began < 3


def hanging(origin):
    async def silence(_request, _reader, _writer):
        await asyncio.sleep(300)

    return origin.behave("/hang", silence, host="127.0.0.3")


def test_poll_works_without_a_daemon_too(place, origin):
    place.write(two_sources(origin), TOPICS)
    told = place.json("poll", "--all")
    assert (told["polled"], told["new"], told["topics"]) == (2, 3, {"all": 3})
    assert {entry["title"] for entry in place.json("preview", "all")["shown"]} == {
        "Мост открыт",
        "Дорога закрыта",
        "Школа открыта",
    }
    assert place.json("poll")["polled"] == 0  # nobody is due


def test_a_source_added_later_does_not_dump_its_past_into_readers(place, origin):
    sources = two_sources(origin)
    place.write({"one": sources["one"]}, TOPICS | {"all": {"title": "Всё", "match": "lang:ru"}})
    assert place.json("poll", "--all")["topics"] == {"all": 2}
    past = document([f"Старая новость {n}" for n in range(300)], host="two.example")
    origin.replace(sources["two"]["url"], past)
    place.write({**sources, "two": {**sources["two"], "language": "ru"}}, {"all": {"title": "Всё", "match": "lang:ru"}})
    told = place.json("poll", "two")
    assert told["new"] == 300
    assert told["topics"] == {"all": 12}


def test_what_is_left_out_says_why(place, origin):
    place.write(two_sources(origin), TOPICS)
    place.json("poll", "--all")
    later = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')"
    with sqlite3.connect(place.database) as raw:
        raw.execute(f"UPDATE source_state SET lease_until = {later} WHERE id = 'one'")
        raw.execute(f"UPDATE host_state SET paused_until = {later} WHERE host LIKE '127.0.0.2%'")
    raw.close()
    left_out = {skip["source"]: skip["why"] for skip in place.json("poll", "--all")["skipped"]}
    assert "it is claimed until" in left_out["one"]
    assert "its host wants to be left alone until" in left_out["two"]


def test_an_unknown_name_is_refused_with_a_suggestion(place, origin):
    place.write(two_sources(origin), TOPICS)
    for verb, name, near in [("poll", "oen", "one"), ("status", "tow", "two"), ("preview", "al", "all")]:
        ended = place.command(verb, name)
        assert (ended.returncode, f'Did you mean "{near}"?' in ended.stderr) == (2, True)


def test_every_verb_says_what_it_does_with_an_example(place):
    for verb in ("run", "check", "poll", "status", "why", "preview"):
        ended = place.command(verb, "--help")
        assert ended.returncode == 0
        assert "Example: aggregator" in ended.stdout


def test_a_signal_while_it_starts_ends_it_in_good_order(place, origin):
    topics = {f"t{number}": {"title": f"Тема {number}", "match": "source:one"} for number in range(300)}
    place.write({"one": two_sources(origin)["one"]}, topics)
    daemon = place.begin()
    with daemon:
        daemon.wait_for(lambda: daemon.told("topic.published"), "the first topic")
        assert daemon.stop() == 0
        assert daemon.told("daemon.stopped")
        assert not daemon.told("daemon.started")
    assert origin.requests == []
    with place.start() as again:
        assert len(again.told("topic.published")) < 300  # what was made stands
        assert again.stop() == 0


@pytest.mark.parametrize("after_s", [0.2, 0.5, 0.8, 1.1])
def test_there_is_no_moment_of_the_start_at_which_a_signal_leaves_a_mess(place, origin, after_s):
    place.write(two_sources(origin), TOPICS)
    place.forks = False
    with place.begin() as daemon:
        time.sleep(after_s)  # whichever moment that is on this machine: each must do
        code = daemon.stop()
        assert code == 0 or (code == -signal.SIGTERM and not place.database.exists()), "".join(daemon.talk)
        assert "Traceback" not in "".join(daemon.talk)
    with place.start() as again:
        assert again.stop() == 0
