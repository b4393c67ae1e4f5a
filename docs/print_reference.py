"""Print what the code knows into docs/, so that it cannot say anything else: `make docs`.

In:    the configuration's models, the query language's fields, the command line, the tables of events and flaws.
Out:   one Markdown page each. tests/test_reference.py fails where a page on disk differs.
"""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import typer

from aggregator.cli import app
from aggregator.config import schema, topic_keys
from aggregator.config.compare import KINDS
from aggregator.config.kinds import Keys
from aggregator.config.presets import PRESETS, Preset
from aggregator.config.values import spell_duration
from aggregator.dedup import FLAWS as DEDUP_FLAWS
from aggregator.fetch.flaws import FLAWS as FETCH_FLAWS
from aggregator.log import EVENTS
from aggregator.parse.flaws import FLAWS
from aggregator.query import FIELDS, json_schema
from aggregator.schedule import FLAWS as SCHEDULE_FLAWS
from aggregator.serve import Manners, about

DOCS = Path(__file__).parent
# What is held against other parsers, and what can go wrong, are tables of the tests.
sys.path += [str(DOCS.parent / "tests/conformance"), str(DOCS.parent / "tests/faults")]
FILES = {"aggregator.yaml": schema.Settings, "sources.yaml": schema.Sources, "topics.yaml": topic_keys.Topics}
WIDE = {"terminal_width": 90, "max_content_width": 90}  # whatever terminal this is printed from
EXITS = {
    0: "done",
    1: "the work failed: every poll failed, nothing was found, the address is taken",
    2: "wrong use or a wrong configuration; nothing was started",
    75: "`run`: another daemon holds the store; `db restore`: a daemon does",
    78: "the store is unusable",
}


def pages() -> dict[str, str]:
    """Return every page by its path under docs/."""
    from conform_page import page as conformance
    from fault_page import page as faults

    return {
        "reference/configuration.md": "".join(_configuration()),
        "reference/query.md": "".join(_query()),
        "reference/query.schema.json": json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n",
        "reference/cli.md": "".join(_cli()),
        "reference/events.md": "# Events of the log\n\n"
        "Each is one line of JSON (readable text on a terminal) on stderr.\n\n"
        + _table(("event", "meaning"), [(f"`{name}`", meaning) for name, meaning in EVENTS.items()]),
        "reference/flaws.md": "# Flaws\n\n"
        "What can be wrong in a document that is read nevertheless; `aggregator status SOURCE` lists them.\n\n"
        + _table(
            ("code", "meaning"),
            [(f"`{code}`", said) for code, said in (FETCH_FLAWS | FLAWS | SCHEDULE_FLAWS | DEDUP_FLAWS).items()],
        ),
        "reference/faults.md": faults(),
        "reference/parsing.md": conformance(),
        "guide/politeness.md": about(Manners()) + "\n",
    }


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _configuration() -> Iterator[str]:
    yield "# Configuration\n\nUnknown keys are mistakes. Durations: `30s`, `15m`, `2h`, `7d`, `1h30m`. "
    yield "`${NAME}` stands for a variable of the environment, `${file:PATH}` for what a file holds.\n"
    for name, model in FILES.items():
        yield f"\n## {name}\n\n{model.__doc__}\n\n"
        yield _table(("key", "default", "meaning"), list(_keys(model, "")))
    yield "\n## Presets\n\nKeys of a source that stand for a place of the web, instead of an address: "
    yield "`channel: {telegram: ozero_news}`. Addresses of the place are understood, too, as people paste "
    yield "them. The pause is that between two requests to its hosts, of all sources together; `hosts.default.gap` "
    yield "where that is longer. Nothing here has been tried against the live site.\n\n"
    yield _table(("key", "takes", "is asked at", "pause", "not known"), list(map(_preset, PRESETS)))


def _preset(preset: Preset) -> tuple[str, ...]:
    gap = f"`{spell_duration(preset.gap)}`" if preset.gap else ""
    forms = dict.fromkeys((form.word, form.address) for form in preset.forms)
    words, asked = ("<br>".join(f"`{_as_names(one)}`" for one in column) for column in zip(*forms, strict=True))
    return f"`{preset.name}`", words, asked, gap, preset.untried


def _as_names(template: str) -> str:
    """Return "r/{name}" as people read it: r/NAME."""
    return re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), template)


def _keys(model: Any, above: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner, within = _model_in(field.annotation)
        yield f"`{key}`", _default(field, inner), field.description or ""
        if inner is schema.SourceDefaults:
            places = ", ".join(f"`{kind}`" for kind in KINDS)
            yield f"`{key}.KEY`", "", f"Any key of a source but {places}, `select` and `title`."
        elif inner is not None:
            yield from _keys(inner, f"{key}{within}.")


def _model_in(kind: Any) -> tuple[Any, str]:
    """Return the mapping inside a type, and what stands before its keys: .ID of the person's choice, [] in a list."""
    if isinstance(kind, type) and issubclass(kind, Keys):
        return kind, ""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is dict:
        return _model_in(inside[1])[0], ".ID"
    if origin is list:
        return _model_in(inside[0])[0], "[]"
    if origin in (Annotated, Union, types.UnionType):
        return next((found for part in inside if (found := _model_in(part))[0]), (None, ""))
    return None, ""


def _default(field: Any, inner: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if inner is not None or value in (None, "", [], {}):
        return ""
    if hasattr(value, "total_seconds"):
        return f"`{spell_duration(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _query() -> Iterator[str]:
    yield (
        "# Queries\n\nOne language for topics (`match:`, `not:`) and rules. A clause is `field:value`; several "
        "values stand in a list, `lang:ru,uk`, and any of them is enough. Clauses are joined by `and`, `or`, `not` and "
        'parentheses; side by side they mean `and`. Phrases stand in quotes, `"…"` or `«…»`; `/…/i` is a regular '
        "expression of a kind that cannot run away. Bare words mean `words:`. Case, ё and е do not matter.\n\n"
        "The same may be written in YAML: `{any: [...]}`, `{all: [...]}`, `{not: ...}`, `{lang: [ru, uk]}`, and "
        "`{words: [...], in: [title]}`; query.schema.json is its JSON schema. Ready-made filters: "
        "../guide/writing-topics.md.\n\n"
    )
    for name, field in FIELDS.items():
        yield f"## {name}\n\n{field.sentence()}\n\n```text\n{field.example}\n```\n\n"
        yield "".join(f"- {option}\n" for option in field.options) + ("\n" if field.options else "")


def _cli() -> Iterator[str]:
    yield "# Command line\n\n"
    group = typer.main.get_command(app)
    with group.make_context("aggregator", [], resilient_parsing=True, **WIDE) as context:
        yield f"```text\n{group.get_help(context)}\n```\n"
        yield from _verbs(group, context, "")
    yield "\n## Exit codes\n\n" + _table(("code", "meaning"), [(str(code), said) for code, said in EXITS.items()])


def _verbs(group: Any, context: Any, above: str) -> Iterator[str]:
    """Yield the help of each verb, and of the verbs of those that are groups."""
    for name, command in sorted(group.commands.items()):
        with command.make_context(name, [], parent=context, resilient_parsing=True, **WIDE) as inner:
            yield f"\n## {above}{name}\n\n```text\n{command.get_help(inner)}\n```\n"
            if hasattr(command, "commands"):
                yield from _verbs(command, inner, f"{above}{name} ")


def main() -> None:
    """Write all pages."""
    for path, text in pages().items():
        (DOCS / path).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
