"""Sections learned from examples: items that rules or sources know, and those that a person named.

In:    examples, one after the other; the clues of an item, and where it is wanted the meaning of its text.
Out:   guesses with how likely they are and why; nothing where none is likely enough; what the store must keep.
Never: stores or reads texts itself; lets what a rule says stand over what a person said.

For each language naive Bayes over clues. It learns by adding and unlearns by taking away, so that the order of
examples does not matter and a correction is done at once. docs/decisions/0014 says what else was measured.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import exp, log, sqrt

from aggregator.model import Example, Lessons, Section, Tagged
from aggregator.tag.clues import READING, Clues, of_words
from aggregator.tag.meaning import Meanings

NONE = ""  # what has no section, as a person said, is a section of its own that is never told

# By five-fold cross-validation over the sets of bench.sections, without its exam.
SAID = 2.0  # what a person said weighs as much as so many examples of a rule
HINT = 0.7  # what a section's own words weigh, each, before there is an example
USUAL = 50.0  # mass of clues that a section has beside its own before it is compared: one example is no rate
MIXED = 2.0  # so many parts of what all sections have go to one of a section's own, where it has the mass of
FULL = 300.0  # some thirty examples; more parts where it has less, so that a new section is careful
FEW = 10.0  # mass of an example
SHARP = 2.0  # makes likelihoods as large as they are right
LEAST = 0.35  # likely enough to be told; a topic asks for more with section:NAME~0.6. And where there are few sections:
EVEN = 1.2  # times as likely as if all were
MOST = 0.8  # and never surer than a rule

# Examples per section and language: with twice as many the cross-validation was no better (0.79 after 0.81).
KEPT, KEPT_SAID = 150, 2000
ONE_IN = 8  # where there are enough, so many new ones are one that takes the place of the oldest
SHOWN = 3  # clues that are named as the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A section that is likely."""

    section: str
    likelihood: float  # 0..1; those of all sections together are 1
    clues: tuple[str, ...] = ()  # that speak for it, the strongest first


@dataclass(slots=True)
class Votes:
    """How much speaks for a section; below 0 against it."""

    total: float
    clues: dict[str, float] = field(default_factory=dict)  # those that it has


@dataclass(slots=True)
class Tongue:
    """What is learned of one language: how much of each clue each section has."""

    hints: Mapping[str, Collection[str]]  # section -> the clues of its own words
    counts: dict[str, dict[str, float]] = field(default_factory=dict)  # clue -> section -> mass
    mass: dict[str, float] = field(default_factory=dict)  # section -> that of all its clues
    seen: Counter[str] = field(default_factory=Counter)  # clue -> examples that have it
    examples: int = 0

    def __post_init__(self) -> None:
        for section, clues in self.hints.items():
            self._count(section, dict.fromkeys(clues, HINT))

    def add(self, example: Example, sign: int = 1) -> None:
        """Learn an example, or with -1 unlearn it."""
        self.examples += sign
        for clue in example.clues:
            self.seen[clue] += sign
        sections = example.sections or (NONE,)
        weight = sign * (SAID if example.said else 1.0) / len(sections) / _length(example.clues)
        for section in sections:
            self._count(section, {clue: weight * value for clue, value in example.clues.items()})

    def _count(self, section: str, masses: Mapping[str, float]) -> None:
        self.mass[section] = self.mass.get(section, 0.0) + sum(masses.values())
        for clue, mass in masses.items():
            counts = self.counts.setdefault(clue, {})
            counts[section] = counts.get(section, 0.0) + mass
            if abs(counts[section]) < 1e-9:  # noqa: PLR2004  unlearned, as near as numbers come
                del counts[section]
            if not counts:
                del self.counts[clue]

    def votes(self, clues: Clues) -> dict[str, Votes]:
        """Return what speaks for and against each section.

        A clue that nobody knows speaks against the sections of which most is known.
        """
        rare = {clue: value * self._rarity(clue) for clue, value in clues.items()}
        rates = {section: 1 / (max(mass, 0.0) + USUAL) for section, mass in self.mass.items()}
        mixed = {section: MIXED * sqrt(FULL / max(mass, FEW)) for section, mass in self.mass.items()}
        without = {section: log(parts / (1 + parts)) for section, parts in mixed.items()}
        length = _length(rare)
        everything = sum(rare.values()) / length
        votes = {section: Votes(total=against * everything) for section, against in without.items()}
        for clue, value in rare.items():
            own = {section: mass * rates[section] for section, mass in self.counts.get(clue, {}).items()}
            usual = sum(own.values()) / len(rates) or 1.0
            for section, rate in own.items():
                vote = log((rate / usual + mixed[section]) / (1 + mixed[section]))
                votes[section].total += value / length * (vote - without[section])
                votes[section].clues[clue] = value * vote
        return votes

    def _rarity(self, clue: str) -> float:
        return log((self.examples + 1) / (self.seen[clue] + 0.5)) + 1


def _length(clues: Clues) -> float:
    return sqrt(sum(value * value for value in clues.values())) or 1.0


