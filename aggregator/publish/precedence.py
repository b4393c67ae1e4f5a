"""Who gives a story its face (publication.md R2, R4; content.md A40).

In:    candidates of one story.
Out:   their order, the best one first.
Never: believes a date or an address that a publisher claims.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from aggregator.model import Candidate
from aggregator.urls import site_of


def precedence(candidate: Candidate) -> tuple[float, float, bool, datetime, str]:
    """Order members by whom a person pinned last, priority, first seen by us.

    Of those with one priority, who publishes on its own site goes before who only links there, however early we saw
    that: nobody takes the face of another's article by its address.
    """
    pinned = candidate.pinned_at.timestamp() if candidate.pinned_at else 0.0
    stored = candidate.stored
    return (-pinned, -candidate.priority, _links_away(candidate), stored.first_seen_at, stored.key)


def _links_away(candidate: Candidate) -> bool:
    """Whether an item is at another site than the feed that brought it, as that is configured and not as it claims."""
    link = candidate.stored.item.link
    return link is not None and _site(link) != _site(candidate.origin.url)


def _site(url: str) -> str:
    return site_of(urlsplit(url).hostname or "")
