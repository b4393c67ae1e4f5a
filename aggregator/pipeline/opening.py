"""Make a newsroom ready, and bring its store in line with the configuration.

In:    a configuration and an open store; later perhaps another configuration.
Out:   a Newsroom that works by it.
Never: lets a change of rules dump the past into a reader (R11).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from aggregator import __version__
from aggregator.clock import Clock
from aggregator.config import Config
from aggregator.fetch import Client
from aggregator.model import (
    Site,
    Topic,
)
from aggregator.parse import Workers
from aggregator.pipeline.curating import admit_past
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.polling import FETCH_DEADLINE
from aggregator.pipeline.subscribing import callbacks_of, may_push
from aggregator.store import Store, meta, polls, subscriptions, topics
from aggregator.tag import Matcher, Tagger


@asynccontextmanager
async def open_newsroom(config: Config, store: Store, *, clock: Clock, rng: random.Random) -> AsyncIterator[Newsroom]:
    """Make all parts ready to work on this store, and bring the store in line with the configuration."""
    host = urlsplit(config.public_url).hostname or "localhost"
    authority = await store.write(meta.authority, config.authority or host, clock())
    client = Client(
        contact=config.contact,
        version=__version__,
        allow_private=config.allow_private,
        egresses=config.egresses,
        deadline=FETCH_DEADLINE,
    )
    async with client, Workers() as workers:
        room = Newsroom(
            config=config,
            store=store,
            client=client,
            workers=workers,
            clock=clock,
            rng=rng,
            authority=authority,
            site=Site(public_url=config.public_url, version=__version__),
            matcher=Matcher(config.topics, config.rules),
            tagger=Tagger(config.sections),
        )
        await _sync(room)
        yield room


async def reload(room: Newsroom, config: Config) -> None:
    """Work by another configuration from now on. Polls in flight end by the old one; what is stale is refused."""
    async with room.curating, room.publishing:
        room.config = config
        room.matcher, room.tagger = Matcher(config.topics, config.rules), Tagger(config.sections)
        room.site = replace(room.site, public_url=config.public_url)
        await _sync(room)


async def _sync(room: Newsroom) -> None:
    """Tell the store what is configured; admit the past that an edited topic asks for (R11)."""
    now = room.clock()
    config = room.config
    await room.store.write(polls.sync_sources, config.sources.values(), now)
    pushed = {source.id for source in config.sources.values() if may_push(config, source)}
    await room.store.write(subscriptions.keep_only, pushed, callbacks_of(config), now)
    rules = {topic.id: _rules_sha256(topic, config) for topic in config.topics.values()}
    added, edited = await room.store.write(topics.sync_topics, rules, now)
    for topic_id in (*added, *edited):
        if config.topics[topic_id].backfill:
            await admit_past(room, config.topics[topic_id])
    await room.store.write(topics.sync_faces, {topic.id: _face_of(topic, room) for topic in config.topics.values()})


def _rules_sha256(topic: Topic, config: Config) -> bytes:
    """Return the fingerprint of all that decides what is in a topic: a change of it is an edited rule (R11)."""
    sections = sorted((s.id, s.parent or "", s.words, s.not_words) for s in config.sections.values())
    decides = (topic.match, topic.not_, topic.fold, sorted(config.rules.items()), sections)
    return hashlib.sha256(repr(decides).encode()).digest()


def _face_of(topic: Topic, room: Newsroom) -> str:
    """Return the fingerprint of what a topic's documents show beside entries: a change of it is rendered at once."""
    sections = sorted((section.id, section.title) for section in room.config.sections.values())
    return hashlib.sha256(repr((topic, room.site, room.authority, sections)).encode()).hexdigest()
