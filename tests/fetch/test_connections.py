"""Connections: kept only where that is right, closed in every case, tried again only where nobody was asked."""

import asyncio
import socket
import ssl
import time
from contextlib import suppress

import pytest

from aggregator.errors import FetchError
from aggregator.fetch import dial, guard, transport
from aggregator.lab.origin import Document, Response
from aggregator.model import Access, PollState, Source

FEED = Document(body=b"<rss/>", etag=b'"1"')
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"


def source(url, **options):
    return Source(id="ostrov", url=url, **options)


def says(*answers):
    """A resolver that gives each answer once, then the last one for ever; `asked` counts."""
    row = list(answers)

    async def resolve(_host):
        resolve.asked += 1
        return row.pop(0) if len(row) > 1 else row[0]

    resolve.asked = 0
    return resolve


async def test_requests_to_one_host_share_a_connection(origin, client):
    feed = origin.serve("/feed.xml", FEED)
    moved = origin.script("/old.xml", lambda _: Response(status=302, headers=[(b"Location", b"/feed.xml")], body=b"go"))
    missing = origin.url("/missing.xml")
    async with client() as it:
        await it.fetch(source(feed), PollState())
        await it.fetch(source(feed), PollState(etag=b'"1"'))
        await it.fetch(source(moved), PollState())
        with pytest.raises(FetchError):
            await it.fetch(source(missing), PollState())
        await it.get(feed, source(feed))
    assert (len(origin.requests), origin.connections) == (6, 1)
    assert all(request.header(b"connection") is None for request in origin.requests)


async def test_a_client_that_keeps_nothing_says_so(origin, client):
    feed = origin.serve("/feed.xml", FEED)
    async with client(keep=0) as it:
        await it.fetch(source(feed), PollState())
        await it.fetch(source(feed), PollState())
    assert origin.connections == 2
    assert [request.header(b"connection") for request in origin.requests] == [b"close", b"close"]


async def test_a_connection_is_kept_for_its_own_route_only(origin, client):
    feed = origin.serve("/feed.xml", FEED)
    async with client(allow=()) as it:
        await it.fetch(source(feed, allow_private=("127.0.0.0/8",)), PollState())
        with pytest.raises(FetchError, match="not on the public internet"):
            await it.fetch(source(feed), PollState())
        await it.fetch(source(feed, allow_private=("127.0.0.1/32",)), PollState())
        await it.fetch(source(feed, allow_private=("127.0.0.1/32",), access=Access(verify=False)), PollState())
    assert origin.connections == 3


async def test_no_more_than_so_many_are_kept_and_none_after_the_end(origin, client, sockets, until):
    before = sockets()
    feeds = [origin.serve("/feed.xml", FEED, host=f"127.0.0.{n}") for n in range(2, 8)]
    listening = sockets()
    async with client(keep=2) as it:
        for feed in feeds:
            await it.fetch(source(feed), PollState())
        await until(lambda: sockets() == listening + 2 * 2)  # both ends are in this process
    await until(lambda: sockets() == listening)
    assert listening > before


@pytest.fixture
def wire():
    """What makes a transport of its own, without a client around it."""

    def make(**options):
        return transport.Transport(resolve=says(["127.0.0.1"]), keep=9, trust=ssl.create_default_context, **options)

    return make


def to(port):
    return transport.Route(scheme="http", host="127.0.0.1", port=port, allowed=guard.networks(("127.0.0.0/8",)))


async def test_an_idle_connection_is_closed_after_a_moment(origin, wire, sockets, until):
    listening, it = sockets(), wire(kept_s=0.05)
    answer = await it.ask(to(origin.port), b"/", [(b"Host", b"feeds.example")])
    assert await answer.read() == b""
    assert sockets() > listening
    answer.close()
    await until(lambda: sockets() == listening)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(b"", id="and closes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<evil>", id="and answers what nobody asked"),
    ],
)
async def test_a_kept_connection_on_which_something_happened_is_not_used_again(raw, client, then):
    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await asyncio.sleep(0.05)  # it is idle now
        writer.write(then)
        await writer.drain()
        if then:
            await reader.read()

    async with raw(connected) as port, client() as it:
        for _ in range(3):
            assert (await it.fetch(source(f"http://127.0.0.1:{port}/"), PollState())).body == b"<rss/>"
            await asyncio.sleep(0.1)


async def test_what_stands_behind_an_answer_is_not_the_answer_to_the_next_request(raw, client):
    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + OK.replace(b"<rss/>", b"<evil>"))
        await reader.read()

    async with raw(connected) as port, client() as it:
        for _ in range(3):
            assert (await it.fetch(source(f"http://127.0.0.1:{port}/"), PollState())).body == b"<rss/>"


async def test_a_kept_connection_that_dies_at_the_next_request_costs_nothing(raw, client):
    came = []

    async def connected(reader, writer):
        came.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        if len(came) < 3:
            await reader.readuntil(b"\r\n\r\n")  # and says nothing

    async with raw(connected) as port, client() as it:
        for _ in range(3):
            assert (await it.fetch(source(f"http://127.0.0.1:{port}/"), PollState())).body == b"<rss/>"
    assert len(came) == 3


