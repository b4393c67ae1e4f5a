"""Rhythm: what we have learned of how a source publishes. Look: what one answer showed. Hints: what it asked for.

A Rhythm is a value of a few hundred bytes; `to_plain` and `from_plain` carry it over the border to a text column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

HOURS = (0.0,) * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How long a publisher asks us to wait before we ask again; whatever was not said is None or empty."""

    max_age: timedelta | None = None  # of Cache-Control, after Age (RFC 9111, section 4.2)
    expires_in: timedelta | None = None  # Expires minus Date; max_age stands above it (RFC 9111, section 5.3)
    ttl: timedelta | None = None  # RSS
    period: timedelta | None = None  # sy:updatePeriod / sy:updateFrequency; a pause that long needs no updateBase
    skip_hours: frozenset[int] = frozenset()  # 0-23, UTC (RSS skipHours)
    skip_days: frozenset[int] = frozenset()  # 0 is Monday, UTC (RSS skipDays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one successful poll showed. Without a document (304, the same bytes) only `bytes_read` and `hints` speak."""

    new: tuple[datetime | None, ...] = ()  # `published` of each item that we had not seen before, as claimed
    document: tuple[datetime | None, ...] | None = None  # `published` of every item in it; None: no new document
    first: bool = False  # first contact: its items are history
    gap: bool = False  # none of what we knew was left in it, so something may have come and gone unseen (P30)
    bytes_read: int | None = 0  # over the wire; None: a hub brought it, and nothing was asked for
    hints: Hints = Hints()  # of this answer: its headers, and its feed where there is a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What we have learned of a source. Counts fade: what was n days ago counts exp(-n/28)."""

    at: datetime | None = None  # until when it is learned
    days: float = 0.0  # watched, faded
    items: float = 0.0  # new ones in these days, faded
    moments: float = 0.0  # the same, but what came together counts once: ten items at a time are one event
    weekday: tuple[float, ...] = HOURS  # items by hour of day, UTC, Monday to Friday, faded
    weekend: tuple[float, ...] = HOURS  # Saturday and Sunday, UTC
    burst: float = 1.0  # how many times faster than usual it was at `burst_at`
    burst_at: datetime | None = None
    last_item_at: datetime | None = None  # when the newest item appeared, as far as we can tell
    pace: float = 0.0  # moments a day when it appeared: what silence since then is held against
    lull: float = 0.0  # the most moments that a silence of it has skipped, faded: what is no surprise in this source
    turnover: timedelta | None = None  # in how little time a whole document was replaced
    bytes_a_poll: float | None = None  # mean, newer polls weigh more
    gap: bool = False  # the last document shared nothing with what we knew
    refused: timedelta | None = None  # the pause that refusals taught us; every success halves it (P13)
    hints: Hints = Hints()  # the last that were heard


_MOMENTS = frozenset({"at", "burst_at", "last_item_at"})
_SPANS = frozenset({"turnover", "refused", "max_age", "expires_in", "ttl", "period"})


def to_plain(rhythm: Rhythm) -> dict[str, Any]:
    """Return a Rhythm as numbers and lists, what has its default left out; seconds stand for moments and spans."""
    return _plain(rhythm)


def from_plain(plain: Mapping[str, Any]) -> Rhythm:
    """Return the Rhythm that `to_plain` wrote; keys we do not know come of another version and are left."""
    values = _values(plain, {f.name for f in fields(Rhythm)})
    return Rhythm(**(values | {"hints": Hints(**_values(plain.get("hints", {}), {f.name for f in fields(Hints)}))}))


def _plain(value: Rhythm | Hints) -> dict[str, Any]:
    held = {f.name: getattr(value, f.name) for f in fields(value)}
    return {f.name: _out(held[f.name]) for f in fields(value) if held[f.name] != f.default}


def _out(value: Any) -> Any:
    match value:
        case datetime():
            return round(value.timestamp())
        case timedelta():
            return round(value.total_seconds())
        case float():
            return float(f"{value:.4g}")
        case tuple() | frozenset():
            return [_out(each) for each in (value if isinstance(value, tuple) else sorted(value))]
        case Hints():
            return _plain(value)
    return value


def _values(plain: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {name: _in(name, value) for name, value in plain.items() if name in known}


def _in(name: str, value: Any) -> Any:
    if name in _MOMENTS:
        return datetime.fromtimestamp(value, UTC)
    if name in _SPANS:
        return timedelta(seconds=value)
    if isinstance(value, list):
        return frozenset(value) if name.startswith("skip") else tuple(value)
    return value
