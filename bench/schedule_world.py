"""Polling in virtual time: one source, one way of deciding, four weeks; and what came of it over all sources.

In:    Traces, a Way (the product's policy, another system's formula, a clairvoyant).
Out:   Result: requests, bytes, waiting, losses.
Never: decides by itself: the policy is aggregator.schedule's own learn and next_poll.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from statistics import fmean, median

from aggregator.model import Look, PollRule, Rhythm
from aggregator.schedule import learn, next_poll
from bench import schedule_rivals as rivals
from bench.schedule_traces import AFTER, START, Trace

SETTLED = 7.0  # days; what is before is told apart
NOT_MODIFIED = 300  # bytes of a 304
HOUR = timedelta(hours=1)
MINUTES = 1440.0  # of a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way of deciding, by name, so that it can be sent to another process."""

    name: str  # "ours", "clairvoyant", or one of SYSTEMS
    floor: float = 0.25  # hours
    ceiling: float = 24.0  # hours
    eager: float = 1.0  # ours
    kappa: float = 0.0  # clairvoyant: item-hours


SYSTEMS = {
    "fixed 15 min": rivals.fixed(0.25),
    "fixed 30 min": rivals.fixed(0.5),
    "fixed 60 min": rivals.fixed(1.0),
    "Miniflux": rivals.miniflux,
    "CommaFeed": rivals.commafeed,
    "NewsBlur, one reader": rivals.newsblur(0.75, 6.0, 24.0),
    "NewsBlur, many readers": rivals.newsblur(0.25, 1.0, 12.0),
}


@dataclass(slots=True)
class Polled:
    """What polling one source came to; times in days from START."""

    polls: list[float] = field(default_factory=list)
    bytes: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)  # when an item appeared, how long until it was found
    lost: int = 0  # pushed out of the document unseen


def polled(trace: Trace, way: Way, seed: int) -> Polled:
    """Poll one source from START on for AFTER days."""
    rng = random.Random(f"{trace.name} {seed}")
    first = rng.uniform(0, 15 / MINUTES)
    if way.name == "clairvoyant":
        return _foreseen(trace, way, first)
    decide = _ours(trace, way, rng) if way.name == "ours" else _theirs(trace, way, rng)
    found, at, seen = Polled(), first, 0
    while at < AFTER:
        here = bisect_right(trace.times, at)
        oldest = max(here - trace.holds, 0)
        fresh = range(max(seen, oldest), here)
        found.polls.append(at)
        changed = here > seen or len(found.polls) == 1
        found.bytes += (
            NOT_MODIFIED if trace.validators and not changed else trace.item_bytes * (here - oldest) + NOT_MODIFIED
        )
        if len(found.polls) > 1:
            found.waits += [(trace.times[n], at - trace.times[n]) for n in range(seen, here)]
            found.lost += max(oldest - seen, 0)
        gap = len(found.polls) > 1 and here - seen >= trace.holds
        pause = decide(at, fresh, range(oldest, here) if changed else None, gap)
        at, seen = at + pause, here
    return found


def _foreseen(trace: Trace, way: Way, first: float) -> Polled:
    """A clairvoyant comes when it is best, of all ways without a floor."""
    ahead = [day * 24 for day in trace.times if day > first]
    polls = [hour / 24 for hour in rivals.clairvoyant(ahead, way.kappa)]
    found, times = Polled(polls=[first, *polls]), iter(polls)
    poll = next(times, AFTER)
    for hour in ahead:
        while poll < hour / 24:
            poll = next(times, AFTER)
        found.waits.append((hour / 24, max(poll - hour / 24, 0.0)))
    return found


def _ours(trace: Trace, way: Way, rng: random.Random):  # noqa: ANN202 - as _theirs
    rule = PollRule(floor=way.floor * HOUR, ceiling=way.ceiling * HOUR, eager=way.eager)
    rhythm, claims = Rhythm(), trace.claims

    def decide(at: float, fresh: range, document: range | None, gap: bool) -> float:  # noqa: FBT001
        nonlocal rhythm
        now = START + timedelta(days=at)
        first = rhythm.at is None
        size = NOT_MODIFIED
        if document is not None or not trace.validators:
            size += trace.item_bytes * min(trace.holds, len(trace.times))
        look = Look(
            new=tuple(claims[n] for n in fresh),
            document=None if document is None else tuple(claims[n] for n in document),
            first=first,
            gap=gap,
            bytes_read=size,
        )
        rhythm = learn(rhythm, look, now, zone=trace.zone)
        due = next_poll(trace.name, rhythm, rule, last=now, now=now, rng=rng, zone=trace.zone)
        return (due.at - now) / timedelta(days=1)

    return decide


