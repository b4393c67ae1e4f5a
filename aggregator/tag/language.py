"""The language of an item: by its own letters where they tell, else as declared, else by its small words.

In:    an Item and what its source or feed declares.
Out:   a base language ("ru", never "ru-RU"), or None.
Never: guesses where nothing tells.

Feeds declare what their software was set to, so a text that is plainly Ukrainian is Ukrainian whatever they say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from aggregator.model import Item
from aggregator.query import texts_of

ENOUGH = 2000  # characters of the text that are looked at
PLAINLY = 3  # times as many signs as any other language has

_CYRILLIC = re.compile("[Ѐ-ӿ]")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
# Letters of Serbian, Macedonian, Kazakh, Tatar, Mongolian and others, which none of our three has.
_FOREIGN = re.compile("[јљњћђџѓќѕқғңөұүһәҳҷӯ]", re.IGNORECASE)
_FOREIGN_SHARE = 1 / 40  # of the Cyrillic letters; less is a name in a text of ours

_RUSSIAN, _UKRAINIAN = "ыэъё", "іїєґ"
_OURS = frozenset({"ru", "uk", "be"})
_OTHER_CYRILLIC = frozenset({"bg", "sr", "mk", "kk", "ky", "tg", "tt", "ba", "mn", "cv", "os"})

# Small words. The Cyrillic ones belong to one language of the table only; the Latin ones may stand in several lines.
_WORDS = Mapping[str, frozenset[str]]


def _table(lines: str) -> _WORDS:
    return {line[:2]: frozenset(line[3:].split()) for line in map(str.strip, lines.strip().splitlines())}


_CYRILLIC_WORDS = _table("""
    ru и что как это его был была были из только если уже после чтобы они также о об со ко ее их
    uk й та що як це його або був була були із тільки якщо вже після щоб вони також від про її їх
""")
_LATIN_WORDS = _table("""
    en the of and to in is are was were with for that this from by at as has have will after on over not a
    de der die das und ist sind von mit für auf den dem des ein eine nicht nach im in zu bei wird am sich
    fr le la les des du de et est sont dans pour sur une un par avec au aux qui que après en à se ne
    es el la los las de del y es son en para por una un con que su tras al se más no a
    it il lo gli di della del e è sono nel per una un con che dopo da alla dei la le non in a si
    pl i w na z że się jest są do nie o po przez dla jak od przy za oraz był to a
    pt o os as da do dos e é são em para por uma um com que após na no de não a se
    nl de het een en van is zijn met voor op niet naar bij in te dat die door om aan was
""")
AT_LEAST = 2  # small words, and more than of any other language,
SHARE = 0.15  # and so many of all: kin without a line here (Romanian, Croatian) share a few
# A country is not a language, but feeds write it so.
_MISTAKEN = {"ua": "uk", "by": "be", "gb": "en", "us": "en"}


def language_of(item: Item, *, declared: str | None = None) -> str | None:
    """Return the base language of an item. declared: of its source, else of its feed; the item's own goes first."""
    said = [base for base in map(base_of, (item.language, declared)) if base]
    texts = texts_of(item)
    sample = f"{item.title}\n{texts['text'].raw[:ENOUGH]}"
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if cyrillic and cyrillic * 3 >= latin:  # a Russian title may hold "iPhone 15 Pro Max"
        return _cyrillic(sample, cyrillic, said)
    believed = [base for base in said if base not in _OURS] if latin else said
    return _first(believed) or _most(sample, _LATIN_WORDS) or _first(said)


def base_of(tag: str | None) -> str | None:
    """Return the base of a language tag: "ru-RU" is "ru"; None for what is none."""
    found = re.match(r"[a-z]{2,3}(?![a-z])", (tag or "").strip().lower())
    return _MISTAKEN.get(found[0], found[0]) if found else None


def _cyrillic(sample: str, letters: int, said: list[str]) -> str | None:
    """Russian, Ukrainian or Belarusian by the text; what was declared where the text does not tell."""
    others = [base for base in said if base in _OTHER_CYRILLIC]
    count = Counter(sample.lower())
    if others or len(_FOREIGN.findall(sample)) > letters * _FOREIGN_SHARE or _bulgarian(count):
        return _first(others)
    if _belarusian(count):
        return "be"
    hits = _hits(sample, _CYRILLIC_WORDS)
    signs = {"ru": _sum(count, _RUSSIAN) + hits["ru"], "uk": _sum(count, _UKRAINIAN) + hits["uk"]}
    less, more = sorted(signs, key=signs.__getitem__)
    if signs[more] and signs[more] >= PLAINLY * signs[less]:
        return more
    return _first([base for base in said if base in _OURS]) or (more if signs[more] > signs[less] else None)


def _belarusian(count: Counter[str]) -> bool:
    """It alone has ў, and і beside ы or э; and it has no и."""
    has = count["ў"] or (count["і"] and (count["ы"] or count["э"]))
    return bool(has) and count["и"] * 10 <= count["і"] + count["ў"]


def _bulgarian(count: Counter[str]) -> bool:
    """It writes ъ all the time, which Russian hardly does, and neither ы nor э."""
    return count["ъ"] > 2 and not count["ы"] + count["э"]  # noqa: PLR2004  three are no accident


def _sum(count: Counter[str], signs: Iterable[str]) -> int:
    return sum(count[sign] for sign in signs)


def _hits(sample: str, table: _WORDS) -> dict[str, int]:
    words = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    return {language: _sum(words, small) for language, small in table.items()}


def _most(sample: str, table: _WORDS) -> str | None:
    """The language with the most small words, where one has."""
    hits = _hits(sample, table)
    second, first = sorted(hits, key=hits.__getitem__)[-2:]
    enough = max(AT_LEAST, SHARE * len(sample.split()))
    return first if hits[first] >= enough and hits[first] > hits[second] else None


def _first(languages: list[str]) -> str | None:
    return languages[0] if languages else None
