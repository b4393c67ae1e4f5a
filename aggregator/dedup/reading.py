"""An article as words, found once for all that look at it.

In:    a title and a text.
Out:   their folded words, and which of them are names or numbers.
Never: knows how rare a word is, or compares.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator import text

WORDS = 400  # of a text: two that have these in common have the rest
_CHARACTERS = 4000  # that hold so many words in any language of ours
_OPENING = 1200  # characters in which names are looked for

_UPPER = "".join(filter(str.isupper, map(chr, range(0x530))))  # Latin, Greek, Cyrillic
_MARKS = '.!?…:»"”'  # behind them any word begins with a capital
# A number, or a word with a capital where a common word has none. What stands before is asked behind the first letter:
# a pattern that begins with letters is looked for much faster.
_NAME = re.compile(
    rf"[{_UPPER}\d](?<!\w.)(?:(?<=\d)|(?<=[\s\S].)(?<![{_MARKS}].)(?<![{_MARKS}]\s.)(?=\w))\w*"
    "(?:['’ʼ](?=[Ѐ-ӿ])\\w+)*"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of an article."""

    title: Sequence[str]
    body: Sequence[str]  # the first WORDS
    title_names: frozenset[str]  # words of the title that are names or numbers
    body_names: frozenset[str]  # and those at the beginning of the text


def read(title: str, body: str) -> Reading:
    """Read an article. title, body: plain text."""
    return Reading(
        title=text.tokens(title),
        body=text.tokens(body[:_CHARACTERS])[:WORDS],
        title_names=_names(title),
        body_names=_names(body[:_OPENING]),
    )


def _names(written: str) -> frozenset[str]:
    return frozenset(text.tokens(" ".join(_NAME.findall(text.visible(written)))))
