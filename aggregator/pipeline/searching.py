"""search: which stored items a query finds, the latest arrival first.

In:    a query; the configuration, the store and its index of words.
Out:   what was found and why; how many items were read for that, and whether those were all.
Never: finds what is withdrawn or, for everybody, what is private; tells more of an article than its source allows;
       believes the index, which only says who may match: the query is asked of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, repeat
from time import monotonic
from typing import Literal, NamedTuple

from aggregator.config import Config
from aggregator.config.queries import asked, public_rules
from aggregator.dedup import Ours
from aggregator.model import Facts, Item, Republish, Source, StoredItem, Tagged
from aggregator.pipeline.asking import Beside, beside, facts_of
from aggregator.publish import whole
from aggregator.publish.compose import teaser
from aggregator.query import Query, Sought, Subject, parse, sought, wanted
from aggregator.store import Store, items, words
from aggregator.store import credits as cited_in

FIRST, PAGE = 30, 100  # candidates read at a time: mostly the newest ones are enough
SOME = 500  # items, where all are walked through


class Kept(NamedTuple):
    """A stored item, and what is known of it."""

    stored: StoredItem
    sections: tuple[Tagged, ...]
    beside: Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is read for one search, that it may not keep others waiting."""

    items: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An item that a query found."""

    kept: Kept
    why: str  # "": by words that must not be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was found, the latest arrival first."""

    hits: list[Hit]
    looked: int  # items that were read
    ended: Literal["enough", "all", "cut"]  # all that were asked for; all that there are; all within the bounds


class Archive:
    """All that is stored, as it may be searched by one configuration."""

    def __init__(self, store: Store, config: Config, *, public: bool) -> None:
        """Public: everybody searches, and finds nothing private or configured no more."""
        self._store, self._config, self._public = store, config, public
        self.sources = config.public_sources if public else config.sources
        self._ours = Ours(self.sources.values())
        self._rules = {name: parse(rule) for name, rule in (public_rules(config) if public else config.rules).items()}

    def asked(self, text: str) -> Query:
        """Return the query that a text says. Raises QueryError, also for a name that who asks cannot know."""
        return asked(text, self._config, public=self._public)

    def sought(self, query: Query) -> list[Sought]:
        """Return the words that a query looks for."""
        return sought(query, self._rules)

    def search(
        self,
        query: Query,
        limit: int,
        *,
        now: datetime,
        skip: int = 0,
        bounds: Bounds | None = None,
        ticks: Callable[[], float] = monotonic,
    ) -> Results:
        """Return the newest `limit` items that match, behind the first `skip`. Raises StoreError."""
        hits: list[Hit] = []
        looked, matched = 0, 0
        end = ticks() + bounds.seconds if bounds else float("inf")
        for one in self._candidates(query, lambda: ticks() > end):
            if one is None or (bounds and looked >= bounds.items):
                return Results(hits=hits, looked=looked, ended="cut")
            looked += 1
            why = self._matches(query, one, now)
            if why is None:
                continue
            matched += 1
            if matched > skip:
                hits.append(Hit(kept=one, why=why))
            if len(hits) == limit:
                return Results(hits=hits, looked=looked, ended="enough")
        return Results(hits=hits, looked=looked, ended="all")

    def _candidates(self, query: Query, late: Callable[[], bool]) -> Iterator[Kept | None]:
        """Yield the items that may match; None when it is late."""
        of_terms, before = wanted(query, self._rules), None
        for some in chain([FIRST], repeat(PAGE)):
            found = self._store.read_now(words.candidates, of_terms, some, before=before, public=self._public)
            mine = [one for one in found.items if not self._public or one.source in self.sources]
            for one in kept(self._store, self._config, self._ours, mine):
                yield None if late() else one
            before = found.before
            if before is None:
                return
            if late():
                yield None

    def _matches(self, query: Query, one: Kept, now: datetime) -> str | None:
        """Return why an item matches, as far as that may be told; None where it does not."""
        facts = facts_at(self._config, one, now)
        match = query.matches(Subject(facts, self._rules))
        if match is None or not self._public:
            return match.why if match else None
        shown = _shown(facts.item, self.sources[one.stored.source].republish)
        if shown is not facts.item:
            match = query.matches(Subject(replace(facts, item=shown), self._rules))
        return match.why if match else ""


def _shown(item: Item, republish: Republish | None) -> Item:
    """Return as much of an item as its source lets be quoted."""
    if republish == "teaser":
        return replace(item, summary=teaser(item), content="")
    return replace(item, summary="", content="") if republish == "link" else item


def stored_items(store: Store, config: Config, most: int | None = None) -> Iterator[Kept]:
    """Yield curated items, the latest arrival first."""
    ours = Ours(config.sources.values())
    before: int | None = None
    while some := store.read_now(items.newest, min(SOME, SOME if most is None else most), before=before):
        yield from kept(store, config, ours, some)
        before = some[-1].seq
        most = None if most is None else most - len(some)
        if most is not None and most <= 0:
            return


def kept(store: Store, config: Config, ours: Ours, some: Sequence[StoredItem]) -> Iterator[Kept]:
    """Yield these items with what the store knows of them."""
    keys = [one.key for one in some]
    sections = store.read_now(items.sections_of_all, keys)
    known = beside(config, ours, keys, store.read_now(cited_in.around, keys))
    yield from (Kept(one, sections.get(one.key, ()), known[one.key]) for one in some)


def facts_at(config: Config, one: Kept, now: datetime) -> Facts:
    """Return a stored item as queries see it."""
    stored, sections, known = one
    source = config.sources.get(stored.source) or Source(id=stored.source, url="")
    return facts_of(
        stored,
        whole(stored),
        source,
        sections=sections,
        language=stored.language,
        owner=config.owners.get(source.id),
        beside=known,
        now=now,
    )
