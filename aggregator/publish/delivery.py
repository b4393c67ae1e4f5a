"""What readers are shown, and never shown twice (publication.md R1, R2, R4, R5).

In:    a topic's candidates, the rows of its ledger that count, and the anchors whose publisher edited them.
Out:   the rows to append to the ledger, and the entry that each candidate went into.
Never: gives one story two entries, changes an id, or lets `updated` say a time to come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model import Authority, Candidate, Delivery, Face, Section, Topic
from aggregator.publish import compose
from aggregator.urls import site_of

EDIT_SHARE = 0.15  # R5: of the words; below it an edit is a correction that nobody need read again
BETWEEN_UPDATES = timedelta(hours=8)  # R5: so `updated` moves at most three times in any 24 h
GROWS_FOR = timedelta(hours=24)  # R5: counted from entered_at; later outlets are no news to a reader

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to append to the ledger, and where each candidate went."""

    rows: tuple[Delivery, ...]
    entered: Mapping[str, str]  # item key -> entry id


@dataclass(frozen=True, slots=True, kw_only=True)
class Minting:
    """What new faces and ids are made with."""

    sections: Mapping[str, Section]
    authority: Authority
    now: datetime

    def face(self, anchor: Candidate) -> Face:
        """Return what an entry with this anchor shows."""
        return compose.face(anchor, sections=self.sections, authority=self.authority)


def decide(
    topic: Topic,
    *,
    pending: Sequence[Candidate],
    live: Sequence[Delivery],
    edited: Sequence[tuple[Delivery, Candidate]],
    minting: Minting,
) -> Decision:
    """Return the rows that bring the ledger up to date.

    pending  items admitted to the topic that stand in no entry yet, in order of arrival
    live     the newest row of each live entry; rows of entries that have aged may stand among them:
             they take their story's later copies in, silently, so that no story comes back under another id
    edited   live entries whose anchor was changed by its publisher, with the anchor as it is now
    """
    before = {row.entry_id: row for row in live}
    homes = {_story(row): row.entry_id for row in sorted(live, key=_seniority, reverse=True)}
    rows = {row.entry_id: _edited(row, anchor, minting) for row, anchor in edited if row.state == "live"}
    entered: dict[str, str] = {}
    for story, group in _groups(topic, pending).items():
        anchor = min(group, key=_precedence)
        home = homes.get(story) if topic.fold != "none" else None
        home = home or minting.authority.entry_id(anchor.stored.key)
        row = rows.get(home) or before.get(home) or _first(topic, anchor, minting)
        grown = _grown(row, group, minting.now)
        if grown is not before.get(home):
            rows[home] = grown
        entered.update((member.stored.key, home) for member in group)
    return Decision(rows=tuple(_numbered(row, before.get(row.entry_id)) for row in rows.values()), entered=entered)


def _numbered(row: Delivery, before: Delivery | None) -> Delivery:
    return replace(row, rev=before.rev + 1 if before else 1)


def _story(row: Delivery) -> str:
    """Return the story an entry tells. A lone anchor's key is the name that its group will get."""
    return row.story or row.anchor


def _seniority(row: Delivery) -> tuple[bool, datetime, str]:
    return (row.state != "live", row.entered_at, row.entry_id)


