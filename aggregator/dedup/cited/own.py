"""The names of an outlet: those by which others cite it, and those by which it may speak of itself.

In:    a source as it is configured; what its document says of itself.
Out:   names, and their keys.
Never: believes a document that it is somebody, where another would pay for it: any feed may call itself «Интерфакс».
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from aggregator.dedup.cited.names import in_latin, name_key
from aggregator.model import Cited, Credit, Feed, Source
from aggregator.urls import site_of

_PARTS = re.compile(r"\s[-–—]\s|[|:•«»“”„\"]")  # «УНИАН - последние новости»


def names_of(source: Source) -> frozenset[str]:
    """Return the names by which others cite a source, as far as a person has said: title, id, and the site's name."""
    host = urlsplit(source.url).hostname or ""
    return frozenset(filter(None, (source.id, source.title, host, site_of(host))))


def own_names(source: Source, feed: Feed) -> frozenset[str]:
    """Return all names by which a source may speak of itself, those that its document claims among them."""
    host = urlsplit(feed.link or "").hostname or ""
    claimed = (feed.title, *map(str.strip, _PARTS.split(feed.title)), host, site_of(host))
    return names_of(source) | frozenset(filter(None, claimed))


def is_meant(names: Collection[str], credit: Credit) -> bool:
    """Tell whether a credit is to the outlet of these names."""
    keys = keys_of(frozenset(names))
    return credit.name in keys or in_latin(credit.outlet) in keys


class Ours:
    """Our sources, by the names by which others cite them."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = sources

    @cached_property
    def _by_key(self) -> dict[str, list[str]]:
        """Made when somebody is cited: it takes a tenth of a second for a thousand sources."""
        found: dict[str, list[str]] = {}
        for source in self._sources:
            for key in keys_of(names_of(source)):
                found.setdefault(key, []).append(source.id)
        return found

    def cited(self, credits_: Iterable[Credit]) -> tuple[Cited, ...]:
        """Return who is cited, with the ids of our sources that are meant; see `is_meant`."""
        return tuple(Cited(outlet=one.outlet, names=frozenset((one.name, *self._meant(one)))) for one in credits_)

    def _meant(self, credit: Credit) -> list[str]:
        return self._by_key.get(credit.name, []) + self._by_key.get(in_latin(credit.outlet), [])


@lru_cache(4096)  # outlets
def keys_of(names: frozenset[str]) -> frozenset[str]:
    """Return the keys of an outlet's names, in Latin letters, too."""
    hosts = (name.removeprefix("www.").rpartition(".")[0] or name for name in names)
    return frozenset(filter(None, (*map(name_key, names), *map(in_latin, hosts))))
