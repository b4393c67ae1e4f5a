"""Sitemaps, and those for news (sitemaps.org, protocol 0.9; Google's news-sitemap/0.9).

In:    an XML document that should be a sitemap.
Out:   a Document as of a feed; where a sitemap names no title, words of the address stand in its place.
Never: follows an index: which of its sitemaps to poll is for a person to say, and a poll stays one request.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Category
from aggregator.parse.chars import references, scrub
from aggregator.parse.document import Xml, is_whole, referring
from aggregator.parse.draft import Date, Document, Entry, Text
from aggregator.parse.flaws import Flaws

ROOTS = {"urlset", "sitemapindex"}
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SEPARATORS = re.compile(r"[-_+\s]+")
_ENDING = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)


def read(xml: Xml, flaws: Flaws) -> Document:
    """Return the addresses of a sitemap as items. Raises ParseError where it is none, an index, or empty."""
    if xml.root not in ROOTS:
        raise ParseError("not-a-feed", f"XML came that is no sitemap: its root is <{xml.root}>")
    root = _tree(xml, flaws)
    if xml.root == "sitemapindex":
        raise _index(root)
    urls = [child for child in root if _name(child) == "url"]
    if _breaks_off_inside_an_item(xml.text):
        urls = urls[:-1]
        flaws.add("item-cut")
    entries = (_entry(url, f"item {n}") for n, url in enumerate(urls, start=1))
    return Document(entries=tuple(entry for entry in entries if entry.link))


def _tree(xml: Xml, flaws: Flaws) -> Any:
    """Return the document as a tree. What stands before the root, entities above all, is not handed on."""
    if not is_whole(xml):
        flaws.add("truncated")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.fromstring(referring(references(scrub(xml.text[xml.at :])), {}, flaws).encode(), parser)
    if root is None:
        raise ParseError("not-a-feed", "a sitemap came that is damaged beyond reading")
    if parser.error_log:
        flaws.add("not-well-formed", detail=str(parser.error_log[0].message))
    return root


def _breaks_off_inside_an_item(text: str) -> bool:
    return text.rfind("<url>") > max(text.rfind("</url>"), text.rfind("</urlset"))


def _index(root: Any) -> ParseError:
    """Return the refusal of an index, with the sitemap that was changed last."""
    named = [(_text(child, "lastmod"), _text(child, "loc")) for child in root if _name(child) == "sitemap"]
    problem = f"an index of {len(named)} sitemaps came"
    if not named:
        return ParseError("sitemap-index", problem)
    changed, address = max(named)
    which = "changed last" if changed else "one of them"
    return ParseError("sitemap-index", problem, f"poll the one you want itself; {which}: {address}")


def _entry(url: Any, where: str) -> Entry:
    news = next((child for child in url if _name(child) == "news"), None)
    link, changed = _text(url, "loc"), _text(url, "lastmod")
    told = {_name(child): _words(child) for child in news.iter() if child is not news} if news is not None else {}
    return Entry(
        where=where,
        link=link,
        title=Text(value=told.get("title") or _title_of(link), html=False),
        published=Date(raw=told.get("publication_date") or changed),
        updated=Date(raw=changed),
        categories=tuple(Category(term=word.strip()) for word in told.get("keywords", "").split(",") if word.strip()),
        language=told.get("language", ""),
    )


def _name(element: Any) -> str:
    """Return the local name, also of one whose prefix nobody declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _text(parent: Any, name: str) -> str:
    return next((_words(child) for child in parent if _name(child) == name), "")


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _title_of(link: str) -> str:
    """Return the words in the last part of an address that has some ("new-bridge-opened"), else the address."""
    for part in reversed(unquote(urlsplit(link).path).split("/")):
        said = _SEPARATORS.sub(" ", _ENDING.sub("", part)).strip()
        if _WORDS.search(said):
            return said[:1].upper() + said[1:]
    return link
