"""What is wrong with a document only in the light of how it is polled.

In:    the rhythm learned from it, the rule of its source.
Out:   flaws, as the table here lists them.
Never: changes when a source is polled.
"""

from __future__ import annotations

from datetime import timedelta

from aggregator.model import Flaw, PollRule, Rhythm
from aggregator.schedule.words import spoken

FLAWS = {
    "document-gap": "nothing that was known is left in it: items may have come and gone between two polls",
    "document-too-short": "it is replaced faster than it may be polled, so that items are lost",
}


def flaws(rhythm: Rhythm, rule: PollRule) -> tuple[Flaw, ...]:
    """Return what to tell of the newest document."""
    found = []
    if rhythm.gap:
        found.append(Flaw(code="document-gap", where="document"))
    if rhythm.turnover is not None and rhythm.turnover / 2 < rule.floor and not rule.under_floor:
        proposed = max(rhythm.turnover / 2 // timedelta(minutes=1), 1)
        detail = (
            f"replaced within {spoken(rhythm.turnover)}, and never polled more often than every {spoken(rule.floor)}; "
            f"if its publisher agrees: poll: {{every: {proposed}m, under_floor: true}}"
        )
        found.append(Flaw(code="document-too-short", where="document", detail=detail))
    return tuple(found)
