"""The ticks: what wakes the loops of the daemon where no other loop does.

In:    bells.
Out:   bells rung, each at its pace.
Never: knows what a loop does.

APScheduler holds a handful of ticks, never a job per source: who is due is a query. A verb that has made work for the
next one rings its bell at once; the ticks are for what other processes and the passing of time bring.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

TICKS = {  # seconds
    "poll": 1,
    "deliver": 5,
    "subscribe": 10,
    "curate": 5,
    "publish": 5,
    "tell": 1,
    "index": 30,
    "house": 600,
    "shelf": 1,
}


@dataclass(slots=True)
class Bells:
    """What wakes each loop: a tick, or the verb before it."""

    poll: asyncio.Event = field(default_factory=asyncio.Event)
    deliver: asyncio.Event = field(default_factory=asyncio.Event)
    subscribe: asyncio.Event = field(default_factory=asyncio.Event)
    curate: asyncio.Event = field(default_factory=asyncio.Event)
    publish: asyncio.Event = field(default_factory=asyncio.Event)
    tell: asyncio.Event = field(default_factory=asyncio.Event)
    index: asyncio.Event = field(default_factory=asyncio.Event)
    house: asyncio.Event = field(default_factory=asyncio.Event)
    shelf: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self, name: str) -> None:
        """Wake one of them, if there is one of that name: another version may call out what we do not know."""
        if bell := getattr(self, name, None):
            bell.set()

    def ring_all(self) -> None:
        """Wake everybody, to begin or to stop."""
        for name in self.paces():
            getattr(self, name).set()

    def name_of(self, bell: asyncio.Event) -> str:
        """Return what a bell is called."""
        return next(name for name in self.paces() if getattr(self, name) is bell)

    @staticmethod
    def paces() -> dict[str, float | None]:
        """Return how often each is rung, in seconds; None where only a verb does."""
        return {bell.name: TICKS.get(bell.name) for bell in fields(Bells)}


class Every(BaseTrigger):  # type: ignore[misc]  # apscheduler is untyped
    """Fires every so many seconds, and once for all that was missed.

    APScheduler's own IntervalTrigger is asked for each missed run one by one, to have them made one afterwards: for a
    clock that jumped a year ahead that is 31 million times for each tick of a second, and the event loop stands still
    for minutes (measured on 3.11).
    """

    def __init__(self, seconds: float) -> None:
        self._every = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the next moment after `now`, in step with the previous one where that is not long ago."""
        step = (previous or now) + self._every
        return step if step > now else now + self._every


class Ticking:
    """Rings the bells until it is ended."""

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._scheduler = self._begun()

    def anew(self) -> None:
        """Begin again by the clock as it is now: it was set, and the next ticks are moments of the clock as it was.

        APScheduler 3.11 would be silent for as long as a clock was set back.
        """
        self.end()
        self._scheduler = self._begun()

    def end(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)

    def _begun(self) -> AsyncIOScheduler:
        # misfire_grace_time=None: APScheduler's default of one second drops a tick whenever the loop was busy.
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a bell that still rings need not be rung: no warning
        for name, seconds in TICKS.items():
            scheduler.add_job(_ring, Every(seconds), args=[getattr(self._bells, name)])
        scheduler.start()
        return scheduler


async def _ring(bell: asyncio.Event) -> None:
    bell.set()
