"""When the many that fell due while nobody polled come, so that they do not come all at once.

In:    their ids, the moment at which we woke.
Out:   a moment for each.
Never: for first polls, or what a person asked for by hand: these wait for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from aggregator.schedule.fixed import phase

OVERDUE = timedelta(minutes=10)  # later than that is no mere delay: we were asleep
EACH = timedelta(seconds=0.66)  # a thousand sources take eleven minutes (P25: at least ten)
LONGEST = timedelta(hours=1)


def spread(overdue: Iterable[str], woke: datetime) -> dict[str, datetime]:
    """Return when each of the overdue sources is polled: evenly, in the order of their phases."""
    order = sorted(overdue, key=lambda source: (phase(source), source))
    step = min(EACH, LONGEST / max(len(order), 1))
    return {source: woke + place * step for place, source in enumerate(order)}
