"""A client that may call 127.0.0.0/8, the origin that it calls, and what raw servers and socket counts need."""

import asyncio
import ssl
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.client import Client
from aggregator.lab.origin import Origin
from aggregator.model import PollState, Source

TLS = ssl.create_default_context()


@pytest.fixture
def origin():
    with Origin() as origin:
        yield origin


@pytest.fixture
def client():
    """What makes a client of the options that a test is about."""

    def make(*, allow=("127.0.0.0/8",), deadline_s=20.0, **options):
        options = {"contact": "https://feeds.example/about", "version": "1.2", "tls": TLS} | options
        return Client(allow_private=allow, deadline=timedelta(seconds=deadline_s), **options)

    return make


@pytest.fixture
def fetch(client):
    """Fetch one URL with a client of its own; source: keys of the Source, everything else is the client's."""

    async def fetch(url, state=None, *, source=None, **options):
        async with client(**options) as it:
            return await it.fetch(Source(url=url, **({"id": "ostrov"} | (source or {}))), state or PollState())

    return fetch


@pytest.fixture
def failure(fetch):
    """The FetchError of a fetch that must fail."""

    async def failure(url, state=None, **options):
        with pytest.raises(FetchError) as caught:
            await fetch(url, state, **options)
        return caught.value

    return failure


@pytest.fixture
def raw():
    """What makes a server of which the test writes every byte, and gives its port."""

    @asynccontextmanager
    async def serving(connected, host="127.0.0.1"):
        async def once(reader, writer):
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await connected(reader, writer)
            writer.close()

        server = await asyncio.start_server(once, host, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    return serving


@pytest.fixture
def sockets():
    """What counts the open sockets of this process."""

    def count():
        found = 0
        for link in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found += str(link.readlink()).startswith("socket:")
        return found

    return count


@pytest.fixture
def until():
    """What waits until something is so, and not for ever."""

    async def until(condition):
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    return until
