"""What else decides when to poll: the formulas of other systems, as their sources and documents state them.

In:    what a poll showed (Seen).
Out:   hours until the next one.
Never: sees the future; only the clairvoyant does, who is no system.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

DAY = 24.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one poll showed; times in hours from the first one, as claimed where something is claimed, else as found."""

    now: float
    new: Sequence[float]
    document: Sequence[float]


Rival = Callable[[Seen], float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest pause, hours."""

    floor: float
    ceiling: float

    def clamp(self, hours: float) -> float:
        """Return a pause within the bounds."""
        return min(max(hours, self.floor), self.ceiling)


def fixed(hours: float) -> Callable[[Bounds, random.Random], Rival]:
    """The same pause always."""
    return lambda bounds, _rng: lambda _seen: bounds.clamp(hours)


def miniflux(bounds: Bounds, _rng: random.Random) -> Rival:
    """entry_frequency: a week divided by the week's entries; none: the longest."""
    stored: list[float] = []

    def pause(seen: Seen) -> float:
        stored.extend(seen.new)
        stored[:] = [at for at in stored if at >= seen.now - 7 * DAY]
        week = sum(1 for at in stored if at <= seen.now)
        return bounds.clamp(7 * DAY / week if week else bounds.ceiling)

    return pause


def commafeed(bounds: Bounds, _rng: random.Random) -> Rival:
    """Half the mean gap of the document's entries, a quarter of the longest at most; silent for weeks: longer."""

    def pause(seen: Seen) -> float:
        dated = sorted(seen.document)
        silent = (seen.now - dated[-1]) / DAY if dated else 99.0
        for days, share in ((30, 1), (14, 2), (7, 4)):
            if silent >= days:
                return bounds.ceiling / share
        gaps = [b - a for a, b in pairwise(dated)]
        mean = sum(gaps) / len(gaps) if gaps else bounds.ceiling
        return min(max(mean / 2, bounds.floor), bounds.ceiling / 4)

    return pause


def newsblur(steady: float, slope: float, silent: float) -> Callable[[Bounds, random.Random], Rival]:
    """By stories a day over a month.

    steady, slope, silent  hours at one a day and more, hours to fall from below one a day, hours for each silent month
    """

    def made(bounds: Bounds, rng: random.Random) -> Rival:
        stored: list[float] = []

        def pause(seen: Seen) -> float:
            for at in seen.new:
                insort(stored, at)
            month = len(stored) - bisect_left(stored, seen.now - 30 * DAY)
            a_day = month / 30
            if a_day >= 1:
                hours = steady
            elif month:
                hours = slope - slope * a_day
            else:
                months = max(1.0, (seen.now - (stored[-1] if stored else seen.now)) / (30 * DAY))
                hours = silent * months
            return bounds.clamp(hours) * rng.uniform(1, 1.25)

        return pause

    return made


def clairvoyant(times: Sequence[float], kappa: float) -> list[float]:
    """Return the polls that make (waiting + kappa for each poll) least, knowing all times. Hours, sorted.

    Every poll stands at an item's time; the best last poll before it is found among those that are not dominated.
    """
    moments = sorted(set(times))
    weights = [times.count(m) for m in moments] if len(times) < 100 else _weights(times, moments)
    best, back = [0.0], [0]
    for j in range(1, len(moments) + 1):
        at, waiting, least, chosen = moments[j - 1], 0.0, float("inf"), j - 1
        for i in range(j - 1, -1, -1):
            waiting += weights[i] * (at - moments[i])
            if waiting >= least:
                break
            if best[i] + waiting < least:
                least, chosen = best[i] + waiting, i
        best.append(least + kappa)
        back.append(chosen)
    polls, j = [], len(moments)
    while j:
        polls.append(moments[j - 1])
        j = back[j]
    return polls[::-1]


def _weights(times: Sequence[float], moments: Sequence[float]) -> list[int]:
    ends = [*(bisect_left(times, m) for m in moments), len(times)]
    return [b - a for a, b in pairwise(ends)]
