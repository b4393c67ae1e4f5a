"""A feed reader's memory, and what it would never forgive.

In:    what a topic's document shows, as often as it is asked for.
Out:   a list of what went wrong, in words.
Never: knows anything of the aggregator but its documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Shown:
    """One entry of an Atom document."""

    id: str
    title: str
    link: str
    published: str
    updated: str


def shown(document: bytes) -> list[Shown]:
    """Return the entries of an Atom document, in its order. Raises etree.XMLSyntaxError."""
    return [
        Shown(
            id=entry.findtext(f"{ATOM}id"),
            title=entry.findtext(f"{ATOM}title"),
            link=entry.find(f"{ATOM}link").get("href"),
            published=entry.findtext(f"{ATOM}published"),
            updated=entry.findtext(f"{ATOM}updated"),
        )
        for entry in etree.fromstring(document).findall(f"{ATOM}entry")
    ]


@dataclass
class Reader:
    """Who has subscribed to one topic, keyed by (feed, id), and remembers every entry for ever.

    folded  the topic promises one entry per article, whoever tells it
    """

    folded: bool
    polls: int = 0
    seen: dict[str, Shown] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)  # address -> the entry that told it

    def read(self, entries: Sequence[Shown]) -> list[str]:
        """Take in a document; return what a reader would complain of."""
        self.polls += 1
        ids = [entry.id for entry in entries]
        wrong = [f"{one} stands {ids.count(one)} times in one document" for one in set(ids) if ids.count(one) > 1]
        wrong += [complaint for entry in entries for complaint in self._complaints(entry)]
        self.gone |= self.seen.keys() - set(ids)
        self.seen |= {entry.id: entry for entry in entries}
        return wrong

    def _complaints(self, entry: Shown) -> Iterator[str]:
        if entry.id in self.gone:
            yield f"{entry.id} had left and is back"
        if self.folded and (first := self.told.setdefault(entry.link, entry.id)) != entry.id:
            yield f"{entry.link} was told as {first} and is told again as {entry.id}"
        if before := self.seen.get(entry.id):
            if entry.published != before.published:
                yield f"{entry.id} was published {before.published} and now {entry.published}"
            if entry.updated < before.updated:
                yield f"{entry.id} was updated {before.updated} and now {entry.updated}"
