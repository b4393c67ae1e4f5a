"""The pool of parser processes: whatever happens to one, the next document is read."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from parse_samples import NOON, URL, rss

from aggregator.errors import ParseError
from aggregator.model import Source
from aggregator.parse import Workers, pool

GOOD = rss("<item><guid>1</guid><title>Мост</title></item>").encode()
HOW = {"url": URL, "content_type": "", "source": Source(id="a", url=URL), "now": NOON}


def processes(parent: int | None = None) -> list[psutil.Process]:
    return [p for p in psutil.Process(parent).children() if "aggregator.parse.worker" in p.cmdline()]


async def read_well(workers: Workers) -> None:
    assert [item.title for item in (await workers.parse(GOOD, **HOW)).items] == ["Мост"]


async def test_documents_are_read_at_the_same_time_by_as_many_processes_as_asked():
    async with Workers(count=2) as workers:
        await asyncio.gather(*(read_well(workers) for _ in range(20)))
        assert len(processes()) == 2
    assert processes() == []


async def test_a_refusal_is_the_documents_fault_and_costs_no_process():
    async with Workers(count=1) as workers:
        await read_well(workers)
        (before,) = processes()
        with pytest.raises(ParseError, match="an HTML page came") as refused:
            await workers.parse(b"<html><title>x", **HOW)
        assert refused.value.kind == "not-a-feed"
        assert processes() == [before]


@pytest.mark.fault("F22")
async def test_a_process_past_its_deadline_is_ended_and_replaced():
    async with Workers(count=1, deadline=timedelta(seconds=3)) as workers:
        await read_well(workers)
        (stuck,) = processes()
        stuck.suspend()
        with pytest.raises(ParseError, match="did not finish within 3 s") as refused:
            await workers.parse(GOOD, **HOW)
        assert refused.value.kind == "parser-hung"
        assert not stuck.is_running()
        await read_well(workers)


@pytest.mark.fault("F22")
async def test_a_process_that_dies_over_a_document_is_replaced():
    async with Workers(count=1) as workers:
        await read_well(workers)
        (victim,) = processes()
        victim.suspend()  # so that the document is surely not answered yet
        reading = asyncio.create_task(workers.parse(GOOD, **HOW))
        await asyncio.sleep(0)
        victim.send_signal(signal.SIGABRT)
        victim.resume()
        # asyncio says 255 where somebody else in this process was quicker to wait for the child
        with pytest.raises(ParseError, match=r"killed by SIGABRT|ended with code 255") as refused:
            await reading
        assert refused.value.kind == "parser-died"
        await read_well(workers)


@pytest.mark.fault("F31")
async def test_a_document_that_eats_the_memory_is_refused_and_the_next_one_read():
    big = rss("<item><title>x</title><description>" + "слово " * 5_000_000 + "</description></item>").encode()
    async with Workers(count=1, memory_bytes=256 * 1024**2) as workers:
        with pytest.raises(ParseError) as refused:
            await workers.parse(big, **HOW)
        assert refused.value.kind == "parser-died"
        await read_well(workers)


async def test_a_process_is_replaced_after_many_documents():
    async with Workers(count=1) as workers:
        await read_well(workers)
        (first,) = processes()
        for _ in range(pool.RECYCLE - 1):
            await read_well(workers)
        await read_well(workers)
        (second,) = processes()
        assert first.pid != second.pid


async def test_a_cancelled_reading_gives_its_process_up():
    async with Workers(count=1) as workers:
        await read_well(workers)
        (busy,) = processes()
        busy.suspend()
        reading = asyncio.create_task(workers.parse(GOOD, **HOW))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not busy.is_running()
        await read_well(workers)


async def test_ctrl_c_in_the_terminal_does_not_reach_the_processes():
    async with Workers(count=1) as workers:
        await read_well(workers)
        (worker,) = processes()
        assert os.getsid(worker.pid) != os.getsid(0)


def test_a_loop_in_any_thread_can_read():
    failed: list[BaseException] = []

    async def work() -> None:
        async with Workers(count=1) as workers:
            await read_well(workers)

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - told below, in the thread that pytest watches
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failed == []


ORPHANS = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from aggregator.model import Source
from aggregator.parse import Workers

async def main():
    async with Workers(count=1) as workers:
        source = Source(id='a', url='')
        await workers.parse(b"<rss version='2.0'/>", url="", content_type="", source=source, now=datetime.now(UTC))
        print("ready", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def test_the_processes_end_when_their_parent_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent.parent
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        orphans = processes(parent.pid)
        assert len(orphans) == 1
        parent.kill()
    _, alive = psutil.wait_procs(orphans, timeout=20)
    assert alive == []
