"""Is the store whole? What the engine says of its files, and what must hold of their rows (reliability.md, I1-I6).

In:    a connection that sees one state of the store; whoever wants to know how far it is.
Out:   one sentence for each thing that is wrong.
Never: mends anything: a store that says something false is restored, or looked at by a person.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection, and_, func, or_, select, text

from aggregator.model import key_of
from aggregator.store.dialect import on_postgresql
from aggregator.store.schema import artefact, delivery, item, metadata, remembered, source_state, tombstone, topic_item

EXAMPLES = 20  # sentences about one thing: more of them tell nothing new
AT_A_TIME = 2_000  # rows that are held in memory

Problems = Iterator[str]
_d = delivery.c
_place = (_d.topic, _d.entry_id)


def _engine(conn: Connection) -> Problems:
    """Read all pages and indexes."""
    if on_postgresql(conn):
        broken = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        yield from (f"the index {name} is not valid; REINDEX it" for name in conn.scalars(text(broken)))
        for table in metadata.sorted_tables:  # a page whose checksum is wrong ends this with an error of the server
            conn.execute(text(f"SELECT count(one.*) FROM {table.name} one"))  # noqa: S608 - a name of ours
        return
    said = conn.exec_driver_sql(f"PRAGMA integrity_check({EXAMPLES})").scalars()
    yield from (line for line in said if line != "ok")
    for table, row, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} belongs to a row of {parent} that is not there"


def _numbers(conn: Connection) -> Problems:
    """What is numbered next must be behind what is numbered."""
    for table in metadata.sorted_tables:
        if "seq" in table.c:
            last, next_ = conn.scalar(select(func.max(table.c.seq))) or 0, counted_to(conn, table.name)
            if next_ < last:
                yield f"{table.name} is counted to {next_}, and has a row {last}: new ones would be refused"


def counted_to(conn: Connection, table: str) -> int:
    """The highest number that rows of a table (column `seq`) ever had."""
    if on_postgresql(conn):
        sequence = conn.scalar(text("SELECT pg_get_serial_sequence(:name, 'seq')"), {"name": table})
        said = conn.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - the server's word
        return int(said.last_value) if said.is_called else 0
    return int(conn.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}) or 0)


def _items(conn: Connection) -> Problems:
    """An item's key is made of its source and its id, and what is pruned is no item."""
    c = item.c
    rows = conn.execution_options(yield_per=AT_A_TIME).execute(select(c.key, c.source, c.item_id))
    yield from (f"item {key} is not the key of its id" for key, source, id_ in rows if key_of(source, id_) != key)
    both = select(c.key).join(tombstone, tombstone.c.key == c.key)
    yield from (f"item {key} is stored, and counts as pruned" for key in conn.scalars(both))


def _sources(conn: Connection) -> Problems:
    """Validators belong to a document that was read to its end."""
    s = source_state.c
    without = select(s.id).where(s.body_sha256.is_(None), or_(s.etag.is_not(None), s.last_modified.is_not(None)))
    yield from (f"source {id_} holds validators and no document" for id_ in conn.scalars(without))


def _ledger(conn: Connection) -> Problems:
    """An entry has one life: its newest row counts, and what has left for good is not live again."""
    many = select(*_place).where(_d.current).group_by(*_place).having(func.count() > 1)
    yield from (f"topic {topic}: {entry} counts by several rows" for topic, entry in conn.execute(many))
    later = delivery.alias()
    same = and_(later.c.topic == _d.topic, later.c.entry_id == _d.entry_id, later.c.rev > _d.rev)
    stale = select(*_place).where(_d.current, or_(_d.state != "live", select(later.c.seq).where(same).exists()))
    yield from (f"topic {topic}: {entry} counts by a row that is not its last" for topic, entry in conn.execute(stale))
    again = select(later.c.seq).where(same, later.c.state == "live").exists()
    back = select(*_place).where(_d.state.in_(("aged", "withdrawn")), again)
    yield from (f"topic {topic}: {entry} had left, and is back" for topic, entry in conn.execute(back))


def _entries(conn: Connection) -> Problems:
    """What stands in an entry stands in one that was delivered, by the ledger or by the record."""
    t, r = topic_item.c, remembered.c
    told = select(_d.seq).where(_d.topic == t.topic, _d.entry_id == t.entry_id).exists()
    recorded = select(r.item).where(r.topic == t.topic, r.item == t.item).exists()
    nowhere = select(t.topic, t.item).where(t.entry_id.is_not(None), ~told, ~recorded)
    yield from (f"topic {topic}: item {key} is in no entry of it" for topic, key in conn.execute(nowhere))


def _documents(conn: Connection) -> Problems:
    """A document is the same in each encoding."""
    a, plain = artefact.c, artefact.alias()
    same = and_(plain.c.topic == a.topic, plain.c.format == a.format, plain.c.encoding == "identity")
    packed = select(a.topic, a.format, a.body, plain.c.body.label("plain")).join(plain, same)
    for row in conn.execution_options(yield_per=1).execute(packed.where(a.encoding == "gzip")):
        if _unpacked(row.body) != row.plain:
            yield f"topic {row.topic}: its compressed {row.format} is another document; it is made anew when it changes"


def _unpacked(body: bytes) -> bytes | None:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        return None


CHECKS: Mapping[str, Callable[[Connection], Problems]] = {
    "the engine's own check": _engine,
    "numbers": _numbers,
    "items": _items,
    "sources": _sources,
    "the ledger": _ledger,
    "entries": _entries,
    "documents": _documents,
}


def check(conn: Connection, told: Callable[[str], None]) -> list[str]:
    """Return what is wrong; nothing, if all is well. told: called with the name of what is looked at next."""
    found: list[str] = []
    for name, problems in CHECKS.items():
        told(name)
        some = [f"{name}: {problem}" for _, problem in zip(range(EXAMPLES), problems(conn), strict=False)]
        found += some
        if some and name == "the engine's own check":
            break  # what damaged pages say of anything else means nothing
    return found
