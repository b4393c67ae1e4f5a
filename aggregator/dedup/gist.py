"""What an article is about: the roots of its words, and where each of them stands.

In:    a title and a text.
Out:   a Gist: small enough to keep a hundred thousand of them, and enough to compare two.
Never: knows how rare a word is (background.py), or compares (likeness.py).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator import text
from aggregator.dedup.roots import Root, root

READ = 1200  # characters of the text: the event is told at the beginning, what comes behind it is history
LEAD = 40  # words of it that weigh more than the rest
# Where a word stands, as bits; a word may stand in several places.
TITLE, BEGINNING, BODY, NAME = 1, 2, 4, 8

_BEFORE = re.compile(r"""(?:\A|[.!?…:»"”])\s*\Z""")  # behind it any word begins with a capital
_CAPITALS = 0.6  # the share of capitalised words from which a title is in Title Case and tells nothing of names


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """The roots of an article, each once, and beside each its places. Half a kilobyte."""

    roots: array[int]
    places: bytes
    tongue: str  # "ru", "uk" ...; "" if unknown


def gist_of(title: str, body: str, tongue: str = "") -> Gist:
    """Return what an article is about. title, body: plain text; tongue: its language."""
    headline, told = list(_words(title)), list(_words(body[:READ]))
    title_case = sum(name for _, name in headline) > _CAPITALS * NAME * len(headline)
    places: dict[Root, int] = {}
    for word, name in headline:
        places[word] = places.get(word, 0) | TITLE | (0 if title_case else name)
    for count, (word, name) in enumerate(told):
        places[word] = places.get(word, 0) | (BEGINNING if count < LEAD else BODY) | name
    return Gist(roots=array("I", places), places=bytes(places.values()), tongue=tongue)


def _words(written: str) -> Iterator[tuple[Root, int]]:
    """Yield roots, each with NAME where it is a number, or has a capital where a common word has none, else 0."""
    seen = text.visible(written)
    behind = 0
    for (begin, end), token in zip(text.words(seen), text.tokens(seen), strict=True):
        first = seen[begin]
        if first.islower():
            yield root(token), 0
        else:
            capital = first.isupper() and end - begin > 1 and not _BEFORE.search(seen, behind, begin)
            yield root(token), NAME if capital or first.isdigit() else 0
        behind = end
