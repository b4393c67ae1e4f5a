"""Are there as many entries as a person expects of a topic? Otherwise a rule of it went wrong.

In:    what is expected, when its newest entries entered.
Out:   what is wrong, and when that may change although nothing comes.
Never: keeps an entry out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Expect, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Whether there are too few or too many entries."""

    flaw: str  # "" when all is well
    due_at: datetime | None  # when to look again


def expected(expect: Expect, entered: Sequence[datetime], *, since: datetime, now: datetime) -> Alarm:
    """Return whether the entries are as many as expected.

    entered  when the newest entries entered, the last one first; as many as the greater number needs, and one more
    since    when the topic came to be: before that nothing can be missing
    """
    flaws, later = [], []
    if expect.min:
        number, per = expect.min.number, expect.min.per
        full = entered[number - 1] if number <= len(entered) else since
        late = max(full, since) + per
        if number and late <= now:
            flaws.append(f"too_few: {_count(entered, expect.min, now)}, at least {number} are expected")
        elif number:
            later.append(late)
    if expect.max and (over := entered[expect.max.number :]):
        until = over[0] + expect.max.per
        if until > now:
            flaws.append(f"too_many: {_count(entered, expect.max, now)}, at most {expect.max.number} are expected")
            later.append(until)
    return Alarm(flaw="; ".join(flaws), due_at=min(later, default=None))


def _count(entered: Sequence[datetime], rate: Rate, now: datetime) -> str:
    hours = round(rate.per.total_seconds() / 3600)
    found = sum(now - at < rate.per for at in entered)
    return f"{found} entries entered within {hours} h"