def _groups(topic: Topic, pending: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Return the candidates by story, in order of arrival; without folding each is its own."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in pending:
        story = candidate.story if topic.fold != "none" else None
        groups.setdefault(story or candidate.stored.key, []).append(candidate)
    return groups


def _precedence(candidate: Candidate) -> tuple[float, float, bool, datetime, str]:
    """Order members by who gives the story its face: whom a person pinned last, priority, first seen by us (R2, R4).

    Of those with one priority, who publishes on its own site goes before who only links there, however early we saw
    that: nobody takes the face of another's article by its address (content.md A40).
    """
    pinned = candidate.pinned_at.timestamp() if candidate.pinned_at else 0.0
    stored = candidate.stored
    return (-pinned, -candidate.priority, _links_away(candidate), stored.first_seen_at, stored.key)


def _links_away(candidate: Candidate) -> bool:
    """Whether an item is at another site than the feed that brought it, as that is configured and not as it claims."""
    link = candidate.stored.item.link
    return link is not None and _site(link) != _site(candidate.origin.url)


def _site(url: str) -> str:
    return site_of(urlsplit(url).hostname or "")


def _first(topic: Topic, anchor: Candidate, minting: Minting) -> Delivery:
    """Return the first row of a new entry; its face is pinned from here on (R4)."""
    face = minting.face(anchor)
    claimed = max(anchor.stored.item.updated or face.published, face.published)
    reason = "a person pinned it" if anchor.pinned_at else f"priority {anchor.priority:g}"
    return Delivery(
        topic=topic.id,
        entry_id=minting.authority.entry_id(anchor.stored.key),
        anchor=anchor.stored.key,
        story=anchor.story,
        entered_at=minting.now,
        rev=1,
        updated=min(claimed, minting.now),
        state="live",
        face=replace(face, published=min(face.published, minting.now)),
        sha256=anchor.stored.item.sha256,
        why=f"entered with {anchor.origin.source} as its face ({reason})",
    )


def _grown(row: Delivery, members: Sequence[Candidate], now: datetime) -> Delivery:
    """Return the row with the members as further outlets, one a source; the same row if the list stays as it is."""
    if row.state != "live" or now - row.entered_at > GROWS_FOR:
        return row
    told = {row.face.origin.source} | {outlet.source for outlet in row.outlets}
    joining = []
    for member in sorted(members, key=_precedence):
        if member.stored.source not in told:
            told.add(member.stored.source)
            joining.append(member)
    if not joining:
        return row
    names = ", ".join(member.stored.source for member in joining)
    return replace(
        row,
        story=row.story or joining[0].story,
        outlets=(*row.outlets, *(compose.outlet(one, via=row.anchor in one.cited_by) for one in joining)),
        why=f"{row.why}; listed {names}" if row.entered_at == now else f"listed {names}",
    )


def _edited(row: Delivery, anchor: Candidate, minting: Minting) -> Delivery:
    """Return the row with the face that its publisher gave it now; `published` stays (R4).

    Where only we read it otherwise (a banner is stripped, a selector was mended), nobody is called to read it again.
    """
    face = replace(minting.face(anchor), published=row.face.published)
    if anchor.stored.reread_from == row.sha256:
        return replace(row, face=face, sha256=anchor.stored.item.sha256, why="read otherwise than before, told quietly")
    told, reason = _worth_telling(row, face, minting.now)
    return replace(
        row,
        face=face,
        sha256=anchor.stored.item.sha256,
        updated=minting.now if told else row.updated,
        why=f"edited by its publisher: {reason}",
    )


def _worth_telling(row: Delivery, face: Face, now: datetime) -> tuple[bool, str]:
    """Return whether an edit moves `updated`, and why (R5)."""
    if face.title != row.face.title:
        reason = "another title"
    elif (share := changed_share(_text(row.face), _text(face))) > EDIT_SHARE:
        reason = f"{share:.0%} of the words"
    else:
        return False, "less than 15 % of the words, told quietly"
    never_moved = row.updated <= row.entered_at
    if never_moved or now - row.updated >= BETWEEN_UPDATES:
        return True, reason
    return False, f"{reason}, told quietly: `updated` moved less than 8 h ago"


def changed_share(before: str, after: str) -> float:
    """Return which share of the words changed, 0..1: those of the longer text that have no partner in the other.

    Words are counted, their order is not: a paragraph that only moved is no news.
    """
    old, new = (Counter(_WORD.findall(text.casefold())) for text in (before, after))
    longer = max(old.total(), new.total())
    return (longer - (old & new).total()) / longer if longer else 0.0


def _text(face: Face) -> str:
    return compose.plain(face.content or face.summary)
