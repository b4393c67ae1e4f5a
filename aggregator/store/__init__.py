"""The store: what we remember, on SQLite or PostgreSQL.

Statements are plain functions that take a connection first; the Store runs them, each in one transaction:

    await store.write(polls.commit, outcome, claim.fence, gap=timedelta(seconds=2))
    waiting = await store.read(items.uncurated, 200)
"""

from aggregator.store import artefacts, deliveries, items, meta, polls, sources, stories, topics
from aggregator.store.engine import Store
from aggregator.store.line import Line, Seat

__all__ = ["Line", "Seat", "Store", "artefacts", "deliveries", "items", "meta", "polls", "sources", "stories", "topics"]
