"""Of which text is an article a copy, and of which event does it tell? Found as the articles come.

In:    articles in the order of their arrival; what was decided before, after a restart.
Out:   memberships with their evidence.
Never: merges an outlet with itself, takes an article from the story it is in, or forgets why it put it there; lets a
       private one found a group, or stand in another's evidence.

An article joins the story of the article it is most like, if that is likely enough, and if at least half of the story's
others are not unlike it: so no chain of neighbours leads from one event to another. What came long ago must be more
alike. A copy is in the story of what it is a copy of. Where a person has spoken, that holds (rulings.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.dedup.background import Background
from aggregator.dedup.copies import Print, same_text, same_title
from aggregator.dedup.fingerprint import fingerprint
from aggregator.dedup.gist import READ, gist_of
from aggregator.dedup.groups import Groups
from aggregator.dedup.likeness import RULE, SISTERS, Asking, ask
from aggregator.dedup.reading import Reading, read
from aggregator.dedup.roots import root_in
from aggregator.dedup.rulings import Rulings, told
from aggregator.dedup.series import issue_of, names_a_series
from aggregator.dedup.window import Told, Window
from aggregator.model import Membership

JOINS = 0.61  # the least likelihood: a wrong merge hides news, a missed one repeats it
FOREIGN = 0.8  # between languages whose words do not meet: only names and numbers speak
AGAIN = 0.8  # for another article of an outlet that is in the story already
COUNCIL = 8  # members of a story that are asked: its first and its newest
STANDS = 0.3  # the least likelihood with half of them
FEWEST = 4  # roots that two articles must share: «Да!» is like «Да.»
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
class _Read:
    """An article, taken apart."""

    article: Article
    read: Reading
    told: Told
    asking: Asking


@dataclass(frozen=True, slots=True)
class _Like:
    """How like an article one of the window is."""

    other: Told
    score: float


@dataclass(frozen=True, slots=True)
class _Bid:
    """A story that an article may join."""

    story: str
    best: _Like  # its member that is most like the article
    council: float  # mean likelihood with those asked

    @property
    def worth(self) -> tuple[float, str]:
        return self.best.score + self.council, self.story


@dataclass(slots=True)
class Stories:
    """The copies and stories of the last days. Two that are given the same articles in the same order are equal."""

    background: Background = field(default_factory=Background)
    stories: Groups = field(default_factory=Groups)
    copies: Groups = field(default_factory=Groups)
    rulings: Rulings = field(default_factory=Rulings)
    _window: Window = field(default_factory=Window)

    def __contains__(self, key: str) -> bool:
        return key in self._window

    def recall(self, article: Article, *, story: str | None, copy: str | None, counted: bool = True) -> None:
        """Take in an article of which was decided before: the story and the group of copies that it is in.

        counted  whether its words are in the background already
        """
        read = self._read(article)
        if not counted:
            self.background.learn(read.asking.weighed.roots)
        self._keep(read)
        for groups, group in ((self.stories, story), (self.copies, copy)):
            if group:
                groups.join(article.key, group)

    def place(
        self, article: Article, twin: Membership | None = None, story: str | None = None, *, counted: bool = False
    ) -> tuple[Membership, ...]:
        """Decide on a new article; return the memberships it brings, none if it is alone.

        twin   the copy it is at the address of another article, where that was found
        story  the story of that article, which may be older than the window
        counted  as in `recall`
        """
        read = self._read(article)
        if not counted:
            self.background.learn(read.asking.weighed.roots)
        found = self._found(read, twin, story)
        self._keep(read)
        return tuple(self._joined(found))

    def visit(
        self, article: Article, twin: Membership | None = None, story: str | None = None
    ) -> tuple[Membership, ...]:
        """Decide on an article that no other may know of, and forget it; arguments and result as of `place`.

        So it joins what there is and founds nothing, and neither its words nor its place tell anything to those that
        come later.
        """
        found = self._found(self._read(article), twin, story)
        return tuple(one for member in found for one in (*self._founder(member), member))

    def _founder(self, member: Membership) -> Iterator[Membership]:
        """Yield the place of who founded a group, where that is in none yet."""
        if member.story not in (self.stories if member.kind == "story" else self.copies):
            yield replace(member, item=member.story, of=member.story, method="first", score=1.0, evidence="")

    def _found(self, read: _Read, twin: Membership | None, story: str | None) -> list[Membership]:
        key, near = read.told.key, self._window.like(read.asking)
        home = self._home(key)
        if copy := twin or self._copy(read, near):
            at = story or self.stories.of(copy.of)
            if home in (None, at) and self._may(key, at):
                return [copy, replace(copy, kind="story", story=at)]
        if home:
            return [] if home == key else [told("story", home, key, home)]
        bid = None if self._window.is_serial(read.told) else self._best(read, near)
        return [_membership(read, bid)] if bid else []

    def _home(self, key: str) -> str | None:
        """Return the story that an article belongs to by a person's word; its own key where it founds one."""
        if key not in self.rulings:
            return None
        there = next((kin for kin in self.rulings.kin(key) if kin in self._window), None)
        return self.stories.of(there) if there else key if self.rulings.founds(key) else None

    def _may(self, key: str, story: str) -> bool:
        """Whether no person keeps an article apart from a member of a story."""
        if key not in self.rulings:
            return True
        return not any(self.rulings.apart(key, member) for member in self.stories.members(story))

    def _keep(self, read: _Read) -> None:
        for key in self._window.add(read.told, read.asking):
            self.stories.forget(key)
            self.copies.forget(key)

    def _joined(self, found: Iterable[Membership]) -> Iterator[Membership]:
        for member in found:
            yield from self._founder(member)
            (self.stories if member.kind == "story" else self.copies).join(member.item, member.story)
            yield member

    def _copy(self, read: _Read, near: Sequence[Told]) -> Membership | None:
        """Return the article's place beside the one whose text it has, if there is one.

        An outlet that has the same text under other titles uses it as a form, and then it proves nothing.
        """
        mine, best, of = read.told.print, 0.0, None
        for other in near:
            sure = same_text(mine, other.print)
            if other.source != read.told.source:
                best, of = max((best, of), (sure, other), key=lambda one: one[0])
            elif sure and not same_title(mine, other.print):
                return None
        if of is None:
            return None
        return Membership(
            kind="copy",
            story=self.copies.of(of.key),
            item=read.told.key,
            of=of.key,
            method="same-text",
            score=round(best, 3),
            evidence=f"{best:.0%} of {len(mine.text)} runs of three words",
            rule=RULE,
        )

    def _best(self, read: _Read, near: Sequence[Told]) -> _Bid | None:
        likes = {other.key: _like(read, other) for other in near if not self._window.is_serial(other)}
        by_story: dict[str, list[_Like]] = defaultdict(list)
        for key, one in likes.items():
            by_story[self.stories.of(key)].append(one)
        open_to = {story: alike for story, alike in by_story.items() if self._may(read.told.key, story)}
        bids = (self._bid(read, story, alike, likes) for story, alike in open_to.items())
        return max((bid for bid in bids if bid), key=lambda bid: bid.worth, default=None)

    def _bid(self, read: _Read, story: str, alike: Sequence[_Like], known: Mapping[str, _Like]) -> _Bid | None:
        told = read.told
        others = [one for one in alike if one.other.source != told.source]
        best = max(others, key=lambda one: (one.score, one.other.key), default=None)
        if best is None or best.score < JOINS or len(read.asking.shared(best.other.weighed)) < FEWEST:
            return None
        members = [one for key in self.stories.members(story) if (one := self._window.told(key))]
        if best.score < AGAIN and any(one.source == told.source for one in members):
            return None
        asked = (members[0], *members[1:][-(COUNCIL - 1) :])
        scores = [(known.get(one.key) or _like(read, one)).score for one in asked]
        if 2 * sum(score >= STANDS for score in scores) < len(scores):
            return None
        return _Bid(story, best, sum(scores) / len(scores))

    def _read(self, article: Article) -> _Read:
        words = read(article.title, article.body)
        asking = ask(gist_of(words, article.tongue), self.background)
        told = Told(
            key=article.key,
            source=article.source,
            at=article.at,
            seen_at=article.seen_at,
            serial=names_a_series(words.title),
            weighed=asking.weighed,
            print=Print(title=issue_of(words.title), text=fingerprint(words.body)),
        )
        return _Read(article=article, read=words, told=told, asking=asking)


def _like(read: _Read, other: Told) -> _Like:
    """Return how likely two articles tell of one event, the time between them counted."""
    mine, theirs = read.told.weighed, other.weighed
    score = read.asking.likeness(theirs) - FADES * (abs(read.told.at - other.at) / timedelta(days=1))
    if mine.tongue != theirs.tongue and not {mine.tongue, theirs.tongue} <= SISTERS:
        score -= FOREIGN - JOINS
    return _Like(other, max(score, 0.0))


def _membership(read: _Read, bid: _Bid) -> Membership:
    root = root_in(read.told.weighed.tongue)
    words = {root(token): token for token in reversed([*read.read.title, *read.read.body[:READ]])}
    return Membership(
        kind="story",
        story=bid.story,
        item=read.told.key,
        of=bid.best.other.key,
        method="alike",
        score=round(bid.best.score, 3),
        evidence=" ".join(words[one] for one in read.asking.shared(bid.best.other.weighed) if one in words),
        rule=RULE,
    )
