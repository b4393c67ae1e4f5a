"""Feeds that move: P16, P17."""

from __future__ import annotations

from datetime import timedelta

from aggregator.lab.origin import Response
from aggregator.lab.score.feeds import page
from aggregator.lab.score.world import Publisher, World, expect, unconditional
from aggregator.model import Access

DAY = timedelta(days=1)
PROOF_TIMES, PROOF_SPAN = 3, DAY
TEMPORARY = (302, 303, 307)
SECRETS = (b"authorization", b"cookie", b"x-key")


async def moved_for_good(world: World) -> str:
    """P16."""
    quick = await _adopted(world, 301, every=DAY / 4)
    slow = await _adopted(world, 308, every=DAY * 1.25)
    for status in TEMPORARY:
        await _kept(world, status)
    await _not_a_feed(world)
    await _undecided(world)
    return (
        f"301 adopted after {quick} polls of 6 h, 308 after {slow} of 30 h; never 302, 303, 307, a login page, or "
        "two addresses in turn"
    )


async def _adopted(world: World, status: int, *, every: timedelta) -> int:
    """Return how often the old address was asked before the new one was stored."""
    old, new = world.publisher(), world.publisher()
    old.redirects(new.url, status)
    source = await world.subscribe(old, every=every)
    outcomes = await world.polls(source, 8)
    times = len(old.requests)
    expect(len(new.requests) == len(outcomes), f"{status} is not followed at each poll")
    expect(
        times < len(outcomes), f"{times} polls of a feed that has moved with {status}, and its address is not stored"
    )
    expect(times >= PROOF_TIMES, f"the new address was stored after {times} answers {status}")
    span = outcomes[times - 1].at - outcomes[0].at
    expect(span >= PROOF_SPAN, f"the new address was stored after {span}")
    await world.restart()
    await world.poll(source)
    expect(len(old.requests) == times, "the new address was forgotten at a restart")
    whole = len(unconditional(new.requests))
    expect(whole == 1, f"{whole} unconditional requests to the new address")
    return times


async def _kept(world: World, status: int) -> None:
    """See that a temporary redirect is asked for each time."""
    old, new = world.publisher(), world.publisher()
    old.redirects(new.url, status)
    source = await world.subscribe(old, every=DAY)
    times = len(await world.polls(source, 6))
    expect(len(old.requests) == times, f"{status} was taken for a move: {len(old.requests)} of {times} polls at home")
    whole = len(unconditional(new.requests))
    expect(whole == 1, f"{whole} unconditional requests behind {status}")


async def _not_a_feed(world: World) -> None:
    """See that a page is never the new address, however permanently one is sent there."""
    old, login = world.publisher(), world.publisher()
    source = await world.subscribe(old)
    await world.poll(source)
    login.says(200, [(b"Content-Type", b"text/html")], page())
    old.redirects(login.url)
    times = 1 + len(await world.polls(source, 8))
    expect(len(old.requests) == times, "a login page became the address of a feed")
    expect((await world.row(source)).state.adopted_url is None, "a login page became the address of a feed")


async def _undecided(world: World) -> None:
    """See that the answers must be the same, and in a row."""
    old, one, other = world.publisher(), world.publisher(), world.publisher()
    source = await world.subscribe(old, every=DAY)
    for number in range(9):
        old.redirects((one, one, other)[number % 3].url)
        await world.poll(source)
    expect(len(old.requests) == 9, "an address was stored that the server does not keep to")  # noqa: PLR2004


async def told_to_nobody_else(world: World) -> str:
    """P17."""
    own, other = world.publisher(), world.publisher()
    within = own.also("/within.xml", _to(other.url))
    own.redirects(within, 302)
    access = Access(basic="reader:word", cookies=(("sid", "7f"),), headers=(("X-Key", "k9"),))
    source = await world.subscribe(own, access=access)
    for _ in range(2):
        outcome = await world.poll(source)
        expect(outcome.ended != "failed", f"not followed: {outcome.problem}")
    for request in own.requests:
        missing = [name.decode() for name in SECRETS if request.header(name) is None]
        expect(not missing, f"its own server does not get {', '.join(missing)}")
    for request in other.requests:
        told = [name.decode() for name in SECRETS if request.header(name) is not None]
        expect(not told, f"another server is told {', '.join(told)}")
    _no_referer(own, other)
    home, away = len(own.requests), len(other.requests)
    return f"{home} requests at home with login, cookie and header, {away} elsewhere without; no Referer"


def _to(url: str) -> Response:
    return Response(status=302, headers=[(b"Location", url.encode())])


def _no_referer(*publishers: Publisher) -> None:
    requests = [request for publisher in publishers for request in publisher.requests]
    expect(not any(request.header(b"referer") for request in requests), "a Referer was sent")
