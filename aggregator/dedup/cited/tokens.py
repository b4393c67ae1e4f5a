"""The words, quoted names and marks of a text, and where they stand.

In:    plain text.
Out:   its tokens in order.
Never: knows a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from aggregator.dedup.cited.names import Word, folded

_DOMAINS = "ru|ua|com|net|org|info|uk|by|kz|am|ge|az|lv|lt|ee|md|news|io|media|fm|today|tv|нет|фм|ру|рф|су|тв|инфо|інфо"
_DOMAINS += "|медиа|медіа|реалии|реалії"
# A word may hold hyphens and apostrophes, and dots where it ends as an address does: Газета.Ru, Сиб.фм, sts.sumy.ua.
_TOKEN = re.compile(
    r"«(?P<angled>[^«»\n]{2,60})»|[“„](?P<curly>[^“”„\n]{2,60})[“”]|(?<!\w)\"(?P<straight>[^\"\n]{2,60})\"(?!\w)"
    r"|(?<!\w)'(?P<single>[^\W\d_][^'\n]{1,40})'(?!\w)|‘(?P<bent>[^\W\d_][^‘’\n]{1,40})’(?!\w)"
    rf"|(?P<word>[^\W_]+(?:(?:['’‘ʼ&+‑-]|\.(?=(?:[\w-]{{1,30}}\.)?(?:{_DOMAINS})\b))[^\W_]+)*)"
    r"|(?P<mark>\n|[^\w\s])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"[\w.-]+\.(?:{_DOMAINS})", re.IGNORECASE)
_QUOTED_WORDS = 6  # more are somebody's words
_CLAUSE = re.compile(r"[,;:!?] |[,;:.—]$")

# Latin letters inside Cyrillic words, which nobody sees.
_LOOKALIKE = re.compile("(?<=[Ѐ-ӿ])[aceiopxyABCEHIKMOPTX]+(?![A-Za-z])|(?<![A-Za-z])[aceiopxyABCEHIKMOPTX]+(?=[Ѐ-ӿ])")
_TWINS = str.maketrans("aceiopxyABCEHIKMOPTX", "асеіорхуАВСЕНІКМОРТХ")


class Token(NamedTuple):  # made by the hundred for each text: a dataclass takes thrice as long
    """A word, a name in quotes (without them, but where they stand), or a mark."""

    kind: Literal["word", "quoted", "mark"]
    word: Word


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text; quotes around more than a name are marks."""
    return list(_tokens(_LOOKALIKE.sub(lambda letters: letters[0].translate(_TWINS), text)))


def is_address(word: Word) -> bool:
    """Tell whether a word is the name of a site: it ends as one."""
    return bool(_ADDRESS.fullmatch(word.text))


def words_at(row: Sequence[Token], place: int, most: int) -> list[Word]:
    """Return the words that follow each other without a mark or a quoted name between."""
    found: list[Word] = []
    for token in row[place : place + most]:
        if token.kind != "word":
            break
        found.append(token.word)
    return found


def name_at(row: Sequence[Token], place: int, most: int) -> list[Word]:
    """Return what one name may be made of: words, or a quoted name, also behind a word (РИА «Новости»)."""
    found = words_at(row, place, most)
    after = row[place + len(found)] if place + len(found) < len(row) else None
    if after and after.kind == "quoted" and len(found) < most:
        found.append(after.word)
    return found


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while token := _TOKEN.search(text, place):
        start, place = token.span()
        kind = token.lastgroup or ""
        inside = token[kind]
        if kind == "word" or (kind != "mark" and _may_name(inside)):
            yield Token("word" if kind == "word" else "quoted", Word(inside, folded(inside), start, place))
        else:
            place = start + 1  # of somebody's words look at each
            yield Token("mark", Word(text[start], text[start], start, place))


def _may_name(inside: str) -> bool:
    """Whether quotes hold a name rather than somebody's words."""
    begins = inside[0].isupper() or inside[0].isdigit() or "." in inside
    return begins and len(inside.split()) <= _QUOTED_WORDS and not _CLAUSE.search(inside)
