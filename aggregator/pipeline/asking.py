"""What queries may ask of items: what they say, what is configured, and what is known of them beside.

In:    stored items, the configuration, the store.
Out:   Facts.
Never: asks a query, or writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator import publish as publishing
from aggregator.config import Config
from aggregator.dedup import Ours, Tellers, credits_in
from aggregator.model import Cited, Credit, Facts, Item, Source, StoredItem, Tagged, Telling
from aggregator.pipeline.newsroom import Newsroom
from aggregator.query import texts_of
from aggregator.store.credits import Around
from aggregator.tag import language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known of an item beside itself."""

    credits: tuple[Cited, ...] = ()
    outlets: int = 1  # that tell its story


def facts_of(
    stored: StoredItem,
    item: Item,
    source: Source,
    *,
    sections: tuple[Tagged, ...],
    language: str | None,
    owner: str | None,
    beside: Beside,
    now: datetime,
) -> Facts:
    """Return an item as queries see it. item: as `publish.whole` has it. owner: of its source, by `Config.owners`."""
    return Facts(
        item=item,
        source=source.id,
        groups=source.groups,
        owner=owner,
        sections=sections,
        language=language,
        credits=beside.credits,
        outlets=beside.outlets,
        age=now - stored.sort_at,
    )


def facts_now(room: Newsroom, stored: StoredItem, sections: tuple[Tagged, ...], known: Beside, now: datetime) -> Facts:
    """Return what queries may ask of an item by the present configuration."""
    source, item = room.source(stored.source), publishing.whole(stored)
    language = language_of(item, declared=source.language)
    owner = room.config.owners.get(source.id)
    return facts_of(stored, item, source, sections=sections, language=language, owner=owner, beside=known, now=now)


def cited_of(item: Item, own: Collection[str]) -> tuple[Credit, ...]:
    """Return who is cited in an item. item: as `publish.whole` has it. own: the names of its outlet."""
    return credits_in(f"{item.title}\n{texts_of(item)['text'].raw}", own)


def beside(config: Config, ours: Ours, keys: Collection[str], around: Around) -> dict[str, Beside]:
    """Return what is known of stored items at this moment, by key. around: as `store.credits.around` has it."""
    outlets: dict[str, int] = {}
    for story in around.stories:
        outlets |= dict.fromkeys((one.item for one in story), voices(config, story))
    return {key: Beside(credits=ours.cited(around.credits.get(key, ())), outlets=outlets.get(key, 1)) for key in keys}


def voices(config: Config, story: Sequence[Telling]) -> int:
    """Return how many outlets tell a story independently. Private ones count for nothing (Visibility)."""
    public = [one for one in story if not ((source := config.sources.get(one.source)) and source.private)]
    return max(len(Tellers(public, config.sources, config.owners).independent().voices), 1)
