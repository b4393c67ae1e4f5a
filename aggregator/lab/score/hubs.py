"""Finding hubs and subscribing at them: the subscriber's cases of websub.rocks, W100 to W205."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from aggregator.lab.hub import Asked, Hub, exchange
from aggregator.lab.origin import Document, Headers, Response
from aggregator.lab.score.feeds import atom, page, rss
from aggregator.lab.score.world import LOOPBACK, Publisher, World, expect
from aggregator.model import Source, Subscription
from aggregator.store import subscriptions
from aggregator.trial import look

Serve = Callable[[Publisher, Hub], str]  # makes a publisher name a hub; returns the topic


def hub_links(*links: tuple[str, str]) -> str:
    """Return elements of a feed that name these (rel, address)."""
    return "".join(f'<atom:link rel="{rel}" href="{url}"/>' for rel, url in links)


def link_headers(*links: tuple[str, str]) -> Headers:
    """Return headers that name these (rel, address)."""
    return [(b"Link", f'<{url}>; rel="{rel}"'.encode()) for rel, url in links]


async def held(world: World, source: Source) -> tuple[Subscription, ...]:
    """Return the source's subscriptions as the store has them."""
    return tuple(await world.read(subscriptions.of_source, source.id))


async def subscribed(world: World, hub: Hub, publisher: Publisher | None = None) -> tuple[Publisher, Source]:
    """Return a publisher that names the hub, and a source that this hub has confirmed."""
    publisher = publisher or world.publisher()
    publisher.serves(Document(body=rss(1, inside=hub_links(("hub", hub.url), ("self", publisher.url))), etag=b'"1"'))
    source = await world.subscribe(publisher)
    await world.poll(source)
    await world.talk(hub)
    expect([one.state for one in await held(world, source)] == ["active"], "the hub was not asked, or not answered")
    return publisher, source


async def _finds(world: World, serve: Serve) -> str:
    """See that a poll finds the hub and the topic, and that the hub is asked for it."""
    async with world.reached() as hub:
        publisher = world.publisher()
        topic = serve(publisher, hub)
        source = await world.subscribe(publisher)
        await world.poll(source)
        await world.talk(hub)
        return await _agreed(world, hub, source, topic)


async def _agreed(world: World, hub: Hub, source: Source, topic: str) -> str:
    asked = [(one.mode, one.topic) for one in hub.asked]
    expect(asked == [("subscribe", topic)], f"the hub was asked for {asked}, not for {topic}")
    states = [(one.state, one.topic) for one in await held(world, source)]
    expect(states == [("active", topic)], f"the subscription is {states}")
    return f"asked for {topic} once, confirmed"


# --- discovery ----------------------------------------------------------------------------------------------------


async def in_headers(world: World) -> str:
    """W100."""

    def serve(publisher: Publisher, hub: Hub) -> str:
        publisher.says(200, link_headers(("hub", hub.url), ("self", publisher.url)), rss(1))
        return publisher.url

    return await _finds(world, serve)


async def in_a_page(world: World) -> str:
    """W101: only a look at a page reads one; polls never do."""
    publisher = world.publisher()
    links = f'<link rel="hub" href="/hub"><link rel="self" href="{publisher.at("/news")}">'
    body = page(publisher.url).replace(b"</head>", f"{links}</head>".encode())
    url = publisher.also("/", Response(headers=[(b"Content-Type", b"text/html")], body=body))
    found = await look(
        Source(id="new", url=url),
        config=None,
        allow_private=LOOPBACK,
        guess=False,
        clock=lambda: world.now,
        say=lambda _: None,
    )
    hubs = found.asked[0].hubs
    expect(hubs is not None and hubs.hubs == (publisher.at("/hub"),), f"found {hubs}")
    assert hubs is not None
    expect(hubs.topic == publisher.at("/news"), f"found the topic {hubs.topic}")
    return f"`try` of a page finds its hub {hubs.hubs[0]} and its topic {hubs.topic}"


async def in_atom(world: World) -> str:
    """W102."""

    def serve(publisher: Publisher, hub: Hub) -> str:
        body = atom(1, inside=f'<link rel="hub" href="{hub.url}"/><link rel="self" href="{publisher.url}"/>')
        publisher.serves(Document(body=body, content_type="application/atom+xml"))
        return publisher.url

    return await _finds(world, serve)


async def in_rss(world: World) -> str:
    """W103."""

    def serve(publisher: Publisher, hub: Hub) -> str:
        links = hub_links(("self", publisher.url), ("hub", hub.url))
        publisher.serves(Document(body=rss(1, inside=links)))
        return publisher.url

    return await _finds(world, serve)


async def headers_first(world: World) -> str:
    """W104."""

    def serve(publisher: Publisher, hub: Hub) -> str:
        inside = hub_links(("hub", publisher.at("/other-hub")), ("self", publisher.at("/other.xml")))
        publisher.says(200, link_headers(("hub", hub.url), ("self", publisher.url)), rss(1, inside=inside))
        return publisher.url

    return await _finds(world, serve)


