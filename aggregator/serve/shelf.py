"""The finished bytes in memory, so that a request is one look into a dictionary.

In:    artefacts, as the store keeps them and as publishing makes them.
Out:   resources ready to be sent; per topic what the index tells.
Never: reads the store, makes or changes a document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Artefact, Format
from aggregator.serve.answer import Headers, Resource, make_resource

MEDIA_TYPES: dict[Format, str] = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
CACHE = "public, max-age=60"
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A page of ours runs nothing, loads nothing from elsewhere and tells nobody where its reader goes next.
PAGE_HEADERS: Headers = [
    (b"content-security-policy", POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the index tells of a topic."""

    entries: int
    last_modified: datetime


class Shelf:
    """Every topic's documents. `version` grows with each change, for those who keep something made from it."""

    def __init__(self) -> None:
        self.version = 0
        self._documents: dict[str, dict[Format, Resource]] = {}
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
            at = encodings[0].last_modified
            made = _resource(kind, encodings, None if topic in before and at <= before[topic] else at)
            standing = self.get(topic, kind)
            if standing is None or _etags(made) != _etags(standing):
                self._documents.setdefault(topic, {})[kind] = made
                self._holdings[topic] = Holding(entries=encodings[0].entries, last_modified=at)
                self.version += 1

    def drop(self, topic: str) -> None:
        """Forget a topic's documents."""
        self._documents.pop(topic, None)
        self._holdings.pop(topic, None)
        self.version += 1

    def get(self, topic: str, kind: Format) -> Resource | None:
        """Return a document ready to be sent, None where there is none."""
        return self._documents.get(topic, {}).get(kind)

    def holding(self, topic: str) -> Holding | None:
        """Return what we hold of a topic, None if nothing."""
        return self._holdings.get(topic)


def _resource(kind: Format, encodings: Sequence[Artefact], last_modified: datetime | None) -> Resource:
    page = kind == "html"
    return make_resource(
        {artefact.encoding: (artefact.body, artefact.etag) for artefact in encodings},
        media_type=MEDIA_TYPES[kind],
        last_modified=last_modified,
        cache=CACHE,
        more=PAGE_HEADERS if page else (),
        public=not page,
    )


def _etags(resource: Resource) -> set[bytes]:
    return {variant.etag for variant in resource.variants.values()}
