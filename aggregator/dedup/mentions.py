"""A text as a row of signs: names that may be cited, words that cite, and what stands between them.

In:    a stretch of plain text, in Russian, Ukrainian or English.
Out:   its units in order, each with the letter of its class (`citing.CLASSES`) and where it stands.
Never: decides who is cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.dedup import bodies, citing
from aggregator.dedup.bodies import Word
from aggregator.dedup.names import is_nobody, latin, name_key, outlet_of, stems
from aggregator.text import fold

# Letters of names, beside those of words.
OUTLET, BODY, UNKNOWN, FOREIGN, NOBODY, CAPITAL, OTHER = "O", "B", "Q", "U", "X", "N", "w"
END = "."  # of a sentence
LINE = "\n"  # its end

_NAME_WORDS = 5  # of an outlet at most
_QUOTED_WORDS = 6
_DOMAINS = "ru|ua|com|net|org|info|uk|by|kz|am|ge|az|lv|lt|ee|md|news|io|media|fm|today|tv|нет|фм|ру|рф|су|тв|инфо|інфо|медиа|медіа"
_TOKEN = re.compile(
    r"«(?P<angled>[^«»\n]{2,60})»|[“„](?P<curly>[^“”„\n]{2,60})[“”]|(?<!\w)\"(?P<straight>[^\"\n]{2,60})\"(?!\w)"
    r"|(?<!\w)'(?P<single>[^\W\d_][^'\n]{1,40})'(?!\w)|‘(?P<bent>[^\W\d_][^‘’\n]{1,40})’(?!\w)"
    rf"|(?P<word>[^\W_]+(?:(?:['’‘ʼ&+‑-]|\.(?=(?:[\w-]{{1,30}}\.)?(?:{_DOMAINS})\b))[^\W_]+)*|1\+1)"
    r"|(?P<line>\n)|(?P<mark>[^\w\s])|_",
    re.IGNORECASE,
)
# Latin letters inside Cyrillic words, which nobody sees.
_LOOKALIKE = re.compile("(?<=[Ѐ-ӿ])[aceiopxyABCEHIKMOPTX]+(?![A-Za-z])|(?<![A-Za-z])[aceiopxyABCEHIKMOPTX]+(?=[Ѐ-ӿ])")
_CYRILLIC_TWINS = str.maketrans("aceiopxyABCEHIKMOPTX", "асеіорхуАВСЕНІКМОРТХ")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_DOMAIN = re.compile(rf"[\w.-]+\.(?:{_DOMAINS})", re.IGNORECASE)
_DASHES = "-–—−‒"
_ENDS = ".!?…;"
# Words that make a newspaper of a quoted name, by their stems.
_PAPERS = re.compile(
    r"(?:правд|новост|новин|вест|газет|курьер|кур'ер|времен|врем|час|инф|тв|радио|радие|медиа|меди|news|press|times|post|"
    r"голос|эхо|вестник|висник|ведомост|известия|извест|репортер|журнал|трибун|обозревател|оглядач|телеграф|зеркал|"
    r"дзеркал|хроник|портал|комсомолец|комсомольск|фм|fm|tv|today|сьогодн|хвил|волн|канал|live|лайф|ньюс)"
)
_DATIVE = re.compile(r"\w+[оеє]му\b")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A name, a word, several words that say one thing, or a mark."""

    sign: str
    start: int
    end: int
    title: str = ""  # of a name
    name: str = ""  # its key


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "word", "quoted", "mark"
    word: Word  # of a quoted name: without its quotes


