"""Words: what readers do not tell apart made equal, and the forms that a word may take.

In:    a string of any language; for `plain` also safe HTML as our cleaner writes it.
Out:   folded text, tokens, the key of a token, the keys of all forms of a word, plain text, shortened text.
Never: knows what an item or a query is; cleans unsafe HTML; decides which language a text is in.

The word of a rule is inflected once (`forms`), and then any number of texts are only looked up (`key`): analysing
every word of every text costs a hundred times more. Russian and Ukrainian dictionaries are asked together, since the
language of a text is often unknown and each knows names that the other lacks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import unescape
from typing import Any

# Soft hyphen, zero-width and bidi characters, and the stress marks that NFC could not compose («за́мок»).
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
_UNSEEN += "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\u0300\u0301\u0307"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_VISIBLE = str.maketrans(dict.fromkeys(_UNSEEN, "") | dict.fromkeys(_SPACES, " "))

_APOSTROPHES = "'’‘ʼ`´′"
_FOLDED = _VISIBLE | str.maketrans(
    {"ё": "е"} | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys("«»“”„‟‹›″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
# Translating what is found is many times faster than str.translate, which looks every letter up.
_HIDDEN, _SPELLINGS = (re.compile(f"[{''.join(map(chr, table))}]") for table in (_VISIBLE, _FOLDED))

# A word is a run of letters and digits. A hyphen always separates, so that «Ивано-Франковске» inflects part by part
# and «экс-президент» is a «президент»; an apostrophe separates too («Trump's»), except between Cyrillic letters.
# The vowel signs of India stand above or below a letter and are no letters to Python, but part no word.
_LETTERS = r"[\w\u0900-\u0963\u0966-\u0dff]+"  # and the underscore, which is made a space before
# It looks back from the apostrophe, which is rare, and not from the end of each word.
_WORD = re.compile(rf"{_LETTERS}(?:[{_APOSTROPHES}](?<=[Ѐ-ӿ].)(?=[Ѐ-ӿ]){_LETTERS})*")
_PARTS = re.compile(f"({_WORD.pattern})")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
# Ukrainian is often typed with the Latin i, and names with a Latin c, a, e or o, which nobody sees.
_MIXED = re.compile("[a-z]+[Ѐ-ӿ]+|[Ѐ-ӿ]+[a-z]+[Ѐ-ӿ]*")
_SEAM = re.compile("[Ѐ-ӿ](?:[a-z]|(?<=[a-z].))")  # in each mixed word; looks at Cyrillic letters only, so it is quick
_LOOKALIKES = str.maketrans("aceiopxy", "асеіорху")

_BLOCK = "address|article|aside|blockquote|br|caption|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr"
_BLOCK += "|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
# Where a sentence ends: not before a small letter («Он… ушёл», "3 p. m.").
_ENDS = re.compile(r"[.!?…]+[\"»”)\]]*(?=\s+[^\sa-zа-яёіїєґ])")
_EDGES = re.compile(
    r"\A(?:\d\ufe0f?\u20e3|(?![-−+]\d)[^\w«\"„“(\[#@№])+|(?:(?:(?<=\s)\d\ufe0f?\u20e3)|[^\w»\"”)\].!?…%°])+\Z"
)
_ADDRESSES = re.compile(r"(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+/\S*", re.IGNORECASE)
_TAGS_AND_NAMES = re.compile(r"[#@]\w+")
_BEGINNING = 2_000  # characters in which a title is looked for: what seeks addresses is quadratic in a long "a.a.a"
# Always matches once it stands on "<", so it is linear on any input.
_TAG = re.compile(r'<(?:[^>"]+|"[^"]*(?:"|\Z))*+(?:>|\Z)')
_BREAKS = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
# Most texts of English feeds are plain ASCII; to find their words no regular expression is needed.
_ASCII_GAPS = str.maketrans({letter: " " for letter in map(chr, range(128)) if not letter.isalnum()})


def visible(text: str) -> str:
    """Return text without what cannot be seen: composed (NFC), no soft hyphens or stress marks, plain spaces."""
    composed = unicodedata.normalize("NFC", text)
    return _HIDDEN.sub(lambda found: _VISIBLE[ord(found[0])], composed)


def fold(text: str) -> str:
    """Return text with what readers do not tell apart made equal: case, ё/е, quotes, dashes, apostrophes, spacing.

    й, ї and ґ are letters of their own and never change (field.md).
    """
    return _squeezed(_fold(visible(text)))


def _fold(seen: str) -> str:
    return _SPELLINGS.sub(lambda found: _FOLDED[ord(found[0])], seen.casefold())


def plain(html: str) -> str:
    """Return the text of safe HTML: tags out, entities decoded; a block begins a line, inline tags join."""
    if "<" not in html and "&" not in html:
        return _squeezed(html)
    bare = _TAG.sub(lambda tag: "\n" if _BREAKS.match(tag[0]) else "", _squeezed(html))
    return "\n".join(filter(None, map(_squeezed, unescape(bare).split("\n"))))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """Return text in at most `limit` characters: whole, or cut behind a word with «…»."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    cut = max(head.rfind(" "), head.rfind("\n"))
    return (head[:cut] if cut > 0 else head[: limit - 1]).rstrip(" \n,;:.–—-") + "…"


