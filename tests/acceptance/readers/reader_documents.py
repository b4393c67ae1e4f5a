"""A topic's document as a feed reader sees it: Atom and RSS by feedparser, JSON Feed by json.

In:    the bytes that are served.
Out:   entries; whose addresses they show.
Never: reads an entry twice: what was read with the same bytes before, in whatever document, is what it was.
"""

from __future__ import annotations

import json
import re
from calendar import timegm
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import feedparser

_ENTRY = {
    "atom": re.compile(rb"<entry[ >].*?</entry>", re.DOTALL),
    "rss": re.compile(rb"<item[ >].*?</item>", re.DOTALL),
}
_HREF = re.compile(r'href="([^"]*)"')
_STORY = re.compile(r"/stories/([0-9a-f]{16})\Z")
_LIST = "<p>"  # no text of the stream has a paragraph: what follows the first one is the list of outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, as it stands in one document."""

    id: str
    title: str
    link: str
    authors: tuple[str, ...]
    content: str
    tags: tuple[str, ...]
    published: datetime
    updated: datetime | None  # RSS has none
    related: tuple[str, ...] = ()  # addresses that stand beside the text; no reader looks at them for news

    @property
    def own(self) -> str:
        """The article's text, without the list."""
        return self.content.partition(_LIST)[0]

    @property
    def face(self) -> tuple[Any, ...]:
        """What the publisher's words make of it (R4)."""
        return self.title, self.link, self.authors, self.own, self.tags

    @property
    def listed(self) -> tuple[str, ...]:
        """The addresses of other outlets' articles."""
        return tuple(href for href in self._hrefs if not _STORY.search(href))

    @property
    def story(self) -> str | None:
        """The id of the story whose page it links to."""
        return next((found[1] for href in (*self._hrefs, *self.related) if (found := _STORY.search(href))), None)

    @property
    def _hrefs(self) -> list[str]:
        return _HREF.findall(self.content.partition(_LIST)[2])


@dataclass(slots=True)
class Parser:
    """Reads documents."""

    _read: dict[tuple[str, bytes], Entry] = field(default_factory=dict)

    def entries(self, format_: str, body: bytes) -> list[Entry]:
        """Return the entries of a document, in its order."""
        if format_ == "json":
            return [_of_json(item) for item in json.loads(body)["items"]]
        parts = _ENTRY[format_].findall(body)
        if unknown := [part for part in parts if (format_, part) not in self._read]:
            head, tail = body[: body.index(parts[0])], body[body.rindex(parts[-1]) + len(parts[-1]) :]
            for part, entry in zip(unknown, parsed(head + b"".join(unknown) + tail), strict=True):
                self._read[format_, part] = entry
        return [self._read[format_, part] for part in parts]


def parsed(body: bytes) -> list[Entry]:
    """Return the entries of an Atom or RSS document, read whole."""
    found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.bozo_exception
    return [_of_feed(entry) for entry in found.entries]


def _of_feed(entry: Any) -> Entry:
    content = entry.content[0].value if "content" in entry else entry.get("summary", "")
    return Entry(
        id=entry.id,
        title=entry.title,
        link=entry.link,
        authors=tuple(author.get("name", "") for author in entry.get("authors", ())),
        content=content,
        tags=tuple(tag.term for tag in entry.get("tags", ())),
        published=_moment(entry.published_parsed),
        updated=_moment(entry.updated_parsed) if "updated" in entry else None,
        related=tuple(link.href for link in entry.get("links", ()) if link.rel == "related"),
    )


def _moment(parts: Any) -> datetime:
    return datetime.fromtimestamp(timegm(parts), UTC)


def _of_json(item: dict[str, Any]) -> Entry:
    return Entry(
        id=item["id"],
        title=item["title"],
        link=item["url"],
        authors=tuple(author.get("name", "") for author in item.get("authors", ())),
        content=item.get("content_html", ""),
        tags=tuple(item.get("tags", ())),
        published=datetime.fromisoformat(item["date_published"]),
        updated=datetime.fromisoformat(item["date_modified"]) if "date_modified" in item else None,
        related=tuple(href for href in [item.get("_aggregator", {}).get("story")] if href),
    )
