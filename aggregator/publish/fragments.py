"""Entries rendered once, and kept as long as they are needed and there is room.

In:    a row of the ledger, the language of the feed it stands in, the site, the terms on which it is shown.
Out:   the entry's bytes in every feed format.
Never: keeps what failed, or gives bytes for other values than those it was asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from aggregator.model import Delivery, Format, Site
from aggregator.publish import compose, feed_xml, json_feed
from aggregator.publish.rights import Terms

Rendered = Mapping[Format, bytes]
_Key = tuple[str, str, Terms]  # entry id, language; two topics may show one entry on different terms
MAX_BYTES = 24_000_000  # a dozen full topics in three formats; a daemon has 250 MB in all (performance.md)
BESIDE_BYTES = 4096  # of the values that an entry was rendered from, kept to be compared: many small ones are large


class _Kept(NamedTuple):
    visible: object
    rendered: Rendered
    size: int  # bytes


class Fragments:
    """Rendered entries, least recently used first; used by one thread at a time."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._room = max_bytes

    def of(self, row: Delivery, language: str, site: Site, terms: Terms) -> Rendered:
        """Return the entry of this row, rendered now or before. Raises what no library can render.

        What shows is compared, not the revision: that would lie after a commit that failed.
        """
        key = (row.entry_id, language, terms)
        visible = (row.updated, row.face, row.outlets[: row.listed], site)
        before = self._kept.get(key)
        if before and before.visible == visible:
            self._kept.move_to_end(key)
            return before.rendered
        self._drop(key)
        rendered = _render(row, language, site, terms)
        self._kept[key] = _Kept(visible, rendered, BESIDE_BYTES + sum(map(len, rendered.values())))
        self._room -= self._kept[key].size
        while self._room < 0:
            self._drop(next(iter(self._kept)))
        return rendered

    def _drop(self, key: _Key) -> None:
        if kept := self._kept.pop(key, None):
            self._room += kept.size


def _render(row: Delivery, language: str, site: Site, terms: Terms) -> Rendered:
    entry = compose.entry(row, language, site, terms)
    return {"atom": feed_xml.atom_entry(entry), "rss": feed_xml.rss_item(entry), "json": json_feed.item(entry)}
