"""Decide the answer to a request by the rules of HTTP (RFC 9110).

In:    a method, request headers, the resource that stands at the address.
Out:   status, headers, body.
Never: looks at an address, a host name or a clock; makes bytes while a reader waits.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus

from aggregator.model import Encoding

Headers = list[tuple[bytes, bytes]]  # names in small letters

METHODS = b"GET, HEAD, OPTIONS"
SMALLEST_GZIP = 150  # bytes; below, gzip's own frame eats what it gains (output.md O19)
CORS: Headers = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"ETag")]
PREFLIGHT: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since"),
    (b"access-control-max-age", b"86400"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent. The body is left out for HEAD."""

    status: int
    headers: Headers
    body: bytes = b""
    lines: bytes = field(init=False, compare=False, repr=False)  # the headers as they are sent

    def __post_init__(self) -> None:
        if any(b"\n" in value or b"\r" in value for _, value in self.headers):
            raise ValueError("a header ends within its line")
        object.__setattr__(self, "lines", b"".join(b"%s: %s\r\n" % pair for pair in self.headers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A resource in one encoding, with both answers it can give made beforehand."""

    etag: bytes  # strong, quotes included
    full: Answer  # 200
    brief: Answer  # 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Finished bytes at one address, in the encodings there are."""

    variants: Mapping[Encoding, Variant]
    last_modified: bytes | None  # as the header says it; None where only the ETag can tell
    public: bool  # scripts of other sites may read it (CORS)


def make_resource(
    bodies: Mapping[Encoding, tuple[bytes, str]],
    *,
    media_type: str,
    cache: str,
    last_modified: datetime | None = None,
    more: Iterable[tuple[bytes, bytes]] = (),
    public: bool = False,
) -> Resource:
    """Return the resource of these bodies, each with its strong ETag (quotes included).

    media_type  with its charset
    cache       the value of Cache-Control
    more        headers of every answer
    public      scripts of other sites may read it
    """
    stamp = format_datetime(last_modified.astimezone(UTC), usegmt=True).encode() if last_modified else None
    always = [(b"cache-control", cache.encode()), (b"vary", b"Accept-Encoding"), *more, *(CORS if public else [])]
    described: Headers = [(b"content-type", media_type.encode()), (b"x-content-type-options", b"nosniff")]
    if stamp:
        described.append((b"last-modified", stamp))
    variants = {
        encoding: _variant(encoding, body, etag.encode(), described, always)
        for encoding, (body, etag) in bodies.items()
    }
    return Resource(variants=variants, last_modified=stamp, public=public)


def _variant(encoding: Encoding, body: bytes, etag: bytes, described: Headers, always: Headers) -> Variant:
    full: Headers = [(b"content-length", b"%d" % len(body)), (b"etag", etag), *described, *always]
    if encoding != "identity":
        full.append((b"content-encoding", encoding.encode()))
    # 304 repeats what a cache must know and nothing of the body (RFC 9110, section 15.4.5); the server adds Date.
    brief = Answer(status=304, headers=[(b"etag", etag), *always])
    return Variant(etag=etag, full=Answer(status=200, headers=full, body=body), brief=brief)


def encoded(body: bytes) -> dict[Encoding, tuple[bytes, str]]:
    """Return a body as it is and, where that gains, compressed; each with its ETag."""
    digest = sha256(body).hexdigest()[:32]
    bodies: dict[Encoding, tuple[bytes, str]] = {"identity": (body, f'"{digest}"')}
    if len(body) >= SMALLEST_GZIP:
        bodies["gzip"] = (gzip.compress(body, mtime=0), f'"{digest}-gzip"')
    return bodies


def moved(path: str, *, cache: str, public: bool = False) -> Answer:
    """Return the answer that what was asked for stands at another path of ours (RFC 9110, section 15.4.2).

    cache, public  as in `make_resource`
    """
    headers: Headers = [(b"location", path.encode()), (b"content-length", b"0"), (b"cache-control", cache.encode())]
    return Answer(status=301, headers=[*headers, *(CORS if public else [])])


def answer(method: str, headers: Headers, found: Resource | Answer, refused: Mapping[int, Answer]) -> Answer:
    """Return the answer to a request for what was found at its address.

    found    an Answer stands as it is: there is nothing to choose or to compare
    refused  what to say with 405 and 406
    """
    if isinstance(found, Answer) and found.status >= HTTPStatus.BAD_REQUEST:
        return found
    if method == "OPTIONS":
        public = isinstance(found, Resource) and found.public
        return Answer(status=204, headers=[(b"allow", METHODS), *(PREFLIGHT if public else [])])
    if method not in ("GET", "HEAD"):
        return refused[405]
    return found if isinstance(found, Answer) else _of_resource(headers, found) or refused[406]


def _of_resource(headers: Headers, resource: Resource) -> Answer | None:
    encoding = choose_encoding(_field(headers, b"accept-encoding"), resource.variants)
    if encoding is None:
        return None
    variant = resource.variants[encoding]
    return variant.brief if is_known(headers, variant.etag, resource.last_modified) else variant.full


def asks_conditionally(headers: Headers) -> bool:
    """Return whether a request could be answered 304 some day."""
    return any(name in (b"if-none-match", b"if-modified-since") for name, _ in headers)


def later(said: Answer, wait_s: int) -> Answer:
    """Return the same answer with the time after which to ask again."""
    return replace(said, headers=[*said.headers, (b"retry-after", b"%d" % wait_s)])


def is_known(headers: Headers, etag: bytes, last_modified: bytes | None) -> bool:
    """Return whether the client holds what it would be sent: then 304 is enough (RFC 9110, section 13.2.2).

    If-None-Match is compared weakly, with the ETag of the very encoding that would be sent; where it stands,
    If-Modified-Since does not count.
    """
    tags = _field(headers, b"if-none-match")
    if tags is not None:
        return tags.strip() == b"*" or etag in _TAG.findall(tags)
    since = _field(headers, b"if-modified-since")
    if since is None or last_modified is None:
        return False
    return since == last_modified or _moment(since) >= _moment(last_modified)


_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_NEVER = datetime.min.replace(tzinfo=UTC)


def _moment(http_date: bytes) -> datetime:
    """Return the moment of an HTTP-date; the beginning of time where it is none: such a field does not count."""
    try:
        moment = parsedate_to_datetime(http_date.decode("latin-1"))
    except (ValueError, OverflowError):
        return _NEVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # the asctime form says no zone and means GMT


def choose_encoding(accept: bytes | None, offered: Mapping[Encoding, object]) -> Encoding | None:
    """Return the encoding to send, None where the client refuses all we have (RFC 9110, section 12.5.3).

    accept  Accept-Encoding; None where the request has none: then nothing is known, and nothing is encoded
    """
    weights = _weights(accept or b"")
    other = weights.get(b"*")
    # Not named, identity is acceptable but the last choice; gzip is not acceptable at all.
    identity = weights.get(b"identity", _LAST_CHOICE if other is None else other)
    zipped = weights.get(b"gzip", weights.get(b"x-gzip", other or 0.0)) if "gzip" in offered else 0.0
    if zipped > 0 and zipped >= identity:
        return "gzip"
    return "identity" if identity > 0 and "identity" in offered else None


_LAST_CHOICE = 0.0001  # below 0.001, the smallest weight that can be written
_CODING = re.compile(rb"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:;[ \t]*[qQ]=([01](?:\.[0-9]{0,3})?)[ \t]*)?")


@lru_cache(256)  # there are as many as there are kinds of readers
def _weights(accept: bytes) -> dict[bytes, float]:
    """Return the codings of an Accept-Encoding with their weights; members that are no coding do not count."""
    members = (_CODING.fullmatch(member) for member in accept.split(b","))
    return {m[1].lower(): min(float(m[2]), 1.0) if m[2] else 1.0 for m in members if m}


def _field(headers: Headers, name: bytes) -> bytes | None:
    """Return a field's value, its lines joined as RFC 9110, section 5.2 has it."""
    lines = [value for key, value in headers if key == name]
    return b", ".join(lines) if lines else None
