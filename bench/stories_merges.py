"""Are the merges of a replay right? Held against those that a person judged by reading.

In:    merges, and verdicts on merges of an earlier replay.
Out:   by kind how many there are, how many of them are judged, and how many of these are right.
Never: decides about a merge that nobody read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from aggregator.model import Membership
from bench.stories_figures import share_interval
from bench.stories_sets import JudgedMerge, chains

KINDS = ("copy", "story")


class Verdicts:
    """What was judged, also of merges that came about by way of another article of the same event."""

    def __init__(self, judged: Sequence[JudgedMerge]) -> None:
        self._of: dict[tuple[str, str], list[JudgedMerge]] = defaultdict(list)
        for one in judged:
            self._of[one.kind, one.item].append(one)
        right = [one for one in judged if one.right]
        self._chains = {kind: chains((one.item, one.of) for one in right if one.kind == kind) for kind in KINDS}

    def on(self, merge: Membership) -> bool | None:
        """Return whether a merge is right; None where neither it was judged nor one that says the same of its item."""
        chain, judged = self._chains[merge.kind], self._of[merge.kind, merge.item]
        exact = (one for one in judged if one.of == merge.of)
        alike = (one for one in judged if one.of in chain and chain[one.of] == chain.get(merge.of))
        found = next((one for one in (*exact, *alike)), None)
        return found.right if found else None


def judged_merges(merges: Iterable[Membership], verdicts: Verdicts) -> dict[str, dict[str, Any]]:
    """Return by kind how many were made now, how many of them are judged, and how many of these are right."""
    said = [(merge.kind, verdicts.on(merge)) for merge in merges]
    return {kind: _figures([right for its, right in said if its == kind]) for kind in KINDS}


def _figures(said: Sequence[bool | None]) -> dict[str, Any]:
    judged, right = sum(one is not None for one in said), sum(one is True for one in said)
    return {
        "made_now": len(said),
        "judged": judged,
        "unjudged": len(said) - judged,
        "right": right,
        "precision": right / (judged or 1),
        "interval": share_interval(right, judged),
    }
