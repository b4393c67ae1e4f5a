"""How an authority's value and ours are held against each other. Nothing here uses the parser under test.

Each comparison is a sentence of docs/reference/parsing.md and a function of the authority's value and ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin

from lxml import etree
from lxml import html as lxml_html

ACTIVE = {
    *("script", "style", "iframe", "object", "embed", "form", "input", "meta", "base", "link", "svg", "math"),
    *("template", "noscript", "xmp", "plaintext", "applet", "frame", "frameset", "button", "select", "textarea"),
}
_SILENT = {"script", "style", "iframe", "object", "embed", "noscript", "svg", "math", "template", "applet", "select"}
_SAFE = re.compile(r"(?:https?:|mailto:|data:image/(?:png|gif|jpeg|webp);)", re.IGNORECASE)
_ADDRESSES = {"href", "src", "poster", "action", "formaction", "background", "cite", "data", "srcset", "ping"}


def tree(html: str) -> Any:
    """Return the elements of a piece of HTML."""
    return lxml_html.document_fromstring(f"<html><body>{folded(html)}</body></html>").find("body")


def active(html: str) -> list[str]:
    """Return what could act in a reader: elements, handlers, styles, addresses of other schemes."""
    found = []
    for element in tree(html).iter(etree.Element):
        found += [str(element.tag)] if element.tag in ACTIVE else []
        for name, value in element.attrib.items():
            bad = name.startswith("on") or name in {"style", "id", "class", "name"}
            found += [f"{name}={value}"] if bad or (name in _ADDRESSES and not _SAFE.match(value)) else []
    return found


def folded(text: Any) -> str:
    """Return a text in one line, without what is invisible."""
    shown = "".join(c for c in str(text) if unicodedata.category(c) not in {"Cf", "Cc", "Cs"} or c.isspace())
    return " ".join(shown.split())


def words(html: Any) -> str:
    """Return what a person reads of a piece of HTML, without blanks: elements may or may not stand for some."""
    root = tree(str(html))
    for element in list(root.iter(etree.Element, etree.Comment, etree.ProcessingInstruction)):
        if element is not root and (not isinstance(element.tag, str) or element.tag in _SILENT):
            element.drop_tree()
    return "".join(folded(root.text_content()).split())


def leads(html: Any) -> set[str]:
    """Return the web addresses that links and pictures of a piece of HTML lead to."""
    found = tree(str(html)).xpath("//a/@href | //img/@src")
    return {address(value) for value in found if re.match("https?://[^/]", value.strip())}


def address(value: Any, base: str = "") -> str:
    """Return an address in one spelling."""
    try:
        return quote(unescape(urljoin(base, str(value).strip())), safe="%/:=&?~#+!$,;'@()*[]").rstrip("/")
    except ValueError:
        return ""


def moment(value: Any) -> datetime | None:
    """Return a struct_time's tuple, an ISO date or an RFC 822 date as a moment."""
    try:
        if isinstance(value, tuple | list):
            return datetime(*value[:6], tzinfo=UTC)
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            found = parsedate_to_datetime(str(value).strip())
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def same_words(want: Any, ours: Any) -> bool:
    """Whether the same words are read: as text, or as HTML whose safe links and pictures also lead to the same."""
    mine = words(ours)
    if mine in {"".join(folded(want).split()), "".join(folded(unescape(str(want))).split())}:
        return True
    return mine == words(want) and leads(want) <= leads(ours)


def same_title(want: Any, ours: Any) -> bool:
    """Whether a title says the same; it may have been HTML there and is plain text here."""
    mine = "".join(folded(ours).split())
    return mine in {"".join(folded(want).split()), "".join(folded(unescape(str(want))).split()), words(want)}


def same_moment(want: Any, ours: Any) -> bool:
    """Whether it is the same second."""
    expected = moment(want)
    return expected is not None and ours is not None and abs((expected - ours).total_seconds()) < 1


def same_address(want: Any, ours: Any) -> bool:
    """Whether it leads to the same place; spelling and a last slash do not count."""
    return address(want) == address(ours or "")


def same_text(want: Any, ours: Any) -> bool:
    """Whether it is the same text; blanks at the ends do not count."""
    return folded(want) == folded("" if ours is None else ours)


def same_person(want: Any, ours: Any) -> bool:
    """Whether a person's name, address, or both in one line are the same."""
    names = [name for name in (ours.name, ours.email, f"{ours.name} ({ours.email})") if name]
    return any(same_title(want, name) for name in names) or bool(ours.uri and same_address(want, ours.uri))


COMPARISONS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "words": ("the same words, and every link and picture leads to the same address", same_words),
    "title": ("the same words; ours are plain text", same_title),
    "moment": ("the same second", same_moment),
    "address": ("the same address, in whatever spelling", same_address),
    "text": ("the same text, blanks folded", same_text),
    "person": ("one of the authors has this name, mail address or page", same_person),
}
