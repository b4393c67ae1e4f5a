"""A text as a row of signs: names that may be cited, words that cite, and what stands between them.

In:    a stretch of plain text, in Russian, Ukrainian or English.
Out:   its units in order, each with the letter of its class (`words.CLASSES`) and where it stands.
Never: decides who is cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.dedup.cited.bodies import MOST_WORDS, body_at, is_adjective, is_head
from aggregator.dedup.cited.cues import DASHES, may_cite
from aggregator.dedup.cited.latin import latin_at
from aggregator.dedup.cited.names import (
    CACHED,
    Known,
    Word,
    begins_known,
    folded,
    in_latin,
    is_nobody,
    name_key,
    outlet_of,
    spelled_alike,
    stems,
)
from aggregator.dedup.cited.official import STRAY
from aggregator.dedup.cited.tokens import Token, is_address, name_at, tokens, words_at
from aggregator.dedup.cited.words import CLASSES, lexicon

# Letters of names, beside those of words. UNKNOWN is a name in quotes and FOREIGN one in Latin letters in a Cyrillic
# text: an outlet's or a company's. CAPITAL is any other word with a capital, such as a person's name.
OUTLET, BODY, UNKNOWN, FOREIGN, NOBODY, CAPITAL, OTHER = "O", "B", "Q", "U", "X", "N", "w"
END, LINE = ".", "\n"  # of a sentence, of a line

_NAMING = frozenset(CLASSES[name] for name in ("kind", "journalists", "source")) | {":"}  # before a name
_OUTLET_WORDS = 5  # at most
_TITLE_WORDS = 3  # of an unknown outlet without quotes
_ENDS, _QUOTES, _MARKS = ".!?…;", "«»“”„\"'‘’", ",:()/|"
# What makes a newspaper of a quoted name, at the beginning of one of its stems.
_PAPERS = re.compile(
    "правд|новост|новин|вест|газет|курьер|времен|врем|час|инф|тв|радио|радие|медиа|меди|news|press|times|post|голос|эхо"
    "|висник|ведомост|извест|репортер|журнал|трибун|обозревател|оглядач|телеграф|зеркал|дзеркал|хроник|портал|комсомол"
    "|фм|fm|tv|today|сьогодн|хвил|волн|канал|live|лайф|ньюс"
)
_DATIVE = re.compile(r"\w+[оеє]му\b")  # «рассказал „Степному краю“»: so one speaks to a newspaper, hardly to a company


@dataclass(frozen=True, slots=True)
class Unit:
    """A name, a word, several words that say one thing, or a mark."""

    sign: str
    start: int
    end: int
    title: str = ""  # of a name
    name: str = ""  # its key


Taken = tuple[int, Unit]  # how many tokens a unit takes, and the unit


@dataclass(frozen=True, slots=True)
class _Place:
    """Where we are in a row of tokens, and what we know from before."""

    row: Sequence[Token]
    at: int
    opens: bool  # a sentence begins here, so a capital says nothing
    kinded: bool  # what stands before makes an outlet of a name: «издание»

    @property
    def token(self) -> Token:
        return self.row[self.at]

    def near(self, step: int) -> Token | None:
        at = self.at + step
        return self.row[at] if 0 <= at < len(self.row) else None


def sentences(text: str, own: frozenset[str], cues: frozenset[str]) -> Iterator[list[Unit]]:
    """Yield the units of each sentence in which somebody may be cited.

    own: the keys of the outlet that wrote it, also in Latin letters. cues: the letters of what cites.
    """
    row = tokens(text)
    begin = 0
    for at, token in enumerate(row):
        if at + 1 == len(row) or (token.kind == "mark" and _ends(row, at)):
            sentence, begin = row[begin : at + 1], at + 1
            if may_cite(sentence, cues):
                yield _units(sentence, own)


def _ends(row: Sequence[Token], at: int) -> bool:
    """Whether a sentence or a line ends with a mark."""
    if row[at].word.text not in _ENDS + LINE:
        return False
    return _mark(_Place(row=row, at=at, opens=False, kinded=False)).sign in (END, LINE)


def _units(row: Sequence[Token], own: frozenset[str]) -> list[Unit]:
    found: list[Unit] = []
    at = 0
    while at < len(row):
        taken, unit = _unit(_place(row, at, found))
        if unit.name and (unit.name in own or in_latin(unit.title) in own):
            unit = Unit(sign=NOBODY, start=unit.start, end=unit.end)
        found.append(unit)
        at += taken
    return found


def _place(row: Sequence[Token], at: int, before: Sequence[Unit]) -> _Place:
    opens = not before or before[-1].sign in (END, LINE, '"', "-")
    return _Place(row=row, at=at, opens=opens, kinded=bool(before) and _kinded(row, at, before))


def _kinded(row: Sequence[Token], at: int, before: Sequence[Unit]) -> bool:
    """Whether what stands before makes an outlet of a name: «издание»; in Cyrillic «журналисты», too.

    Behind «журналист» a Cyrillic name without quotes is a person's.
    """
    if before[-1].sign not in _NAMING:
        return False
    cyrillic = row[at - 1].word.cyrillic
    foreign = row[at].kind == "quoted" or not row[at].word.cyrillic
    if foreign and [unit.sign for unit in before[-2:]] == [CLASSES["source"], ":"]:
        return row[at - 2].word.cyrillic
    if cyrillic and foreign:
        return before[-1].sign in (CLASSES["kind"], CLASSES["journalists"], CLASSES["source"])
    return before[-1].sign == CLASSES["kind"] and (cyrillic or row[at].word.capital)


def _unit(place: _Place) -> Taken:
    if place.token.kind == "mark":
        return 1, _mark(place)
    named = _phrase(place) or _known(place) or _nobody(place) or _named(place) or _titled(place)
    return named or (1, _word(place.token.word))


def _mark(place: _Place) -> Unit:
    mark = place.token.word
    sign = mark.text
    if sign in DASHES:
        sign = "-"
    elif sign == "." and _abbreviates(place):
        sign = "_"
    elif sign in _ENDS:
        sign = END
    elif sign in _QUOTES:
        sign = '"'
    elif sign not in _MARKS + LINE:
        sign = "_"
    return Unit(sign=sign, start=mark.start, end=mark.end)


def _abbreviates(place: _Place) -> bool:
    """Whether this full stop ends no sentence: it follows an initial, or a small letter goes on."""
    before, after = place.near(-1), place.near(1)
    if before is None or after is None or before.kind != "word" or after.kind == "mark":
        return False
    touches = before.word.end == place.token.word.start
    return touches and (len(before.word.text) == 1 or after.word.text[0].islower())


def _phrase(place: _Place) -> Taken | None:
    """Several words that cite: «со ссылкой на», also with adjectives inside: «по предварительным данным»."""
    table = lexicon()
    if place.token.word.folded not in table.begins:
        return None
    ahead = words_at(place.row, place.at, table.longest)
    said = [word.folded for word in ahead]
    bare = [at for at, word in enumerate(said) if at == 0 or not is_adjective(word)]
    for count in range(len(ahead), 1, -1):
        for kept in (range(count), bare[:count]):
            letter = table.phrases.get(tuple(said[at] for at in kept))
            if letter:
                return kept[-1] + 1, Unit(sign=letter, start=ahead[0].start, end=ahead[kept[-1]].end)
    return None


# --- names --------------------------------------------------------------------------------------------------------


def _known(place: _Place) -> Taken | None:
    """A well-known outlet, or the address of a site."""
    run = _run(place)
    for count in range(len(run), 0, -1):
        known = outlet_of(_stems(run[:count]))
        if known and _meant(place, run[:count], known):
            title = _spelled(run[:count], known.title)
            return count, Unit(sign=OUTLET, start=run[0].start, end=run[count - 1].end, title=title, name=known.key)
    if place.token.kind == "word" and is_address(place.token.word):
        return _taken([place.token.word], OUTLET)
    return None


def _meant(place: _Place, name: Sequence[Word], known: Known) -> bool:
    """Whether words that read as an outlet's name are meant so, by their capitals, quotes and neighbours."""
    title = known.title
    if title.isascii() and title.isupper() and not name[0].text.isupper():  # a person may be called Tass
        return False
    before = place.near(-1)
    if known.article and name[0].folded != "the" and not (before and before.word.folded == "the"):
        return False
    return not known.common or place.kinded or _stands_alone(place, len(name))


