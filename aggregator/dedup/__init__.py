"""What is the same: the same entry again (identity), the same article elsewhere (copies). Pure, with the evidence.

Beside it, who is cited (credit): what ten outlets have from one agency is told once.
"""

from aggregator.dedup.copies import WITHIN, Place, join, shares_article
from aggregator.dedup.identity import changes, ranks

__all__ = ["WITHIN", "Place", "changes", "join", "ranks", "shares_article"]
