"""The same text again, in other typography.

In:    the folded words of a text.
Out:   its fingerprint: which three words follow each other; how much two fingerprints have in common.
Never: decides what is a copy (copies.py).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

SHINGLE = 3  # words: two follow each other by chance too often, and one changed word spoils as many as this
SAMPLE = 24  # shingles that tell whether comparing the rest is worth it


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """What two texts have in common, of 0 to 1."""

    whole: float  # Jaccard's index: shared shingles of all
    part: float  # of those of the shorter text


def fingerprint(words: Sequence[str]) -> array[int]:
    """Return the shingles of a text as sorted 32-bit numbers, each once; none for fewer than SHINGLE words."""
    line = " ".join(words).replace("'", "").encode("utf-8", "replace")
    ends = list(accumulate([len(word) + 1 for word in line.split(b" ")]))
    runs = zip((0, *ends), ends[SHINGLE - 1 :], strict=False)
    return array("I", sorted({zlib.crc32(line[begin : end - 1]) for begin, end in runs}))


def resemblance(one: Sequence[int], other: Sequence[int]) -> Resemblance:
    """Return how alike two fingerprints are; of the numbers of two that are not, only the smallest are compared.

    The smallest numbers of two sets are a sample of both that is drawn alike (Broder: On the resemblance and
    containment of documents, 1997). Two texts of which a third is the same share eight of SAMPLE.
    """
    if not one or not other or set(one[:SAMPLE]).isdisjoint(other[:SAMPLE]):
        return Resemblance(whole=0.0, part=0.0)
    shared = len(set(one).intersection(other))
    return Resemblance(whole=shared / (len(one) + len(other) - shared), part=shared / min(len(one), len(other)))
