"""The finished bytes in memory, so that a request is one look into a dictionary.

In:    artefacts, as the store keeps them and as publishing makes them.
Out:   resources ready to be sent; per topic what the index tells.
Never: reads the store, makes or changes a document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model import Artefact, Format
from aggregator.publish.artefact import MEDIA_TYPES
from aggregator.serve.answer import Headers, Resource, make_resource

__all__ = ["CACHE", "MEDIA_TYPES", "PAGE_HEADERS", "PRIVATE_HEADERS", "Holding", "Shelf"]

SECOND = timedelta(seconds=1)
CACHE = "public, max-age=60"  # of what may change at any time
PRIVATE_CACHE = "private, max-age=60"
STALE = "stale-while-revalidate=60, stale-if-error=86400"  # RFC 5861: an old document is better than none
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A page of ours runs nothing, loads nothing from elsewhere and tells nobody where its reader goes next.
PAGE_HEADERS: Headers = [
    (b"content-security-policy", POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
]
# Of what is read under a token: who has the bytes has no address to pass on, and no search engine finds it.
PRIVATE_HEADERS: Headers = [(b"referrer-policy", b"no-referrer"), (b"x-robots-tag", b"noindex")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the index tells of a topic."""

    entries: int
    last_modified: datetime


class Shelf:
    """Every topic's documents. `version` grows with each change, for those who keep something made from it.

    What was put here while its topic was private is handed out as such only, whatever the topic is by then.

    links  the Link header of a topic's document, "" for none
    """

    def __init__(
        self,
        is_private: Callable[[str], bool] = lambda _: False,
        links: Callable[[str, Format], str] = lambda _topic, _kind: "",
    ) -> None:
        self.version = 0
        self._is_private, self._links = is_private, links
        self._documents: dict[tuple[str, bool], dict[Format, Resource]] = {}  # by topic, and whether it is private
        self._holdings: dict[str, Holding] = {}

    def put(self, artefacts: Sequence[Artefact]) -> None:
        """Take the place of what stood here of the same topics and formats: all encodings of a document at once.

        The same bytes made again stay as they stand: their Last-Modified does not move. Others of the same second have
        none: libcurl, and so Newsboat, throws away what is not later than what it has, whatever the ETag says.
        """
        before = {topic: holding.last_modified for topic, holding in self._holdings.items()}
        documents: dict[tuple[str, Format], list[Artefact]] = defaultdict(list)
        for artefact in artefacts:
            documents[artefact.topic, artefact.format].append(artefact)
        for (topic, kind), encodings in documents.items():
            private, at = self._is_private(topic), encodings[0].last_modified
            self._documents.pop((topic, not private), None)
            later = topic not in before or at > before[topic]
            link = "" if private else self._links(topic, kind)
            made = _resource(kind, encodings, at if later else None, private=private, link=link)
            standing = self.get(topic, kind, private=private)
            if standing is None or _etags(made) != _etags(standing):
                self._documents.setdefault((topic, private), {})[kind] = made
                self._holdings[topic] = Holding(entries=encodings[0].entries, last_modified=at)
                self.version += 1

    def drop(self, topic: str) -> None:
        """Forget a topic's documents."""
        for private in (False, True):
            self._documents.pop((topic, private), None)
        self._holdings.pop(topic, None)
        self.version += 1

    def get(self, topic: str, kind: Format, *, private: bool = False) -> Resource | None:
        """Return a document ready to be sent, None where there is none for everybody, or for those with a token."""
        return self._documents.get((topic, private), {}).get(kind)

    def holding(self, topic: str) -> Holding | None:
        """Return what we hold of a topic, None if nothing."""
        return self._holdings.get(topic)


def _resource(
    kind: Format, encodings: Sequence[Artefact], last_modified: datetime | None, *, private: bool, link: str
) -> Resource:
    page = kind == "html"
    links: Headers = [(b"link", link.encode())] if link else []
    return make_resource(
        {artefact.encoding: (artefact.body, artefact.etag) for artefact in encodings},
        media_type=MEDIA_TYPES[kind],
        last_modified=last_modified,
        cache=f"{'private' if private else 'public'}, max-age={encodings[0].fresh // SECOND}, {STALE}",
        more=PAGE_HEADERS if page else PRIVATE_HEADERS if private else links,
        public=not (page or private),
    )


def _etags(resource: Resource) -> set[bytes]:
    return {variant.etag for variant in resource.variants.values()}
