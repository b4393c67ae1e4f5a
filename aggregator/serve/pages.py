"""The index of topics, our own static files, and what we say when there is nothing to hand out.

In:    the shelf's version and holdings, the configured topics, the site.
Out:   resources and answers, made once and kept until something changed.
Never: repeats anything of the request in a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aggregator.model import Site, Topic
from aggregator.publish.page import Link, environment, frame_of, static_files, subscriptions
from aggregator.serve.answer import METHODS, Answer, Headers, Resource, encoded, make_resource
from aggregator.serve.shelf import CACHE, MEDIA_TYPES, PAGE_HEADERS, Shelf

STATIC_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
STATIC_CACHE = "public, max-age=31536000, immutable"  # the address carries the hash of the bytes
RETRY_AFTER_S = b"10"  # a topic new in the configuration is published within seconds

PROBLEMS = {
    404: "There is nothing at this address. The index lists every topic and its feeds.",
    405: "This address can be read (GET, HEAD), and nothing else.",
    406: "This client refuses every encoding that we could send; plain (identity) and gzip are offered.",
    410: "This is no longer published, and will not come back here. You can unsubscribe from a topic that is gone.",
    429: "This was sent whole to you many times within a minute. Ask with If-None-Match, and less often.",
    503: "This is not ready yet. Please try again in a few seconds.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A topic as the index shows it."""

    id: str
    title: str
    description: str
    language: str | None
    entries: int
    changed: datetime | None  # None: not published yet
    subscriptions: list[Link]


class Index:
    """The page at `/`: made again only after a change on the shelf or in the configuration."""

    def __init__(self, shelf: Shelf, site: Site) -> None:
        self.shelf, self.site = shelf, site
        self._made_of: tuple[int, dict[str, Topic]] | None = None
        self._page: Resource | None = None

    def page(self, topics: Mapping[str, Topic]) -> Resource:
        """Return the index of those of these topics that all may know of."""
        made_of = (self.shelf.version, dict(topics))
        if self._page is None or made_of != self._made_of:
            self._page, self._made_of = self._render(topics), made_of
        return self._page

    def _render(self, topics: Mapping[str, Topic]) -> Resource:
        listed = [self._listed(topic) for topic in topics.values() if not topic.private]
        page = environment("aggregator.serve").get_template("index.html").render(topics=listed, **frame_of(self.site))
        return make_resource(encoded(page.encode()), media_type=MEDIA_TYPES["html"], cache=CACHE, more=PAGE_HEADERS)

    def _listed(self, topic: Topic) -> Listed:
        holding = self.shelf.holding(topic.id)
        return Listed(
            id=topic.id,
            title=topic.title,
            description=topic.description,
            language=topic.language,
            entries=holding.entries if holding else 0,
            changed=holding.last_modified if holding else None,
            subscriptions=subscriptions(topic, self.site),
        )


def static_resources() -> dict[str, Resource]:
    """Return our own files by the path they stand at."""
    return {
        f"/static/{name}": make_resource(
            encoded(data),
            media_type=STATIC_TYPES[name.rpartition(".")[2]],
            cache=STATIC_CACHE,
        )
        for name, data in static_files().items()
    }


def problems(site: Site) -> dict[int, Answer]:
    """Return what we say instead of a document, by status: one plain sentence and the way to the index."""
    return {status: _problem(status, sentence, site) for status, sentence in PROBLEMS.items()}


def _problem(status: int, sentence: str, site: Site) -> Answer:
    template = environment("aggregator.serve").get_template("problem.html")
    heading = HTTPStatus(status).phrase
    body = template.render(heading=heading, sentence=sentence, **frame_of(site, "en")).encode()
    headers: Headers = [
        (b"content-type", MEDIA_TYPES["html"].encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *PAGE_HEADERS,
    ]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", METHODS))
    if status == HTTPStatus.NOT_ACCEPTABLE:
        headers.append((b"vary", b"Accept-Encoding"))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", RETRY_AFTER_S))
    return Answer(status=status, headers=headers, body=body)
