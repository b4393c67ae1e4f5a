"""The benchmark of sections: an abstention is wrong, and what is printed is the product's own tagging."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAUGHT = [("sport", "Вратарь отбил пенальти в матче"), ("economy", "Банк поднял ставку по кредитам")]
ASKED = [
    ("sports", "Гол решил матч чемпионата"),
    ("economy", "Биржа закрылась, акция банка подешевела"),
    ("other", "Ъ"),
]


def a_file(path, rows):
    path.write_text("".join(json.dumps({"section": r[0], "title": r[1], "text": r[1]}) + "\n" for r in rows), "utf-8")
    return str(path)


@pytest.fixture
def printed(tmp_path):
    train, test = a_file(tmp_path / "train.jsonl", TAUGHT), a_file(tmp_path / "test.jsonl", ASKED)
    command = [sys.executable, "-m", "bench.sections", "--train", train, "--test", test, "--json"]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)


def test_it_prints_how_right_sections_are_and_how_fast(printed):
    assert {"accuracy", "macro_f1", "coverage", "items_per_s"} <= printed.keys()
    assert (printed["items"], printed["accuracy"], printed["coverage"]) == (3, 0.667, 0.667)
    assert printed["macro_f1"] == 0.667
    low, high = printed["intervals"]["accuracy"]
    assert low <= printed["accuracy"] <= high
