"""What a person does not want in the texts of a source: banners for donations, for subscriptions, for other channels.

In:    a text construct as published, and the person's words for what is no content.
Out:   the text without it, not cleaned yet.
Never: guesses what a banner is, or takes more than the elements and the lines that the person named.

A line is what a reader sees as one: the text of a paragraph, of a list's item, or between two <br>.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.model import Strip
from aggregator.parse.draft import Text
from aggregator.parse.markup import LONGEST, affordable, words

_BLOCKS = words(
    "address article aside blockquote body br caption center dd details div dl dt figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_Line = list[LexborNode]  # text nodes


def stripped(text: Text, strip: Strip) -> Text:
    """Return the text construct without what is stripped from this source."""
    html = affordable((text.value if text.html else escape(text.value, quote=False))[:LONGEST])
    body = LexborHTMLParser(html).body
    if body is None:
        return text
    for selector in strip.select:
        for node in body.css(selector):
            node.decompose()
    phrases = [_folded(phrase).split("*") for phrase in strip.phrases]
    for line in list(_lines(body)) if phrases else ():
        said = _folded("".join(node.text_content or "" for node in line))
        if any(_says(said, phrase) for phrase in phrases):
            _remove(line)
    return replace(text, value=body.inner_html or "", html=True)


def _lines(body: LexborNode) -> Iterator[_Line]:
    """Yield the texts that stand on one line together. Where a block begins, or another one goes on, a line ends."""
    line: _Line = []
    block_of = {0: 0}  # of each element, the innermost block that it is in or is
    at = 0
    for node in body.traverse(include_text=True):
        above = block_of.get(node.parent.mem_id, 0) if node.parent else 0
        block = node.mem_id if node.tag in _BLOCKS else above
        if node.tag != "-text":
            block_of[node.mem_id] = block
        if line and block != at:
            yield line
            line = []
        at = block
        if node.tag == "-text":
            line.append(node)
    if line:
        yield line


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _says(said: str, phrase: list[str]) -> bool:
    """Tell whether a whole line says the phrase; any words may stand between its pieces."""
    first, *middle = phrase
    if not middle:
        return said == first
    last = middle.pop()
    if not (said.startswith(first) and said.endswith(last) and len(said) >= len(first) + len(last)):
        return False
    at, end = len(first), len(said) - len(last)
    for piece in middle:
        at = said.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _remove(line: _Line) -> None:
    """Take the texts away, and the elements that hold nothing else."""
    for node in line:
        gone = node
        while (
            (parent := gone.parent) is not None
            and parent.tag != "body"
            and all(child.mem_id == gone.mem_id or _blank(child) for child in parent.iter(include_text=True))
        ):
            gone = parent
        gone.decompose()


def _blank(node: LexborNode) -> bool:
    return node.tag == "-text" and not (node.text_content or "").strip()
