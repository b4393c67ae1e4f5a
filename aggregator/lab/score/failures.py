"""Sources that do not answer well: P14, P15, P23."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from aggregator.lab.origin import Document, Request
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import PATH, Publisher, World, expect
from aggregator.model import FLOOR, PollOutcome, Source
from aggregator.schedule.words import spoken

DAY = timedelta(days=1)
ODD = (201, 202, 204, 205, 206, 207, 208, 226, 299)  # successes of HTTP that are no whole document


def _gaps(outcomes: Sequence[PollOutcome]) -> list[timedelta]:
    return [later.at - earlier.at for earlier, later in pairwise(outcomes)]


async def never_given_up(world: World) -> str:
    """P14."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.poll(source)
    publisher.says(500)
    outcomes = await world.live(source, 30 * DAY)
    gaps, asked = _gaps(outcomes), len(publisher.requests) - 1
    expect(asked == len(outcomes), f"{asked} requests in {len(outcomes)} polls that were answered with 500")
    expect(min(gaps) >= FLOOR, f"asked again after {spoken(min(gaps))}")
    expect(max(gaps) <= DAY, f"silent for {spoken(max(gaps))}")
    expect(world.now - outcomes[-1].at <= DAY, "given up")
    expect(max(gaps[:2]) <= 4 * FLOOR, f"the first pauses are {gaps[:2]} already")
    late = sum(gaps[10:], timedelta()) / len(gaps[10:])
    expect(late >= timedelta(hours=6), f"after ten failures in a row still every {spoken(late)}")
    expect(len(set(gaps)) == len(gaps), "no chance in the pauses")
    publisher.serves(Document(body=rss(1, 2), etag=b'"2"'))
    expect((await world.poll(source)).ended == "changed", "it is well again, and not noticed")
    silent = await _unanswered(world)
    return (
        f"30 days of 500: {asked} requests, {spoken(min(gaps))} to {spoken(max(gaps))} apart, then well again; {silent}"
    )


async def _unanswered(world: World) -> str:
    """See that a server that says nothing, or closes, is not asked again within a poll."""

    async def says_nothing(_request: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def closes(_request: Request, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        pass

    async with world.asking(deadline=timedelta(seconds=0.3)):
        for behaviour in (says_nothing, closes):
            publisher = world.publisher()
            world.origin.behave(PATH, behaviour, host=publisher.host)
            source = await world.subscribe(publisher)
            outcomes = await world.polls(source, 3)
            expect(all(outcome.ended == "failed" for outcome in outcomes), "no answer counts as one")
            asked = len(publisher.requests)
            expect(asked == len(outcomes), f"{asked} requests in {len(outcomes)} polls without an answer")
    return "silent and closed connections are asked once a poll"


async def lost_and_gone(world: World) -> str:
    """P15."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.poll(source)
    publisher.says(404)
    outcomes = await world.live(source, 40 * DAY)
    began = outcomes[0].at
    late = [outcome for outcome in outcomes if outcome.at >= began + 10 * DAY]
    expect(max(_gaps(outcomes)) <= DAY, f"404: silent for {spoken(max(_gaps(outcomes)))}")
    expect(len(late) <= len(range(10, 40)) * 1.25, f"404: {len(late)} requests in its last 30 days, not one a day")
    told = [outcome for outcome in outcomes if "dead" in outcome.hint]
    expect(bool(told), "404 for 40 days, and nobody is told that it is dead")
    expect(told[0].at - began >= 30 * DAY, f"called dead after {told[0].at - began}")
    expect("dead" in (await world.row(source)).hint, "status does not say that it is dead")
    return f"404: {len(late)} requests in 30 days, called dead after {(told[0].at - began).days}; {await _gone(world)}"


async def _gone(world: World) -> str:
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.poll(source)
    publisher.says(410)
    await world.poll(source)
    row = await world.row(source)
    expect(row.status == 410 and bool(row.problem and row.hint), "410 is not told to the person")  # noqa: PLR2004
    await world.restart()
    pauses = _gaps([await world.poll(source), await world.poll(source), await world.poll(source)])
    expect(min(pauses) >= 28 * DAY, f"410: asked again after {min(pauses)}")
    expect(max(pauses) <= 35 * DAY, f"410: silent for {max(pauses)}")
    publisher.serves(Document(body=rss(2), etag=b'"2"'))
    await world.poll(source)
    recovered = await world.poll(source)
    expect(recovered.ended == "not-modified", "410 is over, and not noticed")
    return f"410: marked, asked every {max(pauses).days} days, back when it is back"


async def odd_answers(world: World) -> str:
    """P23."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.poll(source)
    for status in ODD:
        publisher.says(status, [(b"ETag", b'"odd"')], b"" if status in (204, 205) else rss(7, 8))
        await _fails(world, publisher, source, f"{status}")
    publisher.says(200, [(b"ETag", b'"odd"')])
    await _fails(world, publisher, source, "200 with no bytes")
    publisher.says(203, [(b"ETag", b'"2"')], rss(1, 2))
    changed = await world.poll(source)
    expect(changed.ended == "changed" and len(changed.changes) == 1, f"203 with a document: {changed.problem}")
    await _early_hints(world)
    return f"{len(ODD)} odd statuses and an empty 200 are failures that cost nothing; 203 and 103 are understood"


async def _fails(world: World, publisher: Publisher, source: Source, what: str) -> None:
    """See that this answer counts as a failure, and that what was known before is known still."""
    outcome = await world.poll(source)
    row = await world.row(source)
    expect(outcome.ended == "failed", f"{what} counts as {outcome.ended}")
    expect(row.items == 1, f"{what}: {row.items} items instead of the one from before")
    expect(publisher.last.header(b"if-none-match") == b'"1"', f"the ETag was lost before {what}")


async def _early_hints(world: World) -> None:
    body = rss(1)

    async def hints_first(_request: Request, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    publisher = world.publisher()
    world.origin.behave(PATH, hints_first, host=publisher.host)
    outcome = await world.poll(await world.subscribe(publisher))
    expect(len(outcome.changes) == 1, f"200 after 103: {outcome.problem or outcome.ended}")
