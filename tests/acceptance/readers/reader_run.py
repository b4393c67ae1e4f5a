"""Days in virtual time: papers print, the product's newsroom works, eight readers ask.

In:    a stream, a script, topics.
Out:   a Run: the truth, each document that was ever served, what each reader was shown.
Never: waits, or lets anything but the product decide what is in a document.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from reader_documents import Entry, Parser
from reader_models import Reader
from reader_stream import BEGIN, HOUR, PAPERS, PAST, News, Paper, Stream
from reader_truth import Subject, Truth
from sqlalchemy import select

from aggregator import pipeline
from aggregator.lab.origin import Origin
from aggregator.lab.score.world import START, Publisher, World
from aggregator.model import Source, key_of
from aggregator.pipeline import Newsroom
from aggregator.pipeline.restoring import put_back
from aggregator.store import artefacts, topics
from aggregator.store.backup import back_up
from aggregator.store.schema import artefact, story_item

Happens = Callable[["Stage"], Awaitable[None]]


class Nobody(Exception):
    """Whom a scene is about has not come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Something that happens beside the printing of news."""

    day: int
    hour: int
    does: Happens

    @property
    def at(self) -> datetime:
        """The moment."""
        return BEGIN + timedelta(days=self.day, hours=self.hour)


@dataclass(slots=True)
class Outlet:
    """A paper, where it is served, and the source that polls it."""

    paper: Paper
    publisher: Publisher
    source: Source
    renames: Callable[[News], News] = lambda news: news
    due: bool = True  # its document is another one than when it was polled last


@dataclass(slots=True, kw_only=True)
class Run:
    """What came of it."""

    subjects: dict[str, Subject]
    truth: Truth
    documents: dict[str, list[tuple[datetime, Sequence[Entry]]]]  # topic -> each Atom document, and since when
    readers: Sequence[Reader]
    stories: dict[str, set[str]]  # id of a story -> the addresses that ever stood on its page
    groups: dict[str, str]  # first address of each item -> the story that the product has it in, at the end
    last: dict[str, list[bytes]]  # format -> the documents of the last hour
    end: datetime
    put_off: list[str] = field(default_factory=list)  # scenes that waited to the end for whom they are about


class Stage:
    """The world as the script sees it."""

    def __init__(self, world: World, stream: Stream, subjects: Iterable[Subject], readers: Sequence[Reader]) -> None:
        self.world, self.stream = world, stream
        self.subjects = {one.topic.id: one for one in subjects}
        self.truth, self.readers = Truth(), readers
        self.outlets: dict[int, Outlet] = {}
        self.dies_before: set[str] = set()  # "curate", "publish": in this step
        self.documents: dict[str, list[tuple[datetime, Sequence[Entry]]]] = {id_: [] for id_ in self.subjects}
        self.waiting: list[tuple[datetime, int, Happens]] = []  # a heap: when, in which order, what
        self.taken: set[int] = set()  # happenings that the script has used
        self._order = count()
        self._grouped: list[dict[str, str]] = []  # before each word of a person: first address -> story
        self._parser = Parser()
        self._etags: dict[tuple[str, str], str] = {}
        self._shelf: dict[tuple[str, str], Sequence[Entry]] = {}
        self._unseen: set[tuple[Reader, str]] = set()  # documents that a reader has not seen yet

    def later(self, delay: timedelta, does: Happens) -> None:
        """Let something happen after a while."""
        heapq.heappush(self.waiting, (self.now + delay, next(self._order), does))

    async def happens(self) -> None:
        """Let happen what is due."""
        while self.waiting and self.waiting[0][0] <= self.now:
            *_, does = heapq.heappop(self.waiting)
            try:
                await does(self)
            except Nobody:
                self.later(HOUR, does)

    # --- papers -----------------------------------------------------------------------------------------------

    def opens(self, number: int, past: Collection[News], shown: int = 30) -> Outlet:
        """Let a paper begin, with these items in its first document."""
        paper, publisher = Paper(number=number, stands=list(past), shown=shown), self.world.publisher()
        source = self.world.source(publisher, id=f"gazeta-{number}", title=paper.title)
        for news in past:
            self.truth.prints(news, news.guid)
        self.outlets[number] = Outlet(paper, publisher, source)
        return self.outlets[number]

    def prints(self, news: News) -> None:
        """Let a paper print an item."""
        outlet = self.outlets[news.paper]
        self.truth.prints(news, news.guid)
        renamed = outlet.renames(news)
        self.truth.prints(news, renamed.guid)
        outlet.paper.prints(renamed)
        outlet.due = True

    def edits(self, news: News, **how: str) -> News:
        """Let a paper change an item that stands in its document; return it as it is from then on."""
        outlet = self.outlets[news.paper]
        before = self.stands(news)
        after = replace(before, **how)
        outlet.paper.changes(before, after)
        outlet.due = True
        self.truth.edits[self.truth.news[news.link].link].append(self.now)
        return after

    def stands(self, news: News) -> News:
        """Return an item as it stands in its paper's document now. Raises StopIteration where it has left."""
        return next(one for one in self.outlets[news.paper].paper.stands if one.number == news.number)

    # --- the newsroom -----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The world's clock."""
        return self.world.now

    def key(self, news: News) -> str:
        """Return the product's name of an item."""
        return key_of(self.outlets[news.paper].source.id, self.truth.ids[self.truth.news[news.link].link])

    async def configures(self) -> None:
        """Let a person save the configuration."""
        sources = [outlet.source for outlet in self.outlets.values()]
        await self.world.configure(*sources, topics=tuple(one.topic for one in self.subjects.values()))

    async def says(self, do: str, *news: News) -> None:
        """Let a person say something about stories: `aggregator story DO`."""
        self._grouped.append(await self.groups())  # what stood on the pages of stories until now
        answers = await self.world.story(do, *map(self.key, news))
        assert answers[-1] == {"event": "done"}, answers

    async def works(self) -> None:
        """Poll who has news, sort what came, publish; die in between where the script says so."""
        due = {outlet.source.id: outlet for outlet in self.outlets.values() if outlet.due}
        claims = await self.world.claims(only=list(due), ignore_schedule=True) if due else []
        assert {claim.source for claim in claims} == due.keys()
        for claim in sorted(claims, key=lambda claim: list(due).index(claim.source)):
            due[claim.source].publisher.serves(due[claim.source].paper.document())
            await self.world.answer(claim)
            due[claim.source].due = False
        await self._dies("curate")
        await self.world.curate()
        await self._dies("publish")
        for topic in await self.world.read(topics.dirty, self.now):
            await pipeline.publish(self.room, topic)
        await self._delivered()

    @property
    def room(self) -> Newsroom:
        """The product, as it is open now."""
        assert self.world.room is not None
        return self.world.room

    async def backup(self) -> Path:
        """Copy the store while the newsroom is open: `db backup`."""
        made = self.world.database.with_suffix(".backup")
        back_up(self.world.database, made)
        return made

    async def restore(self, backup: Path) -> None:
        """Put an older store in the place of this one: `db restore`."""
        async with self.world.stopped():
            put_back(backup, self.world.database, self.world.folder, self.now, was={})

    async def _dies(self, before: str) -> None:
        if before in self.dies_before:
            self.dies_before.discard(before)
            await self.world.restart()

    # --- readers ----------------------------------------------------------------------------------------------

    async def _delivered(self) -> None:
        """Put what is served now on the shelf."""
        c = artefact.c
        every = select(c.topic, c.format, c.etag).where(c.encoding == "identity", c.format != "html")
        for topic, format_, etag in await self.world.read(lambda conn: conn.execute(every).all()):
            if self._etags.get((topic, format_)) != etag:
                self._etags[topic, format_] = etag
                served = await self.world.read(artefacts.load, topic, format_, "identity")
                entries = self._parser.entries(format_, served.body)
                self._shelf[topic, format_] = entries
                self._unseen |= {(reader, topic) for reader in self.readers if reader.format == format_}
                if format_ == "atom":
                    self.documents[topic].append((self.now, entries))

    def asked(self) -> None:
        """Let each reader whose hour it is ask for its topics."""
        for reader in self.readers:
            if reader.asks(self.now - BEGIN):
                for topic in self.subjects:
                    if (reader, topic) in self._unseen:
                        self._unseen.discard((reader, topic))
                        reader.takes_in(topic, self._shelf[topic, reader.format], self.now)

    async def pages(self) -> dict[str, set[str]]:
        """Return the addresses that ever stood on the page of each story, which is named after an item of it."""
        keys = {self.key(news): news.link for news in self.truth.news.values()}
        pages: dict[str, set[str]] = defaultdict(set)
        for grouped in (*self._grouped, await self.groups()):
            told: dict[str, set[str]] = defaultdict(set)
            for link, story in grouped.items():
                told[story].add(link)
            for key, link in keys.items():
                if link in grouped:
                    pages[key] |= told[grouped[link]]
        return pages

    async def groups(self) -> dict[str, str]:
        """Return the story of each item."""
        keys = {self.key(news): news.link for news in self.truth.news.values()}
        c = story_item.c
        rows = await self.world.read(lambda conn: conn.execute(select(c.item, c.story)).all())
        return {link: key for key, link in keys.items()} | {keys[item]: story for item, story in rows}

    async def last(self) -> dict[str, list[bytes]]:
        """Return the documents that are served now."""
        served = await self.world.read(artefacts.every, list(self.subjects))
        plain = [one for one in served if one.encoding == "identity"]
        return {format_: [one.body for one in plain if one.format == format_] for format_ in ("atom", "rss")}


