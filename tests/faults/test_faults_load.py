"""A storm of readers, some of whom ask byte by byte, and a source that never answers: the others are served on time."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from statistics import quantiles

import pytest
from harness import PATIENCE_S, Place, free_port
from hostile import is_silent
from sample import document

from aggregator.lab.origin import Origin

SOURCES, HOSTS = 40, 10
EVERY_S = 3
CLIENTS = 10
PATH = "/feeds/all.atom"
TOPICS = {"all": {"title": "Всё", "match": "title:/./"}}


class Storm:
    """Readers on kept connections, so many requests a second together; and slow ones, who never finish theirs."""

    def __init__(self, port, *, a_second, slow):
        self.port, self.pause_s, self.slow = port, CLIENTS / a_second, slow
        self.took_s, self.cut = [], 0

    async def blow(self, enough):
        """Ask until that is so."""
        slow = [asyncio.create_task(self.drips()) for _ in range(self.slow)]
        await asyncio.gather(*(self.reads(enough) for _ in range(CLIENTS)))
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    async def reads(self, enough):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while not enough():
            began = time.monotonic()
            writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200 "), head
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
            self.took_s.append(time.monotonic() - began)
            await asyncio.sleep(max(0, began + self.pause_s - time.monotonic()))
        writer.close()

    async def drips(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        gone = asyncio.create_task(reader.read())
        try:
            writer.write(b"GET / HTTP/1.1\r\nX: ")
            while not gone.done():
                writer.write(b"x")
                await asyncio.wait({gone}, timeout=1)
            self.cut += 1
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            writer.close()


class Polls:
    """When each source was asked, as its publisher saw it."""

    def __init__(self, origin):
        self.origin, self.began = origin, time.monotonic()
        origin.forget()

    @property
    def moments(self):
        asked = {}
        for request in self.origin.requests:
            asked.setdefault((request.address, request.target), []).append(request.at)
        return asked

    @property
    def late_s(self):
        pairs = (pair for moments in self.moments.values() for pair in pairwise(moments))
        return [(later - before).total_seconds() - EVERY_S for before, later in pairs]

    def many(self, seconds):
        """Whether each was asked three times, and so long has passed."""
        passed = time.monotonic() - self.began
        moments = self.moments.values()
        return passed > seconds and (passed > PATIENCE_S or (len(moments) == SOURCES and min(map(len, moments)) > 2))


@pytest.mark.fault("F18")
@pytest.mark.fault("F36")
@pytest.mark.parametrize(
    ("seconds", "a_second"),
    [pytest.param(1, 100, id="short"), pytest.param(45, 500, id="until all patience is over", marks=pytest.mark.slow)],
)
def test_neither_readers_nor_polls_wait_for_a_source_that_hangs_or_for_readers_that_do(tmp_path, seconds, a_second):
    place = Place(root=tmp_path, port=free_port())
    with Origin() as origin:
        sources = {"hung": {"url": origin.behave("/hung.xml", is_silent, host="127.0.8.99")}}
        for number in range(SOURCES):
            url = origin.serve(f"/{number}.xml", document([f"Новость {number}"]), host=f"127.0.8.{number % HOSTS + 1}")
            sources[f"s{number}"] = {"url": url, "poll": {"every": f"{EVERY_S}s", "under_floor": True}}
        place.write(sources, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(daemon.told("source.polled")) >= SOURCES, "the first polls")
            polls, storm = Polls(origin), Storm(place.port, a_second=a_second, slow=50)
            asyncio.run(storm.blow(lambda: polls.many(seconds)))
            assert len(polls.moments) == SOURCES
            assert quantiles(polls.late_s, n=100)[-1] < 5
            assert quantiles(storm.took_s, n=100)[-1] < 1  # some milliseconds on a quiet machine
            failed = daemon.told("source.failed")
            if seconds > 30:
                assert storm.cut == 50
                assert [(one["source"], one["kind"], one["took_ms"] < 61_000) for one in failed] == [
                    ("hung", "timeout", True)
                ]
            assert {one["source"] for one in failed} <= {"hung"}
            assert daemon.stop() == 0
