"""One index for the words of many rules: which of them an item's vocabulary can touch at all.

In:    rules, each with the keys of words of which it needs one; later the vocabulary of an item.
Out:   the rules that may match, found in one pass over the vocabulary, however many rules there are.
Never: decides; who is found must still be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from aggregator.query import And, ByRule, HasWords, Node, Or, Query

R = TypeVar("R")


class WordIndex(Generic[R]):
    """Rules by the words of which they need one. None: a rule that may match without any word."""

    def __init__(self, needs: Iterable[tuple[R, frozenset[str] | None]]) -> None:
        self._always: set[R] = set()
        self._by_word: dict[str, list[R]] = {}
        for rule, words in needs:
            if words is None:
                self._always.add(rule)
            for word in words or ():
                self._by_word.setdefault(word, []).append(rule)

    def touched(self, vocabulary: Iterable[str]) -> set[R]:
        """Return the rules that may match an item with these words."""
        found = set(self._always)
        for word in self._by_word.keys() & vocabulary:
            found.update(self._by_word[word])
        return found


def needs(query: Query, rules: Mapping[str, Query]) -> frozenset[str] | None:
    """Return the words of which an item must have one to match, or None where it may match without any."""
    return _needs(query.root, rules, ())


def _needs(node: Node, rules: Mapping[str, Query], above: tuple[str, ...]) -> frozenset[str] | None:
    """above: the rules that are being followed; a circle needs a word that does not exist."""
    match node:
        case HasWords():
            return frozenset(node.needs)
        case And(parts):
            known = [words for part in parts if (words := _needs(part, rules, above)) is not None]
            return min(known, key=len, default=None)
        case Or(parts):
            return _any_of([_needs(part, rules, above) for part in parts])
        case ByRule(names):
            open_rules = [name.value for name in names if name.value in rules and name.value not in above]
            return _any_of([_needs(rules[name].root, rules, (*above, name)) for name in open_rules])
        case _:
            return None


def _any_of(needed: list[frozenset[str] | None]) -> frozenset[str] | None:
    """What an `or` needs: all that its parts need, if each needs something."""
    known = [words for words in needed if words is not None]
    return frozenset().union(*known) if len(known) == len(needed) else None
