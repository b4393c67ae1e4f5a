"""What is sent to hubs and to subscribers, and when again.

In:    what is to be said; how often it has failed.
Out:   forms, addresses, headers, pauses.
Never: sends anything.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from aggregator.model import Wish
from aggregator.push import rhythm
from aggregator.push.signature import sign
from aggregator.urls import ascii_only

AGAIN = timedelta(minutes=1)  # after a letter that did not arrive; doubled each time
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP = timedelta(days=1)  # what has not arrived by then waits for the next change of its feed (section 7)
MOST_TRIES = 3  # of what a callback is asked or told when it cannot be reached

Headers = list[tuple[bytes, bytes]]


def ping(address: str) -> list[tuple[str, str]]:
    """Return what tells a hub that a feed has changed.

    WebSub leaves open how (section 6). The first hubs read hub.url, some that came later hub.topic.
    """
    return [("hub.mode", "publish"), ("hub.url", address), ("hub.topic", address)]


def question(wish: Wish, challenge: str) -> str:
    """Return the address at which a callback is asked whether it means a wish (section 5.3)."""
    fields = {"hub.mode": wish.mode, "hub.topic": wish.address, "hub.challenge": challenge}
    if wish.mode == "subscribe":
        fields["hub.lease_seconds"] = f"{wish.lease.total_seconds():.0f}"
    return _with(wish.callback, fields)


def denial(callback: str, address: str, reason: str) -> str:
    """Return the address at which a callback is told that its subscription is over (section 5.2)."""
    return _with(callback, {"hub.mode": "denied", "hub.topic": address, "hub.reason": reason})


def _with(callback: str, fields: dict[str, str]) -> str:
    """Append to what the query holds already, which stays as it is (section 5.1.1)."""
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(fields)}"


def links(address: str, hubs: Sequence[str]) -> str:
    """Return the Link header of a feed: its hubs, and the address at which it is subscribed to (section 4)."""
    return ", ".join([*(f'<{ascii_only(hub)}>; rel="hub"' for hub in hubs), f'<{ascii_only(address)}>; rel="self"'])


def delivery(body: bytes, *, media_type: str, address: str, hub: str, secret: str | None) -> Headers:
    """Return the headers of a delivery, signed for whom has given a secret (section 7)."""
    headers: Headers = [(b"Content-Type", media_type.encode()), (b"Link", links(address, [hub]).encode())]
    if secret:
        headers.append((b"X-Hub-Signature", sign(body, secret).encode()))
    return headers


def again(failures: int, rng: random.Random) -> timedelta:
    """Return the pause after so many failures in a row, before this one."""
    return rhythm.again(failures, rng, first=AGAIN, longest=LONGEST_PAUSE)
