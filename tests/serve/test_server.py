"""The server itself: its socket, its end, its manners towards the daemon."""

from __future__ import annotations

import asyncio
import signal
import socket
from urllib.parse import urlsplit

import pytest
from serve_making import ADDRESSES, BODIES, Stand, ask, documents

from aggregator.serve import make_server


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
