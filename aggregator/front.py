"""What a daemon answers over HTTP, from the first moment to the last.

In:    a configuration; later a newsroom, a shelf and what is done with what hubs and subscribers send.
Out:   a server on a socket.
Never: works: who waits for a database has probes and numbers to show, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TypeVar

from aggregator import __version__
from aggregator.config import Config
from aggregator.errors import StoreError
from aggregator.fetch import MAX_BODY_BYTES
from aggregator.model import Incident, Site, Source
from aggregator.outage import Outage, pause
from aggregator.oversight import Supervisor
from aggregator.pipeline import Delivery, Newsroom, Reply, announced, answer, expected
from aggregator.serve import (
    AlarmFeed,
    Application,
    Archives,
    Callback,
    Door,
    Health,
    ItemPages,
    Lists,
    Manners,
    SearchPages,
    Shelf,
    SourcePages,
    StoryPages,
    Watched,
    create_app,
    create_waiting,
    make_server,
    measure,
)

T = TypeVar("T")
AWAY = "the database does not answer yet"


class Front:
    """The address of a daemon: it may listen before there is a store, and opens when there is one."""

    def __init__(self, config: Config) -> None:
        self._config, self._stack = config, AsyncExitStack()
        site, waits = Site(public_url=config.public_url, version=__version__), Health(ready=False, why=AWAY)
        self._door = Door(create_waiting(site, lambda: waits, lambda: config.metrics_allow))
        self._address = ""

    async def listen(self) -> str:
        """Let readers in, if they are not let in yet; return the address. Raises OSError where it is taken."""
        if not self._address:
            server = make_server(self._door, self._config.listen_host, self._config.listen_port)
            self._address = (await self._stack.enter_async_context(server)).address
        return self._address

    async def close(self) -> None:
        """Let nobody in any more; answers in flight are finished. A second time: nothing."""
        await self._stack.aclose()

    def open(
        self,
        room: Newsroom,
        shelf: Shelf,
        health: Callable[[], Health],
        *,
        untold: Callable[[], Sequence[Incident]],
        receive: Callable[[str, Delivery], Awaitable[bool]],
        asked: Callable[[bytes], Awaitable[Reply | None]],
    ) -> None:
        """Hand out what there is, from now on."""
        self._door.lead_to(_app(room, shelf, health, untold=untold, receive=receive, asked=asked))


def shelf_of(room: Newsroom) -> Shelf:
    """Return an empty shelf for the documents of a newsroom."""
    return Shelf(partial(_is_private, room), partial(announced, room))


def _app(
    room: Newsroom,
    shelf: Shelf,
    health: Callable[[], Health],
    *,
    untold: Callable[[], Sequence[Incident]],
    receive: Callable[[str, Delivery], Awaitable[bool]],
    asked: Callable[[bytes], Awaitable[Reply | None]],
) -> Application:
    return create_app(
        shelf,
        room.store,
        site=room.site,
        topics=lambda: room.config.topics,
        health=health,
        manners=lambda: _manners(room),
        lists=Lists(
            room.store,
            shelf,
            room.site,
            topics=lambda: room.config.public_topics,
            sources=lambda: room.config.public_sources,
            clock=room.clock,
        ),
        sources=SourcePages(room.store, room.site, lambda: room.config.public_sources, room.clock),
        stories=StoryPages(
            room.store,
            room.site,
            room.authority,
            sources=lambda: room.config.public_sources,
            owners=lambda: room.config.owners,
            clock=room.clock,
        ),
        archives=Archives(
            room.store,
            room.site,
            room.authority,
            topics=lambda: room.config.topics,
            sources=lambda: room.config.sources,
        ),
        items=ItemPages(
            room.store,
            room.site,
            room.authority,
            sources=lambda: room.config.public_sources,
            topics=lambda: room.config.public_topics,
            sections=lambda: room.config.sections,
            clock=room.clock,
        ),
        alarms=AlarmFeed(
            room.store,
            room.site,
            room.authority,
            sources=lambda: room.config.public_sources,
            topics=lambda: room.config.public_topics,
            untold=untold,
        ),
        searches=SearchPages(room.store, room.site, room.authority, config=lambda: room.config, clock=room.clock),
        callback=Callback(
            answer=partial(answer, room),
            expected=partial(expected, room),
            receive=receive,
            most_bytes=MAX_BODY_BYTES,
        ),
        hub=asked,
        watched=Watched(
            allow=lambda: room.config.metrics_allow,
            measure=lambda: measure(room.store, room.clock()),
        ),
    )


def _is_private(room: Newsroom, topic: str) -> bool:
    known = room.config.topics.get(topic)
    return known is not None and known.private


def _manners(room: Newsroom) -> Manners:
    config = room.config
    return Manners(
        agent=room.client.agent(next(iter(config.public_sources.values()), Source(id="example", url=""))),
        contact=config.contact,
        floor=config.floor,
        ceiling=config.ceiling,
        hints_cap=config.hints_cap,
        at_once=config.pause.at_once,
        gap=config.pause.gap,
    )


async def patiently(
    ready: Callable[[AsyncExitStack, Outage], Awaitable[T]],
    stack: AsyncExitStack,
    front: Front,
    stopping: asyncio.Event,
    *,
    waits: bool,
) -> T | None:
    """Return what is ready; its parts are closed with `stack`. None: told to stop before.

    waits  for a store that is away, and answers probes meanwhile
    """
    outage, failures, rng = Outage(), 0, random.SystemRandom()
    while not stopping.is_set():
        try:
            async with AsyncExitStack() as parts:
                made = await ready(parts, outage)
                stack.push_async_exit(parts.pop_all())
                return made
        except StoreError as error:
            if not waits or error.permanent:
                raise
            outage.noted(error)
        await front.listen()
        Supervisor(os.environ).waits(AWAY)
        failures += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause(failures, rng))
    return None