def first_sentence(text: str, limit: int) -> str:
    """Return what a text without a title is called by: its first sentence, in at most `limit` characters; "" if none.

    text  plain, as `plain` returns it; a line ends a sentence. Addresses go, and signs around it, emoji above all. A
          line that holds no word but in #tags and in the @names of somebody is none.
    """
    for line in text[:_BEGINNING].split("\n"):
        said = _EDGES.sub("", _squeezed(_ADDRESSES.sub(" ", line)))
        if _WORD.search(_TAGS_AND_NAMES.sub(" ", said)):
            title = _EDGES.sub("", shorten(_EDGES.sub("", _sentence(said)), limit))
            if _WORD.search(title):  # its word may be what was cut off
                return title if title.endswith("..") else title.removesuffix(".")
    return ""


def _sentence(line: str) -> str:
    """Return a line up to where its first sentence ends; «г.», «им.» and initials end none."""
    for end in _ENDS.finditer(line):
        before = line[: end.start()].rpartition(" ")[2].lstrip('(«"')
        short = end[0] == "." and (len(before) == 1 or (len(before) <= 3 and before.islower()))  # noqa: PLR2004
        if not short:
            return line[: end.end()]
    return line


def parted(seen: str) -> list[str]:
    """Return a `visible` text in its parts: in turn what stands between words, and a word; both ends are between."""
    return _PARTS.split(seen.replace("_", " "))


def tokens(text: str) -> list[str]:
    """Return the folded words of a text."""
    if text.isascii():
        return text.translate(_ASCII_GAPS).lower().split()
    return folded(parted(visible(text)))


def folded(parts: Sequence[str]) -> list[str]:
    """Return the folded words of a text in parts, as many and in the same order."""
    if len(parts) == 1:
        return []
    together = _fold("\n".join(parts[1::2]))
    if _SEAM.search(together):
        together = _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), together)
    return together.split("\n")


# --- forms of words -----------------------------------------------------------------------------------------------

_LANGUAGES = ("ru", "uk")


def key(token: str) -> str:
    """Return what a token of a text is looked up by: an English stem, in other scripts the token itself."""
    return _STEMS[token] if token.isascii() else token


def keys(tokens: Iterable[str]) -> list[str]:
    """Return the keys of tokens."""
    return [_STEMS[token] if token.isascii() else token for token in tokens]


