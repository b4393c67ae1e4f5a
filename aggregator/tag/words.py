"""One index for the words and expressions of many rules: which of them an item can touch at all.

In:    rules, each with the needs of which it must find one; later the vocabulary of an item, and what matches in it.
Out:   the rules that may match, found in one pass over the item, however many rules there are.
Never: decides; who is found must still be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Generic, TypeVar

from aggregator import text
from aggregator.query import And, ByRule, Clause, Need, Node, Or, Patterns, Query, Subject, Where

R = TypeVar("R")


class WordIndex(Generic[R]):
    """Rules by what they need one of. None: a rule that may match without any of it."""

    def __init__(self, needs: Iterable[tuple[R, Iterable[Need] | None]]) -> None:
        self._always: set[R] = set()
        self._by_need: dict[Need, list[R]] = {}
        for rule, needed in needs:
            if needed is None:
                self._always.add(rule)
            for need in needed or ():
                self._by_need.setdefault(need, []).append(rule)
        self._words = frozenset(need for need in self._by_need if isinstance(need, str))

    def __iter__(self) -> Iterator[Need]:
        return iter(self._by_need)

    def touched(self, vocabulary: frozenset[str], found: Iterable[Need] = ()) -> set[R]:
        """Return the rules that may match an item which has these words, and in which these other needs were found."""
        needs = chain(self._words & vocabulary, found)
        return self._always.union(*map(self._by_need.__getitem__, needs))


class PatternIndex:
    """The regular expressions that rules need, those about one place as one."""

    def __init__(self, needs: Iterable[Need]) -> None:
        pairs = [need for need in needs if isinstance(need, tuple)]
        places = dict.fromkeys(place for place, _ in pairs)
        self._patterns = {place: Patterns(one for where, one in pairs if where == place) for place in places}

    def found(self, subject: Subject) -> list[Need]:
        """Return which of them match in which place of the item."""
        return [(place, one) for place, all_ in self._patterns.items() for one in all_.found(_seen(subject, place))]


def _seen(subject: Subject, place: Where) -> str:
    return text.visible(subject.facts.item.link or "") if place == "url" else subject.texts[place].seen


def needs(query: Query, rules: Mapping[str, Query]) -> frozenset[Need] | None:
    """Return of what an item must have one to match, or None where it may match without any."""
    return _needs(query.root, rules, ())


def _needs(node: Node, rules: Mapping[str, Query], above: tuple[str, ...]) -> frozenset[Need] | None:
    """above: the rules that are being followed; a circle needs a word that does not exist."""
    match node:
        case And(parts):
            known = [needed for part in parts if (needed := _needs(part, rules, above)) is not None]
            return min(known, key=len, default=None)
        case Or(parts):
            return _any_of([_needs(part, rules, above) for part in parts])
        case ByRule(names):
            open_rules = [name.value for name in names if name.value in rules and name.value not in above]
            return _any_of([_needs(rules[name].root, rules, (*above, name)) for name in open_rules])
        case Clause():
            return node.needs()
        case _:
            return None


def _any_of(needed: list[frozenset[Need] | None]) -> frozenset[Need] | None:
    """What an `or` needs: all that its parts need, if each needs something."""
    known = [one for one in needed if one is not None]
    return frozenset().union(*known) if len(known) == len(needed) else None
