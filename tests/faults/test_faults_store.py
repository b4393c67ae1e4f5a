"""The store's file in trouble: locked, full, read-only, damaged, with poison in it, pruned under way."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time

import pytest
from fault_paper import Paper, at_the_file, gauge, read, shown, sound, title
from harness import Place, free_port, quiet_env

from aggregator.errors import BackupError, StoreError
from aggregator.lab.origin import Origin
from aggregator.model import key_of
from aggregator.store import Store, backup


@pytest.fixture
def paper(tmp_path):
    """A source that shows three articles, and its place."""
    with Origin() as origin:
        paper = Paper(origin, Place(root=tmp_path, port=free_port()))
        paper.shows(0, 1, 2)
        yield paper


def titles(*numbers):
    return {title(n) for n in numbers}


def stands(daemon, *numbers):
    """Wait until these articles stand in the topic, and no other."""
    daemon.wait_for(lambda: shown(daemon) == titles(*numbers), f"the articles {numbers}")


def in_background(work):
    """Do it in a thread, and return how to wait for its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return lambda: thread.join(120)


@pytest.mark.fault("F08")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("locked_s", [pytest.param(3, id="short"), pytest.param(30, id="long", marks=pytest.mark.slow)])
def test_while_another_process_locks_the_file_readers_are_served_and_afterwards_nothing_is_missing(paper, locked_s):
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        paper.shows(0, 1, 2, 3)
        with at_the_file(paper.place) as other:
            other.execute("BEGIN IMMEDIATE")
            until = time.monotonic() + locked_s
            polled = in_background(paper.polled)
            while time.monotonic() < until:
                assert shown(daemon) == titles(0, 1, 2)
                assert daemon.get("/healthz").status_code == 200
                time.sleep(0.5)
            other.execute("ROLLBACK")
        polled()
        paper.polled()
        stands(daemon, 0, 1, 2, 3)
        assert daemon.stop() == 0
    assert sound(paper.place)


@pytest.mark.fault("F09")
def test_beside_a_reader_that_never_ends_the_writer_goes_on_and_the_wal_is_told(paper):
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        with at_the_file(paper.place) as reader:
            reader.execute("BEGIN")
            before = reader.execute("SELECT count(*) FROM item").fetchone()
            sizes = [gauge(daemon, "store_wal_bytes")]
            for n in range(3, 6):
                paper.shows(*range(n + 1))
                assert paper.polled() == 1
                sizes.append(gauge(daemon, "store_wal_bytes"))
            assert sizes == sorted(sizes)
            assert sizes[0] < sizes[-1]
            assert reader.execute("SELECT count(*) FROM item").fetchone() == before
        stands(daemon, *range(6))
        assert daemon.stop() == 0
    wal = paper.place.database.with_name("news.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0  # it is the last one's to empty it


@pytest.mark.fault("F10")
@pytest.mark.timeout(180)
def test_on_a_full_disk_readers_are_served_and_when_there_is_room_what_was_fetched_is_stored(paper):
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        known = read(daemon)
        limit(daemon, 1024)  # bytes that a file may have: whatever is written behind them fails
        paper.shows(0, 1, 2, 3)
        polled = in_background(paper.polled)
        daemon.wait_for(lambda: "disk" in "".join(daemon.talk), "a complaint")
        assert read(daemon) == known
        assert daemon.get("/healthz").status_code == 200
        limit(daemon, resource.RLIM_INFINITY)
        polled()
        paper.polled()
        stands(daemon, 0, 1, 2, 3)
        assert known.items() <= read(daemon).items()  # nobody is told anything again
        assert daemon.stop() == 0
    assert sound(paper.place)


@pytest.mark.fault("F10")
@pytest.mark.timeout(180)
def test_what_a_poll_has_found_waits_for_room_and_is_not_asked_for_again(paper):
    """The disk fills between the claim and the commit."""
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)

        async def answers_late(_request, _reader, writer):
            limit(daemon, 1024)
            paper.shows(0, 1, 2, 3)
            body = paper.body(0, 1, 2, 3)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        paper.origin.behave("/city.xml", answers_late, host="127.0.0.9")
        polled = in_background(paper.polled)
        daemon.wait_for(lambda: daemon.told("poll.waiting"), "the poll to wait")
        asked = len(paper.origin.requests)
        limit(daemon, resource.RLIM_INFINITY)
        polled()
        stands(daemon, 0, 1, 2, 3)
        assert len(paper.origin.requests) == asked


