"""How right the learned sections are: each example guessed by what was learned without it.

In:    the examples that are kept, and the sections.
Out:   for each learned section precision and recall with their intervals, and how often nothing was told.
Never: judges a rule: what a rule named is taken for right.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from aggregator.model import Example, Section
from aggregator.tag.learned import Learner

FOLDS = 5
_Z = 1.96  # of 95 %

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How right the guesses of one section are."""

    section: str
    examples: int  # that are of it
    said: int  # of them by a person
    guessed: int  # examples that were guessed to be of it
    right: int  # of them
    abstained: int  # of its examples, those of which no section was told

    @property
    def precision(self) -> float | None:
        """Return how many of its guesses were right; None: there was none."""
        return self.right / self.guessed if self.guessed else None

    @property
    def recall(self) -> float | None:
        """Return how many of its examples were found; None: there is none."""
        return self.right / self.examples if self.examples else None


def prove(sections: Mapping[str, Section], examples: Sequence[Example]) -> list[Proof]:
    """Return how right guesses are, by cross-validation: a fifth of the examples is guessed by the other four."""
    learned = [name for name, section in sections.items() if section.learned]
    learner = Learner(sections, examples)
    told: dict[str, set[str]] = {}
    for fold in range(FOLDS):
        left_out = [one for one in examples if zlib.crc32(one.item.encode()) % FOLDS == fold]
        for one in left_out:
            learner.forget(one.item)
        for one in left_out:
            told[one.item] = {tag.section for tag in learner.tags(one.language, one.clues, one.meaning)}
        for one in left_out:
            learner.learn(one)
    return [_proof(section, examples, told) for section in learned]


def _proof(section: str, examples: Sequence[Example], told: Mapping[str, set[str]]) -> Proof:
    mine = [one for one in examples if section in one.sections]
    return Proof(
        section=section,
        examples=len(mine),
        said=sum(one.said for one in mine),
        guessed=sum(section in told[one.item] for one in examples),
        right=sum(section in told[one.item] for one in mine),
        abstained=sum(not told[one.item] for one in mine),
    )


def interval(right: int, of: int) -> Interval:
    """Return where a share really lies, with 95 % certainty (Wilson's score interval)."""
    if not of:
        return (0.0, 1.0)
    share, width = right / of, _Z * _Z / of
    middle = (share + width / 2) / (1 + width)
    reach = _Z / (1 + width) * sqrt(share * (1 - share) / of + width / (4 * of))
    return (max(0.0, middle - reach), min(1.0, middle + reach))
