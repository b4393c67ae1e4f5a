"""Words that are common in a section, no rule by themselves: many of one section and few of the others are one.

In:    the hints of all sections, once; then the texts of an item.
Out:   the section they speak for, and which they are; or None.
Never: decides by a single word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from aggregator.model import Section
from aggregator.query import Texts
from aggregator.tag.clues import BODY, clue_of, of_words

ENOUGH = 4  # points: a hint in the title is two, one at the beginning of the text another
AHEAD = 2  # times as many as the next section has
SHOWN = 4  # hints that are named as the reason


class Hints:
    """The hints of all sections over one item."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._of: dict[str, list[str]] = defaultdict(list)  # clue -> sections
        for section in sections:
            for clue in of_words(section.hints, short=False):
                self._of[clue].append(section.id)

    def found(self, texts: Texts) -> tuple[str, str] | None:
        """Return the section that has most hints by far, with the words."""
        if not self._of:
            return None
        points: dict[str, int] = defaultdict(int)
        words: dict[str, dict[str, None]] = defaultdict(dict)
        for keys, each in ((texts["title"].keys, 2), (texts["text"].keys[:BODY], 1)):
            for clue in dict.fromkeys(map(clue_of, keys)):
                for section in self._of.get(clue, ()):
                    points[section] += each
                    words[section][f"«{clue}»"] = None
        if not points:
            return None
        first, *others = sorted(points, key=lambda section: (-points[section], section))
        if points[first] < ENOUGH or (others and points[first] < AHEAD * points[others[0]]):
            return None
        return first, ", ".join(list(words[first])[:SHOWN])
