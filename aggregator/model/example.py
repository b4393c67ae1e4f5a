"""What sections are learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An item whose sections are known: by a rule, by its source, or because a person said so."""

    item: str  # its key
    language: str  # "": unknown
    sections: tuple[str, ...]  # none: a person said that it has none
    clues: Mapping[str, float] = field(hash=False)  # of its words and its address: tag.clues
    meaning: bytes = b""  # of its text: tag.meaning; none where no section is learned by it
    said: bool = False  # by a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What changed in what is learned."""

    reading: int  # the version of how clues are read
    learned: tuple[Example, ...] = ()
    forgotten: frozenset[str] = frozenset()  # items that are no examples any more
