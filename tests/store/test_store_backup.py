"""A copy of an SQLite store beside whoever writes into it, and the way back."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from store_makers import an_item, stored

from aggregator.errors import BackupError, StoreHeld
from aggregator.store import Store, backup, items, meta, polls
from aggregator.store.schema import HEAD


@pytest.fixture
def store(sqlite_url):
    """Only SQLite is copied here."""
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def database(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


def keys(path):
    store = Store.open(f"sqlite:///{path}", readonly=True)
    with closing(store):
        return [one.key for one in store.read_now(items.uncurated, 1000)]


def test_a_backup_is_one_file_with_everything_in_it(store, time, database, tmp_path):
    known = stored(store, time, *map(an_item, "123"))
    target = tmp_path / "copy.db"
    steps = []
    found = backup.back_up(database, target, lambda left, pages: steps.append((left, pages)))
    assert found["items"] == 3
    assert found["sources"] == 1
    assert target.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["copy.db"]
    assert (steps[-1][0], steps[-1][1] > 0) == (0, True)
    assert keys(target) == known
    with closing(sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True)) as read:
        assert read.execute("PRAGMA journal_mode").fetchone() != ("wal",)


@pytest.mark.fault("F40")
def test_a_busy_writer_is_neither_stopped_nor_does_it_keep_the_backup_from_its_end(store, database, tmp_path):
    store.write_now(fill, 40)  # MB: many steps
    wrote = []

    def one_more_after_each_step(left, _pages):
        store.write_now(meta.put, f"step {left}", "written")  # begins and commits while the copy goes on
        wrote.append(left)

    backup.back_up(database, tmp_path / "copy.db", one_more_after_each_step)
    assert len(wrote) >= 4
    assert wrote == sorted(wrote, reverse=True)  # it never began anew
    copy = Store.open(f"sqlite:///{tmp_path / 'copy.db'}", readonly=True)
    with closing(copy):
        assert [copy.read_now(meta.get, f"step {left}") for left in wrote] == [None] * len(wrote)


def fill(conn, megabytes):
    for number in range(megabytes):
        meta.put(conn, f"ballast {number}", "x" * 1_000_000)


def test_a_writer_in_another_thread_goes_on(store, database, tmp_path):
    store.write_now(fill, 40)
    stop = threading.Event()
    writer = threading.Thread(target=write_until, args=(store, stop))
    writer.start()
    try:
        backup.back_up(database, tmp_path / "copy.db")
    finally:
        stop.set()
        writer.join()
    backup.check(tmp_path / "copy.db")


def write_until(store, stop):
    while not stop.is_set():
        store.write_now(meta.put, "busy", "yes")


def test_a_backup_takes_the_place_of_another_only_when_it_is_whole(store, time, database, tmp_path):
    target = tmp_path / "copy.db"
    target.write_text("the backup of yesterday")
    (tmp_path / ".copy.db.part").write_text("what a killed one left")
    with pytest.raises(ZeroDivisionError):
        backup.back_up(database, target, lambda _left, _pages: 1 / 0)
    assert target.read_text() == "the backup of yesterday"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["copy.db"]
    known = stored(store, time, an_item("1"))
    backup.back_up(database, target)
    assert keys(target) == known


def test_a_backup_into_a_folder_that_is_not_there_says_so(store, database, tmp_path):
    with pytest.raises(BackupError, match="cannot be"):
        backup.back_up(database, tmp_path / "nowhere/copy.db")
    assert store.read_now(meta.stats).items == 0


def put_back(file, database, former="former.db"):
    with backup.held(database):
        return backup.put_in_place(backup.prepare(file, database), database, database.with_name(former))


def test_a_backup_becomes_the_store_and_the_former_one_stays(store, time, database, tmp_path):
    before = stored(store, time, an_item("1"))
    backup.back_up(database, tmp_path / "copy.db")
    later = stored(store, time, an_item("2"))
    store.close()
    assert put_back(tmp_path / "copy.db", database)
    assert {one.name for one in database.parent.iterdir()} == {"store.db", "store.db.lock", "former.db"}
    assert keys(database) == before
    assert keys(database.with_name("former.db")) == before + later
    assert keys(tmp_path / "copy.db") == before  # it can be used again


def test_a_store_that_was_lost_is_put_back(store, database, tmp_path):
    backup.back_up(database, tmp_path / "copy.db")
    store.close()
    database.unlink()
    assert not put_back(tmp_path / "copy.db", database)
    assert keys(database) == []


def test_a_damaged_store_stays_beside_with_its_wal(store, time, database, tmp_path):
    known = stored(store, time, an_item("1"))
    backup.back_up(database, tmp_path / "copy.db")
    store.close()
    database.write_bytes(b"no database any more")
    database.with_name("store.db-wal").write_bytes(b"what was written last")
    put_back(tmp_path / "copy.db", database)
    assert keys(database) == known
    assert database.with_name("former.db").read_bytes() == b"no database any more"
    assert database.with_name("former.db-wal").read_bytes() == b"what was written last"


def another_program(path):
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE recipes (name)")


def a_newer_schema(path):
    Store.open(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("UPDATE alembic_version SET version_num = '9999'")


def broken_inside(path):
    store = Store.open(f"sqlite:///{path}")
    store.write_now(fill, 1)
    store.close()
    content = bytearray(path.read_bytes())
    for page in range(8, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 200] = b"\xaa" * 200
    path.write_bytes(content)


def cut(path):
    store = Store.open(f"sqlite:///{path}")
    store.write_now(fill, 1)
    store.close()
    path.write_bytes(path.read_bytes()[:100_000])


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.write_text("", "utf-8"), id="empty"),
        pytest.param(lambda path: path.write_text("no database" * 1000, "utf-8"), id="not a database"),
        pytest.param(lambda _path: None, id="not there"),
        pytest.param(lambda path: path.mkdir(), id="a folder"),
        another_program,
        a_newer_schema,
        broken_inside,
        cut,
    ],
)
def test_a_file_that_is_no_sound_backup_is_refused_and_the_store_untouched(store, time, database, tmp_path, make):
    known = stored(store, time, an_item("1"))
    store.close()
    make(tmp_path / "copy.db")
    before = database.read_bytes()
    with pytest.raises(BackupError, match=r"copy\.db"):
        put_back(tmp_path / "copy.db", database)
    assert database.read_bytes() == before
    assert {one.name for one in database.parent.iterdir()} == {"store.db", "store.db.lock"}
    assert keys(database) == known


def test_a_backup_of_an_older_schema_is_brought_to_todays(store, database, tmp_path):
    store.close()
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(copy)) as made, made:
        made.executescript(first_schema(tmp_path))
    assert put_back(copy, database)
    reopened = Store.open(f"sqlite:///{database}", readonly=True)
    with closing(reopened):
        assert reopened.read_now(polls.state_of, "ozero").document == 0
    with closing(sqlite3.connect(copy)) as made:
        assert made.execute("SELECT version_num FROM alembic_version").fetchone()[0] == "0001" != HEAD


def first_schema(folder):
    """Return SQL that makes a store as the first version had it, with a source in it."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    path = folder / "first.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        config = Config(attributes={"connection": conn, "told": lambda _revision: None})
        config.set_main_option("script_location", str(Path(backup.__file__).parent / "migrations"))
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as made:
        return "\n".join(made.iterdump())


def test_a_store_that_a_daemon_holds_is_not_replaced(store, database, sqlite_url):
    store.close()
    held = Store.open(sqlite_url, exclusive=True)
    with closing(held), pytest.raises(StoreHeld), backup.held(database):
        pass
