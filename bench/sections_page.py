"""The page about sections: tables and sentences, of the figures that bench.sections measured.

In:    figures by way (words alone, meaning too) and set.
Out:   Markdown.
Never: measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/reference/sections.md"
Measured = Mapping[str, Mapping[str, Mapping[str, Any]]]  # way -> set -> what bench.sections prints

HEAD = """# Sections

Printed by `python -m bench.sections --page` from the corpus. `python -m bench.sections --help` says how to score sets
of your own.

## What puts an item into a section

The surest reason stands for a section; `aggregator why` prints it. No section is a valid answer.

| confidence | reason |
| ---: | --- |
| 1.00 | a person said so (`aggregator section set`); then no rule and no guess counts beside it |
| 1.00 | the section of its source (`section:`) |
| 0.95 | the publisher's category, or the folders of its address, mapped by its source (`map:`) |
| 0.90 | the publisher's category is called as the section is |
| 0.85 | a word or a pattern of the section in the title (`words:`, `patterns:`) |
| 0.75 | many words that are common in the section and few that are in others (`hints:`) |
| 0.60-0.70 | a word of the section in the text: once, twice, more often; a pattern |
| 0.35-0.80 | learned (`learned: true`, or `semantic`): as likely as it was right on articles not learned from |

Learned is from items whose section a reason of at least 0.75 gives, and from what persons say. `aggregator section
report` prints how right that is on your own items.

## How right it is

Eight sections (society, economy, sports, science, technology, entertainment, other, not news), with the hints and
folders of `bench/common_sections`. Taught with one hour of 563 outlets, which nobody has labelled: what hints and
folders make of them; then with 394 labelled articles. An abstention counts as wrong. The exams were never learned
from, and no constant was chosen by them (docs/decisions/0014 says how often they were looked at); the cross-validation
is over the 70 articles of the training sets, by which constants were chosen, so it is a little too kind. Intervals
(95 %) are by drawing the articles anew: the sets are small.

| | set | articles | accuracy | macro F1 | coverage | articles/s |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
"""

FOOT = """
The speed is of tagging, on one busy core, reading the text included; with `semantic` the encoder is nearly all of it.
"""


def written(measured: Measured) -> None:
    """Write the page."""
    rows = [_row(way, name, found) for way, sets in measured.items() for name, found in sets.items()]
    PAGE.write_text(HEAD + "".join(rows) + FOOT, "utf-8")


def _row(way: str, name: str, found: Mapping[str, Any]) -> str:
    shares = (
        f"{found[one]:.2f} ({low:.2f}-{high:.2f})"
        for one, (low, high) in ((one, found["intervals"][one]) for one in ("accuracy", "macro_f1"))
    )
    speed = f"{found['items_per_s']:.0f}" if "items_per_s" in found else ""
    return f"| {way} | {name} | {found['items']} | {' | '.join(shares)} | {found['coverage']:.2f} | {speed} |\n"
