"""A real HTTP proxy and a real SOCKS proxy, written here byte by byte."""

import asyncio
import ipaddress
from base64 import b64encode
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from threading import Thread


class Proxy:
    """What both have in common: the names they know, the login they want, whom they were asked for."""

    def __init__(self, login=""):
        self.login, self.port = login, 0
        self.names = {"feeds.example": "127.0.0.1", "feeds.onion": "127.0.0.1", "moved.example": "127.0.0.1"}
        self.asked, self.heads, self._tasks = [], [], set()

    @asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self._guarded, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks)

    async def _guarded(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.connected(reader, writer)
        writer.close()

    async def dial(self, host, port):
        self.asked.append((host, port))
        return await asyncio.open_connection(self.names.get(host, host), port)

    @staticmethod
    async def pump(reader, writer, far_reader, far_writer):
        async def one_way(source, goal):
            try:
                while data := await source.read(65536):
                    goal.write(data)
                    await goal.drain()
            except ConnectionError:
                pass
            finally:
                goal.close()

        await asyncio.gather(one_way(reader, far_writer), one_way(far_reader, writer))


class HttpProxy(Proxy):
    scheme = "http"

    async def connected(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        if self.login and b64encode(self.login.encode()) not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            far = await self.dial(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
            await self.pump(reader, writer, *far)
        else:
            authority, _, path = target.removeprefix("http://").partition("/")
            host, _, port = authority.rpartition(":")
            far = await self.dial(host, int(port))
            far[1].write(head.replace(target.encode(), b"/" + path.encode(), 1))
            await self.pump(reader, writer, *far)


class SocksProxy(Proxy):
    scheme = "socks5h"

    async def connected(self, reader, writer):
        _, number = await reader.readexactly(2)
        methods = await reader.readexactly(number)
        wanted = 2 if self.login else 0
        if wanted not in methods:
            writer.write(b"\5\xff")
            return
        writer.write(bytes([5, wanted]))
        if self.login:
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = b"%b:%b" % (user, password) == self.login.encode()
            writer.write(b"\1\0" if right else b"\1\1")
            if not right:
                return
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = str(ipaddress.ip_address(await reader.readexactly({1: 4, 4: 16}[kind])))
        port = int.from_bytes(await reader.readexactly(2), "big")
        try:
            far = await self.dial(host, port)
        except OSError:
            writer.write(b"\5\5\0\1\0\0\0\0\0\0")
            return
        for byte in b"\5\0\0\3\4test\0\0":  # an address by name, and byte by byte: both are allowed
            writer.write(bytes([byte]))
            await writer.drain()
        await self.pump(reader, writer, *far)


@contextmanager
def running(*proxies):
    """Run them on a thread and an event loop of its own, for tests that wait for a process."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="proxies", daemon=True)
    thread.start()

    def wait(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    stack = AsyncExitStack()
    try:
        for proxy in proxies:
            wait(stack.enter_async_context(proxy.running()))
        yield
    finally:
        wait(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
