"""Documents as nobody wrote them: corpus documents, changed at random by a seed.

A mutant is named by its document and its seed, and the same two always make the same bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LARGEST = 60_000  # bytes of a document that is worth changing: a large one hides the change
MOST_CHANGES = 6

# What has broken parsers: references that name nothing, halves of markup, declarations, controls, foreign bytes.
NASTY = (
    b"&#xD800;",
    b"&#x110000;",
    b"&#99999999999999999999;",
    b"&#0;",
    b"&nbsp;&bogus;&",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<?xml version='1.1' encoding='punycode'?>",
    b"<media:rating>x",
    b"</media:rating>",
    b"<textinput>",
    b"<image><url>x</image>",
    b"<content type='application/octet-stream' mode='base64'>!!!</content>",
    b"<enclosure url='javascript:x' length='-1e9' type='x'/>",
    b"<div>" * 700,
    b"<b>" * 300,
    b"xml:base='http://[1'",
    b"xml:base='javascript:x' xml:lang='\xff'",
    b" xmlns='http://www.w3.org/1999/xhtml'",
    b"<svg><a xlink:href='javascript:x'>",
    b"<item>",
    b"</item>",
    b"</entry><entry>",
    b"<pubDate>99999-99-99T99:99:99+99:99</pubDate>",
    b"<dc:date>-0001-13-45</dc:date>",
    b"\x00\x08\x1f",
    b"\xef\xbf\xbe",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xcf\xf0\xe8\xe2\xe5\xf2",
    b'"\xe2\x80\xae\xe2\x80\xa8',
    b'\\ud800", "items": [[[[',
    b'": 1e400, "id": {"',
)
_ENCODINGS = (b"utf-8", b"windows-1251", b"koi8-r", b"utf-16", b"gb2312", b"iso-2022-jp", b"undefined", b"\x00", b"")
_DECLARED = re.compile(rb"encoding\s*=\s*[\"'][^\"'<>]{0,40}[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A changed document."""

    path: Path
    seed: str
    body: bytes


def mutants(paths: list[Path], number: int, seed: int) -> list[Mutant]:
    """Return so many mutants of documents chosen by the seed."""
    rng = random.Random(seed)
    return [mutant(rng.choice(paths), f"{seed}:{n}") for n in range(number)]


def mutant(path: Path, seed: str) -> Mutant:
    """Return the mutant of a name: one to six changes."""
    rng = random.Random(seed)
    body = path.read_bytes()
    for _ in range(rng.randint(1, MOST_CHANGES)):
        body = rng.choice(_CHANGES)(body, rng)
    return Mutant(path=path, seed=seed, body=body)


def _span(body: bytes, rng: random.Random) -> tuple[int, int]:
    begin = rng.randrange(len(body) + 1)
    return begin, min(len(body), begin + int(rng.expovariate(1 / 40)) + 1)


def _flipped(body: bytes, rng: random.Random) -> bytes:
    at, _ = _span(body, rng)
    return body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]


def _cut_out(body: bytes, rng: random.Random) -> bytes:
    begin, end = _span(body, rng)
    return body[:begin] + body[end:]


def _repeated(body: bytes, rng: random.Random) -> bytes:
    begin, end = _span(body, rng)
    return body[:end] + body[begin:end] * rng.choice((1, 2, 50)) + body[end:]


def _moved(body: bytes, rng: random.Random) -> bytes:
    begin, end = _span(body, rng)
    piece, rest = body[begin:end], body[:begin] + body[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + piece + rest[at:]


def _broken_off(body: bytes, rng: random.Random) -> bytes:
    return body[: _span(body, rng)[0]]


def _poisoned(body: bytes, rng: random.Random) -> bytes:
    at, _ = _span(body, rng)
    return body[:at] + rng.choice(NASTY) + body[at:]


def _poisoned_between(body: bytes, rng: random.Random) -> bytes:
    """Put something nasty where the document has a tag, which is where it hurts."""
    places = [found.start() for found in re.finditer(rb"[<>]", body)] or [0]
    at = rng.choice(places) + rng.randrange(2)
    return body[:at] + rng.choice(NASTY) + body[at:]


def _misdeclared(body: bytes, rng: random.Random) -> bytes:
    return _DECLARED.sub(lambda _: b'encoding="' + rng.choice(_ENCODINGS) + b'"', body, count=1)


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _cut_out,
    _repeated,
    _moved,
    _broken_off,
    _poisoned,
    _poisoned_between,
    _misdeclared,
)