def forms(said: str) -> tuple[frozenset[str], ...]:
    """Return, for each word of a rule, the keys of all its forms; of a place that stands alone, of its adjective too.

    A word that is a dictionary form means itself («мир» is not «миро», «Киев» not «кия»); any other is taken as every
    word it may be a form of, but in a phrase only by the languages that know the whole of it («Збройні сили»).
    «Донецк» finds «донецкого», but «донецкий» does not find «Донецк», nor «Совет Европы» «совет европейский».
    """
    seen = visible(said)
    parts = parted(seen)
    cyrillic = list(filter(_CYRILLIC.search, folded(parts)))
    languages = tuple(one for one in _LANGUAGES if all(_knows(one, word) for word in cyrillic))
    alone = len(seen.split()) == 1  # «Ивано-Франковск» is one, and finds «Ивано-Франковской»
    pairs = zip(folded(parts), parts[1::2], strict=True)
    return tuple(_forms(word, languages or _LANGUAGES, name=raw.istitle(), alone=alone) for word, raw in pairs)


def _forms(word: str, languages: tuple[str, ...], *, name: bool, alone: bool) -> frozenset[str]:
    if not _CYRILLIC.search(word):
        return frozenset([key(word)])
    if name and _SURNAME.search(word) and not any(_is_entry(word, language) for language in _LANGUAGES):
        return _as_surname(word)  # «Часов Яр» is a town, and no «час»
    meant = {word} | (_adjectives(word) if alone else frozenset())
    return frozenset({word}.union(*(_inflected(one, languages, name) for one in meant)))


class _Stems(dict[str, str]):
    """The stems of English words, as they are asked for. A dict is several times faster than lru_cache."""

    MOST = 50_000  # the English words of many thousand items; then it begins anew

    def __missing__(self, token: str) -> str:
        import Stemmer

        if not token.isalpha():  # numbers have no stem, and no end: they would fill it
            return token
        if len(self) >= self.MOST:
            self.clear()
        # A fresh stemmer, since it is not safe among threads.
        stem: str = Stemmer.Stemmer("english").stemWord(token)
        self[token] = stem
        return stem


_STEMS = _Stems()


@lru_cache(5000)  # the rules of a large configuration, so that reading it again is quick
def _inflected(word: str, languages: tuple[str, ...], name: bool) -> frozenset[str]:  # noqa: FBT001  half of the key
    """Return its forms by the dictionaries that have it, and by analogy where the Russian one has not.

    What is made by analogy never is a word that the dictionary knows. Bare endings are tried on words that no
    dictionary knows, since the analogy of rare names goes astray («Мелони»), on names that it takes for a form of
    something else («Маск»), and on places in -ь, whose gender it often mistakes.
    """
    known = [language for language in languages if _knows(language, word)]
    has = [language for language in known if _is_entry(word, language)]
    found = {form for language in has or known or languages for form in _paradigms(word, language)}
    if "uk" in has and _SURNAME.search(word) and _tagged(word, "uk", "Surn"):
        found |= _as_surname(word)
    bare = (name or not known) if not has else word.endswith("ь") and _tagged(word, "ru", "Geox")
    if "ru" in (has or known) and not bare:
        return frozenset(found)
    found |= {form for form in _paradigms(word, "ru") if not _knows("ru", form)}
    if bare:
        stem = _ENDING.sub("", word)
        found |= {stem + ending for ending in _ENDINGS if not any(_knows(one, stem + ending) for one in _LANGUAGES)}
    return frozenset(found)


def _paradigms(word: str, language: str) -> set[str]:
    """Return all forms of what the word may be: of itself where it is, or could be, a dictionary form."""
    parses = _dictionary(language).parse(word)
    own = [parse for parse in parses if fold(parse.normal_form) == word]
    if any("Surn" in _marks(parse) for parse in own):  # then «Иванов» is not what belongs to an «Иван»: not «Иваново»
        own = [parse for parse in own if "Poss" not in _marks(parse)]
    meant = own or (parses if _knows(language, word) else [])
    return {fold(form.word) for parse in meant for form in parse.lexeme}


