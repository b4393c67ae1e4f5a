"""What the readers of a run would complain of, by the truth about what they were shown.

In:    a Run.
Out:   a Verdict for each reader of each topic; a Held for each topic, of what its documents may never do.
Never: asks the product why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from reader_documents import Entry
from reader_models import ByContent, ByUpdated, ByUser, Dropping, Reader, Subscription, Unread
from reader_run import Run
from reader_stream import BEGIN, DAY, HOUR, News
from reader_truth import Subject

CAUSES = ("growth", "edit", "pin", "purge", "other")
RETURNS = DAY  # R7: who was absorbed may come back so long after that
GROWS = DAY  # R5: not later than so long after it entered
SETTLES = timedelta(hours=1)  # from a moment to the hour in which readers ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Bumps:
    """How often an entry was unread again, over all entries that a reader was shown."""

    median: float
    most: dict[str, int]  # by cause, of one entry
    edits_beyond: int  # entries that were unread again by edits more often than their publisher edited them
    edits_a_day: int  # the most within 24 h of one entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A reader of a topic."""

    reader: str
    topic: str
    shown: int
    lost: tuple[Hashable, ...]  # units that it was never shown, by no entry that stands for them or lists them
    doubled: tuple[str, ...]  # ids of entries that told what another one had told
    resurrected: tuple[str, ...]  # ids that left and came back
    bumps: Bumps


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A topic's documents, each of them."""

    topic: str
    twice: tuple[str, ...]  # ids that stood beside another one of the same story (R2)
    uninvited: tuple[str, ...]  # addresses that stood there against the rules, or as a past that nobody asked for
    unreached: tuple[str, ...]  # addresses that stand in no entry, no list, and on no page that an entry links to (R3)
    hasty: tuple[str, ...]  # ids whose list grew twice within an hour, later than a day, or more than six times (R5)
    parted: tuple[str, ...]  # addresses that were taken out of a story, and stayed in its list or got no entry (R7)
    withdrawn: tuple[str, ...]  # addresses that stood there after they were withdrawn (R8)


