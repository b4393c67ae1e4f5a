"""When to poll a source that answers.

In:    what we remember of it, what a person asked for, whether the poll brought something new.
Out:   Due: the moment, the rhythm behind it, and the sentence that says why.
Never: reads the clock, draws chance of its own, or knows how polling is done.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from aggregator.model import Due, PollRule, PollState
from aggregator.schedule.words import spoken

FIRST = timedelta(hours=1)  # the rhythm of a source we know nothing of yet
FASTER = 0.5  # something new came: come twice as often
SLOWER = 1.4  # nothing new: about two misses undo one hit, so a busy source stays near its own rhythm
SPREAD = 0.1  # at most so much later, so that sources added together do not stay together


def after_success(
    state: PollState, rule: PollRule, *, new: bool, now: datetime, rng: random.Random, ttl: timedelta | None = None
) -> Due:
    """Return when to poll again after an answer.

    new  whether the document held items we had not seen
    ttl  the feed's own wish (RSS `ttl`): a lower bound, as far as the ceiling

    Never sooner than the rhythm: chance only adds, because the floor is a promise to publishers (P07).
    """
    interval, why = _rhythm(state, rule, new=new)
    if ttl is not None and rule.every is None and ttl > interval:
        interval, why = min(ttl, max(rule.ceiling, interval)), "the feed asks for it (ttl)"
    wait = interval * rng.uniform(1, 1 + SPREAD)
    terms = {"interval_s": interval.total_seconds(), "wait_s": wait.total_seconds(), "new": float(new)}
    return Due(at=now + wait, interval=interval, why=f"every {spoken(interval)}: {why}", terms=terms)


def _rhythm(state: PollState, rule: PollRule, *, new: bool) -> tuple[timedelta, str]:
    if rule.every is not None:
        return rule.every, "as configured"
    if state.interval is None:
        return _within(FIRST, rule), "first contact"
    if new:
        return _within(state.interval * FASTER, rule), "the last poll brought something new"
    return _within(state.interval * SLOWER, rule), "the last poll brought nothing new"


def _within(interval: timedelta, rule: PollRule) -> timedelta:
    return min(max(interval, rule.floor), max(rule.ceiling, rule.floor))
