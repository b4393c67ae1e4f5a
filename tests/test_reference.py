"""docs/reference/ says what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from aggregator.query import FIELDS, parse

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("print_reference", ROOT / "docs/print_reference.py")
assert SPEC is not None
assert SPEC.loader is not None
PRINTER = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(PRINTER)
PAGES = PRINTER.pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_printed_page_is_up_to_date(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name], "run: make docs"


@pytest.mark.parametrize("field", FIELDS)
def test_the_example_of_each_field_is_a_right_query(field):
    assert parse(FIELDS[field].example)


def test_every_decision_has_a_sentence_as_its_title():
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert pages
    for page in pages:
        assert page.read_text("utf-8").startswith("# "), page.name
