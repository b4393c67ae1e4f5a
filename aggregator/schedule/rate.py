"""How fast a source publishes at any hour: level x season x burst, and what that adds up to.

In:    a Rhythm, the zone of the source, what its siblings do.
Out:   a Curve: items per hour for every hour of the week; integrals over it.
Never: decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregator.model import Rhythm

HOUR = timedelta(hours=1)
FLEET_RATE = 4.0  # items a day of a source of which nothing is known, until the fleet has a median of its own
PRIOR_ITEMS = 0.5  # how many items the fleet's rate counts for beside the source's own
SEASON_ITEMS = 60.0  # how many items the usual day counts for beside the source's own hours
WEEKEND_ITEMS = 20.0  # how many items speak for "the weekend is like the week" beside the source's own
BURST_HALF_LIFE = 2.0  # hours
SILENT = timedelta(days=14)  # nothing new for as long as we remember: it may have died
WEEKEND = 5  # Monday is 0
THURSDAY = 3  # 1970-01-01
DAY_HOURS = 24
FAR = 400.0 * DAY_HOURS  # nobody looks further

# Share of a day's items by local hour, times 24: newsrooms sleep. Used where the zone of a source is known.
USUAL_DAY = (
    *(0.35, 0.25, 0.2, 0.2, 0.25, 0.4, 0.7, 1.0, 1.2, 1.4, 1.5, 1.5),
    *(1.5, 1.5, 1.5, 1.5, 1.5, 1.45, 1.3, 1.2, 1.1, 1.0, 0.8, 0.5),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """Items per hour: 24 for weekdays, 24 for weekends (UTC), and a burst over them that fades."""

    hours: tuple[float, ...]  # 48
    burst: float = 1.0  # factor at burst_at
    burst_at: float = 0.0  # hours since 1970

    def steps(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Yield (hours, items per hour) from start to end, at most one hour each; both are hours since 1970."""
        while start < end:
            hour = int(start)
            until = min(hour + 1.0, end)
            yield until - start, self.hours[_bin(hour)] * self._excited((start + until) / 2)
            start = until

    def mass(self, start: float, end: float) -> float:
        """Return how many items are expected between two moments."""
        return sum(hours * rate for hours, rate in self.steps(start, end))

    def reach(self, start: float, mass: float) -> float:
        """Return when so many items are to be expected since `start`; FAR at most."""
        for hours, rate in self.steps(start, start + FAR):
            if mass <= hours * rate:
                return start + mass / rate
            mass, start = mass - hours * rate, start + hours
        return start

    def worth(self, start: float, delay: float, end: float) -> float:
        """Return when the items expected since `start` will have waited so long together; `end` at most.

        delay  item-hours: the smallest t with INTEGRAL[start..t] rate(s) (t - s) ds >= delay
        """
        waiting = waited = 0.0
        for hours, rate in self.steps(start, end):
            after = waited + waiting * hours + rate * hours * hours / 2
            if after >= delay:
                root = math.sqrt(waiting * waiting + 2 * rate * (delay - waited))
                return start + 2 * (delay - waited) / (waiting + root)
            waiting, waited, start = waiting + rate * hours, after, start + hours
        return end

    def _excited(self, at: float) -> float:
        if self.burst <= 1.0:
            return 1.0
        return 1.0 + (self.burst - 1.0) * math.exp2(-max(at - self.burst_at, 0.0) / BURST_HALF_LIFE)


def curve_of(rhythm: Rhythm, *, zone: str | None = None, fleet_rate: float = FLEET_RATE) -> Curve:
    """Return how fast a source publishes.

    zone        IANA, of the source, if it is known: how its day is expected to go before it has shown
    fleet_rate  items a day of the median source
    """
    level = level_of(rhythm, fleet_rate) / DAY_HOURS
    hours = seasons(rhythm, usual_day(zone, rhythm.at))
    burst_at = as_hours(rhythm.burst_at) if rhythm.burst_at else 0.0
    return Curve(tuple(level * season for season in hours), rhythm.burst, burst_at)


def level_of(rhythm: Rhythm, fleet_rate: float = FLEET_RATE) -> float:
    """Return items a day: Gamma prior on the fleet's rate, and what was seen.

    Who has been silent for long brings no more than one item in that time: neither the prior nor what was once seen
    fades fast enough to say so, and a feed that has died would be asked several times a day for ever (P28).
    """
    level = (PRIOR_ITEMS + rhythm.items) / (PRIOR_ITEMS / fleet_rate + rhythm.days)
    if rhythm.at is None or rhythm.last_item_at is None or rhythm.at - rhythm.last_item_at < SILENT:
        return level
    return min(level, DAY_HOURS * HOUR / (rhythm.at - rhythm.last_item_at))


def seasons(rhythm: Rhythm, usual: tuple[float, ...]) -> tuple[float, ...]:
    """Return 48 factors around 1: by hour on weekdays, then by hour on weekends.

    Each is a mean of what was seen and of what is usual, so few items move it little. The weekend starts from the shape
    of the whole week and from its level.
    """
    both = [a + b for a, b in zip(rhythm.weekday, rhythm.weekend, strict=True)]
    shape = _shape(both, usual)
    total, week = sum(both), 7.0
    found: list[float] = []
    for counts, days in ((rhythm.weekday, 5.0), (rhythm.weekend, 2.0)):
        share = days / week
        level = (sum(counts) + WEEKEND_ITEMS * share) / ((total + WEEKEND_ITEMS) * share)
        found += [level * each for each in _shape(counts, shape)]
    return tuple(found)


def _shape(counts: list[float] | tuple[float, ...], usual: tuple[float, ...] | list[float]) -> list[float]:
    total = sum(counts) + SEASON_ITEMS
    return [(DAY_HOURS * n + SEASON_ITEMS * s) / total for n, s in zip(counts, usual, strict=True)]


@lru_cache(maxsize=512)
def _usual(offset: int) -> tuple[float, ...]:
    mean = sum(USUAL_DAY) / DAY_HOURS
    return tuple(USUAL_DAY[(hour + offset) % DAY_HOURS] / mean for hour in range(DAY_HOURS))


def usual_day(zone: str | None, at: datetime | None) -> tuple[float, ...]:
    """Return the usual day of a zone by UTC hour; of no zone: every hour alike."""
    if zone is None or at is None:
        return (1.0,) * DAY_HOURS
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    return _usual(round(offset / HOUR))


def as_hours(moment: datetime) -> float:
    """Return hours since 1970."""
    return moment.timestamp() / 3600


def as_moment(hours: float) -> datetime:
    """Return the moment so many hours after 1970."""
    return datetime.fromtimestamp(hours * 3600, UTC)


def _bin(hour: int) -> int:
    weekday = (hour // DAY_HOURS + THURSDAY) % 7
    return hour % DAY_HOURS + (DAY_HOURS if weekday >= WEEKEND else 0)
