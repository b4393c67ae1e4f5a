"""Document: what stood in one YAML file, where each thing stood, and how to speak of it in a sentence.

In:    what read.py found.
Out:   mistakes with file, line, column and the path of keys.
Never: reads files, or knows which keys there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aggregator.errors import Mistake

Trail = tuple[str | int, ...]  # keys and list indexes from the top of a file down to a value

# What no XML document may hold (XML 1.0, section 2.2), and therefore no feed that carries a title of ours.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Line and column, from 1."""

    line: int = 1
    column: int = 1


@dataclass(slots=True, kw_only=True)
class Document:
    """What stood in one file. `value` is empty where the file could not be read; `mistakes` says why."""

    file: str
    value: Any = field(default_factory=dict)
    found: bool = True  # the file exists
    readable: bool = True  # what stands in `value` is all that stands in the file
    keys: dict[Trail, Place] = field(default_factory=dict)
    values: dict[Trail, Place] = field(default_factory=dict)
    written: Mapping[Trail, str] = field(default_factory=dict)  # values with ${...}, as written, before it was replaced
    beside: list[Path] = field(default_factory=list)  # files that ${file:...} names
    mistakes: list[Mistake] = field(default_factory=list)
    blamed: set[tuple[Place, str]] = field(default_factory=set)  # places and paths that have theirs

    def nearest(self, trail: Trail) -> Trail:
        """Return the part of the trail that really stands in the file."""
        while trail and trail not in self.values:
            trail = trail[:-1]
        return trail

    def at(self, trail: Trail) -> Any:
        """Return what stands at a trail that stands in the file."""
        value = self.value
        for step in trail:
            value = value[step]
        return value

    def place(self, trail: Trail, *, at_key: bool = False) -> Place:
        """Return where a value or its key stands, or what surrounds it."""
        stands = self.nearest(trail)
        return (self.keys if at_key else self.values).get(stands) or self.values.get(stands, Place())

    def blame(self, trail: Trail, problem: str, hint: str = "", *, at_key: bool = False, more: str = "") -> None:
        """Keep a mistake at a value, or at its key. more: goes behind the path ("column 6").

        The first one at a place is kept: a second one follows from it.
        """
        place = self.place(trail, at_key=at_key)
        path = ", ".join(filter(None, (spell(trail), more)))
        if (place, path) not in self.blamed:
            self.blamed.add((place, path))
            self.mistakes.append(self.mistake(place, path, problem, hint))

    def mistake(self, place: Place, path: str, problem: str, hint: str = "") -> Mistake:
        """Return a mistake of this file."""
        return Mistake(file=self.file, line=place.line, column=place.column, path=path, problem=problem, hint=hint)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names under a top-level key, whether or not what they name is right."""
        under = self.value.get(kind) if isinstance(self.value, dict) else None
        return tuple(under) if isinstance(under, dict) else ()


def spell(trail: Trail) -> str:
    """Return `sources.ostrov.map`; a place in a list is `groups.wire.sources, item 2`."""
    spelt = ""
    for step in trail:
        if isinstance(step, int):
            spelt += f", item {step + 1}"
        else:
            name = step if step.isprintable() else json.dumps(step, ensure_ascii=False)
            spelt += ("." if spelt else "") + _short(name)
    return spelt


def describe(value: object) -> str:
    """Return what a value is, for a sentence: `the text "ten"`, `a list`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {quote(value)}"
        case list():
            return "a list"
    return "keys and values"


def quote(text: str) -> str:
    """Return the text in quotes, on one line, not longer than a line allows."""
    return json.dumps(_short(text), ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004  a sentence stays one line
