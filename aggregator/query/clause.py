"""Clause: what all fields of the query language have in common.

In:    the values that stand behind a field's colon.
Out:   a frozen clause that can be asked about a Subject, spelled, and searched for names.
Never: knows one field from another.

A clause matches when any of its values does. The first paragraph of a field's docstring is its sentence for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

from aggregator.errors import QueryError
from aggregator.query.subject import Match, PlaceName, Subject
from aggregator.query.values import Age, Bound, Lang, Media, Name, Pattern, Phrase, Raw, Sure, Words

Value = Sure | Name | Lang | Phrase | Words | Pattern | Age | Bound | Media
V = TypeVar("V", bound=Value)


@dataclass(frozen=True, slots=True)
class Clause(Generic[V]):
    """A field and its values."""

    values: tuple[V, ...]

    name: ClassVar[str]
    example: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    pattern: ClassVar[str] = ""  # a regular expression for all of a value; "": any text
    single: ClassVar[bool] = False  # it takes one value

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
