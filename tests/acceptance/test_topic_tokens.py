"""Addresses of private topics, given and taken back by the real command line: beside a daemon, and without one."""

from __future__ import annotations

import re

import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {
    "open": {"title": "Для всех", "match": "not category:нет"},
    "own": {"title": "Только свои", "match": "not category:нет", "visibility": "private"},
}
BASE = "http://127.0.0.1:8080/private/"


@pytest.fixture
def newsroom(place):
    with Origin() as origin:
        place.write({"one": {"url": origin.serve("/f.xml", document(["Мост открыт"]))}}, TOPICS)
        yield place


def new(place):
    return place.json("topic", "token", "new", "own")


def marks(place):
    return [one["mark"] for one in place.json("topic", "token", "list")]


def test_the_addresses_are_printed_once_and_only_a_mark_is_kept(newsroom):
    ended = newsroom.command("topic", "token", "new", "own")
    tokens = set(re.findall(r"/private/([A-Za-z0-9_-]{43})/", ended.stdout))
    assert len(tokens) == 1
    (token,) = tokens
    paths = [f"feeds/own.{form}" for form in ("atom", "rss", "json")] + ["topics/own"]
    assert re.findall(r"http\S+", ended.stdout) == [f"{BASE}{token}/{path}" for path in paths]
    listed = newsroom.command("topic", "token", "list").stdout
    assert "own" in listed
    assert token not in listed
    assert token.encode() not in newsroom.database.read_bytes()


def test_a_token_is_taken_back_by_itself_its_address_or_its_mark(newsroom):
    one, two, three, kept = (new(newsroom) for _ in range(4))
    for said in (one["token"], two["addresses"]["rss"], three["mark"]):
        ended = newsroom.command("topic", "token", "revoke", "own", said)
        assert (ended.stdout, ended.stderr) == ("1 token of own revoked.\n", "")
    assert marks(newsroom) == [kept["mark"]]
    again = newsroom.command("topic", "token", "revoke", "own", said)
    assert (again.returncode, "no address of own has this token" in again.stderr) == (1, True)


def test_all_are_taken_back_at_once(newsroom):
    new(newsroom), new(newsroom)
    assert newsroom.json("topic", "token", "revoke", "own", "--all") == {"topic": "own", "revoked": 2}
    assert newsroom.command("topic", "token", "list").stdout == "No token was given out yet.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("new", "open"), "open is public and needs no token", id="a public topic"),
        pytest.param(("new", "onw"), 'no topic is named "onw". Did you mean "own"?', id="no topic"),
        pytest.param(("revoke", "own"), "name one token, or say --all", id="neither"),
        pytest.param(("revoke", "own", "a" * 43, "--all"), "name one token, or say --all", id="both"),
    ],
)
def test_what_cannot_be_done_is_said(newsroom, arguments, said):
    ended = newsroom.command("topic", "token", *arguments)
    assert (ended.returncode, said in ended.stderr) == (2, True), ended.stderr


def test_beside_a_daemon_a_token_opens_its_topic_at_once(newsroom):
    with newsroom.start() as daemon:
        token = new(newsroom)["token"]
        path = f"/private/{token}/feeds/own.json"
        daemon.wait_for(lambda: daemon.get(path).json()["items"], "the first entry")
        assert newsroom.command("topic", "token", "revoke", "own", "--all").returncode == 0
        assert daemon.get(path).status_code == 404


def test_a_daemon_that_has_not_read_the_configuration_says_so(newsroom):
    with newsroom.start():
        newsroom.write(
            {"one": {"url": "https://one.example/"}},
            TOPICS | {"late": {"title": "Новая", "match": "lang:ru", "visibility": "private"}},
        )
        ended = newsroom.command("topic", "token", "new", "late")
        assert (ended.returncode, "the configuration in force has no such private topic" in ended.stderr) == (1, True)
