"""The fields of the query language: each one class with its sentence, its options, its example and its work.

In:    the name of a field.
Out:   its class; FIELDS, from which the reference is printed. Here stand the fields that look at what the configuration
       or we ourselves say of an item; those that look at its words are in said.py.
Never: reads query text (grammar.py) or YAML (nested.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from aggregator.errors import QueryError
from aggregator.query.clause import Clause
from aggregator.query.said import AtUrl, ByAuthor, HasWords, InCategory, LeadSays, TextSays, TitleSays
from aggregator.query.subject import PLACES, Match, PlaceName, Subject
from aggregator.query.values import Age, Lang, Name, Raw, Sure, spoken


@dataclass(frozen=True, slots=True)
class InSection(Clause[Sure]):
    """Items in one of these sections or in a section that is part of it."""

    name = "section"
    example = "section:donbas~0.7,world"
    options = ("~0.7 asks for at least that confidence, from 0 to 1",)

    @classmethod
    def value_of(cls, raw: Raw) -> Sure:
        """Read `donbas~0.7`."""
        return Sure.read(raw)

    def names(self) -> Iterable[Name]:
        """The sections."""
        return [value.name for value in self.values]

    def matches(self, subject: Subject) -> Match | None:
        """By the tags of the item, which hold the parents of its sections too."""
        for value in self.values:
            for tag in subject.facts.sections:
                if tag.section == value.name.value and tag.confidence >= value.least:
                    return Match(f"section {tag.section} {tag.confidence:.2g} ({tag.why})")
        return None


@dataclass(frozen=True, slots=True)
class _Named(Clause[Name]):
    """A clause of names."""

    @classmethod
    def value_of(cls, raw: Raw) -> Name:
        """Read a name."""
        return Name.read(raw, cls.name)

    def names(self) -> Iterable[Name]:
        """All its values."""
        return self.values


@dataclass(frozen=True, slots=True)
class FromSource(_Named):
    """Items of one of these sources."""

    name = "source"
    example = "source:interfax,ostrov"

    def matches(self, subject: Subject) -> Match | None:
        """By the id of the source."""
        source = subject.facts.source
        return Match(f"source {source}") if any(name.value == source for name in self.values) else None


@dataclass(frozen=True, slots=True)
class FromGroup(_Named):
    """Items of a source that belongs to one of these groups."""

    name = "group"
    example = "group:wire"

    def matches(self, subject: Subject) -> Match | None:
        """By the groups of the source."""
        found = next((name.value for name in self.values if name.value in subject.facts.groups), None)
        return Match(f"group {found}") if found else None


@dataclass(frozen=True, slots=True)
class ByRule(_Named):
    """Items that match one of these saved rules."""

    name = "rule"
    example = "rule:shelling"

    def matches(self, subject: Subject) -> Match | None:
        """Each rule is decided once for an item, however many queries ask."""
        for name in self.values:
            if match := subject.rule(name.value):
                return Match(f"rule {name.value} ({match.why})")
        return None


@dataclass(frozen=True, slots=True)
class InLanguage(Clause[Lang]):
    """Items in one of these languages, as we see it."""

    name = "lang"
    example = "lang:ru,uk"
    options = ("two or three letters (ISO 639): ru, uk, en",)

    @classmethod
    def value_of(cls, raw: Raw) -> Lang:
        """Read `uk`."""
        return Lang.read(raw)

    def matches(self, subject: Subject) -> Match | None:
        """By the base language."""
        base = (subject.facts.language or "").partition("-")[0].lower()
        return Match(f"lang {base}") if any(value.code == base for value in self.values) else None


@dataclass(frozen=True, slots=True)
class OfAge(Clause[Age]):
    """Items that are older or younger than this."""

    name = "age"
    example = "age:>12h"
    options = ("one of > >= < <=, a number, and m, h, d or w", "takes one value; join two by `and`")

    @classmethod
    def value_of(cls, raw: Raw) -> Age:
        """Read `>12h`."""
        return Age.read(raw)

    @classmethod
    def values_of(cls, raws: Sequence[Raw]) -> tuple[Age, ...]:
        """Read the one bound; "older than this or younger than that" would hold for everything."""
        if len(raws) > 1:
            raise QueryError("age: takes one value; join two by `and`", column=raws[1].column)
        return (cls.value_of(raws[0]),)

    def matches(self, subject: Subject) -> Match | None:
        """By the age since the item's sort_at."""
        if not self.values[0].holds(subject.facts.age):
            return None
        hours = round(subject.facts.age.total_seconds() / 3600, 1)
        return Match(f"age {hours:g}h {self.values[0].sign} {spoken(self.values[0].span)}")


FIELDS: MappingProxyType[str, type[Clause[Any]]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *(InSection, FromSource, FromGroup, InLanguage, TitleSays, LeadSays, TextSays, HasWords),
            *(ByAuthor, InCategory, AtUrl, OfAge, ByRule),
        )
    }
)


def field_named(name: str, column: int) -> type[Clause[Any]]:
    """Return the field of this name, or raise with what was probably meant."""
    field = FIELDS.get(name.lower())
    if field is None:
        near = get_close_matches(name.lower(), FIELDS, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Fields are {', '.join(FIELDS)}."
        raise QueryError(f'no field is named "{name}".', column=column, hint=hint)
    return field


def places_named(names: Iterable[tuple[str, int]]) -> tuple[PlaceName, ...]:
    """Return the places of these names, in their usual order, each once. Each name stands with its column."""
    said = set()
    for name, column in names:
        if name.lower() not in PLACES:
            raise QueryError(f'"in:" takes title, lead and text, not "{name}"', column=column)
        said.add(name.lower())
    return tuple(place for place in PLACES if place in said)
