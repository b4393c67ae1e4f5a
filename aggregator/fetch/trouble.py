"""What went wrong, as a sentence for a person who knows addresses and feeds, but not sockets.

In:    a status, or an exception from below.
Out:   the FetchError that says it.
Never: repeats what the other side sent (it may be anything; where redirects led is cut and escaped), or what we sent
       (it may be secret).
"""

from __future__ import annotations

import errno
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus

import h11

from aggregator.errors import FetchError, SourceGone
from aggregator.fetch import ask

NETWORK_ERRORS = (OSError, h11.RemoteProtocolError)

_LOGIN = re.compile(r"//[^/]*@")
_MOST_HOPS, _LONGEST_URL = 3, 120  # that are told: a line of the log, not a page

_STATUS_HINTS = {
    401: "it wants a login",
    403: "it refuses us; its publisher may know why",
    404: "has the feed moved?",
    407: "the egress wants a login",
    410: "it is gone for good; remove it from the configuration",
    429: "it wants to be asked less often",
}

_UNUSABLE = {
    204: "there is no document in it",
    205: "there is no document in it",
    206: "that is a part of the document, and we asked for all of it",
    304: "we did not ask whether it was modified",
}

_ERRNOS = {
    errno.ECONNREFUSED: "refuses the connection",
    errno.ENETUNREACH: "cannot be reached: there is no route to its network",
    errno.EHOSTUNREACH: "cannot be reached: there is no route to it",
    errno.ECONNRESET: "closed the connection at once",
}

# What runs out on our side: no other is to be blamed for it, and asking at once again would not help.
_LACKING = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

# OpenSSL's numbers for what is wrong with a certificate: X509_V_ERR_... in x509_vfy.h
_CERTIFICATES = {
    9: "is not valid yet; is our clock right?",
    10: "has expired",
    18: "is self-signed",
    19: "is self-signed",
    20: "comes from an authority that we do not know",
    62: "is for another name",
    64: "is for another address",
}

# The beginnings of what h11 says, as of 0.16.
_PROTOCOL = {
    "illegal status line": "the answer does not begin like HTTP",
    "Receive buffer too long": "the headers of the answer are too long",
    "illegal header line": "the answer has a malformed header",
    "Illegal header": "the answer has a malformed header",
    "conflicting Content-Length": "the answer names two different lengths",
    "bad Content-Length": "the answer names an impossible length",
    "illegal chunk": "the body is cut into malformed chunks",
    "malformed chunk": "the body is cut into malformed chunks",
    "peer closed connection": "the answer ends in the middle",
    "peer unexpectedly closed": "the answer ends in the middle",
    "can't handle event type ConnectionClosed": "the connection was closed without an answer",
}

_CHALLENGED_HINT = (
    "no feed reader can pass it, and we do not try to: ask the publisher to let readers through, send what they gave "
    "you with `headers:` or `cookies:`, go another way with `via:`, or take another feed of the site"
)


class NoConnection(FetchError):
    """Nobody was reached, so nothing was asked: the one failure after which asking at once again is polite."""


def unusable(status: int, wait: timedelta | None) -> FetchError:
    """Return why an answer with this status is no document for us. wait: what its Retry-After asks for."""
    name = f"{status} {_phrase(status)}".strip()
    if status == HTTPStatus.GONE:
        return SourceGone("status", name, _STATUS_HINTS[status], status=status, retry_after=wait)
    if status >= HTTPStatus.BAD_REQUEST:
        return FetchError("status", name, _STATUS_HINTS.get(status, ""), status=status, retry_after=wait)
    why = _UNUSABLE.get(status, "that does not answer what we asked")
    return FetchError("status", f"answers {name}: {why}", status=status, retry_after=wait)


def challenged(status: int, wait: timedelta | None) -> FetchError:
    """Return that a bot wall stands before the feed."""
    problem = f"answers {status} with a test that only browsers pass (a bot wall)"
    return FetchError("challenged", problem, _CHALLENGED_HINT, status=status, retry_after=wait)


def way(hops: Sequence[tuple[int, str]]) -> str:
    """Return which redirects led there, for the end of a sentence: whoever is at fault may stand on the way (A05).

    Without logins and queries, which may hold what is nobody else's business.
    """
    told = [f"{status} to {_place(url)}" for status, url in hops[:_MOST_HOPS]]
    more = [f"{len(hops) - len(told)} more"] if len(hops) > len(told) else []
    return f"; the way there: {', '.join(told + more)}" if told else ""


def _place(url: str) -> str:
    return ask.visible(_LOGIN.sub("//", url.partition("?")[0]))[:_LONGEST_URL]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def explain(error: Exception, host: str) -> FetchError:
    """Return what one of NETWORK_ERRORS means once the connection stood. host: whom we were talking to."""
    if isinstance(error, h11.RemoteProtocolError):
        return FetchError("protocol", _protocol(str(error)))
    return FetchError("connect", f"the connection with {host} broke before the answer was complete")


def _protocol(message: str) -> str:
    for beginning, sentence in _PROTOCOL.items():
        if message.startswith(beginning):
            return sentence
    return "the answer is not correct HTTP"


def no_connection(error: Exception, peer: str) -> FetchError:
    """Return why no connection came about. peer: whom we called."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = _CERTIFICATES.get(cause.verify_code, f"is not valid: {cause.verify_message}")
            return FetchError("tls", f"the certificate of {peer} {what}")
        if isinstance(cause, ssl.SSLError):
            return FetchError("tls", f"no encrypted connection with {peer} came about: {_reason(cause)}")
        if isinstance(cause, OSError) and cause.errno in _LACKING:
            return lacking(os.strerror(cause.errno))
        if isinstance(cause, OSError) and cause.errno in _ERRNOS:
            return NoConnection("connect", f"{peer} {_ERRNOS[cause.errno]}")
    return NoConnection("connect", f"no connection with {peer} came about")


def lacking(what: str) -> FetchError:
    """Return that this machine does not give us what a request needs. what: in the system's words."""
    return FetchError("internal", f"this machine lacks what a request needs: {what}", "raise the limits of the service")


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's word for it, readable: WRONG_VERSION_NUMBER. Not every SSLError has one."""
    return (getattr(error, "reason", None) or "unknown reason").replace("_", " ").lower()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
