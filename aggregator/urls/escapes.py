"""Percent-encoding in one form.

In:    a path, a query or a fragment as somebody wrote it.
Out:   the same in ASCII, with one spelling for each character.
Never: touches a delimiter: an encoded slash, question mark or ampersand stays what it is.
"""

from __future__ import annotations

import re
from urllib.parse import quote

LEGAL = "%/:@!$&'()*+,;=?-._~"
UNTIDY = re.compile(r"%|//|/\.|;|[^\x21-\x7e]|[\"<>\\^`{|}]")  # without these there is nothing to do

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
# Unreserved in RFC 3986, section 2.3; then what some encoders code and others do not, and no server tells apart
# ("/@name" and "/%40name", "7,1148,lamp.html" and "7%2C1148%2Clamp.html").
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!'()*,:@")


def one_form(text: str) -> str:
    """Return the text with escapes in one form: none for plain characters, upper case for the others."""
    return quote(_ESCAPE.sub(_escape, text), safe=LEGAL, errors="surrogatepass")


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return "%25"
    char = chr(int(code, 16))
    return char if char in _PLAIN else f"%{code.upper()}"
