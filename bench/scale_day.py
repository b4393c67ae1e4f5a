"""A day of many sources in virtual time: who is due, who is claimed, how late, how many bytes.

In:    how many sources, hours, polls that may begin in a second.
Out:   polls a second, lateness, the queue, bytes.
Never: decides by itself: claims are polls.claim_due's on SQLite, intervals are aggregator.schedule's.

What a poll would write beside its next moment is left out: scale_growth measures it. A fifth of the sources stand on
few platforms, the others two to a host; each publishes as one of the generated traces of bench.schedule does, moved
by some days of its own.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from aggregator.model import Look, Pause, PollRule, PollState, Rhythm
from aggregator.pipeline import LEASE
from aggregator.schedule import budget, host_price, learn, next_poll
from aggregator.store import Store, polls
from aggregator.store.rows import state_row
from aggregator.store.schema import host_state, source_state
from bench.schedule_traces import START, Trace, traces
from bench.schedule_world import NOT_MODIFIED

TICK = timedelta(seconds=30)  # of the clock; the daemon's is one second
PER_S = 50.0  # polls that one daemon begins: 50 at once, a second each
PLATFORMS = 0.2  # of the sources stand on hosts of A_PLATFORM
A_PLATFORM, A_HOST = 500, 2
SHIFTS = 14  # days by which traces are moved at most
PAUSE = Pause()
A_POLL = timedelta(seconds=1)  # and then a host is left alone for its gap
IN_A_TICK = Pause(at_once=TICK // (PAUSE.gap + A_POLL))  # so many polls of one host come one after the other
RULE = PollRule()
AT_A_TIME = 5_000  # rows
WARM = timedelta(hours=3)  # before anything is counted: what is known of a source is more than its first document


@dataclass(slots=True)
class Paper:
    """A source, and what is remembered of it."""

    name: str
    host: str
    trace: Trace
    shift: float  # days
    rhythm: Rhythm
    seen: int  # items of the trace
    interval: timedelta | None = None


class Day:
    """The sources, their store and what came of it."""

    def __init__(self, store: Store, papers: Sequence[Paper], rng: random.Random) -> None:
        self._store, self._papers, self._rng = store, {paper.name: paper for paper in papers}, rng
        self._hosts: dict[str, list[Paper]] = {}
        self._prices: dict[str, float] = {}
        for paper in papers:
            self._hosts.setdefault(paper.host, []).append(paper)
        self.polls = self.bytes = self.items = self.lost = self.longest = 0
        self.lates: list[float] = []  # seconds
        self.waits: list[float] = []  # minutes from an item's appearance to the poll that found it
        self.by_hour: dict[int, int] = {}

    def tick(self, now: datetime, most: int, *, counted: bool) -> None:
        """Claim what is due, poll it, and put the next moments down."""
        due_at = self._store.write_now(_claimed, most, now)
        moments = [self._polled(self._papers[name], now, counted=counted) for name in due_at]
        self._store.write_now(_put_down, moments, now)
        if not counted:
            return
        self.polls += len(due_at)
        self.by_hour[now.hour] = self.by_hour.get(now.hour, 0) + len(due_at)
        self.lates += [(now - at).total_seconds() for at in due_at.values()]
        if len(due_at) >= most:
            self.longest = max(self.longest, len(self._store.read_now(polls.due, now)))

    def _polled(self, paper: Paper, now: datetime, *, counted: bool) -> dict[str, Any]:
        trace, at = paper.trace, (now - START) / timedelta(days=1) + paper.shift
        here = bisect_right(trace.times, at)
        oldest = max(here - trace.holds, 0)
        changed = here > paper.seen
        size = NOT_MODIFIED if trace.validators and not changed else trace.item_bytes * (here - oldest) + NOT_MODIFIED
        moved = timedelta(days=paper.shift)
        claims = [None if claim is None else claim - moved for claim in trace.claims[oldest:here]]
        look = Look(
            new=tuple(claims[max(paper.seen - oldest, 0) :]),
            document=tuple(claims) if changed else None,
            gap=here - paper.seen >= trace.holds,
            bytes_read=size,
        )
        if counted:
            self.bytes += size
            self.items += here - paper.seen
            self.lost += max(oldest - paper.seen, 0)
            self.waits += [(at - trace.times[n]) * 1440 for n in range(max(paper.seen, oldest), here)]
        paper.rhythm, paper.seen = learn(paper.rhythm, look, now, zone=trace.zone), here
        mu = self._price(paper)
        due = next_poll(paper.name, paper.rhythm, RULE, last=now, now=now, rng=self._rng, zone=trace.zone, mu=mu)
        paper.interval = due.interval
        return {"which": paper.name, "at": due.at}

    def _price(self, paper: Paper) -> float:
        intervals = [one.interval for one in self._hosts[paper.host] if one.interval]
        before = self._prices.get(paper.host, 1.0)
        price = host_price(intervals, before=before, budget_per_h=budget(PAUSE.gap_of(paper.host)))
        self._prices[paper.host] = price
        return price


def _claimed(conn: Connection, most: int, now: datetime) -> dict[str, datetime]:
    """Claim by the product's own statement; return when each was due."""
    claims = polls.claim_due(conn, limit=most, lease=LEASE, owner="bench", now=now, pause=IN_A_TICK)
    s, names = source_state.c, [claim.source for claim in claims]
    found = dict[str, datetime]()
    for start in range(0, len(names), AT_A_TIME):
        rows = conn.execute(select(s.id, s.next_poll_at).where(s.id.in_(names[start : start + AT_A_TIME])))
        found |= {row.id: row.next_poll_at for row in rows}
    return found


