"""What is the same: the same entry again, the same article elsewhere, the same event. With the evidence."""

from aggregator.dedup.background import Background
from aggregator.dedup.copies import WITHIN, Place, join, shares_article
from aggregator.dedup.identity import changes, ranks
from aggregator.dedup.stories import Article, Stories
from aggregator.dedup.window import SPAN

__all__ = [
    "SPAN",
    "WITHIN",
    "Article",
    "Background",
    "Place",
    "Stories",
    "changes",
    "join",
    "ranks",
    "shares_article",
]
