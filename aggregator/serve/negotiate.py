"""Which form of a topic the client asks for with Accept, at the address of its page (output.md O23).

In:    request headers, a path under PAGES.
Out:   the path of the document that is meant: the page's own, or a feed's.
Never: negotiates at the address of a feed; refuses: who accepts none of what there is gets the page.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from aggregator.model import Format
from aggregator.serve.answer import Headers
from aggregator.serve.feeds import FEEDS, PAGES

# The first of those that are asked for alike.
FEED_TYPES: dict[bytes, Format] = {
    b"application/atom+xml": "atom",
    b"application/rss+xml": "rss",
    b"application/feed+json": "json",
}
VARY = b"Accept, Accept-Encoding"

_RANGE = re.compile(rb"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*((?:;[^;]*)*)")
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]*")  # beside topics there are feeds with other names, and they have no page
_WEIGHT = re.compile(rb"[ \t]*[qQ]=([01](?:\.[0-9]{0,3})?)[ \t]*")


def chosen(accept: bytes) -> Format:
    """Return the form to send for an Accept field, "" where the request has none (RFC 9110, section 12.5.1).

    A feed where one is named with a greater weight than a page has, or with the same and no page is named: so browsers
    and whoever takes anything (`*/*`) get the page, and feed readers that were given its address the feed.
    """
    weights = _weights(accept)
    named = weights.get(b"text/html")
    page = next((weights[it] for it in (b"text/html", b"text/*", b"*/*") if it in weights), 0.0)
    best, weight = max(((kind, weights.get(it, 0.0)) for it, kind in FEED_TYPES.items()), key=lambda found: found[1])
    return best if weight > page or (weight == page > 0 and named is None) else "html"


def _weights(accept: bytes) -> dict[bytes, float]:
    """Return the media ranges with their weights, parameters left out; members that are no media range do not count."""
    members = (_RANGE.fullmatch(member) for member in accept.split(b","))
    return {member[1].lower(): _weight(member[2]) for member in members if member}


def _weight(parameters: bytes) -> float:
    weights = filter(None, map(_WEIGHT.fullmatch, parameters.split(b";")))
    return next((min(float(weight[1]), 1.0) for weight in weights), 1.0)


def meant(path: str, headers: Headers) -> str:
    """Return the path of the document that is meant by a request for a path under PAGES."""
    topic = path.removeprefix(PAGES)
    kind = chosen(b",".join(value for name, value in headers if name == b"accept"))
    return path if kind == "html" or not _TOPIC.fullmatch(topic) else f"{FEEDS}{topic}.{kind}"


Message = MutableMapping[str, Any]  # ASGI's


def varying(send: Callable[[Message], Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
    """Return `send` with answers that tell caches of what they depend on: another Accept may get another one.

    What is not there is not there in any form, and is said as everywhere else.
    """

    async def said(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < HTTPStatus.BAD_REQUEST:
            others = [(name, value) for name, value in message["headers"] if name != b"vary"]
            message = {**message, "headers": [*others, (b"vary", VARY)]}
        await send(message)

    return said
