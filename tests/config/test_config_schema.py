"""The schema can be printed, and says what each key means."""

from __future__ import annotations

import pytest

from aggregator.config.schema import Settings, Sources
from aggregator.config.topic_keys import Topics


@pytest.mark.parametrize("model", [Settings, Sources, Topics])
def test_every_key_has_a_description_in_the_json_schema(model):
    schema = model.model_json_schema()
    for name, mapping in {model.__name__: schema, **schema.get("$defs", {})}.items():
        assert mapping["description"], name
        for key, value in mapping["properties"].items():
            assert value["description"].endswith((".", "10.", "...")), f"{name}.{key}"
