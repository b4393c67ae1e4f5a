"""A small town's news, for stores that the real process polls into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from lxml import etree

from aggregator.lab.origin import Document
from aggregator.store import Store, artefacts

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
TITLES = ["Мост открыт", "Паром снова ходит", "В школе новый зал"]
NEWS = "На рынке пожар"
TOPICS = {"all": {"title": "Всё", "match": "source:city"}}


def feed(titles):
    told = "".join(
        f"<item><guid>{n}</guid><link>https://city.example/{n}</link><title>{title}</title>"
        f"<description>{title}: подробности.</description>"
        f"<pubDate>{format_datetime(BEGAN + timedelta(minutes=n))}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return Document(body=f"<rss version='2.0'><channel><title>Город</title>{told}</channel></rss>".encode())


def write(place, address, url):
    """Configure the town's source on a store of that address."""
    place.process["database"] = url
    place.write({"city": {"url": address, "poll": {"every": "15m"}}}, TOPICS)


def shown(url):
    """Return what readers of the topic get from a store: id, title and `updated` of each entry."""
    store = Store.open(url, readonly=True)
    try:
        return entries(store.read_now(artefacts.load, "all", "atom", "identity").body)
    finally:
        store.close()


def entries(body):
    """Return what stands in a document."""
    found = etree.fromstring(body).iterfind("{*}entry")
    return [tuple(one.findtext(f"{{*}}{name}") for name in ("id", "title", "updated")) for one in found]
