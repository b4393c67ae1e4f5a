"""Addresses: the one that an article's links share, and the forms that may be printed."""

from aggregator.urls.comparing import canonical
from aggregator.urls.hosts import site_of
from aggregator.urls.printing import ascii_only, public, untracked

__all__ = ["ascii_only", "canonical", "public", "site_of", "untracked"]
