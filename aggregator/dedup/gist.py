"""What an article is about: the roots of its words, and where each of them stands.

In:    a title and a text.
Out:   a Gist: small enough to keep a hundred thousand of them, and enough to compare two.
Never: knows how rare a word is (background.py), or compares (likeness.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator import text
from aggregator.dedup.roots import root

READ = 1200  # characters of the text: the event is told at the beginning, what comes behind it is history
LEAD = 40  # words of it that weigh more than the rest
# Where a word stands, as bits; a word may stand in several places.
TITLE, BEGINNING, BODY, NAME = 1, 2, 4, 8

_BEFORE = re.compile(r"""(?:\A|[.!?…:»"”])\s*\Z""")  # behind it any word begins with a capital
_CAPITALS = 0.6  # the share of capitalised words from which a title is in Title Case and tells nothing of names


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """The roots of an article, each with its places."""

    places: dict[str, int]
    tongue: str  # "ru", "uk" ...; "" if unknown


@dataclass(frozen=True, slots=True)
class _Word:
    root: str
    name: bool  # it is a number, or has a capital where a common word has none


def gist_of(title: str, body: str, tongue: str = "") -> Gist:
    """Return what an article is about. title, body: plain text; tongue: its language."""
    headline, told = list(_words(title)), list(_words(body[:READ]))
    plain_title = sum(word.name for word in headline) > _CAPITALS * len(headline)
    places: dict[str, int] = {}
    for word in headline:
        places[word.root] = places.get(word.root, 0) | TITLE | (NAME if word.name and not plain_title else 0)
    for place, word in enumerate(told):
        where = BEGINNING if place < LEAD else BODY
        places[word.root] = places.get(word.root, 0) | where | (NAME if word.name else 0)
    return Gist(places=places, tongue=tongue)


def _words(written: str) -> Iterator[_Word]:
    seen = text.visible(written)
    spans = text.words(seen)
    behind = 0
    for (begin, end), token in zip(spans, text.tokens(seen), strict=True):
        first = seen[begin]
        capital = first.isupper() and end - begin > 1 and not _BEFORE.search(seen, behind, begin)
        yield _Word(root(token), capital or first.isdigit())
        behind = end
