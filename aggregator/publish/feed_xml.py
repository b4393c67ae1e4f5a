"""Atom 1.0 and RSS 2.0. The only file that knows feedgen.

In:    an Entry, or a topic or a story with the finished fragments of its entries.
Out:   the bytes of one atom:entry or RSS item; a whole document, joined from its head and the fragments.
Never: decides what is shown, or reads a clock: the same values give the same bytes.

feedgen writes the plain elements. What it leaves out or gets wrong (1.0.0, seen in its code and output) is put right
on the tree before it is written: an Atom entry's links lose their rel; atom:source has no id, no updated and no rel;
RSS drops authors without an e-mail address; the channel's <link> is the last link given; a channel tells only
rel=self; no entry has a language; `updated` and `lastBuildDate` are "now" unless set.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Enclosure, Origin, Site, Topic
from aggregator.publish.compose import Entry, Link, feed_url, icon_url, page_url, teaser
from aggregator.urls import ascii_only

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EXTRAS = {
    "dc": DC,
    "dcterms": "http://purl.org/dc/terms/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TRANSCRIPTS = {".srt": "application/x-subrip", ".html": "text/html", ".json": "application/json"}
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
RSS_NAMESPACES = {"atom": ATOM, "content": CONTENT, "sy": SYNDICATION, **EXTRAS}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
RIGHTS, LICENSE, PLACE = "dc:rights", "creativeCommons:license", "georss:point"  # what Atom has, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a topic's feeds say beside its own words."""

    site: Site
    id: str
    updated: datetime
    archive: str | None  # where the entries before these stand
    fresh: timedelta  # so long it is likely to stay as it is; whole minutes that divide the hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed says of itself."""

    id: str
    title: str
    description: str
    page: str  # where it is read
    url: str | None  # where it is subscribed to; None: it has no address of its own (compose.feed_url)
    language: str
    updated: datetime
    links: tuple[tuple[str, str], ...] = ()  # rel and address of its other documents (RFC 5005)
    archive: bool = False  # it will have no more entries
    hubs: tuple[str, ...] = ()  # that tell of its news


def atom_entry(entry: Entry) -> bytes:
    """Return an atom:entry, without the namespace that its document declares. Raises what lxml cannot write."""
    feedgen = _common(entry)
    feedgen.published(entry.published)
    element = feedgen.atom_entry()
    if entry.language:
        element.set(LANG, entry.language)
    for link in [*element.iterchildren("link")]:
        element.remove(link)
    for category in element.iterchildren("category"):
        if not _IRI.match(category.get("scheme", "tag:none")):  # an address, or none (RFC 4287, section 4.2.2.2)
            del category.attrib["scheme"]
    for attributes in _entry_links(entry):
        etree.SubElement(element, "link", attributes)
    if entry.comments:
        etree.SubElement(element, "link", {"rel": "replies", "type": "text/html", "href": entry.comments})
    _rights(element, entry)
    element.append(_source(entry.origin, entry.published))
    return etree.tostring(element, encoding="UTF-8", xml_declaration=False)


def rss_item(entry: Entry) -> bytes:
    """Return an RSS item; the prefixes in it are declared by its document. Raises what lxml cannot write."""
    feedgen = _common(entry)
    if not entry.summary:
        feedgen.description(html.escape(teaser(entry)), isSummary=True)
    feedgen.source(url=entry.origin.url, title=entry.origin.title)
    feedgen.comments(entry.comments)
    if played := _played(entry):  # RSS readers expect one
        feedgen.link(**_file(played, length="0"))
    item = feedgen.rss_entry()
    # feedgen would switch the whole process's locale to write a date
    _add(item, "pubDate", format_datetime(entry.published))
    for author in item.findall("author"):  # of who has an e-mail address; dc:creator names everybody, once
        item.remove(author)
    for person in entry.authors:
        _add(item, f"{{{DC}}}creator", person.name)
    if entry.language:
        _add(item, f"{{{DC}}}language", entry.language)
    if entry.updated > entry.published:
        _add(item, f"{{{ATOM}}}updated", entry.updated.isoformat())
    for attributes in (*_links("related", entry.related), *_links("via", _not_in_dublin_core(entry))):
        etree.SubElement(item, f"{{{ATOM}}}link", attributes)
    for name, value in entry.extras.items():
        _extra(item, name, value)
    for enclosure in entry.enclosures if len(entry.enclosures) > 1 else ():
        etree.SubElement(item, f"{{{EXTRAS['media']}}}content", _content(enclosure))
    return _inside(_rss_root(item), b"rss")


def atom(topic: Topic, entries: Sequence[bytes], about: Setting) -> bytes:
    """Return a whole Atom feed. entries: the fragments, in order."""
    return atom_feed(_channel(topic, "atom", about), entries, about.site)


def atom_feed(channel: Channel, entries: Sequence[bytes], site: Site) -> bytes:
    """Return a whole Atom feed, whatever it is of. entries: the fragments, in order."""
    head = _atom_head(replace(channel, updated=ANY_TIME), site)
    return _joined(_dated(head, b"updated", channel.updated.isoformat()), entries, b"</feed>")