def _as_surname(word: str) -> frozenset[str]:
    """Return a surname in -ов or -ин, of him, of her and of the family, in either language."""
    return frozenset(word + ending for ending in _SURNAME_ENDINGS)


def _marks(parse: Any) -> set[str]:
    return set(re.split("[ ,]", str(parse.tag)))


def _is_entry(word: str, language: str) -> bool:
    """Whether the dictionary has the word as a dictionary form."""
    return _knows(language, word) and any(fold(p.normal_form) == word for p in _dictionary(language).parse(word))


def _knows(language: str, word: str) -> bool:
    known: bool = _dictionary(language).word_is_known(word)
    return known


@cache
def _dictionary(language: str) -> Any:
    """The dictionaries take 0.1 s and 25 MB each, so only who needs them loads them."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang=language)


# Of nouns and surnames in either language.
_ENDINGS = (
    "",
    *"аяуюеєиыіїоьй",
    *("ом", "ем", "єм", "ою", "ею", "єю", "ой", "ей", "ам", "ям", "ах", "ях", "ами", "ями"),
)
_ENDINGS += ("ов", "ев", "ів", "їв", "ого", "ому", "ым", "им", "ими", "ыми", "ой", "ая", "ую", "ой", "ові", "еві")
_ENDING = re.compile(f"(?<=[Ѐ-ӿ]{{3}})(?:{'|'.join(sorted(filter(None, _ENDINGS), key=len, reverse=True))})$")
_SURNAME = re.compile("[оеєії]в$|[иіїы]н$")
_SURNAME_ENDINGS = ("", *"ауеіыи", "ым", "им", "ом", "ой", "ою", "ої", "ій", "ых", "их", "ові", "ыми", "ими")


# --- places and their adjectives ----------------------------------------------------------------------------------

# What the endings below do not yield, in either language.
_OWN_WAY = """
    адыгея:адыгейский азия:азиатский алматы:алматинский алушта:алуштинский аляска:аляскинский америка:американский
    англия:английский армения:армянский африка:африканский баку:бакинский беларусь:белорусский
    белоруссия:белорусский бровары:броварской буча:бучанский венгрия:венгерский венеция:венецианский гаага:гаагский
    германия:германский германия:немецкий греция:греческий грузия:грузинский дамаск:дамасский дания:датский
    днепр:днепровский душанбе:душанбинский европа:европейский ингушетия:ингушский италия:итальянский
    калмыкия:калмыцкий керчь:керченский конго:конголезский куба:кубинский литва:литовский марокко:марокканский
    мексика:мексиканский молдова:молдавский москва:московский норвегия:норвежский осетия:осетинский перу:перуанский
    польша:польский ровно:ровенский словакия:словацкий сомали:сомалийский тува:тувинский турция:турецкий
    уфа:уфимский финляндия:финский франция:французский черновцы:черновицкий чехия:чешский чечня:чеченский
    чили:чилийский чита:читинский швеция:шведский элиста:элистинский ялта:ялтинский
    азія:азійський азія:азіатський америка:американський англія:англійський африка:африканський баку:бакинський
    білорусь:білоруський болгарія:болгарський бровари:броварський буча:бучанський вінниця:вінницький
    волноваха:волноваський греція:грецький грузія:грузинський дніпро:дніпровський європа:європейський
    запоріжжя:запорізький індія:індійський іспанія:іспанський італія:італійський канада:канадський керч:керченський
    куба:кубинський литва:литовський молдова:молдовський москва:московський німеччина:німецький
    норвегія:норвезький одеса:одеський полтава:полтавський польща:польський рівне:рівненський росія:російський
    румунія:румунський сербія:сербський сирія:сирійський словаччина:словацький суми:сумський туреччина:турецький
    угорщина:угорський україна:український франція:французький черкаси:черкаський чернівці:чернівецький
    чехія:чеський чечня:чеченський швеція:шведський ялта:ялтинський японія:японський
