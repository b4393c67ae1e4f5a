"""When to poll a source next, and why then. Pure: what we remember + how the poll ended + chance -> Due."""

from aggregator.schedule.backoff import after_failure, host_pause
from aggregator.schedule.decide import next_poll, too_short
from aggregator.schedule.hosts import forgiven, host_price, punished
from aggregator.schedule.interval import after_success
from aggregator.schedule.learning import expected, learn, quiet, quiet_at, refused
from aggregator.schedule.push import delivered, missed, unsubscribed
from aggregator.schedule.spread import spread

__all__ = [
    "after_failure",
    "after_success",
    "delivered",
    "expected",
    "forgiven",
    "host_pause",
    "host_price",
    "learn",
    "missed",
    "next_poll",
    "punished",
    "quiet",
    "quiet_at",
    "refused",
    "spread",
    "too_short",
    "unsubscribed",
]
