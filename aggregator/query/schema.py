"""The nested form of a query as a JSON schema, for editors and for programs that write configurations.

In:    the fields.
Out:   a schema (draft 2020-12) that takes every Query.nested().
Never: is what we check by: nested.py is, and says more of a mistake.
"""

from __future__ import annotations

from typing import Any

from aggregator.query.clause import Clause
from aggregator.query.fields import FIELDS
from aggregator.query.nested import LIMITED
from aggregator.query.subject import PLACES

_TEXT = "A query's text, as section:donbas not rule:ads."


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    query = {"$ref": "#/$defs/query"}
    several = {"type": "array", "items": query, "minItems": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Query",
        **query,
        "$defs": {
            "query": {"anyOf": [{"type": "string", "description": _TEXT}, {"$ref": "#/$defs/nested"}]},
            "nested": {
                "type": "object",
                "description": "All of its keys must hold.",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "any": {"description": "Items that one of these finds.", **several},
                    "all": {"description": "Items that each of these finds.", **several},
                    "not": {"description": "Items that this does not find.", **query},
                    "in": _places(),
                    **{name: _values(field) for name, field in FIELDS.items()},
                },
                "dependentSchemas": {"in": {"anyOf": [{"required": [name]} for name in sorted(LIMITED)]}},
            },
        },
    }


def _places() -> dict[str, Any]:
    place = {"enum": list(PLACES)}
    said = f"Where the words beside it are looked for; without it in title and text. {', '.join(PLACES)}."
    return {"description": said, "anyOf": [{"type": "string"}, {"type": "array", "items": place, "minItems": 1}]}


def _values(field: type[Clause[Any]]) -> dict[str, Any]:
    one: dict[str, Any] = {"type": ["string", "number"]}
    if field.pattern:
        one = {"type": "string", "pattern": f"^(?:{field.pattern})$"}
    described = {"description": " ".join((field.sentence(), *(f"{option}." for option in field.options)))}
    if field.single:
        return described | one
    return described | {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
