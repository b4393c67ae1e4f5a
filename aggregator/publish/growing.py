"""How the list of an entry's other outlets grows (publication.md R5).

In:    a row of the ledger, the members that join it, the topic, the time.
Out:   the row with its list, and when it may be shown anew.
Never: moves `updated` but where a topic asks to be loud.

`outlets` of a row is all that joined; `listed` is how many of them readers see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Candidate, Delivery, Topic
from aggregator.publish import compose
from aggregator.publish.book import shown_by
from aggregator.publish.precedence import precedence

STEPS = (2, 3, 5, 8, 13, 21)  # outlets of a story at which its list is shown anew
GROWS_FOR = timedelta(hours=24)  # counted from entered_at; later outlets are no news to a reader
AT_MOST_EACH = timedelta(hours=1)
MOST_GROWTHS = 6


def joined(row: Delivery, members: Sequence[Candidate], topic: Topic, now: datetime) -> Delivery:
    """Return the row with the members as further outlets, one a source; the same row if the list stays as it is."""
    new = row.at is None and row.entered_at == now
    if row.state != "live" or now - row.entered_at > GROWS_FOR or (topic.growth == "off" and not new):
        return row
    told = {row.face.origin.source} | {outlet.source for outlet in row.outlets}
    joining = []
    for member in sorted(members, key=precedence):
        if member.stored.source not in told:
            told.add(member.stored.source)
            joining.append(member)
    if not joining:
        return row
    names, shown = ", ".join(member.stored.source for member in joining), shown_by(row)
    return replace(
        row,
        story=row.story or joining[0].story,
        outlets=(*row.outlets, *(compose.outlet(one, via=shown in one.cited_by) for one in joining)),
        why=f"{row.why}; listed {names}" if row.at is None else f"listed {names}",
    )


def without(row: Delivery, keys: Collection[str]) -> Delivery:
    """Return the row with none of these items in its list; the same row if none was."""
    stay = [outlet.key not in keys for outlet in row.outlets]
    if all(stay):
        return row
    kept = tuple(outlet for outlet, stays in zip(row.outlets, stay, strict=True) if stays)
    return replace(row, outlets=kept, listed=sum(stay[: row.listed]))


def first_list(row: Delivery, topic: Topic) -> Delivery:
    """Return a new entry's row with what of its list readers see from the beginning."""
    step = _step(row, topic)
    return replace(row, listed=step - 1, told=max(row.told, step))


def shown_anew(row: Delivery, topic: Topic, now: datetime) -> Delivery:
    """Return the row with as much of its list as readers may see now; the same row if that is no more than before."""
    step = _step(row, topic)
    due = growth_due(row, topic, now)
    if due is None or due > now:
        return row
    loud = topic.growth == "loud" and any(row.told < at <= step for at in topic.bump_at)
    return replace(
        row,
        listed=step - 1,
        told=max(row.told, step),
        growths=row.growths + 1,
        grown_at=now,
        updated=now if loud else row.updated,
        why=f"{row.why}; told by {step} outlets, so new again" if loud else row.why,
    )


def growth_due(row: Delivery, topic: Topic, now: datetime) -> datetime | None:
    """Return from when on the list may be shown longer; None where it stays as it is, or time is over."""
    if topic.growth == "off" or row.growths >= MOST_GROWTHS or _step(row, topic) - 1 <= row.listed:
        return None
    due = row.grown_at + AT_MOST_EACH if row.grown_at else row.entered_at
    return due if max(due, now) - row.entered_at <= GROWS_FOR else None


def _step(row: Delivery, topic: Topic) -> int:
    """Return how many outlets readers may be told of: the list grows in steps, so that it changes seldom."""
    steps = (*STEPS, *topic.bump_at) if topic.growth == "loud" else STEPS
    return max((step for step in steps if step <= 1 + len(row.outlets)), default=1)
