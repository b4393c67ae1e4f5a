"""Do two articles tell of one event? How likely it is, and by which words.

In:    two gists and the background.
Out:   how likely it is, 0..1; the words they share.
Never: decides (stories.py), or looks at sources and times.

A logistic regression over six numbers, which a person can follow: how much of what both say is the same (cosine, rare
words and names weighing more, the title twice), whether each title stands in the other article, how many rare words
they share besides names, whose names the other knows, how much the poorer of the two has of the other, and whether they
name other days of the week: who appeals on Thursday and on Friday has done it twice. The weights are learned from
judged pairs (bench/judged; python -m bench.stories --learn prints them).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul

from aggregator.dedup.background import Background
from aggregator.dedup.gist import BEGINNING, BODY, NAME, TITLE, Gist
from aggregator.dedup.roots import DAYS, Root

RULE = 2  # version of what this file says; stored with every membership
RARE = 3.5  # rarity above which a shared word is a trace: fewer than one article in thirty has it
SISTERS = {"ru", "uk", "be"}  # their words meet in the roots, but fewer than two texts of one language share
SOUGHT = 48  # roots by which an article is found
SHOWN = 8  # of the shared words, as evidence

_WEIGHT = tuple(
    (2.0 * bool(places & TITLE) + (1.0 if places & BEGINNING else 0.5 * bool(places & BODY)))
    * (1.5 if places & NAME else 1.0)
    for places in range(16)
)
_NAMES = tuple(bool(places & NAME and places & (TITLE | BEGINNING)) for places in range(16))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A gist, and how much it says by the background of when it was weighed. A kilobyte."""

    tongue: str
    roots: array[int]
    places: bytes
    norm: float  # of the weights of its roots
    total: float  # of these weights
    title: float  # rarity of all roots of the title
    names: float  # of the names in the title and at the beginning
    days: int  # of the week: a bit for each that it names


@dataclass(frozen=True, slots=True)
class Asking:
    """An article that is compared with many."""

    weighed: Weighed
    heaviest: Sequence[tuple[float, Root]]  # the SOUGHT that say most, by rarity and places; the first most of all
    marks: Mapping[Root, tuple[int, float]]  # the places of each root, and its rarity

    def features(self, other: Weighed) -> tuple[float, ...]:
        """Return (cosine, titles, rare, names of whom has more, the poorer's share, sisters, other days)."""
        one, marks = self.weighed, self.marks
        both = rare = ours = theirs = our_title = their_title = our_names = their_names = 0.0
        for root, there in zip(other.roots, other.places, strict=True):
            if root in marks:
                here, rarity = marks[root]
                mine, its = _WEIGHT[here] * rarity, _WEIGHT[there] * rarity
                both, ours, theirs = both + mine * its, ours + mine, theirs + its
                rare += rarity * (rarity > RARE and not (here | there) & NAME)
                our_title += rarity * (here & TITLE)
                their_title += rarity * (there & TITLE)
                our_names += rarity * _NAMES[here]
                their_names += rarity * _NAMES[there]
        names = _share(our_names, one.names, 0.5), _share(their_names, other.names, 0.5)
        return (
            math.sqrt(both / (one.norm * other.norm)),
            math.sqrt(_share(our_title, one.title, 0) * _share(their_title, other.title, 0)),
            math.log1p(rare),
            max(names),
            min(_share(ours, one.total, 0), _share(theirs, other.total, 0)),
            float(one.tongue != other.tongue and {one.tongue, other.tongue} <= SISTERS),
            float(one.tongue == other.tongue and bool(one.days and other.days) and not one.days & other.days),
        )

    def likeness(self, other: Weighed) -> float:
        """Return how likely two articles tell of one event, 0..1."""
        return 1 / (1 + math.exp(-LEARNED[-1] - sum(map(mul, LEARNED, self.features(other)))))

    def shared(self, other: Weighed) -> list[Root]:
        """Return the roots that say most of what two articles have in common."""
        return sorted(self.marks.keys() & set(other.roots), key=self._weight, reverse=True)[:SHOWN]

    def _weight(self, root: Root) -> tuple[float, Root]:
        here, rarity = self.marks[root]
        return _WEIGHT[here] * rarity, root


def ask(gist: Gist, background: Background) -> Asking:
    """Return a gist ready to be compared."""
    rarities = background.rarities(gist.roots)
    weights = [_WEIGHT[places] * rarity for places, rarity in zip(gist.places, rarities, strict=True)]
    weighed = Weighed(
        tongue=gist.tongue,
        roots=gist.roots,
        places=gist.places,
        norm=math.sqrt(sum(map(mul, weights, weights))) or 1.0,
        total=sum(weights),
        title=sum([rarity for places, rarity in zip(gist.places, rarities, strict=True) if places & TITLE]),
        names=sum([rarity for places, rarity in zip(gist.places, rarities, strict=True) if _NAMES[places]]),
        days=sum(DAYS[root] for root in DAYS.keys() & gist.roots),
    )
    marks = dict(zip(gist.roots, zip(gist.places, rarities, strict=True), strict=True))
    heaviest = sorted(zip(weights, gist.roots, strict=True), reverse=True)[:SOUGHT]
    return Asking(weighed, heaviest, marks)


def _share(part: float, whole: float, nothing: float) -> float:
    return min(part / whole, 1.0) if whole else nothing  # words get rarer while others come in


# Learned as the head of this file tells; in the order of the features, the constant last.
LEARNED = (4.2, 3.0, 0.52, 1.9, 3.2, 1.5, -2.4, -7.9)
