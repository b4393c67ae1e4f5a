"""What is the same: the same entry again, the same article elsewhere, the same event. With the evidence.

Beside it, who is cited (credit): what ten outlets have from one agency is told once, and by whom first (teller).
"""

from aggregator.dedup.background import Background
from aggregator.dedup.cited.own import Ours, names_of, own_names
from aggregator.dedup.copies import WITHIN, Place, join, shares_article
from aggregator.dedup.credit import credits_in
from aggregator.dedup.difference import Difference, difference
from aggregator.dedup.doubts import DAY, FLAWS, drift, empties, flaws, flooded, restless, strange
from aggregator.dedup.identity import Recognised, by_id, ranks, recognise
from aggregator.dedup.rulings import Rulings, joined, parted, told
from aggregator.dedup.stories import Article, Stories
from aggregator.dedup.teller import Tellers
from aggregator.dedup.window import SPAN

__all__ = [
    "DAY",
    "FLAWS",
    "SPAN",
    "WITHIN",
    "Article",
    "Background",
    "Difference",
    "Ours",
    "Place",
    "Recognised",
    "Rulings",
    "Stories",
    "Tellers",
    "by_id",
    "credits_in",
    "difference",
    "drift",
    "empties",
    "flaws",
    "flooded",
    "join",
    "joined",
    "names_of",
    "own_names",
    "parted",
    "ranks",
    "recognise",
    "restless",
    "shares_article",
    "strange",
    "told",
]
