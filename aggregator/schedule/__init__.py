"""When to poll a source next, and why then. Pure: what we remember + how the poll ended + chance -> Due."""

from aggregator.schedule.backoff import after_failure, host_pause
from aggregator.schedule.interval import after_success

__all__ = ["after_failure", "after_success", "host_pause"]
