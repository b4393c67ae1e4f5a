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

from lxml import etree

from aggregator.model import Strip
from aggregator.parse.draft import Text
from aggregator.parse.markup import LONGEST, affordable, words
from aggregator.parse.page import Element, tree_of, xpath

_BLOCKS = words(
    "address article aside blockquote body br caption center dd details div dl dt figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_SEEN = words("img video audio br hr")  # what a reader sees although it holds no text
_Slot = tuple[Element, str]  # an element, and whether it is its `text` or its `tail`


def stripped(text: Text, strip: Strip) -> Text:
    """Return the text construct without what is stripped from this source."""
    html = affordable((text.value if text.html else escape(text.value, quote=False))[:LONGEST])
    tree = tree_of(f"<html><body>{html}")
    body = None if tree is None else tree.find("body")
    if body is None:
        return text
    for selector in strip.select:
        for element in xpath(selector)(body):
            if element is not body:
                _drop(element)
    phrases = [_folded(phrase).split("*") for phrase in strip.phrases]
    if phrases:
        _remove([slot for line in _lines(body) if _is_any(line, phrases) for slot in line], body)
    inside = escape(body.text or "", quote=False)
    return replace(text, value=inside + "".join(map(_html, body)), html=True)


def _html(element: Element) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html"))


def _lines(body: Element) -> Iterator[list[_Slot]]:
    """Yield the texts that stand on one line together. Where a block begins or ends, a line ends."""
    line: list[_Slot] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if line and element.tag in _BLOCKS:
            yield line
            line = []
        slot = "text" if event == "start" else "tail"
        if getattr(element, slot) and not (slot == "tail" and element is body):
            line.append((element, slot))
    if line:
        yield line


def _is_any(line: list[_Slot], phrases: list[list[str]]) -> bool:
    said = _folded("".join(getattr(*slot) for slot in line))
    return any(_says(said, phrase) for phrase in phrases)


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


def _remove(slots: list[_Slot], body: Element) -> None:
    """Take the texts away, and the elements that hold nothing else."""
    for element, slot in slots:
        setattr(element, slot, None)
    for element, _ in slots:
        empty = element
        while empty is not None and empty is not body and empty.tag not in _SEEN and not (len(empty) or _text(empty)):
            above = empty.getparent()
            _drop(empty)
            empty = above


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _drop(element: Element) -> None:
    """Take an element out, and leave what stands behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:  # with one around it, that was dropped before
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
