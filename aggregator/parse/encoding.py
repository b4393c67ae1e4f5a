"""Bytes to text.

In:    a body, and the Content-Type it came with.
Out:   the text. What the document or its server claims is checked against the bytes; a lie is noted as a flaw.
Never: uses a codec that is not in the table: utf-7 and unicode_escape hide markup, punycode and undefined raise.

Order: byte order mark, UTF-16 without a mark, valid UTF-8, the claims (server, then document), the letters.
"""

from __future__ import annotations

import codecs
import re

from aggregator.parse.flaws import Flaws

_MARKS = (  # the longer first: a UTF-32 mark begins like a UTF-16 one
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (  # "<" with the next character, where there is no mark (XML 1.0, appendix F)
    (re.compile(rb"(?:\s\x00\x00\x00)*<\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"(?:\x00\x00\x00\s)*\x00\x00\x00<"), "utf-32-be"),
    (re.compile(rb"(?:\s\x00)*[<{]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"(?:\x00\s)*\x00[<{]\x00[^\x00]"), "utf-16-be"),
)
_SINGLE = {
    **{f"cp{n}": f"cp{n}" for n in (437, 850, 852, 855, 866, 874, *range(1250, 1259))},
    **{f"iso8859{n}": f"iso8859-{n}" for n in (*range(2, 12), *range(13, 17))},
    "iso88591": "cp1252",  # as browsers do: the five extra rows of quotes and dashes are what people mean
    "latin1": "cp1252",
    "usascii": "cp1252",
    "ascii": "cp1252",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "koi8ru": "koi8-u",
    "macintosh": "mac-roman",
    "xmaccyrillic": "mac-cyrillic",
    "tis620": "cp874",
}
_MULTI = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "windows31j": "cp932",
    "eucjp": "euc_jp",
    "iso2022jp": "iso2022_jp",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    "cp949": "cp949",
    "euctw": "big5hkscs",
}
_UNICODE = dict.fromkeys(("utf8", "unicode", "utf16", "utf16le", "utf16be", "utf32", "ucs2", "ucs4"), "utf-8")
_CODECS = {**_SINGLE, **_MULTI, **_UNICODE}
_REFUSED = {"utf7", "unicodeescape", "rawunicodeescape", "punycode", "idna", "undefined", "unicode11utf7", "hz"}

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'<>]{0,60})[\"']")
_META_CHARSET = re.compile(rb"<meta\b[^<>]*?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META = 4096  # bytes in which a page says its encoding; browsers look at 1024
_SEVEN_BIT = {"iso2022_jp"}  # looks like ASCII, is not


def decode(body: bytes, content_type: str, flaws: Flaws) -> str:
    """Return the text of a body; U+FFFD stands where a byte means nothing."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _strictly(body[len(mark) :], codec, flaws)
    for pattern, codec in _UNMARKED:
        if pattern.match(body[:200]):
            return _strictly(body, codec, flaws)
    return _by_claims(body, _claims(body, content_type, flaws), flaws).lstrip("\ufeff")


def decode_page(body: bytes, content_type: str, flaws: Flaws) -> str:
    """Return the text of a page by the encoding that its server, else the page itself says, checked by its letters."""
    meta = None if "charset" in content_type.lower() else _META_CHARSET.search(body[:_META])
    return decode(body, f"text/html; charset={meta[1].decode()}" if meta else content_type, flaws)


def _strictly(body: bytes, codec: str, flaws: Flaws) -> str:
    try:
        return body.decode(codec).lstrip("\ufeff")
    except UnicodeDecodeError:
        flaws.add("encoding-damaged", detail=codec)
        return body.decode(codec, "replace").lstrip("\ufeff")


def _claims(body: bytes, content_type: str, flaws: Flaws) -> list[str]:
    """Return the codecs that the server and the document name, as far as we have them."""
    header = _CHARSET.search(content_type)
    declared = _DECLARED.match(body[:400].lstrip())
    codecs_claimed = []
    for name in (header and header[1], declared and declared[1].decode("ascii", "replace")):
        key = re.sub(r"[^a-z0-9]", "", (name or "").lower())
        key = re.sub(r"\A(?:xcp|windows|win|xwindows|ibm)(?=\d)", "cp", key)
        if key in _CODECS:
            codecs_claimed.append(_CODECS[key])
        elif name:
            flaws.add("encoding-refused" if key in _REFUSED else "encoding-unknown", detail=name)
    return list(dict.fromkeys(codecs_claimed))


def _by_claims(body: bytes, claims: list[str], flaws: Flaws) -> str:
    if _SEVEN_BIT.intersection(claims):
        return _legacy(body, claims, flaws)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _mostly_utf8(body, flaws) or _legacy(body, claims, flaws)
    if claims and "utf-8" not in claims and not text.isascii():
        flaws.add("encoding-wrong", detail=f"says {claims[0]}, is utf-8")
    return text


def _mostly_utf8(body: bytes, flaws: Flaws) -> str:
    """Return the text if most of what is not ASCII is UTF-8 (cut in the middle, or mixed); else ""."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(re.findall("[^\x00-\x7f\ufffd]", text))
    if good < 4 * bad:
        return ""
    flaws.add("encoding-damaged", detail=f"utf-8, {bad} characters lost")
    return text


def _legacy(body: bytes, claims: list[str], flaws: Flaws) -> str:
    """Return the text by the first claim under which the letters make sense, else by what makes most sense."""
    readings = {codec: text for codec in claims if codec != "utf-8" and (text := _try(body, codec)) is not None}
    for codec, text in readings.items():
        if codec in _MULTI.values() or _sense(text) >= 0:
            if codec != claims[0]:
                flaws.add("encoding-wrong", detail=f"says {claims[0]}, is {codec}")
            return text
    for codec in ("cp1251", "koi8-u", "cp1252"):
        readings.setdefault(codec, body.decode(codec, "replace"))
    best = max(readings, key=lambda codec: _sense(readings[codec]))
    says = f"says {claims[0]}, " if claims else ""
    flaws.add("encoding-wrong" if claims else "encoding-guessed", detail=f"{says}is {best}")
    return readings[best]


def _try(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        # cp1252 leaves five bytes undefined; Latin-1 defines them all, as controls.
        return body.decode("latin-1") if codec == "cp1252" else None


_LOWER, _UPPER, _ACCENTED = "а-яёєіїґў", "А-ЯЁЄІЇҐЎ", "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
# Pairs of letters as people write them; one alphabet read as another gives the pairs of the second list.
_LIKELY = re.compile(
    f"[{_LOWER}]{{2}}|[{_UPPER}][{_LOWER}]|[A-Za-z][{_ACCENTED}]|[\u0370-\u03ff\u0590-\u06ff\u0e00-\u0e7f]{{2}}"
)
_UNLIKELY = re.compile(
    f"[{_LOWER}][{_UPPER}]|[A-Za-z][{_LOWER}{_UPPER}]|[{_LOWER}{_UPPER}][a-z]|[{_ACCENTED}]{{3}}|[\x80-\x9f\u2500-\u25ff\ufffd]"
)


def _sense(text: str) -> float:
    """Return how much the letters look like language: from about -1 (mojibake) to 1."""
    sample = "".join(re.findall("[^\x00-\x7f]+|[A-Za-z](?=[^\x00-\x7f])|(?<=[^\x00-\x7f])[A-Za-z]| ", text[:200_000]))
    likely, unlikely = len(_LIKELY.findall(sample)), len(_UNLIKELY.findall(sample))
    return (likely - 2 * unlikely) / (likely + unlikely + 1)
