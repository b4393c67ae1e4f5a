"""Conditional requests: P01 to P06, P22, P33."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.lab.origin import Document, Headers
from aggregator.lab.score.feeds import CHALLENGE, page, rss
from aggregator.lab.score.world import Publisher, World, expect, sent, unconditional
from aggregator.model import Access, PollRule, Source
from aggregator.store import items, sources

DAY = timedelta(days=1)
ETAGS = (
    b'"5f1d"',
    b'W/"5f1d"',
    b'"a b, c"',
    b'""',
    b"5f1d",
    '"Київ"'.encode(),
    '"Київ"'.encode("cp1251"),
    b'"5f1d-gzip"',
    b"W/5f1d--br",
)
MOMENTS = (
    b"Sun, 01 Mar 2026 12:00:00 GMT",
    b"Sunday, 01-Mar-26 12:00:00 GMT",
    b"Sun, 01 Mar 2026 14:00:00 EET",
    b"2026-03-01T12:00:00Z",
    b"0",
    "вчора".encode(),
)


def _validators(etag: bytes | None = None, moment: bytes | None = None) -> Headers:
    headers = [(b"ETag", etag), (b"Last-Modified", moment)]
    return [(name, value) for name, value in headers if value is not None]


async def whole_once(world: World) -> str:
    """P01: fifty polls with whatever can come between, then a month of nothing but 304."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    for number in range(1, 51):
        _next_answer(publisher, number)
        await world.poll(source)
        if number % 10 == 5:  # noqa: PLR2004 - 5, 15, 25, 35, 45
            await world.restart()
        if number == 22:  # noqa: PLR2004 - somewhere in between
            await world.configure(replace(source, title="Вестник", poll=PollRule(every=DAY / 2)))
        if number == 33:  # noqa: PLR2004 - as above
            await world.upgrade()
    whole = len(unconditional(publisher.requests))
    expect(whole == 1, f"{whole} unconditional requests in 50 polls")
    more = await _month(world, publisher, source)
    return f"1 unconditional request in 50 polls, 5 restarts, a reload and an upgrade; {more} after 30 days of 304"


def _next_answer(publisher: Publisher, number: int) -> None:
    if number % 7 == 0:
        publisher.says(500, _validators(b'"broken"'))
    elif number % 11 == 0:
        publisher.says(404, _validators(b'"lost"'))
    elif number % 13 == 0:
        publisher.says(200, _validators(b'"page"'), page())
    else:  # a new document with every fifth
        edition = 1 + number // 5
        publisher.serves(Document(body=rss(edition), etag=b'"%d"' % edition, last_modified=b"edition %d" % edition))


async def _month(world: World, publisher: Publisher, source: Source) -> int:
    """Return how many more unconditional requests there are in sixty days of 304."""
    publisher.serves(Document(body=rss(99), etag=b'"99"'))
    await world.poll(source)
    before = len(publisher.requests)
    began = (await world.poll(source)).at
    early = await world.live(source, began + 30 * DAY - world.now)
    expect(not unconditional(publisher.requests[before:]), f"one already after {len(early) + 1} answers 304")
    await world.live(source, 28 * DAY)
    more = len(unconditional(publisher.requests[before:]))
    expect(more == 1, f"{more} unconditional requests instead of one after 30 days of 304")
    return more


async def etags(world: World) -> str:
    """P02."""
    return await _echoed(world, [(etag, None) for etag in ETAGS], "ETags")


async def moments(world: World) -> str:
    """P03."""
    return await _echoed(world, [(None, moment) for moment in MOMENTS], "dates")


async def _echoed(world: World, given: list[tuple[bytes | None, bytes | None]], what: str) -> str:
    """Give validators and see whether the next poll, after a restart at one of them, brings them back."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    for number, pair in enumerate(given):
        publisher.says(200, _validators(*pair), rss(1))
        await world.poll(source)
        if number == len(given) // 2:
            await world.restart()
        await world.poll(source)
        expect(sent(publisher.last) == pair, f"given {pair}, sent {sent(publisher.last)}")
    return f"{len(given)} odd {what} came back byte for byte"


async def both_or_each(world: World) -> str:
    """P04."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    steps: list[tuple[int, Headers, tuple[bytes | None, bytes | None]]] = [
        (200, _validators(b'"1"', b"one"), (b'"1"', b"one")),
        (304, _validators(b'"1"'), (b'"1"', b"one")),  # RFC 9110, 15.4.5: a 304 need not repeat Last-Modified
        (304, [], (b'"1"', b"one")),
        (200, _validators(b'"2"'), (b'"2"', None)),
        (200, _validators(None, b"three"), (None, b"three")),
        (200, [], (None, None)),
        (200, _validators(b'"4"', b"four"), (b'"4"', b"four")),
    ]
    for status, given, wanted in steps:
        publisher.says(status, given, rss(1))
        await world.poll(source)
        await world.poll(source)
        expect(sent(publisher.last) == wanted, f"after {status} with {given}: sent {sent(publisher.last)}")
    return f"{len(steps)} answers with both, one or none: always what the document came with"