def units(text: str, own: frozenset[str]) -> list[Unit]:
    """Return the units of a text. own: the keys of the outlet that wrote it."""
    tokens = list(_tokens(_LOOKALIKE.sub(lambda letter: letter[0].translate(_CYRILLIC_TWINS), text)))
    found: list[Unit] = []
    place = 0
    while place < len(tokens):
        taken, unit = _unit(tokens, place, found)
        if unit.name and (unit.name in own or latin(unit.title) in own):
            unit = Unit(sign=NOBODY, start=unit.start, end=unit.end)
        found.append(unit)
        place += taken
    return found


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while token := _TOKEN.search(text, place):
        place = token.end()
        kind = token.lastgroup or ""
        if kind in ("angled", "curly", "straight", "single", "bent"):
            inside = token[kind]
            if _may_name(inside):
                yield _Token("quoted", Word(inside, fold(inside), token.start(), token.end()))
            else:  # somebody's words: look inside
                place = token.start() + 1
                yield _mark(text[token.start()], token.start())
        elif kind == "word":
            yield _Token("word", Word(token[0], fold(token[0]), token.start(), token.end()))
        elif kind:
            yield _mark(token[0], token.start())


def _mark(mark: str, start: int) -> _Token:
    return _Token("mark", Word(mark, mark, start, start + 1))


def _may_name(inside: str) -> bool:
    """Whether quotes hold a name rather than somebody's words."""
    return (inside[0].isupper() or inside[0].isdigit() or "." in inside) and (
        len(inside.split()) <= _QUOTED_WORDS and inside[-1] not in ",;:.—" and not re.search(r"[,;:!?] ", inside)
    )


def _unit(tokens: Sequence[_Token], place: int, before: Sequence[Unit]) -> tuple[int, Unit]:
    """Return how many tokens the next unit takes, and the unit."""
    token = tokens[place]
    if token.kind == "mark":
        return 1, _punctuation(tokens, place)
    opens = not before or before[-1].sign in (END, LINE, '"', "-")
    kinded = bool(before) and _names_follow(tokens, place, before)
    return (
        _phrase(tokens, place)
        or _known(tokens, place, kinded=kinded, opens=opens)
        or _body(tokens, place, kinded=kinded, opens=opens)
        or _titled(tokens, place, kinded=kinded)
        or (1, _word(token.word))
    )


def _names_follow(tokens: Sequence[_Token], place: int, before: Sequence[Unit]) -> bool:
    """Whether what stands before makes an outlet of a name: «издание»; in Cyrillic «журналисты», too.

    Behind «журналист» a name that is neither quoted nor in Latin letters is a person's.
    """
    cyrillic = place > 0 and bool(_CYRILLIC.search(tokens[place - 1].word.text))
    token = tokens[place]
    foreign = token.kind == "quoted" or not _CYRILLIC.search(token.word.text)
    if foreign and [unit.sign for unit in before[-2:]] == ["S", ":"]:
        return place > 1 and bool(_CYRILLIC.search(tokens[place - 2].word.text))
    if before[-1].sign in ("KJS" if cyrillic and foreign else "K"):
        return cyrillic or token.word.capital
    return False


def _punctuation(tokens: Sequence[_Token], place: int) -> Unit:
    mark = tokens[place].word
    sign = mark.text
    if sign == LINE:
        return Unit(sign=LINE, start=mark.start, end=mark.end)
    if sign in _DASHES:
        sign = "-"
    elif sign == "." and place and _abbreviates(tokens, place):
        sign = "_"
    elif sign in _ENDS:
        sign = END
    elif sign not in ",:()/|":
        sign = '"' if sign in "«»“”„\"'‘’" else "_"
    return Unit(sign=sign, start=mark.start, end=mark.end)


def _abbreviates(tokens: Sequence[_Token], place: int) -> bool:
    """Whether this full stop ends no sentence: it follows an initial, or a small letter goes on."""
    before = tokens[place - 1]
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if before.kind != "word" or before.word.end != tokens[place].word.start or after is None or after.kind == "mark":
        return False
    return len(before.word.text) == 1 or (after.kind == "word" and after.word.text[0].islower())


