"""Pages behind items are asked for as their hosts wish, and nothing that goes wrong there harms the poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch import Client
from aggregator.lab.origin import Document, Origin, Response
from aggregator.lab.score.feeds import ARTICLE, article
from aggregator.model import (
    Access,
    Change,
    Due,
    Item,
    Pause,
    PollOutcome,
    PollState,
    Source,
    StoredItem,
)
from aggregator.parse import Workers
from aggregator.pipeline.articles import MOST, Page, Reader, Robots, pages

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OTHER = "127.0.0.9"
AGENT = "vesna-reader/2"


@pytest.fixture
def origin():
    with Origin() as origin:
        for number in range(MOST + 2):
            origin.script(f"/{number}", lambda _, number=number: Response(body=article(number)))
        yield origin


@pytest.fixture
def ask(origin):
    """Ask for the pages at these addresses, the first the newest, a day later where told; returns what came."""
    known = Robots()

    async def ask(*urls, now=NOON, agent=""):
        wanted = [Page(key=url, url=url, title="t", at=NOON - timedelta(hours=n)) for n, url in enumerate(urls)]
        source = Source(id="a", url=origin.url("/rss"), access=Access(user_agent=agent), full_text=True)
        client = Client(contact="https://feeds.example/about", version="1.2", allow_private=("127.0.0.0/8",))
        async with client, Workers(count=1) as workers:
            with client.share() as share:
                reader = Reader(
                    client=client,
                    workers=workers,
                    known=known,
                    source=source,
                    pause=Pause(gap=timedelta(milliseconds=1)),
                    now=now,
                    share=share,
                )
                articles, flaws = await reader.read(wanted[::-1])
        assert [article.key for article in articles] == list(urls)
        return articles, [flaw.code for flaw in flaws]

    return ask


@pytest.fixture
def read(ask):
    """The same; returns whose text came, and the flaws."""

    async def read(*urls, **more):
        articles, flaws = await ask(*urls, **more)
        return [article.key for article in articles if ARTICLE in article.text], flaws

    return read


def asked(origin):
    return [request.target.decode() for request in origin.requests]


async def test_articles_are_read_and_robots_txt_once_a_day(origin, read):
    one, two = origin.url("/1"), origin.url("/2")
    assert await read(one, two) == ([one, two], [])
    assert asked(origin) == ["/robots.txt", "/1", "/2"]
    origin.forget()
    await read(one, now=NOON + timedelta(hours=23))
    assert asked(origin) == ["/1"]
    await read(one, now=NOON + timedelta(hours=24))
    assert asked(origin) == ["/1", "/robots.txt", "/1"]


@pytest.mark.parametrize(
    ("robots", "agent", "allowed"),
    [
        pytest.param(Response(body=b"User-agent: *\nDisallow: /1\n"), "", False, id="forbidden"),
        pytest.param(Response(body=b"User-agent: aggregator\nDisallow: /1\n"), "", False, id="forbidden to us"),
        pytest.param(Response(body=b"User-agent: vesna-reader\nDisallow: /\n"), AGENT, False, id="by another name"),
        pytest.param(Response(body=b"User-agent: vesna-reader\nDisallow: /\n"), "", True, id="to another"),
        pytest.param(Response(status=404), "", True, id="none"),
        pytest.param(Response(body=b""), "", True, id="empty"),
        pytest.param(Response(status=500), "", False, id="its server fails"),
        pytest.param(Response(status=429), "", False, id="it wants no requests"),
    ],
)
async def test_a_page_is_asked_for_as_robots_txt_says(origin, read, robots, agent, allowed):
    origin.script("/robots.txt", lambda _: robots)
    page = origin.url("/1")
    assert await read(page, agent=agent) == (([page], []) if allowed else ([], ["full-text-refused"]))
    assert ("/1" in asked(origin)) is allowed


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(Response(status=404), id="not found"),
        pytest.param(Response(status=500), id="its server fails"),
        pytest.param(Response(body=b"%PDF-1.4 \x00\x01"), id="no page"),
        pytest.param(Response(body=b"<html><body></body></html>"), id="no article"),
        pytest.param(Response(status=302, headers=[(b"Location", b"http://10.0.0.1/")]), id="private"),
    ],
)
async def test_a_page_that_cannot_be_had_is_a_flaw_and_the_next_one_is_read(origin, read, page):
    bad, good = origin.script("/bad", lambda _: page), origin.url("/1")
    assert await read(bad, good) == ([good], ["full-text-missing"])


@pytest.mark.parametrize("status", [403, 429, 503])
async def test_a_host_that_does_not_want_it_is_left_alone(origin, read, status):
    bad, good = origin.script("/bad", lambda _: Response(status=status)), origin.url("/1")
    assert await read(bad, good) == ([], ["full-text-stopped"])
    assert "/1" not in asked(origin)


async def test_a_redirect_to_a_host_that_forbids_it_gives_nothing(origin, read):
    origin.serve("/robots.txt", Document(body=b"User-agent: *\nDisallow: /\n", content_type="text/plain"), host=OTHER)
    goal = origin.script("/x", lambda _: Response(body=article(1)), host=OTHER)
    moved = origin.script("/moved", lambda _: Response(status=302, headers=[(b"Location", goal.encode())]))
    assert await read(moved) == ([], ["full-text-refused"])


async def test_the_newest_pages_are_asked_for_at_once_and_the_others_wait(origin, ask):
    pages = [origin.url(f"/{number}") for number in range(MOST + 2)]
    articles, flaws = await ask(*pages)
    assert [bool(article.text) for article in articles] == [True] * MOST + [False] * 2
    assert [article.due_at for article in articles] == [None] * MOST + [NOON] * 2
    assert flaws == ["full-text-skipped"]
    assert len(origin.requests) == MOST + 1


@pytest.mark.parametrize(
    ("page", "again"),
    [
        pytest.param(Response(body=article(1)), None, id="there"),
        pytest.param(Response(status=404), None, id="not found"),
        pytest.param(Response(status=410), None, id="gone"),
        pytest.param(Response(body=b"%PDF-1.4 \x00\x01"), None, id="no page"),
        pytest.param(Response(body=b"<html><body></body></html>"), None, id="no article"),
        pytest.param(Response(status=302, headers=[(b"Location", b"http://10.0.0.1/")]), None, id="private"),
        pytest.param(Response(status=500), 6 * HOUR, id="its server fails"),
        pytest.param(Response(status=503), 6 * HOUR, id="too busy"),
        pytest.param(Response(status=429, headers=[(b"Retry-After", b"86400")]), 24 * HOUR, id="in a day"),
        pytest.param(Response(status=429, headers=[(b"Retry-After", b"60")]), 6 * HOUR, id="in a minute"),
    ],
)
async def test_a_page_is_asked_for_again_where_that_may_help_and_not_soon(origin, ask, page, again):
    [article], _ = await ask(origin.script("/page", lambda _: page))
    assert article.due_at == (again and NOON + again)


async def test_a_page_that_robots_txt_forbids_is_asked_for_again_when_that_is_read_again(origin, ask):
    origin.script("/robots.txt", lambda _: Response(body=b"User-agent: *\nDisallow: /\n"))
    [article], _ = await ask(origin.url("/1"))
    assert article.due_at == NOON + 24 * HOUR


async def test_a_host_that_did_not_want_it_is_left_alone_by_later_polls_and_other_hosts_are_not(origin, ask):
    bad, good = origin.script("/bad", lambda _: Response(status=429)), origin.url("/1")
    other = origin.script("/2", lambda _: Response(body=article(2)), host=OTHER)
    articles, flaws = await ask(bad, good, other)
    assert [article.due_at for article in articles] == [NOON + 6 * HOUR, NOON + 6 * HOUR, None]
    assert flaws == ["full-text-stopped"]
    articles, flaws = await ask(good, now=NOON + HOUR)
    assert [article.due_at for article in articles] == [NOON + 6 * HOUR]
    assert flaws == ["full-text-stopped"]
    assert "/1" not in asked(origin)
    [article_], _ = await ask(good, now=NOON + 6 * HOUR)
    assert ARTICLE in article_.text


def test_pages_of_news_are_wanted_and_of_what_waits_and_no_others():
    def change(name, **more):
        item = Item(id=name, title=name, link=f"https://a.example/{name}", published=NOON - 3 * HOUR)
        return Change(**({"kind": "new", "key": name, "item": item} | more))

    waits = StoredItem(
        key="waits",
        seq=1,
        source="a",
        item=change("waits").item,
        first_seen_at=NOON - HOUR,
        arrival="live",
        arrival_why="",
        rank=0,
    )
    changes = (change("new"), change("old", arrival="backfill"), change("edited", kind="changed"))
    outcome = PollOutcome(
        source="a",
        at=NOON,
        ended="changed",
        state=PollState(),
        due=Due(at=NOON, interval=HOUR, why=""),
        took=timedelta(0),
        changes=changes,
    )
    found = pages(outcome, [waits])
    assert [(page.key, page.at) for page in found] == [("new", NOON - 3 * HOUR), ("waits", NOON - 3 * HOUR)]
