"""/private/TOKEN/feeds/TOPIC.atom|rss|json and /private/TOKEN/topics/TOPIC: the documents of private topics.

In:    a path, the store's tokens, the shelf, the configured topics.
Out:   the resource, or what to say instead.
Never: tells a wrong token, a topic that it does not open and a topic that is not private from nothing at all; keeps a
       token in mind: a revoked one opens nothing from the next request on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from aggregator.errors import StoreError
from aggregator.model import Topic
from aggregator.serve.answer import Answer, Resource, moved
from aggregator.serve.feeds import address_of, named_now, path_of
from aggregator.serve.shelf import PRIVATE_CACHE, Shelf
from aggregator.store import Store, tokens

PRIVATE = "/private/"
_PATH = re.compile(rf"{PRIVATE}([A-Za-z0-9_-]{{43}})(/.*)")  # 32 bytes, urlsafe


class PrivateDocuments:
    """Finds a document for whoever has a token."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        topics: Callable[[], Mapping[str, Topic]],
        problems: Mapping[int, Answer],
        root: str = "",
    ) -> None:
        self._store, self._shelf, self._topics, self._problems, self._root = store, shelf, topics, problems, root
        self._opened: dict[bytes, str] = {}  # what tokens opened last, for when the store does not answer

    async def find(self, path: str) -> Resource | Answer | None:
        """Return what stands at a path that begins with PRIVATE; None where there is nothing. Raises StoreError."""
        asked = _PATH.fullmatch(path)
        if asked is None:
            return None
        opened = await self._topic_of(tokens.hash_of(asked[1]))
        topic, kind = address_of(asked[2])
        if kind and (named := named_now(topic, self._topics())) and opened == named.id:
            return moved(f"{self._root}{PRIVATE}{asked[1]}{path_of(named.id, kind)}", cache=PRIVATE_CACHE)
        configured = self._topics().get(topic)
        if kind is None or opened != topic or configured is None or not configured.private:
            return None
        return self._shelf.get(topic, kind, private=True) or self._problems[503]

    async def _topic_of(self, hashed: bytes) -> str | None:
        """Return what a token opens, or opened when the store was asked last. Raises StoreError for one never seen."""
        try:
            opened = await self._store.read(tokens.topic_of, hashed)
        except StoreError:
            if hashed not in self._opened:
                raise
            return self._opened[hashed]
        if opened is None:
            self._opened.pop(hashed, None)
        else:
            self._opened[hashed] = opened
        return opened
