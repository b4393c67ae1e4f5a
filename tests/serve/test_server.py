"""The server itself: its socket, its end, its manners towards the daemon."""

from __future__ import annotations

import asyncio
import signal
import socket
from urllib.parse import urlsplit

import pytest
from serve_making import ADDRESSES, BODIES, Stand, ask, documents

from aggregator.serve import make_server
from aggregator.serve.answer import Answer


def app():
    stand = Stand()
    stand.shelf.put(documents())
    return stand.app()


async def test_port_0_takes_a_free_port_and_says_which():
    async with make_server(app(), "127.0.0.1", 0) as server:
        assert server.port > 0
        assert urlsplit(server.address).port == server.port
        assert (await asyncio.to_thread(ask, server, "GET", ADDRESSES["atom"])).body == BODIES["atom"]


async def test_two_servers_have_two_ports():
    async with make_server(app(), "127.0.0.1", 0) as one, make_server(app(), "127.0.0.1", 0) as other:
        assert one.port != other.port


async def test_a_taken_port_is_an_error_at_once():
    async with make_server(app(), "127.0.0.1", 0) as server:
        with pytest.raises(OSError, match="in use"):
            async with make_server(app(), "127.0.0.1", server.port):
                pass


async def test_a_name_that_is_no_address_of_ours_is_an_error_at_once():
    with pytest.raises(OSError):
        async with make_server(app(), "192.0.2.1", 0):
            pass


async def test_signals_stay_the_daemons():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with make_server(app(), "127.0.0.1", 0) as server:
        await asyncio.to_thread(ask, server, "GET", "/healthz")
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_the_end_waits_for_nobody_who_only_holds_a_connection():
    async with asyncio.timeout(8):
        async with make_server(app(), "127.0.0.1", 0) as server:
            silent, slow = [await asyncio.open_connection(server.host, server.port) for _ in range(2)]
            slow[1].write(b"GET /feeds/sea.atom HTTP/1.1\r\nHost: ")
            await slow[1].drain()
            await asyncio.to_thread(ask, server, "GET", "/healthz")
        for _, writer in (silent, slow):
            writer.close()


async def test_after_the_end_the_port_is_free():
    async with make_server(app(), "127.0.0.1", 0) as server:
        await asyncio.to_thread(ask, server, "GET", "/healthz")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(ask, server, "GET", "/healthz")
    async with make_server(app(), "127.0.0.1", server.port) as again:
        assert again.port == server.port


async def test_a_block_left_at_once_leaves_nothing_behind():
    async with make_server(app(), "127.0.0.1", 0) as server:
        pass
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert server.listener.fileno() == -1


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
async def test_an_ipv6_address_is_written_in_brackets():
    try:
        async with make_server(app(), "::1", 0) as server:
            assert server.address == f"http://[::1]:{server.port}"
    except OSError:
        pytest.skip("this machine has no ::1")


async def test_an_answer_does_not_wait_for_the_clients_acknowledgement():
    async with make_server(app(), "127.0.0.1", 0) as server:
        assert server.listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.fault("F36")
async def test_whoever_never_finishes_a_request_is_let_go():
    async with make_server(app(), "127.0.0.1", 0, head_s=0.2) as server:
        silent, slow = [await asyncio.open_connection(server.host, server.port) for _ in range(2)]
        slow[1].write(b"GET / HTTP/1.1\r\nHost: ")
        for reader, writer in (silent, slow):
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()


