"""One process: it wakes the verbs, hands out what they made, and stops in good order.

In:    a configuration, an open store, signals.
Out:   an exit code.
Never: decides anything about sources, items or topics: that is the spine's, and the database remembers it.

What wakes the loops: ticks.py. Whether they go on: oversight. Where several share a PostgreSQL, a role says which of
them run here; sharing.py says whose turn it is to curate and publish.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from aggregator import clock, control, metrics, rounds
from aggregator.config import Config, refusal, refuse_lost
from aggregator.errors import ConfigError, LeaseLost, StoreError, passes
from aggregator.front import Front, patiently, shelf_of
from aggregator.log import tell
from aggregator.model import Artefact, Claim, Incident, IncidentKind
from aggregator.model.incident import About
from aggregator.outage import Outage, pause
from aggregator.oversight import Overseer, Pulse, Supervisor, changes
from aggregator.pipeline import (
    LEASE,
    Delivery,
    Newsroom,
    Postman,
    Pruned,
    Reply,
    Role,
    asked,
    curate,
    deliver,
    due,
    expire,
    in_order,
    index,
    open_newsroom,
    pace,
    poll,
    prune,
    publish,
    receive,
    reload,
    subscribe,
    trim,
    wake,
)
from aggregator.serve import Health, Shelf
from aggregator.sharing import CURATES, Follower, Sharing
from aggregator.store import Store, incidents, polls, topics
from aggregator.ticks import Bells, Ticking

GRACE = timedelta(seconds=6)  # for polls in flight after SIGTERM; the whole stop stays under 10 s
AFTER_CRASH = timedelta(seconds=1)  # a fault of ours must not become a busy loop
AT_START = ("public_url", "listen_host", "listen_port", "database", "authority")  # read once
LEISURE = timedelta(seconds=1)  # at most between two batches of indexing
ASLEEP = timedelta(minutes=5)  # without a tick, of which there is one a second: the machine slept
DAY = timedelta(days=1)
SET_BACK = timedelta(seconds=30)  # a clock that is merely corrected goes back by less
POLLS = ("all", "poll")


class Daemon:
    """The loops of one process over one newsroom."""

    def __init__(
        self, room: Newsroom, shelf: Shelf, reread: Callable[[], Config], bells: Bells, stopping: asyncio.Event
    ) -> None:
        self.room, self.shelf, self.reread = room, shelf, reread
        self.bells, self.stopping = bells, stopping
        self.loaded = False  # the last good bytes are on the shelf
        self.refused = ""  # why the configuration on disk is not the one in force
        self.untold: list[Incident] = []  # the store cannot keep it, for it is about the store
        self.prunes_from = 0.0  # by time.monotonic()
        self.looked_at: datetime | None = None  # when we last looked for what is due
        self.running: dict[asyncio.Task[None], Claim] = {}
        self.pulse = Pulse(bells.paces(), time.monotonic)
        self.supervisor = Supervisor(os.environ)
        self.overseer = Overseer(
            self.pulse, self.supervisor, clock=room.clock, status=self.status, on_jump=self._tick_anew
        )
        self.postman = Postman(room, bells.tell.set)
        self.owner = f"daemon-{platform.node()}-{os.getpid()}"
        self.stranded: list[Claim] = []  # of polls that could not be stored, for the store was away
        self.follower = Follower(room, shelf)
        self.sharing = Sharing(room, bells.ring, self.follower.look)

    def stop(self) -> None:
        """Begin to stop: nothing new is claimed, what is in hand is finished. A second time: leave at once."""
        if self.stopping.is_set():
            os._exit(1)
        tell("info", "daemon.stopping", polls_in_hand=len(self.running))
        self.supervisor.stopping()
        self.stopping.set()
        self.bells.ring_all()

    def health(self) -> Health:
        """Say whether readers get what they should, and whether the loops go on."""
        stuck = ", ".join(f"{loop} for {still:.0f} s" for loop, still in self.overseer.stuck.items())
        why = "stopping" if self.stopping.is_set() else "" if self.loaded else "the feeds are not loaded yet"
        return Health(
            ready=not why,
            live=not stuck,
            why=why or (f"does not go on: {stuck}" if stuck else self.refused),
            loops=self.pulse.told(),
            topics=sum(self.shelf.holding(topic) is not None for topic in self.room.config.topics),
        )

    def status(self) -> str:
        """Say in one sentence how we are."""
        config = self.room.config
        return self.health().why or f"{len(config.sources)} sources, {len(config.topics)} topics"

    async def load(self) -> None:
        """Put the last good bytes on the shelf; a topic that never had any is published, were it empty."""
        await self.follower.look()
        if self.room.store.seat.held:
            for topic in in_order(self.room.config.topics, self.room.config.topics):
                if self.stopping.is_set():
                    return
                if self.shelf.holding(topic) is None and (made := await publish(self.room, topic)):
                    self._published(made.artefacts)
        await self._note(about="config", kind="accepted")  # the one before the start may have been refused
        metrics.curator(self.room.store.seat.held)
        self._see_what_there_is()

    def _see_what_there_is(self) -> None:
        """Where others publish, there may be nothing yet; what once is here is handed out whatever happens."""
        topics = self.room.config.topics
        here = self.room.store.seat.held or not topics or any(self.shelf.holding(topic) for topic in topics)
        self.loaded = self.loaded or here

    async def run(self) -> None:
        """Work until told to stop."""
        self.ticking = Ticking(self.bells)
        bells, shared = self.bells, self.room.store.dialect == "postgresql"
        for bell in (bells.poll, bells.deliver, bells.curate, bells.publish, bells.tell, bells.index):
            bell.set()
        line = asyncio.create_task(self.sharing.keep()) if shared else None
        try:
            async with asyncio.TaskGroup() as loops:
                for bell, work in self._works(shared=shared):
                    loops.create_task(self._loop(bell, work))
                loops.create_task(self._watch_files())
                loops.create_task(self.overseer.watch(self.stopping))
        finally:
            self.ticking.end()
            with suppress(StoreError):  # it is away: what we hold runs out by itself
                await asyncio.gather(self._finish_polls(), self.postman.finish(GRACE))
            if line:
                line.cancel()
                await asyncio.gather(line, return_exceptions=True)

    def _works(self, *, shared: bool) -> Iterator[tuple[asyncio.Event, Callable[[], Awaitable[None]]]]:
        """What runs here, each with what wakes it."""
        bells, role = self.bells, self.room.role
        yield bells.reload, self._reload
        if shared:
            yield bells.shelf, self._follow
        if role in POLLS:
            yield from ((bells.poll, self._claim_due), (bells.deliver, self._deliver))
            yield bells.subscribe, self._subscribe
        if role in CURATES:
            yield from ((bells.curate, self._curate), (bells.publish, self._publish), (bells.index, self._index))
            yield bells.tell, self._tell
        if role != "serve":
            yield bells.house, self._keep_house

    def _tick_anew(self, jump: timedelta) -> None:
        """The clock was set, or we slept: the ticks go by it, and so does who is due."""
        if jump > DAY:  # by a clock that is wrong all would be too old to be kept; till tomorrow somebody sets it right
            self.prunes_from = time.monotonic() + DAY.total_seconds()
        self.ticking.anew()
        self.bells.poll.set()

    def _stepped(self) -> bool:
        """Say that keeping house comes forward; return whether it has to end."""
        self.pulse.step("house")
        return self.stopping.is_set()

    async def _watch_files(self) -> None:
        async for _ in changes(lambda: self.room.config.places, self.stopping):
            self.bells.reload.set()

    async def _loop(self, bell: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        failures, name = 0, self.bells.name_of(bell)
        self.pulse.enter(name)
        while not self.stopping.is_set():
            await bell.wait()
            bell.clear()
            if self.stopping.is_set():
                return
            self.pulse.begin(name)
            try:
                await work()
                failures = 0
            except LeaseLost:  # whoever took over does it; our line will tell us
                metrics.discarded("curator")
                tell("warning", "work.discarded", work=work.__name__.strip("_"))
            except Exception as error:  # noqa: BLE001 - a fault of ours is told, and the work tried again
                failures, away = failures + 1, passes(error)
                if not away:
                    tell("error", "work.crashed", work=work.__name__.strip("_"), exc_info=error)
                if isinstance(error, StoreError) and not self.untold:
                    self.untold = [Incident(at=self.room.clock(), about="store", name="", kind="silent")]
                await self._rest(pause(failures, self.room.rng) if away else AFTER_CRASH.total_seconds())
                bell.set()
            finally:
                self.pulse.end(name)

    async def _rest(self, seconds: float) -> None:
        """Wait so long, or until told to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def _follow(self) -> None:
        """Hand out what another daemon has published; who publishes himself knows."""
        if not self.room.store.seat.held:
            await self.follower.look()
        self._see_what_there_is()

    async def _claim_due(self) -> None:
        await self._wake_if_asleep()
        if self.untold:
            await self._note(*self.untold, about="store", kind="answers")
            self.untold = []
        while self.stranded:
            await self.room.store.write(polls.release, self.stranded[-1])
            self.stranded.pop()
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
        """See by the clock whether this machine slept, or the clock was set, or we have only just begun."""
        now, before = self.room.clock(), self.looked_at
        self.looked_at = now
        if before is None or now - before > ASLEEP or before - now > SET_BACK:
            await wake(self.room)

    async def _poll(self, claim: Claim) -> None:
        async with asyncio.timeout(LEASE.total_seconds()):  # then somebody else may have it, and so may its place here
            outcome = await poll(self.room, claim)
        if outcome and outcome.changes:
            self.bells.curate.set()
        if outcome and outcome.hubs:
            self.bells.subscribe.set()

    def _polled(self, task: asyncio.Task[None]) -> None:
        claim = self.running.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            if passes(error) and claim:
                self.stranded.append(claim)
                return
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
            self.pulse.step("subscribe")

    async def _curate(self) -> None:
        while self._is_curator() and await curate(self.room):
            self.pulse.step("curate")
            self.bells.publish.set()
            self.bells.index.set()

    def _is_curator(self) -> bool:
        return self.room.store.seat.held and not self.stopping.is_set()

    async def _index(self) -> None:
        """Index what waits, batch by batch. Thousands may: half of the time is left to everybody else."""
        began = time.monotonic()
        while self._is_curator() and await index(self.room):
            self.pulse.step("index")
            await asyncio.sleep(min(time.monotonic() - began, LEISURE.total_seconds()))
            began = time.monotonic()

    async def _publish(self) -> None:
        for topic in await due(self.room):
            if not self._is_curator():
                return
            self.pulse.step("publish")
            if made := await publish(self.room, topic):
                self._published(made.artefacts)

    def _published(self, made: Sequence[Artefact]) -> None:
        """Let readers have new documents; hubs and subscribers are told of them at once."""
        self.shelf.put(made)
        self.bells.tell.set()

    async def _tell(self) -> None:
        if self._is_curator():
            await self.postman.send_due()

    async def asked(self, form: bytes) -> Reply | None:
        """Take what is asked of our own hub; whoever is said to have asked is asked back at once."""
        said = await asked(self.room, form)
        if said and said.status == HTTPStatus.ACCEPTED:
            self.bells.tell.set()
        return said

    async def _keep_house(self) -> None:
        """Windows pass by themselves: what is too old leaves its topic even where nothing new comes."""
        await pace(self.room)
        if self._is_curator():
            await expire(self.room)
            await self.room.store.decide(topics.touch, list(self.room.config.topics))
            self.bells.publish.set()
            await trim(self.room)
            if time.monotonic() >= self.prunes_from:
                await prune(self.room, Pruned(), stopped=self._stepped)

    async def _reload(self) -> None:
        """Take over the configuration on disk, or keep the last good one and say what is wrong with the new."""
        self.supervisor.reloading()
        try:
            await self._take_over()
        finally:
            self.supervisor.ready(self.status())

    async def _take_over(self) -> None:
        before = self.room.config
        try:
            config = await asyncio.to_thread(self.reread)
            refuse_lost(before, config)
        except ConfigError as error:
            self.refused = refusal(error)
            metrics.config_ok(False)
            tell("error", "config.refused", mistakes=[str(mistake) for mistake in error.mistakes])
            await self._note(about="config", kind="refused", problem=self.refused)
            return
        for topic in await reload(self.room, config):
            self.shelf.drop(topic)
        self.follower.forget()
        self.bells.shelf.set()
        self.refused = ""
        metrics.config_ok(True)
        await self._note(about="config", kind="accepted")
        tell("info", "config.reloaded", sources=len(config.sources), topics=len(config.topics))
        if changed := [name for name in AT_START if getattr(before, name) != getattr(config, name)]:
            tell("warning", "config.needs_restart", keys=changed)
        self.bells.poll.set()
        self.bells.subscribe.set()
        self.bells.publish.set()
        self.bells.tell.set()

    async def _note(self, *before: Incident, about: About, kind: IncidentKind, problem: str = "") -> None:
        """Keep what happened, after what happened before it. Who only serves writes nothing."""
        last = Incident(at=self.room.clock(), about=about, name="", kind=kind, problem=problem)
        if self.room.role != "serve":
            await self.room.store.write(incidents.note, [*before, last])

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
        self.pulse.commands += 1
        try:
            async for message in rounds.answer(self.room, request, published=self._published):
                yield message
        finally:
            self.pulse.commands -= 1


