"""What the curator has in mind: the articles of the last days and the words they are told apart by.

In:    items, in the order in which they are curated.
Out:   the groups they join; what the store must keep so that a restart goes on from there.
Never: is the truth: it is recalled from the store at the start, and whenever the two might differ.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from aggregator import publish as publishing
from aggregator.dedup import SPAN, Article, Background, Rulings, Stories
from aggregator.model import Item, Membership, StoredItem
from aggregator.query import texts_of
from aggregator.store import Store, rulings, stories
from aggregator.store.stories import Recalled, Words

PAGE = 1000  # items recalled at a time
KEEP_EVERY = 500  # articles: then the counts of their words are kept; fewer would be written again and again


@dataclass(slots=True)
class Desk:
    """Finds copies and stories, one item after the other."""

    stories: Stories
    version: str  # of the groups: rulings.version
    upto: int  # the newest Item.seq that was looked at
    kept_at: int  # articles that were counted when the counts were kept last
    since: datetime  # what came before is out of the window

    def place(
        self, seq: int, article: Article, twin: Membership | None, story: str | None, *, counted: bool = False
    ) -> tuple[Membership, ...]:
        """Return the memberships that an item brings; none where it has its place already, because it was edited.

        seq      of the item
        counted  whether its words are in the background already
        """
        self.upto = max(self.upto, seq)
        if article.key in self.stories or article.seen_at < self.since:
            return ()
        return self.stories.place(article, twin, story, counted=counted)

    def visit(self, article: Article, twin: Membership | None, story: str | None) -> tuple[Membership, ...]:
        """Return the memberships that an item of a private source brings, of which nothing is kept in mind."""
        return () if article.seen_at < self.since else self.stories.visit(article, twin, story)

    def recall(self, one: Recalled, *, counted: bool = True) -> None:
        """Take in an item with the place that it has."""
        if one.stored.key not in self.stories:
            article = article_of(one.stored, publishing.whole(one.stored), one.stored.language)
            self.stories.recall(article, story=one.story, copy=one.copy, counted=counted)
        self.upto = one.stored.seq

    def words(self) -> Words | None:
        """Return what changed in the counts of words, if it is time to keep that."""
        background = self.stories.background
        if abs(background.articles - self.kept_at) < KEEP_EVERY:
            return None
        self.kept_at = background.articles
        return Words(counts=background.changed(), articles=background.articles, upto=self.upto)


async def recalled(desk: Desk | None, store: Store, now: datetime) -> Desk:
    """Return a desk that knows all that was curated until now, by whomever."""
    version = await store.read(rulings.version)
    if desk is None or desk.version != version:
        words = await store.read(stories.words)
        background = Background(words.counts, words.articles)
        known = Stories(background, rulings=Rulings(await store.read(rulings.every)))
        desk, counted = Desk(known, version, 0, background.articles, now - SPAN), words.upto
    else:
        desk.since, counted = now - SPAN, desk.upto
    while page := await store.read(stories.recall, since=desk.since, after=desk.upto, limit=PAGE):
        await asyncio.to_thread(_take, desk, page, counted)
    return desk


def _take(desk: Desk, page: list[Recalled], counted: int) -> None:
    for one in page:
        desk.recall(one, counted=one.stored.seq <= counted)


def article_of(stored: StoredItem, item: Item, language: str | None) -> Article:
    """Return an item as stories see it. item: as `publish.whole` has it."""
    return Article(
        key=stored.key,
        source=stored.source,
        title=item.title,
        body=texts_of(item)["text"].raw,
        tongue=language or "",
        at=stored.sort_at,
        seen_at=stored.first_seen_at,
    )
