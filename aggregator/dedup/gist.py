"""What an article is about: the roots of its words, and where each of them stands.

In:    the words of an article.
Out:   a Gist: small enough to keep a hundred thousand of them, and enough to compare two.
Never: knows how rare a word is (background.py), or compares (likeness.py).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from aggregator.dedup.reading import Reading
from aggregator.dedup.roots import Root, root_in

READ = 240  # words of the text: the event is told at the beginning, what comes behind it is history
LEAD = 40  # words of it that weigh more than the rest
# Where a word stands, as bits; a word may stand in several places.
TITLE, BEGINNING, BODY, NAME = 1, 2, 4, 8

_CAPITALS = 0.6  # the share of capitalised words from which a title is in Title Case and tells nothing of names


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """The roots of an article, each once, and beside each its places. Half a kilobyte."""

    roots: array[int]
    places: bytes
    tongue: str  # "ru", "uk" ...; "" if unknown


def gist_of(read: Reading, tongue: str = "") -> Gist:
    """Return what an article is about. tongue: its language."""
    root = root_in(tongue)
    told = list(map(root, read.body[:READ]))
    places: dict[Root, int] = dict.fromkeys(told[LEAD:], BODY)
    for one in told[:LEAD]:
        places[one] = places.get(one, 0) | BEGINNING
    for one in map(root, read.title):
        places[one] = places.get(one, 0) | TITLE
    title_case = len(read.title_names) > _CAPITALS * len(read.title)
    for one in map(root, read.body_names if title_case else read.title_names | read.body_names):
        if one in places:
            places[one] |= NAME
    return Gist(roots=array("I", list(places)), places=bytes(places.values()), tongue=tongue)
