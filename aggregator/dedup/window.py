"""The articles of the last days, found again by the words they share.

In:    weighed articles, in the order in which they came.
Out:   the articles most worth comparing with a new one.
Never: decides what belongs together, or grows without bound: what is older than the window goes.
"""

from __future__ import annotations

import heapq
from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.dedup.copies import Print
from aggregator.dedup.likeness import Asking, Weighed
from aggregator.dedup.roots import Root

SPAN = timedelta(days=4)  # how long after an article another one may tell of the same event
NEXT_ISSUE = timedelta(hours=12)  # a title that comes back sooner is an article that was published twice
ASKED = 16  # the heaviest roots of an article, by which its like are looked for
LOOKED_AT = 100  # newest articles of each root; a root that more have says little
COMPARED = 8  # articles that are compared in full
LEAST = 0.15  # of the weight of the asked roots that such an article has, too

_NONE = array("I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article in the window. Two kilobytes."""

    key: str
    source: str
    at: datetime  # when it was published, and not after it was first seen by our clock
    seen_at: datetime  # by our clock
    serial: bool  # its title says that it is an issue of a series (series.py)
    weighed: Weighed
    print: Print


class Window:
    """An index over the articles of the last days."""

    def __init__(self) -> None:
        self._kept: list[Told | None] = []  # in the order in which they came
        self._first = 0  # the place of the first of these
        self._oldest = 0  # the place of the first that is in the window; those before it are gone
        self._told: dict[str, Told] = {}  # by key
        self._posted: dict[Root, array[int]] = {}  # root -> places of its newest articles, also of some that are gone
        self._issues: dict[tuple[str, bytes], tuple[datetime, ...]] = {}  # source and title -> when each came

    def __contains__(self, key: str) -> bool:
        return key in self._told

    def add(self, told: Told, asking: Asking) -> list[str]:
        """Take an article in; return the keys of those that are out of the window by its time, and gone."""
        gone = self._left(told.seen_at)
        place = self._first + len(self._kept)
        for _, root in asking.heaviest:
            if posted := self._posted.get(root):
                posted.append(place)
                if len(posted) > 2 * LOOKED_AT:
                    del posted[:-LOOKED_AT]
            else:
                self._posted[root] = array("I", [place])
        self._kept.append(told)
        self._told[told.key] = told
        issue = _issue(told)
        self._issues[issue] = (*self._issues.get(issue, ()), told.at)
        return gone

    def told(self, key: str) -> Told | None:
        """Return an article by its key, if it is still in the window."""
        return self._told.get(key)

    def like(self, asking: Asking) -> list[Told]:
        """Return the articles that share most of its heaviest roots, at most COMPARED, the most alike first."""
        found: dict[int, float] = {}
        asked = asking.heaviest[:ASKED]
        ahead = sum([weight for weight, _ in asked])
        least = LEAST * ahead
        for weight, root in asked:
            posted = self._posted.get(root, _NONE)[-LOOKED_AT:]
            if ahead < least:  # what has nothing of the heavier ones has too little
                for place in posted:
                    if place in found:
                        found[place] += weight
            else:
                for place in posted:
                    found[place] = found.get(place, 0.0) + weight
            ahead -= weight
        enough = [(weight, place) for place, weight in found.items() if weight >= least and place >= self._oldest]
        near = (self._kept[place - self._first] for _, place in heapq.nlargest(COMPARED, enough))
        return [told for told in near if told]

    def is_serial(self, told: Told) -> bool:
        """Whether an article is an issue of a series: it says so, or its outlet had its title on another day."""
        came = self._issues.get(_issue(told), ()) if told.print.title else ()
        return told.serial or any(abs(other - told.at) >= NEXT_ISSUE for other in came)

    def _left(self, now: datetime) -> list[str]:
        """Forget what is out of the window, and return its keys."""
        gone: list[str] = []
        while (place := self._oldest - self._first) < len(self._kept):
            told = self._kept[place]
            if told is None or now - told.seen_at <= SPAN:
                break
            self._kept[place] = None
            self._oldest += 1
            del self._told[told.key]
            issue = _issue(told)
            if later := self._issues[issue][1:]:
                self._issues[issue] = later
            else:
                del self._issues[issue]
            gone.append(told.key)
        if 2 * place > len(self._kept):
            self._sweep(place)
        return gone

    def _sweep(self, gone: int) -> None:
        """Give back the room of articles that are gone, once they are as many as those that are kept."""
        del self._kept[:gone]
        self._first = self._oldest
        self._posted = {root: posted for root, posted in self._posted.items() if posted[-1] >= self._oldest}


def _issue(told: Told) -> tuple[str, bytes]:
    return told.source, told.print.title.tobytes()
