"""The names of who is cited: one key for all spellings and inflections, and the ones that are well known.

In:    a name as somebody wrote it, in any case, with quotes or without.
Out:   its key; the known outlet or company that words stand for.
Never: looks at the text around the name, so it cannot tell whether anybody is cited.

Endings are cut, not looked up in a dictionary: a key only has to be the same for the forms of one name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from aggregator.dedup.cited import outlets
from aggregator.text import fold


class Word(NamedTuple):  # as tokens.Token
    """A word of a text, or the inside of its quotes."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[:1].isupper()

    @property
    def cyrillic(self) -> bool:
        """Whether it has a Cyrillic letter."""
        return bool(_CYRILLIC.search(self.text))


def listed(words: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(words.split())


_DROPPED = listed("the a of for and по в у на при из з із с зі со и та й")
_PRESS = re.compile(r"\bпресс?[- ]?(?:служб|центр)\w*")

# By letter; pairs of what is written otherwise.
_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфэ", "abvgdeziiklmnoprstufe", strict=True))
    | {"ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"}
)
_PART = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_KIN = str.maketrans("ыіїєґ", "иииег", "'ъь")
_ENDING = re.compile(
    r"(?<=врем)ен(?:и|ем)$|е(?=ц$)|(?<=[а-я]{3})"
    r"(?:иями|ями|ами|ыми|ими|иям|иях|ией|ием|ого|его|ому|ему|оми|ови|еви|ия|ии|ию|ий|ие|ая|яя|ую|юю|ое|ее"
    r"|ои|их|им|ой|ею|ою|ей|ом|ем|ов|ев|ив|ам|ям|ах|ях|[аяоеуюийь])$"
)


CACHED = 4_000  # the words that come again and again; with 50,000 it was no quicker, and 47 MB larger

folded = lru_cache(CACHED)(fold)


def stem(word: str) -> str:
    """Return a word without case, ending and what Russian and Ukrainian spell differently."""
    return cut(folded(word))


@lru_cache(CACHED)
def cut(bare: str) -> str:
    """Return the stem of a folded word."""
    if not _CYRILLIC.search(bare):
        return bare
    return _ENDING.sub("", bare.translate(_KIN))


def spelled_alike(one: str, other: str) -> bool:
    """Tell whether two names differ by nothing but what Russian and Ukrainian spell differently."""
    return fold(one).translate(_KIN) == fold(other).translate(_KIN)


@lru_cache(CACHED)
def stems(name: str) -> tuple[str, ...]:
    """Return the stems of the words of a name; hyphens and dots part words, the English 's is none."""
    bare = re.sub(r"['’]s?(?!\w)", "", name)
    return tuple(stem(part) for part in _PART.findall(bare.replace("'", "").replace("’", "")))


def name_key(name: str) -> str:
    """Return the key of a name: of a known outlet its own, else its stems in no order («МИД Беларуси»)."""
    known = outlet_of(stems(name))
    if known:
        return known.key
    bare = _PRESS.sub(" ", fold(name)) if _PRESS.search(fold(name)) else name
    parts = stems(bare) or stems(name)
    kept = {_same().get(part, part) for part in parts if part not in _DROPPED}
    return " ".join(sorted(kept or set(parts)))


@dataclass(frozen=True, slots=True)
class Known:
    """A well-known outlet under one of its names."""

    key: str
    title: str
    article: bool  # it is none without "the"
    common: bool  # without quotes it may be a common word


def outlet_of(parts: tuple[str, ...]) -> Known | None:
    """Return the outlet whose whole name these stems are."""
    if parts[:1] == ("the",):
        return _outlets().get(parts[1:])
    return _outlets().get(parts)


@lru_cache(CACHED)
def begins_known(word: str) -> bool:
    """Tell whether the name of a well-known outlet, company or platform may begin with this word."""
    return stems(word)[:1] in _beginnings()


def is_nobody(parts: tuple[str, ...]) -> bool:
    """Tell whether these stems are a company or a platform that never is the source."""
    return parts in _nobody()


def in_latin(name: str) -> str:
    """Return a name as an address would spell it, in one word and without ending: «Фразы» and "fraza" are "fraz"."""
    return "".join(stems(name)).translate(_LATIN).rstrip("aeiouy")


@cache
def _outlets() -> Mapping[tuple[str, ...], Known]:
    table: dict[tuple[str, ...], Known] = {}
    for line in filter(None, map(str.strip, outlets.OUTLETS.splitlines())):
        key, _, titles = line.partition(": ")
        for title in map(str.strip, titles.split(" | ")):
            parts = stems(title)
            article = parts[0] == "the"
            known = Known(key=key, title=title.strip("«»"), article=article, common=title.startswith("«"))
            table.setdefault(parts[1:] if article else parts, known)
    return table


@cache
def _beginnings() -> frozenset[tuple[str, ...]]:
    return frozenset(parts[:1] for parts in (*_outlets(), *_nobody())) | {("the",)}


@cache
def _nobody() -> frozenset[tuple[str, ...]]:
    return frozenset(stems(name) for line in outlets.NOBODY.strip().splitlines() for name in line.split(" | "))


@cache
def _same() -> Mapping[str, str]:
    lines = (line.partition(":") for line in outlets.SAME.strip().splitlines())
    return {stem(other): stem(one.strip()) for one, _, others in lines for other in (one.strip(), *others.split())}
