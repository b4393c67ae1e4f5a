"""Every oddity in tests/corpus is read as the golden file beside it says (`pytest tests/parse --update-golden`)."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.presets import BY_NAME
from aggregator.errors import ParseError
from aggregator.model import Select

CORPUS = Path(__file__).parent.parent / "corpus"
KINDS = {".xml", ".json", ".html"}
CASES = sorted(p for p in CORPUS.rglob("*") if p.suffix in KINDS and not p.name.endswith(".golden.json"))


def plainly(value):
    """What a person reviews: no empty fields, no hashes."""
    if is_dataclass(value):
        shown = {f.name: plainly(getattr(value, f.name)) for f in fields(value) if "sha256" not in f.name}
        return {name: held for name, held in shown.items() if held not in (None, "", [], {})}
    if isinstance(value, dict):
        return {name: plainly(held) for name, held in value.items()}
    if isinstance(value, tuple | frozenset):
        return [plainly(element) for element in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def header(path: Path) -> dict[str, str]:
    """The file's own words: what it proves, and how it came."""
    text = path.read_bytes().replace(b"\0", b"").decode("latin-1")
    if path.suffix == ".json":
        return {"Proves": re.search(r'"_proves": "(.+)"', text)[1]}
    return dict(
        re.findall(
            r"^(Proves|Seen|Content-Type|Zone|Select|Preset|Sitemap): +(.+)$", text.replace("\r", ""), re.MULTILINE
        )
    )


@pytest.mark.parametrize("path", [pytest.param(p, id=f"{p.parent.name}/{p.name}") for p in CASES])
def test_an_oddity_is_read_as_its_golden_file_says(path, parse, request):
    says = header(path)
    assert says["Proves"]
    select = Select(**json.loads(says["Select"])) if "Select" in says else None
    if "Preset" in says:
        select = BY_NAME[says["Preset"]].select
    how = {"content_type": says.get("Content-Type", ""), "select": select, "sitemap": "Sitemap" in says}
    try:
        got = plainly(parse(path.read_bytes(), zone=says.get("Zone"), **how))
    except ParseError as error:
        got = {"refused": error.kind, "problem": error.problem, "hint": error.hint}
    golden = path.with_name(path.stem + ".golden.json")
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert got == json.loads(golden.read_text(encoding="utf-8"))


def test_every_golden_file_has_its_case():
    assert {p.with_name(p.stem + ".golden.json") for p in CASES} == set(CORPUS.rglob("*.golden.json"))
