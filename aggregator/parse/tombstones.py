"""What an Atom feed takes back: its deleted entries (RFC 6721).

In:    the text of an Atom document, prepared for feedparser.
Out:   Deleted, in document order, none of a document that is not well-formed; the text without them, for feedparser
       takes what stands in them (links, a source) for the feed's own.
Never: builds a tree, or takes what an entry or a text quotes for the feed's own word.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from aggregator.parse.draft import Date, Deleted, Text
from aggregator.parse.flaws import Flaws

NAMESPACE = "http://purl.org/atompub/tombstones/1.0"
MOST = 2000  # as many as a document may have items

_DELETED, _COMMENT = f"{{{NAMESPACE}}}deleted-entry", f"{{{NAMESPACE}}}comment"
_OF_FEED, _OF_DELETED = 2, 3  # how deep they stand
_LONGEST = 1000  # characters of a comment that are read
_QUOTED_OR_OPEN = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<((?:[\w.-]+:)?deleted-entry)(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>",
    re.DOTALL,
)


def apart(text: str, flaws: Flaws) -> tuple[tuple[Deleted, ...], str]:
    """Return the deleted entries, and the rest. A broken document takes nothing back (content.md A26)."""
    if NAMESPACE not in text:
        return (), text
    found = _Found()
    # It need not hear the comments of XML, though lxml's stubs want it to.
    parser = etree.XMLParser(target=found, resolve_entities=False, no_network=True)  # type: ignore[arg-type]
    try:
        etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return (), text
    if found.count > MOST:
        flaws.add("deleted-too-many", detail=f"{found.count} deleted entries")
    return tuple(found.deleted), _without(text)


def _without(text: str) -> str:
    """Return a well-formed document without its deleted entries; those that a text quotes stay."""
    pieces, at = [], 0
    for found in _QUOTED_OR_OPEN.finditer(text):
        if found[1] is None or found.start() < at:
            continue
        pieces.append(text[at : found.start()])
        at = found.end()
        if not found[0].endswith("/>"):
            close = text.find(f"</{found[1]}", at)
            at = text.find(">", close) + 1 if close >= 0 else at
    return "".join((*pieces, text[at:]))


class _Found:
    """Hears a document as it is read. A comment reaches the deleted entry in which it stands when both have ended."""

    def __init__(self) -> None:
        self.deleted: list[Deleted] = []  # the first MOST
        self.count = 0
        self._depth = 0
        self._attributes: dict[str, str] | None = None  # of the deleted entry that is open
        self._html = False
        self._words: list[str] | None = None  # of the comment that is open
        self._comment = Text()

    def start(self, tag: Any, attributes: Any) -> None:
        self._depth += 1
        if tag == _DELETED and self._depth == _OF_FEED:
            self._attributes, self._comment = dict(attributes), Text()
        elif tag == _COMMENT and self._depth == _OF_DELETED and self._attributes is not None:
            self._words, self._html = [], attributes.get("type") == "html"

    def data(self, words: Any) -> None:
        if self._words is not None:
            self._words.append(words)

    def end(self, tag: Any) -> None:
        if tag == _COMMENT and self._words is not None and self._depth == _OF_DELETED:
            self._comment, self._words = Text(value="".join(self._words)[:_LONGEST], html=self._html), None
        elif tag == _DELETED and self._attributes is not None and self._depth == _OF_FEED:
            self.count += 1
            if self.count <= MOST:
                ref, when = self._attributes.get("ref", ""), self._attributes.get("when", "")
                self.deleted.append(Deleted(id=ref, when=Date(raw=when), comment=self._comment))
            self._attributes = None
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do."""
