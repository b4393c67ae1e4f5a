"""One oracle for every death: what must hold of the store and of the documents, whenever one looks (reliability.md).

I1 no item lost · I2 nothing delivered twice · I3 validators match the stored document, never ahead of its items ·
I4 documents parse and say what the ledger says · I5 no claim beyond its term · I6 the file is whole

It reads a copy of the file and its WAL with plain SQL, so it neither trusts the product's code nor heals what the next
start must heal.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fault_reader import Reader, Shown, shown
from fault_world import News, World
from lxml import etree

from aggregator.pipeline import LEASE

Complaints = Iterator[str]
Check = Callable[[sqlite3.Connection], Complaints]


@dataclass(frozen=True)
class File:
    """A store in a file of SQLite. fault_postgresql.py has its twin."""

    path: Path

    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def copied(self) -> Iterator[sqlite3.Connection]:
        """Open a copy of a store that nobody writes just now."""
        with copied(self.path) as conn:
            yield conn

    @contextmanager
    def live(self) -> Iterator[sqlite3.Connection]:
        """Open it for reading while a daemon works."""
        conn = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            yield conn
        finally:
            conn.close()

    def pass_time(self, hours: int) -> None:
        """Let what a clock would do be done: claims run out, and what was delivered grows old."""
        with sqlite3.connect(self.path) as conn:
            if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'delivery'").fetchone():
                conn.execute("UPDATE source_state SET lease_until = '2026-01-01 00:00:00.000000' WHERE lease_until > 0")
                moved = f"strftime('%Y-%m-%d %H:%M:%f', entered_at, '-{hours} hours') || '000'"
                conn.execute(f"UPDATE delivery SET entered_at = {moved}")
        conn.close()


@contextmanager
def copied(database: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a store that nobody writes just now."""
    with tempfile.TemporaryDirectory() as folder:
        for part in (database, database.with_name(database.name + "-wal")):
            if part.exists():
                shutil.copy(part, folder)
        conn = sqlite3.connect(Path(folder, database.name))
        conn.row_factory = sqlite3.Row
        try:
            yield conn
        finally:
            conn.close()


