"""What a person withdraws, by the real process: asked first, told by `why` and `status`, and there is no way back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from email.utils import format_datetime

import pytest
from harness import PATIENCE_S, quiet_env

from aggregator import clock
from aggregator.lab.origin import Document, Origin

TITLES = ("Мост закрыт на ремонт", "Паром ходит по часам", "Маяк зажгли снова")


def url(source, number):
    return f"https://{source}.example/news/{number}"


def feed(source, *titles):
    now = format_datetime(clock.now())
    items = "".join(
        f"<item><link>{url(source, n)}</link><title>{title}</title><pubDate>{now}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return Document(body=f'<rss version="2.0"><channel><title>{source}</title>{items}</channel></rss>'.encode())


@pytest.fixture
def town(place):
    """Two sources in one topic, polled once."""
    with Origin() as origin:
        names = {"gorod": TITLES, "bereg": ("Рыба вернулась",)}
        at = {name: origin.serve(f"/{name}.xml", feed(name, *titles)) for name, titles in names.items()}
        place.write(
            {name: {"url": address} for name, address in at.items()},
            {"all": {"title": "Всё", "match": "source:gorod,bereg"}},
        )
        assert place.command("poll").returncode == 0
        yield origin, at


def shown(place):
    return {one["title"] for one in place.json("preview", "all")["shown"]}


@pytest.mark.usefixtures("town")
def test_nothing_is_withdrawn_without_a_person_s_yes(place):
    asked = place.command("withdraw", "gorod")
    assert asked.returncode == 2
    assert all(f"gorod: {title}" in asked.stderr for title in TITLES)
    assert "3 items would be withdrawn. There is no way back" in asked.stderr
    assert "aggregator withdraw gorod --yes" in asked.stderr
    for said, code, left in (("n", 1, 0), ("y", 0, 1)):
        assert on_a_terminal(place, said, "withdraw", url("gorod", 0)) == code
        assert place.json("status", "gorod")["withdrawn"] == left


def on_a_terminal(place, said, *line):
    """Run a command on a terminal, and type this when it asks; return how it ended."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "aggregator", "--config", str(place.config), *line]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=quiet_env()) as process:
        os.close(theirs)
        heard = b""
        while b"[y/N]" not in heard:
            heard += os.read(ours, 1000)
        os.write(ours, f"{said}\n".encode())
        ended = process.wait(PATIENCE_S)
    os.close(ours)
    return ended


@pytest.mark.usefixtures("town")
def test_an_item_is_withdrawn_and_why_says_so(place):
    done = place.command("withdraw", url("gorod", 1), "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 item withdrawn.\n")
    (told,) = place.json("why", url("gorod", 1))
    assert told["withdrawn"]["why"] == "a person withdrew it"
    assert "UTC, for ever: a person withdrew it" in place.command("why", url("gorod", 1)).stdout
    assert "withdrawn 1 item: shown no more" in place.command("status", "gorod").stdout
    assert place.json("withdraw", told["item"], "--yes") == {"what": told["item"], "withdrawn": 0, "topics": {}}
    again = place.command("withdraw", url("gorod", 1), "--yes")
    assert (again.returncode, again.stdout) == (0, f"Nothing of {url('gorod', 1)} is left to be withdrawn.\n")


def test_a_source_goes_with_all_that_it_told_so_far_and_not_with_what_comes(place, town):
    origin, at = town
    done = place.command("withdraw", "gorod", "--yes").stdout
    assert done.startswith("3 items withdrawn.\n")
    assert "remove it from the configuration" in done
    origin.replace(at["gorod"], feed("gorod", *TITLES, "Пляж открыт"))
    assert place.command("poll", "gorod").returncode == 0
    assert "Пляж открыт" in shown(place)
    assert place.json("status", "gorod")["withdrawn"] == 3


@pytest.mark.usefixtures("town")
def test_entries_leave_their_topics_at_once(place):
    assert shown(place) == {*TITLES, "Рыба вернулась"}
    assert place.json("withdraw", "gorod", "--yes") == {"what": "gorod", "withdrawn": 3, "topics": {"all": 3}}
    assert shown(place) == {"Рыба вернулась"}
    assert "  all: 1 entry went\n" in place.command("withdraw", "bereg", "--yes").stdout
    assert shown(place) == set()


@pytest.mark.usefixtures("town")
def test_a_running_daemon_serves_what_is_withdrawn_no_more_and_tells_readers_so(place):
    with place.start() as daemon:
        before = {entry["title"]: entry["id"] for entry in daemon.get("/feeds/all.json").json()["items"]}
        done = place.command("withdraw", url("gorod", 2), "--yes")
        assert done.stdout == "1 item withdrawn.\n  all: 1 entry went\n"
        assert TITLES[2] not in {entry["title"] for entry in daemon.get("/feeds/all.json").json()["items"]}
        assert f'ref="{before[TITLES[2]]}"' in daemon.get("/feeds/all.atom").text
        assert daemon.stop() == 0


@pytest.mark.usefixtures("town")
def test_a_running_daemon_does_it(place):
    with place.start() as daemon:
        done = place.command("withdraw", url("gorod", 2), "--yes")
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1 item withdrawn.")
        assert place.json("status", "gorod")["withdrawn"] == 1
        assert daemon.stop() == 0


@pytest.mark.usefixtures("town")
def test_what_is_not_there_cannot_be_withdrawn(place):
    for what in ("f" * 16, "https://nowhere.example/1", "gorodd"):
        ended = place.command("withdraw", what, "--yes")
        assert (ended.returncode, f"nothing is stored under {what}" in ended.stderr) == (1, True), ended.stderr
