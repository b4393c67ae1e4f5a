"""Which entries a topic's document holds (publication.md R9, R10).

In:    the live entries of a topic, and how large each is when rendered.
Out:   those that are shown, in reading order, and those that leave for ever.
Never: counts by `published`: what entered lately is shown even if its publisher dated it days ago.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model import Delivery, Topic

LEAST = timedelta(hours=24)  # hourly and daily readers miss nothing
LONGEST = timedelta(days=30)  # NetNewsWire forgets after thirty days, and would show what is still there as new
CAP_BYTES = 2_000_000 - 10_000  # some readers on telephones fail beyond; the rest is for the document's head


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A topic's document: what is in it, and what has just left it."""

    shown: tuple[Delivery, ...]  # newest first
    aged: tuple[Delivery, ...]  # state "aged", rev as it was
    flaw: str = ""  # "window_short: ..." when the size, not the time, made entries leave


def window(topic: Topic, live: Sequence[Delivery], sizes: Mapping[str, int], now: datetime) -> View:
    """Return the document's entries: all that entered within the window's hours, and at least its `items`.

    sizes: entry id -> bytes in the largest format; an entry that is not in it takes no room
    """
    hours = max(timedelta(hours=topic.window.hours), LEAST)
    shown: list[Delivery] = []
    aged: list[Delivery] = []
    room, overflowed = CAP_BYTES, False
    for row in sorted(live, key=_latest, reverse=True):
        age, size = now - row.entered_at, sizes.get(row.entry_id, 0)
        wanted = age <= hours or len(shown) < topic.window.items
        if age <= LONGEST and wanted and size <= room:
            shown.append(row)
            room -= size
            continue
        overflow = age <= LONGEST and wanted
        overflowed = overflowed or overflow
        aged.append(replace(row, state="aged", why=_why(age, size if overflow else 0)))
    return View(
        shown=tuple(sorted(shown, key=_newest, reverse=True)),
        aged=tuple(aged),
        flaw=_short(topic, shown, hours, now) if overflowed else "",
    )


def _latest(row: Delivery) -> tuple[datetime, datetime, str]:
    return (row.entered_at, *_newest(row))


def _newest(row: Delivery) -> tuple[datetime, str]:
    """Order entries as readers see them (O07)."""
    return (row.face.published, row.entry_id)


def _why(age: timedelta, overflow_bytes: int) -> str:
    if overflow_bytes:
        return f"aged: no room for its {overflow_bytes} bytes, the document is full"
    return f"aged: entered {_span(age)} ago"


def _short(topic: Topic, shown: Sequence[Delivery], hours: timedelta, now: datetime) -> str:
    real = now - min((row.entered_at for row in shown), default=now)
    asked = f"{topic.window.items} entries and {_span(hours)}"
    return f"window_short: {len(shown)} entries of the last {_span(real)} fill 2 MB; the topic asks for {asked}"


def _span(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.0f} h"
