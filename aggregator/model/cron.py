"""Cron's five fields, and the next moment they name.

In:    a Cron (text and zone), a moment.
Out:   the first moment after it, aware, UTC; ValueError with the field that is wrong.
Never: knows of polls. APScheduler's own trigger counts days from Monday = 0, where cron has Sunday.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOOK_BACK = timedelta(hours=4)  # beyond an hour, its repetition and any shift of a clock
FAR = 366 * 28  # days: after 28 years the calendar repeats, so what has not come by then never will
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# name, least, most, names and the number of the first of them
FIELDS: tuple[tuple[str, int, int, Sequence[str], int], ...] = (
    ("minute", 0, 59, (), 0),
    ("hour", 0, 23, (), 0),
    ("day of month", 1, 31, (), 1),
    ("month", 1, 12, MONTHS, 1),
    ("day of week", 0, 7, WEEKDAYS, 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Five fields of cron, and the zone of their clock."""

    text: str  # minute, hour, day of month, month, day of week (0 and 7 are Sunday)
    zone: str = "UTC"  # IANA


@dataclass(frozen=True, slots=True)
class Times:
    """What the fields allow."""

    minutes: tuple[int, ...]  # sorted
    hours: tuple[int, ...]  # sorted
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    either: bool  # both kinds of day are restricted, and then one of them is enough (POSIX crontab)

    def on(self, day: date) -> bool:
        """Return whether there is anything on a day."""
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either else by_month and by_week


def following(cron: Cron, after: datetime) -> datetime:
    """Return the first moment after `after` that a cron line names, UTC. Raises ValueError; also if none ever comes.

    Where the clock is put forward, a named time that it jumps over comes as long after the jump as it stood after its
    beginning; where it is put back, a named hour comes once, and "every hour" comes in both.
    """
    times, zone = read(cron.text), ZoneInfo(cron.zone)
    day = after.astimezone(zone).date() - DAY  # a time that was jumped over may come on the next day
    for _ in range(FAR):
        if times.on(day) and (found := _on(day, times, zone, after)):
            return found
        day += DAY
    raise ValueError("it never comes")


def _on(day: date, times: Times, zone: ZoneInfo, after: datetime) -> datetime | None:
    folds = (0, 1) if len(times.hours) == 24 else (0,)  # noqa: PLR2004 - every hour of the day
    found: list[datetime] = []
    for hour in times.hours:
        if datetime.combine(day, time(hour), zone).astimezone(UTC) <= after - LOOK_BACK:
            continue
        for fold, minute in product(folds, times.minutes):
            moment = datetime.combine(day, time(hour, minute, fold=fold), zone).astimezone(UTC)
            if moment > after:
                found.append(moment)
        if found and datetime.combine(day, time(hour), zone).astimezone(UTC) > min(found):
            break
    return min(found, default=None)


@lru_cache(maxsize=256)
def read(text: str) -> Times:
    """Return what a cron line allows. Raises ValueError with what is wrong where."""
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"{len(fields)} fields, not 5: minute, hour, day of month, month, day of week")
    minutes, hours, days, months, weekdays = (_field(*it) for it in zip(fields, FIELDS, strict=True))
    return Times(
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        either=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )


def _field(text: str, field: tuple[str, int, int, Sequence[str], int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        name, least, most, _, _ = field
        if span == "*":
            start, end = least, most
        else:
            start = _number(first, field)
            end = _number(last, field) if dash else most if slash else start
        by = int(step) if step.isdecimal() else 0 if slash else 1
        if not least <= start <= end <= most or by < 1:
            raise ValueError(f"{name} is not within {least}-{most}")
        found.update(range(start, end + 1, by))
    return frozenset(found)


def _number(text: str, field: tuple[str, int, int, Sequence[str], int]) -> int:
    name, least, most, names, first = field
    if text in names:
        return names.index(text) + first
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is not within {least}-{most}")
    return int(text)
