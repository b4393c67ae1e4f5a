"""What to ask a hub for, and when to ask again.

In:    a subscription, and how often it went wrong.
Out:   the fields of a request; pauses.
Never: gives a hub up for ever.
"""

from __future__ import annotations

import random
from datetime import timedelta

from aggregator.model import Subscription

LEASE = timedelta(days=10)  # what we ask for, and take a hub to mean that does not say what it grants
LONGEST_LEASE = timedelta(days=30)  # renewed monthly at the least: a hub that lost its memory is found out
SOONEST_RENEWAL = timedelta(minutes=5)  # a lease of seconds must not become a busy loop
AGAIN = timedelta(minutes=10)  # after a request that came to nothing; doubled each time
LONGEST_PAUSE = timedelta(days=1)
AFTER_DENIAL = timedelta(days=1)  # doubled each time, up to a week: a hub may have been misconfigured for a while
LONGEST_AFTER_DENIAL = timedelta(days=7)
GOODBYES = 3  # requests to end a subscription; after that its address answers 410, which hubs understand too


def form(held: Subscription) -> list[tuple[str, str]]:
    """Return the fields of the request that a subscription is due for (WebSub, section 5.1)."""
    leaving = held.state == "leaving"
    fields = [
        ("hub.mode", "unsubscribe" if leaving else "subscribe"),
        ("hub.topic", held.topic),
        ("hub.callback", held.callback or ""),
    ]
    if leaving:
        return fields
    return [*fields, ("hub.lease_seconds", f"{LEASE.total_seconds():.0f}"), ("hub.secret", held.secret)]


def granted(lease: timedelta | None) -> timedelta:
    """Return for how long a subscription holds that a hub has confirmed."""
    return min(lease or LEASE, LONGEST_LEASE)


def renewal(lease: timedelta, rng: random.Random) -> timedelta:
    """Return after how much of a lease it is renewed: 80 to 90 %, so that those made together are renewed apart."""
    return max(SOONEST_RENEWAL, lease * rng.uniform(0.8, 0.9))


def again(
    failures: int, rng: random.Random, *, first: timedelta = AGAIN, longest: timedelta = LONGEST_PAUSE
) -> timedelta:
    """Return the pause after so many requests in a row that came to nothing; 0: after the first one."""
    return min(first * (1 << min(failures, 10)), longest) * rng.uniform(0.8, 1.2)


def after_denial(failures: int, rng: random.Random) -> timedelta:
    """Return the pause after a hub has said no. failures: before this one."""
    return again(failures, rng, first=AFTER_DENIAL, longest=LONGEST_AFTER_DENIAL)