"""
# Places that the Russian dictionary knows as common words only.
_PLACES = frozenset({"лиман", "изюм"})
# Derived by the same endings, but words of their own for long: «світ» is not «світський».
_STRANGERS = frozenset({"мирский", "мирской", "русский", "светский", "советский", "штатский"})
_STRANGERS |= {"мирський", "світський", "штатський", "людський"}

# (the place ends in, letters to cut, endings of its adjective); the first line that fits counts.
Derivation = tuple[tuple[tuple[str, ...], int, tuple[str, ...]], ...]
_RUSSIAN: Derivation = (
    (("ий", "ый", "ой"), 0, ()),
    (("ск", "цк"), 0, ("ий",)),  # Донецк
    (("сс",), 1, ("ский",)),  # Донбасс
    (("ль", "й"), 0, ("ский",)),  # Мариуполь, Китай
    (("л",), 0, ("ьский",)),  # Стамбул
    (("ка",), 2, ("ский",)),  # Горловка
    (("лия",), 2, ("ийский", "ьский")),  # Австралия, Португалия
    (("ия",), 2, ("ийский", "ский")),  # Россия, Румыния
    (("ье",), 2, ("ский",)),  # Запорожье
    (("ца", "са", "сы"), 1, ("кий",)),  # Винница, Одесса, Черкассы
    (("га",), 2, ("жский",)),  # Рига
    (("ла",), 1, ("ьский",)),  # Тула
    (("а", "я", "о", "е", "ы", "и", "ь"), 1, ("ский", "ской")),  # Полтава, Сумы, Волынь, Тверь
    (("",), 0, ("ский", "ской")),  # Киев, Дон
)
_UKRAINIAN: Derivation = (
    (("ськ", "цьк", "зьк"), 0, ("ий",)),  # Донецьк
    (("івка", "ївка", "овка", "инка"), 2, ("ський",)),  # Авдіївка
    (("ль",), 0, ("ський",)),  # Маріуполь
    (("ь",), 1, ("ський",)),  # Волинь
    (("га",), 2, ("зький",)),  # Рига
    (("к", "ч"), 1, ("цький",)),  # Кременчук
    (("г", "ж", "з"), 1, ("зький",)),  # Гамбург
    (("с",), 0, ("ький",)),  # Донбас
    (("а", "е", "є", "и", "і", "ї", "о", "у", "ю", "я", "й"), 0, ()),
    (("",), 0, ("ський",)),  # Київ
)


@cache
def _own_way() -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for place, _, adjective in (pair.partition(":") for pair in _OWN_WAY.split()):
        table.setdefault(place, set()).add(adjective)
    return table


def _adjectives(token: str) -> frozenset[str]:
    """Return the adjectives of a place.

    In Russian for what the dictionary marks as a place, or does not know at all. The Ukrainian one marks no places,
    so any lifeless noun will do there, if the dictionary has the adjective.
    """
    found = set(_own_way().get(token, ()))
    if _tagged(token, "ru", "Geox") or token in _PLACES or not any(_knows(one, token) for one in _LANGUAGES):
        found |= _derived(token, _RUSSIAN)
    if _tagged(token, "uk", "inan"):
        found |= {one for one in _derived(token, _UKRAINIAN) if _knows("uk", one) or one == token + "ий"}  # Торецьк
    return frozenset(found - _STRANGERS)


def _tagged(token: str, language: str, mark: str) -> bool:
    """Whether the dictionary has the token as a noun in its dictionary form, with this mark."""
    parses = _dictionary(language).parse(token) if _knows(language, token) else ()
    return any(fold(p.normal_form) == token and {"NOUN", mark} <= _marks(p) for p in parses)


def _derived(place: str, endings: Derivation) -> set[str]:
    _, cut, adjectives = next(line for line in endings if place.endswith(line[0]))
    stem = place[: len(place) - cut]
    return {stem + ending for ending in adjectives}
