"""How long a topic's document is likely to stay as it is (output.md O20).

In:    when the entries of a document entered it.
Out:   a span of whole minutes; the same entries give the same span, so documents that say it keep their bytes.
Never: reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

LATEST = 20  # arrivals that tell the pace of now: some hours of a busy topic, some weeks of a quiet one
SHARE = 4  # of a mean gap: a copy kept so long is out of date in one of five cases (1 - exp(-1/4), if chance rules)
# Each divides the hour, as the syndication module counts (updateFrequency).
STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))


def fresh_for(entered: Iterable[datetime]) -> timedelta:
    """Return a quarter of the mean gap between arrivals, in steps from 1 to 15 minutes.

    entered  of the entries that a document shows; what entered at one time is one arrival. A topic of which nothing is
             known yet gets the shortest: it may be filling right now.
    """
    moments = sorted({moment.replace(microsecond=0) for moment in entered})[-LATEST:]
    if len(moments) < 2:  # noqa: PLR2004 - no gap
        return STEPS[0]
    gap = (moments[-1] - moments[0]) / (len(moments) - 1)
    return max((step for step in STEPS if step <= gap / SHARE), default=STEPS[0])
