"""Subscriptions at hubs (WebSub): which are wanted, asking for them, and answering the hubs' questions.

In:    what a document says of its hubs; subscriptions that something is due for; a hub's question.
Out:   requests to hubs; what was agreed, committed.
Never: asks a hub to call us where we cannot be called, or through which somebody hides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, islice
from urllib.parse import urlsplit

from aggregator import report
from aggregator.config import Config
from aggregator.errors import FetchError
from aggregator.fetch import guard
from aggregator.model import Feed, Source, Subscription
from aggregator.pipeline.newsroom import Newsroom
from aggregator.push import intent, rhythm
from aggregator.store import subscriptions

MOST_HUBS = 2  # per source: some name a second one in case the first fails (content.md A47)
AT_ONCE = 20  # subscriptions that are claimed together
LEASE = timedelta(minutes=30)  # of such a claim: as many requests, each to its deadline, and some air
_ID_BITS = 128
_SECRET_BITS = 256


def callbacks_of(config: Config) -> str:
    """Return what the addresses begin with at which hubs reach us; a subscription's id follows."""
    return f"{config.public_url}/websub/"


def reachable(config: Config) -> bool:
    """Whether hubs are asked to call us: as configured, else if public_url is not obviously of a private network."""
    if config.websub != "auto":
        return config.websub == "on"
    return _is_public(config.public_url)


def may_push(config: Config, source: Source) -> bool:
    """Whether hubs may be asked on behalf of a source.

    Where it is fetched in hiding, a hub would learn who we are; where it is private, its address and that we read it.
    """
    hides = source.private or source.access.via
    return source.websub and not source.full_text and not hides and reachable(config)


def wanted(room: Newsroom, source: Source, feed: Feed, url: str) -> tuple[Subscription, ...]:
    """Return the subscriptions that a document asks for, each with an id and a secret of its own. url: its address."""
    if not may_push(room.config, source):
        return ()
    hubs = dict.fromkeys(_secure(room, source, hub) for hub in feed.hubs)
    return tuple(
        Subscription(
            id=f"{room.rng.getrandbits(_ID_BITS):032x}",
            source=source.id,
            hub=hub,
            topic=feed.self_url or url,
            secret=f"{room.rng.getrandbits(_SECRET_BITS):064x}",
            due_at=room.clock(),
        )
        for hub in islice(filter(None, hubs), MOST_HUBS)
    )


def _secure(room: Newsroom, source: Source, hub: str) -> str | None:
    """Return the address at which a hub may be told a secret, None if there is none.

    Of 35 feeds in the corpus that name a hub 26 write http, most for one that has long had https.
    """
    if room.client.may_post(hub, source):
        return hub
    return hub.replace("http:", "https:", 1) if _is_public(hub) and urlsplit(hub).port is None else None


def _is_public(url: str) -> bool:
    """Whether a URL may be on the public internet, as far as its name tells."""
    try:
        guard.check_unresolved(urlsplit(url).hostname or "", ())
    except FetchError:
        return False
    return True


# --- asking -------------------------------------------------------------------------------------------------------


async def subscribe(room: Newsroom) -> int:
    """Ask hubs for what is due: to begin, to go on, to end. Return how many subscriptions that were.

    One request at a time to each hub. Killed in the middle, what was claimed is done again when the claim has run out.
    """
    for source in await room.store.write(subscriptions.doubt_silent, room.clock()):
        report.of(room.source(source), "warning", "hub.silent")
    due = await room.store.write(
        subscriptions.claim_asking, AT_ONCE, LEASE, room.clock(), callbacks=callbacks_of(room.config)
    )
    due.sort(key=_hub_host)
    await asyncio.gather(*(_one_by_one(room, list(same)) for _, same in groupby(due, key=_hub_host)))
    return len(due)


def _hub_host(held: Subscription) -> str:
    return urlsplit(held.hub).netloc


async def _one_by_one(room: Newsroom, some: Sequence[Subscription]) -> None:
    for held in some:
        await _ask(room, held)


async def _ask(room: Newsroom, held: Subscription) -> None:
    """Send one request; note what came of it. A hub that takes it comes back to us with a question (`answer`)."""
    leaving = held.state == "leaving"
    if leaving and held.failures >= rhythm.GOODBYES:
        await room.store.write(subscriptions.forget, held)
        report.of(room.source(held.source), "info", "hub.left", hub=held.hub)
        return
    source = room.config.sources.get(held.source) or Source(id=held.source, url=held.topic)
    problem, wait = "", timedelta(0)
    try:
        await room.client.post(held.hub, rhythm.form(held), source)
    except FetchError as error:
        problem, wait = error.problem, error.retry_after or wait
    now, pause = room.clock(), max(wait, rhythm.again(held.failures, room.rng))
    await room.store.write(subscriptions.asked, held, problem=problem, due_at=now + pause, now=now)
    facts = {"hub": held.hub, "mode": "unsubscribe" if leaving else "subscribe"}
    if problem:
        wait_s = round(pause.total_seconds())
        report.of(source, "warning", "hub.failed", problem=problem, next_in_s=wait_s, **facts)
    else:
        report.of(source, "info", "hub.asked", **facts)


# --- being asked --------------------------------------------------------------------------------------------------


async def answer(room: Newsroom, name: str, query: bytes) -> str | None:
    """Return what to answer a hub that asks at a callback's address; None: that we know nothing of it.

    name  the end of the address
    """
    held = await room.store.read(subscriptions.one, name)
    question = intent.read(query)
    meant = intent.verdict(question, held)
    if held is None or meant == "refused":
        return None
    now, source, hub = room.clock(), room.source(held.source), held.hub
    if meant == "confirmed":
        lease = rhythm.granted(question.lease)
        until, due_at = now + lease, now + rhythm.renewal(lease, room.rng)
        await room.store.write(subscriptions.confirmed, name, until=until, due_at=due_at)
        report.of(source, "info", "hub.confirmed", hub=hub, until=until.isoformat(timespec="seconds"))
    elif meant == "left":
        await room.store.write(subscriptions.left, name)
        report.of(source, "info", "hub.left", hub=hub)
    else:
        before = held.failures if held.state == "denied" else 0
        why = question.reason or "the hub gives no reason"
        due_at = now + rhythm.after_denial(before, room.rng)
        await room.store.write(subscriptions.denied, name, why=why, due_at=due_at)
        report.of(source, "warning", "hub.denied", hub=hub, reason=why)
    return question.challenge
