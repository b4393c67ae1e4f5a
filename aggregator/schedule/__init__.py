"""When to poll a source next, and why then. Pure: what we remember + how the poll ended + chance -> Due."""

from aggregator.schedule.backoff import after_failure, heeded, host_pause, unheard
from aggregator.schedule.decide import next_poll, too_short
from aggregator.schedule.fixed import phase
from aggregator.schedule.flaws import FLAWS, flaws
from aggregator.schedule.hosts import budget, forgiven, host_price, punished
from aggregator.schedule.hours import permitted
from aggregator.schedule.learning import expected, learn, quiet_at, refused
from aggregator.schedule.rate import FLEET_RATE, level_of
from aggregator.schedule.spread import OVERDUE, spread
from aggregator.schedule.words import spoken

__all__ = [
    "FLAWS",
    "FLEET_RATE",
    "OVERDUE",
    "after_failure",
    "budget",
    "expected",
    "flaws",
    "forgiven",
    "heeded",
    "host_pause",
    "host_price",
    "learn",
    "level_of",
    "next_poll",
    "permitted",
    "phase",
    "punished",
    "quiet_at",
    "refused",
    "spoken",
    "spread",
    "too_short",
    "unheard",
]
