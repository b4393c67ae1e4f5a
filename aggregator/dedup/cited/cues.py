"""Can anybody be cited in a sentence? In most nobody can, and to tell costs a tenth of reading them.

In:    the tokens of a sentence, and the classes of words that cite.
Out:   whether a word or a mark that cites stands there, and something that may be the name of an outlet or a body.
Never: says no where `mentions` and the patterns of `credit` would find somebody; its yes means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from aggregator.dedup.cited.bodies import MOST_WORDS, is_head
from aggregator.dedup.cited.names import CACHED, Word, begins_known, folded
from aggregator.dedup.cited.tokens import Token
from aggregator.dedup.cited.words import CLASSES, lexicon

DASHES = "-–—−‒"
_MAKE_NAMES = frozenset(CLASSES[name] for name in ("kind", "journalists", "source"))  # of what stands behind them


@dataclass(frozen=True, slots=True)
class _Sort:
    """What a word may do."""

    letter: str  # its class, or ""
    names: bool  # it may be in a name, or make one of what is behind it
    phrases: Mapping[str, frozenset[str]] | None  # the classes of those that it begins, by their last word


def may_cite(sentence: Sequence[Token], cues: frozenset[str]) -> bool:
    """Tell whether a sentence may cite anybody. cues: the letters of what cites, classes and marks."""
    sorts = [_sort(token.word.text) for token in sentence]
    phrases = _phrases_of(sentence, sorts)
    if cues.isdisjoint([one.letter for one in sorts]) and cues.isdisjoint(phrases) and not _mark_cites(sentence, cues):
        return False
    named = any(one.names for one in sorts) or any(token.kind == "quoted" for token in sentence)
    return named or not _MAKE_NAMES.isdisjoint(phrases)


@lru_cache(CACHED)
def _sort(text: str) -> _Sort:
    word = Word(text, folded(text), 0, len(text))
    letter = lexicon().class_of(word.folded) or ""
    foreign = text[0].isalnum() and not word.cyrillic
    names = letter in _MAKE_NAMES or "." in text[:-1] or foreign or is_head(text) or begins_known(text)
    return _Sort(letter=letter, names=names, phrases=_phrases().get(word.folded))


@cache
def _phrases() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return the classes of phrases by their first word and by their last."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    for phrase, letter in lexicon().phrases.items():
        ends = table.setdefault(phrase[0], {})
        ends[phrase[-1]] = ends.get(phrase[-1], frozenset()) | {letter}
    return table


def _phrases_of(sentence: Sequence[Token], sorts: Sequence[_Sort]) -> set[str]:
    """Return the classes of phrases whose first word stands there, and the last soon behind it."""
    found: set[str] = set()
    for at, one in enumerate(sorts):
        if one.phrases:
            for behind in sentence[at + 1 : at + lexicon().longest]:
                found |= one.phrases.get(behind.word.folded, frozenset())
    return found


def _mark_cites(sentence: Sequence[Token], cues: frozenset[str]) -> bool:
    """Whether a mark stands where it may cite: a colon; a dash before the last name of a line; «КИЕВ (X) -»."""
    marks = (token.word.text if token.kind == "mark" else "w" for token in sentence)
    row = "".join("-" if mark in DASHES else mark for mark in marks)
    by_colon = ":" in row and ":" in cues
    by_bracket = ")-" in row and "(" in cues
    by_dash = row[-1:] in ("\n", "w") and "-" in row[-MOST_WORDS - 2 :] and "-" in cues
    return by_colon or by_bracket or by_dash
