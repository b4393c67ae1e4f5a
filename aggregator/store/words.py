"""The index of words: which items have to be looked at to answer a search.

In:    items with their terms (query/indexed.py); what a query wants of terms.
Out:   items that may match, the latest arrival first; items that are not indexed as they are, how many wait.
Never: misses one: what is not indexed yet may match. Knows a text or decides.

SQLite has it in FTS5, which is asked for terms in quotes; PostgreSQL in a tsvector, made of terms as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    bindparam,
    cast,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.types import Text

from aggregator.model import StoredItem
from aggregator.query import Every, Wanted
from aggregator.store.dialect import chunks, on_postgresql
from aggregator.store.rows import stored_item
from aggregator.store.schema import item, source_state

# Made by a migration alone: on SQLite it is no table that the schema could describe.
_words = Table("item_words", MetaData(), Column("seq", BigInteger), Column("terms", TSVECTOR))
_LEAVE = text("DELETE FROM item_words WHERE rowid = :seq")
_ENTER = text("INSERT INTO item_words (rowid, terms) VALUES (:seq, :terms)")
_ASK = text(
    "SELECT rowid FROM item_words WHERE item_words MATCH :asked AND rowid < :before ORDER BY rowid DESC LIMIT :limit"
)
_NEAR = 2_000  # numbers: to look at so many vectors takes some ten milliseconds
_ALL = 2**62  # above the number of any item

_waits = (item.c.words_at.is_(None), item.c.curated_at.is_not(None))
_stands = (item.c.curated_at.is_not(None), item.c.withdrawn_at.is_(None))
_open_to_all = item.c.source.not_in(select(source_state.c.id).where(source_state.c.private))


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What the index has of an item."""

    seq: int
    curated_at: datetime  # as of StoredItem when its terms were read, and Item.sha256: else they are of former words
    sha256: bytes
    terms: Sequence[str]  # none: it is not in the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Items that may match, the latest arrival first, and behind which number to go on; None: there are no more."""

    items: list[StoredItem]
    before: int | None


def unindexed(conn: Connection, limit: int) -> list[StoredItem]:
    """Curated items that the index does not have as they are, the latest arrival first."""
    found = select(item).where(*_waits).order_by(item.c.seq.desc()).limit(limit)
    return [stored_item(row) for row in conn.execute(found).mappings()]


def waiting(conn: Connection) -> int:
    """How many items wait to be indexed."""
    return conn.scalar(select(func.count()).select_from(item).where(*_waits)) or 0


def index(conn: Connection, some: Sequence[Indexed], now: datetime) -> int:
    """Have the index hold these items, in place of what it has of them; return how many of them were still as read."""
    curated_at = bindparam("read_at", type_=item.c.curated_at.type)
    as_read = (item.c.seq == bindparam("which"), item.c.curated_at == curated_at, item.c.sha256 == bindparam("read"))
    mine = update(item).where(*as_read).values(words_at=now)
    in_order = sorted(some, key=lambda one: one.seq)  # so that two daemons never wait for each other
    still = [one for one in in_order if conn.execute(mine, _as_read(one)).rowcount]
    if still:
        (_put_in_vectors if on_postgresql(conn) else _put_in_fts5)(conn, still)
    return len(still)


def _as_read(one: Indexed) -> dict[str, object]:
    return {"which": one.seq, "read_at": one.curated_at, "read": one.sha256}


def leave(conn: Connection, numbers: Sequence[int]) -> None:
    """Take items out of the index; numbers: Item.seq."""
    if on_postgresql(conn):
        conn.execute(delete(_words).where(_words.c.seq.in_(numbers)))
    else:
        conn.execute(_LEAVE, [{"seq": seq} for seq in numbers])


def _put_in_fts5(conn: Connection, some: Sequence[Indexed]) -> None:
    leave(conn, [one.seq for one in some])
    if rows := [{"seq": one.seq, "terms": " ".join(one.terms)} for one in some if one.terms]:
        conn.execute(_ENTER, rows)


def _put_in_vectors(conn: Connection, some: Sequence[Indexed]) -> None:
    leave(conn, [one.seq for one in some])
    terms = func.array_to_tsvector(bindparam("words", type_=ARRAY(Text)))
    if rows := [{"number": one.seq, "words": list(one.terms)} for one in some if one.terms]:
        conn.execute(plain_insert(_words).values(seq=bindparam("number"), terms=terms), rows)


def candidates(
    conn: Connection, wanted: Wanted | None, limit: int, *, before: int | None = None, public: bool = False
) -> Candidates:
    """Return items that may match, and where the next ones are.

    wanted  of their terms; None: any item may match
    before  what the last ones told
    public  leave out private items
    """
    upto = _ALL if before is None else before
    found = select(item).where(*_stands, *([_open_to_all] if public else [])).order_by(item.c.seq.desc())
    if wanted is None:
        rows = conn.execute(found.where(item.c.seq < upto).limit(limit)).mappings().all()
        return Candidates(items=[stored_item(row) for row in rows], before=rows[-1][item.c.seq] if rows else None)
    loose = select(item.c.seq).where(*_waits, item.c.seq < upto).order_by(item.c.seq.desc()).limit(limit)
    ask = _ask_vectors if on_postgresql(conn) else _ask_fts5
    numbers = sorted({*ask(conn, wanted, upto, limit), *conn.scalars(loose)}, reverse=True)[:limit]
    rows = [row for some in chunks(numbers) for row in conn.execute(found.where(item.c.seq.in_(some))).mappings()]
    return Candidates(items=[stored_item(row) for row in rows], before=numbers[-1] if numbers else None)


def _ask_fts5(conn: Connection, wanted: Wanted, before: int, limit: int) -> list[int]:
    asked = _written(wanted, quote=_in_fts5, every=" AND ", some=" OR ")
    return list(conn.scalars(_ASK, {"asked": asked, "before": before, "limit": limit}))


def _ask_vectors(conn: Connection, wanted: Wanted, before: int, limit: int) -> list[int]:
    """Look among the newest first: what is there often would else be gathered from everywhere.

    Materialized: else the planner may walk through all items backwards, to find the first that match by chance.
    """
    asked = cast(_written(wanted, quote=_in_tsquery, every=" & ", some=" | "), TSQUERY)
    c = _words.c
    match = select(c.seq).where(c.terms.op("@@")(asked), c.seq < before)
    newest = conn.scalar(select(func.max(c.seq)).where(c.seq < before)) or 0
    near = conn.scalars(match.where(c.seq > newest - _NEAR).order_by(c.seq.desc()).limit(limit)).all()
    if len(near) == limit:
        return list(near)
    hits = match.cte("hits").prefix_with("MATERIALIZED")
    return list(conn.scalars(select(hits.c.seq).order_by(hits.c.seq.desc()).limit(limit)))


def _written(wanted: Wanted, *, quote: Callable[[str], str], every: str, some: str) -> str:
    if isinstance(wanted, frozenset):
        return f"({some.join(quote(term) for term in sorted(wanted))})"
    sign = every if isinstance(wanted, Every) else some
    return f"({sign.join(_written(part, quote=quote, every=every, some=some) for part in wanted.parts)})"


def _in_fts5(term: str) -> str:
    doubled = term.replace('"', '""')
    return f'"{doubled}"'


def _in_tsquery(term: str) -> str:
    doubled = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
