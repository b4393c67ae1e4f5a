"""JSON Feed 1.1 (jsonfeed.org/version/1.1).

In:    an Entry, or a topic with the finished fragments of its entries.
Out:   the bytes of one item; a whole document, joined from its head and the fragments.
Never: decides what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.model import Enclosure, Origin, Outlet, Person, Site, Topic
from aggregator.publish.compose import Entry, feed_url, icon_url, page_url, plain

VERSION = "https://jsonfeed.org/version/1.1"


def item(entry: Entry) -> bytes:
    """Return one item. Raises UnicodeEncodeError for text that is no Unicode."""
    text = entry.content or entry.summary
    return _dump(
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            "content_html": text,
            "content_text": None if text else entry.title,  # an item has one or the other
            "summary": plain(entry.summary) if entry.content else None,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": list(map(_author, entry.authors)),
            "tags": list(dict.fromkeys(category.label or category.term for category in entry.categories)),
            "language": entry.language,
            "attachments": [_attachment(file, entry.extras.get("itunes:duration")) for file in entry.enclosures],
            "_aggregator": _known(
                {
                    "source": _source(entry.origin),
                    "outlets": list(map(_outlet, entry.outlets)),
                    "story": entry.story,
                    "via": [_known({"url": link.href, "title": link.title}) for link in entry.via],
                }
            ),
        }
    )


def document(topic: Topic, items: Sequence[bytes], *, site: Site) -> bytes:
    """Return a whole feed. items: the fragments, in order."""
    head = _dump(
        {
            "version": VERSION,
            "title": topic.title,
            "description": topic.description,
            "home_page_url": page_url(topic, site),
            "feed_url": feed_url(topic, "json", site),
            "favicon": icon_url(site),
            "language": topic.language or site.language,
            "hubs": [{"type": "WebSub", "url": hub} for hub in ([] if topic.private else site.hubs)],
        }
    )
    return head.removesuffix(b"}") + b',"items":[\n' + b",\n".join(items) + b"\n]}\n"


def _author(person: Person) -> dict[str, Any]:
    return _known({"name": person.name, "url": person.uri})


def _attachment(enclosure: Enclosure, seconds: str | None) -> dict[str, Any]:
    mime_type = enclosure.type or "application/octet-stream"  # the format demands one
    lasts = int(seconds) if seconds and mime_type.startswith(("audio/", "video/")) else None
    known = {"url": enclosure.href, "mime_type": mime_type, "size_in_bytes": enclosure.length_bytes}
    return _known(known | {"duration_in_seconds": lasts})


def _source(origin: Origin) -> dict[str, Any]:
    return _known(
        {"id": origin.source, "title": origin.title, "url": origin.url, "home": origin.home, "icon": origin.icon}
    )


def _outlet(outlet: Outlet) -> dict[str, Any]:
    published = outlet.published.isoformat()
    return _known({"outlet": outlet.outlet, "title": outlet.title, "url": outlet.link, "date_published": published})


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _dump(fields: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(_known(fields)).encode()


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # `dumps` makes one at each call
