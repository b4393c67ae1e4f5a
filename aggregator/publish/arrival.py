"""May an item enter topics by itself? (publication.md R11, R12)

In:    one new item's dates and place in its document; what we remember of its source; what a topic asks for.
Out:   "live" or "backfill", and whether a topic admits it, each with a reason a person can read.
Never: looks at how many items are new: each item is decided by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model import Arrival, StoredItem, Topic, Verdict

YOUNG = timedelta(hours=48)  # R12: of the newest few of a document, so old an item is still news
LATE = timedelta(hours=24)  # R12: published so long before the previous successful poll, it was held back or redated


def arrival(
    *,
    published: datetime | None,
    now: datetime,
    first_contact: bool,
    previous_success: datetime | None,
    rank: int,
    first: int,
    reread: bool = False,
) -> tuple[Arrival, str]:
    """Return whether a new item may enter topics by itself, and why.

    rank   its place among the items of its document by date, newest 0
    first  of so many newest items of a document, the young ones are news even on first contact

    reread  a page, on which other selectors look for the items now: what they find may have stood there for long

    An item without a date is old on first contact and new afterwards.
    Source: publication.md R12.
    """
    if first_contact or previous_success is None:
        if published is None:
            return "backfill", "without a date on first contact"
        since = "on first contact"
    elif reread:
        if published is None or published < previous_success:
            return "backfill", "found by other selectors, and not published since the previous poll"
        return "live", "published since the previous poll"
    else:
        if published is None:
            return "live", "without a date, first seen after an earlier poll"
        if published >= previous_success - LATE:
            return "live", "published since the previous poll, or within 24 h before it"
        since = "more than 24 h before the previous successful poll"
    return _among_first(now - published, since, rank=rank, first=first)


def _among_first(age: timedelta, since: str, *, rank: int, first: int) -> tuple[Arrival, str]:
    """Return the verdict on an item that is late or met on first contact: only the young ones in front are news."""
    if age >= YOUNG:
        return "backfill", f"{since}: published {_hours(age)} ago, and news is younger than 48 h"
    if rank >= first:
        return "backfill", f"{since}: number {rank + 1} of its document, and the newest {first} may enter"
    return "live", f"{since}: number {rank + 1} of its document's newest {first}, and younger than 48 h"


def admit(topic: Topic, stored: StoredItem, why: str, *, muted: str = "", private: bool = False) -> Verdict:
    """Return whether an item that matched a topic enters it.

    why      what matched
    muted    the mute that it matched, too
    private  its source is: its items stand in private topics only (Visibility)
    """
    if private and not topic.private:
        return Verdict(topic=topic.id, admitted=False, why=f"{why}; kept out: its source is private")
    if stored.withdrawn:
        return Verdict(topic=topic.id, admitted=False, why=f"{why}; kept out: {stored.withdrawn}")
    if muted:
        return Verdict(topic=topic.id, admitted=False, why=f"{why}; kept out: {muted}")
    if stored.arrival == "live":
        return Verdict(topic=topic.id, admitted=True, why=why)
    if stored.rank < topic.backfill:
        past = f"backfill: {topic.backfill} takes number {stored.rank + 1} of its source"
        return Verdict(topic=topic.id, admitted=True, why=f"{why}; {past}")
    return Verdict(topic=topic.id, admitted=False, why=f"{why}; kept out: {stored.arrival_why}")


def _hours(age: timedelta) -> str:
    hours = round(age.total_seconds() / 3600)
    return f"{hours} h" if hours < 72 else f"{round(hours / 24)} days"  # noqa: PLR2004 - days read better from three on