def _theirs(trace: Trace, way: Way, rng: random.Random):  # noqa: ANN202 - a closure over what is seen
    pause = SYSTEMS[way.name](rivals.Bounds(way.floor, way.ceiling), rng)
    hours = [None if claim is None else (claim - START) / HOUR for claim in trace.claims]

    def decide(at: float, fresh: range, document: range | None, gap: bool) -> float:  # noqa: ARG001, FBT001
        nonlocal shown
        now = at * 24
        new = [now if hours[n] is None else hours[n] for n in fresh]
        found_at.update(zip(fresh, new, strict=True))
        if document is not None:
            shown = [found_at.get(n, now) for n in document]
        return pause(rivals.Seen(now, new, shown)) / 24

    found_at: dict[int, float] = {}
    shown: list[float] = []
    return decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a way came to over all sources; counts after the first week unless named otherwise. Minutes are waiting."""

    requests: float  # a day and source
    kilobytes: float  # a day and source
    mean: float
    p50: float
    p90: float
    p99: float
    median_source: float  # of the means of the sources
    worst_decile: float  # mean of the tenth of sources that wait longest
    lost: int
    items: int
    host_minute_p99: float  # requests to one host in one minute that had any
    host_minute_max: int
    first_week_requests: float
    first_week_mean: float
    first_week_p90: float
    by_kind: dict[str, float]  # mean waiting


def result(traces: Sequence[Trace], way: Way, seed: int) -> Result:
    """Poll all sources in one way."""
    done = [(trace, polled(trace, way, seed)) for trace in traces]
    settled = AFTER - SETTLED
    late = {t.name: [w * MINUTES for at, w in p.waits if at >= SETTLED] for t, p in done}
    early = sorted(w * MINUTES for _, p in done for at, w in p.waits if at < SETTLED)
    waits = sorted(w for found in late.values() for w in found)
    means = sorted(fmean(found) for found in late.values() if found)
    polls = [sum(1 for at in p.polls if at >= SETTLED) for _, p in done]
    minutes = sorted(_host_minutes(done))
    kinds = sorted({trace.kind for trace in traces})
    return Result(
        requests=sum(polls) / settled / len(done),
        kilobytes=sum(p.bytes for _, p in done) / AFTER / len(done) / 1000,
        mean=fmean(waits),
        p50=_quantile(waits, 0.5),
        p90=_quantile(waits, 0.9),
        p99=_quantile(waits, 0.99),
        median_source=median(means),
        worst_decile=fmean(means[-max(1, len(means) // 10) :]),
        lost=sum(p.lost for _, p in done),
        items=len(waits) + len(early),
        host_minute_p99=_quantile(minutes, 0.99),
        host_minute_max=round(minutes[-1]),
        first_week_requests=sum(len(p.polls) - n for (_, p), n in zip(done, polls, strict=True)) / SETTLED / len(done),
        first_week_mean=fmean(early),
        first_week_p90=_quantile(early, 0.9),
        by_kind={kind: _mean(late[t.name] for t, _ in done if t.kind == kind) for kind in kinds},
    )


def _host_minutes(done: Iterable[tuple[Trace, Polled]]) -> Iterator[float]:
    counts = Counter((t.host, int(at * MINUTES)) for t, p in done for at in p.polls if at >= SETTLED)
    return map(float, counts.values())


def _mean(groups: Iterable[list[float]]) -> float:
    together = [each for group in groups for each in group]
    return fmean(together) if together else 0.0


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def at_requests(curve: Sequence[Result], requests: float, what: str) -> float | None:
    """Return a figure of a frontier at a number of requests, between its points; None beyond its ends.

    The line between two points is straight in the logarithms.
    """
    ordered = sorted(curve, key=lambda r: r.requests)
    for a, b in pairwise(ordered):
        if a.requests <= requests <= b.requests:
            share = (
                math.log(requests / a.requests) / math.log(b.requests / a.requests) if b.requests > a.requests else 0
            )
            low, high = getattr(a, what), getattr(b, what)
            return low + share * (high - low) if min(low, high) <= 0 else low ** (1 - share) * high**share
    return None
