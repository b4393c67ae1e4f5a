"""Ask those to wait who fetch a whole document again and again (output.md O27).

In:    who asks for what, and when; whether the request could have been answered 304.
Out:   how long to wait, or that there is no need to.
Never: holds back who asks with If-None-Match or If-Modified-Since: that costs us nothing. Or a neighbour: behind the
       addresses of our own networks stands a proxy, and behind it everybody.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from ipaddress import ip_address

WITHIN_S = 60.0
MOST = 10  # whole documents of one address to one peer in that time: readers of a household share a peer
KEPT = 10_000  # peers and documents that are counted, the latest


class Throttle:
    """Counts whole answers by peer and path."""

    def __init__(self) -> None:
        self._since: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def wait(self, peer: str, path: str, now: float) -> int:
        """Count one more whole answer; return after how many seconds to ask again, 0 if it may be given.

        now  seconds of a clock that only goes forward
        """
        if not _is_far(peer):
            return 0
        since, count = self._since.pop((peer, path), (now, 0))
        if now - since >= WITHIN_S:
            since, count = now, 0
        self._since[peer, path] = since, count + 1
        if len(self._since) > KEPT:
            self._since.popitem(last=False)
        return 0 if count < MOST else max(1, round(since + WITHIN_S - now))


@lru_cache(KEPT)
def _is_far(peer: str) -> bool:
    try:
        return not ip_address(peer).is_private
    except ValueError:
        return False
