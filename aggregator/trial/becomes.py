"""What would become of a feed's items.

In:    a feed that was asked, the configuration if there is one, the moment.
Out:   its newest items with language, sections and topics, as on first contact.
Never: decides anything itself: what is said here is what a poll would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aggregator import dedup
from aggregator import publish as publishing
from aggregator.config import Config
from aggregator.model import Item, Source, StoredItem, Tagged, Verdict, key_of
from aggregator.pipeline import Beside, cited_of, facts_of
from aggregator.tag import Matcher, Muter, Tagger, language_of
from aggregator.trial.look import Asked

NEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """An item, and what would become of it."""

    item: Item
    language: str | None
    sections: tuple[Tagged, ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # of the topics that it matches, with why it would stay out


def prospects(asked: Asked, *, config: Config | None, now: datetime) -> tuple[Prospect, ...]:
    """Return the newest items of a feed, and where the present configuration would put them on first contact."""
    if asked.parsed is None:
        return ()
    ranks = dedup.ranks(asked.parsed.items)
    newest = sorted(asked.parsed.items, key=lambda item: ranks[item.id])[:NEWEST]
    stored = [_stored(item, asked.source, ranks[item.id], now) for item in newest]
    own = dedup.own_names(asked.source, asked.parsed.feed)
    return tuple(_sorted(stored, asked.source, own, config, now) if config else map(_unsorted, newest))


def _stored(item: Item, source: Source, rank: int, now: datetime) -> StoredItem:
    arrival, why = publishing.arrival(
        published=item.published, now=now, first_contact=True, previous_success=None, rank=rank, first=source.first
    )
    return StoredItem(
        key=key_of(source.id, item.id),
        seq=0,
        source=source.id,
        item=item,
        first_seen_at=now,
        arrival=arrival,
        arrival_why=why,
        rank=rank,
    )


def _sorted(
    items: Iterable[StoredItem], source: Source, own: frozenset[str], config: Config, now: datetime
) -> Iterable[Prospect]:
    """own: the names of its outlet."""
    tagger, matcher = Tagger(config.sections), Matcher(config.topics, config.rules)
    muter, ours = Muter(config.mutes, config.rules), dedup.Ours(config.sources.values())
    for stored in items:
        sections = tagger.tag(stored.item, source)
        language = language_of(stored.item, declared=source.language)
        facts = facts_of(
            stored,
            stored.item,
            source,
            sections=sections,
            language=language,
            owner=config.owners.get(source.id),
            beside=Beside(credits=ours.cited(cited_of(stored.item, own))),
            now=now,
        )
        hits = matcher.match(facts)
        muted = muter.muted(facts, now)
        verdicts = tuple(publishing.admit(config.topics[hit.topic], stored, hit.why, muted=muted) for hit in hits)
        yield Prospect(item=stored.item, language=language, sections=sections, verdicts=verdicts)


def _unsorted(item: Item) -> Prospect:
    return Prospect(item=item, language=language_of(item))
