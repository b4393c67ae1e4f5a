"""A source that is read otherwise than before is read at its next poll, and its old items come back to no reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from aggregator.lab.origin import Document
from aggregator.model import Select, Strip, Topic, key_of
from aggregator.store import deliveries, items

HOUR = timedelta(hours=1)
EVERYTHING = Topic(id="all", title="Всё", match="not category:x")
SELECT = Select(item="li", title="a", link="a", published="time")
SENTENCE = "Мост через реку открыли утром, и первые машины уже прошли на другой берег. "
BANNER = "Поддержите нас переводом на карту, без вас мы не можем работать."


def feed(now):
    """Three items of the last hours, each with a banner; the first date names no zone."""
    dates = [f"{now:%d %b %Y %H:%M:%S}", *(format_datetime(now - n * HOUR, usegmt=True) for n in (1, 2))]
    shown = "".join(
        f"<item><guid>n-{n}</guid><title>Новость {n}</title><pubDate>{date}</pubDate>"
        f"<description>&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;p&gt;{BANNER}&lt;/p&gt;</description></item>"
        for n, date in enumerate(dates)
    )
    return Document(body=f'<rss version="2.0"><channel><title>Вестник</title>{shown}</channel></rss>'.encode())


def page(now, tag="li"):
    """Two items that all selectors find, and twenty that only others do, some of them of the last hour."""
    shown = "".join(
        f"<{tag if n > 1 else 'li'}><a href='/news/{n}'>Новость {n}</a><b>Другой заголовок {n}</b>"
        f"<time datetime='{(now - n * HOUR / 10):%Y-%m-%dT%H:%M:%SZ}'>сегодня</time></{tag if n > 1 else 'li'}>"
        for n in range(22)
    )
    return Document(body=f"<html><body><ul>{shown}</ul></body></html>".encode(), content_type="text/html")


async def delivered(world):
    await world.publish("all")
    return await world.read(deliveries.live, "all")


@pytest.mark.parametrize(
    "way",
    [
        pytest.param({"strip": Strip(phrases=("Поддержите*",))}, id="strip"),
        pytest.param({"zone": "Europe/Kyiv"}, id="zone"),
    ],
)
async def test_a_feed_is_read_again_at_once_and_told_quietly(world, way):
    publisher = world.publisher()
    source = world.source(publisher)
    await world.configure(source, topics=(EVERYTHING,))
    publisher.serves(feed(world.now))
    await world.poll(source)
    before = await delivered(world)
    assert (await world.poll(source)).ended != "changed"
    await world.configure(replace(source, **way), topics=(EVERYTHING,))
    outcome = await world.poll(source)
    changed = [change.item.id for change in outcome.changes]
    assert (outcome.ended, changed) == ("changed", ["n-0", "n-1", "n-2"] if "strip" in way else ["n-0"])
    after = await delivered(world)
    assert [(row.entry_id, row.updated, row.face.published) for row in after] == [
        (row.entry_id, row.updated, row.face.published) for row in before
    ]
    assert any(BANNER in row.face.summary for row in after) is ("strip" not in way)
    assert (await world.poll(source)).ended != "changed"


async def test_what_a_page_had_before_is_found_by_other_selectors_and_is_no_news(world):
    publisher = world.publisher()
    source = world.source(publisher, select=SELECT, zone="UTC")
    await world.configure(source, topics=(EVERYTHING,))
    publisher.serves(page(world.now, "dd"))
    await world.poll(source)
    before = await delivered(world)
    assert len(before) == 2
    read_otherwise = replace(source, select=replace(SELECT, item="li, dd", title="b"))
    await world.configure(read_otherwise, topics=(EVERYTHING,))
    outcome = await world.poll(source)
    assert [change.kind for change in outcome.changes] == ["changed"] * 2 + ["new"] * 20
    assert {change.arrival for change in outcome.changes[2:]} == {"backfill"}
    after = await delivered(world)
    assert [(row.entry_id, row.updated) for row in after] == [(row.entry_id, row.updated) for row in before]
    assert {row.face.title for row in after} == {"Другой заголовок 0", "Другой заголовок 1"}
    stored = await world.read(items.by_key, key_of(source.id, outcome.changes[5].item.id))
    assert stored.arrival_why == "found by other selectors, and not published since the previous poll"


async def test_what_was_published_since_the_previous_poll_is_news_also_when_selectors_change(world):
    publisher = world.publisher()
    source = world.source(publisher, select=SELECT, zone="UTC", every=2 * HOUR)
    await world.configure(source, topics=(EVERYTHING,))
    publisher.serves(page(world.now, "dd"))
    await world.poll(source)
    await world.configure(replace(source, select=replace(SELECT, item="li, dd")), topics=(EVERYTHING,))
    publisher.serves(page(world.now + HOUR, "dd"))
    outcome = await world.poll(source)
    fresh = [one for one in outcome.changes if one.kind == "new" and one.arrival == "live"]
    assert 0 < len(fresh) < 20
    assert all(one.item.published >= outcome.at - 2.5 * HOUR for one in fresh)
