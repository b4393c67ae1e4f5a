"""A database that does not answer: told once when it begins and once when it is over, and waited for with patience.

In:    failures of the store that pass by themselves; that it answers again.
Out:   two lines in the log; how long to wait before the next try.
Never: ends a process: whoever started it cannot mend a database by starting it again.
"""

from __future__ import annotations

import random
import threading
import time

from aggregator.errors import StoreError
from aggregator.log import tell

FIRST_S = 0.5
LONGEST_S = 15.0  # between two tries: a database that is back is noticed soon, and not stormed by many daemons


def pause(failures: int, rng: random.Random) -> float:
    """Return how many seconds to wait after so many failures in a row, from 1: doubled each time, half of it chance."""
    return min(FIRST_S * 2.0 ** min(failures - 1, 10), LONGEST_S) * rng.uniform(0.5, 1)


class Outage:
    """Whether the store answers, as all threads of a process see it together."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._lock = threading.Lock()

    @property
    def now(self) -> bool:
        """Whether the last to ask got no answer."""
        return self._since is not None

    def noted(self, error: StoreError | None) -> None:
        """Take note of a failure, or of an answer; what was known before is not said again. Any thread may call."""
        with self._lock:
            away, since = error is not None, self._since
            if away == (since is not None):
                return
            self._since = time.monotonic() if away else None
        if since is None:
            tell("warning", "store.away", problem=str(error))
        else:
            tell("info", "store.back", away_s=round(time.monotonic() - since, 1))
