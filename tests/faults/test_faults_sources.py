"""Publishers that hang, vanish and lie, in virtual time: by the product's own claims, polls and commits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest

from aggregator.lab.origin import Document
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import PATH, START
from aggregator.model import FLOOR, Pause, PollRule

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(seconds=5)
SLACK = 1.25  # how much later than it need be a poll may come: spread, and what falls due in one tick together


async def says_nothing(_request, reader, _writer):
    await reader.read()


async def closes(_request, _reader, _writer):
    pass


@pytest.mark.fault("F19")
async def test_a_host_that_hangs_is_asked_ever_less_and_others_as_before(world):
    silent, well = world.publisher(), [world.publisher() for _ in range(3)]
    hung = []
    for number in range(6):
        url = world.origin.behave(f"/{number}.xml", says_nothing, host=silent.host)
        hung.append(world.source(silent, id=f"hung-{number}", url=url))
    every = timedelta(minutes=30)
    await world.configure(*hung, *(world.source(one, every=every) for one in well), pause=Pause(gap=timedelta(0)))
    async with world.asking(deadline=timedelta(milliseconds=50)):
        outcomes = await world.work(DAY / 2, tick=TICK)
    asked = [request.at for request in silent.requests]
    early, late = (
        sum(START + begin <= at < START + begin + 3 * HOUR for at in asked) for begin in (0 * HOUR, 9 * HOUR)
    )
    assert {outcome.kind for outcome in outcomes if outcome.source.startswith("hung")} == {"timeout"}
    assert late <= early / 2, "they come back ever later"
    assert late > 0, "and are never given up"
    for one in well:
        pauses = [later.at - before.at for before, later in pairwise(one.requests)]
        assert max(pauses) <= every * SLACK
        assert len(pauses) >= 22


@pytest.mark.fault("F19")
async def test_one_source_asks_a_silent_host_for_all_and_all_are_asked_when_it_answers(world):
    host, number, hours = world.publisher(), 40, 6
    well = START + hours * HOUR

    async def answering(request, reader, writer):
        if request.at < well:
            await reader.read()
            return
        body = rss(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    world.origin.behave(PATH, answering, host=host.host)
    configured = [world.source(host, id=f"s{n}", url=f"{host.url}?{n}") for n in range(number)]
    await world.configure(*configured, pause=Pause(gap=timedelta(0)))
    async with world.asking(deadline=timedelta(milliseconds=50)):
        failed = await world.work(hours * HOUR, tick=TICK)
    assert {outcome.kind for outcome in failed} == {"timeout"}
    first = [outcome.at for outcome in failed][:6]
    assert first[4] - first[0] < MINUTE
    assert first[5] - first[4] >= 5 * MINUTE
    assert len(failed) < 5 + 5 + hours, "five silences, pauses of 5 to 80 minutes, then one question an hour"
    back = await world.work(1.1 * HOUR + 5 * MINUTE, tick=TICK)
    asked = {outcome.source: outcome.at for outcome in back if outcome.ended == "changed"}
    assert len(asked) >= number - len({outcome.source for outcome in failed}), "who waited for the host waits no more"
    assert max(asked.values()) - min(asked.values()) <= 10 * MINUTE


@pytest.mark.fault("F20")
@pytest.mark.parametrize("number", [30, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
async def test_when_everything_was_down_for_hours_nobody_comes_back_in_a_crowd(world, number):
    down, every = (START + HOUR, START + 3 * HOUR), 30 * MINUTE
    asked = []  # moments

    async def answering(request, _reader, writer):
        asked.append(request.at)
        if not down[0] <= request.at < down[1]:
            body = rss(1)
            writer.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
            await writer.drain()

    publishers = [world.publisher() for _ in range(10)]
    for one in publishers:
        world.origin.behave(PATH, answering, host=one.host)
    urls = {f"s{n}": f"{publishers[n % 10].url}?{n}" for n in range(number)}
    rule = PollRule(every=every)
    configured = [world.source(publishers[0], id=id_, url=url, poll=rule) for id_, url in urls.items()]
    await world.configure(*configured, pause=Pause(gap=timedelta(0), at_once=number))
    outcomes = await world.work(6 * HOUR, tick=TICK)

    failures = [outcome for outcome in outcomes if outcome.ended == "failed"]
    waits = [outcome.due.at - outcome.at for outcome in failures]
    assert all(FLOOR <= wait <= DAY for wait in waits)
    assert len(set(waits)) > 0.9 * len(waits), "chance spreads them"
    promised = {outcome.source: outcome.due.at for outcome in failures}
    well = {outcome.source for outcome in outcomes if outcome.at >= down[1] and outcome.ended != "failed"}
    assert well == {source for source, due in promised.items() if due < world.now - MINUTE}
    assert len(well) > number / 2
    a_minute = Counter((at - down[1]) // MINUTE for at in asked if at >= down[1])
    assert max(a_minute.values()) <= max(4, 4 * number / (every / MINUTE)), "four times as many as on any other day"


@dataclass(frozen=True)
class Answer:
    """What a server says, and what must come of it.

    news  so many items come
    sent  the validators of the next request: If-None-Match, If-Modified-Since
    """

    status: int
    ended: str
    sent: tuple[bytes | None, bytes | None]
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    news: int = 0


FUTURE = b"Sun, 01 Mar 2037 12:00:00 GMT"
LIES = [
    Answer(304, "failed", (None, None), [(b"ETag", b'"0"')]),
    Answer(200, "changed", (b'W/"1"', None), [(b"ETag", b'W/"1"')], rss(1), news=1),
    Answer(200, "changed", (b'W/"1"', None), [(b"ETag", b'W/"1"')], rss(1, 2), news=1),  # the same ETag, another body
    Answer(200, "unchanged", (b'"2"', None), [(b"ETag", b'"2"')], rss(1, 2)),  # another ETag, the same body
    Answer(200, "unchanged", (b'"3"', None), [(b"ETag", b'"3"')], rss(1, 2)),
    Answer(200, "failed", (b'"3"', None), [(b"ETag", b'"4"')]),  # nothing, to a conditional request
    Answer(500, "failed", (b'"3"', None), [(b"ETag", b'"500"')], rss(1, 2, 3)),
    Answer(200, "changed", (None, FUTURE), [(b"Last-Modified", FUTURE)], rss(1, 2, 3), news=1),
    Answer(304, "not-modified", (None, FUTURE)),
    Answer(200, "changed", (None, None), [], rss(1, 2, 3, 4), news=1),
    Answer(304, "failed", (None, None)),  # unasked for once more
    Answer(200, "unchanged", (None, None), [], rss(1, 2, 3, 4)),
]


@pytest.mark.fault("F25")
async def test_validators_that_lie_cost_no_item_and_are_never_taken_from_a_failure(world):
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    for number, said in enumerate(LIES):
        publisher.says(said.status, said.headers, said.body)
        outcome = await world.poll(source)
        assert (outcome.ended, sum(change.kind == "new" for change in outcome.changes)) == (said.ended, said.news), (
            number
        )
        state = outcome.state
        assert (state.etag, state.last_modified) == said.sent, number
        if number + 1 < len(LIES):
            publisher.says(599)
            await world.poll(source)
            last = publisher.last
            assert (last.header(b"if-none-match"), last.header(b"if-modified-since")) == said.sent, number
    assert (await world.row(source)).items == 4


@dataclass(frozen=True)
class Step:
    """One answer of a source that cannot make up its mind, and what is true after it.

    wait    the next poll is not before and not after
    paused  how long its host is left alone; None: not at all
    """

    status: int
    failures: int
    wait: tuple[timedelta, timedelta]
    paused: timedelta | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    adopted: bool = False


RHYTHM = (timedelta(0), 0.6 * DAY)  # twice a day, as configured, at hours of its own
STEPS = [
    Step(200, 0, RHYTHM),
    Step(500, 1, (FLOOR, FLOOR * 1.1)),
    Step(500, 2, (FLOOR, FLOOR * 2.2)),
    Step(429, 3, (4 * HOUR, 17.6 * HOUR), paused=4 * HOUR),
    Step(429, 4, (6 * HOUR, DAY), paused=6 * HOUR, headers=[(b"Retry-After", b"21600")]),
    Step(200, 0, RHYTHM),
    Step(500, 1, (FLOOR, FLOOR * 1.1)),
    Step(503, 2, (15 * MINUTE, FLOOR * 2.2), paused=15 * MINUTE),
    Step(304, 0, RHYTHM),
    Step(410, 1, (30 * DAY, 33 * DAY)),
    Step(200, 0, RHYTHM),
    Step(301, 0, RHYTHM),
    Step(404, 1, (FLOOR, FLOOR * 1.1)),
    Step(200, 0, RHYTHM),
    Step(301, 0, RHYTHM),
    Step(301, 0, RHYTHM),
    Step(301, 0, RHYTHM, adopted=True),  # often enough, and for a day
]


@pytest.mark.fault("F26")
async def test_a_source_that_cannot_make_up_its_mind_is_followed_step_by_step(world):
    publisher, feed = world.publisher(), Document(body=rss(1), etag=b'"1"')
    publisher.also("/new.xml", feed)
    old, new = (f"http://outlet.example:{world.origin.port}{path}" for path in (PATH, "/new.xml"))
    source = await world.subscribe(publisher, url=old, every=DAY / 2)
    async with world.named(publisher):  # what 429 says of a host counts for those that have a name
        for number, step in enumerate(STEPS):
            if step.status == 301:
                publisher.redirects(new)
            elif step.status in (200, 304):
                publisher.serves(feed)
            else:
                publisher.says(step.status, step.headers)
            outcome = await world.poll(source)
            least, most = step.wait
            assert outcome.state.failures == step.failures, number
            assert (outcome.ended == "failed") is (step.failures > 0), number
            assert least <= outcome.due.at - outcome.at <= most, (number, outcome.due)
            assert outcome.host_pause == step.paused, number
            assert (outcome.state.adopted_url == new) is step.adopted, number
            assert (await world.row(source)).items == 1, number
