"""What an index of words can tell of a query.

In:    the texts of an item; a query and the saved rules.
Out:   an item's terms; what of them an item must have to match, None where the index cannot tell; the words to mark.
Never: misses an item that matches, or decides that one does: the query is asked of each that has the terms.

A term is the key of a word of the item (text.key), and once more behind TITLE where the title has it. Whoever changes
how words are parted, folded or stemmed writes a migration that has all items indexed anew (`item.words_at`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aggregator import text
from aggregator.query.fields import ByRule
from aggregator.query.said import HasWords, LeadSays, TextSays, TitleSays
from aggregator.query.subject import PlaceName, Texts
from aggregator.query.tree import And, Node, Not, Or, Query
from aggregator.query.values import Phrase, Words

TITLE = "="  # no letter and no digit, so it is in no key
CLIPPED = "*"  # the term of an item that has more than are kept: it may have any
LONGEST = 50  # characters of a key that are kept: longer "words" are addresses and data, and alike in the beginning
MOST_BYTES = 500_000  # of an item's terms; PostgreSQL refuses a tsvector of 1 MB
MOST_TERMS = 2_000  # that are asked for at once: as many as a hundred words with all their forms

Sought = tuple[frozenset[str], ...]  # words one behind another, each as the keys of its forms


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts."""

    parts: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Any of the parts."""

    parts: tuple[Wanted, ...]


Wanted = frozenset[str] | Every | Some  # of a set any term


def terms_of(texts: Texts) -> list[str]:
    """Return the terms of an item, sorted; CLIPPED among them where they are too many."""
    title = (TITLE + _clipped(key) for key in texts["title"].vocabulary)
    terms, room = sorted({*title, *map(_clipped, texts.vocabulary)}), MOST_BYTES
    for kept, term in enumerate(terms):
        room -= len(term.encode())
        if room < 0:
            return [*terms[:kept], CLIPPED]
    return terms


def _clipped(key: str) -> str:
    return key[:LONGEST]


def wanted(query: Query, rules: Mapping[str, Query]) -> Wanted | None:
    """Return what the terms of each item that matches fulfil; None where it may have any. rules: by name."""
    found = _wanted(query.root, rules)
    return None if found is None else Some((frozenset([CLIPPED]), found))


def _wanted(node: Node, rules: Mapping[str, Query]) -> Wanted | None:
    match node:
        case And(parts):
            return _every(_wanted(part, rules) for part in parts)
        case Or(parts):
            return _some(_wanted(part, rules) for part in parts)
        case ByRule(values):
            return _some(_wanted(rules[name.value].root, rules) if name.value in rules else None for name in values)
    said = _said(node)
    if said is None:
        return None
    sign = TITLE if _places(node) == ("title",) else ""
    return _some(_every(frozenset(sign + _clipped(key) for key in forms) for forms in words) for words in said)


def _every(parts: Iterable[Wanted | None]) -> Wanted | None:
    """Return what all parts ask for together, without those that ask for nothing, or for too much."""
    kept: list[Wanted] = []
    room = MOST_TERMS
    for part in sorted([part for part in parts if part is not None], key=_size):
        room -= _size(part)
        if room >= 0:
            kept.append(part)
    return (kept[0] if len(kept) == 1 else Every(tuple(kept))) if kept else None


def _some(parts: Iterable[Wanted | None]) -> Wanted | None:
    """Return what any of the parts asks for; None where one of them asks for nothing, or all for too much."""
    alone: set[str] = set()
    mixed: list[Wanted] = []
    for part in parts:
        if part is None:
            return None
        if isinstance(part, frozenset):
            alone |= part
        else:
            mixed.append(part)
    if len(alone) + sum(map(_size, mixed)) > MOST_TERMS:
        return None
    whole: list[Wanted] = [frozenset(alone), *mixed] if alone else mixed
    return whole[0] if len(whole) == 1 else Some(tuple(whole))


def _size(part: Wanted) -> int:
    return len(part) if isinstance(part, frozenset) else sum(map(_size, part.parts))


def _said(node: Node) -> list[Sought] | None:
    """Return the words of a clause of which an item has one; None of any other, and of one with an expression."""
    match node:
        case HasWords(values):
            return [value.forms for value in values]
        case TitleSays(values) | LeadSays(values) | TextSays(values):
            if all(isinstance(value, Phrase) for value in values):
                return [_sought(value) for value in values if isinstance(value, Phrase)]
    return None


def _sought(value: Phrase | Words) -> Sought:
    return value.forms if isinstance(value, Words) else tuple(frozenset([text.key(token)]) for token in value.tokens)


def _places(node: Node) -> tuple[PlaceName, ...]:
    match node:
        case TitleSays():
            return ("title",)
        case HasWords() | TextSays():
            return node.places
    return ()


def sought(query: Query, rules: Mapping[str, Query]) -> list[Sought]:
    """Return the words and phrases by which a query finds, to be marked in what it found."""
    return list(_marks(query.root, rules))


def _marks(node: Node, rules: Mapping[str, Query]) -> Iterator[Sought]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _marks(part, rules)
        case Not():
            return
        case ByRule(values):
            for name in values:
                if name.value in rules:
                    yield from _marks(rules[name.value].root, rules)
        case HasWords(values) | TitleSays(values) | LeadSays(values) | TextSays(values):
            yield from (_sought(value) for value in values if isinstance(value, Phrase | Words))
