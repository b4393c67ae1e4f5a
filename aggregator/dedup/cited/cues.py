"""Can anybody be cited in a sentence? In most nobody can, and to tell costs a tenth of reading them.

In:    the tokens of a sentence, and the classes of words that cite.
Out:   whether a word or a mark that cites stands there, and something that may be the name of an outlet or a body.
Never: says no where `mentions` and the patterns of `credit` would find somebody; its yes means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from aggregator.dedup.cited.bodies import MOST_WORDS, is_head
from aggregator.dedup.cited.names import CACHED, Word, begins_known
from aggregator.dedup.cited.tokens import Token
from aggregator.dedup.cited.words import CLASSES, lexicon

DASHES = "-–—−‒"
_MAKE_NAMES = frozenset(CLASSES[name] for name in ("kind", "journalists", "source"))  # of what stands behind them


def may_cite(sentence: Sequence[Token], cues: frozenset[str]) -> bool:
    """Tell whether a sentence may cite anybody. cues: the letters of what cites, classes and marks."""
    phrases = _phrases_of(sentence)
    said = [_letter(token.word.folded) for token in sentence]
    if cues.isdisjoint(said) and cues.isdisjoint(phrases) and not _mark_cites(sentence, cues):
        return False
    if not (_MAKE_NAMES.isdisjoint(said) and _MAKE_NAMES.isdisjoint(phrases)):
        return True
    return any(token.kind == "quoted" or _may_name(token.word.text) for token in sentence)


@lru_cache(CACHED)
def _letter(bare: str) -> str:
    return lexicon().class_of(bare) or ""


@lru_cache(CACHED)
def _may_name(text: str) -> bool:
    """Whether a word or a mark may be in the name of an outlet or a body."""
    foreign = text[0].isalnum() and not Word(text, "", 0, 0).cyrillic
    return foreign or "." in text[:-1] or is_head(text) or begins_known(text)


@cache
def _phrases() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return the classes of phrases by their first word and by their last."""
    table: dict[str, dict[str, frozenset[str]]] = {}
    for phrase, letter in lexicon().phrases.items():
        ends = table.setdefault(phrase[0], {})
        ends[phrase[-1]] = ends.get(phrase[-1], frozenset()) | {letter}
    return table


def _phrases_of(sentence: Sequence[Token]) -> set[str]:
    """Return the classes of phrases whose first word stands there, and the last soon behind it."""
    found: set[str] = set()
    table = _phrases()
    for at, token in enumerate(sentence):
        if ends := table.get(token.word.folded):
            for behind in sentence[at + 1 : at + lexicon().longest]:
                found |= ends.get(behind.word.folded, frozenset())
    return found


def _mark_cites(sentence: Sequence[Token], cues: frozenset[str]) -> bool:
    """Whether a mark stands where it may cite: a colon; a dash before the last name of a line; «КИЕВ (X) -»."""
    marks = (token.word.text if token.kind == "mark" else "w" for token in sentence)
    row = "".join("-" if mark in DASHES else mark for mark in marks)
    by_colon = ":" in row and ":" in cues
    by_bracket = ")-" in row and "(" in cues
    by_dash = row[-1:] in ("\n", "w") and "-" in row[-MOST_WORDS - 2 :] and "-" in cues
    return by_colon or by_bracket or by_dash
