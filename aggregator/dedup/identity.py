"""Is this entry new, changed, or known?

In:    the items of one document, and what the store holds of them.
Out:   the changes worth storing, in document order; each item's place by date.
Never: touches the store, and never deletes: what a document no longer shows is still ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from aggregator.model import Change, Item, Known, key_of

_UNDATED = datetime.min.replace(tzinfo=UTC)


def changes(source: str, items: Sequence[Item], known: Mapping[str, Known]) -> list[Change]:
    """Return the items worth storing, in document order. known: item id -> what we hold."""
    found: list[Change] = []
    for item in items:
        held = known.get(item.id)
        if held is None:
            found.append(Change(kind="new", key=key_of(source, item.id), item=item))
        elif held.sha256 != item.sha256:
            found.append(Change(kind="changed", key=held.key, item=item))
    return found


def ranks(items: Sequence[Item]) -> dict[str, int]:
    """Return each item's place in its document by the publisher's date, newest = 0.

    Undated items stand behind the dated ones in document order: most feeds put the newest first.
    """
    by_date = sorted(items, key=lambda item: item.published or item.updated or _UNDATED, reverse=True)
    return {item.id: place for place, item in enumerate(by_date)}
