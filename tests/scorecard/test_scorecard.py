"""What publishers are promised is kept, said in the reference, and never skipped."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.lab.score import RULES, Broken, Rule, score
from aggregator.lab.score.hello import Hello, read

ROOT = Path(__file__).parent.parent.parent
IDS = [rule.id for rule in RULES]
ODD_VALIDATORS = {"P01", "P02", "P03", "P04", "P05", "P22", "P23", "P33"}

pytestmark = [pytest.mark.xdist_group("scorecard"), pytest.mark.timeout(300)]


def run(*arguments, **more):
    command = [sys.executable, "-m", "aggregator", "score", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **more)


@pytest.fixture(scope="module")
def card():
    """What `aggregator score --json` says, and its exit code."""
    done = run("--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


@pytest.mark.parametrize(
    "rule", [pytest.param(one, marks=pytest.mark.fault("F25")) if one in ODD_VALIDATORS else one for one in IDS]
)
def test_a_promise_is_kept(card, rule):
    row = next(row for row in card[0]["rules"] if row["id"] == rule)
    assert row["passed"], row["detail"]
    assert row["detail"]


def test_the_card_is_the_whole_table_in_its_order(card):
    told, code = card
    assert [row["id"] for row in told["rules"]] == IDS == sorted(set(IDS))
    assert [row["rule"] for row in told["rules"]] == [rule.promise for rule in RULES]
    assert told["total"] == len(IDS)
    assert told["passed"] == sum(row["passed"] for row in told["rules"])
    assert code == (0 if told["passed"] == told["total"] else 1)


def test_the_reference_lists_every_rule_with_its_promise():
    text = (ROOT / "docs/reference/politeness.md").read_text("utf-8")
    listed = re.findall(r"^\| ([PW]\d+) \| (.+?) \|", text, re.MULTILINE)
    assert listed == [(rule.id, rule.promise) for rule in RULES]


def test_a_rule_is_told_in_a_table_of_80_columns():
    done = run("--only", "P02", "--only", "P17", env={"COLUMNS": "80"})
    lines = done.stdout.splitlines()
    assert [line[:9] for line in lines if line.startswith("P")] == ["P02   yes", "P17   yes"]
    assert lines[-1] == "2 of 2"
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout + done.stderr
    assert done.returncode == 0


def test_a_broken_promise_ends_it_with_1(tmp_path):
    (tmp_path / "feedparser.py").write_text("raise ImportError('broken')", "utf-8")
    done = run("--only", "P23", env={"PYTHONPATH": str(tmp_path)})
    assert done.stdout.endswith("\n0 of 1\n")
    assert "P23   NO" in done.stdout
    assert done.returncode == 1


def test_an_unknown_rule_is_wrong_use():
    done = run("--only", "P99")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'no rule is named "P99"' in done.stderr


async def test_a_rule_that_fails_in_whatever_way_is_told_and_the_next_one_is_held():
    async def kept(world):
        source = await world.subscribe(world.publisher())
        return (await world.poll(source)).ended

    async def breaks(_world):
        raise Broken("two requests")

    async def raises(world):
        await world.restart()
        raise ZeroDivisionError("by zero")

    async def leaves_it_closed(world):
        await world._close()
        await world.poll(world.source(world.publisher()))

    rules = [
        Rule(id=f"X0{number}", promise="a promise", shown=shown)
        for number, shown in enumerate([kept, breaks, raises, leaves_it_closed, kept])
    ]
    results = [result async for result in score(rules)]
    assert [(result.id, result.passed) for result in results] == [
        ("X00", True),
        ("X01", False),
        ("X02", False),
        ("X03", False),
        ("X04", True),
    ]
    assert [result.detail for result in results[:3]] == [
        "changed",
        "two requests",
        "could not be shown: ZeroDivisionError: by zero",
    ]


def vector(data, size_bytes):
    return len(data).to_bytes(size_bytes, "big") + data


def client_hello(*extensions):
    named = b"".join(kind.to_bytes(2, "big") + vector(value, 2) for kind, value in extensions)
    fixed = b"\x01\0\0\0" + b"\x03\x01" + bytes(32)
    return fixed + vector(bytes(32), 1) + vector(b"\x13\x01", 2) + vector(b"\0", 1) + vector(named, 2)


@pytest.mark.parametrize(
    ("message", "offered"),
    [
        pytest.param(client_hello(), Hello(versions=(0x0301,), protocols=()), id="of the last century"),
        pytest.param(
            client_hello((0, b"name"), (43, vector(b"\x03\x04\x03\x03", 1)), (16, vector(vector(b"http/1.1", 1), 2))),
            Hello(versions=(0x0304, 0x0303), protocols=(b"http/1.1",)),
            id="of today",
        ),
    ],
)
def test_an_offer_of_tls_is_read(message, offered):
    assert read(message) == offered
