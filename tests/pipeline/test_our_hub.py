"""Our own hub and our pings, whole: what is asked, asked back, told, retried, given up and ended."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest
from newsstand import EVERYTHING, Newsstand, told

from aggregator import pipeline
from aggregator.lab.callback import Callback
from aggregator.lab.origin import Response
from aggregator.pipeline.telling import LEASE, send
from aggregator.push import letters
from aggregator.store import artefacts, outbox, subscribers

TOPIC = "http://127.0.0.1:8080/feeds/all.atom"
HUB = "http://127.0.0.1:8080/hub"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Stand(Newsstand):
    """A newsstand with a hub."""

    async def configure(self, *topics, **more):
        await self.world.configure(self.source, topics=topics or (EVERYTHING,))
        self.world.config = replace(self.world.config, **more)
        await pipeline.reload(self.room, self.world.config)

    @property
    def room(self):
        return self.world.room

    async def asks(self, form):
        """Ask our hub; return the status."""
        return (await pipeline.asked(self.room, form)).status

    async def sends(self):
        """Send all that is due now, as the daemon does; return the kinds of letters."""
        sent = []
        while letters_ := await self.room.store.write(outbox.claim, 32, LEASE, self.world.now):
            await asyncio.gather(*(send(self.room, letter) for letter in letters_))
            sent += [letter.kind for letter in letters_]
        return sent

    async def subscribes(self, callback, **more):
        assert await self.asks(callback.form(TOPIC, **more)) == 202
        await self.sends()

    async def document(self):
        return (await self.world.read(artefacts.load, "all", "atom", "identity")).body

    async def subscriber(self, callback):
        return await self.world.read(subscribers.one, subscribers.id_of(callback.url, TOPIC))

    async def waits(self):
        return await self.world.read(outbox.count)


@pytest.fixture
async def stand(world):
    stand = Stand(world)
    await stand.configure()
    await stand.shows(told(1))
    await stand.sends()
    return stand


@pytest.fixture
def callback(world):
    return Callback(world.origin, host="127.0.9.1")


async def test_a_subscriber_is_asked_and_then_told_the_whole_feed(stand, callback):
    await stand.subscribes(callback, secret="тайна", lease_seconds="7200")
    [question] = callback.questions
    assert question.pop("challenge")
    assert question == {"mode": "subscribe", "topic": TOPIC, "lease_seconds": "7200"}
    assert not callback.deliveries
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]
    [delivery] = callback.deliveries
    assert delivery.body == await stand.document()
    assert delivery.header(b"content-type") == b"application/atom+xml; charset=utf-8"
    assert delivery.header(b"link") == f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"'.encode()
    right = hmac.new("тайна".encode(), delivery.body, "sha256").hexdigest()
    assert delivery.header(b"x-hub-signature") == f"sha256={right}".encode()
    assert b"feed-id" not in delivery.header(b"user-agent")


async def test_without_a_secret_nothing_is_signed(stand, callback):
    await stand.subscribes(callback)
    await stand.shows(told(1, 2))
    await stand.sends()
    assert callback.deliveries[0].header(b"x-hub-signature") is None


async def test_what_has_not_changed_is_not_delivered(stand, callback):
    await stand.subscribes(callback)
    await stand.shows(told(1))
    assert await stand.sends() == []


async def test_a_callback_that_does_not_agree_is_not_subscribed(stand, callback):
    callback.agrees = False
    await stand.subscribes(callback)
    await stand.shows(told(1, 2))
    assert await stand.sends() == []
    assert len(callback.questions) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Response(body=b"something else"), id="another word"),
        pytest.param(Response(status=204), id="no word"),
        pytest.param(
            Response(status=301, headers=[(b"Location", b"//127.0.9.1/callback")]), id="a redirect to one that agrees"
        ),
        pytest.param(Response(status=410), id="410"),
    ],
)
async def test_only_the_challenge_itself_is_a_yes(stand, callback, answer):
    odd = Callback(stand.world.origin, host="127.0.9.2")
    stand.world.origin.script("/callback", lambda _: answer, host="127.0.9.2")
    assert await stand.asks(odd.form(TOPIC)) == 202
    assert await stand.sends() == ["question"]
    assert not callback.questions
    await stand.shows(told(1, 2))
    assert await stand.sends() == []


@pytest.mark.parametrize("status", [201, 202, 299])
async def test_the_challenge_with_any_success_is_a_yes(stand, callback, status):
    callback.says = status
    await stand.subscribes(callback)
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]


@pytest.mark.fault("F38")
async def test_a_callback_that_cannot_be_reached_is_asked_three_times(stand, callback):
    callback.url = callback.url.replace("127.0.9.1", "127.0.9.77")
    await stand.subscribes(callback)
    asked = 1
    for _ in range(8):
        stand.world.now += HOUR
        asked += len(await stand.sends())
    assert asked == letters.MOST_TRIES
    await pipeline.expire(stand.room)
    assert await stand.subscriber(callback) is None


async def test_a_second_subscription_takes_the_place_of_the_first(stand, callback):
    await stand.subscribes(callback, secret="one")
    await stand.subscribes(callback, secret="two")
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]
    [delivery] = callback.deliveries
    right = hmac.new(b"two", delivery.body, "sha256").hexdigest()
    assert delivery.header(b"x-hub-signature") == f"sha256={right}".encode()


async def test_who_unsubscribes_is_asked_and_hears_nothing_more(stand, callback):
    await stand.subscribes(callback)
    await stand.subscribes(callback, mode="unsubscribe")
    assert [question["mode"] for question in callback.questions] == ["subscribe", "unsubscribe"]
    await stand.shows(told(1, 2))
    assert await stand.sends() == []


async def test_somebody_else_cannot_end_a_subscription(stand, callback):
    await stand.subscribes(callback)
    callback.agrees = False
    await stand.subscribes(callback, mode="unsubscribe")
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]


@pytest.mark.fault("F38")
async def test_a_lease_ends(stand, callback):
    await stand.subscribes(callback, lease_seconds="3600")
    stand.world.now += 2 * HOUR
    await stand.shows(told(1, 2))
    assert await stand.sends() == []


async def test_410_ends_a_subscription(stand, callback):
    await stand.subscribes(callback)
    callback.status = 410
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]
    assert await stand.subscriber(callback) is None
    await stand.shows(told(1, 2, 3))
    assert await stand.sends() == []


@pytest.mark.fault("F38")
@pytest.mark.parametrize("status", [302, 404, 429, 500])
async def test_what_does_not_arrive_is_sent_again_as_it_is_then(stand, callback, status):
    await stand.subscribes(callback)
    callback.status = status
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["delivery"]
    await stand.shows(told(1, 2, 3))
    first = callback.deliveries[0].body
    callback.status = 200
    stand.world.now += HOUR
    assert await stand.sends() == ["delivery"]
    assert callback.deliveries[1].body == await stand.document() != first
    stand.world.now += DAY
    assert await stand.sends() == []


@pytest.mark.fault("F38")
async def test_what_does_not_arrive_for_a_day_waits_for_the_next_change(stand, callback):
    await stand.subscribes(callback)
    callback.status = 500
    await stand.shows(told(1, 2))
    tries = 0
    for _ in range(60):
        tries += len(await stand.sends())
        stand.world.now += HOUR
    assert 15 <= tries <= 40
    assert await stand.waits() == 0
    assert await stand.subscriber(callback) is not None  # section 7: until the end of the lease
    callback.status = 200
    await stand.shows(told(1, 2, 3))
    assert await stand.sends() == ["delivery"]
    assert callback.deliveries[-1].body == await stand.document()


async def test_a_topic_that_goes_or_becomes_private_ends_its_subscriptions_and_says_so(stand, callback):
    await stand.subscribes(callback)
    await stand.configure(replace(EVERYTHING, private=True))
    await stand.world.publish("all")
    assert await stand.sends() == ["denial"]
    denied = callback.questions[-1]
    assert (denied["mode"], denied["topic"]) == ("denied", TOPIC)
    assert await stand.subscriber(callback) is None
    assert not callback.deliveries


@pytest.mark.parametrize("hub", ["on", "off"])
async def test_a_hub_that_is_off_ends_all_and_answers_nobody(stand, callback, hub):
    await stand.subscribes(callback)
    await stand.configure(hub=hub)
    assert await stand.sends() == ([] if hub == "on" else ["denial"])
    assert (await pipeline.asked(stand.room, callback.form(TOPIC)) is None) is (hub == "off")


async def test_a_private_topic_cannot_be_subscribed_to(stand, callback):
    await stand.configure(EVERYTHING, replace(EVERYTHING, id="diary", private=True))
    assert await stand.asks(callback.form(TOPIC.replace("all", "diary"))) == 404
    assert await stand.asks(callback.form(TOPIC)) == 202


async def test_a_page_cannot_be_subscribed_to(stand, callback):
    assert await stand.asks(callback.form("http://127.0.0.1:8080/topics/all")) == 404


async def test_our_hub_needs_no_ping_about_our_feeds(stand, callback):
    assert await stand.asks(callback.form(TOPIC, mode="publish")) == 204
    assert await stand.sends() == []


@pytest.mark.parametrize(
    ("public_url", "url", "status"),
    [
        pytest.param("http://127.0.0.1:8080", "https://reader.example.org/", 403, id="the world, at home"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.9/", 202, id="this machine, at home"),
        pytest.param("http://news.local", "http://reader/api", 202, id="a neighbour, at home"),
        pytest.param("https://feeds.example.org", "https://reader.example.org/", 202, id="the world"),
        pytest.param("https://feeds.example.org", "http://10.0.0.1/", 403, id="a private address"),
        pytest.param("https://feeds.example.org", "http://[::1]/", 403, id="our own machine"),
        pytest.param("https://feeds.example.org", "http://169.254.169.254/latest", 403, id="metadata"),
    ],
)
async def test_who_may_be_called(stand, callback, public_url, url, status):
    stand.room.site = replace(stand.room.site, public_url=public_url)
    callback.url = url
    assert await stand.asks(callback.form(f"{public_url}/feeds/all.atom")) == status


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "inside.example.org"])
async def test_a_callback_inside_is_never_called(stand, callback, host):
    async def inside(_host):
        return ["127.0.0.1"]

    site = stand.room.site
    stand.room.site = replace(site, public_url="https://feeds.example.org")
    port = stand.world.origin.port
    callback.url = f"http://{host}:{port}/callback"
    connections = stand.world.origin.connections
    async with stand.world.asking(allow_private=(), resolve=inside):
        stand.room.config = replace(stand.room.config, allow_private=())
        await stand.asks(callback.form("https://feeds.example.org/feeds/all.atom"))
        await stand.sends()
    assert stand.world.origin.connections == connections
    assert await stand.waits() == 0


async def test_hubs_of_others_are_told_once_per_feed_that_has_changed(stand):
    hub = stand.world.origin.script("/hub", lambda _: Response(status=204), host="127.0.9.8")
    await stand.configure(hubs=(hub,))
    stand.world.origin.forget()
    await stand.shows(told(1, 2))
    assert await stand.sends() == ["ping"] * 3
    pinged = [request.body for request in stand.world.origin.requests if request.address == "127.0.9.8"]
    assert sorted(pinged) == [
        f"hub.mode=publish&hub.url={said}&hub.topic={said}".encode()
        for said in sorted(f"http%3A%2F%2F127.0.0.1%3A8080%2Ffeeds%2Fall.{kind}" for kind in ("atom", "json", "rss"))
    ]
    await stand.shows(told(1, 2))
    assert await stand.sends() == []


@pytest.mark.fault("F38")
async def test_a_hub_that_is_down_is_told_when_it_is_back(stand):
    status = 503
    hub = stand.world.origin.script("/hub", lambda _: Response(status=status), host="127.0.9.8")
    await stand.configure(hubs=(hub,))
    await stand.shows(told(1, 2))
    await stand.sends()
    [waiting] = await stand.world.read(outbox.pings)
    assert (waiting.hub, waiting.pings, waiting.given_up) == (hub, 3, 0)
    assert "503" in waiting.problem
    status = 202
    stand.world.now += HOUR
    assert await stand.sends() == ["ping"] * 3
    assert await stand.world.read(outbox.pings) == []


@pytest.mark.fault("F38")
async def test_a_hub_that_is_down_for_a_day_is_given_up_with_its_reason(stand):
    hub = stand.world.origin.script("/hub", lambda _: Response(status=503), host="127.0.9.8")
    await stand.configure(hubs=(hub,))
    await stand.shows(told(1, 2))
    for _ in range(30):
        await stand.sends()
        stand.world.now += HOUR
    [waiting] = await stand.world.read(outbox.pings)
    assert (waiting.given_up, await stand.waits()) == (3, 0)
    assert "503" in waiting.problem


async def test_private_topics_are_pinged_about_to_nobody(stand):
    hub = stand.world.origin.script("/hub", lambda _: Response(status=204), host="127.0.9.8")
    await stand.configure(replace(EVERYTHING, private=True), hubs=(hub,))
    await stand.shows(told(1, 2))
    assert await stand.sends() == []


async def test_what_a_feed_says_of_its_hubs_follows_the_configuration(stand):
    assert f'href="{HUB}"' in (await stand.document()).decode()
    await stand.configure(hub="off")
    await stand.world.publish("all")
    assert b'rel="hub"' not in await stand.document()
    assert pipeline.announced(stand.room, "all", "atom") == ""
