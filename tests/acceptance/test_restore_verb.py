"""A backup of the real process, and a restore of an older one, as readers and the person at the command line see it."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from lxml import etree

from aggregator.lab.origin import Document, Origin

ATOM = "{http://www.w3.org/2005/Atom}"
TOPICS = {"all": {"title": "Всё", "match": "source:city", "window": {"items": 4, "hours": 24}}}
FIRST = 4  # articles on first contact
WORDS = ["мост", "паром", "рынок", "школа", "парк", "театр", "музей", "вокзал", "порт", "сад", "завод", "цирк"]


@pytest.fixture
def city(place):
    """Give a source and a way to let it tell news; older ones stay in its document."""
    with Origin() as origin:
        url = origin.serve("/f.xml", Document(body=b""), host="127.0.0.9")
        place.write({"city": {"url": url, "first": 100, "poll": {"every": "15m"}}}, TOPICS)
        began = datetime.now(UTC) - timedelta(hours=1)

        def tells(numbers, *, dated=True):
            news = "".join(article(n, began if dated or n < FIRST else None) for n in numbers)
            head = "<title>Вестник</title><language>ru</language>"
            origin.replace(url, Document(body=f'<rss version="2.0"><channel>{head}{news}</channel></rss>'.encode()))

        tells(range(FIRST))
        yield tells


def article_title(n):
    return f"{WORDS[n % 12].title()} открыт в районе {n} ({WORDS[(n * 5) % 12]})"


def article(n, began):
    """An item of RSS, without a date if there is none to begin from."""
    link, title = f"https://vestnik.example/{n}", article_title(n)
    told = f"{title}. " * 3
    dated = f"<pubDate>{format_datetime(began + timedelta(minutes=n))}</pubDate>" if began else ""
    return (
        f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title><description>{told}</description>"
        f"{dated}</item>"
    )


class Reader:
    """Keeps what it was ever shown by id, and what became of it."""

    def __init__(self):
        self.shown = {}
        self.unread_again = []

    def looks(self, daemon):
        """Read the topic; return the ids in it."""
        feed = etree.fromstring(daemon.get("/feeds/all.atom").content)
        ids = []
        for entry in feed.iterfind(f"{ATOM}entry"):
            id_, title, updated = (entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
            if self.shown.get(id_, (title, updated)) != (title, updated):
                self.unread_again.append(title)
            self.shown[id_] = (title, updated)
            ids.append(id_)
        return ids

    @property
    def doubled(self):
        """Titles that came under two ids."""
        titles = [title for title, _ in self.shown.values()]
        return sorted({title for title in titles if titles.count(title) > 1})


def entries_of(reader, daemon, number):
    daemon.wait_for(lambda: len(reader.looks(daemon)) == number, f"{number} entries")
    return reader.looks(daemon)


def poll(place):
    ended = place.command("poll", "city")
    assert ended.returncode == 0, ended.stderr


def rows(place, statement):
    with closing(sqlite3.connect(f"file:{place.database}?mode=ro", uri=True)) as read:
        return read.execute(statement).fetchall()


@pytest.mark.fault("F40")
@pytest.mark.parametrize(
    "dated",
    [
        pytest.param(True, id="dated"),
        pytest.param(False, id="undated"),
    ],
)
def test_after_an_older_backup_readers_see_nothing_twice(place, city, tmp_path, dated):
    reader = Reader()
    with place.start() as daemon:
        entries_of(reader, daemon, 4)
        assert place.command("db", "backup", str(tmp_path / "copy.db")).returncode == 0
        city(range(8), dated=dated)
        poll(place)
        entries_of(reader, daemon, 8)
        before = dict(reader.shown)
        daemon.stop(signal.SIGKILL)
    ended = place.command("db", "restore", str(tmp_path / "copy.db"))
    assert ended.returncode == 0, ended.stderr
    assert "4 entries delivered since the backup, to come back as they were (4 items remembered)" in ended.stdout
    city(range(9), dated=dated)
    with place.start() as daemon:
        assert len(reader.looks(daemon)) == 4  # whatever the backup knows is there at once
        poll(place)
        entries_of(reader, daemon, 9)
    assert (reader.doubled, reader.unread_again) == ([], [])
    assert before.items() <= reader.shown.items()
    assert len(reader.shown) == 9


@pytest.mark.usefixtures("city")
def test_what_had_left_a_topic_stays_out(place, tmp_path):
    """Entries of the backup that a later hand aged: the record knows, the backup does not."""
    reader = Reader()
    with place.start() as daemon:
        ids = entries_of(reader, daemon, 4)
        assert place.command("db", "backup", str(tmp_path / "copy.db")).returncode == 0
    (path,) = (place.root / "state").glob("delivered-*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    aged = [one | {"state": "aged", "rev": 2, "at": later, "items": []} for one in lines if one["entry"] in ids[:3]]
    with path.open("a") as file:
        file.writelines(json.dumps(one) + "\n" for one in aged)
    said = place.json("db", "restore", str(tmp_path / "copy.db"))
    assert said["applied"] == {"entries": 0, "items": 0, "gone": 3, "anew": 0, "foreign": 0, "withdrawn": 0}
    with place.start() as daemon:
        assert reader.looks(daemon) == ids[3:]
        poll(place)
        assert reader.looks(daemon) == ids[3:]
    assert rows(place, "SELECT DISTINCT why FROM delivery WHERE state = 'aged'") == [
        ("restored: it had left since the backup",)
    ]


def test_what_was_withdrawn_since_the_backup_stays_withdrawn(place, city, tmp_path):
    with place.start() as daemon:
        entries_of(Reader(), daemon, 4)
        assert place.command("db", "backup", str(tmp_path / "copy.db")).returncode == 0
        city(range(FIRST + 2))
        poll(place)
        for number in (1, FIRST):
            assert place.command("withdraw", f"https://vestnik.example/{number}", "--yes").returncode == 0
    ended = place.command("db", "restore", str(tmp_path / "copy.db"))
    assert "; 1 item withdrawn again." in ended.stdout
    with place.start() as daemon:
        poll(place)
        reader = Reader()
        entries_of(reader, daemon, 4)
        assert not {article_title(1), article_title(FIRST)} & {title for title, _ in reader.shown.values()}


@pytest.mark.usefixtures("city")
def test_a_delivery_that_died_before_its_commit_is_in_the_record(place):
    with place.begin(AGGREGATOR_CRASH="in-publish:2") as daemon:
        assert daemon.process.wait(60) == 137
    (path,) = (place.root / "state").glob("delivered-*.jsonl")
    recorded = {json.loads(line)["entry"] for line in path.read_text().splitlines()}
    assert len(recorded) == 4
    assert rows(place, "SELECT count(*) FROM delivery") == [(0,)]
    with place.start() as daemon:
        assert set(entries_of(Reader(), daemon, 4)) == recorded


@pytest.mark.usefixtures("city")
def test_a_daemon_that_cannot_write_the_record_says_so_and_delivers_when_it_can(place):
    (place.root / "state").write_text("a file where the folder should be")
    with place.start() as daemon:
        told = daemon.wait_for(lambda: daemon.told("topic.unrecorded"), "a topic that cannot be recorded")
        assert (told[0]["topic"], told[0]["level"]) == ("all", "error")
        assert Reader().looks(daemon) == []
        said = place.command("status").stdout.replace("\n", " ")
        assert f"topic all: nothing is delivered until it can be recorded in {place.root / 'state'}" in said
        (place.root / "state").unlink()
        entries_of(Reader(), daemon, 4)
        assert not daemon.told("work.crashed")


@pytest.mark.usefixtures("city")
def test_a_restore_beside_a_daemon_is_refused(place, tmp_path):
    with place.start() as daemon:
        entries_of(Reader(), daemon, 4)
        assert place.command("db", "backup", str(tmp_path / "copy.db")).returncode == 0
        for arguments in ([str(tmp_path / "copy.db")], []):
            refused = place.command("db", "restore", *arguments)
            assert refused.returncode == 75
            assert refused.stderr == (
                f"a daemon (process {daemon.process.pid}) holds {place.database}; stop it, then restore\n"
            )
        assert len(Reader().looks(daemon)) == 4


@pytest.mark.usefixtures("city")
def test_a_broken_file_is_refused_and_the_store_works_on(place, tmp_path):
    poll(place)
    (tmp_path / "copy.db").write_bytes(b"SQLite format 3\0" + b"\xaa" * 5000)
    before = {path.name for path in place.root.glob("*.db*")}
    refused = place.command("db", "restore", str(tmp_path / "copy.db"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{tmp_path / 'copy.db'} is no store of the aggregator" in refused.stderr
    assert {path.name for path in place.root.glob("*.db*")} - {"copy.db", "news.db.lock"} == before - {
        "copy.db",
        "news.db.lock",
    }
    with place.start() as daemon:
        entries_of(Reader(), daemon, 4)


@pytest.mark.usefixtures("city")
def test_what_the_verbs_say(place, tmp_path):
    copy = str(tmp_path / "copies.db")
    none = place.command("db", "backup", copy)
    assert (none.returncode, "there is no store at" in none.stderr) == (1, True)
    poll(place)
    made = place.command("db", "backup", copy)
    assert made.returncode == 0, made.stderr
    assert "MB, checked. It holds 1 source, 4 items, 4 entries in 1 topic." in made.stdout
    again = place.command("db", "backup", copy)
    assert (again.returncode, "say --force to replace it" in again.stderr) == (2, True)
    itself = place.command("db", "backup", str(place.database), "--force")
    assert (itself.returncode, "is the store itself" in itself.stderr) == (2, True)
    said = place.json("db", "backup", copy, "--force")
    assert (said["file"], said["items"], said["bytes"] > 100_000) == (copy, 4, True)
    told = place.command("db", "restore", copy)
    assert told.returncode == 0, told.stderr
    first, second, third = told.stdout.splitlines()
    assert first == f"{place.database} is the backup now, with 1 source, 4 items, 4 entries in 1 topic."
    assert second.startswith(f"The former store is {place.database}.before-")
    assert third.startswith("Of 4 lines in 1 file of the record: 0 entries delivered since the backup")
    for path in (place.root / "state").glob("delivered-*"):
        path.rename(path.with_name("aside.jsonl"))
    without = place.command("db", "restore", copy)
    assert "There is no record: what was delivered since the backup may appear once more." in without.stderr
    named = place.json("db", "restore", "--record", str(place.root / "state/aside.jsonl"))
    assert (named["record"]["lines"], named["applied"]["entries"], "former" in named) == (4, 0, False)


@pytest.mark.parametrize(
    ("arguments", "program"),
    [(("backup", "copy.dump"), "pg_dump"), (("restore", "copy.dump"), "pg_restore")],
)
def test_postgresql_is_copied_by_its_own_programs(place, arguments, program):
    place.process["database"] = "postgresql://vera:geheim@db.example:5433/news"
    place.write({"city": {"url": "https://vestnik.example/rss"}}, TOPICS)
    refused = place.command("db", *arguments)
    assert refused.returncode == 2
    assert f"{program} --format=custom" in refused.stderr
    assert "postgresql://vera@db.example:5433/news" in refused.stderr
    assert "geheim" not in refused.stderr
