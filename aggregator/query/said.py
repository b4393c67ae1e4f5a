"""The fields that look at what an item says: its words, authors, categories, link, and whom it cites.

In:    phrases, words and regular expressions, and a Subject.
Out:   a Match that names what was found and where.
Never: looks at what our configuration says of the item (fields.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from aggregator import text
from aggregator.errors import QueryError
from aggregator.query.clause import Clause, Need
from aggregator.query.subject import Match, Place, PlaceName, Subject
from aggregator.query.values import Pattern, Phrase, Raw, Words

USUAL: tuple[PlaceName, ...] = ("title", "text")  # where words are looked for unless `in:` says otherwise
_IN = "in:title,lead,text behind it says where to look; without it in title and text"
_REGEX = "/…/ is a regular expression, /…/i one that ignores case"


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

    def _needs(self, places: Sequence[PlaceName]) -> frozenset[Need]:
        """Of a phrase its longest word, which is likely its rarest."""
        phrases = frozenset(value.key for value in self.values if isinstance(value, Phrase))
        patterns = (value for value in self.values if isinstance(value, Pattern))
        return phrases.union((place, pattern) for pattern in patterns for place in places)

    def _in(self, place: Place) -> Match | None:
        for value in self.values:
            if isinstance(value, Pattern):
                if found := value.search(place.seen):
                    return Match(f"{value.text} in {place.quote(*found)}")
            elif (token := place.find_phrase(value.tokens)) is not None:
                return Match(f'"{value.said}" in {place.quote_token(token)}')
        return None


@dataclass(frozen=True, slots=True)
class TitleSays(_Whole):
    """Items whose title has these words as they stand; case and ё/е do not matter."""

    name = "title"
    example = 'title:"обзор СМИ",/реклама|партн[её]рский/i'
    options = (_REGEX,)

    def needs(self) -> frozenset[Need]:
        """In the title."""
        return self._needs(["title"])

    def matches(self, subject: Subject) -> Match | None:
        """In the title."""
        return self._in(subject.texts["title"])


@dataclass(frozen=True, slots=True)
class LeadSays(_Whole):
    """Items whose lead has these words as they stand: the summary, or the beginning of the content."""

    name = "lead"
    example = 'lead:"по предварительным данным"'
    options = (_REGEX,)

    def needs(self) -> frozenset[Need]:
        """In the lead."""
        return self._needs(["lead"])

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

    def needs(self) -> frozenset[Need]:
        """In any of the places."""
        return self._needs(self.places)

    def matches(self, subject: Subject) -> Match | None:
        """In the places, one after another."""
        return next((match for place in self.places if (match := self._in(subject.texts[place]))), None)


@dataclass(frozen=True, slots=True)
class HasWords(Clause[Words]):
    """Items that have one of these words in any inflected form; words in quotes stand one behind another.

    A place name that stands alone finds its adjective too: Донецк also «донецкого». This is what a bare word of a
    search means.
    """

    name = "words"
    example = 'words:(обстрел, обстріл, "ракетный удар") in:title,lead'
    options = (_IN,)

    places: tuple[PlaceName, ...] = USUAL
    # Which values need a key: an item has few of many values.
    _by_key: Mapping[str, list[int]] = field(init=False, compare=False, repr=False)
    _keys: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_key: dict[str, list[int]] = {}
        for at, value in enumerate(self.values):
            for key in value.rarest:
                by_key.setdefault(key, []).append(at)
        object.__setattr__(self, "_by_key", by_key)
        object.__setattr__(self, "_keys", frozenset(by_key))

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

    def needs(self) -> frozenset[Need]:
        """A form of one word of a value."""
        return self._keys

    def matches(self, subject: Subject) -> Match | None:
        """In the places, one after another; the first value that a place has."""
        asked = self._keys & subject.texts.vocabulary
        for place in map(subject.texts.__getitem__, self.places if asked else ()):
            there = asked & place.vocabulary
            for at in self._asked(there):
                value = self.values[at]
                if (token := place.find_first(value.forms, there)) is not None:
                    return Match(f'{value.kind} "{value.said}" in {place.quote_token(token)}')
        return None

    def _asked(self, there: frozenset[str]) -> Sequence[int]:
        """Return which values need one of these keys, in the order of the values."""
        if len(there) == 1:
            [key] = there
            return self._by_key[key]
        return sorted({at for key in there for at in self._by_key[key]})


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

    def needs(self) -> frozenset[Need] | None:
        """Expressions that match the link; a phrase may be part of a word."""
        patterns = [value for value in self.values if isinstance(value, Pattern)]
        return frozenset(("url", one) for one in patterns) if len(patterns) == len(self.values) else None

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


@dataclass(frozen=True, slots=True)
class Credits(Clause[Words]):
    """Items whose text names one of these as where its news is from («со ссылкой на ...»).

    Words of a name, for names are inflected and cut short: МИД is «МИД Беларуси», too. The id of a source, for an
    outlet has several names, and who polls it has one for it.
    """

    name = "credit"
    example = 'credit:interfax,"МИД Беларуси"'
    options = ("the id of a source, or words of the name of an outlet, agency or ministry in any inflected form",)

    @classmethod
    def value_of(cls, raw: Raw) -> Words:
        """Read a name."""
        return Words.read(raw)

    def matches(self, subject: Subject) -> Match | None:
        """By the beginning and the end of the text, where news say whose they are."""
        for value in self.values:
            name = text.fold(value.said)
            for cited in subject.facts.credits:
                if name in cited.names or Place("text", cited.outlet).find_words(value.forms):
                    return Match(f"credit «{cited.outlet}»")
        return None


def _containing(values: Iterable[Phrase | Pattern], what: str, names: Iterable[str]) -> Match | None:
    found = list(names)
    for value in values:
        for name in found:
            if value.search(text.visible(name)) if isinstance(value, Pattern) else value.folded in text.fold(name):
                return Match(f"{what} «{text.shorten(name, 120)}»")
    return None
