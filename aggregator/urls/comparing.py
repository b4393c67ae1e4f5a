"""The address that all links to one article share.

In:    an address as a publisher or a person wrote it.
Out:   its canonical form.
Never: asks the network, or guesses: two addresses become equal only by what is written in them.
"""

from __future__ import annotations

import re

from aggregator.urls.escapes import UNTIDY, one_form
from aggregator.urls.hosts import compared
from aggregator.urls.parameters import kept
from aggregator.urls.wrapped import inside

_HTTP = re.compile(r"https?://([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.IGNORECASE | re.DOTALL)
_BREAKS = str.maketrans("", "", "\t\r\n")  # browsers drop them from an address, feeds wrap long ones
_WRAPPED_AT_MOST = 3  # a redirector around a viewer around an AMP page

# Programs of one page write their routes so. A place on the page ("#comments") or a tracker in the fragment does not.
_ROUTE = re.compile(r"(?:!/*|/+)[^/]")

_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_DEFAULT_PAGE = re.compile(r"/(?:index\.(?:html?|php|shtml|aspx?)|default\.aspx?)\Z", re.IGNORECASE)
# "/amp" before the path (but Google's viewer has a whole address behind it), after the path, or as an ending.
_AMP = re.compile(
    r"\A/amp(?=/.)(?!/(?:s/)?[^/.]+\.[^/]+/)|(?<=.)/amp\Z|(?<=[^/.])\.amp(?=(?:\.html?)?\Z)", re.IGNORECASE
)
# In the middle it may be the section about amplifiers, too: then a long number says that the article is the same.
_AMP_INSIDE = re.compile(r"(?<=.)/amp(?=/.)", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{5}")
_MAY_BE_CUT = re.compile(r"amp|/index\.|/default\.", re.IGNORECASE)
_CUTS_AT_MOST = 8  # "/amp/index.html/amp" needs three; hostile ones would need a million


def canonical(url: str) -> str | None:
    """Return the address that all links to one article share, or None for what is not http(s).

    An address that a viewer or a redirector carries takes its place. The scheme becomes https; gone are the doors of
    a host (www, m, amp ...), default ports, user names, the fragment (but routes, `#!` and `#/`), what tracks or
    names a session, AMP's forms, default pages and the last slash; the query is sorted by name. A parameter that may
    be an article's id stays. For comparing only: the result need not answer.
    Source: RFC 3986, section 6; the lists of this part.
    """
    found = whole = _form(url)
    for _ in range(_WRAPPED_AT_MOST + 1):
        within = inside(found) if found else None
        inner = _form(within) if within else None
        if not inner:
            return found
        found = inner
    return whole  # wrapped deeper it is nobody's link


def _form(url: str) -> str | None:
    """Return the canonical form of what is written, whatever it carries inside."""
    match = _HTTP.match(url.strip().translate(_BREAKS))
    if not match:
        return None
    authority, path, query, fragment = match.groups()
    host = compared(authority)
    if host is None:
        return None
    tail = kept(query, host) if query else ""
    if fragment and _ROUTE.match(fragment):
        tail += "#" + one_form(fragment).rstrip("/")
    return f"https://{host}{_path(path)}{tail}"


def _path(path: str) -> str:
    """Return the path as compared: escapes in one form, no dot segments, no AMP, no default page, no last slash."""
    if UNTIDY.search(path):
        path = _no_dots(_PATH_SESSION.sub("", one_form(path)))
    path = path.rstrip("/")
    return _cut(path) if _MAY_BE_CUT.search(path) else path


def _no_dots(path: str) -> str:
    """Return the path without `.`, `..` and empty segments (RFC 3986, section 5.2.4)."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    return "/" + "/".join(segments)


def _cut(path: str) -> str:
    """Return the path without AMP and default pages, cut until nothing is left to cut."""
    cut = path
    for _ in range(_CUTS_AT_MOST):
        before = cut
        if _LONG_NUMBER.search(cut):
            cut = _AMP_INSIDE.sub("", cut)
        cut = _DEFAULT_PAGE.sub("", _AMP.sub("", cut))
        if cut == before:
            return cut
    return path