class Judge:
    """Compares a run with the truth."""

    def __init__(self, run: Run) -> None:
        self.run, self.truth = run, run.truth
        self.end = run.documents[next(iter(run.documents))][-1][0]
        self._first = {  # (topic, entry id) -> as it stood there first, and since when
            (topic, entry.id): (at, entry)
            for topic, told in run.documents.items()
            for at, entries in reversed(told)
            for entry in entries
        }

    def verdicts(self) -> list[Verdict]:
        """Return what each reader says of each topic."""
        return [
            self._verdict(reader, subject, reader.topics[id_])
            for id_, subject in self.run.subjects.items()
            for reader in self.run.readers
        ]

    def held(self) -> list[Held]:
        """Return what each topic's documents did that they never may."""
        return [
            Held(
                topic=id_,
                twice=tuple(sorted(set(self._twice(subject)))),
                uninvited=tuple(sorted(set(self._uninvited(subject)))),
                unreached=tuple(sorted(self._unreached(subject))),
                hasty=tuple(sorted(set(self._hasty(id_)))),
                parted=tuple(sorted(set(self._parted(subject)))),
                withdrawn=tuple(sorted(set(self._withdrawn(id_)))),
            )
            for id_, subject in self.run.subjects.items()
        ]

    # --- a reader ---------------------------------------------------------------------------------------------

    def _verdict(self, reader: Reader, subject: Subject, mine: Subscription) -> Verdict:
        return Verdict(
            reader=reader.name,
            topic=subject.topic.id,
            shown=len(mine.unread),
            lost=tuple(sorted(self._lost(reader, subject, mine), key=repr)),
            doubled=tuple(self._doubled(subject, mine)),
            resurrected=tuple(self._resurrected(mine)),
            bumps=self._bumps(mine),
        )

    def _lost(self, reader: Reader, subject: Subject, mine: Subscription) -> set[Hashable]:
        """Return the units of which it was shown nothing."""
        mines = (other.unread for other in reader.topics.values()) if isinstance(reader, ByUser) else (mine.unread,)
        shown = {id_ for unread in mines for id_ in unread}
        seen = {link for _, entry in mine.read if entry.id in shown for link in self._addresses(entry)}
        units = defaultdict(list)
        since, until = BEGIN + reader.begins, mine.last or BEGIN
        for news in set(self.truth.news.values()):
            if since <= news.at <= until and self._due(reader, subject, news):
                units[self._unit(news.link, self.end, subject)].append(news.link)
        found = {self._unit(link, self.end, subject) for link in seen}
        return units.keys() - found

    def _due(self, reader: Reader, subject: Subject, news: News) -> bool:
        gone = self.truth.withdrawn.get(news.link, self.end) < news.at + reader.every
        return self.truth.admits(subject, news) and not gone and not (isinstance(reader, Dropping) and news.late)

    def _addresses(self, entry: Entry) -> Iterator[str]:
        """Return the first addresses of all items that an entry stands for, lists, or leads to."""
        for link in (entry.link, *entry.listed, *self.run.stories.get(entry.story or "", ())):
            yield self.truth.news[link].link

    def _unit(self, link: str, at: datetime, subject: Subject) -> Hashable:
        return self.truth.unit(link, at, subject.fold(at))

    def _doubled(self, subject: Subject, mine: Subscription) -> Iterator[str]:
        """Yield the entries that told a reader what another one had told it, by what was known then."""
        topic, told, known = subject.topic.id, list[Entry](), (0, "")
        firsts = [(unread[0].at, self._first[topic, id_][0], unread[0].entry) for id_, unread in mine.unread.items()]
        units: set[Hashable] = set()
        for at, entered, entry in sorted(firsts, key=lambda one: (one[:2], one[2].id)):
            # Two that entered while the topic folded otherwise are two (R11); the younger of them tells.
            version = (self.truth.version(at), subject.fold(entered))
            if version != known:
                known, units = version, {self.truth.unit(before.link, at, version[1]) for before in told}
            unit = self.truth.unit(entry.link, at, version[1])
            if unit in units:
                yield entry.id
            units.add(unit)
            told.append(entry)

    def _resurrected(self, mine: Subscription) -> Iterator[str]:
        for at, entry in mine.back:
            since = self.truth.back.get(self.truth.news[entry.link].link)
            if since is None or not since <= at <= since + RETURNS:
                yield entry.id

    def _bumps(self, mine: Subscription) -> Bumps:
        causes = {id_: [(self._cause(one), one.at) for one in unread[1:]] for id_, unread in mine.unread.items()}
        edited = {id_: [at for cause, at in told if cause == "edit"] for id_, told in causes.items()}
        firsts = {id_: self.truth.news[unread[0].entry.link].link for id_, unread in mine.unread.items()}
        return Bumps(
            median=median([len(told) for told in causes.values()] or [0]),
            most={
                name: max((sum(cause == name for cause, _ in told) for told in causes.values()), default=0)
                for name in CAUSES
            },
            edits_beyond=sum(len(ats) > len(self.truth.edits.get(firsts[id_], ())) for id_, ats in edited.items()),
            edits_a_day=max((_within_a_day(ats) for ats in edited.values()), default=0),
        )

    def _cause(self, unread: Unread) -> str:
        """Say why an entry was unread again, by what is other than before."""
        before, now = unread.before, unread.entry
        if before is None:
            return "purge"
        if self.truth.news[before.link].link != self.truth.news[now.link].link:
            return "pin"
        if before.face != now.face:
            return "edit"
        return "growth" if before.listed != now.listed else "other"

    # --- the documents ----------------------------------------------------------------------------------------

    def _twice(self, subject: Subject) -> Iterator[str]:
        """Yield the younger entries of each two that told one story in one document.

        Two that entered while the topic folded otherwise may both stay (R11).
        """
        topic = subject.topic.id
        for at, entries in self.run.documents[topic]:
            told = defaultdict(list)
            for entry in entries:
                since, first = self._first[topic, entry.id]
                told[self.truth.unit(first.link, at, subject.fold(since))].append((since, entry.id))
            for same in told.values():
                yield from (id_ for _, id_ in sorted(same)[1:])

    def _uninvited(self, subject: Subject) -> Iterator[str]:
        for _, first in self._of(subject.topic.id):
            for link in (first.link, *first.listed):
                if not self.truth.admits(subject, self.truth.news[link]):
                    yield link

    def _of(self, topic: str) -> Iterator[tuple[datetime, Entry]]:
        """Yield each form in which each entry stood in a topic's documents."""
        known: dict[str, Entry] = {}
        for at, entries in self.run.documents[topic]:
            for entry in entries:
                if known.get(entry.id) is not entry:
                    known[entry.id] = entry
                    yield at, entry

    def _unreached(self, subject: Subject) -> set[str]:
        reached = {link for _, entry in self._of(subject.topic.id) for link in self._addresses(entry)}
        wanted = (news for news in set(self.truth.news.values()) if self.truth.admits(subject, news))
        return {news.link for news in wanted if BEGIN <= news.at <= self.end} - reached - self.truth.withdrawn.keys()

    def _hasty(self, topic: str) -> Iterator[str]:
        grown: dict[str, list[datetime]] = defaultdict(list)
        lists: dict[str, tuple[str, ...]] = {}
        for at, entry in self._of(topic):
            if len(entry.listed) > len(lists.setdefault(entry.id, entry.listed)):
                grown[entry.id].append(at)
            lists[entry.id] = entry.listed
        for id_, ats in grown.items():
            entered = self._first[topic, id_][0]
            late = ats[-1] - entered > GROWS + SETTLES
            if late or len(ats) > 6 or any(b - a < HOUR for a, b in pairwise(ats)):
                yield id_

    def _parted(self, subject: Subject) -> Iterator[str]:
        """Yield what was taken out of a story and still stands in its list an hour later, or has no entry by then."""
        topic, alone = subject.topic.id, set[str]()
        for at, entries in self.run.documents[topic]:
            alone |= {self.truth.news[entry.link].link for entry in entries}
            if subject.fold(at) == "story":
                listed = [(entry.link, one) for entry in entries for one in entry.listed]
                yield from (one for link, one in listed if self._apart(link, one, at))
        for link in self.truth.parted.keys() - alone:
            if subject.fold(self.end) == "story" and self.truth.admits(subject, self.truth.news[link]):
                yield link

    def _apart(self, one: str, other: str, at: datetime) -> bool:
        """Whether two items tell of two happenings, and did an hour ago."""
        return all(self.truth.happening(one, when) != self.truth.happening(other, when) for when in (at, at - SETTLES))

    def _withdrawn(self, topic: str) -> Iterator[str]:
        for at, entries in self.run.documents[topic]:
            for link in {self.truth.news[link].link for entry in entries for link in (entry.link, *entry.listed)}:
                if at > self.truth.withdrawn.get(link, at):
                    yield link


