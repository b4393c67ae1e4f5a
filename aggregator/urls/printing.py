"""The forms of an address that may be printed.

In:    an address as it is stored.
Out:   its ASCII form for documents, its form without secrets for the public, its form without trackers for links.
Never: changes what the address leads to.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from aggregator.urls.escapes import LEGAL
from aggregator.urls.hosts import in_ascii
from aggregator.urls.parameters import tracks

_PARTS = re.compile(r"([a-z][a-z0-9+.-]*://)([^/?#]*@)?([^/?#:]*)(.*)\Z", re.IGNORECASE | re.DOTALL)
# Of what opens a feed, the parts of a name that say so: api_key, passkey, feedToken, X-Amz-Signature, sessionid.
_SECRET = re.compile(
    r"(?:.*(?:token|key|auth|secret|passw(?:or)?d|pwd|signature|login|sess(?:ion)?(?:_?id)?|credentials?)"
    r"|(?:.*[_-])?(?:sig|sid|pass|hash|jwt|pin))\Z",
    re.IGNORECASE,
)


def ascii_only(url: str) -> str:
    """Return the address as an ASCII URI (punycode host, percent-encoded rest); unchanged where it is one already."""
    if url.isascii():
        return url
    scheme, user, host, rest = _parts(url)
    return quote(scheme + user + (in_ascii(host) or host) + rest, safe=LEGAL + "#[]", errors="surrogatepass")


def public(url: str) -> str:
    """Return the address without a user name, a password or a parameter named like a secret: fit for any reader."""
    scheme, _, host, rest = _parts(url)
    path, mark, query = rest.partition("?")
    kept = "&".join(part for part in query.split("&") if not _SECRET.match(part.partition("=")[0]))
    return scheme + host + path + (mark + kept if kept else "")


def untracked(url: str) -> str:
    """Return the address without the parameters that only tell who sent the reader; all else stays as it is written."""
    page, hash_, fragment = url.partition("#")
    path, mark, query = page.partition("?")
    kept = "&".join(part for part in query.split("&") if not tracks(part.partition("=")[0].lower()))
    return url if kept == query else path + (mark if kept else "") + kept + hash_ + fragment


def _parts(url: str) -> tuple[str, str, str, str]:
    """Return "scheme://", "user@", "host" and the rest, port included; only a rest where there is no host."""
    found = _PARTS.match(url)
    return (found[1], found[2] or "", found[3], found[4]) if found else ("", "", "", url)
