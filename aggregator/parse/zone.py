"""Where dates are at home.

In:    an address, and the language of what is there.
Out:   a guess at the zone of its dates, None where nothing tells it.
Never: is certain: whoever uses a guess says that it is one.
"""

from __future__ import annotations

from urllib.parse import urlsplit

# Where the dates of a country's sites are at home. Russia has eleven zones; its news are dated in Moscow's.
ZONE_OF = {
    "ua": "Europe/Kyiv",
    "xn--j1amh": "Europe/Kyiv",
    "ru": "Europe/Moscow",
    "su": "Europe/Moscow",
    "xn--p1ai": "Europe/Moscow",
    "by": "Europe/Minsk",
    "md": "Europe/Chisinau",
}


def home_zone(url: str, language: str | None = None) -> str | None:
    """Return the zone that the country of an address, else a language, tells."""
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    return ZONE_OF.get(country) or ("Europe/Kyiv" if language == "uk" else None)
