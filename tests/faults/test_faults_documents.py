"""Documents that kill their parser, documents beyond all measure, and a topic that cannot be published."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from harness import Place, free_port
from hostile import MIB, OK, pours
from sample import document, rss

from aggregator.lab.origin import Document, Origin

POISONS = {"abort": "яд: конец", "depth": "яд: глубина", "memory": "яд: память"}
HANGS = {"hang": "яд: вечность"}
TOPICS = {"all": {"title": "Всё", "match": "title:/./"}}
ALWAYS = {"every": "1s", "under_floor": True}


@pytest.fixture
def place(tmp_path):
    return Place(root=tmp_path, port=free_port(), forks=False)


@pytest.mark.fault("F22")
@pytest.mark.parametrize(
    "poisons", [POISONS, pytest.param(HANGS, marks=pytest.mark.slow)], ids=["dies", "hangs until its deadline"]
)
def test_a_document_that_kills_its_parser_is_put_away_for_hours_and_kept(place, poisons):
    place.env = {"PYTHONPATH": str(Path(__file__).parent / "poison")}
    with Origin() as origin:
        bodies = {name: rss([f"Новость <b>{words}</b>"]) for name, words in poisons.items()}
        urls = {name: origin.serve(f"/{name}.xml", Document(body=body)) for name, body in bodies.items()}
        good = origin.serve("/good.xml", document(["Мост открыт"]), host="127.0.0.2")
        place.write({name: {"url": url, "poll": ALWAYS} for name, url in {**urls, "good": good}.items()}, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(daemon.told("source.failed")) == len(poisons), "each to fail")
            failed = {event["source"]: event for event in daemon.told("source.failed")}
            for name, body in bodies.items():
                kind = "parser-hung" if name == "hang" else "parser-died"
                assert (failed[name]["kind"], failed[name]["next_in_s"] >= 3600) == (kind, True), failed[name]
                [copy] = (place.root / "state/quarantine").glob(f"{name}-*")
                assert copy.read_bytes() == body
            seen = len(daemon.told("source.polled", source="good"))
            daemon.wait_for(lambda: len(daemon.told("source.polled", source="good")) >= seen + 2, "the good one")
            for name, url in urls.items():
                origin.replace(url, document([f"Теперь {name} цел"]))
            assert place.json("poll", *poisons)["new"] == len(poisons)
            assert not daemon.told("work.crashed")
            assert daemon.stop() == 0


@pytest.mark.fault("F24")
def test_documents_beyond_measure_are_refused_or_cut_and_cost_little_memory(place):
    item = b"<item><guid>%d</guid><title>x</title></item>"
    many = b"<rss version='2.0'><channel>" + b"".join(item % n for n in range(100_000)) + b"</channel></rss>"
    with Origin() as origin:
        good = origin.serve("/good.xml", document(["Мост открыт"]), host="127.0.0.2")
        flood = origin.behave("/flood.xml", pours(b" " * 65536, before=OK + b"\r\n<rss>"))
        large = origin.serve("/large.xml", Document(body=b"<rss>" + b" " * 50 * MIB))
        long = origin.serve("/long.xml", Document(body=many))
        sources = {"good": {"url": good, "poll": ALWAYS}}
        place.write(sources, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(daemon.told("source.polled")) >= 2, "the good one")
            process = psutil.Process(daemon.process.pid)
            forget_peak(process)
            level = peak_bytes(process)
            place.write(sources | {"flood": {"url": flood}, "large": {"url": large}, "long": {"url": long}}, TOPICS)
            daemon.process.send_signal(1)
            daemon.wait_for(lambda: len(daemon.told("source.failed")) >= 2, "both to be refused")
            daemon.wait_for(lambda: daemon.told("source.polled", source="long"), "the long one")
            assert {(one["source"], one["kind"]) for one in daemon.told("source.failed")} == {
                ("flood", "too-large"),
                ("large", "too-large"),
            }
            [read] = daemon.told("source.polled", source="long")
            assert 0 < read["items"] <= 2000
            assert "item-too-many" in {flaw["code"] for flaw in place.json("status", "long")["flaws"]}
            assert peak_bytes(process) - level < 150 * MIB
            seen = len(daemon.told("source.polled", source="good"))
            daemon.wait_for(lambda: len(daemon.told("source.polled", source="good")) >= seen + 2, "the good one")
            assert daemon.stop() == 0


def peak_bytes(process):
    """The most that the process has held since `forget_peak`; its parsers not counted."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024


def forget_peak(process):
    Path(f"/proc/{process.pid}/clear_refs").write_text("5", "utf-8")  # man 5 proc


@pytest.mark.fault("F37")
def test_a_topic_that_cannot_be_published_keeps_its_documents_and_costs_no_other(place):
    topics = {"a": {"title": "А", "match": "source:one"}, "b": {"title": "Б", "match": "source:one"}}
    with Origin() as origin:
        url = origin.serve("/1.xml", document(["Мост открыт"]))
        place.write({"one": {"url": url, "poll": ALWAYS}}, topics)
        with place.start() as daemon:
            daemon.wait_for(lambda: "Мост" in daemon.get("/feeds/b.atom").text, "the first entry")
            before = daemon.get("/feeds/a.atom").content
            change_faces(place, "'{' || face")
            origin.replace(url, document(["Мост открыт", "Парк открыт"]))
            daemon.wait_for(lambda: "Парк" in daemon.get("/feeds/b.atom").text, "the entry elsewhere")
            daemon.wait_for(lambda: daemon.told("work.crashed", work="publish", topic="a"), "the fault to be told")
            assert daemon.get("/feeds/a.atom").content == before
            assert "publications_failed_total 0.0" not in daemon.get("/metrics").text
            assert "by a fault of ours" in place.command("status").stdout
            change_faces(place, "substr(face, 2)")
            daemon.wait_for(lambda: "Парк" in daemon.get("/feeds/a.atom").text, "the entry, when it can be published")
            assert daemon.stop() == 0


def change_faces(place, changed):
    """Make what topic a shows of its entries unreadable, or readable again."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute(f"UPDATE delivery SET face = {changed} WHERE topic = 'a'")
