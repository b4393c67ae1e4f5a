"""Which topics ask how many outlets tell a story, and where their answers turn.

In:    the queries of topics, saved rules.
Out:   the topics whose answer may be another one when a story has grown.
Never: answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aggregator.query import Bound, ByRule, Query, ToldBy, clauses


class Counted:
    """The bounds on `outlets:` of topics, as far as they have any; false where none has."""

    def __init__(self, queries: Iterable[tuple[str, Query]], rules: Mapping[str, Query]) -> None:
        """Take the queries of topics (topic, query), several of one where it has several."""
        self._bounds: dict[str, set[Bound]] = {}
        for topic, query in queries:
            if found := _bounds(query, rules):
                self._bounds.setdefault(topic, set()).update(found)

    def __bool__(self) -> bool:
        return bool(self._bounds)

    def turned(self, before: int, after: int) -> frozenset[str]:
        """Return the topics with a bound that holds of one of two numbers alone."""
        return frozenset(
            topic
            for topic, bounds in self._bounds.items()
            if any(bound.holds(before) != bound.holds(after) for bound in bounds)
        )


def _bounds(query: Query, rules: Mapping[str, Query]) -> set[Bound]:
    found, left, seen = set[Bound](), [query], set[str]()
    while left:
        for clause in clauses(left.pop().root):
            if isinstance(clause, ToldBy):
                found.update(clause.values)
            elif isinstance(clause, ByRule):
                new = {name.value for name in clause.values} & rules.keys() - seen
                seen |= new
                left += [rules[name] for name in new]
    return found