def limit(daemon, size):
    """Let the daemon write no file beyond that size, from now on. Python ignores the signal that comes of it."""
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def refused(ended, *words):
    """Assert that a start was refused in one line that says all this."""
    lines = ended.stderr.strip().splitlines()
    assert (ended.returncode, len(lines)) == (78, 1), ended.stderr
    assert all(word in lines[0] for word in words), lines[0]


@pytest.mark.fault("F12")
@pytest.mark.parametrize(
    ("folder", "file", "said"),
    [
        pytest.param(0o755, 0o444, "readonly database", id="the file"),
        pytest.param(0o555, 0o644, "cannot write", id="its folder"),
    ],
)
def test_a_store_that_may_not_be_written_is_refused_in_one_line(paper, folder, file, said):
    place = paper.place
    Store.open(f"sqlite:///{place.database}").close()
    place.database.chmod(file)
    place.root.chmod(folder)
    line = place._line("run")
    if os.getuid() == 0:  # whom modes do not bind, unless he gives that up
        if not shutil.which("setpriv"):
            pytest.skip("root may write everything, and setpriv is not installed")
        line = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *line]
    try:
        ended = subprocess.run(line, capture_output=True, text=True, env=quiet_env(), timeout=60, check=False)
    finally:
        place.root.chmod(0o755)
    if ended.stderr.startswith("setpriv"):
        pytest.skip(ended.stderr.strip())
    refused(ended, said)


def overwritten(database):
    """All pages but the first two are something else."""
    with database.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xa5" * (database.stat().st_size - 2 * 4096))


