"""Nothing grows with the number of polls: tens of thousands of them in virtual time, curated and published as well."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import statistics
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from aggregator.lab.origin import Document, answer
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import PATH
from aggregator.model import Pause, PollRule, Topic
from aggregator.publish import Fragments

MIB = 1024 * 1024
SOURCES, HOSTS = 50, 10
PADDING = f"<!-- {'слово ' * 2000} -->"  # 22 kB: who kept one document of each poll would hold 220 MB of 10,000
EVERY = timedelta(days=1)  # so that what is kept for days comes and goes within a few hundred polls


class Press:
    """Answers for all: something new with every fourth question, now and then an error, else 304."""

    def __init__(self):
        self.asked = defaultdict(int)

    def __call__(self, request):
        number = int(parse_qs(urlsplit(request.target.decode()).query)["feed"][0])
        self.asked[number] += 1
        newest = number * 100_000 + self.asked[number] // 4
        body = rss(*range(newest - 5, newest + 1), inside=PADDING, site=f"https://outlet-{number}.example")
        return answer(Document(body=body, etag=b'"%d"' % newest), request)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the process holds after so many polls."""

    polls: int
    bytes: int
    descriptors: int
    tasks: int


def held(store, polls):
    """Look after what is only lent was given back: garbage, the pages that SQLite keeps, what malloc holds ready."""
    gc.collect()
    for engine in (store._write_engine, store._read_engine):
        connections = [engine.raw_connection() for _ in range(engine.pool.size())]
        for connection in connections:
            connection.execute("PRAGMA shrink_memory")
            connection.close()
    ctypes.CDLL(None).malloc_trim(0)
    process = psutil.Process()
    return Held(
        polls=polls, bytes=process.memory_info().rss, descriptors=process.num_fds(), tasks=len(asyncio.all_tasks())
    )


@pytest.mark.fault("F34")
@pytest.mark.parametrize(
    ("polls", "warm", "most_bytes"),
    [
        # What SQLite's statements and malloc keep of a beginning is some MB, and would be more for each 10,000.
        pytest.param(1000, 400, 60 * MIB, id="short", marks=pytest.mark.timeout(300)),
        pytest.param(50_000, 20_000, MIB, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
async def test_nothing_grows_with_the_number_of_polls(world, polls, warm, most_bytes, record_property):
    press, publishers = Press(), [world.publisher() for _ in range(HOSTS)]
    for one in publishers:
        world.origin.script(PATH, press, host=one.host)
    rule = PollRule(every=EVERY)
    configured = [
        world.source(one, id=f"s{n}", url=f"{one.url}?feed={n}", poll=rule)
        for n in range(SOURCES)
        for one in [publishers[n % HOSTS]]
    ]
    topic = Topic(id="all", title="Всё", match="title:/./")
    await world.configure(*configured, topics=(topic,), pause=Pause(gap=timedelta(0), at_once=SOURCES))
    world.room.fragments = Fragments(max_bytes=200_000)  # what is lent to them by design is full soon
    looks, done = [], 0
    while done < polls:
        done += len(await world.work(2 * EVERY, tick=timedelta(hours=2)))
        await world.publish("all")
        world.origin.forget()
        if done >= warm:
            looks.append(held(world.room.store, done))
    slope = statistics.linear_regression([one.polls for one in looks], [one.bytes for one in looks]).slope
    record_property("table bytes that 10,000 polls leave behind", {f"{polls} polls": round(slope * 10_000)})
    assert slope * 10_000 < most_bytes
    assert max(one.descriptors for one in looks[1:]) <= looks[0].descriptors + HOSTS
    assert max(one.tasks for one in looks[1:]) <= looks[0].tasks + HOSTS