def _within_a_day(moments: Iterable[datetime]) -> int:
    ats = list(moments)
    return max((sum(at <= other < at + DAY for other in ats) for at in ats), default=0)


# --- what may be ------------------------------------------------------------------------------------------------

MOST_GROWTH = {ByContent.name: 6}  # R5: a list is rendered anew at most six times
LOUD = 2  # R5: `updated` moves at 3 and at 10 outlets, where a topic wants it
PURGED = "long"  # the topic whose document spans more than the seven days after which a reader purges
MOST_EDITS = 3  # a day


def complaints(one: Verdict) -> Iterator[tuple[str, str]]:
    """Yield what a reader may complain of, as (kind, what was seen); nothing where all is well."""
    most = one.bumps.most
    growth = LOUD if one.reader == ByUpdated.name and one.topic.endswith("-loud") else MOST_GROWTH.get(one.reader, 0)
    bounds = {
        "lost": (len(one.lost), 0, one.lost),
        "doubled": (len(one.doubled), 0, one.doubled),
        "resurrected": (len(one.resurrected), 0, one.resurrected),
        "median": (one.bumps.median, 0, ""),
        "growth": (most["growth"], growth, ""),
        "more bumps than edits": (one.bumps.edits_beyond, 0, ""),
        "edits a day": (one.bumps.edits_a_day, MOST_EDITS, ""),
        "pin": (most["pin"], 1, ""),
        "purge": (most["purge"], 1 if one.topic == PURGED else 0, ""),
        "other": (most["other"], 0, ""),
    }
    for kind, (seen, bound, which) in bounds.items():
        if seen > bound:
            yield kind, f"{seen} where {bound} may be: {which}"
