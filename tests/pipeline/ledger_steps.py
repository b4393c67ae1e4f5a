"""Random lives of a newsroom, step by step: what comes in, what persons do, how it is configured, how it dies.

A plan is a list of plain tuples, so that a failing one can be printed, cut down and done again. Steps name items by the
number they were given at arrival: where that arrival was cut out, the step does nothing.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Table, delete, insert, select

from aggregator import __version__, dedup, pipeline
from aggregator import publish as publishing
from aggregator.config import Config
from aggregator.errors import RulingError
from aggregator.model import (
    Category,
    Change,
    Curated,
    Due,
    Item,
    Outlets,
    PollOutcome,
    PollState,
    Recorded,
    Site,
    Source,
    Topic,
    Window,
    key_of,
)
from aggregator.parse import Workers
from aggregator.pipeline import Newsroom, record, restoring
from aggregator.store import Store, artefacts, items, meta, rulings, stories, topics, withdrawal
from aggregator.store.schema import metadata
from aggregator.tag import Matcher, Muter, Tagger

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = "http://127.0.0.1:8080"
SOURCES = [f"outlet{n}" for n in range(26)]  # more than the largest step of a list
WORDS = [
    "маяк",
    "паром",
    "мост",
    "река",
    "утро",
    "рынок",
    "школа",
    "хлеб",
    "дорога",
    "парк",
    "театр",
    "музей",
    "вокзал",
    "берег",
    "остров",
    "туман",
]

TOPICS = (
    Topic(id="story", title="Сюжеты", match="category:a or category:b", fold="story", window=Window(items=4, hours=24)),
    Topic(id="copy", title="Копии", match="category:a", fold="copy", growth="loud", window=Window(items=6, hours=36)),
    Topic(id="each", title="Всё", match="not category:c", fold="none", window=Window(items=3, hours=48)),
    Topic(id="rest", title="Прочее", match="not category:a", fold="story", private=True, after=("story",)),
)
RULES = (
    {"match": "category:a"},
    {"match": "category:b"},
    {"match": "category:a or category:b"},
    {"match": "not category:d"},
    {"fold": "story"},
    {"fold": "copy"},
    {"fold": "none"},
    {"growth": "quiet"},
    {"growth": "off"},
    {"growth": "loud", "bump_at": (2, 4)},
    {"settle": timedelta(0)},
    {"settle": timedelta(minutes=15)},
    {"outlets": Outlets(at_least=2)},
    {"outlets": Outlets(at_least=1)},
    {"window": Window(items=2, hours=1)},
    {"window": Window(items=20, hours=72)},
    {"backfill": 2, "match": "category:b or category:c"},
    {"backfill": 0},
    {"private": True},
    {"private": False},
)
PAUSES = (1, 5, 14, 30, 61, 61, 61, 120, 240, 359, 361, 600, 1439, 1441, 2880, 2900, 10_000, 43_300)  # minutes
SIZES = ("word", "half", "title", "link")


def planned(seed):
    """Return the plan of this seed: 10 to 40 steps, the arrivals of one burst counted once.

    Of five lives two go back to a backup, some of them twice, and one ends with two that merge and part (R7); the
    others are what they were before lives could.
    """
    rng = random.Random(seed)
    planning = _Planning(rng)
    plan = list(planning.steps(rng.randint(10, 40)))
    if seed % 5 == 0:
        plan += planning.wavering()
    for _ in range(rng.choice((1, 1, 2)) if seed % 5 > 2 else 0):
        made = rng.randrange(len(plan))
        plan.insert(rng.randrange(made, len(plan)) + 1, ("restore",))
        plan.insert(made, ("backup",))
    return plan


class _Planning:
    """Chance, and the numbers of the items that have arrived."""

    def __init__(self, rng):
        self.rng, self.arrived = rng, []

    def steps(self, many):
        for _ in range(self.rng.randint(0, 4)):
            yield self.rule()
        kinds = {
            self.burst: 9, self.edit: 4, self.merge: 4, self.split: 4, self.pin: 1, self.regroup: 2, self.withdraw: 2,
            self.hide: 1, self.wait: 7, self.publish: 9, self.rule: 2, self.die: 2, self.meanwhile: 2, self.flip: 1,
        }  # fmt: skip
        yield from self.burst()
        for _ in range(many):
            step = self.rng.choices(list(kinds), kinds.values())[0]()
            yield from [step] if isinstance(step, tuple) else step
        yield ("publish", tuple(topic.id for topic in TOPICS))

    def one(self):
        """An item that is there: rather one of the last."""
        return self.rng.choice(self.arrived[-6:] if self.rng.random() < 0.7 else self.arrived)

    def topic(self):
        return self.rng.choice(TOPICS).id

    def burst(self):
        many = 9 if self.rng.random() < 0.06 else self.rng.choice((1, 1, 2, 3, 4))
        like = self.one() if self.arrived and self.rng.random() < 0.6 else None
        category = self.rng.choice("aaabbcd")
        for _ in range(many):
            number, rng = len(self.arrived), self.rng
            how = rng.choice(("story", "copy")) if like is not None else "alone"
            age = rng.choice((0, 0, 0, 1, 5, 30, 100, -3))
            came = "backfill" if rng.random() < 0.1 else "live"
            mine = category if rng.random() < 0.8 else rng.choice("abcd")
            yield ("arrive", number, rng.choice(SOURCES[:8] if many < 9 else SOURCES), how, like, age, came, mine)
            self.arrived.append(number)
            like = number if like is None else like
            if rng.random() < 0.2:
                yield self.wait()

    def edit(self):
        one = self.one()
        for _ in range(self.rng.choice((1, 1, 1, 5))):
            yield ("edit", one, self.rng.choice(SIZES))
            if self.rng.random() < 0.7:
                yield self.publish()

    def merge(self):
        return ("merge", self.one(), self.one())

    def split(self):
        return ("split", *{self.one() for _ in range(self.rng.choice((1, 1, 2)))})

    def flip(self):
        """Merge and part the same two again and again."""
        one, other = self.one(), self.one()
        for _ in range(self.rng.randint(2, 4)):
            for verb in (("merge", one, other), ("split", other)):
                yield verb
                yield self.publish()
                if self.rng.random() < 0.5:
                    yield self.wait()

    def wavering(self):
        """Two new ones that merge and part again and again, at all distances that matter."""
        everywhere, one = ("publish", tuple(topic.id for topic in TOPICS)), len(self.arrived)
        for number in (one, one + 1):
            yield ("arrive", number, SOURCES[number - one], "alone", None, 0, "live", "a")
        for _ in range(4):
            for verb in (("merge", one, one + 1), ("split", one + 1)):
                yield from (
                    everywhere,
                    ("wait", self.rng.choice((5, 61, 359, 361, 1439, 1441, 2880))),
                    verb,
                    everywhere,
                )

    def pin(self):
        return ("pin", self.one(), self.rng.random() < 0.2)

    def regroup(self):
        """A program changes its mind, no person."""
        return ("regroup", self.one(), self.one() if self.rng.random() < 0.5 else None)

    def withdraw(self):
        return ("withdraw", self.one())

    def hide(self):
        return ("hide", self.rng.choice(SOURCES[:8]), self.rng.random() < 0.8)

    def wait(self):
        return ("wait", self.rng.choice(PAUSES[:12] if self.rng.random() < 0.8 else PAUSES))

    def publish(self):
        some = TOPICS if self.rng.random() < 0.4 else self.rng.sample(TOPICS, self.rng.randint(1, 3))
        return ("publish", tuple(topic.id for topic in some))

    def rule(self):
        return ("rule", self.topic(), self.rng.randrange(len(RULES)))

    def die(self):
        return ("die", self.topic(), self.rng.choice(("before", "in", "after")))

    def meanwhile(self):
        """Something happens after a publication has read and before it is committed."""
        step = self.rng.choice((self.merge, self.split, self.pin, self.withdraw, self.regroup))()
        return ("meanwhile", self.topic(), step)


class Died(Exception):
    """The process is no more."""


@dataclass
class Desk:
    """A store whose transactions run where they are asked for: no thread is waited for, which is most of the time.

    It dies in its next delivery, or lets something happen before it.
    """

    store: Store
    when: str = ""  # before, in, after
    first: Callable[[], Awaitable[None]] | None = None

    @property
    def seat(self):
        return self.store.seat

    async def read(self, fn, /, *args, **kw):
        return self.store._read(_bound(fn, args, kw))

    async def write(self, fn, /, *args, **kw):
        delivers = fn is artefacts.publish
        if delivers and self.first:
            await self.first()
        if delivers and self.when == "before":
            raise Died
        result = self.store._write(_bound(_dying(fn) if delivers and self.when == "in" else fn, args, kw))
        if delivers and self.when == "after":
            raise Died
        return result

    decide = write  # who holds a file curates


def _bound(fn, args, kw):
    return lambda conn: fn(conn, *args, **kw)


def _dying(fn):
    @wraps(fn)
    def cut(conn, *args, **kw):
        fn(conn, *args, **kw)
        raise Died

    return cut


@cache
def _client():
    """Nobody is asked anything, but a newsroom has one."""
    return pipeline.client_of(_config({}, {}), lambda: START)


@cache
def _state():
    return TemporaryDirectory(prefix="lives-")  # goes with this process


def _config(sources, configured):
    return Config(
        public_url=SITE, listen_host="127.0.0.1", listen_port=8080, database="", websub="off", sources=sources,
        sections={}, rules={}, topics=configured, files=(), root=Path(), contact=f"{SITE}/about",
        state_dir=Path(_state().name),
    )  # fmt: skip


def canary(number):
    """The word that no other item says."""
    return f"zq{number}q"


@dataclass
class Life:
    """A newsroom as it lives through a plan. `watch` is called with every publication."""

    store: Desk
    watch: Callable[..., Awaitable[None]]
    went_back: Callable[..., Awaitable[None]]  # is called after every restore
    now: datetime = START
    sources: dict[str, Source] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    words: dict[str, Item] = field(default_factory=dict)  # key -> as it was told last
    keys: dict[int, str] = field(default_factory=dict)  # number of an arrival -> key
    came: dict[int, tuple] = field(default_factory=dict)  # number of an arrival -> all of its step
    gone: set[str] = field(default_factory=set)  # keys of what was withdrawn, also before a restore
    kept: dict[Table, list[dict]] = field(default_factory=dict)  # the last backup
    recorded: frozenset[tuple[str, str]] = frozenset()  # topic and entry, by the record as of the last restore
    versions: int = 0
    done: list[str] = field(default_factory=list)

    async def lives(self, plan):
        """Do all of it. Raises whatever is wrong with it."""
        self.sources = {
            name: Source(id=name, url=f"https://{name}.example/rss", title=f"Outlet {name}", priority=1 + n % 3)
            for n, name in enumerate(SOURCES)
        }
        self.topics = {topic.id: topic for topic in TOPICS}
        await self._opens()
        for step in plan:
            await self._does(step)

    async def _opens(self):
        """Begin with nothing but what is stored."""
        authority = await self.store.write(meta.authority, "feeds.example", self.now)
        config = _config(self.sources, self.topics)
        self.room = Newsroom(
            config=config, store=self.store, client=_client(), workers=Workers(), clock=lambda: self.now,
            rng=random.Random(0), authority=authority, site=Site(public_url=SITE, version=__version__),
            matcher=Matcher(config.topics, config.rules), tagger=Tagger({}), muter=Muter((), {}), ours=dedup.Ours(()),
            store_name="lives",
        )  # fmt: skip
        await pipeline.reload(self.room, config)

    async def _does(self, step, *, passes=timedelta(seconds=1)):
        verb, *args = step
        self.now += passes
        await getattr(self, f"_{verb}")(*args)

    def _key(self, number):
        return self.keys.get(number)

    # what comes in

    async def _arrive(self, number, source, how, like, age, came, category):  # noqa: PLR0917 - as the plan has it
        link = f"https://{source}.example/{canary(number)}"
        text = " ".join([*(WORDS[(number * k + k * k) % len(WORDS)] for k in range(1, 17)), canary(number)])
        item = Item(
            id=str(number), title=f"Новость {canary(number)}", link=link, content=f"<p>{text}</p>", sha256=b"",
            published=self.now - timedelta(hours=age), categories=(Category(term=category),),
        )  # fmt: skip
        key = self.keys[number] = key_of(source, item.id)
        self.came[number] = source, like, how, came
        await self._comes(number, key, item)

    async def _comes(self, number, key, item):
        """An item that the store does not know is found in its source's document."""
        source, like, how, came = self.came[number]
        there = self._key(like) if how != "alone" else None
        if there and not await self.store.read(items.by_key, there):
            there = None  # after a restore: it comes later
        found = {"arrival": came, "arrival_why": "by chance", "rank": number % 4}
        await self._taken_in(source, key, item, "new", **found, places=await self._places(key, there, how))

    async def _places(self, key, like, how):
        """The memberships that a new item brings."""
        if like is None:
            return ()
        kinds = ("story", "copy") if how == "copy" else ("story",)
        groups = {kind: await self.store.read(stories.group_of, kind, like) or like for kind in kinds}
        founders = [dedup.told(kind, name, name, name) for kind, name in groups.items()]
        return (*founders, *(dedup.told(kind, name, key, name) for kind, name in groups.items()))

    async def _edit(self, number, size):
        if (key := self._key(number)) is None:
            return
        self.versions += 1
        item, mark = self.words[key], f"{self.versions}"
        words = item.content.removesuffix("</p>").split()
        changes = {
            "word": {"content": " ".join([*words[:-2], f"правка{mark}", words[-1]]) + "</p>"},
            "half": {"content": " ".join([words[0], *(f"{word}{mark}" for word in words[1:-1]), words[-1]]) + "</p>"},
            "title": {"title": f"Новость {canary(number)} {mark}"},
            "link": {"link": f"{item.link.partition('?')[0]}?v={mark}"},
        }
        source = (await self.store.read(items.by_key, key)).source
        await self._taken_in(source, key, replace(item, **changes[size]), "changed")

    async def _taken_in(self, source, key, item, kind, places=(), **found):
        said = f"{item.title} {item.link} {item.content}"
        item = self.words[key] = replace(item, sha256=sha256(said.encode()).digest())
        outcome = PollOutcome(
            source=source, at=self.now, ended="changed", state=PollState(), took=timedelta(0),
            due=Due(at=self.now, interval=timedelta(0), why=""),
            changes=(Change(kind=kind, key=key, item=item, **found),),
        )  # fmt: skip
        await self.store.write(self._curated, outcome, places)

    def _curated(self, conn, outcome, places):
        """Store an item, and decide about it by the topics of now."""
        [change] = outcome.changes
        items.take_in(conn, outcome)
        stored = items.by_key(conn, change.key)
        source = self.sources[outcome.source]
        alone = {"sections": (), "owner": None, "beside": pipeline.Beside()}
        facts = pipeline.facts_of(stored, stored.item, source, language="ru", now=self.now, **alone)
        matched = self.room.matcher.match(facts)
        verdicts = tuple(publishing.admit(self.room.config.topics[hit.topic], stored, hit.why) for hit in matched)
        one = Curated(
            key=change.key,
            language="ru",
            canonical_url=None,
            sections=(),
            credits=(),
            memberships=tuple(places),
            verdicts=verdicts,
        )
        items.commit_curated(conn, [one], seen={change.key: (stored.item.sha256, False)}, now=self.now)

    # what persons and programs do

    async def _merge(self, one, other):
        with suppress(RulingError):
            if self._key(one) and self._key(other):
                await pipeline.merge(self.room, self._key(one), self._key(other))

    async def _split(self, *numbers):
        with suppress(RulingError):
            if keys := [key for number in numbers if (key := self._key(number))]:
                await pipeline.split(self.room, keys)

    async def _pin(self, number, off):
        with suppress(RulingError):
            if self._key(number):
                await pipeline.pin(self.room, self._key(number), off=off)

    async def _regroup(self, number, other):
        """A program finds an item in another story, or in none."""
        key, there = self._key(number), self._key(other)
        group = await self.store.read(stories.group_of, "story", key) if key else None
        members = await self.store.read(stories.members, "story", group) if group else []
        if key is None or there == key or (len(members) < 2 and there is None):
            return
        after = [one for one in dedup.parted(members, [key]) if one.item != key] if members else []
        if there and any(one.item == there for one in members):
            return
        keys = [one.item for one in members] or [key]
        if there:
            name = await self.store.read(stories.group_of, "story", there) or there
            after += [one for one in await self._places(key, there, "story") if one.story == name]
        copies = [one for kind in ("copy",) for one in await self._memberships(kind, keys)]
        await self.store.write(rulings.regroup, keys, [*after, *copies], now=self.now)

    async def _memberships(self, kind, keys):
        """The places of these items, as they are."""
        found = {group for key in keys if (group := await self.store.read(stories.group_of, kind, key))}
        return [one for group in found for one in await self.store.read(stories.members, kind, group)]

    async def _withdraw(self, number):
        if (key := self._key(number)) and await pipeline.withdraw(self.room, [key], "by hand"):
            self.gone.add(key)

    async def _hide(self, name, private):
        self.sources[name] = replace(self.sources[name], private=private)
        await self._reloads()
        mine = await self.store.read(withdrawal.standing, name)
        await self.store.write(topics.moved_now, mine)

    async def _rule(self, topic, number):
        self.topics[topic] = replace(self.topics[topic], **RULES[number])
        await self._reloads()

    async def _reloads(self):
        await pipeline.reload(self.room, _config(dict(self.sources), dict(self.topics)))

    async def _wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    async def _backup(self):
        self.kept = await self.store.read(copied)

    async def _restore(self):
        """Go back to the backup; sources show again what they showed, and how they show it now."""
        if not self.kept:
            return
        self.store.store.write_now(refilled, self.kept)
        restoring.recall(self.store.store, Path(_state().name), self.now, was={})
        lines = record.read(record.files(Path(_state().name), None), record.Tally())
        self.recorded = frozenset((line.topic, line.entry_id) for line in lines if isinstance(line, Recorded))
        await self._opens()
        await self.went_back(self)
        for number, key in self.keys.items():
            stored, said = await self.store.read(items.by_key, key), self.words[key]
            if stored is None:
                await self._comes(number, key, said)
            elif stored.item.sha256 != said.sha256:
                await self._taken_in(stored.source, key, said, "changed")

    # what readers get

    async def _publish(self, names):
        for name in names:
            await self.watch(self, name, lambda name=name: pipeline.publish(self.room, name))

    async def _meanwhile(self, name, step):
        doomed = Desk(self.store.store, first=lambda: self._does(step, passes=timedelta(0)))
        await self.watch(self, name, lambda: self._through(doomed, name), overtaken=True)

    async def _through(self, store, name):
        """Publish through this store."""
        room = replace(self.room, store=store)
        room.fragments = self.room.fragments
        return await pipeline.publish(room, name)

    async def _die(self, name, when):
        async def dies():
            with suppress(Died):
                await self._through(Desk(self.store.store, when), name)
            await self._opens()

        if when == "after":
            await self.watch(self, name, dies)
        else:
            await dies()


def copied(conn):
    """Return all that a store knows."""
    return {table: [dict(row) for row in conn.execute(select(table)).mappings()] for table in metadata.sorted_tables}


def refilled(conn, kept):
    """Let a store know that again, and nothing else."""
    for table in reversed(metadata.sorted_tables):
        conn.execute(delete(table))
    for table, rows in kept.items():
        if rows:
            conn.execute(insert(table), rows)


def emptied(conn):
    """Forget all, so that the next life begins with an empty store, and no record."""
    for path in record.files(Path(_state().name), None):
        path.unlink()
    for table in reversed(metadata.sorted_tables):
        conn.execute(delete(table))
