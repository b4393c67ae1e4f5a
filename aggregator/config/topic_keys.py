"""The keys of topics.yaml: each once, with its type and what it means.

In:    the plain value of a file.
Out:   the same as typed values.
Never: reads files, compares one key with another, or knows lines.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from aggregator.config.kinds import (
    Duration,
    Id,
    Keys,
    Language,
    Moment,
    Number,
    Query,
    Rate,
    SourceName,
    TopicName,
    Visibility,
    empty,
)
from aggregator.config.taxonomy import Section
from aggregator.model import Fold, Growth, Republish, Window


class Mute(Keys):
    """What enters no topic from now on, although it matches; what is in one stays."""

    match: Query = Field(description="A query: the items that are kept out.")
    until: Moment | None = Field(
        default=None,
        description="The last day, as 2026-12-31, or a moment; for ever if not said. UTC if no zone is said.",
    )


class TestItem(Keys):
    """An item as a topic's tests invent it. A text alone is its title."""

    title: str = Field(default="", description="Its title.")
    text: str = Field(default="", description="What stands under it.")
    link: str | None = Field(default=None, description="Its address.")
    author: str | None = Field(default=None, description="Its author.")
    categories: list[str] = Field(default_factory=list, description="What its publisher files it under.")
    source: SourceName | None = Field(default=None, description="The source that it comes from; any if not said.")
    age: Duration = Field(default=timedelta(0), description="How old it is; new if not said.")
    enclosure: str | None = Field(default=None, description="The type of a file that belongs to it, as audio/mpeg.")
    outlets: Number = Field(default=1, ge=1, le=1000, description="How many outlets tell its story independently.")


def _tested(value: object) -> object:
    return {"title": value} if isinstance(value, str) else value


TestedItem = Annotated[TestItem, BeforeValidator(_tested)]


class TopicTests(Keys):
    """What must enter a topic and what must not, asked by `aggregator check`."""

    in_: list[TestedItem] = Field(
        default_factory=list, alias="in", description="Items that must enter; a text is a title."
    )
    out: list[TestedItem] = Field(default_factory=list, description="Items that must not.")


class TopicWindow(Keys):
    """How much a feed shows: whichever of the two is more."""

    items: Number = Field(default=Window().items, ge=1, le=10_000, description="At least so many entries.")
    hours: Number = Field(default=Window().hours, ge=1, le=8760, description="All entries of at least so many hours.")


class TopicOutlets(Keys):
    """How many outlets must tell a story before it enters a topic."""

    at_least: Number = Field(default=1, ge=1, le=1000, description="So many.")
    count: Literal["independent", "all"] = Field(
        default="independent", description="independent: copies, one owner and one credited origin count once."
    )


class TopicExpect(Keys):
    """How many entries are expected; where it is otherwise, `status` and the health feed say so."""

    min: Rate | None = Field(default=None, description="At least so many: 5/day; an hour or a week may stand there.")
    max: Rate | None = Field(default=None, description="At most so many: 300/day.")


class Topic(Keys):
    """A feed that is published."""

    title: str | None = Field(default=None, description="Title of the feed; its id if not said.")
    description: str = Field(default="", description="One sentence about it.")
    language: Language | None = Field(default=None, description="BCP 47 tag of the feed.")
    match: Query = Field(description="A query: the items that are in it.")
    not_: Query = Field(default=None, alias="not", description="A query: items that are kept out although they match.")
    fold: Fold = Field(
        default="copy",
        description="What is one entry: `copy` the same article of several outlets, `story` all articles about one "
        "event, `none` nothing but itself.",
    )
    window: TopicWindow = Field(default_factory=TopicWindow, description="How much the feed shows.")
    backfill: Number = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Per source, so many old items enter it on first contact; and when the rules of the topic change, "
        "so many of those stored already that match now. Raised alone it lets nothing in.",
    )
    settle: Duration = Field(
        default=timedelta(0),
        le=timedelta(minutes=15),
        description="So long, 15m at most, a new story waits, so that its best outlet can give it its face.",
    )
    growth: Growth = Field(
        default="quiet",
        description="What becomes of an entry that more outlets tell: `quiet` its list grows, `off` it stays as it is, "
        "`loud` it is new again at `bump_at`.",
    )
    bump_at: list[Number] = Field(default=[3, 10], description="Numbers of outlets, for `growth: loud`.")
    after: list[TopicName] = Field(
        default_factory=list, description="Topics; what they have delivered already does not enter this one."
    )
    was: list[Id] = Field(
        default_factory=list,
        description="Ids that it had before: their addresses answer 301, and what readers were shown goes on.",
    )
    outlets: TopicOutlets = Field(
        default_factory=TopicOutlets, description="How many outlets must tell a story before it enters."
    )
    expect: TopicExpect = Field(
        default_factory=TopicExpect, description="How many entries are expected, so that one hears of a broken rule."
    )
    tests: TopicTests = Field(
        default_factory=TopicTests, description="Items that must enter and such that must not; `aggregator check` asks."
    )
    visibility: Visibility = Field(
        default="public", description="private: it is read at an address with a token only, and shows private sources."
    )
    republish: Republish | None = Field(
        default=None,
        description="So much of an article: `full`, `teaser` (300 characters) or `link`; full if not said where the "
        "topic is private or `public_url` is this machine, else teaser.",
    )


class Topics(Keys):
    """topics.yaml: sections, rules and topics."""

    sections: Annotated[dict[Id, Section], BeforeValidator(empty)] = Field(
        default_factory=dict, description="Our own sections by id."
    )
    rules: Annotated[dict[Id, Query], BeforeValidator(empty)] = Field(
        default_factory=dict, description="Queries with a name, for `rule:` in other queries."
    )
    mute: list[Mute] = Field(default_factory=list, description="What enters no topic, and until when.")
    topics: Annotated[dict[Id, Topic], BeforeValidator(empty)] = Field(
        default_factory=dict, description="The published feeds by id."
    )
