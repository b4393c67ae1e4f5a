"""Two texts compared word by word: what went, what came, and a few words around.

In:    two texts, plain.
Out:   passages of pieces; long stretches that both have are left out.
Never: takes longer than so many steps, however the texts are made: what is not compared by then counts as changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, takewhile
from typing import Literal

WORDS = 5_000  # of a text that are compared: an article of that length takes half an hour to read
CHARACTERS = 50_000  # the same in characters, for what has no spaces
AROUND = 6  # words that are shown on either side of a change
SLIVER = 3  # words that both have between two longer changes; whoever reads them alone between those reads nothing
STEPS = 300_000  # of comparing one word with another, 0.05 s: what an article of 5,000 words needs with a third edited

Segment = tuple[list[str], list[str], list[str]]  # words that went, that came, that stand behind those in both


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words on end."""

    kind: Literal["same", "removed", "added"]
    text: str


Passage = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What makes the difference, in the order of the texts."""

    passages: tuple[Passage, ...]
    cut: bool  # the texts are longer than what was compared


def changes(before: str, after: str) -> Changes:
    """Return what was changed. A paragraph that moved went at one place and came at another."""
    old, new = (text[:CHARACTERS].split() for text in (before, after))
    cut = max(len(before), len(after)) > CHARACTERS or max(len(old), len(new)) > WORDS
    segments = _segments(old[:WORDS], new[:WORDS])
    return Changes(passages=tuple(_passages(_joined(segments))), cut=cut)


def _segments(old: Sequence[str], new: Sequence[str]) -> list[Segment]:
    """Return both texts as segments. The first one may begin with what both have."""
    found: list[Segment] = []
    i = j = 0
    for at, to, length in [*_matches(old, new), (len(old), len(new), 0)]:
        removed, added, same = list(old[i:at]), list(new[j:to]), list(old[at : at + length])
        if found and not removed and not added:
            found[-1][2].extend(same)
        else:
            found.append((removed, added, same))
        i, j = at + length, to + length
    return found


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return where both have the same words, as (place in the old, in the new, how many), in order."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _longest_first(old[head : len(old) - tail], new[head : len(new) - tail])
    inside = [(head + at, head + to, length) for at, to, length in middle]
    return [(0, 0, head), *inside, (len(old) - tail, len(new) - tail, tail)]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _longest_first(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return what SequenceMatcher.get_matching_blocks does, which is cubic at worst, as far as STEPS reach."""
    matcher = SequenceMatcher(None, old, new)
    places: Mapping[str, Sequence[int]] = matcher.b2j  # type: ignore[attr-defined] # documented, and not in the stub
    steps = list(accumulate((1 + len(places.get(word, ())) for word in old), initial=0))
    left, found, todo = STEPS, [], [(0, len(old), 0, len(new))]
    while todo:
        at, end, to, limit = todo.pop()
        left -= steps[end] - steps[at]
        if left < 0:
            break
        i, j, length = matcher.find_longest_match(at, end, to, limit)
        if length:
            found.append((i, j, length))
            parts = (at, i, to, j), (i + length, end, j + length, limit)
            todo += [part for part in parts if part[0] < part[1] and part[2] < part[3]]
    return sorted(found)


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Return the segments; two changes that only a sliver parts are one."""
    found: list[Segment] = []
    for removed, added, same in segments:
        between = len(found[-1][2]) if found else 0
        sizes = [max(len(found[-1][0]), len(found[-1][1])), max(len(removed), len(added))] if found else [0]
        if 0 < between <= SLIVER and between < min(sizes):
            went, came, both = found.pop()
            found.append(([*went, *both, *removed], [*came, *both, *added], same))
        else:
            found.append((removed, added, same))
    return found


def _passages(segments: Sequence[Segment]) -> list[Passage]:
    found: list[Passage] = []
    here: list[Piece] = []
    lead = ""
    for number, (removed, added, same) in enumerate(segments, 1):
        if removed or added:
            here += _pieces(("same", lead), ("removed", " ".join(removed)), ("added", " ".join(added)))
            lead = ""
        if here and number < len(segments) and len(same) <= 2 * AROUND:
            here += _pieces(("same", " ".join(same)))
        else:
            lead = _ending(same)
            if here:
                found.append((*here, *_pieces(("same", _beginning(same)))))
                here = []
    return found


def _pieces(*said: tuple[Literal["same", "removed", "added"], str]) -> list[Piece]:
    return [Piece(kind, text) for kind, text in said if text]


def _beginning(words: Sequence[str]) -> str:
    return " ".join(words[:AROUND]) + (" …" if len(words) > AROUND else "")


def _ending(words: Sequence[str]) -> str:
    return ("… " if len(words) > AROUND else "") + " ".join(words[-AROUND:])
