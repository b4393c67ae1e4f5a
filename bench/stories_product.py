"""What the product itself says: its own code places the articles of a pair, and those of a stream.

In:    pairs, a stream; other weights than the shipped ones.
Out:   for each pair whether it is one story; the memberships of a stream.
Never: decides by a copy of a rule.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aggregator.dedup.stories import Article, Stories
from aggregator.model import Membership
from bench.stories_learn import Learner, learned
from bench.stories_sets import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the product decided about a stream."""

    seconds: float  # of one core
    memberships: Sequence[Membership]

    def groups(self, kind: str) -> dict[str, str]:
        """Return the group of each article that is in one. kind: "story", "copy"."""
        return {one.item: one.story for one in self.memberships if one.kind == kind}

    def merges(self, kind: str) -> list[Membership]:
        """Return the memberships that joined an article to another."""
        return [one for one in self.memberships if one.kind == kind and one.method != "first"]


def shipped(judged: Iterable[Pair]) -> list[bool]:
    """Return for each pair whether its two articles would stand in one story."""
    return [one_story(pair) for pair in judged]


def one_story(pair: Pair) -> bool:
    """Let the product place the two articles, the earlier one first, in a newsroom that has seen no others.

    Each stands for a source of its own: an outlet's two languages are two feeds, and of pairs no feed is known.
    """
    stories = Stories()
    ordered = sorted((pair.first, pair.second), key=lambda article: article.at)
    for number, article in enumerate(ordered):
        found = stories.place(replace(article, key=f"{number}", source=f"{number}"))
    return bool(found)


def cross_validated(learner: Learner) -> list[bool]:
    """Return for each pair what the product would say with weights from all events but the pair's."""
    said = [False] * len(learner.judged)
    for weights, places in learner.folds():
        with learned(weights):
            for place in places:
                said[place] = one_story(learner.judged[place])
    return said


def replayed(articles: Iterable[Article]) -> Replay:
    """Let the product place the articles of a stream in the order in which they come."""
    stories, memberships = Stories(), list[Membership]()
    begun = time.process_time()
    for article in articles:
        memberships += stories.place(article)
    return Replay(seconds=time.process_time() - begun, memberships=memberships)
