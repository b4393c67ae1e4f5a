"""Several daemons on one PostgreSQL: one of them curates and publishes, and all hand out what it has published.

In:    a newsroom, a shelf, the bells of a daemon.
Out:   the curator's seat taken and given up; bells rung for what others did; the shelf as the database has it.
Never: believes that nothing has happened because nobody has called: the database is looked at as well.

On SQLite there is nobody to share with: the process that holds the file holds the seat.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from aggregator import metrics
from aggregator.errors import LeaseLost, StoreError
from aggregator.log import tell
from aggregator.outage import pause
from aggregator.pipeline import Newsroom, sync_topics
from aggregator.serve import Shelf
from aggregator.store import Line, Seat, artefacts

LOOK = timedelta(seconds=1)  # between two looks whether the seat is free, or wanted by a person's command
CURATES = ("all", "curate")


class Follower:
    """Keeps a shelf as the database has it, whoever publishes."""

    def __init__(self, room: Newsroom, shelf: Shelf) -> None:
        self._room, self._shelf = room, shelf
        self._known: dict[str, int] = {}

    async def look(self) -> None:
        """Put on the shelf what has changed since the last look; take off what must not be handed out any more."""
        topics = self._room.config.topics
        if self._known and await self._room.store.read(artefacts.versions) == self._known:
            return
        news = await self._room.store.read(artefacts.news, topics, self._known)
        for topic in news.gone:
            self._shelf.drop(topic)
        self._shelf.put(news.documents)
        self._known = news.versions

    def forget(self) -> None:
        """Look at everything anew the next time: another configuration is in force."""
        self._known = {}


class Sharing:
    """A daemon's line to the others.

    ring    is given the name of a bell
    follow  brings the shelf up to date
    """

    def __init__(self, room: Newsroom, ring: Callable[[str], None], follow: Callable[[], Awaitable[None]]) -> None:
        self._room, self._ring, self._follow = room, ring, follow
        self._failures = 0  # in a row

    async def keep(self) -> None:
        """Keep the line until cancelled; a line that is cut is opened again, and until then the seat is not ours."""
        while True:
            line = None
            try:
                line = await self._room.store.line()
                self._ring("shelf")  # what was called meanwhile was not heard
                await self._work(line)
            except (StoreError, LeaseLost) as error:
                self._fails(error)
            except Exception as error:  # noqa: BLE001 - a fault of ours is told, and the work tried again
                self._fails(error)
                tell("error", "work.crashed", work="share", exc_info=error)
            finally:
                self._leave("the daemon stops")
                if line is not None:
                    await line.close()
            await asyncio.sleep(pause(self._failures, self._room.rng))

    def _fails(self, error: Exception) -> None:
        self._failures += 1
        self._leave(str(error))
        if self._failures == 1:
            tell("warning", "line.cut", problem=str(error))

    async def _work(self, line: Line) -> None:
        clock, due = asyncio.get_running_loop().time, 0.0
        while True:
            if clock() >= due:
                await self._look(line)
                self._failures = 0
                due = clock() + LOOK.total_seconds()
            for what in await line.hear(LOOK):
                self._ring(what)

    async def _look(self, line: Line) -> None:
        """Take the seat if it is free; give it up if a person's command stands in line for it."""
        held = self._room.store.seat.held
        if await line.wanted():
            if held:
                await self._give_way(line)
        elif self._room.role in CURATES and not held and (number := await line.sit()) is not None:
            async with _breathing(line):
                await self._sit(number)

    async def _sit(self, number: int) -> None:
        """Begin to curate: nothing that we had in mind counts, for others have worked since."""
        room = self._room
        async with room.curating, room.publishing:
            room.desk = room.learner = None
            room.store.seat = Seat(held=True, number=number)
            await sync_topics(room)
            await self._follow()
        metrics.curator(True)
        tell("info", "curator.seated", number=number)
        for bell in ("curate", "publish", "tell", "index", "shelf"):
            self._ring(bell)

    async def _give_way(self, line: Line) -> None:
        """Let a person's command work, when what is in hand is done."""
        async with _breathing(line), self._room.curating, self._room.publishing:
            self._leave("a command works")
        await line.rise()

    def _leave(self, why: str) -> None:
        if self._room.store.seat.held:
            self._room.store.seat = Seat(held=False)
            metrics.curator(False)
            tell("info", "curator.left", why=why)


@asynccontextmanager
async def seated(room: Newsroom) -> AsyncIterator[None]:
    """Curate and publish in this process for a while, whoever does it otherwise: he gives way within seconds."""
    if room.store.seat.held:
        yield
        return
    line = await room.store.line()
    try:
        number = await line.wait()
        async with _breathing(line):
            room.desk = room.learner = None
            room.store.seat = Seat(held=True, number=number)
            await sync_topics(room)
            yield
    finally:
        room.store.seat = Seat(held=False)
        await line.close()


@asynccontextmanager
async def _breathing(line: Line) -> AsyncIterator[None]:
    """Show that we live, as long as the block lasts; who is cut off cannot commit any more, and that says enough."""
    breath = asyncio.create_task(_breathe(line))
    try:
        yield
    finally:
        breath.cancel()
        await asyncio.gather(breath, return_exceptions=True)


async def _breathe(line: Line) -> None:
    with suppress(StoreError):
        while True:
            await asyncio.sleep(LOOK.total_seconds())
            await line.wanted()
