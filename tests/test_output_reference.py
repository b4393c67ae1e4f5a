"""The checklist of what readers get names a test for each of its lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/reference/output.md").read_text("utf-8")
LINES = re.findall(r"^\| (O[0-9]{2}) \| .* \| ([^|]*) \|$", PAGE, re.MULTILINE)
ELSEWHERE = {"O22", "O30"}  # deltas, which nobody asks for; and by what other programs all this is tested


def test_every_line_of_the_checklist_is_there_once():
    assert [name for name, _ in LINES] == [f"O{n:02}" for n in range(1, 31) if f"O{n:02}" not in ELSEWHERE]


@pytest.mark.parametrize(("line", "tests"), LINES, ids=[name for name, _ in LINES])
def test_its_tests_are_there(line, tests):
    for named in tests.split(", "):
        path, _, test = named.partition("::")
        source = (ROOT / "tests" / path).read_text("utf-8")
        assert f"def {test}(" in source, f"{line} names {named}"