def truncated(database):
    os.truncate(database, database.stat().st_size // 2)


def no_database(database):
    database.write_bytes(b"It was a photograph before." * 500)


@pytest.mark.fault("F13")
@pytest.mark.parametrize("damage", [overwritten, truncated, no_database])
def test_a_damaged_store_is_refused_and_its_backup_is_put_in_its_place(tmp_path, damage):
    database, copy = tmp_path / "news.db", tmp_path / "copy.db"
    Store.open(f"sqlite:///{database}").close()
    backup.back_up(database, copy)
    damage(database)
    with pytest.raises(StoreError, match="aggregator db restore FILE") as error:
        Store.open(f"sqlite:///{database}", exclusive=True)
    assert error.value.permanent
    with pytest.raises(BackupError):
        backup.check(database)
    with backup.held(database):
        backup.put_in_place(backup.prepare(copy, database), database, tmp_path / "former.db")
    Store.open(f"sqlite:///{database}", exclusive=True).close()


@pytest.mark.fault("F13")
def test_a_daemon_on_a_damaged_store_ends_at_once_and_says_how_to_get_it_back(paper):
    Store.open(f"sqlite:///{paper.place.database}").close()
    overwritten(paper.place.database)
    refused(paper.place.command("run"), "aggregator db restore FILE")
    looked = paper.place.command("db", "check")
    assert looked.returncode in (1, 78)
    assert "aggregator db restore FILE" in looked.stderr


@pytest.mark.fault("F13")
def test_a_wal_that_was_deleted_costs_what_was_in_it_and_readers_see_nothing_twice(paper):
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        with at_the_file(paper.place) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        paper.shows(0, 1, 2, 3)
        assert paper.polled() == 1
        before = read(daemon)
        assert len(before) == 4
        daemon.stop(signal.SIGKILL)
    for beside in ("-wal", "-shm"):
        paper.place.database.with_name(f"news.db{beside}").unlink()
    assert sound(paper.place)
    assert paper.place.command("db", "restore").returncode == 0  # the record knows what was in it
    with paper.place.start() as daemon:
        paper.polled()
        stands(daemon, 0, 1, 2, 3)
        assert read(daemon) == before


POISON = {  # as JSON has them in a face, and as they are
    "NUL": "'\\u0000'",
    "a lone surrogate": "'\\ud800'",
    "bytes that are no UTF-8": "CAST(x'edA080' AS TEXT)",
}


@pytest.mark.fault("F23")
def test_poison_that_an_older_program_stored_costs_its_own_entry_at_most(paper):
    """In the ledger's faces and in the items: whatever is shown or curated anew does not stop at it."""
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        assert daemon.stop() == 0
    with at_the_file(paper.place) as conn:
        rows = conn.execute("SELECT seq FROM delivery ORDER BY seq").fetchall()
        for (seq,), what in zip(rows, POISON.values(), strict=True):
            poisoned = f"replace(face, 'открыт', 'от' || {what} || 'крыт')"
            conn.execute(f"UPDATE delivery SET face = {poisoned} WHERE seq = ?", [seq])
        conn.execute("UPDATE item SET title = title || char(0) || CAST(x'edA080' AS TEXT), curated_at = NULL")
        conn.execute("UPDATE topic_state SET dirty = dirty + 1")
    paper.shows(0, 1, 2, 3)
    with paper.place.start() as daemon:
        paper.polled()
        daemon.wait_for(lambda: title(3) in shown(daemon), "the fourth article")
        assert gauge(daemon, "entries_skipped_total") >= 1
        assert daemon.get("/feeds/all.rss").status_code == daemon.get("/feeds/all.json").status_code == 200
        assert not daemon.told("work.crashed")


def age(place):
    """Make what left its document look as if that was long ago, and its entries as if they had entered then."""
    with at_the_file(place) as conn:
        gone = "SELECT key FROM item WHERE left_at IS NOT NULL"
        conn.execute(f"UPDATE delivery SET entered_at = '2024-01-01 00:00:00.000000' WHERE anchor IN ({gone})")
        conn.execute("UPDATE item SET left_at = '2024-01-01 00:00:00.000000' WHERE left_at IS NOT NULL")
        conn.execute("UPDATE topic_state SET dirty = dirty + 1")


@pytest.mark.fault("F35")
@pytest.mark.fault("F40")
def test_pruning_beside_a_daemon_takes_what_has_left_and_what_is_shown_again_is_no_news(paper, tmp_path):
    copy = tmp_path / "before.db"
    with paper.place.start() as daemon:
        stands(daemon, 0, 1, 2)
        paper.shows(2, 3, 4)
        assert paper.polled() == 2
        age(paper.place)
        stands(daemon, 2, 3, 4)
        backup.back_up(paper.place.database, copy)
        (gone,) = [message for message in paper.asked(verb="prune") if message.get("event") == "pruned"]
        assert (gone["items"], gone["problem"]) == (2, "")
        assert daemon.get(f"/items/{key_of('city', '0')}").status_code == 410
        assert daemon.get(f"/items/{key_of('city', '4')}").status_code == 200
        why = paper.place.command("why", key_of("city", "1"))
        assert "was an item of city and was pruned" in why.stderr
        paper.shows(0, 1, 2, 3, 4, 5, dated=False)
        assert paper.polled() == 1
        stands(daemon, 2, 3, 4, 5)
        before = read(daemon)
        assert daemon.stop() == 0
    restored = paper.place.command("db", "restore", str(copy))  # of before: what was pruned is in it, as it was then
    assert restored.returncode == 0, restored.stderr
    with paper.place.start() as daemon:
        paper.polled()
        stands(daemon, 2, 3, 4, 5)
        assert read(daemon) == before
