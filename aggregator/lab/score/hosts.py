"""Many feeds at once: P12, P24, P25."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.lab.origin import Document, Headers, Request, Response
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import PATH, Publisher, World, expect
from aggregator.model import Cron, Pause, PollRule, Source
from aggregator.schedule.words import spoken
from aggregator.store import sources
from aggregator.store.sources import SourceRow

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FEW, SOME, MANY = 20, 30, 1000
LIVED = 3 * MINUTE  # of the minutes in which a thousand come back
TOO_MANY = MANY // 5  # of them in one minute


def _feeds(world: World, publisher: Publisher, host: str, count: int) -> list[Source]:
    """Return sources for so many feeds on a host of this name, all answered by this publisher."""
    address = f"http://{host}:{world.origin.port}{PATH}"
    return [world.source(publisher, id=f"{host}-{n}", url=f"{address}?feed={n}") for n in range(count)]


async def whole_host(world: World) -> str:
    """P12."""
    refusals: list[tuple[int, Headers, timedelta]] = [
        (429, [(b"Retry-After", b"36000")], 10 * HOUR),
        (429, [], 4 * HOUR),
        (503, [], 15 * MINUTE),
    ]
    for number, (status, headers, least) in enumerate(refusals):
        publisher = world.publisher()
        async with world.named(publisher):
            feeds = _feeds(world, publisher, f"crowded{number}.example", FEW)
            await world.configure(*feeds)
            await world.work(MINUTE)
            publisher.says(status, headers)
            await _left_alone(world, publisher, feeds, least)
    await _each_by_itself(world)
    return (
        f"one of {FEW} feeds on a host is refused: with 429 all wait as long as it says, or 4 h, with 503 15 min; "
        "`poll --all` leaves them out; on a private network each address is judged by itself"
    )


async def _left_alone(world: World, publisher: Publisher, feeds: list[Source], least: timedelta) -> None:
    """See that after the refusal of one feed no other of its host is asked until the host may be asked again."""
    status = (await world.poll(feeds[0])).status
    refused, before = world.now, len(publisher.requests)
    said = await world.round(all=True)
    skipped = {one["source"] for one in said if one["event"] == "skipped"}
    expect(skipped == {feed.id for feed in feeds}, f"after {status} `poll --all` leaves out {len(skipped)} of {FEW}")
    publisher.serves(Document(body=rss(1), etag=b'"1"'))
    await world.work(least + HOUR)
    later = publisher.requests[before:]
    pause = later[0].at - refused
    expect(pause >= least, f"after {status} the host is asked again after {spoken(pause)}")
    asked = len({request.target for request in later})
    expect(asked >= FEW - 1, f"after {status} only {asked} of {FEW} feeds are asked again")


async def _each_by_itself(world: World) -> None:
    """See that on a private address one refusal does not silence the others: many publishers may be behind it."""
    publisher, stays = world.publisher(), 2 * HOUR
    refused = publisher.also("/refused.xml", Document(body=rss(1)))
    await world.configure(world.source(publisher), world.source(publisher, id=f"refused-{publisher.host}", url=refused))
    await world.work(MINUTE)
    publisher.also("/refused.xml", Response(status=429))
    before = len(publisher.requests)
    await world.work(stays)
    asked = Counter(request.target for request in publisher.requests[before:])
    expect(asked == {PATH.encode(): 1, b"/refused.xml": 1}, f"behind a private address: {asked} in {spoken(stays)}")


async def one_at_a_time(world: World) -> str:
    """P24."""
    publisher, pause = world.publisher(), Pause()
    async with world.named(publisher):
        await world.configure(*_feeds(world, publisher, "patient.example", SOME), pause=pause)
        before = world.origin.connections
        first = await world.claims()
        expect(len(first) == 1, f"{len(first)} feeds of one host are polled at once")
        world.now += MINUTE
        expect(not await world.claims(), "a second feed is polled while the host has not answered the first")
        await world.answer(first[0])
        expect(not await world.claims(), "a second feed is polled as soon as the first is answered")
        await world.work(3 * HOUR)
        connections = world.origin.connections - before
    moments = [request.at for request in publisher.requests]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    asked = len({request.target for request in publisher.requests})
    expect(asked == SOME, f"{asked} of {SOME} feeds were asked")
    expect(min(gaps) >= pause.gap, f"two requests within {spoken(min(gaps))}")
    expect(connections <= len(moments) // 10, f"{connections} connections for {len(moments)} requests")
    return (
        f"{SOME} feeds on one host in 3 h: {len(moments)} requests, one at a time, {spoken(min(gaps))} apart or more, "
        f"over {connections} connection{'s' if connections > 1 else ''}"
    )


async def after_downtime(world: World) -> str:
    """P25."""
    publisher = world.publisher()
    rules = [PollRule(cron=Cron(text="0 * * * *")) if n % 4 == 0 else PollRule(every=HOUR) for n in range(MANY)]
    names = [f"n{n}.example" for n in range(MANY)]
    url = f"http://{{}}:{world.origin.port}{PATH}".format
    each = zip(names, rules, strict=True)
    known = [world.source(publisher, id=name, url=url(name), poll=rule) for name, rule in each]
    new = [world.source(publisher, id=f"new{n}.example", url=url(f"new{n}.example")) for n in range(3)]
    await world.configure(*known)
    world.now, woke = world.now + 8 * HOUR, world.now + 8 * HOUR
    await world.known()
    await world.configure(*known, *new)
    await world.wake()
    async with world.named(publisher):
        said = await world.round(sources=[known[-1].id])
        expect(any(one["event"] == "polled" for one in said), "what a person asks for by name has to wait")
        await world.work(LIVED, tick=MINUTE / 6)
    rows = [row for row in await world.read(sources.every) if row.enabled]
    told = _come_one_by_one(publisher.requests, rows, woke)
    return f"{told}; new ones and what a person asks for at once; {_not_on_the_hour(rows)}"


def _come_one_by_one(requests: list[Request], rows: list[SourceRow], woke: datetime) -> str:
    """See that those that were overdue come spread over the minutes; new ones at once.

    The first minutes as they were lived; those that come later, by when they are due.
    """
    asked = {request.host.partition(":")[0]: request.at - woke for request in requests}
    first = [after for host, after in asked.items() if host.startswith("new")]
    expect(bool(first) and max(first) <= MINUTE, "a first poll has to wait")
    moments = {row.id: row.state.next_poll_at - woke for row in rows if row.state.next_poll_at} | asked
    spread = sorted(after for host, after in moments.items() if not host.startswith("new"))
    expect(len(asked) >= MANY // 5, f"only {len(asked)} were asked within {spoken(LIVED)}")
    expect(spread[-1] <= HOUR, f"one waits for {spoken(spread[-1])}")
    minutes = Counter(after // MINUTE for after in spread)
    expect(spread[-1] >= 10 * MINUTE, f"all {MANY} are asked within {spoken(spread[-1])}")
    expect(max(minutes.values()) < TOO_MANY, f"{max(minutes.values())} are asked in one minute")
    return f"{MANY} overdue sources over {spoken(spread[-1])}, {max(minutes.values())} in a minute at most"


def _not_on_the_hour(rows: list[SourceRow]) -> str:
    """See that fixed intervals and cron lines have phases: of those that are due next, not all at once."""
    moments = [row.state.next_poll_at for row in rows if row.state.next_poll_at]
    minutes = Counter(moment.replace(second=0, microsecond=0) for moment in moments)
    expect(max(minutes.values()) < TOO_MANY, f"{max(minutes.values())} are due in one minute")
    on_the_hour = sum(moment.minute == moment.second == 0 for moment in moments)
    expect(on_the_hour <= len(moments) // 100, f"{on_the_hour} are due in the first second of an hour")
    return f"next time {max(minutes.values())} in a minute at most, {on_the_hour} on the hour"
