"""Who told a story first, and how many of its outlets tell it independently?

In:    the items of a story with who is cited in them; who its outlets are.
Out:   the first teller, and the voices behind the outlets, each with the reason.
Never: believes a publisher's date; takes a ministry for a teller; compares texts.

An article has its news from whom it cites first, or from whom that one cites; else it is its outlet's own. A copy has
it from whom any of the same text cites. What is had from one origin is one voice, and so is what has one owner.

Whom the most owners cite told first, and whoever tells it and cites nobody speaks for himself once: a feed cannot bring
others to cite it, nor make up somebody whom it alone cites. Of those for whom equally many speak it is who has the
highest priority, a person's word. Only then counts whom we saw first, for that is as much a matter of when we polled.
Feeds that cite each other to win are one voice as soon as `owners:` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregator.dedup.cited.own import is_meant, names_of
from aggregator.model import Credit, Source, TellerWords, Telling

ENGLISH = TellerWords()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTeller:
    """Who told a story first."""

    outlet: str  # what it is called
    source: str | None  # None: it is cited and none of ours
    item: str | None  # what it told, None likewise
    why: str  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An origin of a story, and the outlets that have it from there."""

    origin: str  # the title of an outlet
    sources: tuple[str, ...]  # in the order in which we saw them
    why: str  # why they are one; "" if it is one alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Independent:
    """How many voices tell a story."""

    outlets: int
    voices: tuple[Voice, ...]
    why: str  # one sentence


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where news is from: a source of ours, or a name that is cited."""

    key: str  # equal for the sources of one owner
    title: str
    told: Telling | None  # None: it is none of ours


class Tellers:
    """Who tells a story."""

    def __init__(
        self,
        tellings: Sequence[Telling],
        sources: Mapping[str, Source],
        owners: Mapping[str, str],
        words: TellerWords = ENGLISH,
    ) -> None:
        """Take the items of a story. sources: by id, as configured. owners: of sources that share theirs, by source."""
        self._words = words
        self._sources = {one.source: sources.get(one.source) or Source(id=one.source, url="") for one in tellings}
        self._owners = owners
        self._tellings = sorted(tellings, key=self._rank)
        self._in_time = sorted(tellings, key=lambda one: (one.first_seen_at, one.item))
        self._texts: dict[str, list[Telling]] = {}
        self._cited: dict[tuple[str, str], Telling | None] = {}
        for one in self._tellings:
            self._texts.setdefault(self._text(one), []).append(one)
        self._origins = {one.item: self._origin(one) for one in self._tellings}

    def first_teller(self) -> FirstTeller | None:
        """Return who told it first; None if nobody is there."""
        if not self._tellings:
            return None
        origins = {origin.key: origin for origin in reversed(self._origins.values())}  # of an owner's the best
        votes = {key: self._spoken_for(origin) for key, origin in origins.items()}
        most = max(votes.values())
        first, *others = sorted((origins[key] for key in votes if votes[key] == most), key=self._place)
        told = first.told
        return FirstTeller(
            outlet=first.title,
            source=told.source if told else None,
            item=told.item if told else None,
            why=self._why(first, others),
        )

    def independent(self) -> Independent:
        """Return the voices that tell it, the one of the most outlets first."""
        by_key: dict[str, list[Telling]] = {}
        for one in self._in_time:
            by_key.setdefault(self._origins[one.item].key, []).append(one)
        voices = sorted(map(self._voice, by_key.values()), key=lambda voice: -len(voice.sources))
        outlets = len(self._sources)
        spoken = (self._names(voice.sources) + (f" ({voice.why})" if voice.why else "") for voice in voices)
        sentence = self._words.one_outlet if outlets == 1 else self._words.outlets
        why = sentence.format(outlets, len(voices), "; ".join(spoken))
        return Independent(outlets=outlets, voices=tuple(voices), why=why)

    def cited(self) -> dict[str, tuple[str, ...]]:
        """Return the items of other outlets that each item cites, in the order of its text."""
        meant = {one.item: (one.source, filter(None, map(self._meant_by, _outlets(one)))) for one in self._tellings}
        return {
            item: tuple(dict.fromkeys(there.item for there in others if there.source != source))
            for item, (source, others) in meant.items()
        }

    # --- where an item has its news from ---------------------------------------------------------------------------

    def _origin(self, one: Telling) -> _Origin:
        """Return where an item has its news from. Of those who cite each other in a circle it is the best."""
        passed: list[Telling] = []
        while (held := self._texts[self._text(one)][0]) not in passed:
            passed.append(held)
            cited = next(filter(None, map(_cited_in, self._texts[self._text(one)])), None)
            if cited is None:
                return self._own(held)
            there = self._meant_by(cited)
            if there is None:
                return _Origin(f"cited {cited.name}", cited.outlet, None)
            if self._text(there) == self._text(one) or self._owner(there.source) == self._owner(held.source):
                return self._own(there)
            one = there
        return self._own(min(passed[passed.index(held) :], key=self._rank))

    def _own(self, one: Telling) -> _Origin:
        return _Origin(self._owner(one.source), self._sources[one.source].name, one)

    def _meant_by(self, credit: Credit) -> Telling | None:
        """Return the best item of the source that is cited, if it is one of ours and tells the story, too."""
        asked = credit.name, credit.outlet
        if asked not in self._cited:
            means = (one for one in self._tellings if is_meant(names_of(self._sources[one.source]), credit))
            self._cited[asked] = next(means, None)
        return self._cited[asked]

    def _citers(self, origin: _Origin) -> tuple[str, ...]:
        """Return the sources that cite somebody and have it from this origin, but for its own, as we saw them."""
        there = (
            one
            for one in self._in_time
            if self._origins[one.item].key == origin.key and _cited_in(one) and self._owner(one.source) != origin.key
        )
        return tuple(dict.fromkeys(one.source for one in there))

    def _text(self, one: Telling) -> str:
        return one.copy or one.item

    # --- who counts for what ---------------------------------------------------------------------------------------

    def _rank(self, one: Telling) -> tuple[float, object, str]:
        return -self._sources[one.source].priority, one.first_seen_at, one.item

    def _place(self, origin: _Origin) -> tuple[bool, tuple[float, object, str] | str]:
        return (False, self._rank(origin.told)) if origin.told else (True, origin.key)

    def _owner(self, source: str) -> str:
        owner = self._owners.get(source)
        return f"owner {owner}" if owner else f"source {source}"

    def _spoken_for(self, origin: _Origin) -> int:
        """Return how many owners say that it is from there: whoever cites it, and it itself."""
        return len({self._owner(source) for source in self._citers(origin)}) + bool(origin.told)

    # --- in words ----------------------------------------------------------------------------------------------------

    def _names(self, sources: Iterable[str]) -> str:
        return ", ".join(self._sources[source].name for source in sources)

    def _voice(self, told: Sequence[Telling]) -> Voice:
        origin = self._origins[told[0].item]
        sources = tuple(dict.fromkeys(one.source for one in told))
        cited = [self._words.is_cited.format(origin.title)] if self._citers(origin) else []
        text = [self._words.one_text] if len(set(map(self._text, told))) < len(told) else []
        owner = [self._words.one_owner] if len(set(map(self._owner, sources))) < len(sources) else []
        return Voice(origin=origin.title, sources=sources, why=", ".join(cited + text + owner))

    def _why(self, first: _Origin, others: Sequence[_Origin]) -> str:
        citers = self._citers(first)
        why = self._words.cited_by.format(self._names(citers)) if citers else self._words.cites_nobody
        ahead = (self._words.before.format(other.title, self._ahead(first, other)) for other in others[:1])
        return "; ".join((why, *ahead))

    def _ahead(self, first: _Origin, second: _Origin) -> str:
        """Return what puts one before another for whom equally many speak."""
        if first.told is None or second.told is None:
            return self._words.being_ours if first.told else self._words.by_name
        mine, theirs = (self._sources[one.source].priority for one in (first.told, second.told))
        return self._words.by_priority.format(mine, theirs) if mine > theirs else self._words.by_time


def _cited_in(one: Telling) -> Credit | None:
    """Return the outlet that an item cites first, or whom that one cites."""
    outlets = _outlets(one)
    found = next(iter(outlets), None)
    for _ in outlets:
        found = next((credit for credit in outlets if found and credit.via == found.name), found)
    return found


def _outlets(one: Telling) -> list[Credit]:
    return [credit for credit in one.credits if not credit.body]
