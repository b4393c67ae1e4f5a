"""Every document of the corpus, read once by the real worker processes, for all tests of this folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from conform_cases import ANY, HOST, NOON
from conform_claims import header
from conform_rules import Reading

from aggregator.errors import ParseError
from aggregator.parse import Workers

LANES = 2


@dataclass(frozen=True, kw_only=True)
class Measured(Reading):
    """A reading, and what it cost the process."""

    cpu_s: float
    wall_s: float
    grown: int  # bytes by which the process's greatest size ever is above that of a fresh one


@pytest.fixture(scope="session")
def readings(corpus) -> dict[Path, Measured]:
    """What became of every file in the corpus; two processes share the work."""
    return asyncio.run(_all(corpus, sorted(p for p in corpus.rglob("*") if p.is_file())))


async def _all(corpus: Path, paths: list[Path]) -> dict[Path, Measured]:
    found: dict[Path, Measured] = {}
    queue = iter(paths)

    async def lane() -> None:
        async with Workers(count=1) as workers:
            fresh = await _fresh(workers)
            for path in queue:
                found[path] = await _measured(workers, path, f"{HOST}/{path.relative_to(corpus)}", fresh)

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return found


async def _fresh(workers: Workers) -> int:
    """Return the greatest size of a process that has read one small feed of each format."""
    for body in (b"<rss version='2.0'/>", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'):
        await workers.parse(body, url=HOST, content_type="", source=ANY, now=NOON)
    return _greatest(workers)


async def _measured(workers: Workers, path: Path, url: str, fresh: int) -> Measured:
    body = path.read_bytes()
    said = header(body).get("Header", "")
    told = Reading(parsed=None, body=body, header=said)
    used, began = _cpu(workers), time.monotonic()
    parsed, refused, problem = None, "", ""
    try:
        parsed = await workers.parse(body, url=url, content_type=told.content_type, source=ANY, now=NOON)
    except ParseError as error:
        refused, problem = error.kind, error.problem
    return Measured(
        parsed=parsed,
        refused=refused,
        problem=problem,
        body=body,
        header=said,
        cpu_s=_cpu(workers) - used,
        wall_s=time.monotonic() - began,
        grown=_greatest(workers) - fresh,
    )


def _processes(workers: Workers) -> Iterator[psutil.Process]:
    return (psutil.Process(worker.process.pid) for worker in workers._idle)


def _cpu(workers: Workers) -> float:
    """Return the CPU seconds of the idle process; 0 before a new one starts."""
    return sum(times.user + times.system for times in (p.cpu_times() for p in _processes(workers)))


def _greatest(workers: Workers) -> int:
    """Return the greatest size the idle process ever had, in bytes (VmHWM of proc(5))."""
    sizes = [Path(f"/proc/{p.pid}/status").read_text() for p in _processes(workers)]
    return max((int(text.partition("VmHWM:")[2].split()[0]) * 1024 for text in sizes), default=0)
