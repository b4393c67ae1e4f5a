"""Characters that XML 1.0 allows, and those it does not.

In:    any str.
Out:   the same text as XML text (XML 1.0, production Char).
Never: touches a character that is allowed.
"""

from __future__ import annotations

import re
import sys

_BAD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]+|[0-9]+);?")
# Some writers print an emoji as the two halves of UTF-16: &#55357;&#56832;
_HALVES = re.compile(
    r"&#(x[dD][89aAbB][0-9a-fA-F]{2}|5[56][0-9]{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67][0-9]{3});",
)
_REPLACEMENT = "\ufffd"
_LONGEST = 9  # digits of a reference; U+10FFFF has 7


def scrub(text: str) -> str:
    """Return the text without what XML forbids: half characters become U+FFFD, Word's line breaks a space."""
    return _BAD.sub(_allowed, text) if _BAD.search(text) else text


def _allowed(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\x0b\x0c":
        return " "
    return "" if char < " " else _REPLACEMENT


def references(text: str) -> str:
    """Return the text with every numeric reference naming a character that XML allows.

    feedparser 6.0.14 raises out of parse() on `&#xD800;`, `&#x110000;` and `&#99999999999999999999;`.
    """
    if "&#" not in text:
        return text
    return _REFERENCE.sub(_named, _HALVES.sub(_joined, text))


def _joined(found: re.Match[str]) -> str:
    high, low = _code(found[1]), _code(found[2])
    try:
        return (chr(high) + chr(low)).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return found[0]


def _named(found: re.Match[str]) -> str:
    code = _code(found[1])
    if code > sys.maxunicode:
        return _REPLACEMENT
    char = chr(code)
    if _BAD.match(char):
        return scrub(char)
    return found[0].replace("X", "x", 1)


def _code(digits: str) -> int:
    if len(digits) > _LONGEST:
        return sys.maxunicode + 1 if digits.strip("xX0") else 0
    return int(digits[1:], 16) if digits[0] in "xX" else int(digits)
