"""What the README says is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from aggregator.config import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_configuration_in_one_minute_is_a_right_one(tmp_path):
    for block in re.findall(r"```yaml\n# config/(\w+)\.yaml\n(.*?)```", README, re.DOTALL):
        (tmp_path / f"{block[0]}.yaml").write_text(block[1], "utf-8")
    config = load(tmp_path, env={})
    assert set(config.topics) == {"donbas"}
    assert set(config.sources) == {"gazette", "interfax", "unian"}


def test_every_make_target_it_names_exists():
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= set(targets)


def test_each_promise_names_a_test_that_exists():
    contract = README.partition("## What it promises")[2].partition("And beyond that")[0]
    promises = re.split(r"^\d\. ", contract, flags=re.MULTILINE)[1:]
    assert len(promises) == 8  # reliability.md, the contract
    for promise in promises:
        (named,) = re.findall(r"`(tests/[\w/]+\.py)`", promise)
        assert "def test_" in (ROOT / named).read_text("utf-8"), named


def test_its_table_of_commands_is_the_list_of_verbs():
    said = subprocess.run(
        [sys.executable, "-m", "aggregator", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = set(re.findall(r"^  (\w+)  ", said.partition("Commands:")[2], re.MULTILINE))
    assert set(re.findall(r"^\| `aggregator (\w+)", README, re.MULTILINE)) == verbs
