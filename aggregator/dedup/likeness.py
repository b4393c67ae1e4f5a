"""Do two articles tell of one event? How likely it is, and by which words.

In:    two gists and the background.
Out:   how likely it is, 0..1; the words they share.
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
from operator import mul

from aggregator.dedup.background import Background
from aggregator.dedup.gist import BEGINNING, BODY, NAME, TITLE, Gist
from aggregator.dedup.roots import Root

RULE = 1  # version of what this file says; stored with every membership
RARE = 4.0  # rarity above which a shared word is a trace: fewer than one article in fifty has it
SISTERS = {"ru", "uk", "be"}  # their words meet in the roots, but fewer than two texts of one language share
SHOWN = 8  # of the shared words, as evidence

_WEIGHT = tuple(
    (2.0 * bool(places & TITLE) + (1.0 if places & BEGINNING else 0.5 * bool(places & BODY)))
    * (1.5 if places & NAME else 1.0)
    for places in range(16)
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A gist with what each root says by the present background."""

    tongue: str
    weights: Mapping[Root, float]  # by rarity and places
    norm: float
    total: float
    title: Mapping[Root, float]  # rarities of what stands there
    names: Mapping[Root, float]  # of names in the title and at the beginning
    rare: Mapping[Root, float]  # of what is above RARE


def weigh(gist: Gist, background: Background) -> Weighed:
    """Return a gist ready to be compared."""
    rarities = background.rarities(gist.roots)
    weights = [_WEIGHT[places] * rarity for places, rarity in zip(gist.places, rarities, strict=True)]
    placed = list(zip(gist.roots, gist.places, rarities, strict=True))
    return Weighed(
        tongue=gist.tongue,
        weights=dict(zip(gist.roots, weights, strict=True)),
        norm=math.sqrt(sum([weight * weight for weight in weights])) or 1.0,
        total=sum(weights) or 1.0,
        title={root: rarity for root, places, rarity in placed if places & TITLE},
        names={root: rarity for root, places, rarity in placed if places & NAME and places & (TITLE | BEGINNING)},
        rare={root: rarity for root, _, rarity in placed if rarity > RARE},
    )


def features(one: Weighed, other: Weighed) -> tuple[float, ...]:
    """Return (cosine, titles, rare, names of the one that has more, of the other, the poorer's share, sisters)."""
    mine, theirs = one.weights, other.weights
    shared = mine.keys() & theirs.keys()
    ours, others = [mine[root] for root in shared], [theirs[root] for root in shared]
    cosine = sum(map(mul, ours, others)) / (one.norm * other.norm)
    titles = _known(one.title, theirs, 0) * _known(other.title, mine, 0)
    names = (_known(one.names, theirs, 0.5), _known(other.names, mine, 0.5))
    return (
        math.sqrt(cosine),
        math.sqrt(titles),
        math.log1p(sum(one.rare[root] for root in one.rare.keys() & shared)),
        max(names),
        min(names),
        min(sum(ours) / one.total, sum(others) / other.total),
        float(one.tongue != other.tongue and {one.tongue, other.tongue} <= SISTERS),
    )


def _known(said: Mapping[Root, float], there: Mapping[Root, float], nothing: float) -> float:
    """Return how much of what one article says the other has, 0..1; `nothing` where it says none of it."""
    whole = sum(said.values())
    return sum([said[root] for root in said.keys() & there.keys()]) / whole if whole else nothing


# Learned as the head of this file tells; in the order of `features`, the constant last.
LEARNED = (2.7, 4.0, 0.43, 1.7, 0.04, 3.0, 2.0, -7.3)


def likeness(one: Weighed, other: Weighed) -> float:
    """Return how likely two articles tell of one event."""
    return 1 / (1 + math.exp(-LEARNED[-1] - sum(map(mul, LEARNED, features(one, other)))))


def shared(one: Weighed, other: Weighed) -> list[Root]:
    """Return the roots that say most of what two articles have in common."""
    common = one.weights.keys() & other.weights.keys()
    return sorted(common, key=lambda root: (-one.weights[root], root))[:SHOWN]
