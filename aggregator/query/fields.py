"""The fields of the query language: each one class with its sentence, its options, its example and its work.

In:    the name of a field.
Out:   its class; FIELDS, from which the reference is printed. Here stand the fields that look at what the configuration
       or we ourselves say of an item; those that look at its words are in said.py, at its files in enclosed.py, at what
       can be measured in measured.py.
Never: reads query text (grammar.py) or YAML (nested.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from aggregator.errors import QueryError
from aggregator.query.clause import Clause
from aggregator.query.enclosed import WithEnclosure
from aggregator.query.measured import OfAge, OfLength, ToldBy
from aggregator.query.said import AtUrl, ByAuthor, Credits, HasWords, InCategory, LeadSays, TextSays, TitleSays
from aggregator.query.subject import PLACES, Match, PlaceName, Subject
from aggregator.query.values import Lang, Name, Raw, Sure


@dataclass(frozen=True, slots=True)
class InSection(Clause[Sure]):
    """Items in one of these sections or in a section that is part of it."""

    name = "section"
    example = "section:donbas~0.7,world"
    options = ("~0.7 asks for at least that confidence, from 0 to 1",)
    pattern = Sure.pattern

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

    pattern = Name.pattern

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
class FromOwner(_Named):
    """Items of a source that one of these owns, as `owners:` says."""

    name = "owner"
    example = "owner:unian-group"

    def matches(self, subject: Subject) -> Match | None:
        """By the owner of the source."""
        owner = subject.facts.owner
        return Match(f"owner {owner}") if owner and any(name.value == owner for name in self.values) else None


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
    pattern = Lang.pattern

    @classmethod
    def value_of(cls, raw: Raw) -> Lang:
        """Read `uk`."""
        return Lang.read(raw)

    def matches(self, subject: Subject) -> Match | None:
        """By the base language."""
        base = (subject.facts.language or "").partition("-")[0].lower()
        return Match(f"lang {base}") if any(value.code == base for value in self.values) else None


FIELDS: MappingProxyType[str, type[Clause[Any]]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *(InSection, FromSource, FromGroup, FromOwner, InLanguage, TitleSays, LeadSays, TextSays, HasWords),
            *(ByAuthor, InCategory, AtUrl, Credits, WithEnclosure, OfAge, OfLength, ToldBy, ByRule),
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
