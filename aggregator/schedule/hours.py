"""At which hours a source may be polled: what its publisher asks for, and what a person has said.

In:    a moment, the hints, the rule, the phase of the source.
Out:   the first moment from then on at which both let us come, and why it is another.
Never: moves a fixed schedule by a hint, unless `obey` says so; makes a poll earlier.
"""

from __future__ import annotations

from datetime import datetime

from aggregator.model import Hints, PollRule
from aggregator.schedule import fixed
from aggregator.schedule.hints import allowed


def permitted(moment: datetime, hints: Hints, rule: PollRule, phase: float) -> tuple[datetime, str]:
    """Return when a poll may be made, `moment` at the earliest, and the end of a sentence that says what moved it."""
    why, fixed_by_person = "", (rule.every or rule.cron) and rule.hints != "obey"
    for _ in range(2):  # what one of the two moves on may fall into the other
        later, who = (moment, "") if fixed_by_person else allowed(hints, rule, moment)
        if who:
            moment, why = later + phase * fixed.NEAR, f"{why}; not at that hour ({who})"
        later = fixed.awake(rule.active, moment, phase)
        if later != moment:
            moment, why = later, f"{why}; only in its active hours"
    return moment, why