def _stands_alone(place: _Place, count: int) -> bool:
    """Whether a name is quoted, or has a capital for its own sake and no word to describe («Общественная палата»)."""
    last, after = place.near(count - 1), place.near(count)
    if last and last.kind == "quoted":
        return True
    return not place.opens and (after is None or after.kind == "mark" or bool(lexicon().class_of(after.word.folded)))


def _spelled(name: Sequence[Word], title: str) -> str:
    """Return a known name as the text writes it, but in the nominative."""
    written = " ".join(word.text for word in name)
    if name[0].folded == "the" or spelled_alike(written, title):
        return written
    return title.removeprefix("The ")


def _run(place: _Place) -> list[Word]:
    """Return what a well-known name may be made of; it begins with a capital or a digit."""
    word = place.token.word.text
    begins = (word[0].isupper() or word[0].isdigit()) and begins_known(word)
    return name_at(place.row, place.at, _OUTLET_WORDS) if begins else []


def _nobody(place: _Place) -> Taken | None:
    """A company or a platform that never is a source."""
    run = _run(place)
    for count in range(len(run), 0, -1):
        if is_nobody(_stems(run[:count])):
            return count, Unit(sign=NOBODY, start=run[0].start, end=run[count - 1].end)
    return None


def _named(place: _Place) -> Taken | None:
    """A name by its own words: an official body, or whatever has Latin letters."""
    token = place.token
    cyrillic = token.word.cyrillic
    if token.kind != "word" or (cyrillic and not (is_head(token.word.text) or is_adjective(token.word.folded))):
        return None
    words = words_at(place.row, place.at, MOST_WORDS)
    return _body(place, words) if cyrillic else _latin(place, words)