async def run(
    config: Config,
    open_store: Callable[[], Store],
    *,
    reread: Callable[[], Config],
    database_file: Path | None,
    role: Role = "all",
) -> None:
    """Run the daemon until a signal ends it. Raises OSError where the address is taken, StoreError as `open_store`.

    reread         returns the configuration as it is on disk now, or raises ConfigError; called at SIGHUP
    database_file  of SQLite; None: a PostgreSQL, which is waited for while it is away
    A signal during the start ends it as well: the step in hand is finished, and nothing is served or polled.
    """
    bells, stopping = Bells(), asyncio.Event()
    _at_signals(stopping.set, bells.reload.set)
    async with AsyncExitStack() as stack:
        front = Front(config)
        stack.push_async_callback(front.close)

        async def ready(parts: AsyncExitStack, outage: Outage) -> Daemon:
            store = await asyncio.to_thread(open_store)
            parts.callback(store.close)
            store.noted = outage.noted
            opening = open_newsroom(config, store, clock=clock.now, rng=random.SystemRandom(), role=role)
            room = await parts.enter_async_context(opening)
            daemon = Daemon(room, shelf_of(room), reread, bells, stopping)
            _at_signals(daemon.stop, bells.reload.set)
            await daemon.load()
            return daemon

        daemon = await patiently(ready, stack, front, stopping, waits=database_file is None)
        stack.push_async_callback(front.close)  # before what it hands out
        if daemon and not stopping.is_set():
            front.open(
                daemon.room,
                daemon.shelf,
                daemon.health,
                untold=lambda: daemon.untold,
                receive=daemon.receive,
                asked=daemon.asked,
            )
            address = await front.listen()
            if database_file is not None:
                await stack.enter_async_context(control.listen(control.socket_of(database_file), daemon.answer))
            facts = {"sources": len(config.sources), "topics": len(config.topics), "role": role}
            tell("info", "daemon.started", address=address, **facts, pid=os.getpid())
            daemon.supervisor.ready(daemon.status())
            await daemon.run()
    tell("info", "daemon.stopped")


def _at_signals(stop: Callable[[], None], reread: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, reread)
