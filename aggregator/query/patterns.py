"""Many regular expressions over one text at about the cost of one.

In:    the regular expressions of all queries, once; then one visible text after another.
Out:   those that may match a text: the letters that they cannot do without are there.
Never: decides; who is found is asked singly.

One automaton looks for the letters that any of them cannot do without (Google's FilteredRE2). One automaton for the
expressions themselves (RE2::Set) is as quick where they are simple, but forty times slower over texts once they hold
gaps as `.{0,40}`, and then wants 64 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aggregator.query.values import Pattern, as_searched

_PROBE = "\ue000\ue001"  # private letters; an automaton that finds not even them has run out of memory


class Patterns:
    """All regular expressions that are asked about one place of items."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = list(dict.fromkeys(patterns))
        self._filter = _filter(self._patterns)

    def found(self, seen: str) -> list[Pattern]:
        """Return those that may match a visible text: all where one automaton cannot hold them."""
        if self._filter is None:
            return self._patterns
        return [self._patterns[at] for at in self._filter.Match(as_searched(seen), potential=True) or ()]


def _filter(patterns: Sequence[Pattern]) -> Any:
    import re2

    together = re2.Filter()
    try:
        for pattern in patterns:
            together.Add(pattern.searched, pattern.options())
        probe = together.Add(_PROBE)
        together.Compile()
    except re2.error:
        return None
    return together if probe in (together.Match(_PROBE) or ()) else None
