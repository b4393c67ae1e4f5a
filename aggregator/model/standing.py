"""How a source stands, in one word: the same in `status`, on pages, and as a label of the metrics.

In:    how its last poll ended.
Out:   one of STATES.
Never: decides when to poll.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from aggregator.model.incident import Incident, IncidentKind
from aggregator.model.outcome import Ended, PollOutcome
from aggregator.model.source import PollState

Standing = Literal["gone", "dead", "challenged", "failing", "quiet", "new", "well"]

STATES: tuple[Standing, ...] = ("gone", "dead", "challenged", "failing", "quiet", "new", "well")  # the worst first
DEAD_AFTER = timedelta(days=30)  # of 404 without a break (P15)
NOT_FOUND, GONE = 404, 410
BROKEN_AFTER = 3  # failures in a row: with back-off about an hour, and no hiccup any more


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


def incidents_of(before: PollState, outcome: PollOutcome) -> tuple[Incident, ...]:
    """Return what a poll may have to tell. before: what was remembered when it began."""
    found: list[tuple[IncidentKind, str]] = []
    after = outcome.state
    since, last = after.problem_since, after.last_poll_at
    word = standing(
        outcome.ended,
        status=outcome.status,
        kind=outcome.kind,
        lasting=last - since if since and last else None,
        quiet=after.quiet,
    )
    if word in ("gone", "dead", "challenged"):
        found.append((word, outcome.problem))
    elif word == "failing" and after.failures >= BROKEN_AFTER:
        found.append(("broke", outcome.problem))
    elif word == "quiet":
        found.append(("quiet", ""))
    elif word == "well" and (before.failures or before.quiet or before.document == 0):
        found.append(("recovered", ""))
    if after.adopted_url and after.adopted_url != before.adopted_url:
        found.append(("moved", after.adopted_url))
    return tuple(
        Incident(at=outcome.at, about="source", name=outcome.source, kind=kind, problem=problem)
        for kind, problem in found
    )
