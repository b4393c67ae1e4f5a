"""A query as a tree of and, or, not and clauses.

In:    parts that grammar.py or nested.py read.
Out:   Query: its canonical text, the names it refers to, and whether an item matches.
Never: reads text or YAML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregator import text
from aggregator.errors import QueryError
from aggregator.query.clause import Clause
from aggregator.query.subject import Match, Subject
from aggregator.query.values import BARE, Name, spell_alone

MAX_LENGTH = 10_000  # characters of the text form: it also comes from search boxes
TOLD = 120  # characters of a `not` in a reason
MOST_REFUSALS = 3  # parts of an `or` that are named
MAX_DEPTH = 100  # parts within parts: Python's stack holds it, and nobody reads more


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple[Node, ...]

    def matches(self, subject: Subject) -> Match | None:
        """Return the reasons of all parts, joined."""
        reasons = []
        for part in self.parts:
            match = part.matches(subject)
            if match is None:
                return None
            reasons.append(match.why)
        return Match(" and ".join(reasons))


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple[Node, ...]

    def matches(self, subject: Subject) -> Match | None:
        """Return the reason of the first part that matches."""
        for part in self.parts:
            if match := part.matches(subject):
                return match
        return None


@dataclass(frozen=True, slots=True)
class Not:
    """Anything but the part."""

    part: Node

    def matches(self, subject: Subject) -> Match | None:
        """Return that the part does not match."""
        return None if self.part.matches(subject) else Match(text.shorten(f"not {_bracketed(self.part)}", TOLD))


Node = And | Or | Not | Clause[Any]


def refusals(node: Node, subject: Subject) -> Iterator[str]:
    """Yield the parts of a query that keep out an item which it does not match, in the words of the query."""
    match node:
        case And(parts):
            yield from next((refusals(part, subject) for part in parts if not part.matches(subject)), iter(()))
        case Or(parts):
            for part in parts:
                yield from refusals(part, subject)
        case Not(part):
            yield f"not {_bracketed(part)}"
        case clause:
            yield _clause(clause)


def joined(kind: type[And | Or], parts: list[Node]) -> Node:
    """Return the parts under one And or Or; one part stays itself, the same kind inside is the same list."""
    if len(parts) == 1:
        return parts[0]
    return kind(tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))))


def clauses(root: Node) -> Iterator[Clause[Any]]:
    """Return every clause, in the order of the text."""
    match root:
        case And(parts) | Or(parts):
            for part in parts:
                yield from clauses(part)
        case Not(part):
            yield from clauses(part)
        case clause:
            yield clause


def depth(root: Node) -> int:
    """Return how many and, or and not stand within each other. Not recursive: it is asked before we know."""
    deepest, left = 0, [(root, 0)]
    while left:
        node, above = left.pop()
        deepest = max(deepest, above)
        parts = (node.part,) if isinstance(node, Not) else node.parts if isinstance(node, And | Or) else ()
        left += [(part, above + 1) for part in parts]
    return deepest


def written(root: Node) -> str:
    """Return the canonical text of a tree."""
    match root:
        case And(parts):
            return " and ".join(_bracketed(part) if isinstance(part, Or) else written(part) for part in parts)
        case Or(parts):
            return " or ".join(map(written, parts))
        case Not(part):
            return f"not {_bracketed(part)}"
        case clause:
            return _clause(clause)


def nested(root: Node) -> dict[str, Any]:
    """Return the nested form of a tree."""
    match root:
        case And(parts):
            return {"all": [nested(part) for part in parts]}
        case Or(parts):
            return {"any": [nested(part) for part in parts]}
        case Not(part):
            return {"not": nested(part)}
        case clause:
            values = [spell_alone(value) for value in clause.values]
            limit = {"in": list(clause.where)} if clause.where else {}
            return {clause.name: values if len(values) > 1 else values[0], **limit}


def _bracketed(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, And | Or) else written(node)


def _clause(clause: Clause[Any]) -> str:
    values = [value.text for value in clause.values]
    quoted = len(values) > 1 and not all(map(BARE.fullmatch, values))
    listed = f"({', '.join(values)})" if quoted else ",".join(values)
    return f"{clause.name}:{listed}" + (f" in:{','.join(clause.where)}" if clause.where else "")


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an item, from the text form or the nested form; both are equal."""

    root: Node

    def __post_init__(self) -> None:
        if depth(self.root) > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} parts stand within each other")

    @property
    def text(self) -> str:
        """Its canonical text: parse(query.text) == query."""
        return written(self.root)

    def nested(self) -> dict[str, Any]:
        """Return its nested form: from_nested(query.nested()) == query."""
        return nested(self.root)

    def names(self) -> Iterator[Name]:
        """Return the sections, sources, groups and rules it refers to, in the order of its text."""
        for clause in clauses(self.root):
            yield from clause.names()

    def matches(self, subject: Subject) -> Match | None:
        """Return the reason why the item matches, or None."""
        return self.root.matches(subject)

    def refusal(self, subject: Subject) -> str:
        """Return what keeps out an item that does not match: the part that fails, or all where any would do."""
        parts = [text.shorten(part, TOLD) for part in dict.fromkeys(refusals(self.root, subject))]
        if len(parts) == 1:
            return f"{parts[0]} does not hold"
        more = f" and {len(parts) - MOST_REFUSALS} more" if len(parts) > MOST_REFUSALS else ""
        return f"none of these holds: {', '.join(parts[:MOST_REFUSALS])}{more}"