def _put_down(conn: Connection, moments: Sequence[dict[str, Any]], now: datetime) -> None:
    free = {"lease_until": None, "lease_owner": None, "last_poll_at": now, "next_poll_at": bindparam("at")}
    if moments:
        conn.execute(update(source_state).where(source_state.c.id == bindparam("which")).values(free), list(moments))


def measure(sources: int, hours: float, per_s: float = PER_S, seed: int = 1) -> dict[str, Any]:
    """Return the figures of a day. Deterministic."""
    rng = random.Random(seed)
    drawn = traces(None, seed)
    papers = [_paper(n, sources, drawn, rng) for n in range(sources)]
    memory = Path("/dev/shm")  # days go by in minutes: the disk would be asked for a day's flushes in them
    with TemporaryDirectory(prefix="bench-day-", dir=memory if memory.is_dir() else None) as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'day.db'}")
        try:
            store.write_now(_begin, papers, rng)
            day = Day(store, papers, rng)
            most, now = max(1, round(per_s * TICK.total_seconds())), START
            while now < START + WARM:
                day.tick(now, most * 4, counted=False)
                now += TICK
            while now < START + WARM + timedelta(hours=hours):
                day.tick(now, most, counted=True)
                now += TICK
        finally:
            store.close()
    return _figures(day, sources, hours, per_s)


def _paper(number: int, sources: int, drawn: Sequence[Trace], rng: random.Random) -> Paper:
    on_platform = number < sources * PLATFORMS
    host = f"platform-{number // A_PLATFORM}.example" if on_platform else f"host-{number // A_HOST}.example"
    trace, shift = drawn[number % len(drawn)], rng.uniform(0, SHIFTS)
    return Paper(name=f"paper-{number}", host=host, trace=trace, shift=shift, rhythm=Rhythm(), seen=0)


def _begin(conn: Connection, papers: Sequence[Paper], rng: random.Random) -> None:
    """Store all sources as their first polls left them, some time within the hours before."""
    conn.execute(insert(host_state), [{"host": host} for host in sorted({paper.host for paper in papers})])
    blank = {"enabled": True, "added_at": START, "fence": 0, "kind": "", "problem": "", "hint": "", "due_why": ""}
    blank |= {"due_terms": "{}", "flaws": "[]", "flaw_count": 0, **state_row(PollState(document=1))}
    for start in range(0, len(papers), AT_A_TIME):
        rows = []
        for paper in papers[start : start + AT_A_TIME]:
            url = f"https://{paper.host}/{paper.name}"
            due_at = _first(paper, rng)
            rows.append({**blank, "id": paper.name, "url": url, "host": paper.host, "next_poll_at": due_at})
        conn.execute(insert(source_state), rows)


def _first(paper: Paper, rng: random.Random) -> datetime:
    """Let a source be known by one document; return when it is polled next."""
    last = START - timedelta(hours=rng.uniform(0, 3))
    trace = paper.trace
    here = bisect_right(trace.times, (last - START) / timedelta(days=1) + paper.shift)
    moved = timedelta(days=paper.shift)
    shown = [None if claim is None else claim - moved for claim in trace.claims[max(here - trace.holds, 0) : here]]
    look = Look(document=tuple(shown), first=True, bytes_read=trace.item_bytes * len(shown))
    paper.rhythm, paper.seen = learn(Rhythm(), look, last, zone=trace.zone), here
    due = next_poll(paper.name, paper.rhythm, RULE, last=last, now=last, rng=rng, zone=trace.zone)
    paper.interval = due.interval
    return max(due.at, START)


def _figures(day: Day, sources: int, hours: float, per_s: float) -> dict[str, Any]:
    lates, waits = sorted(day.lates), sorted(day.waits)
    busiest = max(day.by_hour.values(), default=0) / 3600
    return {
        "sources": sources,
        "hours": hours,
        "may_begin_per_s": per_s,
        "polls": day.polls,
        "polls_a_day_and_source": day.polls / sources * 24 / hours,
        "polls_per_s": day.polls / hours / 3600,
        "busiest_hour_polls_per_s": busiest,
        "late_s_p50": _quantile(lates, 0.5),
        "late_s_p99": _quantile(lates, 0.99),
        "late_s_max": _quantile(lates, 1.0),
        "longest_queue": day.longest,
        "gb_a_day": day.bytes * 24 / hours / 1e9,
        "items_per_s": day.items / hours / 3600,
        "lost": day.lost,
        "item_waits_min_p50": _quantile(waits, 0.5),
        "item_waits_min_p90": _quantile(waits, 0.9),
    }


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
