"""The real daemon on a store that moves to PostgreSQL and back: its readers notice nothing."""

from __future__ import annotations

import json

import pytest
from harness import Place, free_port
from store_city import NEWS, TITLES, entries, feed, shown, write

from aggregator.lab.origin import Origin
from aggregator.store import Store, checking
from aggregator.store.copying import copy

FEED = "/feeds/all.atom"


@pytest.fixture
def postgresql_fresh(postgresql_server):
    postgresql_server.say("CREATE DATABASE moved")
    yield postgresql_server.url("moved")
    postgresql_server.say("DROP DATABASE moved WITH (FORCE)")


@pytest.mark.timeout(240)
def test_a_daemon_goes_on_where_another_stopped_on_the_other_engine(tmp_path, postgresql_fresh):
    place = Place(root=tmp_path, port=free_port())
    with Origin() as origin:
        address = origin.serve("/city.xml", feed(TITLES))
        write(place, address, f"sqlite:///{place.database}")
        with place.start() as daemon:
            daemon.wait_for(lambda: len(entries(daemon.get(FEED).content)) == 3, "the first articles")
            before = daemon.get(FEED)
            assert daemon.stop() == 0

        ended = place.command("db", "copy", "--to", postgresql_fresh, "--json")
        assert ended.returncode == 0, ended.stderr
        rows = json.loads(ended.stdout)["rows"]
        assert (rows["item"], rows["delivery"], rows["source_state"]) == (3, 3, 1)
        write(place, address, postgresql_fresh)
        origin.replace(address, feed([*TITLES, NEWS]))
        with place.start() as daemon:
            again = daemon.get(FEED, **{"If-None-Match": before.headers["etag"]})
            assert again.status_code == 304  # the very bytes, before anything is polled
            assert place.json("poll", "city")["new"] == 1
            now = shown(postgresql_fresh)
            assert len(now) == 4
            assert [entry for entry in now if entry[1] != NEWS] == entries(before.content)
            assert daemon.stop() == 0

    there, back = Store.open(postgresql_fresh, readonly=True), Store.open(f"sqlite:///{tmp_path / 'back.db'}")
    try:
        assert copy(there, back)["item"] == 4
        assert back.read_now(checking.check, lambda _: None) == []
    finally:
        there.close(), back.close()
    assert shown(f"sqlite:///{tmp_path / 'back.db'}") == now
