"""What asking costs: CPU per 304, ours beside httpx: `python -m bench.fetch --help`.

Every way asks the same hosts, so many at once, and is answered 304 each time; ours does all that a poll does about it:
the guard, the deadline, the headers of a source, redirects looked for. The origin is a process of its own. Ways take
turns: in each run every way has one round that does not count and one that does, so that what it is compared with was
measured a moment ago. Only ratios mean anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import httpcore
import httpx

from aggregator.fetch import Client
from aggregator.fetch.guard import check, networks
from aggregator.lab.origin import Document, Origin
from aggregator.model import PollState, Source

ETAG = b'"5f1d"'
LOOPBACK = ("127.0.0.0/8",)
AGENT = "aggregator/bench (+https://feeds.example/about; feed-id=bench)"
YARDSTICK = "httpx, pooled"
TARGETS = {"ours, fresh": 0.33, "ours, kept": 0.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request cost."""

    cpu_ms: float
    wall_ms: float


Get = Callable[[str], Awaitable[int]]  # a URL to the status of its answer


@asynccontextmanager
async def _httpx(*, keep: bool, at_once: int, hosts: int) -> Any:
    """Give what asks through one AsyncClient, as its documentation shows."""
    del hosts
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once if keep else 0)
    headers = {"User-Agent": AGENT, "If-None-Match": ETAG.decode()}
    async with httpx.AsyncClient(limits=limits, trust_env=False, follow_redirects=True, timeout=60) as client:

        async def get(url: str) -> int:
            return (await client.get(url, headers=headers)).status_code

        yield get


class _Guard(httpcore.AnyIOBackend):
    """httpcore's dialler with our guard before it."""

    async def connect_tcp(self, host: str, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        check(host, host, networks(LOOPBACK))
        return await super().connect_tcp(host, *args, **options)


@asynccontextmanager
async def _httpcore(*, at_once: int, hosts: int) -> Any:
    """Give what opens one of httpcore's connections for each request, without its pool."""
    del at_once, hosts
    headers = [("Host", "h"), ("User-Agent", AGENT), ("Accept", "*/*"), ("If-None-Match", ETAG.decode())]

    async def get(url: str) -> int:
        asked = httpcore.Request("GET", url, headers=headers)
        async with asyncio.timeout(60), httpcore.AsyncHTTPConnection(asked.url.origin, network_backend=_Guard()) as one:
            answer = await one.handle_async_request(asked)
            await answer.aread()
            return answer.status

    yield get


@asynccontextmanager
async def _ours(*, keep: bool, at_once: int, hosts: int) -> Any:
    """Give the product's client, as polls use it."""
    del at_once
    state = PollState(etag=ETAG)
    async with Client(
        contact="https://feeds.example/about", version="bench", allow_private=LOOPBACK, keep=hosts if keep else 0
    ) as client:

        async def get(url: str) -> int:
            return (await client.fetch(Source(id="bench", url=url), state)).status

        yield get


WAYS: dict[str, Callable[..., AbstractAsyncContextManager[Get]]] = {
    YARDSTICK: partial(_httpx, keep=True),
    "httpx, no keep-alive": partial(_httpx, keep=False),
    "httpcore, a connection each": _httpcore,
    "ours, fresh": partial(_ours, keep=False),
    "ours, kept": partial(_ours, keep=True),
}


def main() -> None:
    """Measure and print, or be the origin that measuring needs."""
    options = _options()
    if options.serve:
        _serve(options.hosts)
        return
    report = measure(hosts=options.hosts, at_once=options.at_once, runs=options.runs)
    print(json.dumps(report, ensure_ascii=False, indent=1) if options.json else table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fetch", description="CPU per 304, ours beside httpx.")
    parser.add_argument("--hosts", type=int, default=400, help="how many hosts are asked in a round (400)")
    parser.add_argument("--at-once", type=int, default=50, help="how many of them at once (50)")
    parser.add_argument("--runs", type=int, default=9, help="how often each way has its turn (9)")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _serve(hosts: int) -> None:
    """Be the origin until stdin ends."""
    document = Document(body=b"<rss/>", etag=ETAG)
    with Origin() as origin:
        urls = [origin.serve("/feed.xml", document, host=f"127.0.{1 + n // 250}.{1 + n % 250}") for n in range(hosts)]
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


def measure(*, hosts: int, at_once: int, runs: int) -> dict[str, Any]:
    """Return the medians of all ways, and of their ratios to the yardstick, run by run."""
    command = [sys.executable, "-m", "bench.fetch", "--serve", "--hosts", str(hosts)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as origin:
        assert origin.stdout is not None
        urls = json.loads(origin.stdout.readline())
        figures = asyncio.run(_measure(urls, at_once=at_once, runs=runs))
        origin.communicate()
    rows = [_row(way, figures) for way in WAYS]
    return {"hosts": hosts, "at_once": at_once, "runs": runs, "python": platform.python_version(), "ways": rows}


async def _measure(urls: list[str], *, at_once: int, runs: int) -> dict[str, list[Cost]]:
    figures: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, make in WAYS.items():
            async with make(at_once=at_once, hosts=len(urls)) as get:
                await _round(get, urls, at_once)
                cpu, wall = time.process_time(), time.perf_counter()
                await _round(get, urls, at_once)
                share = 1000 / len(urls)
                figures[way].append(
                    Cost(cpu_ms=(time.process_time() - cpu) * share, wall_ms=(time.perf_counter() - wall) * share)
                )
    return figures


async def _round(get: Get, urls: list[str], at_once: int) -> None:
    """Ask every host once; anything but 304 ends the measurement."""
    waiting = iter(urls)

    async def work() -> None:
        for url in waiting:
            status = await get(url)
            if status != httpx.codes.NOT_MODIFIED:
                sys.exit(f"{url} answered {status}")

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


def _row(way: str, figures: dict[str, list[Cost]]) -> dict[str, Any]:
    pairs = zip(figures[way], figures[YARDSTICK], strict=True)
    return {
        "way": way,
        "cpu_ms": median(cost.cpu_ms for cost in figures[way]),
        "wall_ms": median(cost.wall_ms for cost in figures[way]),
        "ratio": median(one.cpu_ms / yardstick.cpu_ms for one, yardstick in pairs),
        "target": TARGETS.get(way),
    }


def table(report: dict[str, Any]) -> str:
    """Return the figures for a person."""
    lines = [
        f"{report['hosts']} hosts, {report['at_once']} at once, a 304 each; medians of {report['runs']} runs",
        f"{'way':28} {'CPU ms':>8} {'ms':>8} {'ratio':>7} {'target':>7}",
    ]
    for row in report["ways"]:
        target = f"{row['target']:.2f}" if row["target"] else ""
        lines.append(f"{row['way']:28} {row['cpu_ms']:8.2f} {row['wall_ms']:8.2f} {row['ratio']:7.2f} {target:>7}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
