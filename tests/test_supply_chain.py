"""Attack A60 (content.md): what is installed is what was pinned, by hash; nothing of it is known to be broken."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

REQUIREMENTS = sorted((Path(__file__).parent.parent / "requirements").glob("*.txt"))
HASHES = r"((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
PINNED = re.compile(r"^([A-Za-z0-9_.-]+(?:\[[^]]+\])?)==(\S+?)(?: ;.*)? \\\n" + HASHES, re.MULTILINE)
# The first version without a hole that touches us, and what the hole was.
SINCE = {
    "brotli": ("1.2.0", "CVE-2025-6176: a bomb that no limit on its output stops"),
    "certifi": ("2024.7.4", "CVE-2024-39689: an authority that is trusted no more"),
    "h11": ("0.16.0", "CVE-2025-43859: request smuggling by malformed chunks"),
    "idna": ("3.7", "CVE-2024-3651: quadratic time"),
    "jinja2": ("3.1.6", "CVE-2025-27516: out of the sandbox"),
    "lxml": ("4.9.1", "CVE-2022-2309: a crash by a crafted document"),
    "mako": ("1.2.2", "CVE-2022-40023: a regular expression that runs away"),
    "pydantic": ("2.4.0", "CVE-2024-3772: a regular expression that runs away"),
    "starlette": ("0.49.1", "CVE-2025-62727: quadratic time in Range headers"),
    "urllib3": ("2.6.0", "CVE-2025-66418: unbounded decompression"),
}


def pins(file: Path) -> dict[str, str]:
    return {name.partition("[")[0].lower(): number for name, number, _ in PINNED.findall(file.read_text("utf-8"))}


def numbers(said: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", said)))


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.stem)
def test_each_requirement_has_one_version_and_its_hashes_and_no_address(file):
    text = file.read_text("utf-8")
    entries = re.findall(r"^[A-Za-z0-9].*$", text, re.MULTILINE)
    assert entries
    assert len(PINNED.findall(text)) == len(entries)
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|git\+|@ ", text)


@pytest.mark.parametrize("name", SINCE)
def test_no_pinned_version_has_a_hole_that_is_known(name):
    least, hole = SINCE[name]
    for file in REQUIREMENTS:
        pinned = pins(file).get(name)
        assert pinned is None or numbers(pinned) >= numbers(least), f"{file.name}: {name} {pinned}: {hole}"


def test_what_runs_here_is_what_was_pinned():
    run = next(file for file in REQUIREMENTS if file.stem == "run")
    other = {}
    for name, pinned in pins(run).items():
        try:
            there = version(name)
        except PackageNotFoundError:  # for another platform
            continue
        if there != pinned:
            other[name] = (there, pinned)
    assert not other
