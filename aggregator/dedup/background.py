"""How rare a word is, learned from all articles that were ever seen.

In:    the gists of articles, one after another.
Out:   the rarity of a root; what changed since the store was told.
Never: touches the store.

A new newsroom knows no words yet, and would take «сообщил» for the name of an event. So counting begins with prior.txt:
in how many of some thousand articles of November 2019 each common root stood. What is seen here soon outweighs it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

FORGETS_AT = 300_000  # articles; then all counts are halved, so that the words of the last months count


class Background:
    """In how many articles each root stood."""

    def __init__(self, counts: Mapping[str, int] | None = None, articles: int = 0) -> None:
        if counts is None:
            counts, articles = prior()
        self._counts, self.articles = dict(counts), articles

    def rarity(self, root: str) -> float:
        """Return how much it says that two articles share a root: the logarithm of how few have it, 0 at least."""
        return max(0.0, math.log((self.articles + 1) / (self._counts.get(root, 0) + 1)))

    def learn(self, roots: Iterable[str]) -> None:
        """Count one more article."""
        counts = self._counts
        for one in roots:
            counts[one] = counts.get(one, 0) + 1
        self.articles += 1
        if self.articles >= FORGETS_AT:
            self._counts = {one: number // 2 for one, number in counts.items() if number > 1}
            self.articles //= 2


@cache
def prior() -> tuple[Mapping[str, int], int]:
    """Return the counts to begin with, and of how many articles they are."""
    lines = files("aggregator.dedup").joinpath("prior.txt").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    (_, articles), *counted = rows
    return Counter({root: int(number) for root, number in counted}), int(articles)
