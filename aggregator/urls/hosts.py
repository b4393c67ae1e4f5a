"""Hosts: one name for one site, however it is spelled and whichever of its doors is named.

In:    the authority of an address: user, host and port as written.
Out:   host[:port] as compared, or a host in ASCII.
Never: asks DNS.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.urls.known import DOORS, NATIONAL, REGIONAL

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d*))?\Z")
_BAD_HOST = re.compile(r"[\x00-\x20\x7f\"%<>\\^`{|}]|\.\.")
_NAME = re.compile(r"[a-z0-9._-]+\Z")
_LONGEST_NAME = 253  # RFC 1035, section 2.3.4, written with dots
_LONGEST_LABEL = 63  # the same
_LONGEST = _LONGEST_NAME + len(".:65535")


def compared(authority: str) -> str | None:
    """Return host[:port] as compared, or None if no host is in it."""
    host = authority.rpartition("@")[2]
    return _compared(host) if len(host) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _compared(authority: str) -> str | None:
    found = _AUTHORITY.match(authority)
    host = in_ascii(found[1]) if found else None
    if not found or not host or _BAD_HOST.search(host):
        return None
    host = _front_door(host)
    return host if found[2] in {None, "", "80", "443"} else f"{host}:{found[2]}"


def site_of(host: str) -> str:
    """Return the one label by which a site goes, whatever stands before and behind it: "bbc" of news.bbc.co.uk."""
    label, _, rest = host.lower().partition(".")
    while "." in rest and not _is_public(rest):
        label, _, rest = rest.partition(".")
    return label


def in_ascii(host: str) -> str | None:
    """Return the host in lower case and ASCII, or None if it cannot be.

    As browsers do it today: "ß" is a letter of its own, and what they take (an emoji) is taken.
    Source: UTS 46, section 4, ToASCII, nontransitional.
    """
    if host.isascii():
        return host.lower().strip(".")
    if len(host) > _LONGEST_NAME:  # what follows is quadratic
        return None
    import idna  # 20 ms, for those who meet such a host

    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
        name = ".".join(map(_label, labels)).strip(".")
    except UnicodeError:  # idna.IDNAError is one
        return None
    return name if _NAME.match(name) and len(name) <= _LONGEST_NAME else None  # "℀" becomes "a/c"


def _label(label: str) -> str:
    """Return one label of a host in ASCII. Raises UnicodeError."""
    coded = label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
    if len(coded) > _LONGEST_LABEL or coded.startswith("xn--xn--"):
        raise UnicodeError(label)
    return coded


def _front_door(host: str) -> str:
    """Return the host without www., m., amp. and the like, as long as the name of a site remains."""
    door, _, rest = host.partition(".")
    while door in DOORS and "." in rest and (door == "www" or not _is_public(rest)):  # www.gov.uk is gov.uk
        host = rest
        door, _, rest = host.partition(".")
    return host


def _is_public(name: str) -> bool:
    """Tell whether anybody may have a name under this one."""
    second, _, top = name.partition(".")
    return (len(top) == len("ua") and second in NATIONAL) or second in REGIONAL.get(top, ())
