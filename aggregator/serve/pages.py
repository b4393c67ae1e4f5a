"""Our own static files, and what we say when there is nothing to hand out.

In:    the files, the site.
Out:   resources and answers, made once.
Never: repeats anything of the request in a page.
"""

from __future__ import annotations

from http import HTTPStatus

from aggregator.model import Site
from aggregator.publish.page import environment, frame_of, static_files
from aggregator.serve.answer import METHODS, Answer, Headers, Resource, encoded, make_resource
from aggregator.serve.shelf import MEDIA_TYPES, PAGE_HEADERS

STATIC_TYPES = {
    "css": "text/css; charset=utf-8",
    "ico": "image/vnd.microsoft.icon",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
# These are asked for at addresses that never change: by browsers, by crawlers, by readers that show a feed's icon.
AT_ROOT = ("favicon.ico", "icon.png", "robots.txt")
ROOT_CACHE = "public, max-age=86400"
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


def static_resources() -> dict[str, Resource]:
    """Return our own files by the path they stand at."""
    return dict(_static(name, data) for name, data in static_files().items())


def _static(name: str, data: bytes) -> tuple[str, Resource]:
    path, cache = (f"/{name}", ROOT_CACHE) if name in AT_ROOT else (f"/static/{name}", STATIC_CACHE)
    return path, make_resource(encoded(data), media_type=STATIC_TYPES[name.rpartition(".")[2]], cache=cache)


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
