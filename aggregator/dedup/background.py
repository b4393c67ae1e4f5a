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
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files

from aggregator.dedup.roots import Root, number

FORGETS_AT = 300_000  # articles; then all counts are halved, so that the words of the last months count


class Background:
    """In how many articles each root stood."""

    def __init__(self, counts: Mapping[Root, int] | None = None, articles: int = 0) -> None:
        """Go on from what was counted until now; from the prior where nothing was."""
        known, before = prior()
        self._counts = Counter({**known, **(counts or {})})
        self.articles = articles or before
        self._changed: list[Collection[Root]] = []
        self._logs = [0.0]  # of 1, 2, 3 ...: they are asked for a hundred thousand times a second

    def rarities(self, roots: Iterable[Root]) -> list[float]:
        """Return how much it says that two articles share each root: the logarithm of how few have it."""
        self._logs.extend(map(math.log, range(len(self._logs) + 1, self.articles + 2)))
        logs, count, whole = self._logs, self._counts.get, self._logs[self.articles]
        return [whole - logs[count(root, 0)] for root in roots]

    def learn(self, roots: Collection[Root]) -> None:
        """Count one more article."""
        self._counts.update(roots)
        self._changed.append(roots)
        self.articles += 1
        if self.articles >= FORGETS_AT:
            self._changed.append(list(self._counts))
            self._counts = Counter({one: had // 2 for one, had in self._counts.items() if had > 1})
            self.articles //= 2

    def changed(self) -> Mapping[Root, int]:
        """Return the counts that changed since this was asked last; 0 where a root was forgotten."""
        found = {one: self._counts.get(one, 0) for one in set().union(*self._changed)}
        self._changed = []
        return found


@cache
def prior() -> tuple[Mapping[Root, int], int]:
    """Return the counts to begin with, and of how many articles they are."""
    lines = files("aggregator.dedup").joinpath("prior.txt").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    (_, articles), *counted = rows
    return {number(letters): int(had) for letters, had in counted}, int(articles)
