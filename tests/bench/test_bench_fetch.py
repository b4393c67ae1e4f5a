"""What asking costs, measured on a handful of hosts: what is printed, and that every way was answered 304."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.fetch import TARGETS, WAYS, YARDSTICK, table

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report():
    line = [sys.executable, "-m", "bench.fetch", "--hosts", "6", "--at-once", "3", "--runs", "2", "--json"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_way_is_a_row_with_its_cost_its_ratio_and_its_target(report):
    assert (report["hosts"], report["at_once"], report["runs"]) == (6, 3, 2)
    assert [row["way"] for row in report["ways"]] == list(WAYS)
    assert all(row["cpu_ms"] > 0 and row["wall_ms"] > 0 for row in report["ways"])
    ratios = {row["way"]: row["ratio"] for row in report["ways"]}
    assert ratios[YARDSTICK] == 1
    assert all(ratio > 0 for ratio in ratios.values())
    assert {row["way"]: row["target"] for row in report["ways"] if row["target"]} == TARGETS


def test_a_person_gets_a_line_for_each(report):
    lines = table(report).splitlines()
    assert lines[0] == "6 hosts, 3 at once, a 304 each; medians of 2 runs"
    assert len(lines) == 2 + len(WAYS)
    assert lines[-1].startswith("ours, kept")
    assert lines[-1].endswith("0.25")
