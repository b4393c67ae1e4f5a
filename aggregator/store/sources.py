"""What is known of each source, for people: `status`, its page, its log.

In:    the id of a source; the outcome of a poll, for the log.
Out:   SourceRow, flaws, the newest lines of its log.
Never: changes what decides the next poll.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, select
from sqlalchemy import insert as plain_insert

from aggregator.model import Ended, Feed, Flaw, Held, PollOutcome, PollState, Standing, standing
from aggregator.store import held
from aggregator.store.dialect import chunks
from aggregator.store.rows import feed, flaws, poll_state
from aggregator.store.schema import TROUBLED, host_state, item, poll_log, source_state

LOG_KEPT = 100  # lines per source: a day of polls every quarter of an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """All that `status` can tell of one source."""

    id: str
    url: str
    enabled: bool  # stands in the configuration
    state: PollState
    why: str  # why it is polled next when it is
    terms: Mapping[str, float | str]
    ended: Ended | None  # how the last poll ended; None before the first
    status: int | None
    kind: str  # of its failure
    problem: str
    hint: str
    feed: Feed | None  # what its document says of itself
    flaws: int
    items: int
    last_new_at: datetime | None  # when its newest item came to us
    held_until: datetime | None  # being polled just now, until then at the longest
    host_paused_until: datetime | None
    host_silences: int  # polls in a row, of any source there, that it left unanswered
    held: Mapping[Held, int]  # of its items, by the reason

    @property
    def host_word(self) -> str:
        """Why its host is left alone, where it is."""
        return "answers nobody, and is left alone" if self.host_silences else "wants to be left alone"

    @property
    def standing(self) -> Standing:
        """Its state in one word."""
        since, last = self.state.problem_since, self.state.last_poll_at
        lasting = last - since if last and since else None
        return standing(self.ended, status=self.status, kind=self.kind, lasting=lasting, quiet=self.state.quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLine:
    """One poll, as the log keeps it."""

    at: datetime
    ended: str
    status: int | None
    took: timedelta
    bytes_read: int
    new: int
    changed: int
    kind: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A source as a list of sources needs it."""

    added_at: datetime
    feed: Feed | None  # what its document says of itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Closely:
    """A source looked at closely."""

    row: SourceRow
    flaws: tuple[Flaw, ...]  # what was worked around in its newest document, the first hundred
    log: tuple[PollLine, ...]  # its newest polls, the latest first


def every(conn: Connection) -> list[SourceRow]:
    """All sources that we ever polled or shall poll, by id."""
    waiting = held.counts(conn)
    rows = conn.execute(_facts().order_by(source_state.c.id)).mappings()
    return [_source_row(row, waiting.get(row[source_state.c.id], {})) for row in rows]


def some(conn: Connection, names: Collection[str]) -> list[SourceRow]:
    """Those of these sources that we ever heard of, in the order of their names as given."""
    waiting, found = held.counts(conn), dict[str, SourceRow]()
    for few in chunks(names):
        for row in conn.execute(_facts(few)).mappings():
            found[row[source_state.c.id]] = _source_row(row, waiting.get(row[source_state.c.id], {}))
    return [found[name] for name in names if name in found]


def troubled(conn: Connection) -> dict[str, Standing]:
    """The configured sources that are not simply well, each with its state."""
    s = source_state.c
    facts = select(s.id, s.ended, s.status, s.kind, s.problem_since, s.last_poll_at).where(s.enabled, TROUBLED)
    return {
        row.id: standing(
            row.ended,
            status=row.status,
            kind=row.kind,
            lasting=row.last_poll_at - row.problem_since if row.last_poll_at and row.problem_since else None,
            quiet=True,
        )
        for row in conn.execute(facts)
    }


def listed(conn: Connection) -> dict[str, Listed]:
    """The same sources in brief, by id."""
    c = source_state.c
    rows = conn.execute(select(c.id, c.added_at, c.feed))
    return {row.id: Listed(added_at=row.added_at, feed=feed(row.feed)) for row in rows}


