"""Die or hang at a named point: how the tests hurt the real process exactly where it is worst.

In:    the environment variables AGGREGATOR_CRASH, as "name:n", and AGGREGATOR_HANG, as "name:n:seconds", read once;
       without them nothing here does anything.
Out:   the end of the process at the n-th pass of that point, without a goodbye, as by kill -9; or a thread that does
       nothing for so long, which in `connected` and `body-read` is that of the event loop.
Never: runs a clean-up, or does anything in a process that was not asked to.

Every statement of the store is three points: before-NAME (nothing done yet), in-NAME (all written, not committed) and
after-NAME (committed, nobody told yet). Fetching adds `connected` and `body-read`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import count

KILLED = 137  # what a shell says of a process that was killed by SIGKILL: 128 + 9


def _harmless(point: str) -> None:
    """Do nothing: nobody asked for it."""


def _at(wish: str, done: Callable[[], None]) -> Callable[[str], None]:
    """Return what does it at the wished pass. wish: "in-commit:3"."""
    name, _, number = wish.rpartition(":")
    passes, wished = count(1), int(number)

    def passing(point: str) -> None:
        if point == name and next(passes) == wished:
            done()

    return passing


def _wished() -> Callable[[str], None]:
    if wish := os.environ.get("AGGREGATOR_CRASH"):
        return _at(wish, lambda: os._exit(KILLED))
    if wish := os.environ.get("AGGREGATOR_HANG"):
        place, _, seconds = wish.rpartition(":")
        return _at(place, lambda: time.sleep(float(seconds)))
    return _harmless


crash = _wished()
