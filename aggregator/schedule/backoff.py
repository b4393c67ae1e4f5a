"""When to try a source again that failed.

In:    what we remember of it, the failure (kind, status, Retry-After), chance.
Out:   Due; and whether the whole host should be left alone.
Never: gives up silently. Every failure leads to another try (reliability.md, contract 5).
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Due, Hints, PollRule, PollState
from aggregator.schedule.hours import permitted
from aggregator.schedule.words import spoken

CAP = timedelta(hours=24)
GONE = timedelta(days=30)  # 410: the publisher said so on purpose; asked again monthly (P15)
SPREAD = 1.1  # at most so many times longer than need be, so that those that failed together come back one by one
LOST = 0.9  # of the longest pause, at least, after 404: daily is daily, and not twice a day on the average (P15)
UNWELCOME = timedelta(hours=4)  # 403, 429 and bot walls without a hint: least pause (P13)
POISONOUS = timedelta(hours=1)  # what the parser did not survive: least pause; it takes a process each time
HEARD_OUT = 5  # silences in a row, after which a host is asked by one source for all
UNHEARD, UNHEARD_CAP = timedelta(minutes=5), timedelta(hours=1)  # pauses between such questions: the first, the longest
OVERLOADED = timedelta(minutes=15)  # 503 without a hint: least pause of the host


def after_failure(
    state: PollState,
    rule: PollRule,
    *,
    kind: str = "",
    status: int | None,
    retry_after: timedelta | None,
    now: datetime,
    rng: random.Random,
) -> Due:
    """Return when to try again. `state` is from before the failure.

    Exponential with full jitter above the floor, a day at most (P14); what the server asks for is always kept.
    """
    if status == 410:  # noqa: PLR2004 - Gone
        return _due(GONE * rng.uniform(1, SPREAD), state, now, "410 Gone: asked again monthly")
    least = max(rule.floor, _least(kind, status))
    longest = min(least * SPREAD * 2 ** min(state.failures, 10), max(CAP, least * SPREAD))
    shortest = max(least, longest * LOST) if status == 404 else least  # noqa: PLR2004 - Not Found
    wait = shortest + (longest - shortest) * rng.random()
    due = _due(wait, state, now, f"failure {state.failures + 1} in a row")
    return heeded(due, retry_after, state.rhythm.hints, rule, now=now, rng=rng)


def _least(kind: str, status: int | None) -> timedelta:
    """Return how long what failed so is left alone at least, whatever is configured."""
    if status in (403, 429) or kind == "challenged":
        return UNWELCOME
    return POISONOUS if kind in ("parser-died", "parser-hung") else timedelta(0)


def heeded(
    due: Due, retry_after: timedelta | None, hints: Hints, rule: PollRule, *, now: datetime, rng: random.Random
) -> Due:
    """Return a decision, put off where an answer asks for more (Retry-After, P11), and at hours when we may come.

    retry_after  of whatever answer: a redirect, too, may ask for a pause before it leads to a document
    """
    at, why = due.at, due.why
    if retry_after is not None and now + retry_after > at:
        at, why = now + retry_after * rng.uniform(1, SPREAD), f"the server asks to stay away for {spoken(retry_after)}"
    at, moved = permitted(at, hints, rule, rng.random())
    return replace(due, at=at, why=why + moved, terms={**due.terms, "wait_s": (at - now).total_seconds()})


def _due(wait: timedelta, state: PollState, now: datetime, why: str) -> Due:
    interval = state.interval or wait  # the rhythm of a source is not forgotten over its failures
    return Due(
        at=now + wait,
        interval=interval,
        why=why,
        terms={"wait_s": wait.total_seconds(), "failures": state.failures + 1},
    )


def unheard(silences: int, sources: int, *, rng: random.Random) -> timedelta | None:
    """Return how long to leave a host alone that says nothing, whoever asks; None where each source waits for itself.

    After that one source asks for all. Its neighbours neither wait for the same silence one after another, nor come
    back ever later for it: they are due as they were, and are asked as soon as the host has answered.

    silences  polls in a row that it left without an answer
    sources   that we have there; the pauses of a single one are enough
    """
    if silences < HEARD_OUT or sources == 1:
        return None
    pause: timedelta = min(UNHEARD * 2 ** min(silences - HEARD_OUT, 10), UNHEARD_CAP)
    return pause * rng.uniform(1, SPREAD)


def host_pause(status: int | None, retry_after: timedelta | None) -> timedelta | None:
    """Return how long to leave the whole host alone: 429 and 503 speak for it, not for one feed (P12)."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return retry_after or UNWELCOME
    if status == 503:  # noqa: PLR2004 - Service Unavailable
        return retry_after or OVERLOADED
    return None
