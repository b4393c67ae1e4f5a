"""A newsstand: one publisher's document, what the newsroom makes of it, and what readers get."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from html import escape

from lxml import etree
from sqlalchemy import func, select

from aggregator.lab.origin import Document
from aggregator.lab.score.world import START
from aggregator.model import Topic
from aggregator.store import artefacts
from aggregator.store.schema import item

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYTHING = Topic(id="all", title="Всё", match="not category:x", fold="none")
SITE = "http://vestnik.example"
WORDS = ["мост", "река", "паром", "утро", "рынок", "школа", "хлеб", "дорога", "парк", "театр", "музей", "вокзал"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """An article, as a publisher's document tells it."""

    n: int
    guid: str | None = ""  # "": a number of its own
    link: str | None = ""  # "": an address of its own
    title: str = ""
    text: str = ""
    minutes: int | None = 0  # from its own date on; None: undated
    date: str = ""  # as it is written, instead of that

    def xml(self):
        """An item of RSS."""
        when = START - timedelta(minutes=10 * self.n) + timedelta(minutes=self.minutes or 0)
        facts = {
            "guid": f"news-{self.n}" if self.guid == "" else self.guid,
            "link": f"{SITE}/news/{self.n}" if self.link == "" else self.link,
            "title": self.title or self.headline,
            "description": self.text or f"Читайте: {self.headline}. " * 5,
            "pubDate": self.date or (None if self.minutes is None else format_datetime(when, usegmt=True)),
        }
        said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in facts.items() if value is not None)
        return f"<item>{said}</item>"

    @property
    def headline(self):
        """A title of its own, which shares few words with others."""
        return f"{WORDS[self.n % 12].title()} {WORDS[(self.n * 5 + 1) % 12]} {WORDS[(self.n * 7 + 3) % 12]} {self.n}"


def told(*numbers, **how):
    """These articles; what is callable is asked for each."""
    return [Told(n=n, **{name: value(n) if callable(value) else value for name, value in how.items()}) for n in numbers]


def document(articles, title="Вестник города", language="ru", site=SITE):
    shown = "".join(article.xml() for article in articles)
    head = f"<title>{title}</title><link>{site}/</link><language>{language}</language>"
    return Document(body=f'<rss version="2.0"><channel>{head}{shown}</channel></rss>'.encode())


class Newsstand:
    """One source in a topic, and what becomes of its items."""

    def __init__(self, world, **how):
        self.world, self.publisher = world, world.publisher()
        self.source = world.source(self.publisher, every=HOUR, first=100, **how)

    async def shows(self, articles, **how):
        """Serve this document, and do what the daemon does with it."""
        self.publisher.serves(document(articles, **how))
        return await self.lives()

    async def lives(self):
        """Poll it when it is due, sort what came and publish."""
        outcome = await self.world.poll(self.source)
        await self.world.publish("all")
        return outcome

    async def count(self, table=item, *where):
        """How many rows there are."""
        return await self.world.read(lambda conn: conn.scalar(select(func.count()).select_from(table).where(*where)))

    async def entries(self):
        """The entries that readers get, as (id, title, updated)."""
        finished = await self.world.read(artefacts.load, "all", "atom", "identity")
        feed = etree.fromstring(finished.body)
        names = ("id", "title", "updated")
        return [tuple(entry.findtext(f"{{*}}{name}") for name in names) for entry in feed.iterfind("{*}entry")]

    async def stand(self):
        """The number of items, and of entries; no entry stands there twice, and none says what another says."""
        entries = await self.entries()
        assert max(Counter(entry[0] for entry in entries).values(), default=1) == 1
        assert max(Counter(entry[1] for entry in entries).values(), default=1) == 1
        return await self.count(), len(entries)
