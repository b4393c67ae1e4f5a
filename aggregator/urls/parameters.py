"""Parameters: which of them may decide which article is shown, and which never do.

In:    a query as written, and the host it is asked of.
Out:   what is left of it, in one order.
Never: drops a parameter that may be an article's id. Where only a value tells, only that value is dropped.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter

from aggregator.urls.escapes import UNTIDY, one_form
from aggregator.urls.known import ASIDE, HABITS, NAMES_FEED, PLACES, SAID_FROM, SWITCHES, TRACKING

_SITE_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}\Z")
_FEED_NAME = re.compile(r"rss(?:[-_]|\Z)")
_AND = re.compile(r"(?:\A|&)(?:amp;)*")  # some feeds escape it twice
# `s=` of that shape may be one, too, but click.phdo?p=4&s=... (pheedo.com, 2012) has its article there.
_SESSION = re.compile(r"sid=[0-9a-f]{32}\Z", re.IGNORECASE)
_TOKEN = re.compile(r"(?=[a-z]*\d)[0-9a-z]{16}", re.IGNORECASE)  # a shorter session_id may be a parliament's


def tracks(name: str) -> bool:
    """Tell whether a parameter of this name, in lower case, only says who sent the reader."""
    return name in TRACKING or name.startswith(("utm_", "hsa_"))


def kept(query: str, host: str) -> str:
    """Return "?..." sorted by name, of the parameters that may decide which article it is; "" if there are none."""
    if "+" in query or UNTIDY.search(query):
        query = one_form(query.replace("+", "%20"))
    habits = _habits(host)
    stay = []
    for part in _AND.split(query) if "amp;" in query else query.split("&"):
        name, equals, value = part.partition("=")
        lower = name.lower()
        if part and lower not in habits and not _idle(lower, value, bare=not equals):
            stay.append((name, part))
    if len(stay) > 1:  # a lone `sid` of any shape may be the article's own id
        stay = [(name, part) for name, part in stay if not _SESSION.match(part)] or stay
        stay.sort(key=itemgetter(0))
    return "?" + "&".join(part for _, part in stay) if stay else ""


@lru_cache(maxsize=4096)
def _habits(host: str) -> frozenset[str]:
    """Return the names that say nothing on this site; those of a site hold for the names below it, too."""
    labels = host.split(".")
    sites = (".".join(labels[start:]) for start in range(len(labels)))
    return frozenset().union(*(HABITS.get(site, ()) for site in sites))


def _idle(name: str, value: str, *, bare: bool) -> bool:
    """Tell whether a parameter never decides which article is shown."""
    if tracks(name) or name in ASIDE or name.startswith("aspsessionid"):
        return True
    if name in SWITCHES:
        return value.lower() in SWITCHES[name]
    if not value:
        return not bare  # `?mTitle=` says nothing, but in `?12345` the name is the id
    if name in NAMES_FEED:
        return _names_place(name, value.lower())
    return name in {"sessionid", "session_id"} and _TOKEN.match(value) is not None


def _names_place(name: str, said: str) -> bool:
    """Tell whether the value says where the reader comes from."""
    if _FEED_NAME.match(said) or (name in SAID_FROM and said in PLACES):
        return True
    return name == "ref" and _SITE_NAME.match(said) is not None
