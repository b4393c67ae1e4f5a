"""Die at a named point: how the tests kill the real process exactly where it hurts.

In:    the environment variable AGGREGATOR_CRASH, as "name:n", read once; without it nothing here does anything.
Out:   the end of the process at the n-th pass of that point, without a goodbye, as by kill -9.
Never: runs a clean-up, or does anything in a process that was not asked to die.

Every statement of the store is three points: before-NAME (nothing done yet), in-NAME (all written, not committed) and
after-NAME (committed, nobody told yet). Fetching adds `connected` and `body-read`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count

KILLED = 137  # what a shell says of a process that was killed by SIGKILL: 128 + 9


def _harmless(point: str) -> None:
    """Do nothing: nobody asked for a crash."""


def _deadly(wish: str) -> Callable[[str], None]:
    """Return what ends the process at the wished pass. wish: "in-commit:3"."""
    name, _, number = wish.rpartition(":")
    passes, last = count(1), int(number)

    def crash(point: str) -> None:
        if point == name and next(passes) == last:
            os._exit(KILLED)

    return crash


crash = _deadly(os.environ["AGGREGATOR_CRASH"]) if "AGGREGATOR_CRASH" in os.environ else _harmless
