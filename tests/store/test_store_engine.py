"""Opening a store, and what it says when it cannot be opened."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from aggregator.errors import StoreError, StoreHeld
from aggregator.store import Store, meta, sqlite
from aggregator.store.schema import HEAD, metadata
from aggregator.store.schema import meta as meta_table
from aggregator.store.upgrade import upgrade


def path_of(url):
    return Path(url.removeprefix("sqlite:///"))


def truncate(url):
    with path_of(url).open("r+b") as file:
        file.truncate(4096 * 5)


def test_a_store_is_made_with_its_folder_and_opened_again(tmp_path):
    url = f"sqlite:///{tmp_path}/new folder/%20/store.db"
    first = Store.open(url, exclusive=True)
    first.write_now(meta.put, "name", "Озеро")
    first.close()
    again = Store.open(url, exclusive=True)
    assert again.read_now(meta.get, "name") == "Озеро"
    again.close()


def test_what_is_written_is_there_after_reopening(url):
    first = Store.open(url)
    first.write_now(meta.put, "name", "значення")
    first.close()
    again = Store.open(url, readonly=True)
    assert again.read_now(meta.get, "name") == "значення"
    again.close()


def test_a_closed_sqlite_store_is_one_file_and_its_lock(sqlite_url):
    store = Store.open(sqlite_url, exclusive=True)
    store.write_now(meta.put, "name", "value")
    store.close()
    assert sorted(file.name for file in path_of(sqlite_url).parent.iterdir()) == ["store.db", "store.db.lock"]


def test_a_second_daemon_on_one_file_is_refused_and_told_who_holds_it(sqlite_url):
    first = Store.open(sqlite_url, exclusive=True)
    with pytest.raises(StoreHeld, match=f"process {os.getpid()}") as refused:
        Store.open(sqlite_url, exclusive=True)
    assert refused.value.pid == os.getpid()
    first.close()
    Store.open(sqlite_url, exclusive=True).close()


def test_a_store_can_be_read_beside_the_daemon_that_holds_it(sqlite_url):
    daemon = Store.open(sqlite_url, exclusive=True)
    reader = Store.open(sqlite_url, readonly=True)
    daemon.write_now(meta.put, "name", "fresh")
    assert reader.read_now(meta.get, "name") == "fresh"
    reader.close()
    daemon.close()


def test_a_read_only_store_refuses_to_write(url):
    reader = Store.open(url, readonly=True)
    with pytest.raises(StoreError, match="reading only"):
        reader.write_now(meta.put, "name", "value")
    reader.close()


def test_readers_cannot_write(store):
    with pytest.raises(StoreError, match=r"readonly|read-only"):
        store.read_now(meta.put, "name", "value")
    assert store.read_now(meta.get, "name") is None


def test_the_lock_ends_with_its_process(sqlite_url):
    code = "import os,sys; from aggregator.store import Store; Store.open(sys.argv[1], exclusive=True); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code, sqlite_url], check=False).returncode == 9
    Store.open(sqlite_url, exclusive=True).close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("sqlite://", "needs a file", id="sqlite in memory"),
        pytest.param("sqlite:///:memory:", "needs a file", id="sqlite in memory, spelt out"),
        pytest.param("mysql://localhost/a", "mysql is not supported", id="another engine"),
        pytest.param("aggregator.db", "expected sqlite:///FILE", id="no url"),
        pytest.param("", "expected sqlite:///FILE", id="empty"),
        pytest.param("sqlite:////proc/nowhere/a.db", "cannot create /proc/nowhere", id="no folder can be made"),
        pytest.param("sqlite:////dev/null/a.db", "cannot create /dev/null", id="the folder is a file"),
    ],
)
def test_a_useless_address_is_refused_with_its_reason(url, reason):
    with pytest.raises(StoreError, match=reason) as refused:
        Store.open(url)
    assert refused.value.permanent
    assert "\n" not in str(refused.value)


def test_a_missing_store_opened_for_reading_says_to_run_the_daemon(tmp_path):
    with pytest.raises(StoreError, match="start the daemon first: aggregator run"):
        Store.open(f"sqlite:///{tmp_path}/none.db", readonly=True)
    assert not list(tmp_path.iterdir())


def test_an_empty_file_opened_for_reading_says_to_run_the_daemon(tmp_path):
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="start the daemon first: aggregator run"):
        Store.open(f"sqlite:///{tmp_path}/empty.db", readonly=True)


@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, readonly):
    path = tmp_path / "notes.txt"
    path.write_text("Это не база данных. " * 500)
    with pytest.raises(StoreError, match=r"notes\.txt: file is not a database"):
        Store.open(f"sqlite:///{path}", readonly=readonly)
    assert path.read_text() == "Это не база данных. " * 500


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(StoreError, match="unable to open"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_damaged_store_is_refused_at_start(sqlite_url):
    with path_of(sqlite_url).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        Store.open(sqlite_url, exclusive=True)


def test_a_truncated_store_is_refused_at_start(sqlite_url):
    truncate(sqlite_url)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        Store.open(sqlite_url, exclusive=True)


def test_a_refused_store_is_not_held(sqlite_url):
    truncate(sqlite_url)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"damaged|malformed"):
            Store.open(sqlite_url, exclusive=True)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody who may not write there")
def test_a_folder_that_cannot_be_written_is_refused_in_one_line(sqlite_url, tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)  # the last one is everybody's, and stays so
    code = (
        "import os,sys; from aggregator.store import Store; from aggregator.errors import StoreError\n"
        "os.setuid(65534)\n"
        "try: Store.open(sys.argv[1], exclusive=sys.argv[2] == 'yes')\n"
        "except StoreError as error: print(error)"
    )
    for exclusive, reason in (("yes", "cannot write"), ("no", "readonly")):
        run = subprocess.run([sys.executable, "-c", code, sqlite_url, exclusive], capture_output=True, check=True)
        assert reason in run.stdout.decode()
        assert run.stdout.count(b"\n") == 1


def set_revision(conn, revision):
    conn.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


@pytest.mark.parametrize("readonly", [True, False])
def test_a_newer_schema_is_refused(url, readonly):
    store = Store.open(url)
    store.write_now(set_revision, "9999")
    store.close()
    with pytest.raises(StoreError, match=f"newer schema 9999, this program knows up to {HEAD}"):
        Store.open(url, readonly=readonly)


def test_the_tables_of_another_program_are_left_alone(tmp_path):
    path = tmp_path / "other.db"
    other = sqlite.module().connect(str(path))
    other.execute("CREATE TABLE recipe (name)")
    other.close()
    with pytest.raises(StoreError, match="tables of another program"):
        Store.open(f"sqlite:///{path}")


INDEXES = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL",
    "postgresql": "SELECT indexdef FROM pg_indexes WHERE tablename = :name",
}


def shape(conn):
    """All that the engine says of our tables and indexes. A column that a later step added may stand elsewhere."""
    seen = inspect(conn)
    return {
        name: (
            {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(name)},
            seen.get_pk_constraint(name),
            sorted(map(str, seen.get_unique_constraints(name))),
            sorted(map(str, seen.get_foreign_keys(name))),
            sorted(conn.scalars(text(INDEXES[conn.dialect.name]), {"name": name})),
        )
        for name in seen.get_table_names()
    }


def test_the_migrations_make_exactly_the_tables_of_the_schema(store):
    migrated = store.read_now(shape)
    store.write_now(metadata.drop_all)
    store.write_now(metadata.create_all)
    assert store.read_now(shape) == migrated
    assert set(metadata.tables) <= set(migrated)


def test_opening_a_store_of_the_present_schema_does_not_load_alembic(sqlite_url):
    code = (
        "import sys; from aggregator.store import Store; Store.open(sys.argv[1]).close();"
        "print('alembic' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code, sqlite_url]) == b"False\n"


def test_an_upgrade_that_dies_half_way_leaves_nothing(tmp_path):
    def dies(conn):
        upgrade(conn)
        raise KeyboardInterrupt

    path = tmp_path / "store.db"
    engine = sqlite.writer_engine(path)
    with pytest.raises(KeyboardInterrupt), engine.begin() as conn:
        dies(conn)
    with engine.begin() as conn:
        assert inspect(conn).get_table_names() == []
    engine.dispose()
    Store.open(f"sqlite:///{path}").close()


def test_two_daemons_may_start_on_one_empty_database_at_once(postgresql_server):
    postgresql_server.say("CREATE DATABASE common")
    code = "import sys; from aggregator.store import Store; Store.open(sys.argv[1]).close()"
    run = [sys.executable, "-c", code, postgresql_server.url("common")]
    daemons = [subprocess.Popen(run) for _ in range(2)]
    assert [daemon.wait(60) for daemon in daemons] == [0, 0]


def test_a_store_whose_daemon_was_killed_can_be_read(sqlite_url):
    code = (
        "import os,sys; from aggregator.store import Store, meta; store = Store.open(sys.argv[1], exclusive=True);"
        "store.write_now(meta.put, 'name', 'value'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, sqlite_url], check=False).returncode == 9
    store = Store.open(sqlite_url, readonly=True)
    assert store.read_now(meta.get, "name") == "value"
    store.close()


async def test_what_waits_to_be_written_is_written_before_the_store_closes(url):
    store, go = Store.open(url), threading.Event()
    writes = [asyncio.create_task(store.write(lambda _: go.wait(30)))]
    writes += [asyncio.create_task(store.write(meta.put, str(n), "value")) for n in range(5)]
    await asyncio.sleep(0)  # let the tasks begin
    go.set()
    await asyncio.to_thread(store.close)
    await asyncio.gather(*writes)
    again = Store.open(url, readonly=True)
    assert [again.read_now(meta.get, str(n)) for n in range(5)] == ["value"] * 5
    again.close()


def test_a_failing_function_leaves_nothing(store):
    def fails(conn):
        meta.put(conn, "name", "half")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        store.write_now(fails)
    assert store.read_now(meta.get, "name") is None


def test_a_statement_that_the_engine_refuses_is_one_line(store):
    with pytest.raises(StoreError) as refused:
        store.write_now(lambda conn: conn.execute(text("SELECT wrong FROM nowhere")))
    assert "nowhere" in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_cancelled_write_is_still_whole(store):
    inside, go = threading.Event(), threading.Event()

    def slow(conn):
        meta.put(conn, "first", "1")
        inside.set()
        go.wait(30)
        meta.put(conn, "second", "2")

    task = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(inside.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    assert await store.write(lambda conn: (meta.get(conn, "first"), meta.get(conn, "second"))) == ("1", "2")


async def test_many_writers_and_readers_share_the_store(store):
    async def bump(name):
        await store.write(lambda conn: meta.put(conn, name, str(int(meta.get(conn, name) or 0) + 1)))
        return await store.read(meta.get, name)

    seen = await asyncio.gather(*(bump(str(n % 3)) for n in range(30)))
    assert None not in seen
    assert [await store.read(meta.get, str(n)) for n in range(3)] == ["10", "10", "10"]


def test_a_reader_sees_one_state_though_a_writer_goes_on(store):
    def twice(conn):
        before = conn.scalar(select(meta_table.c.value).where(meta_table.c.name == "name"))
        store.write_now(meta.put, "name", "new")
        return before, conn.scalar(select(meta_table.c.value).where(meta_table.c.name == "name"))

    store.write_now(meta.put, "name", "old")
    assert store.read_now(twice) == ("old", "old")
    assert store.read_now(meta.get, "name") == "new"


def test_sqlite_is_opened_as_the_specification_asks(sqlite_url):
    store = Store.open(sqlite_url)
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
    ask = lambda conn: [conn.exec_driver_sql(f"PRAGMA {one}").scalar() for one in asked]  # noqa: E731
    assert store.write_now(ask) == ["wal", 2, 1, 10_000, 0]
    assert store.read_now(lambda conn: conn.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()) == 0
    assert store.sqlite_version == sqlite.module().sqlite_version
    store.close()


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        pytest.param((3, 40, 1), True, id="of 2022"),
        pytest.param((3, 51, 2), True, id="the last one with the fault"),
        pytest.param((3, 51, 3), False, id="the first without"),
        pytest.param((3, 53, 4), False, id="later"),
    ],
)
def test_a_version_of_sqlite_with_the_fault_is_told(version, warned):
    assert bool(sqlite.warnings_of(version)) == warned


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        pytest.param("/srv/news", "nfs4", id="on the mount"),
        pytest.param("/srv/news/a/b", "nfs4", id="below it"),
        pytest.param("/srv/newsroom", "ext4", id="beside it"),
    ],
)
def test_the_nearest_mount_decides_the_file_system(folder, kind):
    mounts = {"/": "ext4", "/srv/news": "nfs4"}
    assert sqlite._file_system(Path(folder), mounts) == kind


def test_a_server_that_is_away_is_worth_waiting_for(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as refused:
        Store.open(f"postgresql://me:secret@/news?host={tmp_path}")
    assert not refused.value.permanent
    assert "secret" not in str(refused.value)


def test_a_missing_database_is_not_worth_waiting_for(postgresql_server):
    with pytest.raises(StoreError, match="does not exist") as refused:
        Store.open(postgresql_server.url("nowhere"))
    assert refused.value.permanent


def test_a_lost_connection_costs_nobody_an_error(postgresql_url):
    store = Store.open(postgresql_url)
    kill = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    attempts = []

    def write(conn):
        attempts.append(conn)
        if len(attempts) == 1:
            store.read_now(lambda other: other.execute(kill).close())
        meta.put(conn, "name", "value")

    store.write_now(write)
    assert len(attempts) == 2
    assert store.read_now(meta.get, "name") == "value"
    store.close()
