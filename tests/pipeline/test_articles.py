"""Pages behind items are asked for as their hosts wish, and nothing that goes wrong there harms the poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch import Client
from aggregator.lab.origin import Document, Origin, Response
from aggregator.lab.score.feeds import ARTICLE, article
from aggregator.model import Access, Change, Item, Pause, Source
from aggregator.parse import Workers
from aggregator.pipeline.articles import MOST, Reader, Robots

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
def read(origin):
    """Read the articles behind these addresses, a day later where told; returns whose text came, and the flaws."""
    known = Robots()

    async def read(*urls, now=NOON, agent="", **more):
        changes = [
            Change(**({"kind": "new", "key": url, "item": Item(id=url, title="t", link=url)} | more)) for url in urls
        ]
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
                got, flaws = await reader.read(changes)
        assert [change.item for change in got] == [change.item for change in changes]
        return [change.key for change in got if ARTICLE in change.full_text], [flaw.code for flaw in flaws]

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


async def test_so_many_pages_are_asked_for_at_once_and_no_more(origin, read):
    pages = [origin.url(f"/{number}") for number in range(MOST + 2)]
    assert await read(*pages) == (pages[:MOST], ["full-text-skipped"] * 2)
    assert len(origin.requests) == MOST + 1


async def test_what_is_old_or_known_is_not_asked_for(origin, read):
    assert await read(origin.url("/1"), arrival="backfill") == ([], [])
    assert await read(origin.url("/1"), kind="changed") == ([], [])
    assert asked(origin) == []
