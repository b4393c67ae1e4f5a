"""When to poll a source that answered, and why then.

In:    its Rhythm, the person's rule, the moment of the last poll, what its host bears, chance.
Out:   Due: the moment, the interval, every term of the decision by name, one plain sentence.
Never: reads the clock, draws chance of its own, or goes under the floor.

The next poll is the smallest t with weight * INTEGRAL[last..t] rate(s) (t - s) ds >= kappa * cost * mu: when the news
that is expected has waited so long together that a request is worth it. For a steady rate the interval is
sqrt(2 kappa / rate), which of all ways to spend a number of requests makes the mean wait least.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.model import Due, PollRule, Rhythm
from aggregator.schedule import fixed
from aggregator.schedule.hints import bounded
from aggregator.schedule.hours import permitted
from aggregator.schedule.learning import silence
from aggregator.schedule.rate import DAY_HOURS, FLEET_RATE, HOUR, as_hours, curve_of, level_of
from aggregator.schedule.words import spoken

KAPPA = 25.0  # item-minutes that one request is worth at eager: 1
USUAL_BYTES = 30_000  # of an answer: what a request costs beyond being one
CHEAPEST, DEAREST = 0.5, 8.0  # without a byte; from half a megabyte on
# How much more an item of a quiet source weighs: (items a day / 4) ** -QUIETER. When only the mean item was minded, it
# waited 6 % less, and the slowest tenth of the sources twice as long (docs/decisions/0006-when-to-poll.md).
QUIETER = 0.2
MINUTE = timedelta(minutes=1)
PUSHED = timedelta(hours=6)  # between polls while a hub tells of news; they never stop, for a hub may forget us
SPREAD = 0.05  # at most so much later, so that sources added together do not stay together


@dataclass(slots=True)
class _Choice:
    """An interval on its way through the bounds, and the last thing that moved it."""

    interval: timedelta
    why: str
    terms: dict[str, float | str] = field(default_factory=dict)

    def at_least(self, bound: timedelta, why: str) -> None:
        if bound > self.interval:
            self.interval, self.why = bound, why

    def at_most(self, bound: timedelta, why: str) -> None:
        if bound < self.interval:
            self.interval, self.why = bound, why


def next_poll(
    source: str,
    rhythm: Rhythm,
    rule: PollRule,
    *,
    last: datetime,
    now: datetime,
    rng: random.Random,
    zone: str | None = None,
    fleet_rate: float = FLEET_RATE,
    mu: float = 1.0,
    pushed: bool = False,
) -> Due:
    """Return when to poll a source again after a success. Never before `now`.

    source      its id: its phase among all comes of it
    last        the moment of the poll that was just made (or, deciding anew without a poll, of the last one)
    zone        IANA, of the source, if known: how its day is expected to go before it has shown
    fleet_rate  items a day of the median source, for one that has not shown its own
    pushed      its hub tells us of its news, and has kept its word lately (WebSub)
    mu          what a request to its host costs now: host_price() x penalty; 1 is normal
    """
    phase = fixed.phase(source)
    if rule.cron is not None or rule.every is not None:
        return _fixed(rhythm, rule, phase=phase, last=last, now=now)
    choice = _wanted(rhythm, rule, last=last, zone=zone, fleet_rate=fleet_rate, mu=mu)
    _bound(choice, rhythm, rule, pushed=pushed)
    wait = min(choice.interval * rng.uniform(1, 1 + SPREAD), max(choice.interval, rule.ceiling))
    return _settled(choice, rhythm, rule, phase=phase, at=last + wait, now=now)


def too_short(rhythm: Rhythm, rule: PollRule) -> timedelta | None:
    """Return how often a source had to be polled so that its document loses nothing, None if it is polled so already.

    Under the floor we do not go by ourselves: a person may, with `under_floor`. Whole minutes, one at least.
    """
    guard = rhythm.turnover / 2 if rhythm.turnover is not None else rule.floor
    least = fixed.least(rule) if rule.every is None else rule.every
    return max(MINUTE, guard // MINUTE * MINUTE) if guard < least else None


def _fixed(rhythm: Rhythm, rule: PollRule, *, phase: float, last: datetime, now: datetime) -> Due:
    """Return the next poll of what a person fixed. A publisher's hints move it only where `obey` says so."""
    if rule.hints != "obey":
        rule = replace(rule, hints="ignore")
    if rule.cron is not None:
        at = fixed.after_cron(rule, rule.cron, phase, last)
        choice = _Choice(at - last, f"cron {rule.cron.text!r}, as configured")
    else:
        at = fixed.after_every(rule, phase, last)
        choice = _Choice(max(rule.every or rule.floor, fixed.least(rule)), "as configured")
    _heed(choice, rhythm, rule)
    return _settled(choice, rhythm, rule, phase=phase, at=max(at, last + choice.interval), now=now)


