"""What stands at the address of a topic's document: /feeds/TOPIC.atom|rss|json and /topics/TOPIC.

In:    a path, the shelf, the configured topics.
Out:   the resource, or what to say instead.
Never: anything slower than looking into dictionaries: this is what readers ask for all day.
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.model import Format, Topic
from aggregator.serve.answer import Answer, Resource, moved
from aggregator.serve.shelf import CACHE, Shelf

FEEDS, PAGES = "/feeds/", "/topics/"
SUFFIXES: dict[str, Format] = {"atom": "atom", "rss": "rss", "json": "json"}


def find_document(
    path: str, shelf: Shelf, topics: Mapping[str, Topic], problems: Mapping[int, Answer], root: str = ""
) -> Resource | Answer:
    """Return the document at a path that begins with FEEDS or PAGES; the path is exact, nothing in it is forgiven.

    root  of the public address, before every path that readers see
    301 for a topic that has another id now; 410 for one that was published and is no longer configured; 503 for one
    that is configured and has not been published yet: 404 would make some readers give the feed up.
    """
    topic, kind = address_of(path)
    known = topics.get(topic)
    if kind is None or (known and known.private):  # a private one is found under a token only (private.py)
        return problems[404]
    if known is None and (named := named_now(topic, topics)):
        return problems[404] if named.private else moved(root + path_of(named.id, kind), cache=CACHE, public=True)
    resource = shelf.get(topic, kind)
    if known:
        return resource or problems[503]
    return problems[410 if resource else 404]


def address_of(path: str) -> tuple[str, Format | None]:
    """Return the topic that a path is about, and in which format; None where it is no path of a document."""
    if not path.startswith((FEEDS, PAGES)):
        return "", None
    if path.startswith(PAGES):
        return path.removeprefix(PAGES), "html"
    topic, _, suffix = path.removeprefix(FEEDS).rpartition(".")
    return topic, SUFFIXES.get(suffix)


def named_now(former: str, topics: Mapping[str, Topic]) -> Topic | None:
    """Return the topic that had this id before, None if none had."""
    return next((topic for topic in topics.values() if former in topic.was), None)


def path_of(topic: str, kind: Format) -> str:
    """Return where a topic's document stands: `address_of` backwards."""
    return f"{PAGES}{topic}" if kind == "html" else f"{FEEDS}{topic}.{kind}"
