"""Dates as pages tell them: from today, from the heading above, without a year.

In:    the words of a date, the day that a heading told, the page's zone, the moment of reading.
Out:   a Date that dates.py can read; what depends on the moment of reading alone is called rough.
Never: repairs a date that does not exist, or takes a day to come for news: without a year it is the last such day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from aggregator.model import AHEAD
from aggregator.parse import dates
from aggregator.parse.draft import Date

_YEARS = 12  # looked back for a day of the week: 17 March is a Saturday every 5, 6 or 11 years
_AHEAD = timedelta(days=1)  # a page may be a zone ahead of its reader

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_UNITS = (  # the longer beginnings first
    (timedelta(seconds=1), ("сек", "sec", "s")),
    (_MINUTE, ("мин", "хв", "min", "m")),
    (_HOUR, ("час", "годин", "hour", "hr", "h")),
    (_DAY, ("день", "дня", "дней", "дні", "днів", "day", "d")),
    (7 * _DAY, ("недел", "тижд", "тижн", "week", "w")),
)
_AGE = re.compile(r"(?:(\d{1,3})\s*|\b)([^\W\d_]+)\.?\s+(?:назад|тому|ago)(?![^\W\d_])")
_NOW = re.compile(r"только что|прямо сейчас|щойно|just now")
_RELATIVE = re.compile(
    r"(?<![^\W\d_])(?:(сегодня|сьогодні|today)|(вчера|вчора|учора|yesterday)|(позавчера|позавчора))(?![^\W\d_])"
)
_NAMED = re.compile(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|-?го)?\.?\s+([^\W\d_]{3,})")
_AMERICAN = re.compile(r"(?<![^\W\d_])([a-z]{3,})\.?\s+(\d{1,2})(?![\d:])")
_SHORT = re.compile(r"(?<![\d.:])(\d{1,2})\.(\d{1,2})(?:\.(\d{2}))?(?![\d:]|\.\d)")
_WEEKDAY = re.compile(
    r"(?<![^\W\d_])(?:(понедел|понеділ|mon)|(вторн|вівтор|tue)|(сред[аыу]|серед[аиу]|wed)|(четвер|thu)|(пятниц|п.ятниц|fri)"
    r"|(суббот|субот|sat)|(воскрес|неділ|sun))"
)


def told(words: str, *, day: date | None, zone: str | None, now: datetime) -> Date:
    """Return the date that words tell. day: of the heading above them, for words that are but a time."""
    raw = _folded(words)
    if not raw:
        return Date(raw=day.isoformat()) if day else Date()
    if len(raw) > dates.LONGEST:
        return Date(raw=raw)
    where = dates.own_zone(zone)
    found = dates.TIME.search(raw)
    rest = _without(raw, found)
    with suppress(ValueError, OverflowError):
        own_day = _day(rest, now.astimezone(where).date())
        if own_day is None and (age := _age(raw)) is not None:
            return Date(read=now - age, rough=True)
        if own_day or (found and day):
            return _at(own_day or day or date.min, found, zone)
        if found:
            return _latest(found, zone, now)
    return Date(raw=raw)


def day_told(words: str, *, zone: str | None, now: datetime) -> date | None:
    """Return the day that a heading tells, None if it tells none."""
    with suppress(ValueError, OverflowError):
        raw = _folded(words)
        return _day(_without(raw, dates.TIME.search(raw)), now.astimezone(dates.own_zone(zone)).date())
    return None


def _folded(words: str) -> str:
    return " ".join(words.lower().split())


def _without(raw: str, found: re.Match[str] | None) -> str:
    return f"{raw[: found.start()]} {raw[found.end() :]}" if found else raw


def _at(day: date, found: re.Match[str] | None, zone: str | None) -> Date:
    """Return the day at the time that was found, in the zone that stands behind it, else the page's."""
    where, _ = dates.zone_after(found.string[found.end() :] if found else "", zone)
    return Date(raw=(datetime.combine(day, time(), where) + dates.clock(found)).isoformat())


def _latest(found: re.Match[str], zone: str | None, now: datetime) -> Date:
    """Return the last moment at which it was that time: tomorrow it will be another one."""
    where, _ = dates.zone_after(found.string[found.end() :], zone)
    moment = datetime.combine(now.astimezone(where).date(), time(), where) + dates.clock(found)
    moment -= _DAY if moment > now + AHEAD else timedelta(0)
    return Date(read=moment.astimezone(UTC), rough=True)


def _day(text: str, today: date) -> date | None:
    """Return the day that is told, in any form."""
    if numbers := dates.day_in(text):
        return date(*numbers)
    if found := _RELATIVE.search(text):
        return today - int((found.lastindex or 1) - 1) * _DAY
    weekday = found.lastindex - 1 if (found := _WEEKDAY.search(text)) and found.lastindex else None
    for month, day, year in _partly(text):
        return date(2000 + year, month, day) if year is not None else _last(month, day, weekday, today)
    if weekday is not None:
        return today - ((today.weekday() - weekday) % 7) * _DAY
    return None


def _partly(text: str) -> Iterator[tuple[int, int, int | None]]:
    """Yield month and day of forms with no year or two digits of one."""
    for found in _SHORT.finditer(text):
        if 0 < int(found[2]) <= 12 and 0 < int(found[1]) <= 31:  # noqa: PLR2004 - a calendar's
            yield int(found[2]), int(found[1]), int(found[3]) if found[3] else None
    for pattern, day, name in ((_NAMED, 1, 2), (_AMERICAN, 2, 1)):
        for found in pattern.finditer(text):
            if month := dates.MONTHS.get(found[name][:3]):
                yield month, int(found[day]), None


def _last(month: int, day: int, weekday: int | None, today: date) -> date | None:
    """Return the last such day; where its day of the week is told, the last one that fell on it, if any did."""
    days = list(_such_days(month, day, today))
    return next((one for one in days if one.weekday() == weekday), next(iter(days), None))


def _such_days(month: int, day: int, today: date) -> Iterator[date]:
    for year in islice(range(today.year + 1, 0, -1), _YEARS):
        with suppress(ValueError):  # 29 February
            if (one := date(year, month, day)) <= today + _AHEAD:
                yield one


def _age(raw: str) -> timedelta | None:
    """Return how long ago something was: "2 часа назад", "годину тому", "5 min ago"."""
    if _NOW.search(raw):
        return timedelta(0)
    found = _AGE.search(raw)
    if not found:
        return None
    units = ((length, begin) for length, begins in _UNITS for begin in begins)
    length = next((length for length, begin in units if _is_unit(found[2], begin)), None)
    return length * int(found[1] or 1) if length else None


def _is_unit(word: str, begin: str) -> bool:
    return word == begin if len(begin) == 1 else word.startswith(begin)