async def from_the_right_answers(world: World) -> str:
    """P05."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    bad, good = _validators(b'"bad"', b"bad"), rss(1)
    steps: list[tuple[int, Headers, bytes, bytes]] = [
        (200, _validators(b'"1"', b"1"), good, b'"1"'),
        (304, _validators(b'"2"', b"2"), b"", b'"2"'),
        *((status, bad, good, b'"2"') for status in (400, 403, 404, 429, 500, 503)),
        (403, [*bad, (b"cf-mitigated", b"challenge")], CHALLENGE, b'"2"'),
        (200, bad, CHALLENGE, b'"2"'),
        (200, bad, page(), b'"2"'),
        (200, bad, b"", b'"2"'),
        (206, bad, good, b'"2"'),
        (200, _validators(b'"3"', b"3"), rss(2), b'"3"'),
    ]
    for status, given, body, wanted in steps:
        publisher.says(status, given, body)
        await world.poll(source)
        await world.poll(source)
        etag = publisher.last.header(b"if-none-match")
        expect(etag == wanted, f"after {status} with {given} and {body[:30]!r}: sent {etag!r}")
    return f"taken from 200 and 304, not from {len(steps) - 3} refusals, errors, pages and half answers"


async def reset_when_asked_otherwise(world: World) -> str:
    """P06."""
    publisher = world.publisher()
    other = publisher.also("/other.xml", Document(body=rss(1), etag=b'"1"'))
    source = world.source(publisher)
    anew = {
        "address": replace(source, url=other),
        "login": replace(source, access=Access(basic="reader:word")),
        "cookie": replace(source, access=Access(cookies=(("edition", "uk"),))),
        "header": replace(source, access=Access(headers=(("Accept-Language", "uk"),))),
        "User-Agent": replace(source, access=Access(user_agent="Reader/1.0 (+https://reader.example)")),
    }
    same = {
        "title": replace(source, title="Вестник"),
        "rhythm": replace(source, poll=PollRule(every=DAY)),
        "number of first items": replace(source, first=3),
        "priority": replace(source, priority=2.0),
    }
    for what, changed in (anew | same).items():
        await world.configure(source)
        await world.polls(source, 2)
        await world.configure(changed)
        await world.poll(changed)
        whole = bool(unconditional([publisher.last]))
        expect(whole == (what in anew), f"{'a whole' if whole else 'a conditional'} request after another {what}")
        await world.poll(changed)
        expect(sent(publisher.last)[0] == b'"1"', f"the second poll after another {what} is not conditional")
    await _adopted(world)
    return f"forgotten after another {', '.join(anew)}; kept after another {', '.join(same)}, and when a feed has moved"


async def _adopted(world: World) -> None:
    """See that a feed that has moved for good is asked conditionally at its new address."""
    old, new = world.publisher(), world.publisher()
    old.redirects(new.url)
    source = await world.subscribe(old, every=DAY)
    await world.polls(source, 6)
    await world.configure(source)
    asked = len(old.requests)
    await world.polls(source, 2)
    expect(len(old.requests) == asked, "the new address of a feed that has moved was forgotten at a reload")
    whole = len(unconditional(new.requests))
    expect(whole == 1, f"{whole} unconditional requests to the new address of a feed that has moved")


async def not_modified(world: World) -> str:
    """P22."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    publisher.says(304, _validators(b'"0"'))
    first = await world.poll(source)
    expect(first.ended == "failed", "304 to an unconditional request counts as a success")
    publisher.says(200, [*_validators(b'"1"'), (b"Vary", b"Accept-Encoding, *")], rss(1))
    await world.poll(source)
    expect(sent(publisher.requests[1]) == (None, None), "validators of a 304 to an unconditional request were kept")
    publisher.says(304, [*_validators(b'"2"', b"two"), (b"Content-Length", b"5000"), (b"Vary", b"*")])
    second = await world.poll(source)
    expect(second.ended == "not-modified", f"304 with Content-Length and no body: {second.problem or second.ended}")
    await world.poll(source)
    expect(sent(publisher.last) == (b'"2"', b"two"), "new headers of a 304 are not used")
    return "304 unasked for is a failure; 304 needs no body, whatever its headers say, and renews what is remembered"


async def useless_answers(world: World) -> str:
    """P33."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    times = 8
    for number in range(times):
        publisher.says(200, _validators(b'"%d"' % number, b"%d" % number), rss(1, 2))
        outcome = await world.poll(source)
        expect(number == 0 or not (outcome.changes or outcome.present), "the same bytes were read again")
        if number == 0:
            await world.curate()
    expect(not await world.read(items.uncurated, 10), "items were touched although no byte had changed")
    expect(sent(publisher.last)[0] == b'"%d"' % (times - 2), "the newest ETag is not used")
    log = await world.read(sources.log_of, source.id)
    useless = [line for line in log if line.ended == "unchanged"]
    expect(len(useless) == times - 1, f"the log knows of {len(useless)} useless answers, not of {times - 1}")
    return f"{times} answers 200 with a new ETag each: read once, {len(useless)} noted as useless, no item touched"
