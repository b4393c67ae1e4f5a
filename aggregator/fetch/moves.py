"""Has a source moved for good?

In:    the redirects that were followed to a feed, and what we remember of earlier ones.
Out:   what to remember now; after proof, the address to poll from now on.
Never: believes a single answer. A captive portal, a login page or a wrong rule redirects "permanently" too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model import Hop, PollState

PERMANENT = {301, 308}
PROOF_TIMES = 3  # in a row to the same place (P16)
PROOF_SPAN = timedelta(hours=24)


def moved(state: PollState, asked: str, hops: Sequence[Hop], now: datetime) -> PollState:
    """Return the state after a poll that ended at a feed.

    asked  the address that was polled
    Adopted is where the permanent redirects at the beginning lead; what a temporary one adds is asked for each time.
    """
    goal = _goal(asked, hops)
    if goal is None:
        return replace(state, moved_url=None, moved_times=0, moved_since=None)
    if goal != state.moved_url:
        return replace(state, moved_url=goal, moved_times=1, moved_since=now)
    times, since = state.moved_times + 1, state.moved_since or now
    if times >= PROOF_TIMES and now - since >= PROOF_SPAN:
        return replace(state, adopted_url=goal, moved_url=None, moved_times=0, moved_since=None)
    return replace(state, moved_times=times, moved_since=since)


def _goal(asked: str, hops: Sequence[Hop]) -> str | None:
    goal = None
    for hop in hops:
        if hop.status not in PERMANENT:
            break
        goal = hop.url
    if goal is None or goal == asked:
        return None
    downgrade = urlsplit(asked).scheme == "https" and urlsplit(goal).scheme == "http"
    return None if downgrade else goal
