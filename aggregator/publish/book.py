"""A topic's ledger while one decision about it is made.

In:    the newest rows of its entries; rows that are decided.
Out:   the rows as they are by now, and those to append.
Never: decides; forgets what stood there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from aggregator.model import Delivery


class Book:
    """The newest rows of a topic's entries, those of this decision in front."""

    def __init__(self, rows: Iterable[Delivery]) -> None:
        self._before = {row.entry_id: row for row in rows}
        self._rows = dict(self._before)

    def get(self, entry_id: str) -> Delivery | None:
        """Return an entry's row as it is by now."""
        return self._rows.get(entry_id)

    def put(self, row: Delivery) -> None:
        """Let this row count for its entry from now on. What was decided about it before stays among its reasons."""
        held = self._rows.get(row.entry_id)
        if held and held is not self._before.get(row.entry_id) and held.why not in row.why:
            row = replace(row, why=f"{held.why}; {row.why}")
        self._rows[row.entry_id] = row

    def know(self, row: Delivery) -> None:
        """Take in an entry that stands in no document, as it was."""
        self._before.setdefault(row.entry_id, row)
        self._rows.setdefault(row.entry_id, row)

    def is_new(self, row: Delivery) -> bool:
        """Whether an entry is delivered for the first time by this decision."""
        return row.entry_id not in self._before

    def live(self) -> Iterator[Delivery]:
        """Yield the entries that stand in the document."""
        yield from [row for row in self._rows.values() if row.state == "live"]

    def telling(self, story: str) -> list[Delivery]:
        """Return the live entries of a story, the one first that readers have had for longest (R6)."""
        return sorted((row for row in self.live() if story_of(row) == story), key=seniority)

    def homes(self) -> dict[str, Delivery]:
        """Return the entry in which each story stands: a live one, else the one that readers have had for longest.

        What is withdrawn is nobody's home: others may tell its story, and stand by themselves (R3).
        """
        rows = (row for row in self._rows.values() if row.state != "withdrawn")
        return {story_of(row): row for row in sorted(rows, key=_homeliness, reverse=True)}

    def changes(self) -> Iterator[Delivery]:
        """Yield the rows to append, numbered; none of them is written yet."""
        for id_, row in self._rows.items():
            before = self._before.get(id_)
            if row is not before:
                yield replace(row, rev=before.rev + 1 if before else 1, at=None)


def story_of(row: Delivery) -> str:
    """Return the story an entry tells. A lone anchor's key is the name that its group will get."""
    return row.story or row.anchor


def shown_by(row: Delivery) -> str:
    """Return the key of the item whose face an entry has."""
    return row.shows or row.anchor


def seniority(row: Delivery) -> tuple[datetime, str]:
    """Order entries by which has been with readers for longest."""
    return row.entered_at, row.entry_id


def _homeliness(row: Delivery) -> tuple[bool, datetime, str]:
    return (row.state != "live", *seniority(row))
