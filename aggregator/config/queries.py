"""Read every query of the configuration, and hold the names in it against what exists.

In:    the document of topics.yaml, and the names that there are.
Out:   the queries by where they stand; mistakes in the document.
Never: knows the grammar (aggregator/query), or evaluates anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from aggregator.config.document import Document, Trail, describe
from aggregator.config.kinds import Known
from aggregator.config.settings import Config
from aggregator.config.values import WrongError
from aggregator.errors import QueryError
from aggregator.query import Name, Query, from_nested, parse, parse_once

MAX_DEPTH = 50  # rules within rules: following them takes Python's stack, which holds a few hundred
REPLACED = ("this query is wrong once ${...} is replaced.", "It is not shown, because it may be a secret.")


def asked(text: str, config: Config, *, public: bool = False) -> Query:
    """Return a query that stands in no file. Raises QueryError, also for a name that nothing has.

    public  anybody asks: what is private has no name
    """
    query = parse_once(text)
    sources, rules = (config.public_sources, public_rules(config)) if public else (config.sources, config.rules)
    groups = {group for source in sources.values() for group in source.groups}
    names = {"section": config.sections, "source": sources, "group": groups, "rule": rules}
    known = Known(names={kind: frozenset(some) for kind, some in names.items()})
    for name in query.names():
        try:
            known.check(name.kind, name.value)
        except WrongError as error:
            problem = error.problem.replace("{here}", f'"{name.value}"')
            raise QueryError(problem, column=name.column, hint=error.hint) from None
    return query


def public_rules(config: Config) -> dict[str, str]:
    """Return the rules that all may ask for: those that public topics are made of, and the rules in these."""
    left = [query for topic in config.public_topics.values() for query in (topic.match, topic.not_) if query]
    found: dict[str, str] = {}
    while left:
        for name in parse(left.pop()).names():
            if name.kind == "rule" and name.value in config.rules and name.value not in found:
                found[name.value] = config.rules[name.value]
                left.append(found[name.value])
    return found


def read_queries(document: Document, known: Known) -> dict[Trail, Query]:
    """Return the queries of rules and topics that can be read; append the rest to the document's mistakes."""
    queries: dict[Trail, Query] = {}
    for trail, written in _written(document.value):
        try:
            query = _query(written)
        except QueryError as error:
            _blame(document, trail, error.problem, error.hint, column=error.column)
        except WrongError as error:
            document.blame(trail, error.problem, error.hint)
        else:
            queries[trail] = query
            _check_names(document, trail, query, known)
    _check_circles(document, queries)
    return queries


def _written(value: Any) -> Iterator[tuple[Trail, Any]]:
    """Yield every query as written. The schema complains where the shapes around it are wrong."""
    rules, topics = (_mapping(_mapping(value).get(key)) for key in ("rules", "topics"))
    for name, rule in rules.items():
        yield ("rules", name), rule
    for number, mute in enumerate(_listed(_mapping(value).get("mute"))):
        if "match" in _mapping(mute):
            yield ("mute", number, "match"), mute["match"]
    for name, topic in topics.items():
        for key in ("match", "not"):
            if key in _mapping(topic):
                yield ("topics", name, key), topic[key]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _query(written: Any) -> Query:
    match written:
        case str():
            return parse(written)
        case dict() | list():
            return from_nested(written)
    raise WrongError(f"a query is expected, here stands {describe(written)}.")


def _blame(
    document: Document, trail: Trail, problem: str, hint: str, *, column: int, leaf: Trail | None = None
) -> None:
    """Tell of a mistake in a query.

    column  in its text; a nested query has none that a person could count in
    leaf    the part of a nested query that is wrong, where that is known
    """
    if any(place[: len(trail)] == trail for place in document.written):
        document.blame(trail, *REPLACED)
    else:
        more = f"column {column}" if isinstance(document.at(trail), str) else ""
        document.blame(leaf or trail, problem.rstrip(".") + ".", hint, more=more)


def _check_names(document: Document, trail: Trail, query: Query, known: Known) -> None:
    for name in query.names():
        try:
            known.check(name.kind, name.value)
        except WrongError as error:
            problem = error.problem.replace("{here}", f'"{name.value}"')
            _blame(document, trail, problem, error.hint, column=name.column, leaf=_leaf(document, trail, name))


def _leaf(document: Document, trail: Trail, name: Name) -> Trail:
    """Return where a name stands in a nested query; the query itself if that is a text."""
    for below in document.values:
        if below[: len(trail)] == trail and name.kind in below[len(trail) :]:
            text = document.at(below)
            if isinstance(text, str) and name.value in text:
                return below
    return trail


def _check_circles(document: Document, queries: Mapping[Trail, Query]) -> None:
    refers = {
        str(trail[1]): [name.value for name in query.names() if name.kind == "rule"]
        for trail, query in queries.items()
        if trail[0] == "rules"
    }
    for circle in circles(refers):
        problem = f"these rules refer to each other in a circle: {' -> '.join(circle)}."
        document.blame(("rules", circle[0]), problem, at_key=True)
        refers = {name: to for name, to in refers.items() if name not in circle}
    for name, depth in _depths(refers).items():
        if depth == MAX_DEPTH + 1:
            problem = f"this rule uses rules that use rules, more than {MAX_DEPTH} deep."
            document.blame(("rules", name), problem, at_key=True)


def _depths(refers: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return how many rules deep each name goes, itself included. There is no circle among them."""
    depths: dict[str, int] = {}
    for name in TopologicalSorter(refers).static_order():
        depths[name] = 1 + max((depths[other] for other in refers.get(name, ())), default=0)
    return depths


def circles(refers: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Yield every circle of references, from the name that stands first in the file to itself again."""
    order = list(refers)
    while True:
        try:
            TopologicalSorter(refers).prepare()
        except CycleError as error:
            circle = error.args[1][:0:-1]  # backwards, because the sorter's edges point the other way
            first = min(range(len(circle)), key=lambda at: order.index(circle[at]))
            circle = circle[first:] + circle[:first]
            yield [*circle, circle[0]]
            refers = {name: to for name, to in refers.items() if name not in circle}
        else:
            return
