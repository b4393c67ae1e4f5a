"""Dates as publishers write them.

In:    a date as published, the zone configured for its source, what feedparser made of it.
Out:   an aware moment in UTC, and what was wrong with it as a code of flaws.py.
Never: takes a local time for another zone's without saying so, and never repairs a date that does not exist.

feedparser reads MSK and EET as UTC, 2026-13-45 as a day of 2027, and gives up on `22.11.2026 16:48` and on month
names in Russian or Ukrainian; so its reading counts only where the form is none of ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from aggregator.model import AHEAD
from aggregator.parse.draft import Date

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web is not older; zeros and year 1 mean "no date"
LONGEST = 100  # characters

MONTHS = {
    name: number
    for names in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "янв фев мар апр мая июн июл авг сен окт ноя дек",
        "січ лют бер кві тра чер лип сер вер жов лис гру",
    )
    for number, name in enumerate(names.split(), start=1)
} | {"май": 5}

# Hours east of Greenwich. MSK is what Russian feeds write, EET and EEST what Ukrainian ones do.
_ZONES = {
    name: hours
    for hours, names in {
        0: "z ut utc gmt wet",
        1: "cet met west bst",
        2: "eet cest mest sast",
        3: "msk мск eest trt",
        4: "msd samt gst",
        5: "yekt",
        5.5: "ist",
        6: "omst",
        7: "novt krat",
        8: "irkt sgt hkt",
        9: "yakt jst kst",
        10: "vlat aest",
        11: "magt aedt",
        12: "pett nzst",
        13: "nzdt",
        -3: "adt",
        -4: "ast edt",
        -5: "est et cdt",
        -6: "cst ct mdt",
        -7: "mst mt pdt",
        -8: "pst pt akdt",
        -9: "akst",
        -10: "hst",
    }.items()
    for name in names.split()
}
_FARTHEST = timedelta(hours=14)  # Kiribati

TIME = re.compile(r"(?<![\d+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\d)\s*([ap])?(?(4)\.?m\b\.?)")
_OFFSET = re.compile(r"\s*\(?(?:gmt|utc|ut|z)?\s*([+-])(\d{1,2}):?(\d{2})?(?![\d:-])")
_ZONE_NAME = re.compile(r"\s*\(?([^\W\d_]+(?:/[a-z_]+)*)")
_YMD = re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<!\d)(\d{1,2})([-./])(\d{1,2})\2(\d{4})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|-?го)?[\s.-]+([^\W\d_]{3,})[\s.,-]+(\d{4}|\d{2})(?!\d)")
_AMERICAN = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")


def read(date: Date, zone: str | None, *, labels: bool = True) -> tuple[datetime | None, str]:
    """Return the moment (aware, UTC) or None, and the code of what is wrong with it ("" if nothing is).

    labels  False: the zone that the date itself names is not believed
    """
    raw = date.raw.strip().lower()
    if not raw:
        return date.read, ""
    if len(raw) > LONGEST:
        return None, "date-unreadable"
    found = TIME.search(raw)
    rest, after = (raw[: found.start()] + " " + raw[found.end() :], raw[found.end() :]) if found else (raw, "")
    try:
        day = day_in(rest)
        if day is None:
            return date.read, "" if date.read else "date-unreadable"
        where, code = zone_after(after, zone) if labels else (own_zone(zone), "")
        moment = datetime(*day, tzinfo=where) + clock(found)
        return moment.astimezone(UTC), code
    except (ValueError, OverflowError):
        return None, "date-unreadable"


def clamped(moment: datetime | None, now: datetime, ahead: timedelta = AHEAD) -> tuple[datetime | None, str]:
    """Return the moment as it may be stored: not farther ahead of us, not from before the web; and the flaw's code."""
    if moment is None:
        return None, ""
    if moment < EARLIEST:
        return None, "date-absurd"
    return (now, "date-in-future") if moment > now + ahead else (moment, "")


def day_in(text: str) -> tuple[int, int, int] | None:
    """Return year, month, day; None if the form is not ours to read."""
    if found := _YMD.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DMY.search(text):
        return _numbers(int(found[1]), int(found[3]), int(found[4]), found[2])
    for pattern, day, name in ((_NAMED, 1, 2), (_AMERICAN, 2, 1)):
        for found in pattern.finditer(text):
            if month := MONTHS.get(found[name][:3]):
                return _year(found[3]), month, int(found[day])
    return None


def _numbers(first: int, second: int, year: int, mark: str) -> tuple[int, int, int] | None:
    """With dots or dashes the day stands first; with slashes America disagrees, so only a certain one counts."""
    months = 12
    if mark == "/" and first <= months and first != second:
        return (year, first, second) if second > months else None
    return year, second, first


def _year(digits: str) -> int:
    century = 0 if len(digits) > 2 else 1900 if digits >= "90" else 2000  # noqa: PLR2004
    return century + int(digits)


def clock(found: re.Match[str] | None) -> timedelta:
    """Return the time of day; 24:00 is the next midnight, a leap second the one before it."""
    if found is None:
        return timedelta(0)
    hour, minute, second = int(found[1]), int(found[2]), min(int(found[3] or 0), 59)
    if found[4]:
        hour = hour % 12 + (12 if found[4] == "p" else 0)
    if hour > 24 or minute > 59:  # noqa: PLR2004
        raise ValueError(hour)
    return timedelta(hours=hour, minutes=minute, seconds=second)


def zone_after(after: str, zone: str | None) -> tuple[tzinfo, str]:
    """Return the zone that follows the time, else the source's, else UTC; with the code of what is wrong."""
    if found := _OFFSET.match(after):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if offset <= _FARTHEST:
            return timezone(offset if found[1] == "+" else -offset), ""
        return own_zone(zone), "date-zone-unknown"
    if (found := _ZONE_NAME.match(after)) and found[1][:3] not in MONTHS:
        name = found[1]
        if name in _ZONES:
            return timezone(timedelta(hours=_ZONES[name])), ""
        known = _iana(name) if "/" in name else None
        return (known, "") if known else (own_zone(zone), "date-zone-unknown")
    return own_zone(zone), "" if zone else "date-without-zone"


def own_zone(zone: str | None) -> tzinfo:
    """Return the zone configured for a source, else UTC."""
    return (_iana(zone) if zone else None) or UTC


def _iana(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database. Its names are title case; ours come folded from a date."""
    for spelling in (name, "/".join("_".join(map(str.capitalize, part.split("_"))) for part in name.split("/"))):
        try:
            return ZoneInfo(spelling)
        except (ValueError, OSError, KeyError):
            continue
    return None
