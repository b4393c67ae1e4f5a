"""An XML document as text: what it is, and how it is handed to feedparser.

In:    the text of a body.
Out:   what its root is; the text with a head of ours, so that nothing before the root can cost time or memory.
Never: builds a tree. Every scan here is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5
from itertools import islice, pairwise

from aggregator.parse.chars import references, scrub
from aggregator.parse.flaws import Flaws

FEEDS = {"rss", "rdf", "feed", "channel"}  # channel: CDF
MOST_ITEMS = 20_000  # handed to feedparser (100 us each); finish.py keeps the newest 2,000

_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_START = re.compile(r"<[A-Za-z_](?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>")
# A feed's root behind something else shows itself by its attributes.
_HIDDEN = re.compile(r"<(?:[\w.-]+:)?(rss|rdf|feed)\s[^<>]*(?:xmlns|version)[^<>]*>", re.IGNORECASE)
_HTML = {"html", "head", "body", "title", "meta", "iframe", "script", "header", "main", "nav", "article", "section"} | {
    *("aside", "form", "center", "p", "div", "span", "h1", "h2", "ul", "ol", "br", "b", "a", "img", "table")
}
_FARTHEST = 5000  # characters of junk before a feed
_ITEM = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_LABEL = re.compile(
    r"<(?:[\w.-]+:)?(?:category|subject|keywords)\b[^<>]*(?:/>|>[^<]*(?:<!\[CDATA\[[^<\]]*\]\]>)?[^<]*</[^<>]*>)"
    r"|</(?:[\w.-]+:)?(?:item|entry)\s*>",
    re.IGNORECASE,
)
_LABELS = 100  # kept of an item; finish.py keeps 50
_ENTITY = re.compile(
    r"<!ENTITY\s+(\w{1,40})\s+(?:\"(&#\w{1,8};|[^\"&<>%]{1,100})\"|'(&#\w{1,8};|[^'&<>%]{1,100})')\s*>"
)
# Not one of XML's own references: HTML's, the document's, or none at all.
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)(?:([A-Za-z][A-Za-z0-9]{0,30});)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Xml:
    """A text that begins like XML or HTML."""

    root: str  # local name, lower case; "" if there is none
    at: int  # where the root begins
    text: str


def look(text: str, flaws: Flaws) -> Xml:
    """Return what the root element is. Junk in front of a feed (warnings of PHP, a page around it) is skipped."""
    at = _first_element(text)
    found = _ELEMENT.match(text, at) if at >= 0 else None
    root = found[2].lower() if found else ""
    if root not in FEEDS and (hidden := _HIDDEN.search(text, 0, _FARTHEST)):
        flaws.add("junk-before-document", detail=text[:100])
        return Xml(root=hidden[1].lower(), at=hidden.start(), text=text)
    return Xml(root="html" if root in _HTML else root, at=max(at, 0), text=text)


def _first_element(text: str) -> int:
    """Return where the first element begins, behind declarations, comments and a DOCTYPE; -1 if nowhere."""
    ends = (("<!--", "-->"), ("<?", ">"), ("<![CDATA[", "]]>"))
    at = text.find("<")
    while at >= 0:
        if _ELEMENT.match(text, at):
            return at
        end = next((text.find(stop, at) for start, stop in ends if text.startswith(start, at)), None)
        if end is None:
            end = _doctype_end(text, at) if text.startswith("<!", at) else at
        if end < 0:
            return -1
        at = text.find("<", end + 1)
    return -1


def _doctype_end(text: str, at: int) -> int:
    """Return where a `<!...>` ends; its internal subset, in brackets, may hold other `>`."""
    end, subset = text.find(">", at), text.find("[", at)
    if 0 <= subset < end:
        end = text.find("]", subset)
        return text.find(">", end) if end >= 0 else -1
    return end


def prepared(xml: Xml, flaws: Flaws) -> str:
    """Return the document for feedparser: XML text, our own head, bounded numbers of items and categories."""
    published = xml.text[xml.at :]
    text = scrub(published)
    if text != published:
        flaws.add("control-characters")
    named = references(text)
    if named != text:
        flaws.add("character-reference")
    entities = _entities(xml.text[: xml.at])
    return _head(entities) + referring(_thinned(_first_items(named, xml.root, flaws)), entities, flaws)


def _entities(head: str) -> dict[str, str]:
    """Return the short entities a document declares; long or nested ones are how a few bytes become gigabytes."""
    return {found[1]: found[2] or found[3] for found in islice(_ENTITY.finditer(head), 200)}


def _head(entities: dict[str, str]) -> str:
    declared = "".join(f'\n<!ENTITY {name} "{value}">' for name, value in entities.items() if '"' not in value)
    subset = f"<!DOCTYPE feed [{declared}\n]>\n" if declared else ""
    return f"<?xml version='1.0' encoding='utf-8'?>\n{subset}"


def referring(text: str, entities: dict[str, str], flaws: Flaws) -> str:
    """Return the text with no `&` outside CDATA that would make it ill-formed.

    HTML's own `&nbsp;` becomes its character; what refers to nothing (`A&B`, `?a=1&b=2`, a nested entity) is escaped.
    """

    def spelt_out(found: re.Match[str]) -> str:
        name = found[1]
        if name in entities:
            return found[0]
        if name and (char := html5.get(name + ";")):
            return char
        flaws.add("not-well-formed", detail=f"{found[0]} refers to nothing")
        return "&amp;" + found[0][1:]

    pieces = []
    at = 0
    while (cdata := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", cdata)) >= 0:
        pieces += [_AMPERSAND.sub(spelt_out, text[at:cdata]), text[cdata:end]]
        at = end
    return "".join((*pieces, _AMPERSAND.sub(spelt_out, text[at:])))


def _first_items(text: str, root: str, flaws: Flaws) -> str:
    if text.count("<item") + text.count("<entry") <= MOST_ITEMS:
        return text
    starts = (found.start() for found in _ITEM.finditer(text) if not found[1])
    cut = next(islice(starts, MOST_ITEMS, None), None)
    if cut is None:
        return text
    flaws.add("item-too-many")
    return text[:cut] + ("</channel></rss>" if root == "rss" else f"</{text[1:].split(None, 1)[0]}>")


def _thinned(text: str) -> str:
    """Return the text with at most so many categories an item: feedparser takes 36 s for 50,000 of them."""
    if text.count("categor") + text.count("subject") < 10 * _LABELS:
        return text
    seen = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal seen
        seen = 0 if found[0].startswith("</") else seen + 1
        return found[0] if seen <= _LABELS else ""

    return _LABEL.sub(keep, text)


def is_whole(xml: Xml) -> bool:
    """Tell whether the document reaches its end."""
    end = re.compile(rf"</(?:[\w.-]+:)?{re.escape(xml.root)}\s*>", re.IGNORECASE)
    return bool(end.search(xml.text, max(xml.at, len(xml.text) - 5000)))


def breaks_off_inside_an_item(text: str) -> bool:
    """Tell whether the last item of a document that breaks off is not whole."""
    marks = _ITEM.findall(text)
    return bool(marks) and not marks[-1] and ("/" in marks or len(marks) == 1)


def split(text: str) -> list[str]:
    """Return the head of a prepared document, then each of its items, the last one with the document's tail."""
    starts = [found.start() for found in _ITEM.finditer(text) if not found[1]]
    edges = [0, *starts, len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


def bare(head: str) -> str:
    """Return the head of a prepared document without its channel: the declarations and the root's start tag, if any."""
    first = _ELEMENT.search(head)
    root = _START.match(head, first.start()) if first else None
    return head[: root.end()] if root else ""
