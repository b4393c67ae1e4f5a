"""What hubs deliver, and for how long: W300 to W405."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from aggregator.lab.hub import FEED, Hub, exchange, signed
from aggregator.lab.origin import Document
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.hubs import held, hub_links, subscribed
from aggregator.lab.score.world import World, expect
from aggregator.model import Source
from aggregator.push.signature import METHODS

SOON_S = 1.0  # a hub waits no longer for its answer
DAY = timedelta(days=1)


async def _items(world: World, source: Source) -> int:
    return (await world.row(source)).items


async def right_signatures(world: World) -> str:
    """W300."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        asked, before = len(publisher.requests), await _items(world, source)
        for number, method in enumerate(METHODS, start=2):
            statuses, read = await world.push(hub, rss(number), method=method)
            expect(statuses == [202] and read == 1, f"{method}: answered {statuses}, {read} documents read")
        there = await _items(world, source)
        expect(there == before + len(METHODS), f"{there - before} of {len(METHODS)} delivered items are there")
        await world.push(hub, rss(2))
        expect(await _items(world, source) == there, "a delivery that came again has made a duplicate")
        expect(len(publisher.requests) == asked, "its publisher was asked although the document had come")
    return f"{', '.join(METHODS)}: stored at once, without a request; one that came again has changed nothing"


async def _not_believed(world: World, what: str, *signatures: bytes | None) -> str:
    """See that a document with such a signature is answered with a success, and thrown away."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        before, requests = await _items(world, source), len(publisher.requests)
        body = rss(666)
        for signature in signatures:
            headers = [(b"Content-Type", FEED.encode())]
            if signature is not None:
                headers.append((b"X-Hub-Signature", signature))
            status, said = await asyncio.to_thread(exchange, "POST", hub.only().callback, headers, body)
            expect(status // 100 == 2, f"{what}: answered {status}")  # noqa: PLR2004
            expect(not said, f"{what}: answered {said!r}")
            expect(await world.deliver() == 0, f"{what}: it was read")
        expect(await _items(world, source) == before, f"{what}: its item is there")
        expect(len(publisher.requests) == requests, f"{what}: its publisher was asked")
        (one,) = await held(world, source)
        expect(one.deliveries == 0, f"{what}: counts as a delivery")
    return f"{len(signatures)} deliveries with {what}: answered well, thrown away"


async def wrong_signatures(world: World) -> str:
    """W301."""
    body = rss(666)
    other = dict(signed(body, "another secret"))[b"X-Hub-Signature"]
    digests = (other, other[:-1] + b"0", b"sha256=", "sha256=підпис".encode(), other.replace(b"sha256", b"sha1"))
    return await _not_believed(world, "a wrong signature", *digests)


async def no_signature(world: World) -> str:
    """W302."""
    return await _not_believed(world, "no signature", None, b"", b" ")


async def unknown_methods(world: World) -> str:
    """W303."""
    return await _not_believed(
        world, "an unknown method", b"md5=" + b"0" * 32, b"sha3-256=" + b"0" * 64, b"0" * 64, b"=" + b"0" * 64
    )


async def renewed(world: World) -> str:
    """W400."""
    async with world.reached() as hub:
        lease = timedelta(days=2)
        hub.lease_s = int(lease.total_seconds())
        _, source = await subscribed(world, hub)
        (first,) = await held(world, source)
        expect(first.granted_until == world.now + lease, f"granted {lease}, kept in mind until {first.granted_until}")
        began = world.now
        for span, due in ((0.79, 0), (0.12, 1)):
            world.now += lease * span
            await world.talk(hub)
            asked = len(hub.asked) - 1
            expect(asked == due, f"asked anew {asked} times after {(world.now - began) / lease:.0%} of its lease")
        (again,) = await held(world, source)
        same = (first.id, first.secret) == (again.id, again.secret)
        expect(same and again.granted_until == world.now + lease, "the renewal is another subscription, or none")
        late = await _failing(world, hub, source)
    return f"a lease of 2 days renewed between 79 and 91 % of it, as it was; {late}"


async def _failing(world: World, hub: Hub, source: Source) -> str:
    """See that a hub that fails is asked ever more rarely, and is not given up."""
    hub.status, before, began = 500, len(hub.asked), world.now
    while world.now < began + 10 * DAY:
        world.now += timedelta(minutes=5)
        await world.talk(hub)
    asked = len(hub.asked) - before
    expect(8 <= asked <= 20, f"a hub that answers 500 is asked {asked} times in 10 days")  # noqa: PLR2004
    hub.status = 202
    world.now += 2 * DAY
    await world.talk(hub)
    expect([one.state for one in await held(world, source)] == ["active"], "the hub is well again, and not asked")
    return f"10 days of 500: asked {asked} times, then well again"


async def denied(world: World) -> str:
    """W401."""
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        status, _ = await asyncio.to_thread(hub.deny, hub.only(), "the topic\nis not ours")
        expect(status == 200, f"a denial is answered with {status}")  # noqa: PLR2004
        (one,) = await held(world, source)
        expect((one.state, one.problem) == ("denied", "the topic is not ours"), f"{one.state}: {one.problem!r}")
        hub.denies, before, began = "not yet", len(hub.asked), world.now
        while world.now < began + 30 * DAY:
            world.now += timedelta(hours=3)
            await world.talk(hub)
        asked = len(hub.asked) - before
        expect(4 <= asked <= 8, f"a hub that denies is asked {asked} times in 30 days")  # noqa: PLR2004
        hub.denies = None
        world.now += 9 * DAY
        await world.talk(hub)
        expect([one.state for one in await held(world, source)] == ["active"], "it denies no more, and is not asked")
    return f"the reason is kept; asked {asked} times in 30 days of denials, and again with success"


async def ended_when_wanted(world: World) -> str:
    """W402."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        asked = hub.only()
        publisher.serves(Document(body=rss(1, 2), etag=b'"2"'))  # it names a hub no more
        await world.poll(source)
        await world.talk(hub)
        expect(hub.asked[-1].mode == "unsubscribe", "the hub was not told that it is over")
        expect(not hub.subscribers, "the end was not confirmed")
        expect(not await held(world, source), "the subscription is still there")
        status, _ = await asyncio.to_thread(hub.ask, asked, "late")
        expect(status == 404, f"what is over is confirmed: {status}")  # noqa: PLR2004
        headers = signed(body := rss(9), asked.secret)
        status, _ = await asyncio.to_thread(exchange, "POST", asked.callback, headers, body)
        expect(status == 410, f"a delivery after the end is answered with {status}")  # noqa: PLR2004
    return "told and confirmed once its feed names the hub no more; then 404 to questions, 410 to deliveries"


