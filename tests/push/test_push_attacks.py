"""Attacks A46 and A47 (content.md), and what hubs do wrong without meaning to: over real HTTP, against the real app."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from aggregator import pipeline
from aggregator.lab.hub import exchange, signed
from aggregator.lab.origin import Document, Response
from aggregator.lab.score.feeds import page, rss
from aggregator.lab.score.hubs import held, hub_links, subscribed
from aggregator.model import Access, Feed, key_of
from aggregator.pipeline.subscribing import reachable, wanted
from aggregator.store import items, polls, sources, withdrawal

DAY = timedelta(days=1)


async def titles(world, source):
    """What is stored, by item id."""
    await world.curate()
    rows = await world.read(items.newest, 1000)
    return {row.item.id: row.item.title for row in rows if row.source == source.id}


def feed(title, *, number=1):
    return rss(number).replace(f"Новость {number}".encode(), title.encode())


# --- A46: the callback --------------------------------------------------------------------------------------------


async def test_a_replayed_delivery_makes_no_duplicate_and_brings_no_old_words_back(world):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        for title in ("Маяк горит", "Маяк потушен", "Маяк горит", "Маяк потушен", "Маяк горит"):
            assert await world.push(hub, feed(title)) == ([202], 1)
        assert await titles(world, source) == {"news-1": "Маяк потушен"}


async def test_what_a_signed_delivery_takes_back_is_withdrawn(world):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        namespaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        await world.push(hub, f'<feed {namespaces}><at:deleted-entry ref="news-1"/></feed>'.encode())
        gone = await world.read(withdrawal.withdrawn, key_of(source.id, "news-1"))
        assert gone is not None
        assert gone.why == "its publisher took it back"


async def test_a_delivery_holds_what_is_new_and_the_rest_of_the_feed_stays(world):
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        await world.push(hub, rss(2))
        await world.push(hub, rss(3))
        assert set(await titles(world, source)) == {"news-1", "news-2", "news-3"}
        publisher.serves(Document(body=rss(1, 2, 3), etag=b'"3"'))
        outcome = await world.poll(source)
        assert (outcome.ended, outcome.changes) == ("changed", ())


async def test_a_delivery_of_another_subscription_is_not_believed(world):
    async with world.reached() as hub:
        _, one = await subscribed(world, hub)
        first = hub.only()
        hub.subscribers.clear()
        _, other = await subscribed(world, hub)
        await world.configure(one, other)
        body = rss(666)
        headers = signed(body, first.secret)
        await asyncio.to_thread(exchange, "POST", hub.only().callback, headers, body)
        assert await world.deliver() == 0


@pytest.mark.parametrize("announced", [True, False])
async def test_a_delivery_of_a_hundred_megabytes_is_refused_and_takes_no_memory(world, announced):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        status = await asyncio.to_thread(_flood, hub.only().callback, announced=announced)
        assert status == b"413"
        assert await world.deliver() == 0
        assert (await world.row(source)).items == 1


def _flood(callback, *, announced):
    """Send a hundred megabytes as far as they are taken; return the status."""
    parts, piece = urlsplit(callback), b"a" * 2**20
    length = b"Content-Length: %d" % (100 * 2**20) if announced else b"Transfer-Encoding: chunked"
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(b"POST %b HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % (parts.path.encode(), length))
        if not announced:
            for _ in range(21):
                connection.sendall(b"100000\r\n" + piece + b"\r\n")
        return connection.recv(100).split()[1]


async def test_a_signed_delivery_that_is_no_feed_has_the_feed_polled(world):
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)
        world.now += timedelta(minutes=5)
        publisher.serves(Document(body=rss(1, 2), etag=b'"2"'))
        for body in (page(), b"\x00\xff garbage", b"PK\x03\x04"):
            assert await world.push(hub, body) == ([202], 1)
        began = world.now
        assert (await world.poll(source)).at == began
        assert set(await titles(world, source)) == {"news-1", "news-2"}


async def test_a_delivery_for_a_source_that_is_polled_just_now_waits_for_its_end(world):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        world.now += DAY
        (claim,) = await world.claims(only=[source.id])
        assert await world.push(hub, rss(2)) == ([202], 0)
        await world.room.store.write(polls.release, claim)
        assert await world.deliver() == 1
        assert set(await titles(world, source)) == {"news-1", "news-2"}


async def test_what_is_delivered_stands_in_the_log_of_its_source(world):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        await world.push(hub, rss(2))
        newest = (await world.read(sources.log_of, source.id))[0]
        assert (newest.ended, newest.new) == ("pushed", 1)


async def test_an_old_item_that_a_hub_delivers_enters_no_topic(world):
    async with world.reached() as hub:
        _, source = await subscribed(world, hub)
        old = b"<pubDate>Sun, 01 Feb 2026 12:00:00 GMT</pubDate></item>"
        await world.push(hub, rss(2).replace(b"</item>", old))
        rows = await world.read(items.uncurated, 10)
        arrivals = {row.item.id: row.arrival for row in rows if row.source == source.id}
        assert arrivals["news-2"] == "backfill"


# --- A47: hubs that are none --------------------------------------------------------------------------------------


async def _asked(world, *hubs, **more):
    """Poll a feed that names these hubs; return which of them were asked."""
    async with world.reached() as hub:
        publisher = world.publisher()
        links = hub_links(*(("hub", url.format(hub=hub.url)) for url in hubs), ("self", publisher.url))
        publisher.serves(Document(body=rss(1, inside=links), etag=b'"1"'))
        source = await world.subscribe(publisher, **more)
        await world.poll(source)
        await world.talk(hub)
        known = await held(world, source)
        return [one.hub.replace(hub.url, "{hub}") for one in known], [one.state for one in known]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hub",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/hub",
        "http://0x7f.1/hub",
        "http://hub.example:8080/",
        "file:///etc/passwd",
        "gopher://hub.example/",
        "javascript:alert(1)",
    ],
)
async def test_a_hub_that_may_not_be_called_is_none(world, url):
    assert await _asked(world, url, "{hub}") == (["{hub}"], ["active"])


@pytest.mark.parametrize("url", ["https://10.0.0.1/hub", "https://[fd00::1]/", "https://2130706433:1/"])
async def test_a_hub_in_a_private_network_is_not_reached(world, url):
    known, states = await _asked(world, url)
    assert (known, states) == ([url], ["asking"])


async def test_of_a_thousand_hubs_two_are_asked(world):
    known, _ = await _asked(world, "{hub}", *(f"https://127.0.0.1/hub-{n}" for n in range(1000)))
    assert len(known) == 2


async def test_a_source_in_hiding_is_not_betrayed_to_a_hub(world):
    async with world.reached() as hub:
        publisher = world.publisher()
        source = world.source(publisher, access=Access(via="tor"))
        await world.configure(source)
        named = Feed(hubs=(hub.url,))
        assert wanted(world.room, source, named, source.url) == ()
        assert len(wanted(world.room, replace(source, access=Access()), named, source.url)) == 1


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        pytest.param(["http://hub.example/a?b=http:"], ["https://hub.example/a?b=http:"], id="by https"),
        pytest.param(["http://hub.example/", "https://hub.example/"], ["https://hub.example/"], id="once"),
    ],
)
async def test_a_public_hub_that_is_named_with_http_is_asked_by_https(world, named, asked):
    async with world.reached():
        source = await world.subscribe(world.publisher())
        found = wanted(world.room, source, Feed(hubs=tuple(named)), source.url)
        assert [one.hub for one in found] == asked


async def test_a_source_may_be_kept_from_hubs(world):
    assert await _asked(world, "{hub}", websub=False) == ([], [])


@pytest.mark.parametrize(
    ("public_url", "websub", "asked"),
    [
        pytest.param("https://feeds.example.org", "auto", True, id="a name of the public internet"),
        pytest.param("http://127.0.0.1:8080", "auto", False, id="this machine"),
        pytest.param("http://localhost:8080", "auto", False, id="this machine's name"),
        pytest.param("http://192.168.1.5", "auto", False, id="a private network"),
        pytest.param("http://nas.local", "auto", False, id="a name of a private network"),
        pytest.param("http://192.168.1.5", "on", True, id="a private network that a person says is reached"),
        pytest.param("https://feeds.example.org", "off", False, id="off"),
    ],
)
async def test_hubs_are_asked_where_they_can_reach_us(world, public_url, websub, asked):
    assert reachable(replace(world.config, public_url=public_url, websub=websub)) is asked


async def test_a_hub_that_wants_to_be_left_alone_is(world):
    async with world.reached() as hub:
        publisher = world.publisher()
        busy = Response(status=503, headers=[(b"Retry-After", b"7200")])
        url = publisher.also("/hub", busy)
        publisher.serves(Document(body=rss(1, inside=hub_links(("hub", url))), etag=b'"1"'))
        source = await world.subscribe(publisher)
        await world.poll(source)
        await world.talk(hub)
        (one,) = await held(world, source)
        assert one.due_at == world.now + timedelta(hours=2)
        assert one.problem == "503 Service Unavailable"


async def test_a_delivery_and_a_poll_at_the_same_instant_bring_an_item_once(world):
    async with world.reached() as hub:
        publisher, source = await subscribed(world, hub)

        async def poll():
            for claim in await world.claims(only=[source.id], ignore_schedule=True):
                await pipeline.poll(world.room, claim)

        for number in range(2, 42):
            world.now += timedelta(minutes=5)
            body = rss(number - 1, number, inside=hub_links(("hub", hub.url), ("self", publisher.url)))
            publisher.serves(Document(body=body, etag=b'"%d"' % number))
            await asyncio.gather(poll(), world.push(hub, body))
            await world.deliver()
            assert (await world.row(source)).items == number
        log = await world.read(sources.log_of, source.id)
        assert sum(line.new for line in log) == 41
        assert {line.ended for line in log} >= {"pushed", "changed"}
