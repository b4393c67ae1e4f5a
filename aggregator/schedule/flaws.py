"""What is wrong with a document only in the light of how it is polled.

In:    the rhythm learned from it, the rule of its source.
Out:   flaws, as the table here lists them.
Never: changes when a source is polled.
"""

from __future__ import annotations

from aggregator.model import Flaw, PollRule, Rhythm
from aggregator.schedule.decide import MINUTE, too_short
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
    if enough := too_short(rhythm, rule):
        replaced, polled = spoken(rhythm.turnover or enough), spoken(rule.every or rule.floor)
        agreed = f"poll: {{every: {enough // MINUTE}m, under_floor: true}}"
        detail = f"replaced within {replaced}, polled every {polled} at most; if its publisher agrees: {agreed}"
        found.append(Flaw(code="document-too-short", where="document", detail=detail))
    return tuple(found)
