"""A source that calls its local time GMT is noticed in a few polls, and its items then stand where they appeared."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from aggregator.lab.origin import Document, Origin
from aggregator.lab.score.world import World
from aggregator.model import key_of
from aggregator.store import items

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def document(dates):
    shown = "".join(
        f"<item><guid>n-{n}</guid><title>Новость {n}</title><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(format_datetime(date, usegmt=True) for date in dates)
    )
    return Document(body=f'<rss version="2.0"><channel><title>Вестник</title>{shown}</channel></rss>'.encode())


async def test_local_time_that_calls_itself_gmt_is_noticed_and_items_stand_where_they_appeared(tmp_path):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("zone")
            publisher = world.publisher()
            source = world.source(publisher, every=20 * MINUTE, language="ru")
            await world.configure(source)
            dates, codes = [], []
            for _ in range(12):
                # by Moscow's clock, between the last poll and the next, which is 18 to 22 minutes after it
                dates.append(world.now.replace(microsecond=0) + 10 * MINUTE + 3 * HOUR)
                publisher.serves(document(dates))
                outcome = await world.poll(source)
                codes.append([flaw.detail for flaw in outcome.flaws if flaw.code == "zone-mislabelled"])
            last = await world.read(items.by_key, key_of(source.id, "n-11"))
    assert codes[0] == []
    assert "`zone: Europe/Moscow`" in codes[-1][0]
    assert last.item.published == dates[-1]
    assert last.sort_at == dates[-1] - 3 * HOUR
