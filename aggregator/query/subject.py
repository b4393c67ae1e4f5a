"""What a query looks at: the places of one item, read once however many rules ask.

In:    an Item, or all Facts about it.
Out:   its places as text, tokens and keys, each made when first asked for; Match, the reason in words.
Never: parses queries, decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple, Protocol

from aggregator import text
from aggregator.model import Facts, Item

PlaceName = Literal["title", "lead", "text"]
PLACES: tuple[PlaceName, ...] = ("title", "lead", "text")
LEAD = 300  # characters of the content that stand for a summary where there is none
QUOTED = 90  # characters of a place that a reason quotes
BEFORE, BEHIND = 5, 8  # words around one: about as many characters, but
MOST_QUOTED = 3 * QUOTED  # characters of them, since what is between two words has any length


class Match(NamedTuple):
    """That something matched, and a few readable words on what and where."""

    why: str


class Question(Protocol):
    """Whatever can be asked of an item: a query, a part of one, a saved rule."""

    def matches(self, subject: Subject) -> Match | None:
        """Return the reason why the item matches, or None."""
        ...


class Place:
    """One place of an item: its title, its lead, or its text."""

    def __init__(self, name: PlaceName, raw: str) -> None:
        self.name, self.raw = name, raw

    @cached_property
    def seen(self) -> str:
        """Its text as regular expressions see it (case kept)."""
        return text.visible(self.raw)

    @cached_property
    def _parts(self) -> list[str]:
        return text.parted(self.seen)

    @cached_property
    def tokens(self) -> list[str]:
        """Its folded words."""
        return text.tokens(self.raw) if self.raw.isascii() else text.folded(self._parts)

    @cached_property
    def keys(self) -> list[str]:
        """What each token is looked up by."""
        return text.keys(self.tokens)

    def beginning(self, name: PlaceName, raw: str) -> Place:
        """Return another place with this text; where it is the beginning of ours, its words were read already."""
        begun = Place(name, raw)
        there, parts = 0, self._parts
        if self.seen.startswith(seen := begun.seen.removesuffix("…")):
            left = len(seen)
            while there < len(parts) and left >= len(parts[there]):
                left -= len(parts[there])
                there += 1
            if not (left and there % 2):  # it does not end within a word
                begun.keys = self.keys[: there // 2]
        return begun

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All its keys."""
        return frozenset(self.keys)

    @cached_property
    def _first(self) -> dict[str, int]:
        """The first token of each key."""
        keys = self.keys
        return dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))

    @cached_property
    def _line(self) -> str:
        return f" {' '.join(self.tokens)} "

    def find_phrase(self, phrase: Sequence[str]) -> int | None:
        """Return the first token where these tokens stand one behind another."""
        at = self._line.find(f" {' '.join(phrase)} ")
        return None if at < 0 else self._line.count(" ", 0, at)

    def find_words(self, words: Sequence[frozenset[str]]) -> Sequence[int]:
        """Return every token where these words, each in any of its forms, stand one behind another."""
        there = self.vocabulary & words[0]
        if not there or any(self.vocabulary.isdisjoint(forms) for forms in words[1:]):
            return ()
        begin = min(map(self._first.__getitem__, there))
        starts = [at for at, key in enumerate(self.keys[begin:], begin) if key in there]
        if len(words) == 1:
            return starts
        last = len(self.keys) - len(words)
        return [at for at in starts if at <= last and all(self.keys[at + n] in forms for n, forms in enumerate(words))]

    def find_first(self, words: Sequence[frozenset[str]], there: frozenset[str]) -> int | None:
        """Return the first token where they stand so, or None. there: keys of this place, some of them of one word."""
        if len(words) > 1:
            return next(iter(self.find_words(words)), None)
        return min(map(self._first.__getitem__, there if len(there) == 1 else there & words[0]))

    def quote(self, start: int, end: int) -> str:
        """Return `title «…»`: the place and what stands around seen[start:end]."""
        return f"{self.name} «{_around(self.seen, start, end)}»"

    def quote_token(self, token: int) -> str:
        """Return `title «…»`: the place and the words that stand around a token."""
        parts = self._parts
        begin, end = 2 * (token - BEFORE) + 1, 2 * (token + BEHIND) + 2
        head = "…" if begin > 1 else ""
        tail = "…" if end < len(parts) - 1 else ""
        said = "".join(parts[begin if head else 0 : end if tail else None]).replace("\n", " ")
        return f"{self.name} «{head}{text.shorten(said.strip(), MOST_QUOTED)}{tail}»"


class Texts(dict[PlaceName, Place]):
    """The places of one item, each made when it is first asked for."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item

    def __missing__(self, name: PlaceName) -> Place:
        raw = self._read(name)
        self[name] = place = self["text"].beginning(name, raw) if name == "lead" else Place(name, raw)
        return place

    def _read(self, name: PlaceName) -> str:
        if name == "title":
            return self._item.title
        if name == "lead":
            return self._summary or text.shorten(self._content, LEAD)
        # Many feeds repeat the summary as the beginning of the content; then it would be counted twice.
        return self._content if self._summary in self._content else f"{self._summary}\n{self._content}".strip()

    @cached_property
    def _summary(self) -> str:
        return text.plain(self._item.summary)

    @cached_property
    def _content(self) -> str:
        return text.plain(self._item.content)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The keys of all its words; those of the lead are in the text too."""
        return self["title"].vocabulary | self["text"].vocabulary


@lru_cache(8)
def texts_of(item: Item) -> Texts:
    """Return the places of an item; sections, language and topics ask for the same one in turn and share them."""
    return Texts(item)


class Subject:
    """One item under question: its facts, its texts, and the saved rules it may be asked about, each decided once."""

    def __init__(self, facts: Facts, rules: Mapping[str, Question] | None = None) -> None:
        self.facts = facts
        self.texts = texts_of(facts.item)
        self._rules = rules or {}
        self._decided: dict[str, Match | None] = {}

    def rule(self, name: str) -> Match | None:
        """Return why the saved rule matches; None where it does not, is unknown, or asks for itself."""
        if name not in self._decided:
            self._decided[name] = None  # what a circle of rules finds; the configuration refuses circles
            rule = self._rules.get(name)
            self._decided[name] = rule.matches(self) if rule else None
        return self._decided[name]


def _around(seen: str, start: int, end: int) -> str:
    """Return seen[start:end] with some words on both sides, on one line, at most about QUOTED characters."""
    if len(seen) <= QUOTED:
        return " ".join(seen.split())
    begin = max(0, min(start - QUOTED // 3, len(seen) - QUOTED))
    if begin:
        begin = max(seen.find(" ", begin, start), begin)
    head = "…" if begin else ""
    limit = max(QUOTED, end - begin)
    return head + " ".join(text.shorten(seen[begin : begin + limit + QUOTED].lstrip(), limit).split())