# --- subscribing --------------------------------------------------------------------------------------------------


async def confirmed(world: World) -> str:
    """W110: the request has all it must have, and the question is answered, whenever it comes."""
    ids = set()
    async with world.reached() as hub:
        for hub.before_answering in (False, True):
            publisher, source = await subscribed(world, hub)
            asked = hub.asked[-1]
            expect(asked.mode == "subscribe" and asked.topic == publisher.url, f"asked {asked.mode} of {asked.topic}")
            expect(asked.callback.startswith(f"{world.public_url}/websub/"), f"the callback is {asked.callback}")
            expect(asked.lease_s == timedelta(days=10).total_seconds(), f"a lease of {asked.lease_s} s is asked for")
            expect(32 <= len(asked.secret or "") < 200, "no secret, or one longer than 200 bytes")  # noqa: PLR2004
            (one,) = await held(world, source)
            expect(one.granted_until == world.now + timedelta(days=10), f"it runs out {one.granted_until}")
            ids.add((asked.callback.rpartition("/")[2], asked.secret))
    callbacks, secrets = zip(*ids, strict=True)
    expect(len(set(callbacks)) == len(set(secrets)) == 2, "two subscriptions share a callback or a secret")  # noqa: PLR2004
    expect(all(len(one) == 32 for one in callbacks), "an id is not of 128 bits")  # noqa: PLR2004
    return "callback, lease and secret of its own each; confirmed before and after the hub's answer to the request"


async def another_self(world: World) -> str:
    """W200."""

    def serve(publisher: Publisher, hub: Hub) -> str:
        topic = publisher.at("/canonical.xml")
        publisher.serves(Document(body=rss(1, inside=hub_links(("hub", hub.url), ("self", topic)))))
        return topic

    return await _finds(world, serve)


async def topic_moved_for_now(world: World) -> str:
    """W201."""
    return await _finds(world, lambda publisher, hub: _moved(world, publisher, hub, 302))


async def topic_moved_for_good(world: World) -> str:
    """W202."""
    return await _finds(world, lambda publisher, hub: _moved(world, publisher, hub, 301))


def _moved(world: World, publisher: Publisher, hub: Hub, status: int) -> str:
    there = world.publisher()
    there.serves(Document(body=rss(1, inside=hub_links(("hub", hub.url), ("self", there.url)))))
    publisher.redirects(there.url, status)
    return there.url


async def hub_moved_for_now(world: World) -> str:
    """W203."""
    return await _hub_moved(world, 302, 307)


async def hub_moved_for_good(world: World) -> str:
    """W204."""
    return await _hub_moved(world, 301, 308)


async def _hub_moved(world: World, *statuses: int) -> str:
    """See that the request is repeated as it was where the hub sends it."""
    async with world.reached() as hub:
        for status in statuses:
            publisher = world.publisher()
            old = world.origin.script(
                f"/hub-{status}",
                lambda _, status=status: Response(status=status, headers=[(b"Location", hub.url.encode())]),  # type: ignore[misc]
                host=publisher.host,
            )
            publisher.serves(Document(body=rss(1, inside=hub_links(("hub", old), ("self", publisher.url)))))
            source = await world.subscribe(publisher)
            await world.poll(source)
            await world.talk(hub)
            posts = [request for request in publisher.requests if request.method == "POST"]
            expect(len(posts) == 1, f"{status}: {len(posts)} requests to the old address of the hub")
            expect([one.state for one in await held(world, source)] == ["active"], f"{status} was not followed")
            expect(any(asked.topic == publisher.url for asked in hub.asked), f"{status}: repeated otherwise")
    return f"{' and '.join(map(str, statuses))}: sent once to the old address, again as it was to the new one"


async def unknown_topic(world: World) -> str:
    """W205."""
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        asked = hub.only()
        questions = {
            "another topic": {"topic": publisher.at("/other.xml")},
            "no topic": {"topic": ""},
            "no challenge": {"challenge": ""},
            "another mode": {"mode": "publish"},
            "an end that nobody wants": {"mode": "unsubscribe"},
        }
        for what, fields in questions.items():
            status, body = await asyncio.to_thread(hub.ask, asked, **{"challenge": "echo", **fields})
            expect(status == 404 and b"echo" not in body, f"{what} is answered with {status}")  # noqa: PLR2004
        status = await asyncio.to_thread(_stranger, asked)
        expect(status == 404, f"an unknown callback answers {status}")  # noqa: PLR2004
        expect([one.state for one in await held(world, source)] == ["active"], "the subscription itself was harmed")
    return f"404 to {', '.join(questions)}, and to a callback of nobody"


def _stranger(asked: Asked) -> int:
    name = asked.callback.rpartition("/")[2]
    return exchange("GET", f"{asked.callback.replace(name, name[::-1])}?hub.mode=subscribe&hub.challenge=echo")[0]
