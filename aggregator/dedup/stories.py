"""Which story is an article of? One event told by several outlets, found as the articles come.

In:    articles in the order of their arrival; what was decided before, after a restart.
Out:   memberships with their evidence.
Never: merges an outlet with itself, takes an article from the story it is in, or forgets why it put it there.

An article joins the story of the article it is most like, if that is likely enough, and if at least half of the story's
others are not unlike it: so no chain of neighbours leads from one event to another. What came long ago must be more alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator import text
from aggregator.dedup.background import Background
from aggregator.dedup.gist import READ, gist_of
from aggregator.dedup.likeness import RULE, SISTERS, Likeness, Weighed, likeness, weigh
from aggregator.dedup.roots import root
from aggregator.dedup.series import issue_of, names_a_series
from aggregator.dedup.window import Told, Window
from aggregator.model import Membership

JOINS = 0.6  # the least likelihood: a wrong merge hides news, a missed one repeats it
FOREIGN = 0.8  # between languages whose words do not meet: only names and numbers speak
AGAIN = 0.8  # for another article of an outlet that is in the story already
COUNCIL = 8  # members of a story that are asked: its first and its newest
STANDS = 0.3  # the least likelihood with half of them
FADES = 0.1  # of likelihood, for each day between two articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An item as stories see it."""

    key: str
    source: str
    title: str  # plain
    body: str  # plain
    tongue: str = ""  # "ru", "uk" ...
    at: datetime  # published, and not after seen_at
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class _Bid:
    """A story that an article may join."""

    story: str
    of: Told  # its member that is most like the article
    likeness: Likeness
    council: float  # mean likelihood with those asked

    @property
    def worth(self) -> tuple[float, str]:
        return self.likeness.score + self.council, self.story


@dataclass(slots=True)
class Stories:
    """The stories of the last days. Two of them that are given the same articles in the same order are equal."""

    background: Background = field(default_factory=Background)
    _window: Window = field(default_factory=Window)
    _story_of: dict[str, str] = field(default_factory=dict)  # key of an article -> story
    _members: dict[str, list[str]] = field(default_factory=dict)

    def recall(self, article: Article, story: str | None) -> None:
        """Take in an article of which was decided before."""
        self._window.add(_told(article), gist_of(article.title, article.body, article.tongue))
        if story:
            self._join(article.key, story)

    def place(self, article: Article) -> tuple[Membership, ...]:
        """Decide on a new article; return the memberships it brings, none if it is alone."""
        gist, told = gist_of(article.title, article.body, article.tongue), _told(article)
        self.background.learn(gist.places)
        weighed = weigh(gist, self.background)
        bid = None if self._window.is_serial(told) else self._best(told, weighed)
        self._window.add(told, gist)
        if bid is None:
            return ()
        mine = _membership(article, bid)
        if bid.story in self._members:
            self._join(article.key, bid.story)
            return (mine,)
        self._join(bid.story, bid.story)
        self._join(article.key, bid.story)
        first = Membership(story=bid.story, item=bid.story, of=bid.story, method="first", score=1.0, evidence="", rule=RULE)
        return (first, mine)

    def _join(self, key: str, story: str) -> None:
        self._story_of[key] = story
        self._members.setdefault(story, []).append(key)

    def _best(self, told: Told, weighed: Weighed) -> _Bid | None:
        likes = {near.key: (near, self._like(told, weighed, near)) for near in self._window.like(weighed)}
        likes = {key: one for key, one in likes.items() if not self._window.is_serial(one[0])}
        by_story: dict[str, list[tuple[Told, Likeness]]] = defaultdict(list)
        for key, one in likes.items():
            by_story[self._story_of.get(key, key)].append(one)
        bids = (self._bid(told, weighed, story, near, likes) for story, near in by_story.items())
        return max((bid for bid in bids if bid), key=lambda bid: bid.worth, default=None)

    def _bid(
        self,
        told: Told,
        weighed: Weighed,
        story: str,
        near: Sequence[tuple[Told, Likeness]],
        known: Mapping[str, tuple[Told, Likeness]],
    ) -> _Bid | None:
        others = [one for one in near if one[0].source != told.source]
        if not others:
            return None
        of, best = max(others, key=lambda one: (one[1].score, one[0].key))
        members = self._members.get(story, [story])
        asked = [one for one in (members[0], *members[1:][-(COUNCIL - 1) :]) if one in self._window]
        sources = {one.source for key in members if (one := self._window.told(key))}
        if best.score < (AGAIN if told.source in sources else JOINS):
            return None
        scores = [known[key][1].score if key in known else self._compare(told, weighed, key).score for key in asked]
        if 2 * sum(score >= STANDS for score in scores) < len(scores):
            return None
        return _Bid(story, of, best, sum(scores) / max(len(scores), 1))

    def _compare(self, told: Told, weighed: Weighed, key: str) -> Likeness:
        other = self._window.told(key)
        return self._like(told, weighed, other) if other else Likeness(score=0.0, shared=())

    def _like(self, told: Told, weighed: Weighed, other: Told) -> Likeness:
        """Return how likely two articles tell of one event, the time between them counted."""
        gist = self._window.gist(other.key)
        found = likeness(weighed, weigh(gist, self.background))
        tongues = {weighed.gist.tongue, gist.tongue}
        score = found.score - FADES * (abs(told.at - other.at) / timedelta(days=1))
        if len(tongues) > 1 and not tongues <= SISTERS:
            score -= FOREIGN - JOINS
        return Likeness(score=max(score, 0.0), shared=found.shared)


def _told(article: Article) -> Told:
    return Told(
        key=article.key,
        source=article.source,
        at=article.at,
        seen_at=article.seen_at,
        issue=issue_of(article.title),
        serial=names_a_series(article.title),
    )


def _membership(article: Article, bid: _Bid) -> Membership:
    return Membership(
        story=bid.story,
        item=article.key,
        of=bid.of.key,
        method="alike",
        score=round(bid.likeness.score, 3),
        evidence=" ".join(spelled(article, bid.likeness.shared)),
        rule=RULE,
    )


def spelled(article: Article, roots: Iterable[str]) -> list[str]:
    """Return roots as the words that an article has for them."""
    words: dict[str, str] = {}
    for token in text.tokens(f"{article.title} {article.body[:READ]}"):
        words.setdefault(root(token), token)
    return [words[one] for one in roots if one in words]
