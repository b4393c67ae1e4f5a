"""A client that may call 127.0.0.0/8, and the origin that it calls."""

import ssl
from datetime import timedelta

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