def _phrase(tokens: Sequence[_Token], place: int) -> tuple[int, Unit] | None:
    """Several words that cite: «со ссылкой на»."""
    table = citing.lexicon()
    ahead = _words(tokens, place, table.longest)
    said = [word.folded for word in ahead]
    kept = [0, *(at for at in range(1, len(said)) if not bodies.is_adjective(said[at]))]  # по «предварительным» данным
    for count in range(len(ahead), 1, -1):
        for places in (range(count), kept[:count]):
            letter = table.phrases.get(tuple(said[at] for at in places))
            if letter:
                return places[-1] + 1, Unit(sign=letter, start=ahead[0].start, end=ahead[places[-1]].end)
    return None


def _known(tokens: Sequence[_Token], place: int, *, kinded: bool, opens: bool) -> tuple[int, Unit] | None:
    """A well-known outlet, a company that never is a source, or an address."""
    run = _run(tokens, place, _NAME_WORDS)
    if not run or not (run[0].text[:1].isupper() or run[0].text[:1].isdigit() or run[0].text.isascii()):
        return None
    for count in range(len(run), 0, -1):
        parts = tuple(part for word in run[:count] for part in stems(word.text))
        start, end = run[0].start, run[count - 1].end
        if known := outlet_of(parts):
            written = run[0].text[:1].isupper() or known.title[:1].islower() or known.title[:1].isdigit()
            written = written and (not known.title.isascii() or not known.title.isupper() or run[0].text.isupper())
            if (
                written
                and (not known.article or parts[0] == "the" or _after_the(tokens, place))
                and (not known.common or kinded or _stands_alone(tokens, place, count, opens=opens))
            ):
                return count, Unit(sign=OUTLET, start=start, end=end, title=_spelled(run[:count], known.title), name=known.key)
        if is_nobody(parts) and run[0].text[:1].isupper():
            return count, Unit(sign=NOBODY, start=start, end=end)
    if _DOMAIN.fullmatch(run[0].text) and tokens[place].kind == "word":
        return 1, _named(OUTLET, run[0].text, run[0].start, run[0].end)
    return None


def _stands_alone(tokens: Sequence[_Token], place: int, count: int, *, opens: bool) -> bool:
    """Whether a name is quoted, or has a capital for its own sake and no word to describe («Общественная палата»)."""
    after = tokens[place + count] if place + count < len(tokens) else None
    if tokens[place + count - 1].kind == "quoted":
        return True
    if opens:
        return False
    if after is None or after.kind == "mark":
        return True
    return bool(citing.lexicon().class_of(after.word.folded))


def _after_the(tokens: Sequence[_Token], place: int) -> bool:
    return place > 0 and tokens[place - 1].word.folded == "the"


def _spelled(run: Sequence[Word], title: str) -> str:
    """Return a known name as the text writes it, but in the nominative."""
    written = " ".join(word.text for word in run)
    if stems(written) == stems(title) and len(written) == len(title):  # nominative, though spelled otherwise
        return written
    return title.removeprefix("The ") if run[0].folded != "the" else written


def _body(tokens: Sequence[_Token], place: int, *, kinded: bool, opens: bool) -> tuple[int, Unit] | None:
    """An official body; what only names a kind of them is a word like others."""
    words = _words(tokens, place, bodies.MOST_WORDS)
    if not words:
        return None
    if not _CYRILLIC.search(words[0].text):
        foreign = place > 0 and tokens[place - 1].kind == "word" and bool(_CYRILLIC.search(tokens[place - 1].word.text))
        return _latin(words, opens=opens, kinded=kinded, foreign=foreign)
    body = bodies.body_at(words, opens=opens)
    if body is None or (body.words < len(words) and _calls_agency(words, body.words)):
        return None
    if not body.named:
        letter = citing.lexicon().class_of(words[0].folded) if body.words == 1 else None
        return body.words, Unit(sign=letter or OTHER, start=words[0].start, end=words[body.words - 1].end)
    return body.words, _named(BODY, body.title, words[0].start, words[body.words - 1].end)


def _calls_agency(words: Sequence[Word], count: int) -> bool:
    """Whether these words only say what the name behind them is: «британское агентство Reuters»."""
    after = words[count]
    kind = citing.lexicon().class_of(words[count - 1].folded) == citing.CLASSES["kind"]
    return kind and after.capital and (outlet_of(stems(after.text)) is not None or after.text.isascii())


