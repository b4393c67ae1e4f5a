"""Rows F27, F28, F29: the configuration changes under the running daemon, wrongly and at the wrong time."""

from __future__ import annotations

import asyncio
import ctypes
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fault_place import TOPICS, entries, metric, papers, reload
from sample import document

from aggregator.lab.origin import Origin

HERE = Path(__file__).parents[2]


def invalid(config):
    (config / "topics.yaml").write_text("topics: {all: {title: [")


def unknown_key(config):
    text = (config / "sources.yaml").read_text("utf-8")
    (config / "sources.yaml").write_text(text.replace('"url"', '"ulr"', 1), "utf-8")


def duplicate_id(config):
    (config / "sources.d").mkdir(exist_ok=True)
    (config / "sources.d/again.yaml").write_text('sources: {s0: {url: "https://other.example/rss"}}')


def empty(config):
    (config / "sources.yaml").write_text("")


def empty_settings(config):
    (config / "aggregator.yaml").write_text("")


def deleted(config):
    (config / "topics.yaml").unlink()


def deleted_settings(config):
    (config / "aggregator.yaml").unlink()


def half_written(config):
    text = (config / "topics.yaml").read_text("utf-8")
    (config / "topics.yaml").write_text(text[: len(text) // 2], "utf-8")


def no_file_any_more(config):
    (config / "topics.yaml").unlink()
    (config / "topics.yaml").mkdir()


def dangling_link(config):
    (config / "topics.yaml").unlink()
    (config / "topics.yaml").symlink_to("..data/topics.yaml")


def folder_gone(config):
    config.rename(config.with_name("config.away"))


WRONG = [
    invalid, unknown_key, duplicate_id, empty, empty_settings, deleted, deleted_settings, half_written,
    no_file_any_more, dangling_link, folder_gone,
]  # fmt: skip


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory):
    """One daemon for all wrong configurations: each test leaves it as it was."""
    from harness import Place, free_port

    place = Place(root=tmp_path_factory.mktemp("newsroom"), port=free_port())
    with Origin() as origin:
        place.write(papers(origin, 2), TOPICS)
        good = place.root / "good"
        shutil.copytree(place.config, good)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(entries(daemon)) == 2, "two entries")
            yield place, daemon, good


@pytest.mark.fault("F27")
@pytest.mark.parametrize("spoil", WRONG, ids=lambda spoil: spoil.__name__.replace("_", " "))
def test_a_wrong_configuration_changes_nothing_and_says_where_it_is_wrong(newsroom, spoil):
    place, daemon, good = newsroom
    refused, reloaded = (len(daemon.told(f"config.{word}")) for word in ("refused", "reloaded"))
    spoil(place.config)
    daemon.wait_for(lambda: len(daemon.told("config.refused")) > refused, "the refusal")
    mistake = daemon.told("config.refused")[-1]["mistakes"][0]
    assert re.match(r"\S+/config(/\S+\.yaml)?:\d+:\d+  ", mistake), mistake
    assert metric(daemon, "config_ok") == 0
    assert "refused" in daemon.get("/healthz").json()["why"]
    assert daemon.get("/readyz").status_code == 200
    assert entries(daemon) == {"Новость 0", "Новость 1"}
    assert "The configuration on disk is refused" in daemon.get("/feeds/_health.atom").text
    for there in (place.config, place.config.with_name("config.away")):
        shutil.rmtree(there, ignore_errors=True)
    shutil.copytree(good, place.config)
    daemon.wait_for(lambda: len(daemon.told("config.reloaded")) > reloaded, "the recovery, by itself")
    daemon.wait_for(lambda: metric(daemon, "config_ok") == 1, "the number")
    assert "why" not in daemon.get("/healthz").json()
    assert not daemon.told("work.crashed")
    assert not daemon.told("source.polled", status=None)
    assert len(daemon.told("source.polled")) == 2  # nobody is asked anew