class Learner:
    """All that is learned, in all languages."""

    def __init__(self, sections: Mapping[str, Section], examples: Iterable[Example] = (), *, version: str = "") -> None:
        """Learn from examples that were kept, the oldest first. version: of the store, as they were read."""
        self.version = version
        self._known = frozenset(sections)
        self._told = {section.id for section in sections.values() if section.learned}
        self.semantic = any(section.learned == "semantic" for section in sections.values())  # then for all of them
        self._hints = {section.id: of_words((*section.words, *section.hints)) for section in sections.values()}
        self._hints = {section: clues for section, clues in self._hints.items() if clues and section in self._told}
        self._tongues: dict[str, Tongue] = {}
        self._examples: dict[str, Example] = {}
        self._learned: dict[str, Example] = {}  # since the store knows
        self._forgotten: set[str] = set()
        self._of: dict[tuple[str, str, bool], dict[str, None]] = {}  # language, section, said -> items, oldest first
        self.meanings = Meanings() if self.semantic else None
        for example in examples:
            self._add(example)

    def __bool__(self) -> bool:
        """Whether anything is to be learned at all."""
        return bool(self._told)

    def wants(self, item: str, language: str, sections: Collection[str], *, said: bool = False) -> bool:
        """Whether an item should be an example: its sections have too few, or it is its turn to replace another."""
        held = self._examples.get(item)
        if said or (held and set(held.sections) == set(sections)):
            return True
        full = all(len(self._of.get((language, section, False), ())) >= KEPT for section in sections)
        return bool(sections) and (not full or zlib.crc32(item.encode()) % ONE_IN == 0)

    def learn(self, example: Example) -> None:
        """Learn an example, in place of what was learned of the item before."""
        self.forget(example.item)
        self._add(example)
        self._learned[example.item] = example
        self._forgotten.discard(example.item)
        for section in example.sections or (NONE,):
            held = self._of.get((example.language, section, example.said), {})
            if len(held) > (KEPT_SAID if example.said else KEPT):
                self.forget(next(iter(held)))

    def forget(self, item: str) -> None:
        """Unlearn what was learned of an item."""
        example = self._examples.pop(item, None)
        if example is None:
            return
        self._learned.pop(item, None)
        self._forgotten.add(item)
        self._tongue(example.language).add(example, -1)
        if self.meanings:
            self.meanings.add(example, -1)
        for section in example.sections or (NONE,):
            self._of[example.language, section, example.said].pop(item, None)

    def lessons(self) -> Lessons | None:
        """Return what the store must change since this was asked last; None: nothing."""
        learned, forgotten = tuple(self._learned.values()), frozenset(self._forgotten)
        self._learned, self._forgotten = {}, set()
        return Lessons(reading=READING, learned=learned, forgotten=forgotten) if learned or forgotten else None

    def guess(self, language: str, clues: Clues, meaning: bytes = b"") -> list[Guess]:
        """Return every section that has examples or hints, the likeliest first."""
        tongue = self._tongue(language)
        if len(tongue.mass) < 2:  # noqa: PLR2004  nothing to choose from
            return []
        votes = tongue.votes(clues)
        words = _shares({section: SHARP * vote.total for section, vote in votes.items()})
        meant = self.meanings.shares(meaning) if self.meanings and meaning else {}
        # Each way knows what the other does not, so where both say something they are taken together.
        both = {name: sqrt(share * meant[name]) if name in meant else share for name, share in words.items()}
        total = sum(both.values()) or 1.0
        order = sorted(both, key=lambda name: (-both[name], name))
        return [
            Guess(section=name, likelihood=both[name] / total, clues=_strongest(votes[name].clues)) for name in order
        ]

    def tags(self, language: str, clues: Clues, meaning: bytes = b"") -> list[Tagged]:
        """Return the sections that are likely enough, with the reason."""
        guesses = self.guess(language, clues, meaning)
        found = [one for one in guesses if one.likelihood >= max(LEAST, EVEN / len(guesses))]
        count = self._tongue(language).examples
        return [
            Tagged(section=one.section, confidence=round(min(one.likelihood, MOST), 2), why=_why(one, count))
            for one in found
            if one.section in self._told
        ]

    def _add(self, kept: Example) -> None:
        example = replace(kept, sections=self._configured(kept))
        if kept.sections and not example.sections:
            return  # it was of sections that are configured no more
        self._examples[example.item] = example
        self._tongue(example.language).add(example)
        if self.meanings:
            self.meanings.add(example)
        for section in example.sections or (NONE,):
            self._of.setdefault((example.language, section, example.said), {})[example.item] = None

    def _configured(self, example: Example) -> tuple[str, ...]:
        return tuple(section for section in example.sections if section in self._known)

    def _tongue(self, language: str) -> Tongue:
        if language not in self._tongues:
            self._tongues[language] = Tongue(self._hints)
        return self._tongues[language]


def _shares(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores as parts of 1 (softmax)."""
    best = max(scores.values())
    shares = {name: exp(score - best) for name, score in scores.items()}
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _strongest(votes: Mapping[str, float]) -> tuple[str, ...]:
    """Return the clues that speak most for a section; of «чемпио» and «чемп*» one is enough."""
    found = [clue for clue, vote in votes.items() if vote > 0 and clue[-1] != "*"]
    return tuple(sorted(found, key=lambda clue: -votes[clue])[:SHOWN])


def _why(guess: Guess, examples: int) -> str:
    because = f": {', '.join(f'«{clue}»' for clue in guess.clues)}" if guess.clues else ""
    return f"learned from {examples} examples{because}"
