"""How good are decisions? Precision, recall and F1 of pairs; B-cubed of groups; how sure these numbers are.

In:    what was decided and what is so.
Out:   figures, 0..1.
Never: decides.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

RESAMPLES = 1000
NORMAL = 1.96  # standard deviations to either side that hold 95 % of a normal distribution
NAMES = ("precision", "recall", "f1")

Verdict = tuple[bool, bool]  # decided to be one event, is one event
Figures = dict[str, float]


def of_pairs(verdicts: Sequence[Verdict]) -> Figures:
    """Return pairs, precision, recall and f1. Nothing found is precision 0, nothing to find recall 0."""
    return {"pairs": len(verdicts)} | dict(zip(NAMES, _scored(Counter(verdicts)), strict=True))


def intervals(verdicts: Sequence[Verdict], seed: int) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each figure: what it comes to when the pairs are drawn again, with repetition."""
    rng = random.Random(seed)
    drawn = [_scored(Counter(rng.choices(verdicts, k=len(verdicts)))) for _ in range(RESAMPLES)]
    return {name: _middle([scores[place] for scores in drawn]) for place, name in enumerate(NAMES)}


def share_interval(right: int, judged: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; it has a width also where all are right (Wilson 1927)."""
    if not judged:
        return 0.0, 1.0
    share, spread = right / judged, NORMAL**2 / judged
    middle = share + spread / 2
    reach = math.sqrt(spread * (share * (1 - share) + spread / 4))
    return max((middle - reach) / (1 + spread), 0.0), min((middle + reach) / (1 + spread), 1.0)


def b_cubed(found: Mapping[str, str], true: Mapping[str, str]) -> Figures:
    """Return B-cubed precision, recall and F over the articles of `true` (Bagga and Baldwin 1998).

    found, true  article -> its group; who is in no group stands alone

    Of each article: which share of its group belongs there, which share of its event is in its group; then the mean.
    """
    mine = {key: found.get(key, key) for key in true}
    both = Counter((mine[key], event) for key, event in true.items())
    group, event = Counter(mine.values()), Counter(true.values())
    precision = sum(both[mine[key], name] / group[mine[key]] for key, name in true.items()) / (len(true) or 1)
    recall = sum(both[mine[key], name] / event[name] for key, name in true.items()) / (len(true) or 1)
    return {"articles": len(true), "precision": precision, "recall": recall, "f": _harmonic(precision, recall)}


def _scored(counted: Counter[Verdict]) -> tuple[float, float, float]:
    hits, wrong, missed = counted[True, True], counted[True, False], counted[False, True]
    precision, recall = hits / ((hits + wrong) or 1), hits / ((hits + missed) or 1)
    return precision, recall, _harmonic(precision, recall)


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _middle(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[round(0.025 * (len(ordered) - 1))], ordered[round(0.975 * (len(ordered) - 1))]
