"""What changes for readers of stories when other rules have grouped the same items.

In:    the story of each item before and after; a lone item's is its own key.
Out:   which items move, which stories part, which come together.
Never: decides which of the two is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Between two ways to group the same items."""

    moved: tuple[str, ...]  # keys of items whose story has another name
    split: Mapping[str, Sequence[str]]  # a former story -> those that its items are in now, where they are several
    merged: Mapping[str, Sequence[str]]  # a story -> the former ones that its items come from, where they are several


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """Return what is otherwise after than before. Both hold the same keys."""
    return Difference(
        moved=tuple(key for key, story in before.items() if after[key] != story),
        split=_several((story, after[key]) for key, story in before.items()),
        merged=_several((after[key], story) for key, story in before.items()),
    )


def _several(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for one, other in pairs:
        found[one][other] = None
    return {one: list(others) for one, others in found.items() if len(others) > 1}
