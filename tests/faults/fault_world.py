"""A world that goes on while the aggregator dies: papers whose documents change, and all that they ever said.

In:    an origin, a seed.
Out:   sources to poll; for any body that was ever served, its validators and what stood in it.
Never: takes back what it remembers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from aggregator.lab.origin import Document, Origin, Request, Response, answer

SHOWN = 25  # so many items a document shows; older ones slide out of it
VALIDATORS = ("etag", "modified", "both", "none")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # of Last-Modified: one minute a document, so no two are alike


@dataclass(frozen=True)
class News:
    """One item, as it stands in one document."""

    guid: str
    link: str
    title: str
    published: datetime


@dataclass(frozen=True)
class Sheet:
    """One document of a paper: what was served, and what stands in it."""

    document: Document
    news: tuple[News, ...]


@dataclass
class Paper:
    """One source: its present sheet and all it ever had, by the SHA-256 of their bodies."""

    id: str
    number: int
    news: list[News] = field(default_factory=list)
    printed: int = 0
    written: int = 0
    sheets: dict[bytes, Sheet] = field(default_factory=dict)
    now: Sheet = field(init=False)  # what is served at present: the last that was printed

    def write(self, rng: random.Random, link: str | None = None) -> None:
        """Add an item; `link` makes it another outlet's article."""
        self.written += 1
        mine = f"https://{self.id}.example/{self.written}"
        title = f"Весть {self.written} из {self.id}"
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=rng.randint(0, 600))
        self.news.append(News(guid=mine, link=link or mine, title=title, published=moment))

    def edit(self, rng: random.Random) -> None:
        """Give one item another title, or another date."""
        place = rng.randrange(len(self.news))
        old = self.news[place]
        if rng.random() < 0.5:
            self.news[place] = replace(old, title=f"{old.title.partition(', ')[0]}, исправлено {self.printed} раз")
        else:
            self.news[place] = replace(old, published=old.published - timedelta(minutes=rng.randint(1, 60)))

    def print(self) -> None:
        """Serve what is written now."""
        self.news = self.news[-SHOWN:]
        self.printed += 1
        body = (_atom if self.number % 3 == 1 else _rss)(self)
        kind = VALIDATORS[self.number % len(VALIDATORS)]
        etag = f'"{self.id}-{self.printed}"'.encode() if kind in ("etag", "both") else None
        moment = format_datetime(EPOCH + timedelta(minutes=self.printed), usegmt=True).encode()
        modified = moment if kind in ("modified", "both") else None
        document = Document(body=body, etag=etag, last_modified=modified, gzip=self.number % 2 == 0)
        self.now = self.sheets[sha256(body).digest()] = Sheet(document, tuple(self.news))


class World:
    """A dozen papers and more behind one origin."""

    def __init__(self, origin: Origin, *, papers: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.origin = origin
        self.papers = {name: Paper(name, n) for n, name in enumerate(f"paper-{n:02d}" for n in range(papers))}
        self.urls = {paper.id: self._open(paper) for paper in self.papers.values()}
        self.asked: list[tuple[str, tuple[bytes | None, bytes | None]]] = []  # paper, the validators that came

    def _open(self, paper: Paper) -> str:
        for _ in range(6):
            paper.write(self.rng)
        paper.print()

        def respond(request: Request) -> Response:
            self.asked.append((paper.id, (request.header(b"if-none-match"), request.header(b"if-modified-since"))))
            slow = timedelta(milliseconds=7 * (paper.number % 5))
            return replace(answer(paper.now.document, request), delay=slow)

        return self.origin.script("/feed.xml", respond, host=f"127.0.9.{paper.number + 1}")

    def sources(self) -> dict[str, dict[str, Any]]:
        """What sources.yaml says of them. Polled every second: the publisher, this world, has agreed."""
        return {one: {"url": url, "poll": {"every": "1s", "under_floor": True}} for one, url in self.urls.items()}

    def step(self) -> None:
        """Half of the papers print another document: new items, edits, and one item that is taken back."""
        for paper in self.rng.sample(list(self.papers.values()), len(self.papers) // 2):
            for _ in range(self.rng.randint(0, 2)):
                paper.write(self.rng, link=self._told_elsewhere(paper) if self.rng.random() < 0.3 else None)
            paper.edit(self.rng)
            if self.rng.random() < 0.2:
                paper.news.pop(self.rng.randrange(len(paper.news)))
            paper.print()

    def _told_elsewhere(self, paper: Paper) -> str | None:
        """Return the address of a neighbour's article that this paper has not told yet."""
        neighbour = list(self.papers.values())[paper.number - 1]
        told = {news.link for sheet in paper.sheets.values() for news in (*sheet.news, *paper.news)}
        return next((news.link for news in reversed(neighbour.news) if news.link not in told), None)


def _rss(paper: Paper) -> bytes:
    items = "".join(
        f"<item><title>{one.title}</title><link>{one.link}</link><guid isPermaLink='false'>{one.guid}</guid>"
        f"<description>{one.title}: подробности.</description>"
        f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
        for one in _newest_first(paper)
    )
    encoding = "windows-1251" if paper.number % 4 == 3 else "utf-8"
    head = (
        f"<title>Газета {paper.id}</title><link>https://{paper.id}.example/</link>"
        f"<description>Номер {paper.printed}</description>"
    )
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
    return text.encode(encoding)


def _atom(paper: Paper) -> bytes:
    entries = "".join(
        f"<entry><id>{one.guid}</id><title>{one.title}</title><link href='{one.link}'/>"
        f"<published>{one.published.isoformat()}</published><updated>{one.published.isoformat()}</updated>"
        f"<summary>{one.title}: подробности.</summary></entry>"
        for one in _newest_first(paper)
    )
    head = (
        f"<id>https://{paper.id}.example/</id><title>Газета {paper.id}</title>"
        f"<subtitle>Номер {paper.printed}</subtitle><updated>2026-03-01T00:00:00Z</updated>"
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'.encode()


def _newest_first(paper: Paper) -> Iterator[News]:
    return reversed(paper.news)
