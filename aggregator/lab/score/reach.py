"""What is asked for at all: P26, P27, P29, P32, P35."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from aggregator.lab.origin import Document, Response
from aggregator.lab.score.feeds import ARTICLE, article, page, rss
from aggregator.lab.score.hubs import subscribed
from aggregator.lab.score.world import LOOPBACK, PATH, Publisher, World, expect
from aggregator.model import Source, Topic
from aggregator.store import deliveries, items
from aggregator.trial import look

DAY = timedelta(days=1)
MOST_PAGES = 10  # of an archive
FEW_GUESSES = 10


def _only_the_feed(publisher: Publisher, times: int) -> None:
    """See that so many requests came, and all of them for the feed."""
    asked = Counter(f"{request.method} {request.target.decode()}" for request in publisher.requests)
    expect(asked == {f"GET {PATH}": times}, f"asked for {dict(asked)} in {times} polls")


async def one_request_per_poll(world: World) -> str:
    """P26."""
    publisher = world.publisher()
    publisher.also("/robots.txt", Document(body=b"User-agent: *\nDisallow:\n", content_type="text/plain"))
    source = await world.subscribe(publisher)
    for number in range(4):
        publisher.serves(Document(body=rss(number), etag=b'"%d"' % number))
        await world.polls(source, 2)
        for status, body in ((200, page(publisher.at("/other.xml"))), (404, b""), (500, b""), (200, b"")):
            publisher.says(status, body=body)
            await world.poll(source)
        await world.restart()
    _only_the_feed(publisher, 24)
    return "24 polls, well or not, and 4 restarts: 24 times GET of the feed, nothing else"


async def discovery_when_added(world: World) -> str:
    """P27."""
    named = await _tried(world, feeds=("/news.xml",), guess=False)
    expect(named == ["/", "/news.xml"], f"`try` of a page that names one feed asks for {named}")
    silent = await _tried(world, feeds=(), guess=False)
    expect(silent == ["/"], f"`try` of a page that names none asks for {silent}")
    guessed = await _tried(world, feeds=(), guess=True)
    expect(1 < len(guessed) <= 1 + FEW_GUESSES, f"`try --guess` asks for {len(guessed)} addresses")
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.poll(source)
    for body in (page(publisher.at("/moved.xml")), page(publisher.at("/moved.xml"), publisher.at("/a.xml"))):
        publisher.says(200, [(b"Content-Type", b"text/html")], body)
        await world.polls(source, 5)
    _only_the_feed(publisher, 11)
    return (
        f"`try`: a page and the feed it names, {len(guessed) - 1} guesses if wanted; 10 polls of a feed that became a "
        "page: no search"
    )


async def _tried(world: World, *, feeds: tuple[str, ...], guess: bool) -> list[str]:
    """Return what `aggregator try` asks a site for."""
    publisher = world.publisher()
    publisher.also("/", Document(body=page(*map(publisher.at, feeds)), content_type="text/html"))
    for path in feeds:
        publisher.also(path, Document(body=rss(1)))
    await look(
        Source(id="try", url=publisher.at("/")),
        config=world.config,
        allow_private=LOOPBACK,
        guess=guess,
        clock=lambda: world.now,
        say=lambda _: None,
    )
    methods = {request.method for request in publisher.requests}
    expect(methods == {"GET"}, f"`try` uses {methods}")
    return [request.target.decode() for request in publisher.requests]


async def archives_once(world: World) -> str:
    """P29."""
    pages = [f"/archive/{number}.xml" for number in range(1, 16)]
    walked = await _walked(world, dict(zip(pages, [*pages[1:], None], strict=True)))
    expect(len(walked) == MOST_PAGES, f"of an archive of {len(pages)} pages {len(walked)} were asked for")
    expect(list(walked) == pages[:MOST_PAGES], f"in the order {list(walked)}")
    loop = await _walked(world, {"/archive/1.xml": "/archive/2.xml", "/archive/2.xml": "/archive/1.xml"})
    expect(len(loop) == 2, f"of two pages that name each other {len(loop)} were asked for")  # noqa: PLR2004
    home = await _walked(world, {"/archive/1.xml": PATH})
    expect(len(home) == 1, f"of an archive that leads back to the feed {len(home)} pages were asked for")
    await _complete(world)
    return (
        f"15 pages: {MOST_PAGES} asked for, once, as backfill; loops end; what leaves a complete feed stays in topics"
    )


async def _walked(world: World, archive: dict[str, str | None]) -> Counter[str]:
    """Subscribe to a feed with an archive (page -> the page before); return how often each page was asked for.

    Afterwards each page has been asked for once, and its news are stored, but may enter no topic by themselves.
    """
    publisher = world.publisher()
    for number, (path, before) in enumerate(archive.items(), start=1):
        publisher.also(path, Document(body=rss(100 + number, inside=f"<fh:archive/>{_previous(publisher, before)}")))
    first = _previous(publisher, next(iter(archive)))
    publisher.serves(Document(body=rss(1, inside=first), etag=b'"1"'))
    source = await world.subscribe(publisher)
    await world.poll(source)
    for number in range(2, 6):
        publisher.serves(Document(body=rss(number, number - 1, inside=first), etag=b'"%d"' % number))
        await world.polls(source, 2)
    asked = Counter(request.target.decode() for request in publisher.requests)
    expect(asked.pop(PATH) == 9, "the feed itself is not asked once a poll")  # noqa: PLR2004
    await world.curate()
    repeated = [path for path, times in asked.items() if times > 1]
    expect(not repeated, f"asked for again: {', '.join(repeated)}")
    stored = {one.item.id: one.arrival for one in await world.read(items.newest, 200) if one.source == source.id}
    wanted = {f"news-{100 + number}": "backfill" for number in range(1, len(asked) + 1)}
    held = {name: arrival for name, arrival in stored.items() if len(name) > len("news-1")}
    expect(held == wanted, f"of {len(asked)} archive pages {len(held)} news are stored: {sorted(set(held.values()))}")
    return asked


def _previous(publisher: Publisher, path: str | None) -> str:
    return f'<atom:link rel="prev-archive" href="{publisher.at(path)}"/>' if path else ""


async def _complete(world: World) -> None:
    """See that an entry stays with readers when its news leaves a feed that calls itself complete."""
    publisher = world.publisher()
    source = world.source(publisher)
    await world.configure(
        source, topics=(Topic(id=source.id, title="Вестник", match=f"source:{source.id}", backfill=2),)
    )
    for news in ((1, 2), (2, 3)):
        publisher.serves(Document(body=rss(*news, inside="<fh:complete/>"), etag=b'"%d"' % news[0]))
        await world.poll(source)
        await world.publish(source.id)
    shown = len(await world.read(deliveries.live, source.id))
    expect(shown == 3, f"{shown} of 3 entries are shown after one has left a complete feed")  # noqa: PLR2004


async def only_the_feed(world: World) -> str:
    """P32."""
    publisher = world.publisher()
    robots = Document(body=b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    publisher.also("/robots.txt", robots)
    inside = f"<image><url>{publisher.at('/logo.png')}</url></image>"
    source = await world.subscribe(publisher)
    for number in range(6):
        body = rss(number, number + 1, inside=inside, site=publisher.at("")).replace(
            b"</item>", f'<enclosure url="{publisher.at("/a.mp3")}" type="audio/mpeg" length="9"/></item>'.encode()
        )
        publisher.serves(Document(body=body, etag=b'"%d"' % number))
        outcome = await world.poll(source)
        expect(outcome.ended == "changed", f"robots.txt forbids all, and the feed is not polled: {outcome.problem}")
        await world.curate()
    _only_the_feed(publisher, 6)
    return (
        "6 polls of a feed that robots.txt forbids: robots.txt, articles, pictures and enclosures asked for 0 times; "
        f"{await _articles(world)}"
    )


async def _articles(world: World) -> str:
    """See that pages are fetched where a person wants full texts: of new items, as robots.txt allows, read once."""
    publisher = world.publisher()
    robots = b"User-agent: *\nDisallow: /news/3\n"
    publisher.also("/robots.txt", Document(body=robots, content_type="text/plain"))
    for number in range(6):
        publisher.also(f"/news/{number}", Response(body=article(number)))
    source = replace(world.source(publisher), full_text=True)
    await world.configure(source, topics=(Topic(id=source.id, title="Вестник", match=f"source:{source.id}"),))
    for shown in ((0, 1), (1, 2, 3), (3, 4)):
        publisher.serves(Document(body=rss(*shown, site=publisher.at("")), etag=b'"%d"' % shown[-1]))
        outcome = await world.poll(source)
        expect(outcome.ended == "changed", f"a page spoils its feed: {outcome.problem}")
    asked = [path for request in publisher.requests if (path := request.target.decode()) != PATH]
    expect(asked == ["/robots.txt", "/news/2", "/news/4"], f"with full_text its host was asked for {asked}")
    await world.publish(source.id)
    shown_whole = [row for row in await world.read(deliveries.live, source.id) if ARTICLE in row.face.content]
    expect(len(shown_whole) == 2, f"{len(shown_whole)} of 2 articles are published")  # noqa: PLR2004
    return "with full_text 2 of 3 new articles, as robots.txt allows, which was read once; none on first contact"


async def removed_is_left_alone(world: World) -> str:
    """P35."""
    publisher, other = world.publisher(), world.publisher()
    source, stays = world.source(publisher), world.source(other)
    await world.configure(source, stays)
    await world.poll(source)
    await world.poll(stays)
    before, control = len(publisher.requests), len(other.requests)
    await world.configure(stays)
    await world.round(all=True, force=True)
    await world.live(stays, 30 * DAY)
    await world.restart()
    await world.round(all=True, force=True)
    claimed = await world.claims(ignore_schedule=True, force=True)
    expect(source.id not in {claim.source for claim in claimed}, "a removed source can be claimed")
    asked = len(publisher.requests) - before
    expect(asked == 0, f"{asked} requests after it was removed")
    more = len(other.requests) - control
    return (
        f"0 requests in 30 days, a restart and two `poll --all --force`; the source that stayed got {more}; "
        f"{await _hub_is_told(world)}"
    )


async def _hub_is_told(world: World) -> str:
    """See that a hub is told once when its source is removed or does not want it, and left alone from then on."""
    async with world.reached() as hub:
        for without in ((), (False,)):
            publisher, source = await subscribed(world, hub)
            before, callback = len(hub.asked), hub.only().callback
            await world.configure(*(replace(source, websub=value) for value in without))
            await world.restart()
            for _ in range(30):
                await world.talk(hub)
                world.now += DAY
            said = [(asked.mode, asked.topic, asked.callback) for asked in hub.asked[before:]]
            expect(said == [("unsubscribe", publisher.url, callback)], f"its hub was asked for {said}")
            expect(not hub.subscribers, "its hub still delivers")
    return "its hub was told once, and so was that of a source that wants none"