@dataclass
class Oracle:
    """What one store must fulfil, look after look; it remembers what it saw.

    readers  one of each topic
    grammar  of Atom, where the folder of real inputs is at hand
    """

    database: File
    world: World
    readers: dict[str, Reader]
    grammar: etree.RelaxNG | None = None
    looks: Counter[str] = field(default_factory=Counter)
    stored: dict[str, set[str]] = field(default_factory=dict)  # paper -> guids that were once in the store
    held: dict[str, tuple[bytes | None, bytes | None]] = field(default_factory=dict)  # validators, at the last look

    def look(self) -> None:
        """Check everything that holds at any moment. The process is dead."""
        if not self.database.exists():
            return  # killed before there was anything
        with self.database.copied() as conn:
            if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'source_state'").fetchone():
                return  # killed while the schema was made
            self._judge(conn, self.always)

    def final(self) -> None:
        """Check what must hold in the end, when everything was left to finish."""
        self.look()
        with self.database.copied() as conn:
            self._judge(conn, self.in_the_end)

    @property
    def always(self) -> dict[str, Check]:
        """What holds at any moment."""
        return {
            "I1 no item lost": self._lost,
            "I2 nothing twice": self._doubled,
            "I3 validators match": self._validators,
            "I4 documents and ledger agree": self._documents,
            "I5 no claim beyond its term": self._claims,
            "I6 file whole": self._whole,
        }

    @property
    def in_the_end(self) -> dict[str, Check]:
        """What holds when all is done."""
        return {
            "I1 everything arrived": self._unfinished,
            "I2 everything was read": self._unread,
            "I4 Atom's grammar": self._ungrammatical,
        }

    def _judge(self, conn: sqlite3.Connection, checks: dict[str, Check]) -> None:
        wrong = [complaint for check in checks.values() for complaint in check(conn)]
        self.looks.update(checks.keys())
        assert not wrong, f"{len(wrong)} complaints:\n" + "\n".join(wrong[:20])

    def _lost(self, conn: sqlite3.Connection) -> Complaints:
        """I1: what was once stored is there for ever."""
        for source in self.world.papers:
            there = {row["item_id"] for row in conn.execute("SELECT item_id FROM item WHERE source = ?", [source])}
            before = self.stored.get(source, set())
            yield from (f"I1 {source}: {guid} was stored and is lost" for guid in before - there)
            self.stored[source] = before | there

    def _doubled(self, conn: sqlite3.Connection) -> Complaints:
        """I2: the ledger only goes on; an entry has one life; an item is in a topic once, and in an entry that is."""
        lives: dict[tuple[str, str], list[sqlite3.Row]] = {}
        for row in conn.execute("SELECT * FROM delivery ORDER BY topic, entry_id, rev"):
            lives.setdefault((row["topic"], row["entry_id"]), []).append(row)
        for (topic, entry), rows in lives.items():
            yield from (f"I2 {topic}: {entry} {what}" for what in _wrong_life(rows))
        for table, key in (("topic_item", "topic, item"), ("item", "source, item_id"), ("story_item", "item")):
            for row in conn.execute(f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1"):
                yield f"I2 {table}: {tuple(row)} twice"
        nowhere = "SELECT topic, item, entry_id FROM topic_item t WHERE entry_id IS NOT NULL AND NOT EXISTS "
        for row in conn.execute(
            nowhere + "(SELECT 1 FROM delivery d WHERE d.topic = t.topic AND d.entry_id = t.entry_id)"
        ):
            yield f"I2 {tuple(row)}: in an entry that was never delivered"
        yield from (f"I2 {item}: the same revision twice in a row" for item in _stuttering(conn))

    def _validators(self, conn: sqlite3.Connection) -> Complaints:
        """I3: the validators are of the document whose bytes are remembered, and its items are those in the store."""
        for row in conn.execute("SELECT * FROM source_state"):
            paper, source = self.world.papers[row["id"]], row["id"]
            validators = (row["etag"], row["last_modified"])
            if row["body_sha256"] is None:
                if any(validators):
                    yield f"I3 {source}: validators {validators} without a document"
            else:
                sheet = paper.sheets[row["body_sha256"]]
                if validators != (sheet.document.etag, sheet.document.last_modified):
                    yield f"I3 {source}: holds {validators}, but the document it holds came with other ones"
                yield from (f"I3 {source}: {what}" for what in _other_items(conn, row, sheet.news))
            yield from self._asked_with_others(source)
            self.held[source] = validators
        self.world.asked.clear()

    def _asked_with_others(self, source: str) -> Complaints:
        """The first request of a life carries what the store held at its beginning."""
        first = next((validators for paper, validators in list(self.world.asked) if paper == source), None)
        if first is not None and first != self.held.get(source, (None, None)):
            yield f"I3 {source}: was asked with {first}, while the store held {self.held.get(source)}"

    def _documents(self, conn: sqlite3.Connection) -> Complaints:
        """I4: every document parses, says what the ledger says, and agrees with the others. I2: its reader is glad."""
        for topic, reader in self.readers.items():
            bodies, there = _bodies(conn, topic), _live(conn, topic)
            if not bodies:
                yield from (f"I4 {topic}: {one} was delivered without a document" for one in there)
                continue
            entries = shown(bodies["atom"])
            here = {entry.id: (entry.title, datetime.fromisoformat(entry.updated)) for entry in entries}
            if here != there:
                yield f"I4 {topic}: the document and the ledger differ in {sorted(here.items() ^ there.items())[:4]}"
            ids = [entry.id for entry in entries]
            if [item["id"] for item in json.loads(bodies["json"])["items"]] != ids:
                yield f"I4 {topic}: JSON and Atom differ"
            if [guid.text for guid in etree.fromstring(bodies["rss"]).iter("guid")] != ids:
                yield f"I4 {topic}: RSS and Atom differ"
            yield from self.reads(topic, reader, entries)
            ever = {row[0] for row in conn.execute("SELECT entry_id FROM delivery WHERE topic = ?", [topic])}
            yield from (f"I2 {topic}: {one} was shown and is in no ledger" for one in reader.seen.keys() - ever)

    @staticmethod
    def reads(topic: str, reader: Reader, entries: list[Shown]) -> Complaints:
        """Let a topic's reader look."""
        yield from (f"I2 {topic}: {complaint}" for complaint in reader.read(entries))

    def _claims(self, conn: sqlite3.Connection) -> Complaints:
        """I5: a claim ends by itself, at its term at the latest."""
        latest = f"{datetime.now(UTC) + LEASE:%Y-%m-%d %H:%M:%S.%f}"
        for row in conn.execute("SELECT id, lease_until FROM source_state WHERE lease_until > ?", [latest]):
            yield f"I5 {row['id']}: is claimed until {row['lease_until']}, longer than a claim may last"

    def _whole(self, conn: sqlite3.Connection) -> Complaints:
        """I6."""
        said = [row[0] for row in conn.execute("PRAGMA integrity_check")]
        if said != ["ok"]:
            yield f"I6 {said}"
        yield from (f"I6 foreign key {tuple(row)}" for row in conn.execute("PRAGMA foreign_key_check"))

    def _unfinished(self, conn: sqlite3.Connection) -> Complaints:
        """I1, I5 in the end: each paper's present sheet is the stored one, and nothing waits or is held."""
        for row in conn.execute("SELECT id, body_sha256, lease_until FROM source_state"):
            if self.world.papers[row["id"]].sheets.get(row["body_sha256"]) != self.world.papers[row["id"]].now:
                yield f"I1 {row['id']}: its last document never arrived"
            if row["lease_until"]:
                yield f"I5 {row['id']}: is still claimed"
        waiting = {
            "items wait to be curated": "SELECT count(*) FROM item WHERE curated_at IS NULL",
            "topics wait to be published": "SELECT count(*) FROM topic_state WHERE dirty > published_dirty",
            "admitted items are in no entry": "SELECT count(*) FROM topic_item WHERE admitted AND entry_id IS NULL",
            "items are not in the topic of everything": (
                "SELECT count(*) FROM item WHERE key NOT IN "
                "(SELECT item FROM topic_item WHERE topic = 'all' AND entry_id IS NOT NULL)"
            ),
        }
        for what, how_many in waiting.items():
            if count := conn.execute(how_many).fetchone()[0]:
                yield f"I1 {count} {what}"

    def _unread(self, conn: sqlite3.Connection) -> Complaints:
        """I2 in the end: whoever reads along has seen every entry that was ever delivered."""
        for topic, reader in self.readers.items():
            rows = conn.execute("SELECT DISTINCT entry_id FROM delivery WHERE topic = ?", [topic])
            yield from (f"I2 {topic}: no reader ever saw {row[0]}" for row in rows if row[0] not in reader.seen)

    def _ungrammatical(self, conn: sqlite3.Connection) -> Complaints:
        """I4 in the end: by the grammar of RFC 4287."""
        for topic in self.readers:
            document = etree.fromstring(_bodies(conn, topic)["atom"])
            if self.grammar is not None and not self.grammar.validate(document):
                yield f"I4 {topic}: {self.grammar.error_log}"


def _wrong_life(rows: list[sqlite3.Row]) -> Complaints:
    if [row["rev"] for row in rows] != list(range(1, len(rows) + 1)):
        yield f"has the revisions {[row['rev'] for row in rows]}"
    states = [row["state"] for row in rows]
    if "live" in states[states.index("aged") :] if "aged" in states else False:
        yield f"lives again: {states}"
    if [row["current"] for row in rows] != [0] * (len(rows) - 1) + [int(states[-1] == "live")]:
        yield f"counts by {[row['current'] for row in rows]}"
    for name in ("anchor", "entered_at"):
        if len({row[name] for row in rows}) > 1:
            yield f"changes its {name}"


def _stuttering(conn: sqlite3.Connection) -> Iterator[str]:
    versions: dict[str, list[bytes]] = {}
    for row in conn.execute("SELECT item, sha256 FROM item_revision ORDER BY item, seq"):
        versions.setdefault(row["item"], []).append(row["sha256"])
    now = {row["key"]: row["sha256"] for row in conn.execute("SELECT key, sha256 FROM item")}
    for item, past in versions.items():
        if any(one == after for one, after in zip(past, [*past[1:], now[item]], strict=True)):
            yield item


def _other_items(conn: sqlite3.Connection, row: sqlite3.Row, news: tuple[News, ...]) -> Complaints:
    """Yield where the items of a source are not those of the document that its row is about."""
    found = conn.execute("SELECT * FROM item WHERE source = ? AND document = ?", [row["id"], row["document"]])
    here = {item["item_id"]: (item["title"], item["link"], item["published"]) for item in found}
    there = {one.guid: (one.title, one.link, f"{one.published:%Y-%m-%d %H:%M:%S.%f}") for one in news}
    if here != there:
        yield f"the items of document {row['document']} differ in {sorted(here.items() ^ there.items())[:4]}"


def _bodies(conn: sqlite3.Connection, topic: str) -> dict[str, bytes]:
    """Return a topic's documents by format; asserts that the compressed ones are the same."""
    rows = conn.execute("SELECT format, encoding, body FROM artefact WHERE topic = ?", [topic]).fetchall()
    bodies = {row["format"]: row["body"] for row in rows if row["encoding"] == "identity"}
    packed = {row["format"]: gzip.decompress(row["body"]) for row in rows if row["encoding"] == "gzip"}
    assert packed == bodies, f"{topic}: compressed documents differ from plain ones"
    return bodies


def _live(conn: sqlite3.Connection, topic: str) -> dict[str, tuple[str, datetime]]:
    """Return title and `updated`, to the second, of each live entry."""
    rows = conn.execute("SELECT * FROM delivery WHERE topic = ? AND current AND state = 'live'", [topic])
    return {row["entry_id"]: (json.loads(row["face"])["title"], _seconds(row["updated"])) for row in rows}


def _seconds(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC, microsecond=0)
