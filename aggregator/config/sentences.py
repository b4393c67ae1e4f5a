"""Say in plain sentences what the schema did not accept.

In:    a Document, and the schema of its file.
Out:   Mistakes, and the typed value of all that is right, so that the rest can be checked too.
Never: decides what is right (schema.py), or shows what ${...} was replaced by.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, TypeVar

from aggregator.config.document import Document, Trail, describe, quote
from aggregator.config.faults import Fault, validate
from aggregator.config.kinds import Keys, Known
from aggregator.config.suggest import did_you_mean, one_of
from aggregator.config.values import spell_duration

File = TypeVar("File", bound=Keys)

# pydantic's kind of error -> what was expected, and a hint
EXPECTED: dict[str, tuple[str, str]] = {
    "string_type": ("a text is expected", ""),
    "int_type": ("a whole number is expected", ""),
    "int_from_float": ("a whole number is expected", ""),
    "float_type": ("a number is expected", ""),
    "bool_type": ("true or false is expected", ""),
    "list_type": ("a list is expected", "Write it like [one, two]."),
    "dict_type": ("keys with values are expected", ""),
    "model_type": ("keys with values are expected", ""),
    "time_delta_type": ("a duration is expected", "Write it like 30s, 15m, 2h, 7d or 1h30m."),
    "greater_than_equal": ("at least {ge} is expected", ""),
    "less_than_equal": ("at most {le} is expected", ""),
    "literal_error": ("{expected} is expected", ""),
}


def check(model: type[File], document: Document, known: Known) -> File:
    """Return the typed value of all that is right in a document; append the rest to its mistakes."""
    value = document.value
    result = validate(model, value, known)
    if isinstance(result, tuple):
        for fault in result:
            _blame(document, fault)
    while isinstance(result, tuple):  # a source without its wrong url has none, so it goes in the second round
        value = _without(value, {_stands(value, fault.trail) for fault in result})
        result = validate(model, value, known)
    return result


def _blame(document: Document, fault: Fault) -> None:
    if fault.kind == "extra_forbidden":
        hint = one_of(str(fault.trail[-1]), fault.known, "keys here")
        document.blame(fault.trail, "unknown key.", hint, at_key=True)
    elif fault.kind == "missing":
        document.blame(fault.trail[:-1], f'the key "{fault.trail[-1]}" is missing.', at_key=True)
    else:
        trail = document.nearest(fault.trail)
        problem, hint = _problem(document, trail, fault)
        document.blame(trail, problem, hint, at_key=fault.at_key)


def _problem(document: Document, trail: Trail, fault: Fault) -> tuple[str, str]:
    replaced = trail in document.written  # a guess at what was meant would tell what it is
    value = document.written.get(trail, document.at(trail))
    if fault.wrong:
        shown = quote(str(trail[-1] if fault.at_key else value))
        return fault.wrong.problem.replace("{here}", shown), "" if replaced else fault.wrong.hint
    shown = describe(value)
    if fault.kind not in EXPECTED:
        return f"{fault.said}, here stands {shown}.", ""
    expected, hint = EXPECTED[fault.kind]
    limits = {name: _limit(limit) for name, limit in fault.limits.items()}
    if fault.kind == "string_type" and isinstance(value, bool | int | float):
        hint = "Put it in quotes."
    if fault.kind == "literal_error" and isinstance(value, str) and not replaced:
        hint = did_you_mean(value, re.findall('"(.*?)"', limits["expected"]))
    return f"{expected.format(**limits)}, here stands {shown}.", hint


def _limit(limit: object) -> str:
    return spell_duration(limit) if isinstance(limit, timedelta) else str(limit).replace("'", '"')


def _stands(value: Any, trail: Trail) -> Trail:
    """Return the part of a trail that stands in a value, not going into lists: their indexes must not shift."""
    stands: Trail = ()
    for step in trail:
        if not isinstance(value, dict) or step not in value:
            break
        stands, value = (*stands, step), value[step]
    return stands


def _without(value: Any, cut: set[Trail], here: Trail = ()) -> Any:
    if here in cut:
        return {}
    if not isinstance(value, dict):
        return value
    return {key: _without(below, cut, (*here, key)) for key, below in value.items() if (*here, key) not in cut}
