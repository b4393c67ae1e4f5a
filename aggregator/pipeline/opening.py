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

from aggregator import __version__, metrics
from aggregator.clock import Clock
from aggregator.config import Config, former_names
from aggregator.dedup import Ours
from aggregator.fetch import Client
from aggregator.fetch.guard import is_private_name
from aggregator.log import tell
from aggregator.model import (
    Section,
    Site,
    Topic,
)
from aggregator.parse import Workers
from aggregator.pipeline import hosting
from aggregator.pipeline.curating import admit_past
from aggregator.pipeline.hosting import hubs_of
from aggregator.pipeline.newsroom import Newsroom, Role
from aggregator.pipeline.pacing import pace
from aggregator.pipeline.polling import FETCH_DEADLINE
from aggregator.pipeline.subscribing import callbacks_of, may_push
from aggregator.store import Store, meta, polls, renaming, subscriptions, topics, visibility
from aggregator.tag import Matcher, Muter, Tagger

OUTWARD = ("contact", "subscribers", "allow_private", "egresses")  # what a client is made of


@asynccontextmanager
async def open_newsroom(
    config: Config, store: Store, *, clock: Clock, rng: random.Random, role: Role = "all"
) -> AsyncIterator[Newsroom]:
    """Make all parts ready to work on this store, and bring the store in line with the configuration.

    Where others may share the store, topics are left to whoever takes the curator's seat.
    """
    host = urlsplit(config.public_url).hostname or "localhost"
    authority = await store.write(meta.authority, config.authority or host, clock())
    store_name = await store.write(meta.store_name, f"{rng.getrandbits(32):08x}")
    async with Workers() as workers:
        room = Newsroom(
            config=config,
            store=store,
            client=client_of(config, clock),
            workers=workers,
            clock=clock,
            rng=rng,
            authority=authority,
            store_name=store_name,
            site=Site(public_url=config.public_url, version=__version__, hubs=hubs_of(config, config.public_url)),
            matcher=Matcher(config.topics, config.rules),
            tagger=Tagger(config.sections),
            ours=Ours(config.sources.values()),
            muter=Muter(config.mutes, config.rules),
            role=role,
        )
        try:
            await _sync(room)
            await pace(room)
            yield room
        finally:
            await room.client.aclose()


def client_of(config: Config, clock: Clock, *, allow_private: tuple[str, ...] = ()) -> Client:
    """Return a client that goes out as it is configured.

    allow_private  networks beyond the configured ones
    """
    return Client(
        contact=config.contact or _about(config.public_url),
        version=__version__,
        subscribers=config.subscribers,
        allow_private=(*config.allow_private, *allow_private),
        egresses=config.egresses,
        deadline=FETCH_DEADLINE,
        clock=clock,
    )


def _about(public_url: str) -> str:
    """Return the address of our own page for publishers; "" where none of them could open it."""
    return "" if is_private_name(urlsplit(public_url).hostname or "") else f"{public_url}/about"


async def reload(room: Newsroom, config: Config) -> list[str]:
    """Work by another configuration from now on. Polls in flight end by the old one; what is stale is refused.

    Returns the topics whose documents must not be handed out any more, until they are published again.
    """
    async with room.curating, room.publishing:
        before, room.config = room.config, config
        room.site = replace(room.site, hubs=hubs_of(config, room.site.public_url))
        room.matcher, room.tagger = Matcher(config.topics, config.rules), Tagger(config.sections)
        room.learner = None
        room.muter, room.ours = Muter(config.mutes, config.rules), Ours(config.sources.values())
        if any(getattr(before, key) != getattr(config, key) for key in OUTWARD):
            former, room.client = room.client, client_of(config, room.clock)
            await former.aclose()  # only what is idle: polls in flight end with the client they began with
        return await _sync(room)


async def _sync(room: Newsroom) -> list[str]:
    """Tell the store what is configured, as far as that is for us to say. Returns as `reload`."""
    if room.role != "serve":
        await _sync_sources(room)
    return await sync_topics(room) if room.store.seat.held else []


async def _sync_sources(room: Newsroom) -> None:
    now, config = room.clock(), room.config
    metrics.unverified(sum(not source.access.verify for source in config.sources.values()))
    await room.store.write(polls.sync_sources, config.sources.values(), now)
    pushed = {source.id for source in config.sources.values() if may_push(config, source)}
    await room.store.write(subscriptions.keep_only, pushed, callbacks_of(config), now)


async def sync_topics(room: Newsroom) -> list[str]:
    """Tell the store what topics are configured; admit the past that an edited one asks for (R11). Returns as `reload`.

    For the one curator: at the start, at a reload, and whenever the seat was taken.
    """
    now, config = room.clock(), room.config
    for topic, former in (await room.store.decide(renaming.rename, former_names(config))).items():
        tell("info", "topic.renamed", topic=topic, former=former)
    rules = {topic.id: _rules_sha256(topic, config) for topic in config.topics.values()}
    asking = {topic.id for topic in config.topics.values() if topic.backfill}
    for topic_id in await room.store.decide(topics.sync_topics, rules, now, backfilled=asking):
        await admit_past(room, config.topics[topic_id], rules[topic_id])
    await room.store.decide(topics.sync_faces, {topic.id: _face_of(topic, room) for topic in config.topics.values()})
    await hosting.sync(room)
    return await room.store.decide(visibility.keep, config.topics, now)


def _rules_sha256(topic: Topic, config: Config) -> bytes:
    """Return the fingerprint of all that decides what is in a topic: a change of it is an edited rule (R11)."""
    sections = [_decides(config.sections[name]) for name in sorted(config.sections)]
    decides = (topic.match, topic.not_, topic.fold, sorted(config.rules.items()), sections)
    return hashlib.sha256(repr(decides).encode()).digest()


def _decides(section: Section) -> tuple[object, ...]:
    """Return what decides of an item whether it is in a section. What is new in a version is left out where unused.

    Else the first start by that version would take every topic for edited.
    """
    more = (section.patterns, section.learned, section.hints)
    return (section.id, section.parent or "", section.words, section.not_words, *(more if any(more) else ()))


def _face_of(topic: Topic, room: Newsroom) -> str:
    """Return the fingerprint of what a topic's documents show by the configuration: a change is rendered at once."""
    sections = sorted((section.id, section.title) for section in room.config.sections.values())
    terms = sorted((one.id, one.republish or "", one.images) for one in room.config.sources.values())
    return hashlib.sha256(repr((topic, room.site, room.authority, sections, terms)).encode()).hexdigest()