async def run(
    folder: Path,
    *,
    stream: Stream,
    script: Sequence[Scene],
    subjects: Sequence[Subject],
    models: Iterable[type[Reader]],
) -> Run:
    """Live through the days of a stream."""
    readers = [model() for model in models]
    with Origin() as origin:
        async with World(origin, folder) as world:
            await world.begin("fourteen days")
            stage = Stage(world, stream, subjects, readers)
            for number in range(PAPERS):
                stage.opens(number, stream.old(number, PAST))
            await stage.configures()
            await stage.works()
            await _lived(stage, script)
            return Run(
                subjects=stage.subjects,
                truth=stage.truth,
                documents=stage.documents,
                readers=readers,
                stories=await stage.pages(),
                groups=await stage.groups(),
                last=await stage.last(),
                end=stage.now,
                put_off=[str(does) for *_, does in stage.waiting],
            )


async def _lived(stage: Stage, script: Sequence[Scene]) -> None:
    hours = {BEGIN + hour * HOUR for hour in range((stage.stream.end - BEGIN) // HOUR + 1)}
    moments = sorted(hours | {news.at for news in stage.stream.news})
    news = list(reversed(stage.stream.news))
    for scene in script:
        stage.later(scene.at - stage.now, scene.does)
    for moment in moments:
        stage.world.now = max(stage.world.now, moment)
        while news and news[-1].at <= moment:
            stage.prints(news.pop())
        await stage.happens()
        await stage.works()
        if moment in hours:
            stage.asked()


def began() -> datetime:
    """When topics are configured first."""
    return START
