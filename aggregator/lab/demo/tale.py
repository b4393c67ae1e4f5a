"""Tell what happens in the demo's newsroom, for a person who watches.

In:    the daemon's log, line by line, and its feeds (JSON Feed), as any reader gets them.
Out:   lines: what was polled, what failed, what was folded, kept out and published; and the sums.
Never: knows more than the log and the feeds say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aggregator.urls import canonical

Verb = Literal["polled", "failed", "folded", "kept out", "published"]
Feeds = Mapping[str, Mapping[str, Any]]  # topic -> its JSON Feed

SLOW_MS = 1500  # from here on a poll is called slow
FEW = 3  # entries at once that are told one by one; of more only the sums
ALL = "everything"  # the topic without rules: what only it has was kept out of the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that happened: to whom, and what."""

    verb: Verb
    who: str
    what: str
    more: str = ""  # the end of it, which tells more than the end of a long title


@dataclass(slots=True, kw_only=True)
class Sums:
    """Everything so far."""

    polls: int = 0
    quiet: int = 0  # polls that brought nothing new
    failed: int = 0
    articles: int = 0
    folded: int = 0
    kept_out: int = 0


class Tale:
    """The story so far. sources, topics: their titles by id."""

    def __init__(self, sources: Mapping[str, str], topics: Mapping[str, str]) -> None:
        self.sources, self.topics = sources, topics
        self.sums = Sums()
        self._entries: dict[str, set[str]] = {topic: set() for topic in topics}  # ids that a reader has seen
        self._alone: list[Mapping[str, Any]] = []  # entries that at the last look only the unfiltered topic had
        self._folded_in: dict[str | None, set[str]] = {}  # an article's address -> the outlets told to have it

    def entries(self, topic: str) -> int:
        """Return how many entries a topic has shown so far."""
        return len(self._entries[topic])

    def heard(self, event: Mapping[str, Any]) -> Iterator[Line]:
        """Yield what a line of the log tells."""
        if event["event"] not in ("source.polled", "source.failed"):
            return
        who = self.sources.get(event["source"], event["source"])
        self.sums.polls += 1
        if event["event"] == "source.failed":
            self.sums.failed += 1
            yield Line(verb="failed", who=who, what=f"{event['problem']}; asked again in {event['next_in_s']} s")
        elif new := event["new"]:
            self.sums.articles += new
            slow = event["took_ms"] >= SLOW_MS
            took = f", slowly: it took {event['took_ms'] / 1000:.1f} s" if slow else ""
            yield Line(verb="polled", who=who, what=f"{new} new{took}")
        else:
            self.sums.quiet += 1

    def seen(self, feeds: Feeds) -> Iterator[Line]:
        """Yield what is new in these feeds since they were last seen."""
        yield from self._folded(feeds)
        entered = {topic: self._entered(topic, feed) for topic, feed in feeds.items()}
        where: dict[str, list[str]] = {}
        for topic, items in entered.items():
            for id_ in items:
                where.setdefault(id_, []).append(topic)
        entries = {id_: item for items in entered.values() for id_, item in items.items()}
        yield from self._kept_out()
        self._alone = [entries[id_] for id_, topics in where.items() if topics == [ALL]]
        told = {id_: item for id_, item in entries.items() if where[id_] != [ALL]}
        if len(told) > FEW:
            for topic, items in entered.items():
                if items:
                    yield Line(verb="published", who=self.topics[topic], what=_entries(self.entries(topic)))
        else:
            for id_, item in told.items():
                into = ", ".join(self.topics[topic] for topic in where[id_] if topic != ALL)
                yield Line(verb="published", who=_outlet(item), what=item["title"], more=f"→ {into}")

    def _entered(self, topic: str, feed: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Return the entries of a feed that were not there before."""
        new = {item["id"]: item for item in feed["items"] if item["id"] not in self._entries[topic]}
        self._entries[topic] |= new.keys()
        return new

    def _folded(self, feeds: Feeds) -> Iterator[Line]:
        """Each outlet of an article once, although several topics show the article, under different faces."""
        for item in (item for feed in feeds.values() for item in feed["items"]):
            others = {other["outlet"] for other in item["_aggregator"].get("outlets", ())}
            told = self._folded_in.get(canonical(item.get("url", "")), set())
            if others - told:
                self._folded_in[canonical(item["url"])] = told | others | {_outlet(item)}
                self.sums.folded += len(others - told)
                also = ", ".join(sorted(others - told))
                yield Line(verb="folded", who=_outlet(item), what=item["title"], more=f"(also in: {also})")

    def _kept_out(self) -> Iterator[Line]:
        """What still only the unfiltered topic has is a copy, told as folded, or was kept out by a rule.

        At the first look it may be that the other topics were not published yet.
        """
        elsewhere = set().union(*(ids for topic, ids in self._entries.items() if topic != ALL))
        for item in self._alone:
            if item["id"] not in elsewhere and canonical(item.get("url", "")) not in self._folded_in:
                self.sums.kept_out += 1
                only = f"(only in: {self.topics[ALL]})"
                yield Line(verb="kept out", who=_outlet(item), what=item["title"], more=only)


def _outlet(item: Mapping[str, Any]) -> str:
    return str(item["_aggregator"]["source"]["title"])


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
