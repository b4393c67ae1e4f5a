"""What one poll leaves of full texts later polls ask for; queries see it, and readers are shown nothing twice."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from aggregator.lab.origin import Document, Response
from aggregator.lab.score.feeds import ARTICLE, article
from aggregator.model import Pause, Topic, key_of
from aggregator.pipeline.articles import YOUNG
from aggregator.store import deliveries, sources

QUICK = Pause(at_once=1, gap=timedelta(milliseconds=1))


def shown(publisher, numbers, now):
    """A feed with these items, each older by so many minutes as its number."""
    items = "".join(
        f"<item><guid>n-{n}</guid><title>Новость {n}</title><link>{publisher.at('')}/news/{n}</link>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=n), usegmt=True)}</pubDate></item>"
        for n in numbers
    )
    return Document(body=f'<rss version="2.0"><channel><title>Вестник</title>{items}</channel></rss>'.encode())


def pages_of(publisher):
    return [int(path.rpartition("/")[2]) for one in publisher.requests if "/news/" in (path := one.target.decode())]


async def test_what_one_poll_leaves_later_polls_ask_for_the_newest_first_also_after_a_restart(world):
    publisher = world.publisher()
    for n in range(30):
        publisher.also(f"/news/{n}", Response(body=article(n)))
    source = world.source(publisher, every=timedelta(minutes=20), full_text=True)
    await world.configure(source, pause=QUICK)
    publisher.serves(shown(publisher, [25], world.now))
    await world.poll(source)
    publisher.serves(shown(publisher, range(25), world.now))
    outcome = await world.poll(source)
    assert pages_of(publisher) == list(range(10))
    assert [flaw.code for flaw in outcome.flaws].count("full-text-skipped") == 1
    await world.restart()
    await world.configure(source, pause=QUICK)
    assert (await world.poll(source)).ended == "unchanged"
    assert pages_of(publisher) == list(range(20))
    publisher.serves(shown(publisher, [26, *range(25)], world.now))  # dated later than what still waits
    await world.polls(source, 3)
    assert sorted(pages_of(publisher)) == [*range(25), 26]
    row = await world.read(sources.flaws_of, source.id)
    assert not [flaw for flaw in row if flaw.code.startswith("full-text")]


async def test_a_page_that_failed_is_not_asked_for_at_every_poll_and_not_for_ever(world):
    publisher = world.publisher()
    publisher.also("/news/1", Response(status=500))
    publisher.also("/news/2", Response(status=404))
    source = world.source(publisher, every=timedelta(hours=1), full_text=True)
    await world.configure(source, pause=QUICK)
    publisher.serves(shown(publisher, [9], world.now))
    await world.poll(source)
    publisher.serves(shown(publisher, [9, 1, 2], world.now))
    await world.live(source, 4 * YOUNG)
    asked = pages_of(publisher)
    assert asked.count(2) == 1
    assert 5 <= asked.count(1) <= 8


async def test_queries_see_an_article_that_came_later_and_readers_are_shown_nothing_twice(world):
    publisher = world.publisher()
    publisher.also("/news/1", Response(status=500))
    everything = Topic(id="all", title="Всё", match="not category:x")
    rivers = Topic(id="rivers", title="Реки", match="words:берега in:text")
    source = world.source(publisher, every=timedelta(hours=1), full_text=True)
    await world.configure(source, topics=(everything, rivers), pause=QUICK)
    publisher.serves(shown(publisher, [9], world.now))
    await world.poll(source)
    publisher.serves(shown(publisher, [9, 1], world.now))
    await world.poll(source)
    for topic in ("all", "rivers"):
        await world.publish(topic)
    before = await world.read(deliveries.live, "all")
    assert await world.read(deliveries.live, "rivers") == []
    publisher.also("/news/1", Response(body=article(1)))
    await world.live(source, timedelta(hours=8))
    for topic in ("all", "rivers"):
        await world.publish(topic)
    assert await world.read(deliveries.live, "all") == before
    [row] = await world.read(deliveries.live, "rivers")
    assert (row.anchor, ARTICLE in row.face.content) == (key_of(source.id, "n-1"), True)
