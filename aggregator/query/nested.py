"""The nested form of a query: the same question as YAML mappings and lists.

In:    {any: [...]}, {all: [...]}, {not: ...}, {FIELD: value or list, in: [places]}, or a query's text.
Out:   a Query equal to that of the text form, or a QueryError that begins with the place (`any.2.lang: ...`).
Never: reads YAML; knows what a field does.

A mapping with several keys means all of them. A string behind a field is a regular expression when it stands between
slashes, and is taken as it is when it stands in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard, TypeVar

from aggregator.errors import QueryError
from aggregator.query.fields import field_named, places_named
from aggregator.query.grammar import parse
from aggregator.query.subject import PlaceName
from aggregator.query.tree import MAX_DEPTH, MAX_LENGTH, And, Node, Not, Or, Query, joined
from aggregator.query.values import REGEX, Raw

T = TypeVar("T")
LIMITED = frozenset({"words", "text"})


def from_nested(form: object) -> Query:
    """Return the query that a nested form says."""
    query = Query(_read(form, (), 0))
    if len(query.text) > MAX_LENGTH:
        raise QueryError(f"as text the query would be longer than {MAX_LENGTH} characters; make several rules of it")
    return query


Path = tuple[str, ...]


def _read(form: object, path: Path, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise QueryError(f"more than {MAX_DEPTH} parts stand within each other")
    if isinstance(form, str):
        return _within(path, lambda: parse(form).root)
    if not isinstance(form, Mapping) or not form:
        raise _wrong(path, "a mapping is missing here, as {section: donbas} or {any: [...]}")
    keys = {str(key).lower(): key for key in form}
    if "in" in keys and not LIMITED & keys.keys():
        raise _wrong((*path, "in"), "it limits words and text, and stands beside one of them")
    places = _places(form[keys["in"]], (*path, "in")) if "in" in keys else None
    return joined(
        And, [_part(name, form[key], places, (*path, name), depth) for name, key in keys.items() if name != "in"]
    )


def _part(name: str, value: object, places: tuple[PlaceName, ...] | None, path: Path, depth: int) -> Node:
    match name:
        case "not":
            return Not(_read(value, path, depth + 1))
        case "any" | "all":
            parts = [_read(part, (*path, str(n)), depth + 1) for n, part in enumerate(_list(value, path), 1)]
            return joined(Or if name == "any" else And, parts)
        case _:
            raws = [_raw(one, path) for one in (value if _is_list(value) else [value])]
            return _within(path, lambda: _clause(name, raws, places))


def _clause(name: str, raws: Sequence[Raw], places: tuple[PlaceName, ...] | None) -> Node:
    if not raws:
        raise QueryError("the list is empty")
    return field_named(name, 1).read(raws, places if name in LIMITED else None, 1)


def _raw(value: object, path: Path) -> Raw:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(path, "a value is a text, a number, or a list of these")
    said = str(value)
    if REGEX.fullmatch(said):
        return Raw(said, "regex", 1)
    return Raw(said[1:-1] if re.fullmatch('".*"', said, re.DOTALL) else said, "quoted", 1)


def _places(value: object, path: Path) -> tuple[PlaceName, ...]:
    names = value.split(",") if isinstance(value, str) else _list(value, path)
    return _within(path, lambda: places_named([(str(name).strip(), 1) for name in names]))


def _list(value: object, path: Path) -> Sequence[object]:
    if not _is_list(value) or not value:
        raise _wrong(path, "a list with something in it is missing here")
    return value


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _within(path: Path, read: Callable[[], T]) -> T:
    """Return what `read` returns; its mistakes say where they are."""
    try:
        return read()
    except QueryError as error:
        column = error.column if error.column > 1 else 0
        raise _wrong(path, f"column {column}: {error.problem}" if column else error.problem, error.hint) from None


def _wrong(path: Path, problem: str, hint: str = "") -> QueryError:
    return QueryError(f"{'.'.join(path)}: {problem}" if path else problem, hint=hint)
