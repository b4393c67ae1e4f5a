"""What more sources, more items and more daemons cost: `python -m bench.scale --help`.

ticks    what the daemon does by the clock while nothing is due, and while one in a hundred is; both engines
growth   what a poll, an item and a topic cost on top of a longer past; both engines
daemons  one, two and four `aggregator run` on one PostgreSQL against a local origin
day      sources through a day of virtual time

CPU is of our process and of the database's; it is what counts on a machine that does other things beside.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from aggregator import log
from bench import scale_daemons, scale_day, scale_growth, scale_ticks
from bench.measure import RoundError
from bench.rounds import machine
from bench.scale_store import engines

Rows = list[dict[str, Any]]


def main() -> None:
    """Measure what was asked for, and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by the way of an exception, which ends what was started
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)} (all)")
    parser.add_argument("--engine", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--short", action="store_true", help="small numbers, for a look: a minute")
    parser.add_argument("--json", action="store_true", help="print JSON: machine, and rows by part")
    asked = parser.parse_args()
    if wrong := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(wrong))}")
    log.set_up(level="error")
    try:
        report = measure(asked.parts or list(PARTS), engine=asked.engine, short=asked.short)
    except RoundError as error:
        sys.exit(str(error))
    print(json.dumps(report, indent=1) if asked.json else table(report))


def measure(parts: Sequence[str], *, engine: str = "both", short: bool = False) -> dict[str, Any]:
    """Return the machine and the rows of these parts. Raises RoundError."""
    found = {part: PARTS[part](engine, short) for part in parts}
    return {"machine": machine(), **found}


def _ticks(engine: str, short: bool) -> Rows:  # noqa: FBT001 - as --short says it
    sizes, turns = ((100, 2000), 5) if short else ((100, 10_000, 100_000), scale_ticks.TURNS)
    with engines(engine) as urls:
        return [row for url in urls for row in scale_ticks.measure(url, sizes, turns)]


def _growth(engine: str, short: bool) -> Rows:  # noqa: FBT001
    sizes, turns = ((500, 5000), 5) if short else ((10_000, 1_000_000), scale_growth.TURNS)
    with engines(engine) as urls:
        return [row for url in urls for row in scale_growth.measure(url, sizes, turns)]


def _daemons(_: str, short: bool) -> Rows:  # noqa: FBT001
    return scale_daemons.measure((2,), 40, 1) if short else scale_daemons.measure((1, 2, 4), 500)


def _day(_: str, short: bool) -> Rows:  # noqa: FBT001
    return [scale_day.measure(500, 1)] if short else [scale_day.measure(n, 24) for n in (10_000, 100_000)]


PARTS: Mapping[str, Callable[[str, bool], Rows]] = {
    "ticks": _ticks,
    "growth": _growth,
    "daemons": _daemons,
    "day": _day,
}


def table(report: Mapping[str, Any]) -> str:
    """Return the rows as text, a table for each part."""
    return "\n\n".join("\n".join(_lines(part, report[part])) for part in PARTS if report.get(part))


def _lines(part: str, rows: Rows) -> Iterator[str]:
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    yield part
    for line in cells:
        yield "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
