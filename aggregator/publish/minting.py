"""New entries, and what they show.

In:    the anchor of a new entry.
Out:   its id, its face, the first row of its ledger.
Never: lets a date of a row say a time to come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model import Authority, Candidate, Delivery, Face, Section, Topic
from aggregator.publish import compose
from aggregator.publish.precedence import precedence


@dataclass(frozen=True, slots=True, kw_only=True)
class Minting:
    """What new faces and ids are made with."""

    sections: Mapping[str, Section]
    authority: Authority
    now: datetime

    def id(self, anchor: Candidate) -> str:
        """Return the id of the entry with this anchor (R2)."""
        return self.authority.entry_id(anchor.stored.key)

    def face(self, shown: Candidate) -> Face:
        """Return what an entry shows that has its face from this item."""
        return compose.face(shown, sections=self.sections, authority=self.authority)

    def remembered(
        self, topic: Topic, told: Sequence[Candidate], *, of: Collection[str] | None = None
    ) -> Delivery | None:
        """Return the first row of the entry in which readers had one of these before a restore (R10).

        Of several it is the one that they have had for longest. Where the ledger knows it, that row counts.
        of  the anchors that count; None: all
        """
        remembered = [one.remembered for one in told if one.remembered]
        known = {one.entry_id: one for one in remembered if of is None or one.anchor in of}
        if not known:
            return None
        was = min(known.values(), key=lambda one: (one.state != "live", one.entered_at, one.entry_id))
        anchor = next((one for one in told if one.stored.key == was.anchor), None)
        shown = anchor or min(told, key=precedence)
        return replace(
            self.first(topic, shown),
            entry_id=was.entry_id,
            anchor=was.anchor,
            entered_at=was.entered_at,
            updated=was.updated,
            state=was.state,
            told=was.told,
            shows=None if shown.stored.key == was.anchor else shown.stored.key,
            why=f"restored: readers have had it since {was.entered_at:%Y-%m-%d %H:%M} UTC",
        )

    def first(self, topic: Topic, anchor: Candidate) -> Delivery:
        """Return the first row of a new entry; its face is pinned from here on (R4)."""
        face = self.face(anchor)
        claimed = max(anchor.stored.item.updated or face.published, face.published)
        reason = "a person pinned it" if anchor.pinned_at else f"priority {anchor.priority:g}"
        return Delivery(
            topic=topic.id,
            entry_id=self.id(anchor),
            anchor=anchor.stored.key,
            story=anchor.story,
            entered_at=self.now,
            rev=1,
            updated=min(claimed, self.now),
            state="live",
            face=replace(face, published=min(face.published, self.now)),
            sha256=anchor.stored.item.sha256,
            why=f"entered with {anchor.origin.source} as its face ({reason})",
        )