@pytest.mark.fault("F27")
def test_a_file_that_may_not_be_read_any_more_is_said_with_its_place(tmp_path):
    """Root may read everything, unless the right to do so is taken from it."""
    config = tmp_path / "config"
    shutil.copytree(HERE / "config", config)
    (config / "topics.yaml").chmod(0)
    ended = subprocess.run(
        [sys.executable, "-m", "aggregator", "--config", config, "check"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=without_privilege,
    )
    assert ended.returncode == 2
    assert f"{config}/topics.yaml:1:1  the file cannot be read: Permission denied." in ended.stderr


def without_privilege():
    """Drop what lets root read and write whatever it likes: capabilities(7), PR_CAPBSET_DROP of prctl(2)."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.fault("F27")
def test_a_file_of_secrets_counts_too_and_watching_can_be_switched_off(place, origin):
    place.process = {"contact": "${file:contact.txt}"}
    place.config.mkdir()
    (place.config / "contact.txt").write_text("https://one.example/feeds")
    place.write(papers(origin, 1), TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: entries(daemon), "an entry")
        (place.config / "contact.txt").write_text("https://two.example/feeds")
        daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
        assert "two.example" in daemon.get("/about").text
        place.process["watch"] = "off"
        reload(daemon, place, papers(origin, 1), TOPICS)
        before = len(daemon.told("config.reloaded"))
        (place.config / "contact.txt").write_text("https://three.example/feeds")
        time.sleep(2)  # nothing is to happen
        assert len(daemon.told("config.reloaded")) == before


@pytest.mark.fault("F28")
def test_a_hundred_writes_a_second_are_one_reload_and_the_last_one_wins(place, origin):
    sources = papers(origin, 5)
    place.write(sources, TOPICS)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(entries(daemon)) == 5, "five entries")
        polled = len(origin.requests)
        path, text = place.config / "topics.yaml", (place.config / "topics.yaml").read_text("utf-8")
        for number in range(300):
            new = text.replace("Всё", f"Всё {number}")
            if number % 3 == 0:
                path.write_text(new, "utf-8")
            elif number % 3 == 1:  # as most editors do
                other = path.with_suffix(".yaml~")
                other.write_text(new, "utf-8")
                other.rename(path)
            else:  # half of it, and the rest
                with path.open("w", encoding="utf-8") as file:
                    file.write(new[:20])
                    file.flush()
                    file.write(new[20:])
            time.sleep(0.01)
        daemon.wait_for(lambda: "Всё 299" in daemon.get("/feeds/all.json").json()["title"], "the last title")
        assert len(daemon.told("config.reloaded")) <= 5
        assert not daemon.told("config.refused")
        assert len(origin.requests) == polled
        assert {row["source"] for row in place.json("status")} == set(sources)


@pytest.mark.fault("F28")
def test_links_that_are_moved_elsewhere_as_kubernetes_does_are_followed(place, origin):
    place.write(papers(origin, 1), TOPICS)
    names = [file.name for file in place.config.iterdir()]
    first, second = place.config / "..2026_03_01", place.config / "..2026_03_02"
    first.mkdir()
    for name in names:
        (place.config / name).rename(first / name)
        (place.config / name).symlink_to(f"..data/{name}")
    (place.config / "..data").symlink_to(first.name)
    with place.start() as daemon:
        daemon.wait_for(lambda: entries(daemon), "an entry")
        shutil.copytree(first, second)
        topics = json.loads((second / "topics.yaml").read_text("utf-8"))
        topics["topics"]["all"]["title"] = "Иное"
        (second / "topics.yaml").write_text(json.dumps(topics), "utf-8")
        (place.config / "..data_tmp").symlink_to(second.name)
        (place.config / "..data_tmp").rename(place.config / "..data")
        shutil.rmtree(first)
        daemon.wait_for(lambda: "Иное" in daemon.get("/feeds/all.json").json()["title"], "the new title")
        assert not daemon.told("config.refused")


@pytest.mark.fault("F29")
def test_a_source_that_leaves_while_it_is_polled_is_discarded_and_may_come_back(place, origin):
    sources = papers(origin, 2)
    asked, go = threading.Event(), threading.Event()

    async def slow(_request, _reader, writer):
        asked.set()
        await asyncio.to_thread(go.wait, 60)
        body = document(["Поздняя новость"], host="slow.example").body
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    slow_one = {"slow": {"url": origin.behave("/slow", slow, host="127.0.2.1")}}
    place.write(sources | slow_one, TOPICS | {"late": {"title": "Поздно", "match": "source:slow"}})
    with place.start() as daemon:
        daemon.wait_for(asked.is_set, "the slow request")
        daemon.wait_for(lambda: len(entries(daemon)) == 2, "the others")
        reload(daemon, place, sources, TOPICS)
        assert daemon.get("/feeds/late.atom").status_code == 410
        go.set()
        daemon.wait_for(lambda: daemon.told("source.discarded", source="slow"), "the end of that poll")
        assert entries(daemon) == {"Новость 0", "Новость 1"}
        assert "slow" not in {row["source"] for row in place.json("status")}
        reload(daemon, place, sources | slow_one, TOPICS | {"late": {"title": "Поздно", "match": "source:slow"}})
        daemon.wait_for(lambda: entries(daemon, "late") == {"Поздняя новость"}, "its return")
        assert not daemon.told("work.crashed")


@pytest.mark.fault("F29")
def test_a_topic_that_leaves_while_it_is_rendered_is_gone(place, origin):
    sources = papers(origin, 2)
    topics = TOPICS | {f"t{number}": {"title": f"Тема {number}", "match": "source:s0,s1"} for number in range(5)}
    place.write(sources, topics)
    with place.start(AGGREGATOR_HANG="in-publish:8:1.5") as daemon:  # after the five of the start
        daemon.wait_for(lambda: daemon.told("items.curated"), "something to render")
        reload(daemon, place, sources, TOPICS)
        daemon.wait_for(lambda: len(entries(daemon)) == 2, "the topic that stays")
        for number in range(5):
            assert daemon.get(f"/feeds/t{number}.atom").status_code == 410
        assert not daemon.told("work.crashed")
        assert not daemon.told("loop.stuck")