async def answered_at_once(world: World) -> str:
    """W403."""
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        slowest, times = 0.0, 3
        for number in range(times):
            body = rss(*range(100 * number, 100 * number + 99), inside="<!--" + " " * 3_000_000 + "-->")
            began = time.monotonic()
            statuses = await asyncio.to_thread(hub.push, body)
            slowest = max(slowest, time.monotonic() - began)
            expect(statuses == [202], f"answered {statuses}")
        expect(slowest < SOON_S, f"a delivery of 3 MB is answered after {slowest:.1f} s")
        expect(await _items(world, source) == 1, "it was read before the hub was answered")
        read = await world.deliver()
        expect(read == times, f"{read} of {times} deliveries were read afterwards")
    return f"{times} deliveries of 3 MB: the slowest answered after {slowest * 1000:.0f} ms, all read afterwards"


async def polled_less(world: World) -> str:
    """W404."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        number, least = 1, timedelta(hours=6)
        for _ in range(3):
            number += 1
            body = rss(number, inside=hub_links(("hub", hub.url), ("self", publisher.url)))
            publisher.serves(Document(body=body, etag=b'"%d"' % number))
            await world.push(hub, body)
        outcomes = await world.polls(source, 6)
        gaps = [one.due.at - one.at for one in outcomes]
        expect(min(gaps) >= least, f"polled again after {min(gaps)} although its hub tells of everything")
        expect(max(gaps) <= DAY * 1.2, f"not polled for {max(gaps)}")
        before, links = len(hub.asked), hub_links(("hub", hub.url), ("self", publisher.url))
        publisher.serves(Document(body=rss(99, inside=links), etag=b'"99"'))
        await world.poll(source)
        world.now += timedelta(minutes=31)
        await world.talk(hub)
        expect(len(hub.asked) == before + 1, "the hub did not tell of an item, and was not asked anew")
        due = (await world.poll(source)).due
        expect("hub" not in due.why, f"the hub did not tell of an item, and is believed: {due.why}")
    return f"6 polls at least {min(gaps) / timedelta(hours=1):.1f} h apart; an untold item ended that and renewed it"


async def called_by_its_hub(world: World) -> str:
    """W405."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        world.now += timedelta(minutes=5)
        publisher.serves(Document(body=rss(1, 2), etag=b'"2"'))
        statuses, read = await world.push(hub, b"")
        expect(statuses == [202] and read == 0, f"answered {statuses}")
        began = world.now
        outcome = await world.poll(source)
        expect(outcome.at == began and len(outcome.changes) == 1, f"polled {outcome.at - began} later")
        expect(publisher.last.header(b"if-none-match") == b'"1"', "the request was not conditional")
        for _ in range(100):
            await world.push(hub, b"")
        gap = (await world.poll(source)).at - outcome.at
        expect(gap >= timedelta(minutes=1), f"called all the time, its publisher is asked every {gap}")
    return "an empty delivery: a conditional poll at once; a hundred more: one poll, a minute later"
