"""Who tells of a feed's news: its hubs and its own name for itself (WebSub, section 4, "Discovery").

In:    links of a document, of a page, or of Link headers.
Out:   addresses of hubs, and of the topic to subscribe to; the headers' stand above the document's.
Never: asks one, or believes an address with a login in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aggregator.model import Feed
from aggregator.parse.headers import links_in
from aggregator.parse.links import absolute

MOST = 10  # addresses that are looked at; a feed that names a thousand is up to something (content.md A47)
LONGEST = 1000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Hubs:
    """What a document or a page says of being pushed."""

    hubs: tuple[str, ...] = ()
    topic: str | None = None

    def over(self, other: Hubs) -> Hubs:
        """Return this, and the other's where this says nothing."""
        return Hubs(hubs=self.hubs or other.hubs, topic=self.topic or other.topic)


def hubs_of(addresses: Iterable[str], base: str) -> tuple[str, ...]:
    """Return the addresses that may be hubs', each once, in their order."""
    found = (_asked(address, base) for address, _ in zip(addresses, range(MOST), strict=False))
    return tuple(dict.fromkeys(address for address in found if address))


def topic_of(address: str, base: str) -> str | None:
    """Return what a rel=self may name."""
    return _asked(address, base)


def of_links(links: Iterable[Mapping[str, str]], base: str) -> Hubs:
    """Return what links (rel, href) name."""
    named = [(set(link.get("rel", "").lower().split()), link.get("href", "")) for link in links]
    selves = (topic_of(href, base) for rel, href in named if "self" in rel)
    hubs = hubs_of((href for rel, href in named if "hub" in rel), base)
    return Hubs(hubs=hubs, topic=next(filter(None, selves), None))


def announced(feed: Feed, headers: Iterable[str], url: str) -> Feed:
    """Return the feed with what the Link headers of its answer say, which stands above its own words."""
    found = of_links(links_in(headers), url).over(Hubs(hubs=feed.hubs, topic=feed.self_url))
    return replace(feed, hubs=found.hubs, self_url=found.topic)


def _asked(address: str, base: str) -> str | None:
    link = absolute(address, base)
    if link is None or len(link) > LONGEST or "@" in urlsplit(link).netloc:
        return None
    return link.partition("#")[0]
