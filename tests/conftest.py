"""Places and settings that all tests share."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

ROOT = Path(__file__).parent.parent
LONG = {"acceptance", "faults", "scorecard"}

settings.register_profile("unhurried", settings(), deadline=None)  # a busy machine breaks no property
settings.load_profile("unhurried")

# What tests log unasked is shown with those that fail. structlog's own way would draw every value of every frame of a
# traceback: of the crashes that some tests provoke by the hundred, that takes longer than the tests.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
)

# A shell's background job ignores Ctrl-C, and hands that down: the processes that tests start and interrupt would, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes longest, the real processes, or one worker waits for it at the end; else by chance.

    A test's rows of the fault matrix go with its reports, from whatever process.
    """
    for item in items:
        item.user_properties += [("fault", mark.args[0]) for mark in item.iter_markers("fault")]
    items.sort(key=lambda item: not LONG & set(item.path.relative_to(ROOT).parts))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real inputs; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT / "../shared/corpus")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no corpus of real inputs at {folder} (AGGREGATOR_CORPUS names another place)")
    return folder


@pytest.fixture(scope="session")
def postgresql_server():
    """One PostgreSQL for all tests of this process that do not kill it."""
    from servers import postgresql

    with postgresql() as server:
        yield server


@pytest.fixture
def logs():
    """What a test does to the log ends with it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
async def world(tmp_path, request):
    """Give the scorecard's world: the product's own newsroom in virtual time, a local origin, and a hub on it."""
    from aggregator.lab.origin import Origin
    from aggregator.lab.score.world import World

    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin(request.node.name)
            yield world


def pytest_terminal_summary(terminalreporter):
    """Print what tests recorded, and what became of the fault matrix."""
    _print_tables(terminalreporter)
    _print_faults(terminalreporter)


def _print_tables(terminalreporter):
    """Print the tables that tests recorded as ("table NAME", {row: number}), summed over tests and processes."""
    tables: dict[str, Counter[str]] = {}
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for report in reports:
        for name, rows in report.user_properties if getattr(report, "when", "") == "teardown" else ():
            if name.startswith("table "):
                tables.setdefault(name.removeprefix("table "), Counter()).update(rows)
    for name, rows in tables.items():
        terminalreporter.section(name)
        for row, number in sorted(rows.items()):
            terminalreporter.write_line(f"{number:6} {row}")


def _print_faults(terminalreporter):
    """Print how the tests of each row of the fault matrix ended."""
    rows: dict[str, Counter[str]] = {}
    for ended in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(ended, []):
            for name, row in getattr(report, "user_properties", []):
                if name == "fault":
                    rows.setdefault(row, Counter())["failed" if ended == "error" else ended] += 1
    if rows:
        terminalreporter.section("fault matrix")
        terminalreporter.write_line("row   tests  passed  failed  skipped")
    for row, ends in sorted(rows.items()):
        passed, failed, skipped = (ends[word] for word in ("passed", "failed", "skipped"))
        terminalreporter.write_line(f"{row:5} {ends.total():5} {passed:7} {failed:7} {skipped:8}")
