"""What a request to a host costs, so that its sources share what it bears.

In:    the intervals of its sources, what it answered.
Out:   mu: a factor on the cost of a request; intervals grow by its square root.
Never: pauses a host; that is backoff's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

BUDGET_PER_H = 60.0  # requests to one host: one a minute, however many sources it has
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUSY = 0.5  # of the requests that a host's gap lets through: with more its sources would queue for each other
DEAREST = 4096.0  # intervals 64 times as long: four feeds a minute become four an hour


def budget(gap: timedelta) -> float:
    """Return how many requests an hour a host bears that is left alone for so long between two of them."""
    return min(BUDGET_PER_H, BUSY * HOUR / gap) if gap else BUDGET_PER_H


def host_price(intervals: Iterable[timedelta], *, before: float = 1.0, budget_per_h: float = BUDGET_PER_H) -> float:
    """Return what a request costs at a host: 1 while its sources stay within the budget, else the square of the excess.

    intervals  of all its sources, as they are now
    before     what this function returned last: the intervals have grown by it already

    Called at each poll of each of its sources: a round of all of them moves it by the square, so that no poll reacts to
    what the others have not yet had time to follow. Once they fill the budget exactly, it stays where it is.
    """
    loads = [HOUR / interval for interval in intervals]
    if not loads:
        return 1.0
    excess: float = (sum(loads) / budget_per_h) ** (2 / len(loads))
    return min(max(1.0, before * excess), DEAREST)


def punished(penalty: float) -> float:
    """Return what a 429 makes of a host's penalty (1 is none): twice as dear."""
    return min(penalty * 2, DEAREST)


def forgiven(penalty: float, quiet: timedelta) -> float:
    """Return what so long without a 429 makes of it: half a day, never below none."""
    return max(1.0, penalty * math.exp2(-(quiet / DAY)))
