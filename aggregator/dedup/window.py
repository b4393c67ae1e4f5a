"""The articles of the last days, found again by the words they share.

In:    gists, in the order in which their articles came.
Out:   the articles most worth comparing with a new one.
Never: decides what belongs together, or grows without bound: what is older than the window goes.
"""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.dedup.copies import Print
from aggregator.dedup.gist import Gist
from aggregator.dedup.likeness import Weighed

SPAN = timedelta(days=4)  # how long after an article another one may tell of the same event
NEXT_ISSUE = timedelta(hours=12)  # a title that comes back sooner is an article that was published twice
ASKED = 16  # the heaviest roots of an article, by which its like are looked for
LOOKED_AT = 150  # newest articles of each root; a root that more have says little
COMPARED = 12  # articles that are compared in full
LEAST = 0.2  # of the weight of the asked roots that such an article has, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article in the window."""

    key: str
    source: str
    at: datetime  # when it was published, and not after it was first seen by our clock
    seen_at: datetime  # by our clock
    issue: frozenset[str] = frozenset()  # what an issue of a series shares with the next (series.py)
    serial: bool = False  # its title says that it is one


class _Kept:
    """A gist in little room: roots as numbers, their places beside them; and the fingerprint of the text."""

    __slots__ = ("places", "roots", "text", "tongue")

    def __init__(self, roots: array[int], places: bytes, tongue: str, text: array[int]) -> None:
        self.roots, self.places, self.tongue, self.text = roots, places, tongue, text


class Window:
    """An index over the gists of the last days."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # root -> its number
        self._roots: list[str] = []
        self._posted: dict[int, array[int]] = {}  # number of a root -> places of articles that have it, oldest first
        self._kept: deque[tuple[Told, _Kept]] = deque()
        self._gone = 0  # how many articles left: the place of the first that is kept
        self._places: dict[str, int] = {}  # key -> place
        self._issues: dict[tuple[str, frozenset[str]], deque[datetime]] = defaultdict(deque)  # when each came

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def add(self, told: Told, gist: Gist, text: array[int]) -> None:
        """Take an article in, text: its fingerprint; those that are out of the window by its time go."""
        while self._kept and told.seen_at - self._kept[0][0].seen_at > SPAN:
            self._forget()
        place = self._gone + len(self._kept)
        numbers = array("I", map(self._number, gist.places))
        for number in numbers:
            self._posted.setdefault(number, array("I")).append(place)
        self._kept.append((told, _Kept(numbers, bytes(gist.places.values()), gist.tongue, text)))
        self._places[told.key] = place
        self._issues[told.source, told.issue].append(told.at)

    def told(self, key: str) -> Told | None:
        """Return an article by its key, if it is still in the window."""
        place = self._places.get(key)
        return self._kept[place - self._gone][0] if place is not None else None

    def gist(self, key: str) -> Gist:
        """Return the gist of an article that is in the window."""
        kept = self._kept[self._places[key] - self._gone][1]
        return Gist(
            places=dict(zip(map(self._roots.__getitem__, kept.roots), kept.places, strict=True)), tongue=kept.tongue
        )

    def print(self, told: Told) -> Print:
        """Return what tells copies of an article that is in the window."""
        return Print(title=told.issue, text=self._kept[self._places[told.key] - self._gone][1].text)

    def like(self, weighed: Weighed) -> list[Told]:
        """Return the articles that share most of its heaviest roots, at most COMPARED, the most alike first."""
        found: dict[int, float] = {}
        weights: Mapping[str, float] = weighed.weights
        asked = heapq.nlargest(ASKED, weights, key=weights.__getitem__)
        for root in asked:
            posted = self._posted.get(self._numbers.get(root, -1))
            if posted:
                weight = weights[root]
                for place in posted[-LOOKED_AT:]:
                    found[place] = found.get(place, 0.0) + weight
        least = LEAST * sum(weights[root] for root in asked)
        enough = ((weight, place) for place, weight in found.items() if weight >= least)
        return [self._kept[place - self._gone][0] for _, place in heapq.nlargest(COMPARED, enough)]

    def _number(self, root: str) -> int:
        number = self._numbers.get(root)
        if number is None:
            number = self._numbers[root] = len(self._roots)
            self._roots.append(root)
        return number

    def _forget(self) -> None:
        told, kept = self._kept.popleft()
        for number in kept.roots:
            posted = self._posted[number]
            del posted[0]  # the oldest one is in front of every list that it stands in
            if not posted:
                del self._posted[number]
        del self._places[told.key]
        came = self._issues[told.source, told.issue]
        came.popleft()
        if not came:
            del self._issues[told.source, told.issue]
        self._gone += 1

    def is_serial(self, told: Told) -> bool:
        """Whether an article is an issue of a series: it says so, or its outlet had its title on another day."""
        came = self._issues.get((told.source, told.issue), ()) if told.issue else ()
        return told.serial or any(abs(other - told.at) >= NEXT_ISSUE for other in came)
