"""What docs/guide/first-ten-minutes.md says is so: its files are right, its commands work on them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.lab.demo.press import Press
from aggregator.lab.origin import Origin

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs/guide/first-ten-minutes.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/aggregator")
]
ANSWERED = {"interfax": "127.0.71.1", "unian": "127.0.71.2"}  # by outlets of the demo in their place


@pytest.fixture
def mine(tmp_path):
    """The folder that the guide makes."""
    (tmp_path / "mine").mkdir()
    for name, text in re.findall(r"```yaml\n# (mine/\w+\.yaml)\n(.*?)```", GUIDE, re.DOTALL):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / "mine"


def test_its_files_are_a_right_configuration(mine):
    config = load(mine, env={})
    assert set(config.sources) == {"interfax", "unian", "bbc-world"}
    assert set(re.findall(r"/feeds/(\w+)\.atom", GUIDE)) == set(config.topics)


def test_the_verbs_it_uses_are_tried_here():
    assert {shlex.split(line)[3] for line in COMMANDS} == {"check", "poll", "preview", "run", "status", "why"}


def test_its_commands_work_on_its_files(mine):
    with Origin() as origin, Press(origin):
        sources = mine / "sources.yaml"
        text = sources.read_text("utf-8")
        for name, host in (ANSWERED | {"bbc-world": "127.0.71.6"}).items():
            path = "/atom.xml" if name == "bbc-world" else "/rss.xml"
            text = re.sub(rf'({name}: {{url: )"[^"]*"', rf'\1"{origin.url(path, host)}"', text)
        sources.write_text(text, "utf-8")
        with (mine / "aggregator.yaml").open("a", encoding="utf-8") as settings:
            settings.write("allow_private: [127.0.0.0/8]\n")
        said = {}
        for line in COMMANDS:
            _, _, _, verb, *rest = shlex.split(line)
            if verb == "run":
                continue  # every other acceptance test starts it
            rest = ["https://harbour.example/news/ferry"] if verb == "why" else rest
            said[verb] = command(mine.parent, "--config", "mine", verb, *rest)
    assert said["check"].startswith("Right: 3 sources")
    assert "3 sources polled (3 changed)" in said["poll"]
    assert "Lorna and Arkenia agree" in said["preview"]
    assert "interfax" in said["status"]
    assert "section world 1 (the section of its source)" in said["why"]


def command(folder: Path, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_what_it_shows_of_the_demo_is_what_the_demo_says():
    from aggregator.cli.demo import STYLES

    assert set(re.findall(r"^\| `([a-z ]+)` \|", GUIDE, re.MULTILINE)) == set(STYLES)
