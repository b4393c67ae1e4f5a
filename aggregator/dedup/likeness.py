"""Do two articles tell of one event? How likely it is, and by which words.

In:    two gists and the background.
Out:   a Likeness.
Never: decides (stories.py), or looks at sources and times.

A logistic regression over six numbers, which a person can follow: how much of what both say is the same (cosine, rare
words and names weighing more, the title twice), whether each title stands in the other article, how many rare words
they share, whose names the other knows, and how much the poorer of the two has of the other. The weights are learned from
judged pairs (bench/judged; python -m bench.stories --learn prints them).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.dedup.background import Background
from aggregator.dedup.gist import BEGINNING, BODY, NAME, TITLE, Gist

RULE = 1  # version of what this file says; stored with every membership
RARE = 4.0  # rarity above which a shared word is a trace: fewer than one article in fifty has it
SISTERS = {"ru", "uk", "be"}  # their words meet in the roots, but fewer than two texts of one language share
SHOWN = 8  # of the shared words, as evidence

_WEIGHT = tuple(
    (2.0 * bool(places & TITLE) + (1.0 if places & BEGINNING else 0.5 * bool(places & BODY)))
    * (1.5 if places & NAME else 1.0)
    for places in range(16)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What two articles have in common."""

    score: float  # 0..1: the probability that they tell of one event
    shared: tuple[str, ...]  # roots, those that say most first


@dataclass(frozen=True, slots=True)
class Weighed:
    """A gist with the weight of each root by the present background."""

    gist: Gist
    weights: Mapping[str, float]
    rarity: Mapping[str, float]
    norm: float
    total: float


def weigh(gist: Gist, background: Background) -> Weighed:
    """Return a gist ready to be compared, many times if need be."""
    rarity = {root: background.rarity(root) for root in gist.places}
    weights = {root: _WEIGHT[places] * rarity[root] for root, places in gist.places.items()}
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    return Weighed(gist, weights, rarity, norm or 1.0, sum(weights.values()) or 1.0)


def features(one: Weighed, other: Weighed) -> tuple[float, ...]:
    """Return (cosine, titles, rare, names of the one that has more, of the other, the poorer's share, sisters)."""
    mine, theirs = one.weights, other.weights
    shared = mine.keys() & theirs.keys()
    cosine = sum(mine[root] * theirs[root] for root in shared) / (one.norm * other.norm)
    titles = _known(one, other, TITLE, 0) * _known(other, one, TITLE, 0)
    rare = sum(rarity for root in shared if (rarity := one.rarity[root]) > RARE)
    names = (_known(one, other, TITLE | BEGINNING, NAME), _known(other, one, TITLE | BEGINNING, NAME))
    poorer = min(sum(mine[root] for root in shared) / one.total, sum(theirs[root] for root in shared) / other.total)
    return (
        math.sqrt(cosine),
        math.sqrt(titles),
        math.log1p(rare),
        max(names),
        min(names),
        poorer,
        float(one.gist.tongue != other.gist.tongue and {one.gist.tongue, other.gist.tongue} <= SISTERS),
    )


def _known(one: Weighed, other: Weighed, where: int, what: int) -> float:
    """Return how much of what stands there in one article the other has, 0..1; a half where nothing does."""
    there = [root for root, places in one.gist.places.items() if places & where and places & what == what]
    whole = sum(one.rarity[root] for root in there)
    return sum(one.rarity[root] for root in there if root in other.gist.places) / whole if whole else 0.5


# Learned as the head of this file tells; in the order of `features`, the constant last.
LEARNED = (2.7, 4.0, 0.43, 1.7, 0.04, 3.0, 2.0, -7.3)


def likeness(one: Weighed, other: Weighed) -> Likeness:
    """Return how likely two articles tell of one event, and the words that say so."""
    *weights, constant = LEARNED
    sum_ = constant + sum(weight * value for weight, value in zip(weights, features(one, other), strict=True))
    shared = sorted(one.weights.keys() & other.weights.keys(), key=lambda root: (-one.weights[root], root))
    return Likeness(score=1 / (1 + math.exp(-sum_)), shared=tuple(shared[:SHOWN]))