def tombstones(deleted: Sequence[tuple[str, datetime]]) -> list[bytes]:
    """Return an at:deleted-entry for each entry that left, and when (RFC 6721): readers may take it away, too.

    They belong before the entries: Atom's grammar has none of another namespace behind them (RFC 4287, 4.1.1).
    """
    return [
        etree.tostring(
            etree.Element(
                f"{{{TOMBSTONES}}}deleted-entry",
                {"ref": id_, "when": when.replace(microsecond=0).isoformat()},
                nsmap={"at": TOMBSTONES},
            )
        )
        for id_, when in sorted(deleted, key=lambda one: (one[1], one[0]), reverse=True)
    ]


def rss(topic: Topic, items: Sequence[bytes], about: Setting) -> bytes:
    """Return a whole RSS feed. items: the fragments, in order."""
    head = _rss_head(replace(_channel(topic, "rss", about), updated=ANY_TIME), about.site, about.fresh)
    return _joined(_dated(head, b"lastBuildDate", format_datetime(about.updated)), items, b"</channel></rss>")


def _common(entry: Entry) -> Any:
    """Return what both formats say of an entry, as feedgen's value; links and dates of Atom and RSS differ later."""
    feedgen = FeedEntry()
    feedgen.id(entry.id)
    feedgen.title(entry.title)
    feedgen.updated(entry.updated)
    if entry.link:
        feedgen.link(href=entry.link, rel="alternate")
    if entry.summary:
        feedgen.summary(entry.summary, type="html")
    if entry.content:
        feedgen.content(entry.content, type="html")
    for person in entry.authors:
        feedgen.author({"name": person.name, "email": person.email, "uri": person.uri})
    for category in entry.categories:
        known = {"term": category.term, "scheme": category.scheme, "label": category.label}
        feedgen.category({name: value for name, value in known.items() if value})
    return feedgen


def _entry_links(entry: Entry) -> list[dict[str, str]]:
    links = [{"rel": "alternate", "type": "text/html", "href": entry.link}] if entry.link else []
    return [*links, *map(_file, entry.enclosures), *_links("related", entry.related), *_links("via", entry.via)]


def _links(rel: str, links: Iterable[Link]) -> list[dict[str, str]]:
    """Return links to what is told elsewhere, too (related, O14), or was told there first (via; RFC 4287, 4.2.7.2)."""
    return [{"rel": rel, "href": link.href} | ({"title": link.title} if link.title else {}) for link in links]


def _not_in_dublin_core(entry: Entry) -> list[Link]:
    """Return whom an RSS item is taken from, without what is among its extras as Dublin Core names it."""
    named = ascii_only(entry.extras.get("dcterms:source", ""))
    return [link for link in entry.via if link.href != named]


def _file(enclosure: Enclosure, length: str = "") -> dict[str, str]:
    """Return an enclosure's link. length: said where it is unknown; RSS demands a number and a type."""
    known = {
        "type": enclosure.type or ("application/octet-stream" if length else ""),
        "length": length if enclosure.length_bytes is None else str(enclosure.length_bytes),
    }
    return {"rel": "enclosure", "href": enclosure.href} | {name: value for name, value in known.items() if value}


def _played(entry: Entry) -> Enclosure | None:
    """Return the file that an RSS item is for: the first that is no picture, where there is one."""
    files = sorted(entry.enclosures, key=lambda one: one.type.startswith("image/"))
    return next(iter(files), None)


def _content(enclosure: Enclosure) -> dict[str, str]:
    """Return a file as Media RSS has it."""
    kind, _, _ = enclosure.type.partition("/")
    known = {
        "url": enclosure.href,
        "type": enclosure.type,
        "medium": kind if kind in ("image", "audio", "video") else "",
        "fileSize": "" if enclosure.length_bytes is None else str(enclosure.length_bytes),
    }
    return {name: value for name, value in known.items() if value}


def _rights(element: etree._Element, entry: Entry) -> None:
    """Add to an Atom entry whose it is (RFC 4287, 4.2.10; RFC 4946), and where in the world it happened."""
    if said := entry.extras.get(RIGHTS):
        _add(element, "rights", said)
    if href := entry.extras.get(LICENSE):
        etree.SubElement(element, "link", {"rel": "license", "href": ascii_only(href)})
    if point := entry.extras.get(PLACE):
        element.append(_of_its_own("georss", "point", point))


def _of_its_own(prefix: str, local: str, text: str) -> etree._Element:
    """Return an element that declares its own namespace: its document knows nothing of it."""
    element = etree.Element(f"{{{EXTRAS[prefix]}}}{local}", nsmap={prefix: EXTRAS[prefix]})
    element.text = text
    return element


