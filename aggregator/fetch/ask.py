"""What we say of ourselves, and what we ask for.

In:    who we are; a source, and what we remember of it.
Out:   the headers of one request.
Never: gives what a person wrote for a source to anybody but the source's own origin.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from string import punctuation
from urllib.parse import quote, urlencode

from aggregator.fetch import decode
from aggregator.model import Access, PollState, Source

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"
)

ACCEPT_PAGE = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1"

# What a person may not replace, for it decides how the answer is to be read.
_OURS = frozenset(
    {b"host", b"accept-encoding", b"connection", b"content-length", b"transfer-encoding", b"te", b"range"}
)

Headers = list[tuple[bytes, bytes]]

_FORM = b"application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who we are, for the User-Agent.

    contact      address of a page about us
    subscribers  how many people read through us; None where that is not known
    """

    version: str
    contact: str
    subscribers: int | None = None

    def agent(self, source: Source) -> str:
        """Return "aggregator/VERSION (+CONTACT; N subscribers; feed-id=ID)", as publishers know it from others.

        The id of a private source is no publisher's business, nor of those on the way to him.
        """
        about = (
            f"+{visible(self.contact)}" if self.contact else "",
            "" if self.subscribers is None else f"{self.subscribers} subscribers",
            "" if source.private else f"feed-id={source.id}",
        )
        said = "; ".join(filter(None, about))
        return f"aggregator/{self.version}" + (f" ({said})" if said else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent instead of asking for a document.

    headers  that describe it; its length is added
    secret   nobody on the way may read it
    """

    body: bytes
    headers: Headers
    secret: bool


def form(fields: Sequence[tuple[str, str]], *, secret: bool) -> Sent:
    """Return a form as it is sent."""
    return Sent(body=urlencode(fields).encode(), headers=[(b"Content-Type", _FORM)], secret=secret)


def headers(source: Source, state: PollState, *, caller: Caller, accept: str, own: bool) -> Headers:
    """Return the headers of a request on behalf of a source. own: it goes to the source's own origin."""
    asked = [
        (b"User-Agent", (source.access.user_agent or caller.agent(source)).encode()),
        (b"Accept", accept.encode()),
        (b"Accept-Encoding", decode.ACCEPTED),
    ]
    if state.etag:
        asked.append((b"If-None-Match", state.etag))
    if state.last_modified:
        asked.append((b"If-Modified-Since", state.last_modified))
    given = _given(source.access) if own else []
    names = {name.lower() for name, _ in given}
    return [header for header in asked if header[0].lower() not in names] + given


def _given(access: Access) -> Headers:
    """Return what a person wrote for the source."""
    given = [(name.encode(), value.encode()) for name, value in access.headers]
    if access.cookies:
        given.append((b"Cookie", "; ".join(f"{name}={value}" for name, value in access.cookies).encode()))
    if access.basic:
        given.append((b"Authorization", b"Basic " + base64.b64encode(access.basic.encode())))
    return [header for header in given if header[0].lower() not in _OURS]


def visible(text: str) -> str:
    """Only what no header may hold is escaped (blanks, controls, letters beyond ASCII); "%" stays as it is."""
    return quote(text, safe=punctuation)