def _wanted(
    rhythm: Rhythm, rule: PollRule, *, last: datetime, zone: str | None, fleet_rate: float, mu: float
) -> _Choice:
    """Return the interval that the rhythm alone asks for, the ceiling at most."""
    level = level_of(rhythm, fleet_rate)
    cost = _cost(rhythm)
    weight = rule.weight * (level / FLEET_RATE) ** -QUIETER
    hush = max(1.0, silence(rhythm, last, zone=zone, fleet_rate=fleet_rate))
    delay = KAPPA / rule.eager * cost * mu / weight * hush / 60
    curve = curve_of(rhythm, zone=zone, fleet_rate=fleet_rate)
    start = as_hours(last)
    end = curve.worth(start, delay, start + rule.ceiling / HOUR)
    due = curve.mass(start, end)
    terms: dict[str, float | str] = {
        "rate_per_day": _short(level),
        "due_items": _short(due),
        "season_and_burst": _short(due / (end - start) * DAY_HOURS / level),
        "burst": _short(curve.burst),
        "kappa_min": KAPPA / rule.eager,
        "weight": _short(weight),
        "cost": _short(cost),
        "hush": _short(hush),
        "mu": _short(mu),
        "wanted_s": round((end - start) * 3600),
    }
    return _Choice((end - start) * HOUR, _because(rhythm, level, burst=curve.burst > 1, hush=hush > 1, mu=mu), terms)


def _because(rhythm: Rhythm, level: float, *, burst: bool, hush: bool, mu: float) -> str:
    why = f"it brings {_often(level)}" if rhythm.days else "its rhythm is not known yet"
    if burst:
        why += ", and more than usual just now"
    if hush:
        why += ", but has been silent for longer than chance explains"
    return why + (", and its host has enough to bear" if mu > 1 else "")


def _often(level: float) -> str:
    """Return a rate as people say it."""
    if level >= 1:
        return f"about {level:.2g} items a day" if level < 99.5 else f"about {level:.0f} items a day"  # noqa: PLR2004
    return f"about one item in {1 / level:.2g} days"


def _bound(choice: _Choice, rhythm: Rhythm, rule: PollRule, *, pushed: bool) -> None:
    """Lead an interval through its bounds: what must not be lost, what a person set, what others ask of us."""
    if rhythm.turnover is not None:
        guard = rhythm.turnover / 2
        choice.terms["turnover_s"] = round(rhythm.turnover.total_seconds())
        choice.at_most(guard, f"its whole document was once replaced within {spoken(rhythm.turnover)}")
    if rhythm.gap:
        choice.at_most(choice.interval / 2, "nothing we knew was left in its document, so something may be lost")
    choice.at_most(max(rule.ceiling, rule.floor), "never more rarely (ceiling)")
    choice.at_least(rule.floor, f"{choice.why}, but never more often (floor)")
    if pushed:
        choice.at_least(min(PUSHED, max(rule.ceiling, rule.floor)), "its hub tells us what is new (WebSub)")
    _heed(choice, rhythm, rule)


def _heed(choice: _Choice, rhythm: Rhythm, rule: PollRule) -> None:
    """Lengthen an interval by what the publisher asks for, and by what its refusals taught."""
    asked, who = bounded(rhythm.hints, rule, choice.interval)
    if who:
        choice.terms["hint"] = who
        choice.at_least(asked, f"the publisher asks for it ({who})")
    if rhythm.refused is not None:
        choice.at_least(rhythm.refused, "it refused us lately, so we come back step by step")


def _settled(choice: _Choice, rhythm: Rhythm, rule: PollRule, *, phase: float, at: datetime, now: datetime) -> Due:
    """Return the decision, its moment moved on to where it is allowed."""
    moment, interval, terms = max(at, now), choice.interval, choice.terms
    why = choice.why if rule.cron else f"every {spoken(interval)}: {choice.why}"
    moment, moved = permitted(moment, rhythm.hints, rule, phase)
    return Due(
        at=moment,
        interval=interval,
        why=why + moved,
        terms=terms | {"interval_s": round(interval.total_seconds()), "wait_s": round((moment - now).total_seconds())},
    )


def _cost(rhythm: Rhythm) -> float:
    """Return what a poll of this source costs, 1 where it moves as many bytes as usual."""
    if rhythm.bytes_a_poll is None:
        return 1.0
    return min(max(0.5 + 0.5 * rhythm.bytes_a_poll / USUAL_BYTES, CHEAPEST), DEAREST)


def _short(number: float) -> float:
    return float(f"{number:.3g}")
