"""What all bodies together may hold: small ones never wait, large ones go on one at a time, and all is given back."""

import asyncio
import tracemalloc

import pytest
from hostile import MIB, OK, pours

from aggregator.fetch.share import ALWAYS_BYTES, Ration, Share
from aggregator.lab.origin import Document
from aggregator.model import PollState, Source

FREE = 1000


async def waits(growing):
    """Whether it is still waiting after everybody had his turn."""
    for _ in range(5):
        await asyncio.sleep(0)
    return not growing.done()


async def test_what_each_may_hold_always_is_not_counted():
    ration = Ration(free_bytes=0)
    shares = [Share(ration) for _ in range(50)]
    for share in shares:
        await share.grow(ALWAYS_BYTES)
    assert ration.held_bytes == 0


async def test_above_the_limit_one_goes_on_and_the_others_follow_in_turn():
    ration = Ration(free_bytes=FREE)
    with Share(ration) as one:
        await one.grow(ALWAYS_BYTES + FREE)
        await one.grow(1)  # too much for all, and nobody goes on yet
        with Share(ration) as two:
            growing = asyncio.create_task(two.grow(ALWAYS_BYTES + 1))
            assert await waits(growing)
            await one.grow(10 * FREE)  # who has the turn has it to his end
            assert await waits(growing)
            one.__exit__(None, None, None)
            await growing
            assert ration.held_bytes == 1
    assert ration.held_bytes == 0
    assert not ration.turn.locked()


async def test_who_gives_up_while_he_waits_leaves_nothing_behind():
    ration = Ration(free_bytes=FREE)
    with Share(ration) as one:
        await one.grow(ALWAYS_BYTES + FREE + 1)
        with pytest.raises(TimeoutError), Share(ration) as two:
            async with asyncio.timeout(0.01):
                await two.grow(ALWAYS_BYTES + 7)
        assert ration.held_bytes == FREE + 1
    assert (ration.held_bytes, ration.turn.locked()) == (0, False)


async def test_twenty_endless_bodies_at_once_hold_little_and_a_small_one_passes_them(origin, client, until):
    endless = pours(b"<" * 65536, before=OK + b"\r\n")
    evil = [origin.behave("/", endless, host=f"127.0.2.{n}") for n in range(1, 21)]
    good = origin.serve("/feed.xml", Document(body=b"<rss/>" * 10_000), host="127.0.0.2")
    async with client(keep=0) as it:
        tracemalloc.start()
        bad = [asyncio.create_task(it.fetch(Source(id="s", url=url), PollState())) for url in evil]
        await until(lambda: tracemalloc.get_traced_memory()[0] > 8 * MIB)
        fine = await it.fetch(Source(id="s", url=good), PollState())
        pending = [task for task in bad if not task.done()]
        got = await asyncio.gather(*bad, return_exceptions=True)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (len(fine.body), len(pending) > 10) == (60_000, True)
    assert {error.kind for error in got} == {"too-large"}
    assert peak_bytes < 64 * MIB  # without the ration: 400
