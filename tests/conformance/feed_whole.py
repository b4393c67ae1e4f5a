"""What several elements of a feed must not say together, as short rules one below the other.

In:    the root of a document.
Out:   what is wrong with it.
Never: looks at one element or value alone (feed_rules.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import feed_values as values
from feed_grammar import ATOM, NAMES, Found, short
from lxml import etree

Root = etree._Element
ELEMENTS = (f"{{{ATOM}}}feed", f"{{{ATOM}}}entry", f"{{{ATOM}}}source")
HISTORY = "{http://purl.org/syndication/history/1.0}"


def alternates(root: Root) -> Iterator[Found]:
    """One page in one language and type (RFC 4287, section 4.2.7.2)."""
    for parent in root.iter(*ELEMENTS):
        links = parent.findall("a:link", NAMES)
        seen = Counter((one.get("type"), one.get("hreflang")) for one in links if _rel(one) == "alternate")
        if any(count > 1 for count in seen.values()) or sum(_rel(one) == "self" for one in links) > 1:
            yield Found(what="DuplicateAtomLink", parent=etree.QName(parent).localname, element="link")


def authors(root: Root) -> Iterator[Found]:
    """Each entry has an author, be it its source's or the feed's (section 4.1.2)."""
    for entry in root.iter(f"{{{ATOM}}}entry"):
        told = [entry, entry.find("a:source", NAMES), root]
        if not any(one is not None and one.find("a:author", NAMES) is not None for one in told):
            yield Found(what="MissingElement", parent="entry", element="author")


def ways_to_read(root: Root) -> Iterator[Found]:
    """Without content an entry links to a page; with content that is no text it has a summary (section 4.1.2)."""
    for entry in root.iter(f"{{{ATOM}}}entry"):
        content = entry.find("a:content", NAMES)
        if content is None and not any(_rel(one) == "alternate" for one in entry.findall("a:link", NAMES)):
            yield Found(what="MissingElement", parent="entry", element="link")
        if content is not None and not _words(content) and entry.find("a:summary", NAMES) is None:
            yield Found(what="MissingSummary", parent="feed", element="entry")


def _words(content: Root) -> bool:
    type_ = content.get("type", "text")
    return not content.get("src") and ("xml" in type_ or type_.startswith("text/") or type_ in ("text", "html"))


def itself(root: Root) -> Iterator[Found]:
    """A feed links to itself, as what it is."""
    if root.tag != f"{{{ATOM}}}feed":
        return
    selves = [one for one in root.findall("a:link", NAMES) if _rel(one) == "self"]
    if not selves:
        yield Found(what="MissingSelf", element="feed")
    for one in selves:
        if ":" not in f"{one.base or ''}{one.get('href', '')}":
            yield Found(what="RelativeSelf")
        if "atom" not in one.get("type", "atom"):
            yield Found(what="SelfNotAtom")


def archives(root: Root) -> Iterator[Found]:
    """An archive links to what is current, and entries to no archive (RFC 5005)."""
    rels = {_rel(one) for one in root.findall("a:link", NAMES)}
    if root.find(f"{HISTORY}archive") is not None and "current" not in rels:
        yield Found(what="MissingCurrentInArchive")
    for link in root.iterfind("a:entry/a:link", NAMES):
        if _rel(link) in ("prev-archive", "next-archive", "current"):
            yield Found(what="FeedHistoryRelInEntry", parent="entry", element="link")


def ids(root: Root) -> Iterator[Found]:
    """An id stands once, or at least not twice with one date (RFC 4287, section 4.1.1)."""
    entries = [(e.findtext("a:id", "", NAMES), e.findtext("a:updated", "", NAMES)) for e in root]
    dated = Counter(entries)
    for id_, count in Counter(id_ for id_, _ in entries if id_).items():
        if count > 1:
            yield Found(what="DuplicateEntries", parent="entry", element="id", said=id_)
        if any(often > 1 for (one, _), often in dated.items() if one == id_):
            yield Found(what="DuplicateIds", said=id_)


def dates(root: Root) -> Iterator[Found]:
    """No two entries changed at the same moment, or who sorts them by it cannot."""
    for updated, count in Counter(e.findtext("a:updated", "", NAMES) for e in root.findall("a:entry", NAMES)).items():
        if updated and count > 1:
            yield Found(what="DuplicateUpdated", element="updated", said=updated)


# --- RSS ----------------------------------------------------------------------------------------------------------

SAME: Mapping[str, Mapping[str, str]] = {  # what two vocabularies say twice
    "channel": {"language": "dc:language", "copyright": "dc:rights", "pubDate": "dc:date", "webMaster": "dc:publisher"},
    "item": {"author": "dc:creator", "category": "dc:subject", "pubDate": "dc:date", "source": "dc:source"},
}


def version(root: Root) -> Iterator[Found]:
    """It is 2.0."""
    if root.get("version") not in ("2.0", None):
        yield Found(what="InvalidRSSVersion", element="rss")


def said_once(root: Root) -> Iterator[Found]:
    """Nothing is said in two vocabularies."""
    for parent in root.iter("channel", "item"):
        there = {short(one) for one in parent.iterchildren(etree.Element)}
        for core, other in SAME[parent.tag].items():
            if core in there and other in there:
                what = "DuplicateSemantics" if parent.tag == "channel" else "DuplicateItemSemantics"
                yield Found(what=what, parent=parent.tag, element=core, said=other)


def channel(root: Root) -> Iterator[Found]:
    """It links to itself, and its items stand last."""
    for one in root.findall("channel"):
        if not any(_rel(link) == "self" for link in one.findall("a:link", NAMES)):
            yield Found(what="MissingSelf", element="channel")
        items = [place for place, child in enumerate(one) if child.tag == "item"]
        if items and any(child.tag != "item" for child in one[items[0] :]):
            yield Found(what="MisplacedItem", parent="channel", element="item")


def image(root: Root) -> Iterator[Found]:
    """It is called as its channel, and leads there."""
    for one in root.iterfind("channel/image"):
        for local, what in (("link", "ImageLinkDoesntMatch"), ("title", "ImageTitleDoesntMatch")):
            if one.find(local) is not None and one.findtext(local) != one.getparent().findtext(local):
                yield Found(what=what, parent="image", element=local)


def items(root: Root) -> Iterator[Found]:
    """Each has words, and one file."""
    for item in root.iter("item"):
        if item.find("title") is None and item.find("description") is None:
            yield Found(what="ItemMustContainTitleOrDescription", parent="channel", element="item")
        if len(item.findall("enclosure")) > 1:
            yield Found(what="DuplicateEnclosure", parent="item", element="enclosure")


def guids(root: Root) -> Iterator[Found]:
    """Each item has one, no other item has it, and it is an address where it says so."""
    for item in root.iter("item"):
        guid = item.find("guid")
        if guid is None:
            yield Found(what="MissingGuid", parent="channel", element="item")
        elif guid.get("isPermaLink", "true") == "true" and values.full_link((guid.text or "").strip()):
            yield Found(what="InvalidHttpGUID", parent="item", element="guid", said=guid.text or "")
    for text, count in Counter((one.text or "").strip() for one in root.iter("guid")).items():
        if count > 1:
            yield Found(what="DuplicateValue", element="guid", said=text)


def pauses(root: Root) -> Iterator[Found]:
    """No day and no hour is named twice."""
    for days in root.iter("skipDays", "skipHours"):
        for text, count in Counter((one.text or "").strip() for one in days).items():
            if count > 1:
                yield Found(what="DuplicateValue", parent=days.tag, element=days.tag[4:-1].lower(), said=text)


# --- OPML ---------------------------------------------------------------------------------------------------------

NEEDS = {  # type of an outline -> its attributes, and what it is called when one is missing
    "rss": (("xmlUrl", "MissingXmlURL"), ("title", "MissingTitleAttr")),
    "link": (("url", "MissingUrlAttr"),),
    "include": (("url", "MissingUrlAttr"),),
}


def list_version(root: Root) -> Iterator[Found]:
    """It is one that there is."""
    if root.get("version") not in ("1.0", "1.1", "2.0"):
        yield Found(what="InvalidOPMLVersion", element="opml")


def outlines(root: Root) -> Iterator[Found]:
    """Each has words, a type that is a word, and what its type needs."""
    for outline in root.iter("outline"):
        kind = outline.get("type", "none")
        if outline.get("text") is None:
            yield Found(what="MissingAttribute", element="outline", attr="text")
        for attribute, what in NEEDS.get(kind, ()):
            if outline.get(attribute) is None:
                yield Found(what=what, element="outline")
        if not re.fullmatch(r"[A-Za-z][\w.+/-]*", kind):
            yield Found(what="InvalidOutlineType", element="outline")
        if outline.get("version", "RSS") not in ("RSS", "RSS1", "RSS2", "scriptingNews"):
            yield Found(what="InvalidOutlineVersion", element="outline")


def addresses(root: Root) -> Iterator[Found]:
    """Each address is one."""
    for outline in root.iter("outline"):
        for name in ("xmlUrl", "htmlUrl", "url"):
            if (said := outline.get(name)) is not None and values.full_link(said):
                yield Found(what="InvalidLink", element="outline", attr=name, said=said)


def _rel(link: Root) -> str:
    return link.get("rel", "alternate")


RULES = {
    "atom": (alternates, authors, ways_to_read, itself, archives, ids, dates),
    "rss": (version, said_once, channel, image, items, guids, pauses),
    "opml": (list_version, outlines, addresses),
}
