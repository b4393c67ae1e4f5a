"""What the log says of a source, and what it does not say of a private one."""

from __future__ import annotations

import io
import json

import pytest

from aggregator import log, report
from aggregator.model import Source

SOURCE = Source(id="kanarek", url="https://kanarek.example/rss")
PRIVATE = Source(id="kanarek", url="https://kanarek.example/rss", private=True)
PROBLEM = {"problem": "HTTP 500 at kanarek.example", "status": 500, "failures": 2}


@pytest.fixture
def said():
    stream = io.StringIO()
    yield (
        lambda: [json.loads(line) for line in stream.getvalue().splitlines()],
        lambda level: log.set_up(level=level, stream=stream),
    )
    log.set_up()


@pytest.mark.parametrize(
    ("source", "level", "event", "lines"),
    [
        pytest.param(SOURCE, "info", "source.polled", [("info", "kanarek")], id="a public one that does well"),
        pytest.param(SOURCE, "warning", "source.failed", [("warning", "kanarek")], id="a public one that fails"),
        pytest.param(PRIVATE, "info", "source.polled", [], id="a private one that does well"),
        pytest.param(PRIVATE, "warning", "source.failed", [("warning", "(private)")], id="a private one that fails"),
        pytest.param(PRIVATE, "error", "source.gone", [("error", "(private)")], id="a private one that is gone"),
    ],
)
def test_the_log_names_public_sources_only(said, source, level, event, lines):
    read, begin = said
    begin("info")
    report.of(source, level, event, **PROBLEM)
    assert [(line["level"], line["source"]) for line in read()] == lines
    assert all(("problem" in line) is not source.private and line["failures"] == 2 for line in read())


def test_whoever_looks_for_a_fault_sees_all_at_the_level_debug(said):
    read, begin = said
    begin("debug")
    report.of(PRIVATE, "info", "source.polled", **PROBLEM)
    assert [(line["level"], line["source"], line["problem"]) for line in read()] == [
        ("debug", "kanarek", PROBLEM["problem"])
    ]


def test_a_fault_of_ours_is_told_without_what_it_says(said):
    read, begin = said
    begin("info")
    try:
        int("kanarek")
    except ValueError as error:
        report.of(PRIVATE, "error", "work.crashed", work="poll", exc_info=error)
    (line,) = read()
    assert line["work"] == "poll"
    assert "kanarek" not in json.dumps(line)
