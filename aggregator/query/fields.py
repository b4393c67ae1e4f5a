"""The fields of the query language: each one class with its sentence, its options, its example and its work.

In:    the values that stand behind a field's colon, and a Subject.
Out:   a clause; FIELDS, from which the reference is printed.
Never: reads query text (grammar.py) or YAML (nested.py).

A clause matches when any of its values does. The first paragraph of a class's docstring is its sentence for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Self, TypeVar

from aggregator import text
from aggregator.errors import QueryError
from aggregator.query.subject import PLACES, Match, Place, PlaceName, Subject
from aggregator.query.values import Age, Lang, Name, Pattern, Phrase, Raw, Sure, Words, spoken

Value = Sure | Name | Lang | Phrase | Words | Pattern | Age
V = TypeVar("V", bound=Value)

USUAL: tuple[PlaceName, ...] = ("title", "text")  # where words are looked for unless `in:` says otherwise
_IN = "in:title,lead,text behind it says where to look; without it in title and text"
_REGEX = "/…/ is a regular expression, /…/i one that ignores case"


@dataclass(frozen=True, slots=True)
class Clause(Generic[V]):
    """A field and its values."""

    values: tuple[V, ...]

    name: ClassVar[str]
    example: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def sentence(cls) -> str:
        """Return what the field does, for the reference."""
        return " ".join((cls.__doc__ or "").split("\n\n")[0].split())

    @classmethod
    def read(cls, raws: Sequence[Raw], places: tuple[PlaceName, ...] | None, column: int) -> Self:
        """Return the clause of these values. places: what `in:` says, if it stands there (at this column)."""
        if places is not None:
            raise QueryError(f'"in:" limits words: and text:, not {cls.name}:', column=column)
        return cls(cls.values_of(raws))

    @classmethod
    def values_of(cls, raws: Sequence[Raw]) -> tuple[V, ...]:
        """Return the values read, each once."""
        return tuple(dict.fromkeys(cls.value_of(raw) for raw in raws))

    @classmethod
    def value_of(cls, raw: Raw) -> V:
        """Return one value read, or raise the QueryError that says what is wrong with it."""
        raise NotImplementedError

    @property
    def where(self) -> tuple[PlaceName, ...]:
        """What `in:` has to say when the clause is written down."""
        return ()

    def names(self) -> Iterable[Name]:
        """Return what it refers to in the configuration."""
        return ()

    def matches(self, subject: Subject) -> Match | None:
        """Return the reason why the item matches, or None."""
        raise NotImplementedError


# --- what the configuration says of an item -----------------------------------------------------------------------


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


# --- what the item says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said(Clause[Phrase | Pattern]):
    """A clause of phrases and regular expressions."""

    @classmethod
    def value_of(cls, raw: Raw) -> Phrase | Pattern:
        """Read a phrase or a regular expression."""
        return Pattern.read(raw) if raw.kind == "regex" else Phrase.read(raw)


@dataclass(frozen=True, slots=True)
class _Whole(_Said):
    """A clause whose phrases are looked for as whole words in a place of the item."""

    @classmethod
    def value_of(cls, raw: Raw) -> Phrase | Pattern:
        """Read a phrase that has a word, or a regular expression."""
        value = _Said.value_of(raw)
        if isinstance(value, Phrase) and not value.tokens:
            raise QueryError(f'there is no word in "{raw.text}"', column=raw.column)
        return value

    def _in(self, place: Place) -> Match | None:
        for value in self.values:
            if isinstance(value, Pattern):
                if found := value.search(place.seen):
                    return Match(f"{value.text} in {place.quote(*found.span())}")
            elif (token := place.find_phrase(value.tokens)) is not None:
                return Match(f'"{value.said}" in {place.quote_token(token)}')
        return None


@dataclass(frozen=True, slots=True)
class TitleSays(_Whole):
    """Items whose title has these words as they stand; case and ё/е do not matter."""

    name = "title"
    example = 'title:"обзор СМИ",/реклама|партн[её]рский/i'
    options = (_REGEX,)

    def matches(self, subject: Subject) -> Match | None:
        """In the title."""
        return self._in(subject.texts["title"])


@dataclass(frozen=True, slots=True)
class LeadSays(_Whole):
    """Items whose lead has these words as they stand: the summary, or the beginning of the content."""

    name = "lead"
    example = 'lead:"по предварительным данным"'
    options = (_REGEX,)

    def matches(self, subject: Subject) -> Match | None:
        """In the lead."""
        return self._in(subject.texts["lead"])


@dataclass(frozen=True, slots=True)
class TextSays(_Whole):
    """Items that have these words as they stand; case and ё/е do not matter."""

    name = "text"
    example = 'text:"со ссылкой на" in:lead,text'
    options = (_REGEX, _IN)

    places: tuple[PlaceName, ...] = USUAL

    @classmethod
    def read(cls, raws: Sequence[Raw], places: tuple[PlaceName, ...] | None, column: int) -> Self:  # noqa: ARG003
        """Any place is right here."""
        return cls(cls.values_of(raws), places or USUAL)

    @property
    def where(self) -> tuple[PlaceName, ...]:
        """The places, where they are not the usual."""
        return self.places if self.places != USUAL else ()

    def matches(self, subject: Subject) -> Match | None:
        """In the places, one after another."""
        return next((match for place in self.places if (match := self._in(subject.texts[place]))), None)


@dataclass(frozen=True, slots=True)
class HasWords(Clause[Words]):
    """Items that have one of these words in any inflected form; words in quotes stand one behind another.

    A place name finds its adjective too: Донецк also «донецкого». This is what a bare word of a search means.
    """

    name = "words"
    example = 'words:(обстрел, обстріл, "ракетный удар") in:title,lead'
    options = (_IN,)

    places: tuple[PlaceName, ...] = USUAL
    needs: frozenset[str] = field(init=False, compare=False, repr=False)  # no match without one of these keys

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", frozenset().union(*(value.forms[0] for value in self.values)))

    @classmethod
    def value_of(cls, raw: Raw) -> Words:
        """Read a word or several."""
        return Words.read(raw)

    @classmethod
    def read(cls, raws: Sequence[Raw], places: tuple[PlaceName, ...] | None, column: int) -> Self:  # noqa: ARG003
        """Any place is right here."""
        return cls(cls.values_of(raws), places or USUAL)

    @property
    def where(self) -> tuple[PlaceName, ...]:
        """The places, where they are not the usual."""
        return self.places if self.places != USUAL else ()

    def matches(self, subject: Subject) -> Match | None:
        """In the places, one after another; a place without any of the words is passed by at once."""
        for place in map(subject.texts.__getitem__, self.places):
            if place.vocabulary.isdisjoint(self.needs):
                continue
            for value in self.values:
                if found := place.find_words(value.forms):
                    return Match(f'{value.kind} "{value.said}" in {place.quote_token(found[0])}')
        return None


@dataclass(frozen=True, slots=True)
class ByAuthor(_Said):
    """Items one of whose authors has this in the name."""

    name = "author"
    example = "author:Коваленко"
    options = (_REGEX,)

    def matches(self, subject: Subject) -> Match | None:
        """By the names of the authors."""
        return _containing(self.values, "author", (author.name for author in subject.facts.item.authors))


@dataclass(frozen=True, slots=True)
class AtUrl(_Said):
    """Items whose link has this in it."""

    name = "url"
    example = "url:example.org/politics"
    options = (_REGEX,)

    def matches(self, subject: Subject) -> Match | None:
        """By the link as published."""
        return _containing(self.values, "url", filter(None, [subject.facts.item.link]))


@dataclass(frozen=True, slots=True)
class InCategory(_Said):
    """Items that their publisher put into this category; case and ё/е do not matter, the rest must be equal."""

    name = "category"
    example = "category:Срочно"
    options = (_REGEX,)

    def matches(self, subject: Subject) -> Match | None:
        """By the term and the label of each category."""
        categories = subject.facts.item.categories
        said = dict.fromkeys(name for category in categories for name in (category.term, category.label) if name)
        for value in self.values:
            for name in said:
                if value.search(text.visible(name)) if isinstance(value, Pattern) else value.folded == text.fold(name):
                    return Match(f"category «{name}»")
        return None


def _containing(values: Iterable[Phrase | Pattern], what: str, names: Iterable[str]) -> Match | None:
    found = list(names)
    for value in values:
        for name in found:
            if value.search(text.visible(name)) if isinstance(value, Pattern) else value.folded in text.fold(name):
                return Match(f"{what} «{text.shorten(name, 120)}»")
    return None


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
