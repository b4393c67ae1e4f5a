"""index(room): the words of items into the index that searches ask, apart from polling and curating.

In:    curated items that the index does not have as they are: new, edited, withdrawn, or of before there was an index.
Out:   some of them in the index, the latest arrivals first, in one transaction.
Never: keeps a reader or a poll waiting: what is not indexed yet is found all the same, only slower.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aggregator import publish as publishing
from aggregator.model import StoredItem
from aggregator.pipeline.newsroom import Newsroom
from aggregator.query import terms_of, texts_of
from aggregator.store import words
from aggregator.store.words import Indexed

BATCH = 50  # items: a tenth of a second of reading, a few hundredths in the writer


async def index(room: Newsroom, batches: int = 1) -> int:
    """Index the next items, batch by batch; return how many there were in the last one."""
    batch: Sequence[StoredItem] = ()
    for _ in range(batches):
        batch = await room.store.read(words.unindexed, BATCH)
        if not batch:
            break
        some = await asyncio.to_thread(indexed, batch)
        await room.store.decide(words.index, some, room.clock())
    return len(batch)


def indexed(batch: Sequence[StoredItem]) -> list[Indexed]:
    """Return curated items with their terms; without any where they are withdrawn."""
    return [
        Indexed(
            seq=stored.seq,
            curated_at=stored.curated_at,
            sha256=stored.item.sha256,
            terms=() if stored.withdrawn else terms_of(texts_of(publishing.whole(stored))),
        )
        for stored in batch
        if stored.curated_at
    ]
