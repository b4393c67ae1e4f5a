"""Guess what a misspelt word was meant to be.

In:    a word and the words that would have been right.
Out:   a sentence to put behind a mistake, or nothing.
Never: guesses wildly: no guess is better than a silly one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from aggregator.config.document import quote

ALIKE = 0.6  # of difflib's ratio: "fronline" and "frontline" have 0.94, "sport" and "world" 0.4


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like this one; case does not matter."""
    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word[:200].casefold(), folded, n=1, cutoff=ALIKE)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return 'Did you mean "frontline"?', or ''."""
    name = closest(word, known)
    return f"Did you mean {quote(name)}?" if name else ""


def one_of(word: str, known: Iterable[str], kind: str) -> str:
    """Return the guess, or else what there is to choose from."""
    names = sorted(known)
    if guess := did_you_mean(word, names):
        return guess
    if not names:
        return f"There are no {kind} yet."
    return f"The {kind} are: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}."  # noqa: PLR2004  one line
