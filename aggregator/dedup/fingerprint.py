"""The same text again, in other typography.

In:    plain text.
Out:   its fingerprint: which three words follow each other; how much two fingerprints have in common.
Never: decides what is a copy (copies.py).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator import text

SHINGLE = 3  # words: two follow each other by chance too often, and one changed word spoils as many as this
READ = 400  # words: what has these in common has the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """What two texts have in common, of 0 to 1."""

    whole: float  # Jaccard's index: shared shingles of all
    part: float  # of those of the shorter text


def fingerprint(written: str) -> array[int]:
    """Return the shingles of a text as sorted 32-bit numbers, each once; none for fewer than SHINGLE words."""
    words = [word.replace("'", "") for word in text.tokens(written)[:READ]]
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    return array("I", sorted({zlib.crc32(" ".join(run).encode("utf-8", "replace")) for run in runs}))


def resemblance(one: Sequence[int], other: Sequence[int]) -> Resemblance:
    """Return how alike two fingerprints are."""
    if not one or not other:
        return Resemblance(whole=0.0, part=0.0)
    shared = len(set(one).intersection(other))
    return Resemblance(whole=shared / (len(one) + len(other) - shared), part=shared / min(len(one), len(other)))
