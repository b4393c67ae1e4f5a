"""Is this the same article as one of another source: at the same address, or in the same words?

In:    an item, its canonical address, and the items that share it; two texts.
Out:   the memberships that put it into a group of copies, with the evidence.
Never: merges two items of one source, or by an address that is no article's.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator.dedup.fingerprint import resemblance
from aggregator.dedup.roots import Root
from aggregator.model import Membership

RULE = 1  # version of what this file decides; stored with every membership
WITHIN = timedelta(days=30)  # an address told again after a month is a new matter (anniversaries, evergreen pages)
LONG = 40  # shingles from which a text alone proves a copy; a shorter one may be a phrase that many use
WHOLE, PART = 0.6, 0.8  # the least resemblance of long texts: in all, or of the shorter one
SHORTER = 0.5  # the least length of the shorter one beside the longer: a quotation is no copy
SHORT = 8  # shingles below which a text proves nothing
SHORT_WHOLE, TITLES = 0.8, 0.6  # the least resemblance of short texts and of the titles above them


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What of an article tells whether another one is a copy of it."""

    title: array[Root]  # without numbers and days (series.py)
    text: array[int]  # its fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An item that has a canonical address, and the groups it is in."""

    key: str
    source: str
    copy: str | None = None
    story: str | None = None


def shares_article(url: str | None) -> bool:
    """Tell whether an address can stand for one article: a front page cannot."""
    if url is None:
        return False
    parts = urlsplit(url)
    return parts.path not in ("", "/") or bool(parts.query)


def join(item: Place, others: Sequence[Place], url: str) -> Membership | None:
    """Return the place of `item` among its copies, None if it is alone.

    others: the items with the same canonical address, oldest first. Where any one source uses the address for more
    than one item, it is a section's or a live page's, not an article's, and nobody is merged by it.
    """
    sources = [other.source for other in others]
    if not others or item.source in sources or len(set(sources)) < len(sources):
        return None
    head = others[0]
    group = next((other.copy for other in others if other.copy), head.key)
    return Membership(
        kind="copy", story=group, item=item.key, of=head.key, method="same-url", score=1.0, evidence=url, rule=RULE
    )


def same_text(one: Print, other: Print) -> float:
    """Return how sure two articles are one text, 0 where they are not."""
    alike = resemblance(one.text, other.text)
    shorter, longer = sorted((len(one.text), len(other.text)))
    if shorter >= LONG and shorter >= SHORTER * longer:
        return max(alike.whole, alike.part) if alike.whole >= WHOLE or alike.part >= PART else 0.0
    short = shorter >= SHORT and alike.whole >= SHORT_WHOLE and same_title(one, other)
    return alike.whole if short else 0.0


def same_title(one: Print, other: Print) -> bool:
    """Whether two titles have most of their words in common."""
    mine, theirs = set(one.title), set(other.title)
    return len(mine & theirs) >= TITLES * max(len(mine | theirs), 1)
