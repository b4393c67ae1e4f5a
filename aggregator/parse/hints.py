"""What a feed asks of those who poll it: ttl, skipHours, skipDays, sy:updatePeriod.

In:    the channel as feedparser gives it, and the document without its items.
Out:   Hints; what makes no sense is left out.
Never: decides how far they are followed: that is schedule's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aggregator.model import Hints

MOST = timedelta(days=366)  # a longer pause than a year is a typo
_ONE = re.compile(r"<(?:\w+:)?(?:hour|day)\s*>\s*(\w{1,9})\s*</(?:\w+:)?(?:hour|day)\s*>", re.IGNORECASE)
_LIST = re.compile(r"<(?:\w+:)?skip(hours|days)\s*>(.{0,4000}?)</(?:\w+:)?skip\1\s*>", re.IGNORECASE | re.DOTALL)
_DAYS = {
    day: number
    for number, day in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
}
_HOURS = {f"{hour:0{digits}}": hour % 24 for hour in range(25) for digits in (1, 2)}  # "7", "07", "24"
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def asked(channel: Mapping[str, Any], frame: str) -> Hints:
    """Return what a feed asks for.

    frame  the document without its items: feedparser keeps only the last of several hours and days

    ttl is minutes (RSS 2.0); skipHours are 0 to 23 in GMT, and 24 is what some write for midnight; sy:updatePeriod with
    sy:updateFrequency says how often a period there is something new (RSS 1.0, module Syndication).
    """
    lists = {what.lower(): _ONE.findall(text) for what, text in _LIST.findall(frame)}
    return Hints(
        ttl=_minutes(channel.get("ttl")),
        period=_period(channel.get("sy_updateperiod"), channel.get("sy_updatefrequency")),
        skip_hours=frozenset(_HOURS[hour] for hour in lists.get("hours", ()) if hour in _HOURS),
        skip_days=frozenset(_DAYS[day.lower()] for day in lists.get("days", ()) if day.lower() in _DAYS),
    )


def _period(period: Any, frequency: Any) -> timedelta | None:
    length = _PERIODS.get(str(period or "").strip().lower())
    if length is None:
        return None
    times = str(frequency or "1").strip()
    return length / int(times) if times.isdecimal() and int(times[:6]) > 0 else None


def _minutes(value: Any) -> timedelta | None:
    digits = str(value or "").strip()
    if not (digits.isascii() and digits.isdecimal()):
        return None
    pause = timedelta(minutes=int(digits[:7]))
    return pause if timedelta(0) < pause <= MOST else None
