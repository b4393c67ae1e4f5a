"""What pydantic does not accept, as faults that a person can be told.

In:    a model of schema.py and the plain value of a file.
Out:   the typed value, or every fault: where, and of what kind.
Never: writes sentences; that is sentences'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from aggregator.config.document import Trail
from aggregator.config.kinds import Keys, Known
from aggregator.config.values import WrongError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that pydantic did not accept."""

    trail: Trail
    kind: str  # pydantic's error type
    said: str  # its message, for kinds that we have no sentence for
    limits: dict[str, Any] = field(default_factory=dict)  # pydantic's ctx
    wrong: WrongError | None = None  # our own complaint
    at_key: bool = False  # the key itself is at fault
    known: tuple[str, ...] = ()  # for an unknown key: those that there are


File = TypeVar("File", bound=Keys)


def validate(model: type[File], value: Any, known: Known) -> File | tuple[Fault, ...]:
    """Return the typed value, or every fault."""
    try:
        return model.model_validate(value, context=known)
    except ValidationError as error:
        return tuple(_fault(model, found) for found in error.errors(include_url=False))


def _fault(model: type[Keys], found: Any) -> Fault:
    trail, kind, limits = tuple(found["loc"]), found["type"], found.get("ctx", {})
    wrong = limits.get("error")
    at_key = kind == "extra_forbidden"
    if trail and trail[-1] == "[key]" and not at_key:
        trail, at_key = trail[:-1], True
    known = _keys_at(model, trail[:-1]) if kind == "extra_forbidden" else ()
    return Fault(
        trail=trail,
        kind=kind,
        said=found["msg"],
        limits=limits,
        wrong=wrong if isinstance(wrong, WrongError) else None,
        at_key=at_key,
        known=known,
    )


def _keys_at(model: Any, trail: Trail) -> tuple[str, ...]:
    """Return the keys that the mapping at the end of a trail knows."""
    for step in trail:
        model = _inside(model, step)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _inside(model: Any, step: str | int) -> Any:
    """Return the type of what stands under a key, without the wrappings of Annotated, Optional and dict."""
    fields = {field.alias or name: field for name, field in getattr(model, "model_fields", {}).items()}
    return _bare(fields[str(step)].annotation if fields else get_args(model)[-1])


def _bare(kind: Any) -> Any:
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = get_args(kind)[0]
    return kind
