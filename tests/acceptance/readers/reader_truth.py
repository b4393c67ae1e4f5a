"""What is so: which items tell of one happening, which topic wants which of them, what publishers and persons did.

In:    what the script does, as it does it.
Out:   the unit that a topic shows once, for an item and a moment.
Never: looks at what the product made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime

from reader_stream import CATEGORIES, News

from aggregator.model import Fold, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A person's word: all that is told of one happening, or some items, tell of another one from then on."""

    at: datetime
    into: Hashable
    happening: Hashable = None
    links: frozenset[str] = frozenset()

    def after(self, link: str, happening: Hashable) -> Hashable:
        """Return which happening an item tells of."""
        return self.into if happening == self.happening or link in self.links else happening


@dataclass(slots=True)
class Subject:
    """A topic, and what of its configuration was so since when."""

    topic: Topic
    wants: list[tuple[datetime, frozenset[str]]]  # categories
    folds: list[tuple[datetime, Fold]]

    def edits(self, at: datetime, *, wants: Collection[str]) -> None:
        """Let a person change its rules."""
        self.wants.append((at, frozenset(wants)))
        self.topic = replace(self.topic, match=match(wants))

    def folds_by(self, at: datetime, fold: Fold) -> None:
        """Let a person change its fold mode."""
        self.folds.append((at, fold))
        self.topic = replace(self.topic, fold=fold)

    def wanted(self, category: str, at: datetime) -> bool:
        """Whether it took items of a category at a moment."""
        return category in [categories for since, categories in self.wants if since <= at][-1]

    def fold(self, at: datetime) -> Fold:
        """Return its fold mode of a moment."""
        return [fold for since, fold in self.folds if since <= at][-1]


def subject(since: datetime, topic: Topic, wants: Collection[str] = CATEGORIES) -> Subject:
    """Return a topic as it is from the beginning."""
    topic = replace(topic, match=match(wants))
    return Subject(topic=topic, wants=[(since, frozenset(wants))], folds=[(since, topic.fold)])


def match(categories: Collection[str]) -> str:
    """Return the query for items of these categories."""
    return " or ".join(f"category:{one}" for one in sorted(categories))


@dataclass(slots=True)
class Truth:
    """All items ever printed, and what became of them."""

    news: dict[str, News] = field(default_factory=dict)  # by each address it ever had
    ids: dict[str, str] = field(default_factory=dict)  # first address -> the id it was first printed with
    edits: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))  # by first address
    pinned: dict[str, datetime] = field(default_factory=dict)
    withdrawn: dict[str, datetime] = field(default_factory=dict)
    parted: dict[str, datetime] = field(default_factory=dict)  # taken out of a story, an entry of its own (R7)
    back: dict[str, datetime] = field(default_factory=dict)  # the same, and had one before: it may return once
    came_again: set[str] = field(default_factory=set)  # after a restore: addresses of what the backup did not know
    _changes: list[Change] = field(default_factory=list)
    _made: dict[tuple[str, int], Hashable] = field(default_factory=dict)

    def prints(self, news: News, id_: str) -> None:
        """Note an item."""
        self.news[news.link] = news
        self.ids[news.link] = id_

    def moves(self, news: News, link: str) -> None:
        """Note another address of an item; who wrote it there edited it."""
        self.news[link] = news

    def merges(self, at: datetime, one: Hashable, other: Hashable) -> None:
        """Two happenings are one from now on."""
        self._changes.append(Change(at=at, into=one, happening=other))

    def splits(self, at: datetime, links: Collection[str], name: Hashable) -> None:
        """Some items tell of another happening from now on."""
        self._changes.append(Change(at=at, into=name, links=frozenset(links)))

    def version(self, at: datetime) -> int:
        """Return how many persons had spoken by a moment: between two, every happening is what it was."""
        return sum(change.at <= at for change in self._changes)

    def happening(self, link: str, at: datetime) -> Hashable:
        """Return which happening an item tells of, as it is known at a moment."""
        news, version = self.news[link], self.version(at)
        if (made := self._made.get((news.link, version))) is None:
            made = news.happening
            for change in sorted(self._changes, key=lambda change: change.at)[:version]:
                made = change.after(news.link, made)
            self._made[news.link, version] = made
        return made

    def unit(self, link: str, at: datetime, fold: Fold) -> Hashable:
        """Return what is to be shown once: a happening, a text, an item."""
        news = self.news[link]
        match fold:
            case "story":
                return "story", self.happening(link, at)
            case "copy":
                return "copy", news.text_of
            case _:
                return "none", news.link

    def admits(self, subject: Subject, news: News) -> bool:
        """Whether an item is to be shown in a topic: by its rules when it came (R11), and not of the past (R12)."""
        return not news.old and subject.wanted(news.category, news.at)
