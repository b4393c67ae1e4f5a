"""A store of every schema that there ever was, brought to today's: nothing is lost, and readers are told nothing again.

Such a store is made by its own migrations and filled by plain SQL, with what the real process wrote into one of today,
as far as the schema of then had a place for it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from harness import Place, free_port, quiet_env
from sqlalchemy import insert, inspect, make_url, select, text
from store_city import NEWS, TITLES, feed, shown, write

from aggregator.crash import KILLED
from aggregator.lab.origin import Origin
from aggregator.store import Store, checking, postgresql, sqlite, upgrade
from aggregator.store.schema import HEAD, REVISIONS, metadata

FOLDER = Path(upgrade.__file__).parent / "migrations"
POLLED = ("0001", "0011")  # the first one, and the one in which the ledger became what it is
BRIEF = ("0001", "0009", REVISIONS[-2])


@dataclass
class Lived:
    """What a store holds in which the real process has polled and published, and the source that goes on."""

    origin: Origin
    address: str
    rows: dict[str, list[dict[str, Any]]]
    entries: list[tuple[str, str, str]]


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    place = Place(root=tmp_path_factory.mktemp("lived"), port=free_port())
    with Origin() as origin:
        lived = Lived(origin, origin.serve("/city.xml", feed(TITLES)), {}, [])
        write(place, lived.address, f"sqlite:///{place.database}")
        assert place.command("poll", "--all").returncode == 0
        lived.rows, lived.entries = rows(f"sqlite:///{place.database}"), shown(f"sqlite:///{place.database}")
        assert len(lived.entries) == len(TITLES)
        origin.replace(lived.address, feed([*TITLES, NEWS]))
        yield lived


def rows(url):
    """Return all rows of a store of today."""
    store = Store.open(url, readonly=True)
    try:
        return store.read_now(
            lambda conn: {
                table.name: [{c.key: row[c] for c in table.c} for row in conn.execute(select(table)).mappings()]
                for table in metadata.sorted_tables
            }
        )
    finally:
        store.close()


def make(url, revision, filling):
    """Make a store of a former schema, and fill it as far as that has a place for it."""
    address = make_url(url)
    on_sqlite = address.get_backend_name() == "sqlite"
    engine = sqlite.writer_engine(Path(address.database)) if on_sqlite else postgresql.connect(address, 1)
    with engine.begin() as conn:
        config = Config(attributes={"connection": conn, "told": len})
        config.set_main_option("script_location", str(FOLDER))
        command.upgrade(config, revision)
        seen = inspect(conn)
        for table in [one for one in metadata.sorted_tables if seen.has_table(one.name)]:
            there = {column["name"] for column in seen.get_columns(table.name)}
            here = [{c.key: row[c.key] for c in table.c if c.name in there} for row in filling[table.name]]
            if here:
                conn.execute(insert(table), here)
            if "seq" in table.c and not on_sqlite:
                conn.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'seq'), {len(here) + 1})"))
    engine.dispose()


@pytest.fixture
def fresh(request, tmp_path):
    """The address of a database in which there is nothing, on the engine that a test asks for."""

    def on(engine):
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / 'old.db'}"
        server = request.getfixturevalue("postgresql_server")
        name = f"old_{abs(hash(str(tmp_path)))}"
        server.say(f"CREATE DATABASE {name}")
        request.addfinalizer(lambda: server.say(f"DROP DATABASE {name} WITH (FORCE)"))
        return server.url(name)

    return on


def long(revisions, brief):
    """Mark those that are for the long form."""
    return [pytest.param(one, marks=() if one in brief else pytest.mark.slow) for one in revisions]


@pytest.mark.fault("F14")
@pytest.mark.parametrize("revision", long(REVISIONS[:-1], REVISIONS))
def test_nothing_is_lost_on_the_way_from_any_schema(lived, fresh, revision):
    _comes_whole(lived, fresh("sqlite"), revision)


@pytest.mark.fault("F14")
@pytest.mark.parametrize("revision", long(REVISIONS[:-1], BRIEF))
def test_nothing_is_lost_on_postgresql_either(lived, fresh, revision):
    _comes_whole(lived, fresh("postgresql"), revision)


def _comes_whole(lived, url, revision):
    make(url, revision, lived.rows)
    steps = []
    Store.open(url, told=steps.append).close()
    assert steps == list(REVISIONS[REVISIONS.index(revision) + 1 :])
    store = Store.open(url, readonly=True)
    assert store.read_now(checking.check, lambda _: None) == []
    store.close()
    now = rows(url)
    for name in ("item", "topic_item", "delivery", "artefact", "meta"):
        assert [key_of(name, row) for row in now[name]] == [key_of(name, row) for row in lived.rows[name]]
    assert shown(url) == lived.entries


def key_of(name, row):
    """What of a row must be the same ever after."""
    keys = {
        "item": ("seq", "key", "item_id", "first_seen_at", "title"),
        "topic_item": ("topic", "item", "entry_id"),
        "delivery": ("seq", "topic", "entry_id", "rev", "anchor", "entered_at", "updated", "state", "current", "face"),
        "artefact": ("topic", "format", "encoding", "etag", "last_modified", "body"),
        "meta": ("name", "value"),
    }
    return {key: row[key] for key in keys[name]}


@pytest.mark.fault("F41")
@pytest.mark.parametrize("revision", long(REVISIONS[:-1], POLLED))
def test_who_reads_along_sees_what_is_new_and_nothing_again(lived, fresh, tmp_path, revision):
    _goes_on(lived, Place(root=tmp_path, port=free_port()), fresh("sqlite"), revision)


@pytest.mark.fault("F41")
@pytest.mark.parametrize("revision", long(REVISIONS[:-1], ("0001",)))
def test_so_do_readers_of_a_store_on_postgresql(lived, fresh, tmp_path, revision):
    _goes_on(lived, Place(root=tmp_path, port=free_port()), fresh("postgresql"), revision)


def _goes_on(lived, place, url, revision):
    make(url, revision, lived.rows)
    write(place, lived.address, url)
    said = place.json("poll", "--all")
    assert (said["new"], said["changed"]) == (1, 0)
    entries = shown(url)
    assert [entry for entry in entries if entry[1] != NEWS] == lived.entries
    assert len(entries) == len(lived.entries) + 1


@pytest.mark.fault("F14")
@pytest.mark.parametrize("step", long(REVISIONS[1:], ("0007", "0011", HEAD)))
def test_whoever_is_killed_in_an_upgrade_leaves_the_former_schema(lived, fresh, step):
    _dies_at(lived, fresh("sqlite"), step)


@pytest.mark.fault("F14")
@pytest.mark.parametrize("step", long(REVISIONS[1:], ("0011",)))
def test_nor_does_he_on_postgresql(lived, fresh, step):
    _dies_at(lived, fresh("postgresql"), step)


def _dies_at(lived, url, step):
    make(url, "0001", lived.rows)
    code = "import sys; from aggregator.store import Store; Store.open(sys.argv[1]).close()"
    line, dying = [sys.executable, "-c", code, url], quiet_env() | {"AGGREGATOR_CRASH": f"in-{step}:1"}
    assert subprocess.run(line, env=dying, timeout=60, check=False).returncode == KILLED
    steps = []
    Store.open(url, told=steps.append).close()
    assert steps == list(REVISIONS[1:])  # from the beginning, for nothing of the first attempt was kept
    assert shown(url) == lived.entries


@pytest.mark.fault("F14")
def test_a_store_of_a_newer_program_is_refused_in_one_line(lived, fresh, tmp_path):
    url, place = fresh("sqlite"), Place(root=tmp_path, port=free_port())
    Store.open(url).close()
    newer = sqlite.writer_engine(tmp_path / "old.db")
    with newer.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer.dispose()
    write(place, lived.address, url)
    refused = place.command("run")
    assert (refused.returncode, refused.stdout) == (78, "")
    assert f"newer schema 9999, this program knows up to {HEAD}: upgrade the program" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
