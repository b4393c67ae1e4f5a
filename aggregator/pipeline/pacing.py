"""The pace of all sources together: what the median one brings, and how we come back after a downtime.

In:    the store.
Out:   the fleet's rate in the newsroom; overdue sources put off, each to a moment of its own.
Never: polls.
"""

from __future__ import annotations

from statistics import median

from aggregator import schedule
from aggregator.log import tell
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.polling import LEASE
from aggregator.store import polls, set_back

ENOUGH = 5  # sources without which there is no median worth the name


async def pace(room: Newsroom) -> None:
    """Learn what the median source brings, as the first guess for those of which nothing is known."""
    rates = await room.store.read(polls.rates)
    room.fleet_rate = median(rates) if len(rates) >= ENOUGH else schedule.FLEET_RATE


async def wake(room: Newsroom) -> None:
    """Spread what fell due while nobody polled, so that publishers do not all hear of us at once (P25).

    Where the clock was ahead when we polled last, what it was to bring then is due at a time that may be far away.
    """
    now = room.clock()
    moved, by = await room.store.write(set_back.set_back, now, lease=LEASE)
    if moved:
        tell("warning", "clock.behind", sources=moved, by_s=round(by.total_seconds()))
    overdue = await room.store.read(polls.overdue, now - schedule.OVERDUE)
    moments = schedule.spread(overdue, now)
    await room.store.write(polls.put_off, moments, "we were away: those that fell due meanwhile come one by one")
    if moments:
        tell("info", "polls.spread", sources=len(moments), until=max(moments.values()).isoformat())
