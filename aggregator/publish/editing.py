"""What becomes of an entry when its publisher edits it (publication.md R4, R5).

In:    a row of the ledger, its face as it is now.
Out:   the row with that face, or as it was.
Never: changes `published`, or calls anybody to read a correction of a few words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Candidate, Delivery, Face
from aggregator.publish import compose

EDIT_SHARE = 0.15  # of the words; below it an edit is a correction that nobody need read again
A_DAY = timedelta(hours=24)
MOST_EDITS = 3  # a day; what comes later waits, for some readers call every change unread

_WORD = re.compile(r"\w+")


def edited(row: Delivery, shown: Candidate, face: Face, now: datetime) -> Delivery:
    """Return the row with the face that its publisher gave it now.

    Where only we read it otherwise (a banner is stripped, a selector was mended), nobody is called to read it again.
    """
    face = replace(face, published=row.face.published)
    if shown.stored.reread_from == row.sha256:
        return replace(row, face=face, sha256=shown.stored.item.sha256, why="read otherwise than before, told quietly")
    lately = _lately(row, now)
    if len(lately) >= MOST_EDITS:
        return row
    told, reason = _worth_telling(row.face, face)
    return replace(
        row,
        face=face,
        sha256=shown.stored.item.sha256,
        updated=now if told else row.updated,
        edits=(*lately, now),
        why=f"edited by its publisher: {reason}",
    )


def edit_due(row: Delivery, now: datetime) -> datetime:
    """Return from when on a further edit may be shown."""
    lately = _lately(row, now)
    return lately[-MOST_EDITS] + A_DAY if len(lately) >= MOST_EDITS else now


def _lately(row: Delivery, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in row.edits if now - at < A_DAY)


def _worth_telling(before: Face, after: Face) -> tuple[bool, str]:
    """Return whether an edit moves `updated`, and why."""
    if after.title != before.title:
        return True, "another title"
    if (share := changed_share(_text(before), _text(after))) > EDIT_SHARE:
        return True, f"{share:.0%} of the words"
    return False, "less than 15 % of the words, told quietly"


def changed_share(before: str, after: str) -> float:
    """Return which share of the words changed, 0..1: those of the longer text that have no partner in the other.

    Words are counted, their order is not: a paragraph that only moved is no news.
    """
    old, new = (Counter(_WORD.findall(text.casefold())) for text in (before, after))
    longer = max(old.total(), new.total())
    return (longer - (old & new).total()) / longer if longer else 0.0


def _text(face: Face) -> str:
    return compose.plain(face.content or face.summary)