_JOINING = frozenset("of for and the on de la le du del della & in".split())
_OPENING = frozenset(
    """the a an in on at as but and for according earlier when while after before it he she they we i if that this these
    those there by from to with also last later here his her their our its my your what who how why where since new
    mr mrs ms dr sir""".split()
)


def _latin(words: Sequence[Word], *, opens: bool, kinded: bool, foreign: bool) -> tuple[int, Unit] | None:
    """A name in Latin letters: an outlet or a body by one of its words, else nobody in particular."""
    article = kinded and words[0].folded == "the" and len(words) > 1  # «газета The Daily Maverick»
    if not words[0].capital or (words[0].folded in _OPENING and not article) or citing.lexicon().words.get(words[0].folded) and opens:
        return None
    count = _capitals(words)
    name = [_POSSESSIVE.sub("", word.folded) for word in words[:count]]
    if "of" in name[1:] and not set(name[: name.index("of")]) & (bodies.ENGLISH_HEADS | bodies.ENGLISH_BANKS | {"bank"}):
        count = name.index("of")  # somebody of it
        name = name[:count]
    lower = _lower_head(words, count)
    if lower:
        count, sign = lower
    elif kinded:
        sign = OUTLET
    else:
        sign = _english_sign(name, foreign=foreign, possessed=words[count - 1].folded != name[-1])
    written = " ".join(word.text for word in words[:count])
    return count, _named(sign, _POSSESSIVE.sub("", written), words[0].start, words[count - 1].end)


def _capitals(words: Sequence[Word]) -> int:
    """Return how many words the capitalised name has; small words count between capitals."""
    count = 1
    ahead = 1
    while ahead < len(words):
        word = words[ahead]
        cites = citing.lexicon().words.get(word.folded, OTHER) not in "whKSan"
        if word.capital and (not cites or word.folded in bodies.ENGLISH_OUTLET_HEADS):
            count = ahead + 1
        elif word.folded not in _JOINING or ahead - count > 1:
            break
        ahead += 1
    return count


_LOWER_HEADS = frozenset(
    """ministry police military army navy prosecutors embassy government coastguard office administration council service
    authority commission guard inspectorate department agency committee intelligence""".split()
)
_LOWER_OUTLETS = frozenset("radio television tv media".split())
_LOWER_BETWEEN = frozenset(
    """foreign defence defense interior health finance trade justice education energy transport economy agriculture labour
    labor environment culture public state national general prosecutor's security border emergency air and city central
    news regional district county local prosecutor's mayor's attorney weather police tax customs statistics statistical
    investigative anti-corruption election aviation fire rescue meteorological""".split()
)


_LOWER_WORDS = 5  # "regional state administration"


def _lower_head(words: Sequence[Word], count: int) -> tuple[int, str] | None:
    """«Ukraine's defence ministry», "Latvian public radio": one proper word, the rest is small."""
    if count > 2:  # noqa: PLR2004  "Puerto Rico's"
        return None
    if words[0].folded.endswith("based"):
        return None
    found = None
    for end in range(count, min(len(words), count + _LOWER_WORDS)):
        word, named = words[end].folded, end + 1 < len(words) and words[end + 1].capital
        if word in _LOWER_HEADS and not named:  # «the Ukrainian news agency Ukrinform» is not the agency
            found = end + 1, BODY
        elif word in _LOWER_OUTLETS and end > count and not named:
            found = end + 1, OUTLET
        if word not in _LOWER_BETWEEN:
            break
    return found


def _english_sign(name: Sequence[str], *, foreign: bool, possessed: bool) -> str:
    """foreign: it stands in a Cyrillic text, where a name in Latin letters may be anybody's."""
    sign = _sign_by_words(name, possessed=possessed)
    return FOREIGN if foreign and sign == CAPITAL else sign


