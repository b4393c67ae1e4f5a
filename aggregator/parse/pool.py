"""A pool of parser processes that can be lost without loss.

In:    bodies.
Out:   what read() makes of them, or a ParseError.
Never: waits longer than the deadline, shares a process between two documents at a time, or leaves one behind.

A document may hang the parser, crash it or eat its memory; then its process is ended and the next document gets
another one. Processes are also replaced after RECYCLE documents, because what they leak we cannot see.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aggregator.errors import ParseError
from aggregator.model import Parsed, Source

RECYCLE = 500  # documents
_LENGTH = 4  # bytes, as in worker.py
_PIECE = 64 * 1024  # bytes, as much as a pipe holds
_LONGEST = 512 * 1024 * 1024  # bytes of an answer; a longer one is not ours
_GRACE = timedelta(seconds=10)  # of CPU beyond the deadline, for a process whose parent is gone


class Workers:
    """Reads documents in processes of their own. Use as an async context manager; processes start when needed."""

    def __init__(
        self, *, count: int = 2, deadline: timedelta = timedelta(seconds=20), memory_bytes: int = 1024**3
    ) -> None:
        self._deadline, self._memory_bytes = deadline, memory_bytes
        self._gate = asyncio.Semaphore(count)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in list(self._all):
            await self._end(worker)

    async def parse(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str,
        source: Source,
        offset: timedelta = timedelta(0),
        now: datetime,
    ) -> Parsed:
        """Return what read() returns. Raises ParseError only; of its kinds parser-hung, parser-died and
        internal (none could be started) are ours.

        offset  by how much the source's dates are known to be ahead of the truth
        """
        of_source = {"zone": source.zone, "select": source.select, "sitemap": source.sitemap}
        reading = source.reading(offset)
        how = pickle.dumps({"url": url, "content_type": content_type, "now": now, "reading": reading} | of_source)
        answer = await self._answer(how, body)
        if isinstance(answer, Parsed):
            return answer
        raise ParseError(*answer)

    async def article(self, body: bytes, *, url: str, content_type: str, source: Source) -> str:
        """Return the article in a page as safe HTML, "" where there is none. Raises as parse does."""
        of_page = {"url": url, "content_type": content_type, "reading": source.reading(), "article": True}
        answer = await self._answer(pickle.dumps(of_page), body)
        if isinstance(answer, str):
            return answer
        raise ParseError(*answer)

    async def _answer(self, how: bytes, body: bytes) -> Any:
        async with self._gate:
            return await self._asked(await self._ready(), how, body)

    async def _ready(self) -> _Worker:
        """Return an idle process that still lives, else a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.process.returncode is None:
                return worker
            await self._end(worker)
        try:
            worker = await _Worker.start(self._memory_bytes, self._deadline + _GRACE)
        except OSError as error:  # in our own process nothing is parsed, whatever there is no room for
            raise ParseError("internal", f"no parser can be started: {error.strerror or error}") from error
        self._all.add(worker)
        return worker

    async def _asked(self, worker: _Worker, how: bytes, body: bytes) -> Any:
        """Return the process's answer; whatever else happens, the process is ended."""
        healthy = False
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                answer = await worker.ask(how, body)
            healthy = worker.asked < RECYCLE and (isinstance(answer, Parsed | str) or answer[0] != "parser-died")
        except TimeoutError:
            problem = f"the parser did not finish within {self._deadline.total_seconds():g} s"
            raise ParseError("parser-hung", problem) from None
        except (asyncio.IncompleteReadError, ConnectionError, pickle.UnpicklingError):
            await self._end(worker)
            raise ParseError("parser-died", f"the parser {worker.death()}") from None
        finally:
            if healthy:
                self._idle.append(worker)
            else:
                await self._end(worker)
        return answer

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.end()


def _length(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH, "big")


class _Worker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.asked = 0

    @classmethod
    async def start(cls, memory_bytes: int, cpu: timedelta) -> Self:
        """Start a process in a session of its own: Ctrl-C is for the daemon, which ends it in its own time."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "aggregator.parse.worker", str(memory_bytes), str(int(cpu.total_seconds()))),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    async def ask(self, how: bytes, body: bytes) -> Any:
        """Send a request and return the answer. The body goes in pieces: a long one must not be here twice."""
        self.asked += 1
        source, sink = self.process.stdout, self.process.stdin
        assert source is not None
        assert sink is not None
        sink.write(_length(how) + how + _length(body))
        for begin in range(0, len(body), _PIECE):
            sink.write(body[begin : begin + _PIECE])
            await sink.drain()
        length = int.from_bytes(await source.readexactly(_LENGTH), "big")
        if length > _LONGEST:
            raise pickle.UnpicklingError(length)
        return pickle.loads(await source.readexactly(length))  # noqa: S301 - our own process wrote it

    async def end(self) -> None:
        """Kill the process and wait until it is gone and its pipes are closed. May be called again."""
        with suppress(ProcessLookupError):
            self.process.kill()
        with suppress(ConnectionError):
            await self.process.communicate()

    def death(self) -> str:
        """Return how a process that is gone went."""
        code = self.process.returncode
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with code {code}"
