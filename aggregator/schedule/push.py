"""How far a source's pushes (WebSub) are trusted instead of polls.

In:    a Rhythm, a delivery.
Out:   the Rhythm afterwards; whether a push was missed.
Never: speaks to a hub. Polls grow rare while pushes come; they never stop.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Rhythm

TRUSTED_AFTER = 3  # deliveries
PUSHED = timedelta(hours=6)  # between polls while pushes are trusted
LATE = timedelta(minutes=30)  # a push that comes so long after our poll found the item is none


def delivered(rhythm: Rhythm, now: datetime) -> Rhythm:
    """Return what is known after a delivery that brought what it was for."""
    if missed(rhythm, now):
        return replace(rhythm, pushes=1, owed_at=None)
    return replace(rhythm, pushes=rhythm.pushes + 1, owed_at=None)


def missed(rhythm: Rhythm, now: datetime) -> bool:
    """Return whether a poll found an item more than 30 min ago that no push has brought: time to subscribe again."""
    return rhythm.owed_at is not None and now - rhythm.owed_at > LATE


def unsubscribed(rhythm: Rhythm) -> Rhythm:
    """Return what is known when there is no subscription any more, or a new one must first prove itself."""
    return replace(rhythm, pushes=0, owed_at=None)


def trusted(rhythm: Rhythm) -> bool:
    """Return whether pushes stand in for polls: three came, and none is owed."""
    return rhythm.pushes >= TRUSTED_AFTER and rhythm.owed_at is None
