"""Pages without a feed: items where CSS selectors say.

In:    the text of an HTML page, the selectors of its source, its zone.
Out:   a Document as of a feed.
Never: gives an empty success: where the selectors find nothing the page is refused, for it was probably rebuilt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from cssselect import HTMLTranslator
from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Category, Enclosure, Person, Select, split_reading
from aggregator.parse import extras
from aggregator.parse.chars import scrub
from aggregator.parse.document import MOST_ITEMS
from aggregator.parse.draft import Date, Document, Entry, Text
from aggregator.parse.flaws import Flaws
from aggregator.parse.hubs import of_links
from aggregator.parse.links import absolute
from aggregator.parse.told import day_told, told
from aggregator.text import first_sentence, plain

_UNSEEN = ("script", "style", "noscript", "template")
# Elements inside a word or beside a comma; any other one ends the word before it.
_WITHIN_WORDS = {"b", "big", "em", "font", "i", "mark", "nobr", "s", "small", "strong", "sub", "sup", "tt", "u", "wbr"}
_OPTIONAL = ("id", "link", "summary", "content", "published", "section")  # worth a flaw where no item has any
_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]*?url\(\s*[\"']?([^\"')]+)", re.IGNORECASE)
_LONGEST_TITLE = 140  # characters of a title that is made of a text
_HINT = "the page changed? aggregator try {url}"

Element = Any  # lxml's, whose stubs know no proxies


def read(text: str, select: Select, *, url: str, zone: str | None, now: datetime, flaws: Flaws) -> Document:
    """Return what the selectors find. Raises ParseError("empty-page") where that is no item."""
    tree = tree_of(text)
    selected = Selectors(select)
    items = list(selected.items(tree, zone=zone, now=now)) if tree is not None else []
    hint = _HINT.format(url=url)
    if tree is None or not items:
        problem = select.absent or f"the selector `{select.item}` finds no item on the page"
        raise ParseError("empty-page", problem, f"look at {url} in a browser" if select.absent else hint)
    page = _Page(selected, base=base_of(tree, url), zone=zone, now=now, flaws=flaws)
    if len(items) > MOST_ITEMS:
        flaws.add("item-too-many", detail=f"{len(items)} items")
    numbered = enumerate(items[:MOST_ITEMS], start=1)
    entries = [entry for n, (item, day) in numbered if (entry := page.entry(item, f"item {n}", day))]
    if not entries:
        problem = f"`{select.item}` finds items on the page, but `{select.title}` finds a title in none of them"
        raise ParseError("empty-page", problem, hint)
    for name in _OPTIONAL:
        if (css := getattr(select, name)) and not page.found[name]:
            flaws.add("selector-finds-nothing", name, css)
    return _document(tree, url, entries)


def tree_of(text: str) -> Element | None:
    """Return a page as a tree, without what is never seen; None if there is nothing in it.

    libxml2 nests no deeper than 256 elements, so that a hostile page costs no more than a long one.
    """
    # As bytes: given text, libxml2 would still believe the page's <meta charset>.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(scrub(text).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    if tree is not None:
        etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    return tree


def base_of(tree: Element, url: str) -> str:
    """Return what the addresses of a page are relative to."""
    return next((base for href in tree.xpath("//base/@href") if (base := absolute(href, url))), url)


@lru_cache(maxsize=256)
def xpath(css: str) -> Any:
    """Return a CSS selector as something to call with an element, which may be selected itself."""
    return etree.XPath(HTMLTranslator().css_to_xpath(css))


def words(element: Element) -> str:
    """Return the words of an element, blanks folded."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    gap = "" if element.tag in _WITHIN_WORDS else " "
    yield gap
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield gap


