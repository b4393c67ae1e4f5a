"""Finished bytes: what `serve` hands out without a thought.

In:    a topic's documents.
Out:   each as it is and compressed, with a strong ETag of its own.
Never: reads a clock; the same document has the same ETag in every process and after every restart.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from aggregator.model import Artefact, Encoding, Format

MEDIA_TYPES: dict[Format, str] = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
GZIP_LEVEL = 6  # once per version, so the smaller of the usual levels is affordable (performance.md)


def artefacts(
    topic: str, bodies: Mapping[Format, bytes], *, entries: int, fresh: timedelta, now: datetime
) -> list[Artefact]:
    """Return every document in every encoding.

    entries  how many each document shows
    fresh    how long each is likely to stay as it is
    """
    return [
        Artefact(
            topic=topic,
            format=name,
            encoding=encoding,
            body=encoded,
            etag=_etag(body, encoding),
            last_modified=now.replace(microsecond=0),  # a header has no fractions of a second
            entries=entries,
            fresh=fresh,
        )
        for name, body in bodies.items()
        for encoding, encoded in _encodings(body)
    ]


def _encodings(body: bytes) -> tuple[tuple[Encoding, bytes], ...]:
    return (("identity", body), ("gzip", gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)))


def _etag(body: bytes, encoding: Encoding) -> str:
    """Return a strong ETag of the document and its encoding; daemons with different zlibs agree on it (O17)."""
    digest = sha256(body).hexdigest()[:32]
    return f'"{digest}"' if encoding == "identity" else f'"{digest}-{encoding}"'
