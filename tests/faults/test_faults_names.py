"""Names that do not exist, that nobody answers for, or not in time: told apart, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Client
from aggregator.fetch.resolve import MAX_LOOKUPS, SystemResolver, unresolved
from aggregator.lab.origin import Document, Origin
from aggregator.model import PollState, Source

KINDS = {
    "gone.example": (socket.EAI_NONAME, "does not resolve"),
    "broken.example": (socket.EAI_AGAIN, "no name server answers"),
}


class Names:
    """A name server's moods: names that are known, unknown, unanswered, or answered when it is told to."""

    def __init__(self):
        self.answer, self.threads, self.asked = threading.Event(), 0, 0

    def __call__(self, host):
        self.asked += 1
        self.threads = max(self.threads, sum(one.name.startswith("look up") for one in threading.enumerate()))
        if host in KINDS:
            return unresolved(host, socket.gaierror(KINDS[host][0], "x"))
        if host == "now-and-then.example" and self.asked % 2:
            return unresolved(host, socket.gaierror(socket.EAI_AGAIN, "x"))
        if host.startswith("slow"):
            self.answer.wait(30)
        return ["127.0.0.1"]


def asking(names):
    return Client(
        contact="",
        version="0",
        allow_private=("127.0.0.0/8",),
        resolve=SystemResolver(names),
        deadline=timedelta(seconds=1),
        keep=0,
    )


async def ended(client, url):
    try:
        return (await client.fetch(Source(id="s", url=url), PollState())).status
    except FetchError as error:
        return error.kind, error.problem


@pytest.mark.fault("F21")
async def test_each_trouble_with_a_name_is_its_own_and_threads_are_bounded():
    names = Names()
    with Origin() as origin, suppress(asyncio.CancelledError):
        port = origin.port
        origin.serve("/", Document(body=b"<rss/>"))
        async with asking(names) as client:
            for host, (_, words) in KINDS.items():
                kind, problem = await ended(client, f"http://{host}:{port}/")
                assert kind == "dns"
                assert words in problem
            names.asked = 0
            flapping = [await ended(client, f"http://now-and-then.example:{port}/") for _ in range(4)]
            assert flapping.count(200) == 2
            slow = [ended(client, f"http://slow-{n}.example:{port}/") for n in range(2 * MAX_LOOKUPS)]
            waiting = asyncio.gather(*slow)
            assert await asyncio.to_thread(sum, [1, 2]) == 3  # the threads that all else uses are free
            assert await ended(client, f"http://127.0.0.1:{port}/") == 200
            assert {kind for kind, _ in await waiting} == {"timeout"}
            names.answer.set()
            assert await ended(client, f"http://known.example:{port}/") == 200
            assert names.threads <= MAX_LOOKUPS