def _sign_by_words(name: Sequence[str], *, possessed: bool) -> str:
    if citing.lexicon().words.get(name[0]) == citing.CLASSES["role"] or name[0] in ("commissioner", "judge", "justice"):
        return CAPITAL
    if " ".join(name) in bodies.ENGLISH_NAMES:
        return BODY
    if len(name) == 1:
        return BODY if name[0] in bodies.ENGLISH_ALONE else CAPITAL
    last = name[-1].rpartition("-")[2]
    if last == "bank" and name[0] in bodies.ENGLISH_BANKS or "bank" in name and name[name.index("bank") + 1 :][:1] == ["of"]:
        return BODY
    heads = [place for place, part in enumerate(name) if part in bodies.ENGLISH_HEADS]
    if heads and (heads[-1] == len(name) - 1 or name[heads[-1] + 1] in _JOINING):
        return BODY
    if last in bodies.ENGLISH_ALONE or name[0] in bodies.ENGLISH_ALONE - {"treasury", "pentagon"}:
        return BODY
    if last in bodies.ENGLISH_OUTLET_HEADS and not possessed and len(name) <= _NAME_WORDS - 1:
        return OUTLET
    return CAPITAL


def _titled(tokens: Sequence[_Token], place: int, *, kinded: bool) -> tuple[int, Unit] | None:
    """An unknown name: quoted, in Latin letters, or in capitals behind a word like «издание»."""
    token = tokens[place]
    word = token.word
    if token.kind == "quoted":
        inside = " ".join(stems(word.text))
        told = _DATIVE.match(word.folded)  # «рассказал „Степному краю“»
        sign = OUTLET if kinded or told or any(_PAPERS.match(part) for part in inside.split()) else UNKNOWN
        return 1, _named(sign, word.text, word.start, word.end)
    if (not word.capital and not (word.text.isascii() and kinded)) or word.folded in ("http", "https", "www"):
        return None
    if citing.lexicon().class_of(word.folded) or not (kinded or (word.text.isupper() and len(word.text) > 1)):
        return None
    if not kinded:
        return 1, _named(CAPITAL, word.text, word.start, word.end)
    count = 1
    ahead = _words(tokens, place, 3)
    script = bool(_CYRILLIC.search(word.text))
    while (
        count < len(ahead)
        and ahead[count].capital
        and bool(_CYRILLIC.search(ahead[count].text)) == script
        and not citing.lexicon().class_of(ahead[count].folded)
    ):
        count += 1
    return count, _named(OUTLET, " ".join(one.text for one in ahead[:count]), word.start, ahead[count - 1].end)


def _named(sign: str, title: str, start: int, end: int) -> Unit:
    return Unit(sign=sign, start=start, end=end, title=title, name=name_key(title))


def _word(word: Word) -> Unit:
    letter = citing.lexicon().class_of(word.folded)
    if letter is None and word.folded.isdigit():
        letter = citing.CLASSES["when"]
    if letter is None and (bodies.is_adjective(word.folded) or word.folded in bodies.STOP_BEFORE):
        letter = citing.CLASSES["adjective"]
    if letter is None and word.folded in ("the", "a", "an"):
        letter = citing.CLASSES["adjective"]
    return Unit(sign=letter or (CAPITAL if word.capital else OTHER), start=word.start, end=word.end)


def _words(tokens: Sequence[_Token], place: int, most: int) -> list[Word]:
    """Return the words that follow each other without a mark or a quoted name between."""
    found: list[Word] = []
    for token in tokens[place : place + most]:
        if token.kind != "word":
            break
        found.append(token.word)
    return found


def _run(tokens: Sequence[_Token], place: int, most: int) -> list[Word]:
    """Return what one name may be made of: words, or a quoted name, also behind a word (РИА «Новости»)."""
    found: list[Word] = []
    for token in tokens[place : place + most]:
        if token.kind == "mark" or (token.kind == "word" and found and tokens[place].kind == "quoted"):
            break
        found.append(token.word)
        if token.kind == "quoted":
            break
    return found


