"""What publishers ask for, and how far we follow.

In:    Hints, the rule of the source, the interval we would take.
Out:   the interval after them, and why; the next moment at which they allow a poll.
Never: makes a poll earlier: a hint is a lower bound.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model import Hints, PollRule

OBEYED = timedelta(days=7)  # the most that any hint may ask
NORMAL = 4  # a hint of so many times our own interval is plausible and kept
SHORT = timedelta(hours=2)  # and one as short as that always is
HOUR = timedelta(hours=1)
DAY_HOURS, WEEK_DAYS = 24, 7


def bounded(hints: Hints, rule: PollRule, interval: timedelta) -> tuple[timedelta, str]:
    """Return the interval after hints, and which of them lengthened it ("" if none did).

    `obey` follows up to a week, `ignore` not at all. `cap` follows what is plausible (four times our own interval, two
    hours, within the ceiling), and of anything longer as much as `hints_cap`: a content network's max-age of a week
    must not silence a news feed.
    """
    asked, who = _asked(hints)
    if rule.hints == "ignore" or asked <= interval:
        return interval, ""
    if rule.hints == "cap":
        plausible = min(max(interval * NORMAL, SHORT), rule.ceiling)
        asked = min(asked, max(rule.hints_cap, plausible))
    kept = min(asked, OBEYED)
    return (kept, who) if kept > interval else (interval, "")


def allowed(hints: Hints, rule: PollRule, moment: datetime) -> tuple[datetime, str]:
    """Return the first moment from `moment` on outside skipHours and skipDays, and which of them moved it ("" if none).

    A list of all hours or all days is a mistake and is not followed. Both count in UTC (RSS 2.0).
    """
    hours = hints.skip_hours if len(hints.skip_hours) < DAY_HOURS else frozenset()
    days = hints.skip_days if len(hints.skip_days) < WEEK_DAYS else frozenset()
    if rule.hints == "ignore" or not (hours or days):
        return moment, ""
    later, who = moment.astimezone(UTC), ""
    while True:
        if later.weekday() in days:
            later, who = later.replace(hour=0, minute=0, second=0, microsecond=0) + DAY_HOURS * HOUR, "skipDays"
        elif later.hour in hours:
            later, who = later.replace(minute=0, second=0, microsecond=0) + HOUR, "skipHours"
        else:
            return later, who


def _asked(hints: Hints) -> tuple[timedelta, str]:
    """Return the longest pause asked for, and where it stands; max-age stands above Expires (RFC 9111, section 5.3)."""
    fresh, name = (hints.max_age, "max-age") if hints.max_age is not None else (hints.expires_in, "Expires")
    none = timedelta(0)
    return max((fresh or none, name), (hints.ttl or none, "ttl"), (hints.period or none, "sy:updatePeriod"))
