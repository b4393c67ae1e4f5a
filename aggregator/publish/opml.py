"""OPML 2.0 (opml.org/spec2.opml): our topics, or the sources behind them, as a list that feed readers import.

In:    outlines, in their order; since when the list is as it is.
Out:   the document; the same input gives the same bytes.
Never: writes an address with a secret in it, or a word that XML forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from aggregator.model import Feed, Site, Source, Topic
from aggregator.publish import compose
from aggregator.urls import ascii_only, public

SPEC = "http://opml.org/spec2.opml"
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One line of the list."""

    title: str
    feed: str | None  # its address; None where there is none: of a page that is read as one
    page: str | None
    description: str = ""
    language: str | None = None
    groups: tuple[str, ...] = ()  # it stands in the first; all of them are said


def of_topics(topics: Iterable[Topic], site: Site) -> list[Outline]:
    """Return the list of these topics' Atom feeds; private ones have no address that could be told."""
    return [
        Outline(
            title=topic.title,
            feed=compose.feed_url(topic, "atom", site),
            page=compose.page_url(topic, site),
            description=topic.description,
            language=topic.language,
        )
        for topic in topics
        if not topic.private
    ]


def of_sources(sources: Iterable[Source], told: Mapping[str, Feed]) -> list[Outline]:
    """Return the list of these sources, but for private ones. told: what their documents say of themselves, by id."""
    return [_of_source(source, told.get(source.id) or Feed()) for source in sources if not source.private]


def _of_source(source: Source, feed: Feed) -> Outline:
    address = ascii_only(public(source.url))
    is_page = source.select is not None or source.sitemap
    home = ascii_only(public(feed.link)) if feed.link else None
    return Outline(
        title=compose.origin(source, feed).title,
        feed=None if is_page else address,
        page=address if is_page else home,
        language=source.language or feed.language,
        groups=source.groups,
    )


def document(title: str, outlines: Iterable[Outline], *, modified: datetime | None) -> bytes:
    """Return the document; groups stand where their first outline does.

    modified  since when the list is as it is; None: nobody knows
    """
    root = etree.Element("opml", {"version": "2.0"})
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = _words(title)
    if modified:
        etree.SubElement(head, "dateModified").text = format_datetime(modified.astimezone(UTC), usegmt=True)
    etree.SubElement(head, "docs").text = SPEC
    parents = {"": body}
    for outline in outlines:
        group = outline.groups[0] if outline.groups else ""
        if group not in parents:
            parents[group] = etree.SubElement(body, "outline", {"text": _words(group)})
        etree.SubElement(parents[group], "outline", _attributes(outline))
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _attributes(outline: Outline) -> dict[str, str]:
    addresses = {"xmlUrl": outline.feed, "htmlUrl": outline.page} if outline.feed else {"url": outline.page}
    said = {
        "type": "rss" if outline.feed else "link",  # "rss" for Atom, too: readers ask for nothing else
        "text": outline.title,
        "title": outline.title,
        **addresses,
        "description": outline.description,
        "language": outline.language,
        "category": ",".join(f"/{group}" for group in outline.groups),
    }
    return {name: _words(value) for name, value in said.items() if value}


def _words(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