def address(element: Element) -> str:
    """Return the address that an element has, holds or is in; "" if none."""
    near = (element, *element.iterdescendants("a"), *element.iterancestors("a"))
    return next((href for one in near if (href := (one.get("href") or "").strip()) not in {"", "#"}), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in an item where a selector says: its elements, and one of their attributes or their words."""

    css: str
    attribute: str

    @property
    def given(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.css or self.attribute)

    def elements(self, item: Element) -> list[Element]:
        """Return what is selected inside the item; else the item itself, if that is."""
        if not self.css:
            return [item] if self.attribute else []
        found = xpath(self.css)(item)
        return [one for one in found if one is not item] or found

    def of(self, element: Element) -> str:
        """Return the attribute, else the words."""
        return (element.get(self.attribute) or "").strip() if self.attribute else words(element)


class Selectors:
    """The selectors of a source, ready to be used."""

    def __init__(self, select: Select) -> None:
        self._item, self._day = select.item, select.day
        self.reading = {
            one.name: Reading(*split_reading(getattr(select, one.name)))
            for one in fields(Select)
            if one.name not in {"item", "day", "absent"}
        }

    def items(self, tree: Element, *, zone: str | None, now: datetime) -> Iterator[tuple[Element, date | None]]:
        """Yield the items in the page's order, each with the day of the heading above it."""
        items = xpath(self._item)(tree)
        if not self._day:
            yield from ((item, None) for item in items)
            return
        known, day = set(items), None
        for element in xpath(f"{self._item}, {self._day}")(tree):
            if element in known:
                yield element, day
            else:
                day = day_told(words(element), zone=zone, now=now) or day


class _Page:
    """What all items of a page have in common."""

    def __init__(self, selectors: Selectors, *, base: str, zone: str | None, now: datetime, flaws: Flaws) -> None:
        self._read, self._base, self._zone, self._now, self._flaws = selectors.reading, base, zone, now, flaws
        self.found = dict.fromkeys(_OPTIONAL, False)
        self._known: set[str] = set()

    def entry(self, item: Element, where: str, day: date | None) -> Entry | None:
        """Return an item; None where it has no title, or the id or, without one, the address of an item before it."""
        summary, content = self._summary(item), self._content(item)
        title = self._first("title", item) or self._made_title(content.value or summary.value)
        own_id, link = self._first("id", item), self._link(item)
        if not title and self._read["title"].given:
            self._flaws.add("item-without-title", where)
            return None
        if (known := own_id or link) and known in self._known:
            self._flaws.add("item-repeated", where, known)
            return None
        self._known.add(known)
        entry = Entry(
            where=where,
            id=own_id,
            link=link,
            title=Text(value=title, html=False),
            summary=summary,
            content=content,
            authors=tuple(Person(name=name, uri=uri) for name, uri in self._people("author", item)),
            published=self._published(item, day),
            categories=tuple(Category(term=term) for one in self._all("section", item) if (term := one)),
            enclosures=self._images(item),
            fleeting=True,
            extras=self._credit(item),
        )
        held = {"id": own_id, "link": link, "summary": summary.value, "content": content.value}
        for name, value in (held | {"section": entry.categories}).items():
            self.found[name] |= bool(value)
        return entry

    def _all(self, name: str, item: Element) -> list[str]:
        reading = self._read[name]
        return [reading.of(element) for element in reading.elements(item)]

    def _first(self, name: str, item: Element) -> str:
        return next(filter(None, self._all(name, item)), "")

    def _link(self, item: Element) -> str:
        """Return the item's address; where no selector says where it is, the one that its title leads to."""
        reading = self._read["link"]
        if reading.attribute:
            href = self._first("link", item)
        else:
            elements = (reading if reading.css else self._read["title"]).elements(item)
            href = next(filter(None, map(address, elements)), "")
        return absolute(href, self._base) or href

    def _summary(self, item: Element) -> Text:
        reading = self._read["summary"]
        if reading.attribute:
            return Text(value=self._first("summary", item), html=False)
        inner = (_inner(element) for element in reading.elements(item))
        return Text(value=next((html for html in inner if html.strip()), ""), base=self._base)

    def _content(self, item: Element) -> Text:
        """Return all that is selected; of elements inside each other the outer one."""
        reading = self._read["content"]
        elements = reading.elements(item)
        if reading.attribute:
            return Text(value="\n".join(filter(None, map(reading.of, elements))), html=False)
        known = set(elements)
        outer = (one for one in elements if known.isdisjoint(one.iterancestors()))
        return Text(
            value="".join(etree.tostring(one, encoding="unicode", method="html", with_tail=False) for one in outer),
            base=self._base,
        )

    def _made_title(self, html: str) -> str:
        return "" if self._read["title"].given else first_sentence(plain(html), _LONGEST_TITLE)

    def _people(self, name: str, item: Element) -> Iterator[tuple[str, str]]:
        """Yield names with where they lead, "" if nowhere."""
        reading = self._read[name]
        for element in reading.elements(item):
            if said := reading.of(element):
                yield said, absolute(element.get("href") or "", self._base) or ""

    def _credit(self, item: Element) -> dict[str, str]:
        name, uri = next(self._people("credit", item), ("", ""))
        return {extras.TAKEN_FROM: name, extras.TAKEN_AT: uri} if name else {}

    def _images(self, item: Element) -> tuple[Enclosure, ...]:
        reading = self._read["image"]
        found = (reading.of(one) if reading.attribute else _picture(one) for one in reading.elements(item))
        return tuple(Enclosure(href=href) for one in found if (href := absolute(one, self._base)))

    def _published(self, item: Element, day: date | None) -> Date:
        reading = self._read["published"]
        said = " ".join(_said(reading, element) for element in reading.elements(item))
        self.found["published"] |= bool(said.strip())
        return told(said, day=day, zone=self._zone, now=self._now)


def _said(reading: Reading, element: Element) -> str:
    """Return the words of a date; a <time> says it to programs in an attribute (HTML, section 4.5.14)."""
    machine = element.get("datetime") if element.tag == "time" and not reading.attribute else None
    return machine or reading.of(element)


def _picture(element: Element) -> str:
    """Return the address of a picture: of an <img>, else of the element's background."""
    drawn = _BACKGROUND.search(element.get("style") or "")
    return (element.get("src") or element.get("data-src") or (drawn[1] if drawn else "")).strip()


def _inner(element: Element) -> str:
    children = (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return escape(element.text or "", quote=False) + "".join(children)


def _document(tree: Element, url: str, entries: list[Entry]) -> Document:
    links = [dict(link.attrib) for link in tree.iterfind(".//link[@href]")]
    push = of_links(links, base_of(tree, url))
    icons = (link["href"] for link in links if "icon" in link.get("rel", "").lower().split())
    title = next((words(title) for title in tree.iter("title")), "")
    return Document(
        title=Text(value=title, html=False),
        link=url,
        language=tree.get("lang") or "",
        icon=next(icons, ""),
        hubs=push.hubs,
        self_url=push.topic or "",
        entries=tuple(entries),
    )
