"""What a person fixed: an interval, a cron line, the hours of the day.

In:    a PollRule, the phase of the source, the moment of the last poll.
Out:   the next moment.
Never: puts all sources on the full hour: each has a phase of its own, the same for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from aggregator.model import Active, Cron, PollRule
from aggregator.model.cron import following

DAY = timedelta(days=1)
NEAR = timedelta(minutes=5)  # within so much after a moment on the clock, each source at its own phase
PULL = 0.1  # of an interval at most is a poll moved towards its phase
ON_PHASE = timedelta(minutes=1)  # so near after its phase it stays where it is
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def phase(source: str) -> float:
    """Return where a source stands among all: 0 to 1, by the hash of its id, the same for ever."""
    return int.from_bytes(sha256(source.encode()).digest()[:4]) / 2**32


def least(rule: PollRule) -> timedelta:
    """Return the shortest pause there may be between two polls (P07)."""
    return timedelta(0) if rule.under_floor and (rule.every or rule.cron) else rule.floor


def after_every(rule: PollRule, phase: float, last: datetime) -> datetime:
    """Return the next poll of a fixed interval: never sooner than it, and moved towards the phase of the source."""
    every = max(rule.every or rule.floor, least(rule))
    earliest = last + every
    off = (phase * every - (earliest - EPOCH)) % every  # until the next moment of its phase
    return earliest if every - off <= ON_PHASE else earliest + min(off, every * PULL)


def after_cron(rule: PollRule, line: Cron, phase: float, last: datetime) -> datetime:
    """Return the next poll of a cron line, a little later by the phase of the source. Raises ValueError."""
    found = following(line, last) + phase * NEAR
    while found < last + least(rule):
        found = following(line, found) + phase * NEAR
    return found


def awake(active: Active | None, moment: datetime, phase: float) -> datetime:
    """Return the first moment from `moment` on that lies in the active hours, at their beginning spread by phase."""
    if active is None:
        return moment
    zone = ZoneInfo(active.zone)
    local = moment.astimezone(zone)
    if _within(active, local.hour):
        return moment
    day = local.date() if local.hour < active.start else local.date() + DAY
    return datetime.combine(day, time(active.start), zone).astimezone(UTC) + phase * NEAR


def _within(active: Active, hour: int) -> bool:
    if active.start < active.end:
        return active.start <= hour < active.end
    return hour >= active.start or hour < active.end
