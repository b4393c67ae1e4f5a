"""What tells the learner of an item: its words by their beginnings, and the folders of its address.

In:    an Item; the words of a section.
Out:   clues, each with a weight; the clues of words.
Never: knows a section, or what is likely.

An ending says little of what a text is about, and stemming every word of every text costs more than all else here
does. So a word counts by its first letters, more of them and fewer: of «чемпионата» these are «чемпио» and «чемп».
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import log1p
from urllib.parse import urlsplit

from aggregator import text
from aggregator.model import Item
from aggregator.query import texts_of

READING = 1  # changes whenever the same item would give other clues: examples are stored with it

Clues = Mapping[str, float]

TITLE = 2.0  # a word of the title says as much as two of the text
BODY = 120  # words of the text that are looked at: a long teaser, by cross-validation a little better than 70
LONG, SHORT = 6, 4  # letters
SHORTER = 0.5  # the fewer letters say less
FOLDER = 1.5  # publishers file their articles
_FOLDER = re.compile(r"[a-z][a-z_-]{1,29}")  # no number, no date, no file name


def clues(item: Item) -> dict[str, float]:
    """Return the clues of an item."""
    places = texts_of(item)
    found: defaultdict[str, float] = defaultdict(float)
    for keys, weight in ((places["title"].keys, TITLE), (places["text"].keys[:BODY], 1.0)):
        for key in keys:
            for clue, share in _of(key):
                found[clue] += weight * share
    filed = {f"/{folder}": FOLDER for folder in folders(item.link)}
    return {clue: round(log1p(weight), 2) for clue, weight in found.items()} | filed


def of_words(words: Iterable[str]) -> set[str]:
    """Return the clues that these words are in any text."""
    return {clue for word in words for token in text.tokens(word) for clue, _ in _of(text.key(token))}


def folders(link: str | None) -> list[str]:
    """Return the folders of an address that are words: "/ru/sport/2019/1.html" has "ru" and "sport"."""
    path = urlsplit(link).path.lower() if link else ""
    return [folder for folder in path.split("/")[:-1] if _FOLDER.fullmatch(folder)]


def _of(key: str) -> list[tuple[str, float]]:
    """Return the clues of one word. A number tells nothing, and neither does a letter."""
    if len(key) <= 1 or key.isdigit():
        return []
    if len(key) < SHORT:
        return [(key, 1.0)]
    return [(key[:LONG], 1.0), (key[:SHORT] + "*", SHORTER)]
