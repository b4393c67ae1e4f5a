"""The fields that measure an item: how old it is, how long, and how many outlets tell its story.

In:    a bound, and a Subject.
Out:   a Match that says the measure and the bound.
Never: measures anything that is not in the facts or the texts of the item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from aggregator.errors import QueryError
from aggregator.query.clause import Clause
from aggregator.query.subject import Match, Subject
from aggregator.query.values import Age, Bound, Raw, spoken

B = TypeVar("B", Age, Bound)
_ONE = "takes one value; join two by `and`"


@dataclass(frozen=True, slots=True)
class _Measured(Clause[B]):
    """A clause of one bound; "more than this or less than that" would hold for everything."""

    single = True

    @classmethod
    def values_of(cls, raws: Sequence[Raw]) -> tuple[B, ...]:
        """Read the one bound."""
        if len(raws) > 1:
            raise QueryError(f"{cls.name}: {_ONE}", column=raws[1].column)
        return (cls.value_of(raws[0]),)


@dataclass(frozen=True, slots=True)
class _Numbered(_Measured[Bound]):
    """A clause of a bound on a number."""

    pattern = Bound.pattern

    @classmethod
    def value_of(cls, raw: Raw) -> Bound:
        """Read `>=3`."""
        return Bound.read(raw)

    def _within(self, number: int) -> Match | None:
        bound = self.values[0]
        return Match(f"{self.name} {number} {bound.sign} {bound.limit}") if bound.holds(number) else None


@dataclass(frozen=True, slots=True)
class OfAge(_Measured[Age]):
    """Items that are older or younger than this when they are asked about.

    A topic asks when an item has come or was edited: what it lets in stays, however old it gets.
    """

    name = "age"
    example = "age:>12h"
    options = (
        "one of > >= < <=, a number, and m, h, d or w",
        _ONE,
        "a topic asks when an item has come or was edited; what is in it gets older and stays",
    )
    pattern = Age.pattern

    @classmethod
    def value_of(cls, raw: Raw) -> Age:
        """Read `>12h`."""
        return Age.read(raw)

    def matches(self, subject: Subject) -> Match | None:
        """By the age since the item's sort_at."""
        if not self.values[0].holds(subject.facts.age):
            return None
        hours = round(subject.facts.age.total_seconds() / 3600, 1)
        return Match(f"age {hours:g}h {self.values[0].sign} {spoken(self.values[0].limit)}")


@dataclass(frozen=True, slots=True)
class OfLength(_Numbered):
    """Items whose text is longer or shorter than this: in characters, without markup and without the title."""

    name = "length"
    example = "length:>2000"
    options = ("one of > >= < <= and a number", _ONE)

    def matches(self, subject: Subject) -> Match | None:
        """By what `text:` looks at."""
        return self._within(len(subject.texts["text"].raw))


@dataclass(frozen=True, slots=True)
class ToldBy(_Numbered):
    """Items whose story so many outlets tell independently: copies, one owner and one credited origin count once."""

    name = "outlets"
    example = "outlets:>=3"
    options = (
        "one of > >= < <= and a number",
        _ONE,
        "a topic asks when an item has come, and again whenever another outlet joins its story; what it let in stays",
        "private sources do not count",
    )

    def matches(self, subject: Subject) -> Match | None:
        """By how many tell it at this moment."""
        return self._within(subject.facts.outlets)
