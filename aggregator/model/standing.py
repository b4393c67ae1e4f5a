"""How a source stands, in one word: the same in `status`, on pages, and as a label of the metrics.

In:    how its last poll ended.
Out:   one of STATES.
Never: decides when to poll.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from aggregator.model.outcome import Ended

Standing = Literal["gone", "dead", "challenged", "failing", "quiet", "new", "well"]

STATES: tuple[Standing, ...] = ("gone", "dead", "challenged", "failing", "quiet", "new", "well")  # the worst first
DEAD_AFTER = timedelta(days=30)  # of 404 without a break (P15)
NOT_FOUND, GONE = 404, 410


def standing(
    ended: Ended | None, *, status: int | None = None, kind: str = "", lasting: timedelta | None, quiet: bool = False
) -> Standing:
    """Return a source's state.

    ended    how its last poll ended; None before the first
    kind     of the failure, SourceError.kind
    lasting  from the first failure of the present row to the last; None where there is none
    quiet    it answers, and has brought nothing new for longer than chance explains
    """
    if ended is None:
        return "new"
    if ended != "failed":
        return "quiet" if quiet else "well"
    if status == GONE:
        return "gone"
    if kind == "challenged":
        return "challenged"
    return "dead" if status == NOT_FOUND and lasting is not None and lasting >= DEAD_AFTER else "failing"
