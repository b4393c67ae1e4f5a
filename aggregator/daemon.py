"""One process: it wakes the verbs, hands out what they made, and stops in good order.

In:    a configuration, an open store, signals.
Out:   an exit code.
Never: decides anything about sources, items or topics: that is the spine's, and the database remembers it.

APScheduler holds a handful of ticks, never a job per source: who is due is a query. A verb that has made work for the
next one rings its bell at once; the ticks are for what other processes and the passing of time bring.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator import clock, control, metrics, rounds
from aggregator.config import Config
from aggregator.errors import ConfigError
from aggregator.fetch import MAX_BODY_BYTES
from aggregator.log import tell
from aggregator.model import Artefact, Claim, Source
from aggregator.pipeline import (
    LEASE,
    Delivery,
    Newsroom,
    Postman,
    Reply,
    announced,
    answer,
    asked,
    curate,
    deliver,
    due,
    expected,
    expire,
    in_order,
    index,
    open_newsroom,
    pace,
    poll,
    publish,
    receive,
    reload,
    subscribe,
    wake,
)
from aggregator.serve import (
    Archives,
    Callback,
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
    make_server,
    measure,
)
from aggregator.store import Store, artefacts, polls, topics

GRACE = timedelta(seconds=6)  # for polls in flight after SIGTERM; the whole stop stays under 10 s
AFTER_CRASH = timedelta(seconds=1)  # a fault of ours must not become a busy loop
AT_START = ("public_url", "listen_host", "listen_port", "database", "authority")  # read once
LEISURE = timedelta(seconds=1)  # at most between two batches of indexing
ASLEEP = timedelta(minutes=5)  # without a tick, of which there is one a second: the machine slept
OPEN_FILES = ("aggregator.yaml", "sources.yaml", "topics.yaml")  # their names say nothing of what is in them
TICKS = {  # seconds
    "poll": 1,
    "deliver": 5,
    "subscribe": 10,
    "curate": 5,
    "publish": 5,
    "tell": 1,
    "index": 30,
    "house": 600,
}


@dataclass(slots=True)
class Bells:
    """What wakes each loop: a tick, or the verb before it."""

    poll: asyncio.Event = field(default_factory=asyncio.Event)
    deliver: asyncio.Event = field(default_factory=asyncio.Event)
    subscribe: asyncio.Event = field(default_factory=asyncio.Event)
    curate: asyncio.Event = field(default_factory=asyncio.Event)
    publish: asyncio.Event = field(default_factory=asyncio.Event)
    tell: asyncio.Event = field(default_factory=asyncio.Event)
    index: asyncio.Event = field(default_factory=asyncio.Event)
    house: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)

    def ring_all(self) -> None:
        """Wake everybody, to begin or to stop."""
        for bell in fields(self):
            getattr(self, bell.name).set()


class Daemon:
    """The loops of one process over one newsroom."""

    def __init__(
        self, room: Newsroom, shelf: Shelf, reread: Callable[[], Config], bells: Bells, stopping: asyncio.Event
    ) -> None:
        self.room, self.shelf, self.reread = room, shelf, reread
        self.bells, self.stopping = bells, stopping
        self.loaded = False  # the last good bytes are on the shelf
        self.refused = ""  # why the configuration on disk is not the one in force
        self.looked_at: datetime | None = None  # when we last looked for what is due
        self.running: dict[asyncio.Task[None], Claim] = {}
        self.postman = Postman(room, bells.tell.set)
        self.owner = f"daemon-{os.getpid()}"

    def stop(self) -> None:
        """Begin to stop: nothing new is claimed, what is in hand is finished. A second time: leave at once."""
        if self.stopping.is_set():
            os._exit(1)
        tell("info", "daemon.stopping", polls_in_hand=len(self.running))
        self.stopping.set()
        self.bells.ring_all()

    def health(self) -> Health:
        """Say whether readers get what they should."""
        if self.stopping.is_set():
            return Health(ready=False, why="stopping")
        return Health(ready=self.loaded, why=self.refused if self.loaded else "the feeds are not loaded yet")

    async def load(self) -> None:
        """Put the last good bytes on the shelf; a topic that never had any is published, were it empty."""
        self.shelf.put(await self.room.store.read(artefacts.every, self.room.config.topics))
        for topic in in_order(self.room.config.topics, self.room.config.topics):
            if self.stopping.is_set():
                return
            if self.shelf.holding(topic) is None:
                self._published((await publish(self.room, topic)).artefacts)
        self.loaded = True

    async def run(self) -> None:
        """Work until told to stop."""
        ticking = self._ticks()
        bells = self.bells
        for bell in (bells.poll, bells.deliver, bells.curate, bells.publish, bells.tell, bells.index):
            bell.set()
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._loop(self.bells.poll, self._claim_due))
                loops.create_task(self._loop(self.bells.deliver, self._deliver))
                loops.create_task(self._loop(self.bells.subscribe, self._subscribe))
                loops.create_task(self._loop(self.bells.curate, self._curate))
                loops.create_task(self._loop(self.bells.publish, self._publish))
                loops.create_task(self._loop(self.bells.tell, self.postman.send_due))
                loops.create_task(self._loop(self.bells.index, self._index))
                loops.create_task(self._loop(self.bells.house, self._keep_house))
                loops.create_task(self._loop(self.bells.reload, self._reload))
        finally:
            ticking.shutdown(wait=False)
            await asyncio.gather(self._finish_polls(), self.postman.finish(GRACE))

    def _ticks(self) -> AsyncIOScheduler:
        # misfire_grace_time=None: APScheduler's default of one second drops a tick whenever the loop was busy.
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        for name, seconds in TICKS.items():
            # the trigger itself, not its name: names are looked up in the metadata of all that is installed
            scheduler.add_job(_ring, IntervalTrigger(seconds=seconds), args=[getattr(self.bells, name)])
        scheduler.start()
        return scheduler

    async def _loop(self, bell: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        while not self.stopping.is_set():
            await bell.wait()
            bell.clear()
            if self.stopping.is_set():
                return
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a fault of ours is told, and the work tried again
                tell("error", "work.crashed", work=work.__name__.strip("_"), exc_info=error)
                await asyncio.sleep(AFTER_CRASH.total_seconds())
                bell.set()

    async def _claim_due(self) -> None:
        await self._wake_if_asleep()
        free = self.room.config.at_once - len(self.running)
        if free <= 0:
            return
        claims = await self.room.store.write(
            polls.claim_due,
            limit=free,
            lease=LEASE,
            owner=self.owner,
            now=self.room.clock(),
            pause=self.room.config.pause,
        )
        for claim in claims:
            task = asyncio.create_task(self._poll(claim))
            self.running[task] = claim
            task.add_done_callback(self._polled)

    async def _wake_if_asleep(self) -> None:
        """See by the clock whether this machine slept, or whether we have only just begun."""
        now, before = self.room.clock(), self.looked_at
        self.looked_at = now
        if before is None or now - before > ASLEEP:
            await wake(self.room)

    async def _poll(self, claim: Claim) -> None:
        outcome = await poll(self.room, claim)
        if outcome and outcome.changes:
            self.bells.curate.set()
        if outcome and outcome.hubs:
            self.bells.subscribe.set()

    def _polled(self, task: asyncio.Task[None]) -> None:
        self.running.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            tell("error", "work.crashed", work="poll", exc_info=error)
        if len(self.running) <= self.room.config.at_once // 2:  # claim by the half batch, not one by one
            self.bells.poll.set()

    async def receive(self, name: str, delivery: Delivery) -> bool:
        """Keep what a hub sends; it is read as soon as the hub is answered."""
        expected = await receive(self.room, name, delivery)
        self.bells.deliver.set()
        return expected

    async def _deliver(self) -> None:
        documents, due = await deliver(self.room)
        if documents:
            self.bells.curate.set()
        if due:
            self.bells.poll.set()

    async def _subscribe(self) -> None:
        """Talk to hubs. A stop does not wait for them: what was begun is claimed, and done again later."""
        talk, stop = asyncio.create_task(self._talk()), asyncio.create_task(self.stopping.wait())
        await asyncio.wait({talk, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if talk.done():
            talk.result()
        else:
            talk.cancel()
            await asyncio.gather(talk, return_exceptions=True)

    async def _talk(self) -> None:
        while await subscribe(self.room):
            pass

    async def _curate(self) -> None:
        while not self.stopping.is_set() and await curate(self.room):
            self.bells.publish.set()
            self.bells.index.set()

    async def _index(self) -> None:
        """Index what waits, batch by batch. Thousands may: half of the time is left to everybody else."""
        began = time.monotonic()
        while not self.stopping.is_set() and await index(self.room):
            await asyncio.sleep(min(time.monotonic() - began, LEISURE.total_seconds()))
            began = time.monotonic()

    async def _publish(self) -> None:
        for topic in await due(self.room):
            if self.stopping.is_set():
                return
            if topic in self.room.config.topics:  # a reload may come between
                self._published((await publish(self.room, topic)).artefacts)

    def _published(self, made: Sequence[Artefact]) -> None:
        """Let readers have new documents; hubs and subscribers are told of them at once."""
        self.shelf.put(made)
        self.bells.tell.set()

    async def asked(self, form: bytes) -> Reply | None:
        """Take what is asked of our own hub; whoever is said to have asked is asked back at once."""
        said = await asked(self.room, form)
        if said and said.status == HTTPStatus.ACCEPTED:
            self.bells.tell.set()
        return said

    async def _keep_house(self) -> None:
        """Windows pass by themselves: what is too old leaves its topic even where nothing new comes."""
        await pace(self.room)
        await expire(self.room)
        await self.room.store.write(topics.touch, list(self.room.config.topics))
        self.bells.publish.set()

    async def _reload(self) -> None:
        """Take over the configuration on disk, or keep the last good one and say what is wrong with the new."""
        before = self.room.config
        try:
            config = await asyncio.to_thread(self.reread)
        except ConfigError as error:
            self.refused = _refusal(error)
            metrics.config_ok(False)
            tell("error", "config.refused", mistakes=[str(mistake) for mistake in error.mistakes])
            return
        for topic in await reload(self.room, config):
            self.shelf.drop(topic)
        self.refused = ""
        metrics.config_ok(True)
        tell("info", "config.reloaded", sources=len(config.sources), topics=len(config.topics))
        if changed := [name for name in AT_START if getattr(before, name) != getattr(config, name)]:
            tell("warning", "config.needs_restart", keys=changed)
        self.bells.poll.set()
        self.bells.subscribe.set()
        self.bells.publish.set()
        self.bells.tell.set()

    async def _finish_polls(self) -> None:
        """Let polls in flight end within GRACE; give back the claims of those that do not."""
        if self.running:
            await asyncio.wait(self.running, timeout=GRACE.total_seconds())
        left = dict(self.running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for claim in left.values():
            await self.room.store.write(polls.release, claim)

    async def answer(self, request: control.Message) -> AsyncIterator[control.Message]:
        """Do what a command asks through the control socket."""
        async for message in rounds.answer(self.room, request, published=self._published):
            yield message


async def _ring(bell: asyncio.Event) -> None:
    bell.set()


def _refusal(error: ConfigError) -> str:
    """Return what probes say of it, which answer everybody: where, not what, for that may be about a private source."""
    first = error.mistakes[0]
    name = Path(first.file).name
    where = f"{name}:{first.line}:{first.column}" if name in OPEN_FILES else "another file"
    return f"the configuration on disk is refused, the last good one is in force: {where} (aggregator check says more)"


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


async def run(config: Config, store: Store, *, reread: Callable[[], Config], database_file: Path | None) -> None:
    """Run the daemon until a signal ends it. Raises OSError where the address is taken.

    reread  returns the configuration as it is on disk now, or raises ConfigError; called at SIGHUP
    A signal during the start ends it as well: the step in hand is finished, and nothing is served or polled.
    """
    bells, stopping = Bells(), asyncio.Event()
    _at_signals(stopping.set, bells.reload.set)
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(open_newsroom(config, store, clock=clock.now, rng=random.SystemRandom()))
        shelf = Shelf(partial(_is_private, room), partial(announced, room))
        daemon = Daemon(room, shelf, reread, bells, stopping)
        _at_signals(daemon.stop, bells.reload.set)
        await daemon.load()
        if not stopping.is_set():
            address = await _listen(daemon, stack, database_file)
            facts = {"sources": len(config.sources), "topics": len(config.topics)}
            tell("info", "daemon.started", address=address, **facts, pid=os.getpid())
            await daemon.run()
    tell("info", "daemon.stopped")


def _at_signals(stop: Callable[[], None], reread: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, reread)


async def _listen(daemon: Daemon, stack: AsyncExitStack, database_file: Path | None) -> str:
    """Let readers and commands in, until the stack is closed; return the address."""
    room, config = daemon.room, daemon.room.config
    app = create_app(
        daemon.shelf,
        room.store,
        site=room.site,
        topics=lambda: room.config.topics,
        health=daemon.health,
        manners=lambda: _manners(room),
        lists=Lists(
            room.store,
            daemon.shelf,
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
        searches=SearchPages(room.store, room.site, room.authority, config=lambda: room.config, clock=room.clock),
        callback=Callback(
            answer=partial(answer, room),
            expected=partial(expected, room),
            receive=daemon.receive,
            most_bytes=MAX_BODY_BYTES,
        ),
        hub=daemon.asked,
        watched=Watched(
            allow=lambda: room.config.metrics_allow,
            measure=lambda: measure(room.store, room.clock()),
        ),
    )
    server = await stack.enter_async_context(make_server(app, config.listen_host, config.listen_port))
    if database_file is not None:
        await stack.enter_async_context(control.listen(control.socket_of(database_file), daemon.answer))
    return server.address
