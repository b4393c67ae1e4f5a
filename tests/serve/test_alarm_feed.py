"""/feeds/_health.atom: what happened, for whoever looks after this place."""

from __future__ import annotations

from datetime import timedelta

import feedparser
import pytest
from lxml import etree
from serve_making import NOON, Stand, ask, serving, topic

from aggregator.model import Incident
from aggregator.publish.alarms import TITLES
from aggregator.serve.alarms import HEALTH
from aggregator.store import Store, incidents


def incident(about, name, kind, minutes=0, problem=""):
    return Incident(at=NOON + timedelta(minutes=minutes), about=about, name=name, kind=kind, problem=problem)


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    yield store
    store.close()


def entries(server):
    reply = ask(server, "GET", HEALTH)
    assert reply.status == 200
    etree.fromstring(reply.body)
    return feedparser.parse(reply.body).entries


def test_it_names_what_all_may_know_of_and_nothing_private(store):
    store.write_now(
        incidents.note,
        [
            incident("source", "mayak", "broke", 0, "answers 500 <b>"),
            incident("source", "members", "gone", 1, "answers 410"),
            incident("topic", "sea", "unexpected", 2, "too_few: 0 entries"),
            incident("topic", "inner", "unexpected", 3, "too_few: 0 entries"),
            incident("config", "", "refused", 4, "topics.yaml:3:5"),
            incident("source", "mayak", "recovered", 5),
        ],
    )
    stand = Stand(store=store, sources=("mayak",))
    stand.topics["inner"] = topic("inner", private=True)
    with serving(stand.app()) as server:
        told = entries(server)
        assert [one.title for one in told] == [
            "mayak is well again",
            "The configuration on disk is refused",
            "The topic sea has fewer or more entries than expected",
            "mayak does not answer as it should",
        ]
        assert [one.link.rpartition("example.org")[2] for one in told] == [
            "/sources/mayak", "/sources", "/topics/sea", "/sources/mayak",
        ]  # fmt: skip
        assert "answers 500 <b>" in told[3].content[0].value.replace("&lt;", "<").replace("&gt;", ">")
        page = ask(server, "GET", "/sources").body.decode()
        assert page.count(HEALTH) == 2


def test_an_entry_keeps_its_id_while_others_come_and_what_no_store_has_comes_first(store):
    store.write_now(incidents.note, [incident("source", "mayak", "broke")])
    stand = Stand(store=store, sources=("mayak",))
    with serving(stand.app()) as server:
        (before,) = entries(server)
    stand.untold.append(incident("store", "", "silent", 9))
    with serving(stand.app()) as server:
        silent, after = entries(server)
        assert (after.id, after.updated) == (before.id, before.updated)
        assert silent.title == "The store does not work"


@pytest.mark.parametrize("case", TITLES, ids=" ".join)
def test_each_kind_has_words(store, case):
    about, kind = case
    stand = Stand(store=store, sources=("sea",))
    stand.untold.append(
        incident(about, "sea" if about in ("source", "topic") else "", kind, problem="https://a.example/?k=1")
    )
    with serving(stand.app()) as server:
        (told,) = entries(server)
        assert told.title == TITLES[case].format("sea")
        assert told.content[0].value
