"""Three rounds over the same feeds, our product beside the plain yardstick: `python -m bench.rounds --help`.

cold     everything is new
same     nothing has changed
changed  a tenth of the feeds have three new items on top and one that was edited

Each round of each system is a process, start and end included. The product does all it does: sections, topics, copies,
ledger, documents. Systems take turns, round by round; only ratios of one call mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any

from aggregator.clock import now
from bench.measure import Cost, RoundError, cost_of
from bench.systems import SYSTEMS

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = {"cold": "first", "same": "first", "changed": "later"}  # and what the origin serves in them
FIGURES = ("wall_s", "cpu_s", "peak_mb")


def main() -> None:
    """Measure and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by the way of an exception, which ends what was started
    options = _options()
    if not options.corpus.is_dir():
        sys.exit(f"no folder of real feeds at {options.corpus}; name it with --corpus or AGGREGATOR_CORPUS")
    try:
        report = measure(options.corpus, feeds=options.feeds, runs=options.runs)
    except RoundError as error:
        sys.exit(str(error))
    print(json.dumps(report, ensure_ascii=False, indent=1) if options.json else table(report))


def _options() -> argparse.Namespace:
    corpus = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT / "../shared/corpus")).resolve()
    parser = argparse.ArgumentParser(prog="python -m bench.rounds", description="The product beside a plain script.")
    parser.add_argument("--feeds", type=_positive, default=400, help="how many feeds (400)")
    parser.add_argument("--runs", type=_positive, default=3, help="how often; the medians are printed (3)")
    parser.add_argument("--json", action="store_true", help="print JSON: machine, rows, ratios")
    parser.add_argument("--corpus", type=Path, default=corpus, help=f"the folder of real feeds ({corpus})")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


# --- measuring ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One round of one system in one run."""

    run: int
    system: str
    round: str
    cost: Cost
    items: int  # stored in this round


class Publishers:
    """All feeds, served by a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._words: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout
        told = self._answer()
        self.urls: list[str] = told["urls"]
        self.documents: int = told["documents"]

    def say(self, word: str) -> int:
        """Say which state to serve, or just `asked`; return how many requests came since the last word."""
        self._words.write(f"{word}\n")
        self._words.flush()
        return int(self._answer()["asked"])

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise RoundError("the origin has ended; what it said stands above")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def publishing(corpus: Path, feeds: int) -> Iterator[Publishers]:
    """Serve the feeds while the block runs."""
    line = [sys.executable, "-m", "bench.origin", str(corpus), str(feeds)]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Publishers(process)
        finally:
            process.kill()


def measure(corpus: Path, *, feeds: int, runs: int) -> dict[str, Any]:
    """Return the machine, the rows and the ratios. Raises RoundError."""
    with publishing(corpus, feeds) as publishers:
        if not publishers.urls:
            raise RoundError(f"no feeds in {corpus}")
        figures = [figure for run in range(1, runs + 1) for figure in _run(run, runs, publishers)]
        return {
            "machine": {**machine(), "feeds": feeds, "documents": publishers.documents, "runs": runs},
            "rows": rows(figures),
            "ratios": ratios(figures),
        }


def _run(run: int, runs: int, publishers: Publishers) -> Iterator[Figure]:
    """Take every system through all rounds once, on fresh folders; who goes first changes from run to run."""
    with tempfile.TemporaryDirectory(prefix="bench-rounds-") as home:
        order = SYSTEMS if run % 2 else SYSTEMS[::-1]
        folders = {system.name: Path(home, system.name) for system in order}
        for folder in folders.values():
            folder.mkdir()
        commands = {system.name: system.prepare(folders[system.name], publishers.urls) for system in order}
        held = dict.fromkeys(folders, 0)
        for name, state in ROUNDS.items():
            publishers.say(state)
            for system in order:
                cost = cost_of(commands[system.name], cwd=ROOT, log=folders[system.name] / f"{name}.log")
                stored = system.items(folders[system.name]) - held[system.name]
                held[system.name] += stored
                asked = publishers.say("asked")
                if asked < len(publishers.urls):
                    raise RoundError(f"{system.name}, {name}: {asked} requests for {len(publishers.urls)} feeds")
                figure = Figure(run=run, system=system.name, round=name, cost=cost, items=stored)
                _progress(figure, runs)
                yield figure


def _progress(figure: Figure, runs: int) -> None:
    cost = figure.cost
    print(
        f"run {figure.run}/{runs}  {figure.system:<10}  {figure.round:<7}  {cost.wall_s:6.1f} s wall  "
        f"{cost.cpu_s:6.1f} s CPU  {cost.peak_mb:5.0f} MB  {figure.items:6} items",
        file=sys.stderr,
        flush=True,
    )


# --- reporting ----------------------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """Return the facts without which figures mean nothing."""
    return {
        "date": now().date().isoformat(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite_of_plain": sqlite3.sqlite_version,
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def rows(figures: list[Figure]) -> list[dict[str, Any]]:
    """Return the medians over the runs, a row per system and round."""
    return [
        {
            "system": system.name,
            "round": name,
            **{what: round(median(getattr(f.cost, what) for f in chosen), 2) for what in FIGURES},
            "items": round(median(f.items for f in chosen)),
        }
        for system in SYSTEMS
        for name in ROUNDS
        if (chosen := [f for f in figures if (f.system, f.round) == (system.name, name)])
    ]


def ratios(figures: list[Figure]) -> list[dict[str, Any]]:
    """Return aggregator / plain per round: the medians of the runs' own ratios."""
    costs = {(f.run, f.round, f.system): f.cost for f in figures}
    runs = sorted({f.run for f in figures})
    return [
        {
            "round": name,
            **{
                what: round(
                    median(_ratio(costs[n, name, "aggregator"], costs[n, name, "plain"], what) for n in runs), 2
                )
                for what in FIGURES
            },
        }
        for name in ROUNDS
    ]


def _ratio(ours: Cost, plain: Cost, what: str) -> float:
    return float(getattr(ours, what) / max(getattr(plain, what), 0.01))


def table(report: dict[str, Any]) -> str:
    """Return the report for a person."""
    facts = report["machine"]
    head = (
        f"{facts['feeds']} feeds from {facts['documents']} documents, {facts['runs']} runs, medians; {facts['date']}, "
        f"{facts['cores']} x {facts['cpu']}, Python {facts['python']}"
    )
    costs = [f"{row['system']:<10}  {_numbers(row)}  {row['items']:6}" for row in report["rows"]]
    compared = [f"{'':<10}  {_numbers(row)}" for row in report["ratios"]]
    return "\n".join(
        [
            head,
            "",
            "system      round      wall s    CPU s  peak MB   items",
            *costs,
            "",
            "aggregator / plain       wall      CPU     peak",
            *compared,
        ]
    )


def _numbers(row: dict[str, Any]) -> str:
    return f"{row['round']:<7}  {row['wall_s']:8.2f} {row['cpu_s']:8.2f} {row['peak_mb']:8.2f}"


if __name__ == "__main__":
    main()
