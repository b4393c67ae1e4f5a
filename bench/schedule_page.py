"""The page about polling: tables and a picture, of the figures that bench.schedule measured.

In:    the report of a run.
Out:   Markdown, SVG.
Never: measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 760, 420, 64, 24, 52, 210
COLOURS = ("#0b6e4f", "#1f78b4", "#b2560d", "#7b3294")
FRONTIER = "15 min to 24 h"  # the bounds of the picture's first line: ours
HEAD = """# When sources are polled

The next poll of a source is the smallest t with `weight x INTEGRAL[last..t] rate(s) (t - s) ds >= kappa x cost x mu`:
when the news that is expected has waited so long together that a request is worth it. Every decision keeps its terms
and one sentence that says what they came to. `docs/decisions/0006-when-to-poll.md` says what was tried, why the
constants are as they are, and where the policy does not win.

This page is printed by `python -m bench.schedule --page`: {seeds} seeds, {sources} sources each ({origin}; only the
half on which no constant was fixed), four weeks of virtual time of which the last three count, and the product's own
functions. A wait is the time from an item's appearance in its source's document to the poll that finds it.

"""

INTRO = """Minutes; theirs -> ours (difference +- 95 % interval over the seeds). Each yardstick once under our bounds
and once under its own; the policy always under the same. A yardstick that asks for more requests than the policy
spends at the least kappa is left out: fixed 15 min asks for 96, which under a floor of 15 min is the floor itself.
"""


def write(report: dict[str, Any], docs: Path) -> None:
    """Write the page and its picture."""
    origin = "real feeds replayed, and generators" if report["real"] else "generators"
    head = HEAD.format(seeds=report["seeds"], sources=report["sources"], origin=origin)
    picture = "![Mean wait over requests a day](../pictures/polling-frontier.svg)\n\n"
    (docs / "reference" / "scheduling.md").write_text(head + picture + tables(report), encoding="utf-8")
    (docs / "pictures" / "polling-frontier.svg").write_text(svg(report), encoding="utf-8")


def tables(report: dict[str, Any]) -> str:
    """Return all tables as Markdown."""
    parts = [
        "## At each yardstick's own number of requests\n",
        INTRO,
        _compared(report),
        "## The rest of the same comparison\n",
        "kB a day and source; requests to one host in a minute that has any, p99; the first week. theirs -> ours.\n",
        _rest(report),
        "## The frontier\n",
        *(f"Bounds {bounds}:\n\n{_frontier(rows)}" for bounds, rows in report["frontier"].items()),
        "A clairvoyant who knows every item beforehand and has no floor; his bytes are not counted:\n",
        _frontier(report["clairvoyant"]),
        "## Mean wait by kind of source, minutes\n",
        _kinds(report["kinds"]),
    ]
    return "\n".join(parts)


def _compared(report: dict[str, Any]) -> str:
    head = ("yardstick", "bounds", "requests", "mean", "p90", "p50", "median source", "worst decile", "lost")
    rows = [
        (
            row["yardstick"],
            row["bounds"],
            f"{row['requests']:.1f}",
            *(_change(row[name]) for name in ("mean", "p90", "p50", "median_source", "worst_decile", "lost")),
        )
        for row in report["compared"]
    ]
    return _table(head, rows)


def _rest(report: dict[str, Any]) -> str:
    head = ("yardstick", "bounds", "p99", "kB", "host and minute", "first week, mean", "first week, p90")
    names = ("p99", "kilobytes", "host_minute_p99", "first_week_mean", "first_week_p90")
    rows = [
        (row["yardstick"], row["bounds"], *(f"{row[n]['theirs']:.3g} -> {row[n]['ours']:.3g}" for n in names))
        for row in report["compared"]
    ]
    return _table(head, rows)


def _change(pair: dict[str, float]) -> str:
    return f"{pair['theirs']:.3g} -> {pair['ours']:.3g} ({pair['difference']:+.3g} +- {pair['half']:.2g})"


def _frontier(points: Sequence[dict[str, float]]) -> str:
    head = ("kappa", "requests", "kB", "mean", "p50", "p90", "p99", "median source", "worst decile", "lost", "items")
    names = ("requests", "kilobytes", "mean", "p50", "p90", "p99", "median_source", "worst_decile", "lost", "items")
    rows = [(f"{p['kappa']:g}" if "kappa" in p else "", *(f"{_round(p[n]):g}" for n in names)) for p in points]
    return _table(head, rows)


def _kinds(kinds: dict[str, dict[str, float]]) -> str:
    names = list(next(iter(kinds.values())))
    return _table(("", *names), [(way, *(f"{row[n]:.3g}" for n in names)) for way, row in kinds.items()])


def _round(number: float) -> float:
    return round(number, 1) if number < 1000 else round(number)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def svg(report: dict[str, Any]) -> str:
    """Return mean wait over requests, logarithmic: the policy and the clairvoyant as lines, yardsticks as points."""
    bounds = sorted(report["frontier"], key=lambda name: name != FRONTIER)
    lines = {f"this policy, {name}": report["frontier"][name] for name in bounds}
    lines |= {"clairvoyant": report["clairvoyant"]}
    marks = {row["yardstick"]: (row["requests"], row["mean"]["theirs"]) for row in reversed(report["compared"])}
    spots = [(p["requests"], max(p["mean"], 0.5)) for rows in lines.values() for p in rows] + list(marks.values())
    to_x = _scale([x for x, _ in spots], LEFT, WIDTH - RIGHT)
    to_y = _scale([y for _, y in spots], HEIGHT - BOTTOM, TOP)
    parts = [_axes(to_x, to_y, spots)]
    for n, (name, rows) in enumerate(lines.items()):
        colour = "#888" if name == "clairvoyant" else COLOURS[n % len(COLOURS)]
        points = sorted((to_x(p["requests"]), to_y(max(p["mean"], 0.5))) for p in rows)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT + 12, TOP + 12 + 18 * n, name, colour))
    for n, (name, (x, y)) in enumerate(sorted(marks.items(), key=lambda mark: mark[1])):
        parts.append(f'<circle cx="{to_x(x):.1f}" cy="{to_y(y):.1f}" r="4" fill="#c0392b"/>')
        parts.append(_text(to_x(x) + 7, to_y(y) + (15, -6)[n % 2], name, "#c0392b"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        f' font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _scale(values: Sequence[float], start: float, end: float):  # noqa: ANN202 - a function of one number
    low, high = math.log(min(values)) - 0.1, math.log(max(values)) + 0.1
    return lambda value: start + (math.log(value) - low) / (high - low) * (end - start)


def _axes(to_x: Any, to_y: Any, spots: Sequence[tuple[float, float]]) -> str:
    parts = []
    low_x, high_x = min(x for x, _ in spots), max(x for x, _ in spots)
    low_y, high_y = min(y for _, y in spots), max(y for _, y in spots)
    for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        if low_x <= tick <= high_x:
            x = to_x(tick)
            parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
            parts.append(_text(x - 6, HEIGHT - BOTTOM + 16, str(tick), "#333"))
        if low_y <= tick <= high_y:
            y = to_y(tick)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#eee"/>')
            parts.append(_text(LEFT - 28, y + 4, str(tick), "#333"))
    parts.append(_text(LEFT, HEIGHT - 14, "requests a day and source (logarithmic)", "#333"))
    parts.append(_text(LEFT - 50, TOP - 8, "mean wait of an item, minutes (logarithmic)", "#333"))
    return "\n".join(parts)


def _text(x: float, y: float, words: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{words}</text>'
