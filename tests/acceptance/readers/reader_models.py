"""Eight kinds of feed readers, as their behaviour: each punishes a careless publisher in its own way.

In:    the entries of a topic's document, as often as the reader asks for it.
Out:   what it showed as unread, and when; what it would complain of.
Never: knows anything of the aggregator but its documents.

Who behaves so: publication.md, first paragraph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reader_documents import Entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An entry that was shown as unread, for the first time or again."""

    at: datetime
    entry: Entry
    before: Entry | None = None  # as the reader knew it; None where it is new to it
    forgotten: bool = False  # the reader itself had thrown it away


@dataclass(slots=True)
class Subscription:
    """What a reader remembers of one topic."""

    unread: dict[str, list[Unread]] = field(default_factory=lambda: defaultdict(list))  # id -> each time
    read: list[tuple[datetime, Entry]] = field(default_factory=list)  # each form in which each entry stood there
    known: dict[str, tuple[Entry, datetime]] = field(default_factory=dict)  # id -> as it is, first seen
    there: frozenset[str] = frozenset()  # ids of the last document
    gone: set[str] = field(default_factory=set)
    back: list[tuple[datetime, Entry]] = field(default_factory=list)  # that had left, and stood there again
    last: datetime | None = None


class Reader:
    """Keyed by (feed, id): FreshRSS, Miniflux, NetNewsWire. Nothing but a new id is unread."""

    name = "feed and id"
    format = "rss"
    every = HOUR
    begins = timedelta(0)  # after the first day began

    def __init__(self) -> None:
        self.topics: dict[str, Subscription] = defaultdict(Subscription)

    def asks(self, since: timedelta) -> bool:
        """Whether it asks now."""
        return since >= self.begins and (since - self.begins) % self.every == timedelta(0)

    def takes_in(self, topic: str, entries: Sequence[Entry], now: datetime) -> None:
        """Read a document that is another one than the last time."""
        mine = self.topics[topic]
        mine.last = now
        here = frozenset(entry.id for entry in entries)
        mine.gone |= mine.there - here
        mine.there = here
        self.forgets(mine, now)
        for entry in entries:
            if entry.id in mine.gone:
                mine.gone.discard(entry.id)
                mine.back.append((now, entry))
            self._looks_at(topic, mine, entry, now)

    def _looks_at(self, topic: str, mine: Subscription, entry: Entry, now: datetime) -> None:
        before, since = mine.known.get(entry.id, (None, now))
        if before == entry:
            return
        mine.read.append((now, entry))
        mine.known[entry.id] = entry, since
        again = entry.id in mine.unread
        if before is None and self.wants(topic, entry, now):
            mine.unread[entry.id].append(Unread(at=now, entry=entry, forgotten=again))
        elif before is not None and entry.id in mine.unread and self.mark(before) != self.mark(entry):
            mine.unread[entry.id].append(Unread(at=now, entry=entry, before=before))

    def wants(self, topic: str, entry: Entry, now: datetime) -> bool:  # noqa: ARG002 - others look at them
        """Whether it shows an entry that it does not know."""
        return True

    def mark(self, entry: Entry) -> Hashable:  # noqa: ARG002 - others look at it
        """What it compares: an entry is unread again where this is another one."""
        return None

    def forgets(self, mine: Subscription, now: datetime) -> None:
        """Throw away what is old."""


class ByUser(Reader):
    """Keyed by (user, id): tt-rss, Newsboat with one cache file. An entry of two topics is shown in one."""

    name = "user and id"

    def wants(self, topic: str, entry: Entry, now: datetime) -> bool:  # noqa: ARG002 - of whichever topic
        return not any(entry.id in other.unread for other in self.topics.values())


class ByContent(Reader):
    """Unread again when anything of the content changes: FreshRSS, where a person wants it so."""

    name, format = "content hash", "atom"

    def mark(self, entry: Entry) -> Hashable:
        return entry.title, entry.link, entry.authors, entry.content, entry.tags


class ByUpdated(Reader):
    """Unread again when `updated` moves."""

    name, format = "updated", "atom"

    def mark(self, entry: Entry) -> Hashable:
        return entry.updated


class Purging(Reader):
    """Throws away what it has had for seven days, and takes what still stands in the document for new."""

    name, format = "purges after 7 days", "json"
    keeps = 7 * DAY

    def forgets(self, mine: Subscription, now: datetime) -> None:
        mine.known = {id_: known for id_, known in mine.known.items() if now - known[1] <= self.keeps}


class Dropping(Reader):
    """Shows nothing that was published more than a day before it came to see it."""

    name = "drops after 24 h"

    def wants(self, topic: str, entry: Entry, now: datetime) -> bool:  # noqa: ARG002 - in every topic
        return now - entry.published <= DAY


class Daily(Reader):
    """Asks once a day."""

    name, format, every = "once a day", "json", DAY


class Newcomer(Reader):
    """Subscribes on the seventh day."""

    name, format, begins = "new on day 7", "atom", 7 * DAY


class PurgingSooner(Purging):
    """The same, for a run of four days."""

    name, keeps = "purges after 2 days", 2 * DAY


class NewcomerSooner(Newcomer):
    """The same, for a run of four days."""

    name, begins = "new on day 2", 2 * DAY


MODELS = (Reader, ByUser, ByContent, ByUpdated, Purging, Dropping, Daily, Newcomer)
SOONER = (Reader, ByUser, ByContent, ByUpdated, PurgingSooner, Dropping, Daily, NewcomerSooner)


def times_unread(mine: Subscription) -> Iterator[int]:
    """How often each entry was unread again."""
    return (len(unread) - 1 for unread in mine.unread.values())
