"""Where dates are at home.

In:    an address, and the language of what is there.
Out:   a guess at the zone of its dates, None where nothing tells it.
Never: is certain: whoever uses a guess says that it is one.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aggregator.parse.labels import ZONE_OF


def home_zone(url: str, language: str | None = None) -> str | None:
    """Return the zone that the country of an address, else a language, tells."""
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    return ZONE_OF.get(country) or ("Europe/Kyiv" if language == "uk" else None)
