"""Which topics an item belongs to, and why.

In:    the topics and saved rules of the configuration, once; then the Facts of one item after another.
Out:   a Hit per topic, with one readable sentence; `explain` also for a topic that it is not in.
Never: checks names (the configuration did), decides what readers are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aggregator.model import Facts, Topic
from aggregator.query import Match, Subject, parse
from aggregator.tag.counted import Counted
from aggregator.tag.words import PatternIndex, WordIndex, needs


class Hit(NamedTuple):
    """An item belongs to a topic."""

    topic: str
    why: str


class Matcher:
    """All topics over one item."""

    def __init__(self, topics: Mapping[str, Topic], rules: Mapping[str, str]) -> None:
        self._rules = {name: parse(rule) for name, rule in rules.items()}
        self._match = {topic.id: parse(topic.match) for topic in topics.values()}
        self._not = {topic.id: parse(topic.not_) for topic in topics.values() if topic.not_}
        self.counted = Counted([*self._match.items(), *self._not.items()], self._rules)
        self._order = list(self._match)
        needed = (needs(query, self._rules) for query in self._match.values())
        self._index = WordIndex(enumerate(needed))  # of places in the order
        self._patterns = PatternIndex(self._index)

    def match(self, facts: Facts) -> list[Hit]:
        """Return the topics that the item belongs to, in the order of the configuration."""
        subject = Subject(facts, self._rules)
        touched = self._index.touched(subject.texts.vocabulary, self._patterns.found(subject))
        return [
            Hit(topic, match.why)
            for topic in map(self._order.__getitem__, sorted(touched))
            if (match := self._match[topic].matches(subject)) and not self._against(topic, subject)
        ]

    def explain(self, facts: Facts, topic: str) -> str:
        """Return why the item is in a topic, or why not: what kept it out, or the part of its query that failed."""
        subject = Subject(facts, self._rules)
        match = self._match[topic].matches(subject)
        if match is None:
            return f"no: {self._match[topic].refusal(subject)}"
        against = self._against(topic, subject)
        return f"no: kept out by {against.why}" if against else f"yes: {match.why}"

    def refusal(self, facts: Facts, topic: str) -> str:
        """Return the part of a topic's `match` or `not` that keeps an item out, in the query's words; "" if none."""
        subject = Subject(facts, self._rules)
        if self._match[topic].matches(subject) is None:
            return f"match: {self._match[topic].refusal(subject)}"
        return f"not: {self._not[topic].text}" if self._against(topic, subject) else ""

    def _against(self, topic: str, subject: Subject) -> Match | None:
        query = self._not.get(topic)
        return query.matches(subject) if query else None
