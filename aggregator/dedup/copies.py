"""Is this the same article as one of another source?

In:    an item, its canonical address, and the items that share it.
Out:   the memberships that put it into a group of copies, with the evidence.
Never: merges two items of one source, or by an address that is no article's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator.model import Membership

RULE = 1  # version of what this file decides; stored with every membership
WITHIN = timedelta(days=30)  # an address told again after a month is a new matter (anniversaries, evergreen pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An item that has a canonical address, and the group it is in."""

    key: str
    source: str
    story: str | None


def shares_article(url: str | None) -> bool:
    """Tell whether an address can stand for one article: a front page cannot."""
    if url is None:
        return False
    parts = urlsplit(url)
    return parts.path not in ("", "/") or bool(parts.query)


def join(item: Place, others: Sequence[Place], url: str) -> tuple[Membership, ...]:
    """Return the memberships that `item` brings, none if it is alone.

    others: the items with the same canonical address, oldest first. Where any one source uses the address for more
    than one item, it is a section's or a live page's, not an article's, and nobody is merged by it.
    """
    sources = [other.source for other in others]
    if item.story is not None or item.source in sources or len(set(sources)) < len(sources) or not others:
        return ()
    head = others[0]
    story = next((other.story for other in others if other.story), head.key)
    mine = _member(item.key, story, head.key, "same-url", url)
    if any(other.story for other in others):
        return (mine,)
    return (_member(head.key, story, head.key, "first", url), mine)


def _member(key: str, story: str, of: str, method: str, url: str) -> Membership:
    return Membership(story=story, item=key, of=of, method=method, score=1.0, evidence=url, rule=RULE)