async def test_an_answer_that_was_not_read_to_its_end_ends_its_connection(origin, client):
    there = origin.serve("/new.xml", FEED)

    async def endless(_request, reader, writer):
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 99999\r\n\r\n..." % there.encode())
        await reader.read()

    async with client() as it:
        await it.fetch(source(origin.behave("/old.xml", endless)), PollState())
    assert origin.connections == 2


class Hole:
    """An address that swallows what comes: its queue is full, so no connection ever comes about."""

    def __init__(self, host, port):
        self._sockets = [socket.create_server((host, port), backlog=0)]
        self.port = self._sockets[0].getsockname()[1]
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect((host, self.port))
            self._sockets.append(one)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._sockets:
            one.close()


async def test_the_next_address_has_its_chance_before_the_first_has_given_up(origin, fetch, sockets, until):
    url = origin.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
    with Hole("127.0.0.77", origin.port), Hole("127.0.0.78", origin.port):
        before, began = sockets(), time.monotonic()
        got = await fetch(url, resolve=says(["127.0.0.77", "127.0.0.78", "127.0.0.1"]))
        assert time.monotonic() - began < transport.CONNECT_TIMEOUT_S / 2
        await until(lambda: sockets() == before)
    assert got.body == b"<rss/>"
    assert origin.connections == 1


@pytest.mark.parametrize(
    ("addresses", "order"),
    [
        pytest.param(["1.1.1.1"], ["1.1.1.1"], id="one"),
        pytest.param(["::1", "::2", "1.1.1.1", "2.2.2.2"], ["::1", "1.1.1.1", "::2", "2.2.2.2"], id="in turn"),
        pytest.param(["1.1.1.1", "::1", "::2"], ["1.1.1.1", "::1", "::2"], id="the preferred family first"),
        pytest.param(["::1", "::2"], ["::1", "::2"], id="one family"),
    ],
)
def test_the_families_of_addresses_are_tried_in_turn(addresses, order):
    assert dial.interleaved(addresses) == order


async def test_ipv6_is_as_good(raw, fetch):
    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)

    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    async with raw(connected, "::1") as port:
        assert (await fetch(f"http://[::1]:{port}/", allow=("::1/128",))).body == b"<rss/>"


async def silence(reader, _writer):
    await reader.read()


async def half_a_head(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    await reader.read()


async def half_a_body(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK[:-3])
    await reader.read()


@pytest.mark.parametrize(
    ("scheme", "connected"),
    [
        pytest.param("https", silence, id="in the handshake"),
        pytest.param("http", silence, id="before the answer"),
        pytest.param("http", half_a_head, id="in the headers"),
        pytest.param("http", half_a_body, id="in the body"),
    ],
)
async def test_no_socket_stays_open_when_a_fetch_is_cancelled(*, raw, client, sockets, scheme, connected, until):
    async with raw(connected) as port, client() as it:
        before = sockets()
        tasks = [asyncio.create_task(it.fetch(source(f"{scheme}://127.0.0.1:{port}/"), PollState())) for _ in range(9)]
        await until(lambda: sockets() == before + 18)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await until(lambda: sockets() == before)
        assert all(task.cancelled() for task in tasks)


async def test_no_socket_stays_open_when_a_fetch_is_cancelled_while_it_dials(client, sockets, until):
    with Hole("127.0.0.77", 0) as hole:
        before = sockets()
        async with client(resolve=says(["127.0.0.77", "127.0.0.77"])) as it:
            task = asyncio.create_task(it.fetch(source(f"http://feeds.example:{hole.port}/"), PollState()))
            await until(lambda: sockets() == before + 2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await until(lambda: sockets() == before)


async def test_when_nobody_was_reached_there_is_one_attempt_more(origin, fetch):
    url = origin.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
    resolve = says(["127.0.0.99"], ["127.0.0.1"])
    assert (await fetch(url, resolve=resolve)).body == b"<rss/>"
    assert resolve.asked == 2


async def test_and_not_a_third_not_even_behind_a_redirect(origin, failure):
    there = f"http://feeds.example:{origin.port}/feed.xml".encode()
    origin.script("/old.xml", lambda _: Response(status=302, headers=[(b"Location", there)]))
    dead, here = ["127.0.0.99"], ["127.0.0.1"]

    always = says(dead)
    assert (await failure(f"http://feeds.example:{origin.port}/", resolve=always)).kind == "connect"
    chained = says(dead, here, dead)
    assert (await failure(f"http://feeds.example:{origin.port}/old.xml", resolve=chained, keep=0)).kind == "connect"

    assert (always.asked, chained.asked, len(origin.requests)) == (2, 3, 1)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"], ids=["nothing", "503"])
async def test_who_was_asked_is_not_asked_again(raw, failure, sent):
    asked = []

    async def connected(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(sent)

    async with raw(connected) as port:
        await failure(f"http://127.0.0.1:{port}/")
    assert len(asked) == 1


async def test_silence_in_the_middle_of_an_answer_is_waited_out_for_a_while_only(raw, wire):
    async with raw(half_a_body) as port:
        answer = await wire(silence_s=0.1).ask(to(port), b"/", [(b"Host", b"feeds.example")])
        assert await answer.read() == b"<rs"
        with pytest.raises(FetchError) as caught:
            await answer.read()
        answer.close()
    assert (caught.value.kind, str(caught.value)) == ("timeout", "127.0.0.1 was silent for 0.1 seconds")
