"""Which story is an article of? One event told by several outlets, found as the articles come.

In:    articles in the order of their arrival; what was decided before, after a restart.
Out:   memberships with their evidence.
Never: merges an outlet with itself, takes an article from the story it is in, or forgets why it put it there.

An article joins the story of the article it is most like, if that is likely enough, and if at least half of the story's
others are not unlike it: so no chain of neighbours leads from one event to another. What came long ago must be more alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator import text
from aggregator.dedup.background import Background
from aggregator.dedup.copies import Print, same_text, same_title
from aggregator.dedup.fingerprint import fingerprint
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


class Groups:
    """Who belongs together: groups of articles by the key of the one that founded each."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}

    def of(self, key: str) -> str:
        """Return the group of an article; a lone one's own key, the name that its group would get."""
        return self._of.get(key, key)

    def members(self, group: str) -> Sequence[str]:
        """Return the keys of a group in the order in which they came; a lone article is one of its own."""
        return self._members.get(group, [group])

    def join(self, key: str, group: str) -> bool:
        """Put an article into a group; whether that founded it."""
        founded = group not in self._members
        if founded:
            self._of[group], self._members[group] = group, [group]
        if key != group:
            self._of[key] = group
            self._members[group].append(key)
        return founded


@dataclass(slots=True)
class Stories:
    """The copies and stories of the last days. Two that are given the same articles in the same order are equal."""

    background: Background = field(default_factory=Background)
    stories: Groups = field(default_factory=Groups)
    copies: Groups = field(default_factory=Groups)
    _window: Window = field(default_factory=Window)

    def __contains__(self, key: str) -> bool:
        return key in self._window

    def recall(self, article: Article, *, story: str | None, copy: str | None) -> None:
        """Take in an article of which was decided before: the story and the group of copies that it is in."""
        self._window.add(_told(article), gist_of(article.title, article.body, article.tongue), fingerprint(article.body))
        for groups, group in ((self.stories, story), (self.copies, copy)):
            if group:
                groups.join(article.key, group)

    def place(self, article: Article, twin: Membership | None = None) -> tuple[Membership, ...]:
        """Decide on a new article; return the memberships it brings, none if it is alone.

        twin  the copy it is at the address of another article, where that was found
        """
        gist, told = gist_of(article.title, article.body, article.tongue), _told(article)
        text_print = fingerprint(article.body)
        self.background.learn(gist.places)
        weighed = weigh(gist, self.background)
        near = self._window.like(weighed)
        copy = twin or self._copy(article, Print(title=told.issue, text=text_print), near)
        if copy:
            found = (copy, replace(copy, kind="story", story=self.stories.of(copy.of)))
        else:
            bid = None if self._window.is_serial(told) else self._best(told, weighed, near)
            found = (_membership(article, bid),) if bid else ()
        self._window.add(told, gist, text_print)
        return tuple(self._joined(found))

    def _joined(self, found: Iterable[Membership]) -> Iterator[Membership]:
        for member in found:
            groups = self.stories if member.kind == "story" else self.copies
            if groups.join(member.item, member.story):
                yield replace(member, item=member.story, of=member.story, method="first", score=1.0, evidence="")
            yield member

    def _copy(self, article: Article, mine: Print, near: Sequence[Told]) -> Membership | None:
        """Return the article's place beside the one whose text it has, if there is one.

        An outlet that has the same text under other titles uses it as a form, and then it proves nothing.
        """
        likes = [(same_text(mine, theirs), other, theirs) for other in near if (theirs := self._window.print(other))]
        if any(sure and other.source == article.source and not same_title(mine, theirs) for sure, other, theirs in likes):
            return None
        sure, of, _ = max(
            (one for one in likes if one[1].source != article.source),
            key=lambda one: (one[0], one[1].key),
            default=(0.0, None, None),
        )
        if not sure or of is None:
            return None
        return Membership(
            kind="copy",
            story=self.copies.of(of.key),
            item=article.key,
            of=of.key,
            method="same-text",
            score=round(sure, 3),
            evidence=f"{sure:.0%} of {len(mine.text)} runs of three words",
            rule=RULE,
        )

    def _best(self, told: Told, weighed: Weighed, near: Sequence[Told]) -> _Bid | None:
        likes = {
            other.key: (other, self._like(told, weighed, other)) for other in near if not self._window.is_serial(other)
        }
        by_story: dict[str, list[tuple[Told, Likeness]]] = defaultdict(list)
        for key, one in likes.items():
            by_story[self.stories.of(key)].append(one)
        bids = (self._bid(told, weighed, story, alike, likes) for story, alike in by_story.items())
        return max((bid for bid in bids if bid), key=lambda bid: bid.worth, default=None)

    def _bid(
        self,
        told: Told,
        weighed: Weighed,
        story: str,
        alike: Sequence[tuple[Told, Likeness]],
        known: Mapping[str, tuple[Told, Likeness]],
    ) -> _Bid | None:
        others = [one for one in alike if one[0].source != told.source]
        if not others:
            return None
        of, best = max(others, key=lambda one: (one[1].score, one[0].key))
        members = self.stories.members(story)
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
        kind="story",
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
