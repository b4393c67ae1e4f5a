"""Official bodies in Russian and Ukrainian: how far a name reaches, and whether it is one.

In:    the words of a clause from where a name may begin.
Out:   how many of them are the name; whether it names one body or only a kind («полиция»); its nominative.
Never: tells whether the body is cited.

A name is adjectives, a head («прокуратура»), and what follows it in the genitive or by «по» and «в».
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from aggregator.dedup.cited import official
from aggregator.dedup.cited.names import CACHED, Word, folded, is_nobody, outlet_of, stem, stems
from aggregator.dedup.cited.words import lexicon
from aggregator.text import fold

MOST_WORDS = 12  # of a name
_ADJECTIVES = 4  # before its head at most
_CAPITALS = 4  # of a place and a person at most

_ADJECTIVE = re.compile(
    r"[^\W\d_]{2,}(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ую|юю|ых|их|ыми|ими|ою|ій|ої|ьої|[нк]ом|[нщ]ем"
    r"|[нк]ім|(?:ськ|цьк|зьк|н|ов)(?:а|у|і|е))"
)
_NOUN = re.compile(r"\w+[аея]ние")  # «управление», though it ends as an adjective does
# Of an adjective that is not the subject, so never a first name («Дмитрий»).
_OBLIQUE = re.compile(r"[^\W\d_]{2,}(?:[ое]го|[ое]му|ой|[ыи]х|[ыи]ми|ої|[сцз]ькій|ній)")
_GENITIVE = re.compile(r"[^\W\d_]{4,}[иыаяйіївую]")
_OF_PLACE = re.compile(r"(?:ск|цк|ськ|цьк|зьк)\w{1,3}$")
# By stem: ends as a place's adjective does, and is none («городская», «військовий»).
_OF_NO_PLACE = re.compile(
    r"\w*ическ|городск|миск|сельск|силск|морск|гражданск|медицинск|республиканск|детск|университетск|вийск|людск"
    r"|адвокатск|судейск|тренерск|хозяйск|родительск"
)
_COUNTRY = re.compile(
    "росси|украин|україн|беларус|білорус|сша|рф|ес|єс|польш|польщ|герман|німеччин|франц|кита|турц|туреччин|израил|ізраїл"
    "|казахстан|молдав|груз|латви|литв|эстони|великобритани|британи|итали|італі|япони|республик|республік|кнр|крым|крим"
    "|киев|києв|москв|санкт|петербург|одес|харьков|харков|львов|львів"
)
_UKRAINIAN = re.compile("[іїєґ]|[сцз]ьк")
_COMPOUND = re.compile("(?:управлен|управлин|прокуратур|инспекц|администрац|комитет|департамент)(?:и|н)?$")


@dataclass(frozen=True, slots=True)
class Body:
    """The name of a body, or of a kind of bodies."""

    words: int  # how many it takes
    title: str
    named: bool


@lru_cache(CACHED)
def is_adjective(folded: str) -> bool:
    """Tell whether a Russian or Ukrainian word looks like an adjective that may belong to a name."""
    looks = _ADJECTIVE.fullmatch(folded) and not _NOUN.fullmatch(folded)
    return bool(looks) and folded not in official.STRAY and not lexicon().class_of(folded)


def body_at(words: Sequence[Word], *, opens: bool) -> Body | None:
    """Return the name of a body that begins with the first of these words.

    words: of one clause, without a mark between them. opens: the first one begins a sentence, so that its capital says
    nothing.
    """
    head = 0
    while head < min(len(words), _ADJECTIVES + 1) and is_adjective(words[head].folded) and not _head(words[head]):
        head += 1
    if head == len(words) or not (noun := _head(words[head])):
        return None
    if not head and words[0].folded in official.LOOSE and not words[0].capital:
        return None
    end = head + 1 + _complement(words[head + 1 : MOST_WORDS], common=not _alone(words[head]))
    name = words[:end]
    if any(word.folded in official.COMPANIES for word in name):
        return Body(words=end, title="", named=False)
    return Body(words=end, title=_title(name, head, noun), named=_names_one(name, head, opens=opens))


@lru_cache(CACHED)
def is_head(text: str) -> bool:
    """Tell whether a word may be what the name of a body or a kind of bodies is built on."""
    return bool(_head(Word(text, folded(text), 0, len(text))))


def _head(word: Word) -> str | None:
    """Return the nominative of the head of a name."""
    part, ukrainian = stem(word.text), bool(_UKRAINIAN.search(word.folded))
    listed = _heads().get((part, ukrainian)) or _heads().get((part, False))
    return _alone(word) or listed or (word.folded if _COMPOUND.search(part) else None)


def _alone(word: Word) -> str | None:
    """Return the nominative of a word that is a name; «минстрой» is one without a capital, too, «ск» is not."""
    part, ukrainian = stem(word.text), bool(_UKRAINIAN.search(word.folded))
    name = _names().get((part, ukrainian)) or _names().get((part, False))
    return name if name and (word.text[1:2].isupper() or not name[1:2].isupper()) else None


def _names_one(name: Sequence[Word], head: int, *, opens: bool) -> bool:
    """Whether these words name one body: by a name, a place or an adjective that only one has."""
    if any(map(_alone, name)) or any(word.capital for word in name[1:]) or (name[0].capital and not opens):
        return True
    return any(_proper(word) for word in name[:head])


def _proper(adjective: Word) -> bool:
    part = stem(adjective.text)
    if adjective.capital and part in official.PROPER:
        return True
    return bool(_OF_PLACE.search(adjective.folded)) and not _OF_NO_PLACE.match(part)


# --- how far it reaches -------------------------------------------------------------------------------------------


def _complement(words: Sequence[Word], *, common: bool) -> int:
    """Return how many words behind the head still belong to the name. common: the head is a noun like others."""
    taken = int(common and bool(words) and _is_genitive(words[0]))
    while taken < len(words):
        step = _step(words[taken:], common=common and not (taken and words[taken - 1].capital))
        if not step:
            break
        taken += step
    return taken


def _step(words: Sequence[Word], *, common: bool = False) -> int:
    """Return how many words the name goes on for: a genitive, a place, «по Омской области»; 0 where it ends."""
    word = words[0]
    if word.folded in official.LINKS:
        return _linked(words)
    if word.folded in official.TIMES or not word.cyrillic:
        return 0
    if word.folded in official.TERRITORIES | official.FIELDS:
        return 1
    if _OBLIQUE.fullmatch(word.folded) and word.folded not in official.STRAY:
        return _described(words, common=common)
    if word.capital:
        return _capitals(words)
    return int((stem(word.text), False) in _heads() or (common and _is_genitive(word)))


def _described(words: Sequence[Word], *, common: bool) -> int:
    """Return how many words an adjective brings: itself and its noun, which no verb or preposition can be."""
    alone = int(words[0].capital)
    if len(words) == 1:
        return alone
    noun = words[1]
    if _OBLIQUE.fullmatch(noun.folded):
        more = _described(words[1:], common=common)
        return 1 + more if more else 0
    plain = noun.cyrillic and noun.folded not in official.TIMES and not lexicon().class_of(noun.folded)
    if plain and (words[0].capital or noun.capital or _step(words[1:], common=common)):
        return 2
    return alone


def _linked(words: Sequence[Word]) -> int:
    """Return how many words a preposition brings into the name: with a place or a field behind it."""
    link, after = words[0].folded, words[1] if len(words) > 1 else None
    if after is None or after.folded in official.TIMES or not after.cyrillic or is_nobody(stems(after.text)):
        return 0
    if after.folded in official.TOPICS:
        return 2
    if link in ("и", "і", "та", "й"):
        return 2 if after.folded in official.FIELDS or after.text.isupper() else 0
    if link in ("по", "з", "із", "зі") and _OBLIQUE.fullmatch(after.folded):  # з надзвичайних ситуацій
        field = _described(words[1:], common=True)
        return 1 + field if field > 1 else 0
    if after.capital and not _head(after):
        return 1 + _step(words[1:])
    return 2 if link == "по" and after.folded in official.TERRITORIES else 0


def _capitals(words: Sequence[Word]) -> int:
    """Return how many capitalised words still are the name: two more that no adjective begins are a person."""
    run = 0
    while run < min(len(words), _CAPITALS) and words[run].capital:
        run += 1
    if _COUNTRY.match(words[0].folded) or _alone(words[0]):
        return 1
    return int(run in (1, 3) and not outlet_of(stems(words[0].text)))


def _is_genitive(word: Word) -> bool:
    """Whether a small word that means nothing else may be what a kind of body is for: «отдел коммуникации»."""
    if word.capital or word.folded in official.TIMES | official.LINKS or lexicon().class_of(word.folded):
        return False
    return bool(_GENITIVE.fullmatch(word.folded)) and not is_adjective(word.folded)


# --- its nominative -----------------------------------------------------------------------------------------------

_TAIL = re.compile(r"(?:ого|его|ому|ему|ыми|ими|ым|им|ой|ый|ий|ій|ої|ою|ая|яя|ое|ее|ые|ие|ую|юю|ых|их|ом|ем|а|у|і|е)$")
# Of adjectives: masculine, feminine, neuter, plural.
_RUSSIAN, _SOFT, _UKRAINIAN_ENDINGS = ("ый", "ая", "ое", "ые"), ("ий", "ая", "ое", "ие"), ("ий", "а", "е", "і")


def _title(name: Sequence[Word], head: int, noun: str) -> str:
    """Return the name with its head and the adjectives before it in the nominative; the rest does not change."""
    if name[head].folded == fold(noun):
        return " ".join(word.text for word in name)
    nominative = name[head].text[:1] + noun[1:] if noun.islower() else noun
    ukrainian = any(_UKRAINIAN.search(word.folded) for word in name)
    before = [_agreeing(word.text, noun, ukrainian=ukrainian) for word in name[:head]]
    return " ".join([*before, nominative, *(word.text for word in name[head + 1 :])])


def _agreeing(adjective: str, noun: str, *, ukrainian: bool) -> str:
    bare = _TAIL.sub("", adjective)
    endings = _UKRAINIAN_ENDINGS if ukrainian else _SOFT if bare.endswith(tuple("гкхжчшщ")) else _RUSSIAN
    if fold(noun) in official.PLURALS:
        return bare + endings[3]
    return bare + endings[1 if noun.endswith(("а", "я")) else 2 if noun.endswith(("о", "е")) else 0]


@cache
def _names() -> Mapping[tuple[str, bool], str]:
    return _by_stem(official.ALONE)


@cache
def _heads() -> Mapping[tuple[str, bool], str]:
    return _by_stem(official.HEADS)


def _by_stem(names: str) -> Mapping[tuple[str, bool], str]:
    """Return names by stem, and whether they are spelled in Ukrainian only; the first also answers for both."""
    table: dict[tuple[str, bool], str] = {}
    for name in names.split():
        table.setdefault((stem(name), bool(_UKRAINIAN.search(name))), name)
        table.setdefault((stem(name), False), name)
    return table
