"""How long an item took from its publisher to a reader, and where the time went.

In:    the moments that are known of one item; the lags of many.
Out:   the steps between them, the longest of which is to be named; percentiles.
Never: guesses: between two polls an item may have come at any moment, and only the publisher's server may say when.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.item import StoredItem

LAGS_KEPT = 50  # of the newest items of a source: a day of a busy one, and more than enough for a ninth decile

WAITED = {
    "in the document": "its publisher took that long to put it into the feed",
    "fetched": "it waited in the feed for our next poll",
    "curated": "it waited for its turn to be sorted",
    "delivered": "it waited to be published in the topic",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station on the way."""

    name: str  # published, in the document, fetched, curated, delivered
    at: datetime
    after: timedelta | None  # since the station before; None: it is the first, or was met at first contact
    about: timedelta = timedelta(0)  # so much earlier it may have been


def chain(stored: StoredItem, entered_at: datetime | None) -> tuple[Step, ...]:
    """Return the stations of an item in their order, as far as they are known.

    entered_at  when the entry that shows it came into its topic; None: it is in none, or was added to one later
    An item is in the document since the moment that the server or the feed names, or else since some moment between the
    poll that did not show it and the one that did; of these, and of what was published after the former, the middle is
    taken. What stood there at first contact waited for nobody. What has been curated again since it was delivered,
    because its publisher edited it, has no known first time.
    """
    fetched, published = stored.first_seen_at, stored.item.published and stored.item.published - stored.ahead
    stations = [("published", published, timedelta(0))] if published and published <= fetched else []
    if stored.listed_at is not None:
        stations.append(("in the document", max(stored.listed_at, published or stored.listed_at), timedelta(0)))
    elif stored.missing_at is not None:
        earliest = min(max(stored.missing_at, published or stored.missing_at), fetched)
        stations.append(("in the document", earliest + (fetched - earliest) / 2, (fetched - earliest) / 2))
    stations.append(("fetched", fetched, timedelta(0)))
    if stored.curated_at is not None and (entered_at is None or stored.curated_at <= entered_at):
        stations.append(("curated", stored.curated_at, timedelta(0)))
    if entered_at is not None:
        stations.append(("delivered", entered_at, timedelta(0)))
    steps: list[Step] = []
    for name, at, about in stations:
        met = name == "fetched" and stored.missing_at is None and stored.listed_at is None
        before = steps[-1].at if steps and not met else None
        steps.append(Step(name=name, at=at, after=at - before if before else None, about=about))
    return tuple(steps)


def longest(steps: Sequence[Step]) -> Step | None:
    """Return the step that took most of the time; None where there is but one station."""
    return max(
        (step for step in steps if step.after is not None), key=lambda step: step.after or timedelta(0), default=None
    )


def percentile(lags: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the lag that a share (0 to 1) of the items stayed within: the nearest rank; None without any."""
    if not lags:
        return None
    return sorted(lags)[max(math.ceil(share * len(lags)), 1) - 1]
