"""A span of time as people say it."""

from __future__ import annotations

from datetime import timedelta


def spoken(span: timedelta) -> str:
    """Return a span as people say it: "45 s", "15 min", "3.5 h", "2 days"."""
    seconds = span.total_seconds()
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "days" else 1):
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{round(seconds):g} s"