def _extra(item: etree._Element, name: str, value: str) -> None:
    """Add what an item says beyond its fields, under its name in RSS."""
    prefix, _, local = name.partition(":")
    tag = f"{{{EXTRAS[prefix]}}}{local}"
    if name == "podcast:transcript":
        kind = next((kind for end, kind in TRANSCRIPTS.items() if value.endswith(end)), "text/vtt")
        etree.SubElement(item, tag, {"url": value, "type": kind})
    elif name == "podcast:chapters":
        etree.SubElement(item, tag, {"url": value, "type": "application/json+chapters"})
    elif name == "podcast:person":
        for person in json.loads(value):
            said = etree.SubElement(item, tag, {part: text for part, text in person.items() if part != "name"})
            said.text = person["name"]
    else:
        _add(item, tag, value)


def _source(origin: Origin, published: datetime) -> etree._Element:
    """Return atom:source (RFC 4287, section 4.2.11). A feed that never said when it changed did so for this entry."""
    source = etree.Element("source")
    _add(source, "id", origin.url)
    _add(source, "title", origin.title)
    _add(source, "updated", (origin.updated or published).replace(microsecond=0).isoformat())
    etree.SubElement(source, "link", {"rel": "self", "href": origin.url})
    if origin.home:
        etree.SubElement(source, "link", {"rel": "alternate", "type": "text/html", "href": origin.home})
    if origin.icon:
        _add(source, "icon", origin.icon)
    return source


def _channel(topic: Topic, extension: str, about: Setting) -> Channel:
    return Channel(
        id=about.id,
        title=topic.title,
        description=topic.description or topic.title,
        page=page_url(topic, about.site),
        url=feed_url(topic, extension, about.site),
        language=topic.language or about.site.language,
        updated=about.updated,
        links=(("prev-archive", about.archive),) if about.archive and extension == "atom" else (),
        hubs=() if topic.private else about.site.hubs,
    )


@lru_cache(256)  # heads change with the configuration, documents with each entry
def _atom_head(channel: Channel, site: Site) -> bytes:
    """Return a feed without entries, of ANY_TIME."""
    head = etree.fromstring(_feed(channel, "atom", site).atom_str())
    if channel.archive:
        head.append(etree.Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY}))
    return _written(head)


@lru_cache(256)
def _rss_head(said: Channel, site: Site, fresh: timedelta) -> bytes:
    """Return a feed without items, of ANY_TIME."""
    feed = _feed(said, "rss", site)
    feed.image(url=icon_url(site), title=said.title, link=said.page)  # called as the channel, and leading there
    feed._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001 - as for pubDate
    channel = etree.fromstring(feed.rss_str())[0]
    _set(channel, "link", said.page)
    _set(channel, "generator", f"aggregator {site.version}".strip())
    _add(channel, "lastBuildDate", format_datetime(said.updated))
    _add(channel, "ttl", str(fresh // MINUTE))
    _add(channel, f"{{{SYNDICATION}}}updatePeriod", "hourly")
    _add(channel, f"{{{SYNDICATION}}}updateFrequency", str(HOUR // fresh))
    for hub in said.hubs:  # feedgen's own would take the place of <link>
        etree.SubElement(channel, f"{{{ATOM}}}link", {"rel": "hub", "href": hub})
    return _written(_rss_root(channel))


def _dated(head: bytes, tag: bytes, moment: str) -> bytes:
    """Return a head that says when its document changed: the first of these tags, since words have no "<" of theirs."""
    before, opening, after = head.partition(b"<%b>" % tag)
    return b"".join((before, opening, moment.encode(), after[after.index(b"<") :]))


def _feed(channel: Channel, extension: str, site: Site) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(channel.description)
    feed.language(channel.language)
    feed.updated(channel.updated)
    feed.generator("aggregator", version=site.version or None, uri=f"{site.public_url}/about")
    feed.icon(icon_url(site))
    feed.link(href=channel.page, rel="alternate", type="text/html")
    if channel.url:
        feed.link(href=channel.url, rel="self", type=f"application/{extension}+xml")
    for rel, href in channel.links:
        feed.link(href=href, rel=rel, type="application/atom+xml")
    for hub in channel.hubs if extension == "atom" else ():
        feed.link(href=hub, rel="hub")
    return feed


def _rss_root(child: etree._Element) -> etree._Element:
    """Return <rss> around a channel or item: feedgen's root does not declare all prefixes that we use."""
    root = etree.Element("rss", {"version": "2.0"}, nsmap=RSS_NAMESPACES)
    root.append(child)
    etree.cleanup_namespaces(child)
    return root


def _inside(root: etree._Element, tag: bytes) -> bytes:
    """Return what stands inside the root, as bytes."""
    whole = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return whole[whole.index(b">") + 1 : -len(b"</%b>" % tag)]


def _written(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _joined(empty: bytes, fragments: Sequence[bytes], tail: bytes) -> bytes:
    """Return the document with the fragments before its closing tags. `tail` is what the empty one ends with."""
    return b"\n".join((empty.removesuffix(tail), *fragments, tail, b""))


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text


def _set(parent: etree._Element, tag: str, text: str) -> None:
    element = parent.find(tag)
    assert element is not None, f"feedgen writes <{tag}>"
    element.text = text
