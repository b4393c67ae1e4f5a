"""Do two articles tell of one event? How likely it is, and by which words.

In:    two gists and the background.
Out:   how likely it is, 0..1; the words they share.
Never: decides (stories.py), or looks at sources and times.

A logistic regression over seven numbers, which a person can follow: how much of what both say is the same (cosine,
rare words and names weighing more, the title twice), whether each title stands in the other article, how many rare
words that are no names they share, whose names the other knows, how much the poorer of the two has of the other, and
whether they name other days of the week: who appeals on Thursday and on Friday has done it twice. The weights are
learned from judged pairs (bench/judged; python -m bench.stories --learn prints them).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Container, Sequence
from dataclasses import dataclass
from operator import mul

from aggregator.dedup.background import Background
from aggregator.dedup.gist import BEGINNING, BODY, NAME, TITLE, Gist
from aggregator.dedup.roots import DAYS, Root

RULE = 2  # version of what this file says; stored with every membership
RARE = 3.5  # rarity above which a shared word is a trace: fewer than one article in thirty has it
SISTERS = {"ru", "uk", "be"}  # their words meet in the roots, but fewer than two texts of one language share
SHOWN = 8  # of the shared words, as evidence

_WEIGHT = tuple(
    (2.0 * bool(places & TITLE) + (1.0 if places & BEGINNING else 0.5 * bool(places & BODY)))
    * (1.5 if places & NAME else 1.0)
    for places in range(16)
)


@dataclass(frozen=True, slots=True)
class Said:
    """Some roots with how rare each was."""

    roots: array[int]
    rarities: array[float]
    whole: float  # sum of the rarities

    def known(self, there: Container[Root], nothing: float) -> float:
        """Return how much of it is there, 0..1; `nothing` where nothing is said."""
        shared = [rarity for root, rarity in zip(self.roots, self.rarities, strict=True) if root in there]
        return sum(shared) / self.whole if self.whole else nothing


@dataclass(frozen=True, slots=True)
class Weighed:
    """A gist with what each root said by the background of when it was weighed. Two kilobytes."""

    tongue: str
    roots: array[int]
    weights: array[float]  # by rarity and places
    norm: float
    total: float
    title: Said
    names: Said  # in the title and at the beginning
    rare: Said  # what is above RARE and no name: names are shared by all that happens to one man
    days: int  # of the week: a bit for each that it names


def weigh(gist: Gist, background: Background) -> Weighed:
    """Return a gist ready to be compared."""
    rarities = background.rarities(gist.roots)
    weights = [_WEIGHT[places] * rarity for places, rarity in zip(gist.places, rarities, strict=True)]
    placed = list(zip(gist.roots, gist.places, rarities, strict=True))
    return Weighed(
        tongue=gist.tongue,
        roots=gist.roots,
        weights=array("f", weights),
        norm=math.sqrt(sum([weight * weight for weight in weights])) or 1.0,
        total=sum(weights) or 1.0,
        title=_said([one for one in placed if one[1] & TITLE]),
        names=_said([one for one in placed if one[1] & NAME and one[1] & (TITLE | BEGINNING)]),
        rare=_said([one for one in placed if one[2] > RARE and not one[1] & NAME]),
        days=sum(DAYS[one] for one in DAYS.keys() & gist.roots),
    )


def _said(placed: Sequence[tuple[Root, int, float]]) -> Said:
    rarities = array("f", [rarity for _, _, rarity in placed])
    return Said(array("I", [root for root, _, _ in placed]), rarities, sum(rarities))


class Asking:
    """An article that is compared with many."""

    def __init__(self, weighed: Weighed) -> None:
        self.weighed = weighed
        self.weights = dict(zip(weighed.roots, weighed.weights, strict=True))

    def features(self, other: Weighed) -> tuple[float, ...]:
        """Return (cosine, titles, rare, names of whom has more, the poorer's share, sisters, other days)."""
        mine, theirs = self.weights, dict(zip(other.roots, other.weights, strict=True))
        shared = mine.keys() & theirs.keys()
        ours, others = [mine[root] for root in shared], [theirs[root] for root in shared]
        one = self.weighed
        names = one.names.known(theirs, 0.5), other.names.known(mine, 0.5)
        return (
            math.sqrt(sum(map(mul, ours, others)) / (one.norm * other.norm)),
            math.sqrt(one.title.known(theirs, 0) * other.title.known(mine, 0)),
            math.log1p(one.rare.known(theirs, 0) * one.rare.whole),
            max(names),
            min(sum(ours) / one.total, sum(others) / other.total),
            float(one.tongue != other.tongue and {one.tongue, other.tongue} <= SISTERS),
            float(one.tongue == other.tongue and bool(one.days and other.days) and not one.days & other.days),
        )

    def likeness(self, other: Weighed) -> float:
        """Return how likely two articles tell of one event, 0..1."""
        return 1 / (1 + math.exp(-LEARNED[-1] - sum(map(mul, LEARNED, self.features(other)))))

    def shared(self, other: Weighed) -> list[Root]:
        """Return the roots that say most of what two articles have in common."""
        common = self.weights.keys() & set(other.roots)
        return sorted(common, key=lambda root: (-self.weights[root], root))[:SHOWN]


# Learned as the head of this file tells; in the order of the features, the constant last.
LEARNED = (3.7, 3.6, 0.49, 2.1, 2.9, 2.0, -2.5, -7.9)
