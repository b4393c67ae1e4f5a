"""The articles of the last days, found again by the words they share.

In:    weighed articles, in the order in which they came.
Out:   the articles most worth comparing with a new one.
Never: decides what belongs together, or grows without bound: what is older than the window goes.
"""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.dedup.copies import Print
from aggregator.dedup.likeness import Asking, Weighed
from aggregator.dedup.roots import Root

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
    serial: bool = False  # its title says that it is an issue of a series (series.py)


class Window:
    """An index over the articles of the last days."""

    def __init__(self) -> None:
        self._posted: dict[Root, array[int]] = {}  # root -> places of articles that have it, oldest first
        self._kept: deque[tuple[Told, Weighed, Print]] = deque()
        self._gone = 0  # how many articles left: the place of the first that is kept
        self._places: dict[str, int] = {}  # key -> place
        self._issues: dict[tuple[str, frozenset[Root]], deque[datetime]] = defaultdict(deque)  # when each came

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def add(self, told: Told, weighed: Weighed, text: Print) -> list[str]:
        """Take an article in; return the keys of those that are out of the window by its time, and gone."""
        gone = []
        while self._kept and told.seen_at - self._kept[0][0].seen_at > SPAN:
            gone.append(self._forget())
        place = self._gone + len(self._kept)
        for root in weighed.roots:
            self._posted.setdefault(root, array("I")).append(place)
        self._kept.append((told, weighed, text))
        self._places[told.key] = place
        self._issues[told.source, text.title].append(told.at)
        return gone

    def told(self, key: str) -> Told | None:
        """Return an article by its key, if it is still in the window."""
        place = self._places.get(key)
        return self._kept[place - self._gone][0] if place is not None else None

    def weighed(self, told: Told) -> Weighed:
        """Return what an article that is in the window says."""
        return self._kept[self._places[told.key] - self._gone][1]

    def print(self, told: Told) -> Print:
        """Return what tells copies of an article that is in the window."""
        return self._kept[self._places[told.key] - self._gone][2]

    def like(self, asking: Asking) -> list[Told]:
        """Return the articles that share most of its heaviest roots, at most COMPARED, the most alike first."""
        found: dict[int, float] = {}
        weights = asking.weights
        asked = heapq.nlargest(ASKED, weights, key=weights.__getitem__)
        for root in asked:
            if posted := self._posted.get(root):
                weight = weights[root]
                for place in posted[-LOOKED_AT:]:
                    found[place] = found.get(place, 0.0) + weight
        least = LEAST * sum(weights[root] for root in asked)
        enough = ((weight, place) for place, weight in found.items() if weight >= least)
        return [self._kept[place - self._gone][0] for _, place in heapq.nlargest(COMPARED, enough)]

    def is_serial(self, told: Told, text: Print) -> bool:
        """Whether an article is an issue of a series: it says so, or its outlet had its title on another day."""
        came = self._issues.get((told.source, text.title), ()) if text.title else ()
        return told.serial or any(abs(other - told.at) >= NEXT_ISSUE for other in came)

    def _forget(self) -> str:
        told, weighed, text = self._kept.popleft()
        for root in weighed.roots:
            posted = self._posted[root]
            del posted[0]  # the oldest one is in front of every list that it stands in
            if not posted:
                del self._posted[root]
        came = self._issues[told.source, text.title]
        came.popleft()
        if not came:
            del self._issues[told.source, text.title]
        del self._places[told.key]
        self._gone += 1
        return told.key
