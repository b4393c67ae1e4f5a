"""What is the same: the same entry again, the same article elsewhere, the same event. With the evidence.

Beside it, who is cited (credit): what ten outlets have from one agency is told once.
"""

from aggregator.dedup.background import Background
from aggregator.dedup.copies import WITHIN, Place, join, shares_article
from aggregator.dedup.credit import credits_in
from aggregator.dedup.difference import Difference, difference
from aggregator.dedup.identity import changes, ranks
from aggregator.dedup.rulings import Rulings, joined, parted, told
from aggregator.dedup.stories import Article, Stories
from aggregator.dedup.window import SPAN

__all__ = [
    "SPAN",
    "WITHIN",
    "Article",
    "Background",
    "Difference",
    "Place",
    "Rulings",
    "Stories",
    "changes",
    "credits_in",
    "difference",
    "join",
    "joined",
    "parted",
    "ranks",
    "shares_article",
    "told",
]