async def taker(_scope, receive, send):
    """Take a whole body, as hubs deliver them, and answer."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def test_the_body_of_a_request_is_no_part_of_the_next_ones_head():
    """Whoever delivers 1 MB may ask again on the same connection, and his next head may come in two pieces."""
    async with asyncio.timeout(20), make_server(taker, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)
        await reader.readuntil(b"HTTP/1.1 204 ")
        writer.write(b"GET / HTTP/1.1\r\n")
        await writer.drain()
        await asyncio.sleep(0.2)  # so that it does come in two
        writer.write(b"Host: x\r\n\r\n")
        await reader.readuntil(b"HTTP/1.1 204 ")
        writer.close()


async def other(scope, _receive, send):
    """What the application answers in its own time."""
    await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    await send({"type": "http.response.body", "body": b"o" if scope["path"] == "/other" else b"q"})


class Quick:
    """An application that has an answer at once for one address."""

    def __init__(self, body=b"at once"):
        self.said = Answer(status=200, headers=[(b"content-length", b"%d" % len(body))], body=body)

    def at_once(self, scope):
        return self.said if scope["path"] == "/quick" else None

    __call__ = staticmethod(other)


def asking(path, *, method="GET", more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode()


async def bodies(reader, count):
    """Read so many answers; return their bodies."""
    found = []
    for _ in range(count):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 ok\r\ndate: ")
        found.append(await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0])))
    return found


async def test_answers_come_in_the_order_of_their_requests_however_they_are_made():
    async with asyncio.timeout(20), make_server(Quick(), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"".join(asking(path) for path in ("/quick", "/other", "/quick", "/quick", "/other", "/quick")))
        assert await bodies(reader, 6) == [b"at once", b"o", b"q", b"q", b"o", b"q"]  # behind another: no short way
        writer.write(asking("/quick") * 2)
        assert await bodies(reader, 2) == [b"at once"] * 2
        writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asking("/quick", more="Content-Length: 5\r\n") + b"hello", id="with-a-body"),
        pytest.param(asking("/quick", more="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", id="in-chunks"),
        pytest.param(asking("/quick?x=1"), id="with-a-query"),
        pytest.param(asking("/qu%69ck"), id="with-an-escape"),
        pytest.param(asking("/quick", method="PUT"), id="another-method"),
        pytest.param(asking("/quick", more="Connection: close\r\n"), id="the-last-one"),
    ],
)
async def test_only_a_plain_request_takes_the_short_way(request_):
    async with asyncio.timeout(20), make_server(Quick(), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(request_)
        assert await bodies(reader, 1) == [b"q"]
        writer.close()


class Broken(Quick):
    """An application with a fault of ours in it."""

    def at_once(self, _scope):
        raise RuntimeError

    async def __call__(self, _scope, _receive, _send):
        raise RuntimeError


async def test_a_fault_of_ours_is_no_bad_request():
    async with asyncio.timeout(20), make_server(Broken(), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(asking("/quick"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 500 ")
        writer.close()


async def test_the_short_way_answers_head_without_a_body():
    async with asyncio.timeout(20), make_server(Quick(), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(asking("/quick", method="HEAD") + asking("/quick"))
        assert b"content-length: 7" in await reader.readuntil(b"\r\n\r\n")
        assert await bodies(reader, 1) == [b"at once"]
        writer.close()


@pytest.mark.parametrize("last", ["/quick", "/other"])
async def test_a_connection_that_nobody_uses_any_more_is_let_go_however_it_was_answered(last):
    async with asyncio.timeout(30), make_server(Quick(), "127.0.0.1", 0, keep_s=0.4) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        for path in ("/quick", "/other", "/quick", last):
            await asyncio.sleep(0.1)  # in all longer than a connection may rest
            writer.write(asking(path))
            await bodies(reader, 1)
        assert not reader.at_eof()
        assert await reader.read() == b""
        writer.close()


async def test_who_is_still_answered_is_not_let_go():
    async with asyncio.timeout(30), make_server(Quick(), "127.0.0.1", 0, keep_s=0.01) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(asking("/quick") + asking("/other"))  # the second takes five times as long
        assert await bodies(reader, 2) == [b"at once", b"o"]
        writer.close()


async def test_answers_do_not_pile_up_before_a_reader_that_does_not_take_them():
    """Ask for 12 MB in one breath and read nothing: what waits is a document or two."""
    body = b"x" * 300_000
    async with asyncio.timeout(60), make_server(Quick(body), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port, limit=1000)
        writer.write(asking("/quick"))
        await bodies(reader, 1)
        writer.write(asking("/quick") * 40)
        [connection] = server.server_state.connections
        await asyncio.sleep(0.5)
        assert connection.transport.get_write_buffer_size() <= 2 * len(body) + 1000
        assert {*await bodies(reader, 40)} <= {body, b"q"}
        writer.close()


def test_a_header_stays_on_its_line():
    with pytest.raises(ValueError, match="within its line"):
        Answer(status=200, headers=[(b"link", b"<x>\r\nset-cookie: y")])
