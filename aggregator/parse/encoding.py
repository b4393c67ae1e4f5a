"""Bytes to text.

In:    a body, and the Content-Type it came with.
Out:   the text. What the document or its server claims is checked against the bytes; a lie is noted as a flaw.
Never: uses a codec that is not in the table: utf-7 and unicode_escape hide markup, punycode and undefined raise.

Order: byte order mark, UTF-16 without a mark, ISO-2022-JP, valid UTF-8, the claims (server, then document) if the
letters agree, the letters.
"""

from __future__ import annotations

import codecs
import re

from aggregator.parse.flaws import Flaws
from aggregator.parse.letters import sense

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
}
_UNICODE = dict.fromkeys(("utf8", "unicode", "utf16", "utf16le", "utf16be", "utf32", "ucs2", "ucs4"), "utf-8")
_CODECS = {**_SINGLE, **_MULTI, **_UNICODE}
_REFUSED = {"utf7", "unicodeescape", "rawunicodeescape", "punycode", "idna", "undefined", "unicode11utf7", "hz"}

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'<>]{0,60})[\"']")
_META_CHARSET = re.compile(rb"<meta\b[^<>]*?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META = 4096  # bytes in which a page says its encoding; browsers look at 1024
_SHIFTED = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP begins Japanese so; it looks like ASCII, is not

# What a document may be in that says nothing or something false: first what the web is full of, then what is rare and
# must make plainly more sense. Whatever is not here reads the same letters as one that is.
_COMMON = ("cp1252", "cp1251", "koi8-u", "cp1250", "gb18030", "cp932", "big5hkscs", "cp949", "euc_jp")
_RARE = (
    *("cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "iso8859-2", "iso8859-5", "cp866"),
    *("iso8859-6", "iso8859-16", "iso8859-13", "iso8859-4", "iso8859-3", "iso8859-14", "cp852", "cp850", "mac-roman"),
    *("cp1258", "cp855"),
)
_LOOKED_THROUGH = 200_000  # bytes behind the first that is not ASCII
_BEFORE = 100  # bytes of ASCII before it: the beginning of its word
_LOOKED_AT = 8_000  # bytes of text in them: a title tells, and 30 codecs take 0.1 s for so many
_PLAIN = 0.97  # of letters.sense: a claim that makes so much sense is believed without a look at others
_BETTER = 0.04  # by so much another reading must make more sense than what is claimed or common,
_EVIDENCE = 4  # and by so much in all bytes together: one odd letter says nothing
_LITTLE = 0.7  # is enough against nonsense: one letter, where it is impossible as claimed
_NONSENSE = 0.45  # what makes less is text in no encoding that we know, or in a language that we do not


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
    if body.isascii():
        if not _SHIFTED.search(body):
            return body.decode("ascii")
        _tell(claims, "iso2022_jp", flaws)
        return _whole(body, "iso2022_jp", flaws)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _mostly_utf8(body, flaws) or _legacy(body, claims, flaws)
    if claims and "utf-8" not in claims:
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
    codec = _best(_sample(body), [claim for claim in claims if claim not in ("utf-8", "iso2022_jp")], flaws)
    _tell(claims, codec, flaws)
    return _whole(body, codec, flaws)


def _best(sample: bytes, claims: list[str], flaws: Flaws) -> str:
    scores: dict[str, float] = {}
    for codec in claims:
        scores[codec] = sense(sample.decode(codec, "replace"), codec)
        if scores[codec] >= _PLAIN:
            return codec
    for codec in (*_COMMON, *_RARE):
        scores.setdefault(codec, sense(sample.decode(codec, "replace"), codec))
    best = claims[0] if claims else max(_COMMON, key=scores.__getitem__)
    for others in ((*claims, *_COMMON), _RARE):
        other = max(others, key=scores.__getitem__)
        if _outweighs(scores[other], scores[best], sample):
            best = other
    if scores[best] < _NONSENSE:
        flaws.add("encoding-doubtful", detail=f"read as {best}, the letters look like no language")
    return best


def _outweighs(other: float, best: float, sample: bytes) -> bool:
    letters = len(re.findall(rb"[\x80-\xff]", sample))
    evidence = _EVIDENCE if best >= _NONSENSE else _LITTLE
    return other - best >= max(_BETTER, evidence / letters)


def _tell(claims: list[str], codec: str, flaws: Flaws) -> None:
    """Note where a text is in another encoding than its document says, or says none."""
    if not claims:
        flaws.add("encoding-guessed", detail=f"is {codec}")
    elif codec != claims[0]:
        flaws.add("encoding-wrong", detail=f"says {claims[0]}, is {codec}")


def _sample(body: bytes) -> bytes:
    """Return the words beyond ASCII behind the first such byte, each once: again and again it says no more.

    No codec has spaces, `<` or `>` inside a letter.
    """
    first = re.search(rb"[\x80-\xff]", body)
    assert first is not None
    begin = max(first.start() - _BEFORE, 0)
    words = re.split(rb"[<>\s]+", body[begin : begin + _LOOKED_THROUGH])
    return b"\n".join(dict.fromkeys(word for word in words if not word.isascii()))[:_LOOKED_AT]


def _whole(body: bytes, codec: str, flaws: Flaws) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        if codec == "cp1252":  # it leaves five bytes undefined; Latin-1 defines them all, as controls
            return body.decode("latin-1")
        text = body.decode(codec, "replace")
        flaws.add("encoding-damaged", detail=f"{codec}, {text.count(chr(0xFFFD))} characters lost")
        return text