def one(conn: Connection, source: str) -> SourceRow | None:
    """One source, or None if we never heard of it."""
    row = conn.execute(_facts([source])).mappings().one_or_none()
    return _source_row(row, held.counts(conn, source).get(source, {})) if row else None


def closely(conn: Connection, source: str, polls: int) -> Closely | None:
    """One source with so many of its polls, or None if we never heard of it."""
    row = one(conn, source)
    return Closely(row=row, flaws=flaws_of(conn, source), log=log_of(conn, source, polls)) if row else None


def _facts(names: Sequence[str] | None = None) -> Select[Any]:
    counted = select(item.c.source, func.count().label("stored"), func.max(item.c.seq).label("newest"))
    if names is not None:
        counted = counted.where(item.c.source.in_(names))
    count = counted.group_by(item.c.source).subquery("count")
    facts = (
        select(
            source_state,
            func.coalesce(count.c.stored, 0).label("stored"),
            item.c.first_seen_at.label("last_new_at"),
            host_state.c.paused_until,
            host_state.c.silences,
        )
        .outerjoin(count, count.c.source == source_state.c.id)
        .outerjoin(item, item.c.seq == count.c.newest)
        .outerjoin(host_state, host_state.c.host == source_state.c.host)
    )
    return facts if names is None else facts.where(source_state.c.id.in_(names))


def _source_row(row: RowMapping, waiting: Mapping[Held, int]) -> SourceRow:
    c = source_state.c
    return SourceRow(
        id=row[c.id],
        url=row[c.url],
        enabled=row[c.enabled],
        state=poll_state(row),
        why=row[c.due_why],
        terms=json.loads(row[c.due_terms]),
        ended=row[c.ended],
        status=row[c.status],
        kind=row[c.kind],
        problem=row[c.problem],
        hint=row[c.hint],
        feed=feed(row[c.feed]),
        flaws=row[c.flaw_count],
        items=row["stored"],
        last_new_at=row["last_new_at"],
        held_until=row[c.lease_until],
        host_paused_until=row["paused_until"],
        host_silences=row["silences"],
        held=waiting,
    )


def flaws_of(conn: Connection, source: str) -> tuple[Flaw, ...]:
    """What was worked around in its newest document, the first hundred."""
    text = conn.scalar(select(source_state.c.flaws).where(source_state.c.id == source))
    return flaws(text) if text else ()


def log(conn: Connection, outcome: PollOutcome) -> None:
    """Add a line to the source's log and drop those beyond the newest LOG_KEPT."""
    kinds = [change.kind for change in outcome.changes]
    line = {
        "source": outcome.source,
        "at": outcome.at,
        "ended": outcome.ended,
        "status": outcome.status,
        "took_us": outcome.took,
        "bytes_read": outcome.bytes_read,
        "new": kinds.count("new"),
        "changed": kinds.count("changed"),
        "kind": outcome.kind,
        "problem": outcome.problem,
    }
    conn.execute(plain_insert(poll_log), line)
    mine = poll_log.c.source == outcome.source
    oldest = select(poll_log.c.seq).where(mine).order_by(poll_log.c.seq.desc()).offset(LOG_KEPT).limit(1)
    conn.execute(delete(poll_log).where(mine, poll_log.c.seq <= oldest.scalar_subquery()))


def log_of(conn: Connection, source: str, limit: int = LOG_KEPT) -> tuple[PollLine, ...]:
    """Its newest polls, the latest first."""
    newest = select(poll_log).where(poll_log.c.source == source).order_by(poll_log.c.seq.desc()).limit(limit)
    return tuple(_poll_line(row) for row in conn.execute(newest).mappings())


def _poll_line(row: RowMapping) -> PollLine:
    c = poll_log.c
    return PollLine(
        at=row[c.at],
        ended=row[c.ended],
        status=row[c.status],
        took=row[c.took_us],
        bytes_read=row[c.bytes_read],
        new=row[c.new],
        changed=row[c.changed],
        kind=row[c.kind],
        problem=row[c.problem],
    )
