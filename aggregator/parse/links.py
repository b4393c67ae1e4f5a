"""Addresses in a document: absolute http(s), or nothing.

In:    an address as published, and what it is relative to.
Out:   an absolute http or https address without blanks, quotes or control characters; or None.
Never: guesses a scheme, and never lets a scheme through that was hidden behind control characters.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

LONGEST = 4096  # characters

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSAFE = re.compile('[\\s"<>\\\\^`{|}]')
# Nine of ten: nothing to join, nothing to escape.
_TIDY = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][^\s\x00-\x20\x7f-\x9f\"<>\\^`{|}]*)?\Z")
_SCHEME = re.compile(r"\A[^/?#]*:")


def absolute(address: str, base: str) -> str | None:
    """Return the address joined to the base (http, https; "" if there is none), or None if that is no web address."""
    address = address.strip()
    if not address or len(address) > LONGEST:
        return None
    if _TIDY.match(address):
        return address
    if _CONTROL.search(address):
        # Browsers drop tabs and line breaks, so `java\nscript:` would run; feeds wrap long addresses behind the host.
        head = _SCHEME.match(address)
        if head and _CONTROL.search(head[0]):
            return None
        address = _CONTROL.sub("", address)
    try:
        parts = urlsplit(urljoin(base, address))
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    return _UNSAFE.sub(_escaped, parts.geturl())


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))
