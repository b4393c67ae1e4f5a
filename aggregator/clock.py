"""The wall clock: the only place that reads it. Everything else is given `now`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the moment: aware, UTC."""
    return datetime.now(UTC)
