"""Addresses inside addresses: what viewers, caches and redirectors carry.

In:    a canonical form.
Out:   the address it carries, as written there.
Never: takes a translation or an archived copy for the article: those are texts of their own.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_GOOGLE = r"google\.[a-z]{2,3}(?:\.[a-z]{2})?"

# AMP's viewer and its caches: /amp/s/SITE/PATH, /c/s/SITE/PATH; "s" stands for https.
_VIEWER = re.compile(rf"https://(?:{_GOOGLE}/amp|(?:[^/]+\.)?cdn\.ampproject\.org/[cv])/(?:s/)?([^/]+\..*)")
# Yandex's fast pages: SITE/s/PATH; "s" again, "h" for http.
_FAST_PAGE = re.compile(
    r"https://(?:yandex\.[a-z]+(?:\.[a-z]{2})?/turbo|[^/]+\.turbopages\.org)/([^/.]+\.[^/]+)/[sh](/.*)"
)
# Those that send the reader on: alerts, search feeds, messengers, networks.
_REDIRECTOR = re.compile(
    rf"https://(?:{_GOOGLE}/url|bing\.com/news/apiclick\.aspx|t\.me/iv|yandex\.[a-z]+(?:\.[a-z]{{2}})?/turbo"
    r"|vk\.com/away\.php|lm?\.facebook\.com/l\.php)\?(?:.*&)?(?:url|q|text|to|u)=(https?:[^&#]*)",
    re.IGNORECASE,
)


def inside(form: str) -> str | None:
    """Return the address that this one carries, or None if it carries none."""
    if found := _VIEWER.match(form):
        return "https://" + found[1]
    if found := _FAST_PAGE.match(form):
        return "https://" + found[1] + found[2]
    if found := _REDIRECTOR.match(form):
        return unquote(found[1], errors="surrogateescape")  # so that two broken ones stay two
    return None
