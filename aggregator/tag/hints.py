"""Words that are common in a section, no rule by themselves: many of one section and few of the others are one.

In:    the hints of all sections, once; then the texts of an item.
Out:   the section they speak for, and which they are; or None.
Never: decides by a single word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from aggregator.model import Section
from aggregator.query import Texts, Words
from aggregator.tag.clues import BODY

ENOUGH = 3  # points of two hints at least: in the title it is two points, at the beginning of the text another
AHEAD = 2  # times as many as the next section has
SHOWN = 4  # hints that are named as the reason


class Hints:
    """The hints of all sections over one item."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._of: dict[str, list[tuple[str, str]]] = defaultdict(list)  # a form -> sections, with the hint
        for section in sections:
            for hint in section.hints:
                for form in frozenset[str]().union(*Words(hint).forms[:1]):
                    self._of[form].append((section.id, hint))

    def found(self, texts: Texts) -> tuple[str, str] | None:
        """Return the section that has most hints by far, with the words."""
        if not self._of:
            return None
        said: dict[str, dict[str, int]] = defaultdict(dict)  # section -> hint -> points
        for keys, points in ((texts["text"].keys[:BODY], 1), (texts["title"].keys, 2)):
            for key in self._of.keys() & set(keys):
                for section, hint in self._of[key]:
                    said[section][hint] = said[section].get(hint, 0) | points
        if not said:
            return None
        total = {section: sum(hints.values()) for section, hints in said.items()}
        first, *others = sorted(total, key=lambda section: (-total[section], section))
        if total[first] < ENOUGH or len(said[first]) == 1 or (others and total[first] < AHEAD * total[others[0]]):
            return None
        strongest = sorted(said[first], key=lambda hint: (-said[first][hint], hint))[:SHOWN]
        return first, ", ".join(f"«{hint}»" for hint in strongest)
