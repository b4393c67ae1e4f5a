"""What an answer teaches of a source, and what its silence says.

In:    the Rhythm learned so far, what one poll showed (Look), the moment.
Out:   the Rhythm afterwards; how many items are due; since when silence is no accident.
Never: decides when to poll.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.model import Hints, Look, Rhythm
from aggregator.schedule.rate import (
    BURST_HALF_LIFE,
    FLEET_RATE,
    HOUR,
    WEEKEND,
    Curve,
    as_hours,
    as_moment,
    curve_of,
    level_of,
)

MEMORY = timedelta(days=28)  # tau: after so long, what was seen counts 1/e
HISTORY = timedelta(days=90)  # of the first document: what is older says nothing of today
TOGETHER = timedelta(minutes=5)  # items that come so soon after another are one event with it: a batch
SURPRISE = 0.025  # more items than in this share of cases: a burst
BURST, BURST_MOST = 2.0, 8.0  # it doubles the rate, again and again up to so much
ACCIDENT = 0.001  # a silence less likely than this is none
BEYOND = 1.25  # times the longest silence before
BYTES_SHARE = 0.2  # of the newest poll in the mean
RECOVERED = timedelta(minutes=30)  # a pause after refusals that short is forgotten
CALM = 1.05  # a burst that is down to so much is over
TURNOVER_DOUBLES = timedelta(days=30)  # the fastest turnover seen counts as twice as slow after so long
FEWEST = 4  # items, and moments, without which a document shows no turnover


def learn(
    rhythm: Rhythm, look: Look, now: datetime, *, zone: str | None = None, fleet_rate: float = FLEET_RATE
) -> Rhythm:
    """Return what is known of a source after a successful poll.

    zone        IANA, of the source, if known
    fleet_rate  items a day of the median source
    """
    unknown = look.first or rhythm.at is None  # an older version may have polled it without learning
    learned = _history(look, now) if unknown else _observed(rhythm, look, now, zone, fleet_rate)
    return replace(
        learned,
        at=now,
        turnover=_turnover(rhythm, look, now),
        bytes_a_poll=_mean(rhythm.bytes_a_poll, look.bytes_read),
        gap=look.gap if look.document is not None else rhythm.gap,
        refused=rhythm.refused if look.bytes_read is None else _recovering(rhythm.refused),
        hints=_heard(rhythm.hints, look),
    )


def refused(rhythm: Rhythm, wait: timedelta) -> Rhythm:
    """Return what is known after 403 or 429 made us wait: afterwards we come back step by step (P13)."""
    return replace(rhythm, refused=max(wait, rhythm.refused or wait))


def expected(
    rhythm: Rhythm, a: datetime, b: datetime, *, zone: str | None = None, fleet_rate: float = FLEET_RATE
) -> float:
    """Return how many new items are due between two moments: the integral of the rate."""
    return curve_of(rhythm, zone=zone, fleet_rate=fleet_rate).mass(as_hours(a), as_hours(b))


def quiet_at(rhythm: Rhythm, *, zone: str | None = None, fleet_rate: float = FLEET_RATE) -> datetime | None:
    """Return since when the silence of a source is less likely than one in a thousand, None without an item so far.

    exp(-integral of the rate since the last item) < 0.001. The rate is that of when the item came, because the level
    itself fades in a silence and would excuse it; it counts moments, not items, because ten items at a time do not
    make the next silence ten times as surprising; and a silence that the source has shown before is none.
    """
    if rhythm.last_item_at is None or not rhythm.pace:
        return None
    curve, start = _steady(rhythm, zone, fleet_rate), as_hours(rhythm.last_item_at)
    return as_moment(curve.reach(start, _explained(rhythm)))


def _history(look: Look, now: datetime) -> Rhythm:
    """Return what the first document tells. Its oldest item is where the watching begins, so it is not counted."""
    dated = sorted(moment for moment in look.document or () if moment is not None and moment <= now)
    if not dated:
        return Rhythm(days=0.0)
    began = max(dated[0], now - HISTORY)
    return _counted(Rhythm(at=began), [moment for moment in dated if moment > began], now, FLEET_RATE)


def _observed(rhythm: Rhythm, look: Look, now: datetime, zone: str | None, fleet_rate: float) -> Rhythm:
    last = rhythm.at or now
    times = sorted(appeared(published, last, now) for published in look.new)
    learned = _counted(rhythm, times, now, fleet_rate)
    usual = expected(rhythm, last, now, zone=zone, fleet_rate=fleet_rate) * _separate(rhythm)
    burst = _excited(rhythm, now)
    if _surprising(_moments(times), usual):
        burst = min(burst * BURST, BURST_MOST)
    lull = _lull(rhythm, times[0], zone, fleet_rate) if times else rhythm.lull
    return replace(learned, burst=burst, burst_at=now if burst > 1.0 else None, lull=lull)


def appeared(published: datetime | None, last: datetime, now: datetime) -> datetime:
    """Return when an item found now, and not at the last poll, came into the document.

    What it claims, where that lies between the two polls; else the middle between them, which is wrong by least. Our
    own hours must not become its rhythm.
    """
    if published is not None and last <= published <= now:
        return published
    return last + (now - last) / 2


def silence(rhythm: Rhythm, now: datetime, *, zone: str | None = None, fleet_rate: float = FLEET_RATE) -> float:
    """Return how long a source has been silent, 1 being as long as chance explains: above it, it is quiet."""
    if rhythm.last_item_at is None or not rhythm.pace:
        return 0.0
    skipped = _steady(rhythm, zone, fleet_rate).mass(as_hours(rhythm.last_item_at), as_hours(now))
    return skipped / _explained(rhythm)


def _explained(rhythm: Rhythm) -> float:
    """Return how many moments a silence may skip by chance, or as it has done before."""
    return max(-math.log(ACCIDENT), rhythm.lull * BEYOND)


def _steady(rhythm: Rhythm, zone: str | None, fleet_rate: float) -> Curve:
    """Return how many moments an hour there are without bursts, as fast as when the last item came."""
    scale = rhythm.pace / level_of(rhythm, fleet_rate)
    return Curve(tuple(rate * scale for rate in curve_of(rhythm, zone=zone, fleet_rate=fleet_rate).hours))


def _lull(rhythm: Rhythm, until: datetime, zone: str | None, fleet_rate: float) -> float:
    """Return how many moments the silence skipped that ends now, or the longest before it."""
    if rhythm.last_item_at is None or rhythm.at is None:
        return 0.0
    before = rhythm.lull * math.exp(-((until - rhythm.at) / HISTORY))
    skipped = _steady(rhythm, zone, fleet_rate).mass(as_hours(rhythm.last_item_at), as_hours(until))
    return max(before, skipped)


def _counted(rhythm: Rhythm, times: Sequence[datetime], now: datetime, fleet_rate: float) -> Rhythm:
    """Return the counts after so much time and these items, sorted."""
    since = rhythm.at or now
    fade, weights = math.exp(-((now - since) / MEMORY)), [math.exp((t - now) / MEMORY) for t in times]
    weekday, weekend = [n * fade for n in rhythm.weekday], [n * fade for n in rhythm.weekend]
    for moment, weight in zip(times, weights, strict=True):
        utc = moment.astimezone(UTC)
        (weekend if utc.weekday() >= WEEKEND else weekday)[utc.hour] += weight
    items = rhythm.items * fade + sum(weights)
    counted = replace(
        rhythm,
        days=rhythm.days * fade + (MEMORY / timedelta(days=1)) * (1 - fade),
        items=items,
        moments=rhythm.moments * fade + sum(weights) * _moments(times) / max(len(times), 1),
        weekday=tuple(weekday),
        weekend=tuple(weekend),
    )
    if not times:
        return counted
    newest = max(times[-1], rhythm.last_item_at or times[-1])
    return replace(counted, last_item_at=newest, pace=level_of(counted, fleet_rate) * _separate(counted))


def _moments(times: Sequence[datetime]) -> int:
    """Return how many events sorted times are; what comes within TOGETHER of the first of an event belongs to it."""
    found, until = 0, None
    for moment in times:
        if until is None or moment > until:
            found, until = found + 1, moment + TOGETHER
    return found


def _separate(rhythm: Rhythm) -> float:
    """Return how many moments there are to an item."""
    return rhythm.moments / rhythm.items if rhythm.items else 1.0


def _surprising(seen: int, usual: float) -> bool:
    """Return whether so many come by chance in fewer than SURPRISE of cases (Poisson, upper tail)."""
    if seen <= max(usual, 1.0):
        return False
    term = below = math.exp(-usual)
    for n in range(1, seen):
        term *= usual / n
        below += term
    return 1.0 - below < SURPRISE


def _excited(rhythm: Rhythm, now: datetime) -> float:
    if rhythm.burst_at is None:
        return 1.0
    left = 1.0 + (rhythm.burst - 1.0) * 0.5 ** ((now - rhythm.burst_at) / (BURST_HALF_LIFE * HOUR))
    return left if left > CALM else 1.0


def _turnover(rhythm: Rhythm, look: Look, now: datetime) -> timedelta | None:
    """Return in how little time a whole document was replaced: what it spans, and the least of that; slowly forgotten.

    The oldest tenth is left out, because some documents pin old items; a document of one batch says nothing.
    """
    known = rhythm.turnover
    if known is not None and rhythm.at is not None:
        known *= 2 ** ((now - rhythm.at) / TURNOVER_DOUBLES)
    dated = sorted(moment for moment in look.document or () if moment is not None and moment <= now)
    if len(dated) < FEWEST or _moments(dated) < FEWEST:
        return known
    newer = dated[len(dated) // 10 :]
    span = (newer[-1] - newer[0]) * len(dated) / (len(newer) - 1)
    return min(span, known) if known is not None else span


def _mean(before: float | None, newest: int | None) -> float | None:
    if newest is None:
        return before
    return float(newest) if before is None else before + BYTES_SHARE * (newest - before)


def _recovering(pause: timedelta | None) -> timedelta | None:
    return pause / 2 if pause is not None and pause / 2 >= RECOVERED else None


def _heard(before: Hints, look: Look) -> Hints:
    """Return the hints after an answer: a 304 need not repeat its headers (RFC 9110, 15.4.5) and holds no feed."""
    if look.document is not None:
        return look.hints
    if look.hints.max_age is None and look.hints.expires_in is None:
        return before
    return replace(before, max_age=look.hints.max_age, expires_in=look.hints.expires_in)
