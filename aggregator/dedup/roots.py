"""The root of a word: what its forms share, and its Russian and its Ukrainian form as well.

In:    a folded token (text.tokens).
Out:   what is equal for the forms of one word and for its twin in the sister language: letters, and a number of them.
Never: is shown to anybody, or read back into a word.

Vowels and soft signs are where the sister languages differ most («Харьков», «Харків»; «ночь», «ночі»), and where a
word changes within one of them («день», «дня»); consonants hardly change. So a Cyrillic root is a word without its
ending and, but for the first letter, without its vowels; words of two consonants keep them, or «дом» were «дума». That
joins some words that are none: a text is compared by many of its words, and a joined pair is one of them. Words that
are no cognates at all («взрыв», «вибух») meet through the table in sisters.txt. Days of the week are asked for one by
one (likeness.py), so they are known by their forms: «суббота» without vowels were «событие».
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files

from aggregator import text

_CYRILLIC = re.compile("[Ѐ-ӿ]")
_LETTERS = str.maketrans(
    {"і": "и", "ї": "и", "є": "е", "ґ": "г", "ы": "и", "э": "е", "ў": "у"} | dict.fromkeys("ъь'’ʼ`", "")
)
_VOWELS = str.maketrans("", "", "аеиоуюяй")
# Of nouns and adjectives, in either language, after the letters above; the longest that fits is cut.
_ENDINGS = """
    а е и о у ю я й
    ая яя ое ее ие ии ию ия иа ую юю ой ей ий ои еи ою ею ею ам ям ах ях ом ем им их ого его ому ему ими
    ами ями иям иях иями
    ов ев ив ова еве ове иве ову еву иву ови еви иви овом евом ивом овой евой овим евим ивим
"""
# Of verbs and of what is made from them: behind a vowel only, or «Мариуполя» lost its second half.
_VERBAL = "ние ни ня ню нию ния ням нями нием ний ть ти т л ла ло ли в вши нуть нути нул нула нули нуло нув нут"
_CUT = re.compile(
    rf"(?<=.{{3}})(?:{'|'.join(sorted(set(_ENDINGS.split()), key=len, reverse=True))})\Z"
    rf"|(?<=.{{3}}[аеиуяб])(?:{'|'.join(sorted(_VERBAL.split(), key=len, reverse=True))})\Z"
)
_SILENT = re.compile("(?<=[сз])[тд](?=[нл])|л(?=нц)|д(?=ц)")  # «областной», «обласний»; «солнце», «сонце»
_DOUBLED = re.compile(r"(.)\1+")
_REFLEXIVE = re.compile(r"(?<=.{4})с[яь]?\Z")

# «Среда» is also what surrounds us, but «в среду» something happened.
_DAYS = """
    monday понедельник понедельника понедельнику понедельником понеділок понеділка понеділку
    tuesday вторник вторника вторнику вторником вівторок вівторка вівторку
    wednesday среду середа середу середи
    thursday четверг четверга четвергу четвергом четвер
    friday пятница пятницу пятницы пятнице пятницей п'ятниця п'ятницю п'ятниці
    saturday суббота субботу субботы субботе субботой субота суботу суботи суботі
    sunday воскресенье воскресенья воскресенью воскресеньем неділя неділю неділі
"""
_DAY_OF = {form: line.split()[0] for line in _DAYS.strip().splitlines() for form in line.split()}


Root = int  # 32 bits: of half a million words some thirty share one with another, and take four bytes instead of sixty


@lru_cache(300_000)  # the words of a hundred thousand articles; 40 MB when full
def root(token: str) -> Root:
    """Return the root of a folded token, as a number."""
    return number(letters(token))


@lru_cache(100_000)
def ukrainian_root(token: str) -> Root:
    """Return the root of a folded token of a Ukrainian text, as a number."""
    return number(letters(token, ukrainian=True))


def root_in(tongue: str) -> Callable[[str], Root]:
    """Return which of the two it is in a language."""
    return ukrainian_root if tongue == "uk" else root


def number(written: str) -> Root:
    """Return the number of a root's letters."""
    return zlib.crc32(written.encode("utf-8", "replace"))


def letters(token: str, *, ukrainian: bool = False) -> str:
    """Return the root of a folded token: in Cyrillic as told above, of English words the stem, else the token.

    Only in a Ukrainian text a word is taken for its Russian sister: «родина» is a family there, and a homeland here.
    """
    if token in _DAY_OF:
        return _DAY_OF[token]
    if not _CYRILLIC.search(token):
        return text.key(token)
    own = _bones(token)
    return _sisters().get(own, own) if ukrainian else own


def _bones(token: str) -> str:
    plain = ("от" + token[3:] if token.startswith("від") else token).translate(_LETTERS)
    if token.endswith(("ся", "сь")):
        plain = _REFLEXIVE.sub("", plain)
    stem = _CUT.sub("", _DOUBLED.sub(r"\1", plain), count=1)
    bones = stem[1:].translate(_VOWELS)
    if len(bones) <= 1:
        return stem
    first = "а" if stem[:1] in {*"аеиоуюя"} else stem[:1]
    return _SILENT.sub("", (first + bones).replace("чск", "чн"))


@cache
def _sisters() -> dict[str, str]:
    """Ukrainian roots, and the Russian ones that say the same."""
    lines = files("aggregator.dedup").joinpath("sisters.txt").read_text("utf-8").splitlines()
    table = {}
    for line in lines:
        ours, _, theirs = line.partition("#")[0].partition("=")
        for word in ours.split() if theirs else ():
            table[_bones(text.tokens(word)[0])] = _bones(text.tokens(theirs.strip())[0])
    return table


# The roots of the days of the week, a bit for each.
DAYS = {number(name): 1 << day for day, name in enumerate(dict.fromkeys(_DAY_OF.values()))}