def _body(place: _Place, words: Sequence[Word]) -> Taken | None:
    """An official body; what only names a kind of them is a word like others."""
    body = body_at(words, opens=place.opens)
    if body is None or _calls_agency(words, body.words):
        return None
    if body.named:
        return _taken(words[: body.words], BODY, body.title)
    letter = lexicon().class_of(words[0].folded) if body.words == 1 else None
    return body.words, Unit(sign=letter or OTHER, start=words[0].start, end=words[body.words - 1].end)


def _calls_agency(words: Sequence[Word], count: int) -> bool:
    """Whether these words only say what the name behind them is: «британское агентство Reuters»."""
    if count == len(words) or lexicon().class_of(words[count - 1].folded) != CLASSES["kind"]:
        return False
    after = words[count]
    return after.capital and (after.text.isascii() or outlet_of(stems(after.text)) is not None)


def _latin(place: _Place, words: Sequence[Word]) -> Taken | None:
    found = latin_at(words, opens=place.opens, kinded=place.kinded)
    if found is None:
        return None
    before = place.near(-1)
    foreign = before is not None and before.kind == "word" and before.word.cyrillic
    sign = {"outlet": OUTLET, "body": BODY, "anybody": FOREIGN if foreign else CAPITAL}[found.kind]
    if sign == CAPITAL and found.possessive:
        sign = CLASSES["adjective"]
    return _taken(words[: found.words], sign, found.title)


def _titled(place: _Place) -> Taken | None:
    """An unknown name: quoted, or with capitals behind a word like «издание»."""
    word = place.token.word
    if place.token.kind == "quoted":
        paper = _DATIVE.match(word.folded) or any(map(_PAPERS.match, stems(word.text)))
        return _taken([word], OUTLET if place.kinded or paper else UNKNOWN)
    if not place.kinded or word.folded.startswith(("http", "www")) or lexicon().class_of(word.folded):
        return None
    name = words_at(place.row, place.at, 1)
    for after in words_at(place.row, place.at + 1, _TITLE_WORDS - 1):
        if not after.capital or after.cyrillic != word.cyrillic or lexicon().class_of(after.folded):
            break
        name.append(after)
    return _taken(name, OUTLET) if word.capital or word.text.isascii() else None


def _taken(name: Sequence[Word], sign: str, title: str = "") -> Taken:
    title = title or " ".join(word.text for word in name)
    return len(name), Unit(sign=sign, start=name[0].start, end=name[-1].end, title=title, name=name_key(title))


def _stems(name: Sequence[Word]) -> tuple[str, ...]:
    return tuple(part for word in name for part in stems(word.text))


def _word(word: Word) -> Unit:
    return Unit(sign=_sign(word.text), start=word.start, end=word.end)


@lru_cache(CACHED)
def _sign(text: str) -> str:
    bare = folded(text)
    if letter := lexicon().class_of(bare):
        return letter
    if bare.isdigit():
        return CLASSES["when"]
    if bare in STRAY or bare in ("the", "a", "an") or is_adjective(bare):
        return CLASSES["adjective"]
    return CAPITAL if text[:1].isupper() else OTHER
