"""Fourteen days of invented news, and the truth about each item: which happening it tells of.

In:    a seed.
Out:   papers whose documents change; what each prints when. The same seed gives the same bytes.
Never: asks the product what belongs together.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from reader_tales import Happening, Tales, Wording

from aggregator.lab.origin import Document
from aggregator.lab.score.world import START

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SEED = 20260301
SPAN = 14 * DAY
BEGIN = START.replace(hour=0) + DAY  # the first midnight
PAPERS = 24  # twelve that tell much and twelve that seldom do: a story must be able to reach 21 outlets
SHOWN = 30  # items of a paper's document
CATEGORIES = ("Город", "Область", "Спорт")
# How many outlets tell a happening: most are told by few (of 25 to 40 a day), one in two hundred by all.
TELLERS, OF_100 = (1, 2, 3, 5, 8, 13, 24), (54, 22, 13, 6, 3, 1.5, 0.5)
BY_HOUR = (0, 0, 0, 0, 0, 0, 0, 4, 6, 6, 6, 5, 5, 5, 5, 5, 4, 4, 3, 3, 2, 2, 0, 0)  # so a newsroom lives
MORNING, NIGHT = 7, 22
SURE = (9, 13, 17)
PAST = 5  # old items in the first document of a paper


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An item of a paper, and what we know of it. Its address is how it is known again in what readers get."""

    paper: int
    number: int  # of the paper's items
    at: datetime  # when it is printed
    published: datetime  # as it claims
    happening: int
    text_of: str  # address of the item whose text this is: its own, but of a reprint
    category: str
    title: str
    text: str
    guid: str
    link: str
    old: bool = False  # it stood there when we first came, for more than 48 h (R12)

    @property
    def late(self) -> bool:
        """Whether who drops what is older than a day drops it."""
        return self.at - self.published >= DAY

    def rss(self) -> str:
        """An item of RSS."""
        facts = {
            "title": self.title,
            "link": self.link,
            "description": self.text,
            "category": self.category,
            "pubDate": format_datetime(self.published, usegmt=True),
        }
        said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in facts.items())
        return f'<item><guid isPermaLink="false">{escape(self.guid)}</guid>{said}</item>'

    def atom(self) -> str:
        """An entry of Atom."""
        at = self.published.isoformat()
        facts = {"id": self.guid, "title": self.title, "published": at, "updated": at, "summary": self.text}
        said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in facts.items())
        return f'<entry>{said}<link href="{self.link}"/><category term="{self.category}"/></entry>'


@dataclass(slots=True)
class Paper:
    """An outlet: what stands in its document now, the newest first."""

    number: int
    stands: list[News] = field(default_factory=list)
    shown: int = SHOWN
    deleted: list[tuple[str, datetime]] = field(default_factory=list)  # ids it takes back (RFC 6721), and when

    @property
    def title(self) -> str:
        return f"Газета {self.number}"

    def prints(self, news: News) -> None:
        """Put an item on top."""
        self.stands = [news, *self.stands][: self.shown]

    def changes(self, before: News, after: News) -> None:
        """Put an item in the place of one that stands there."""
        self.stands[self.stands.index(before)] = after

    def takes_back(self, news: News, at: datetime) -> None:
        """Say that an item was deleted; that it is missing alone would say nothing (R8)."""
        self.stands.remove(news)
        self.deleted.append((news.guid, at))

    @property
    def is_atom(self) -> bool:
        """Whether its document is Atom; the others' are RSS, where nothing can be taken back."""
        return self.number % 2 == 1

    def document(self) -> Document:
        """The document of this moment."""
        return Document(body=(self._atom() if self.is_atom else self._rss()).encode())

    def _rss(self) -> str:
        head = f"<title>{self.title}</title><link>{site(self.number)}/</link><language>ru</language>"
        items = "".join(news.rss() for news in self.stands)
        return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'

    def _atom(self) -> str:
        taken = "".join(f'<at:deleted-entry ref="{id_}" when="{at.isoformat()}"/>' for id_, at in self.deleted)
        head = f'<id>{site(self.number)}/</id><title>{self.title}</title><link href="{site(self.number)}/"/>'
        entries = "".join(news.atom() for news in self.stands)
        spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="ru"'
        return f"<feed {spaces}>{head}<updated>2026-03-01T00:00:00Z</updated>{taken}{entries}</feed>"


def _awake(at: datetime) -> datetime:
    """Return the next moment at which papers print: every other hour, which halves the work, and never at night."""
    at += (at.hour + 1) % 2 * HOUR
    if MORNING <= at.hour < NIGHT:
        return at
    return at.replace(hour=MORNING) + (DAY if at.hour >= NIGHT else timedelta(0))


def site(paper: int) -> str:
    """Where a paper is at home."""
    return f"http://gazeta-{paper}.example"


class Stream:
    """What all papers print, in order; made whole before anything runs."""

    def __init__(self, seed: int = SEED, *, span: timedelta = SPAN, denser: float = 1.0, sure: bool = False) -> None:
        """Invent it.

        denser  how many times as many happenings as the 25 to 40 of a day
        sure  whether there are, three times a day, two told by one paper, two by two, one by three
        """
        self.end = BEGIN + span
        self.rng = random.Random(seed)
        self.tales = Tales(self.rng)
        self._printed = [0] * (PAPERS + 1)  # the last one is the paper that comes later
        self.news: list[News] = []
        for day in range(span // DAY):
            for _ in range(round(self.rng.randint(25, 40) * denser)):
                self._told(BEGIN + day * DAY + self._hour() * HOUR)
            for hour in SURE if sure else ():
                for tellers in (1, 1, 2, 2, 3):
                    papers = self.rng.sample(range(PAPERS), tellers)
                    self._tell([(paper, BEGIN + day * DAY + hour * HOUR) for paper in papers], reprints=0)
        self.big = self._told_at_once(BEGIN + 2 * DAY + 10 * HOUR)
        self.news.sort(key=lambda one: (one.at, one.paper))

    def old(self, paper: int, count: int) -> list[News]:
        """Invent what a paper printed in the weeks before we came, the newest first."""
        news = []
        for place in range(count):
            happening = self.tales.happening()
            at = BEGIN - 3 * DAY - place * 3 * HOUR
            news.append(replace(self._item(paper, happening, at, None), published=at, old=True))
        return news

    def lone(self, paper: int, at: datetime, *, ago: timedelta) -> News:
        """Invent what one paper alone tells, and dates so long before."""
        return replace(self._item(paper, self.tales.happening(), at, None), published=at - ago)

    def _hour(self) -> int:
        return self.rng.choices(range(24), BY_HOUR)[0]

    def _told(self, at: datetime) -> None:
        """Let a happening be told: by few within hours, by many within a day, now and then by one who comes late."""
        rng = self.rng
        tellers = rng.choices(TELLERS, OF_100)[0]
        # The first twelve tell four times as much as the others.
        papers = sorted(range(PAPERS), key=lambda paper: rng.random() ** (1 / (4 if paper < PAPERS // 2 else 1)))
        hours = [0, *sorted(min(int(rng.expovariate(1 / 4)), 20) for _ in range(tellers - 1))]
        moments = [_awake(at + hour * HOUR) for hour in hours]
        self._tell(list(zip(papers[-tellers:], moments, strict=True)))

    def _told_at_once(self, at: datetime) -> int:
        """Let all tell a happening within two hours, two every ten minutes: it grows faster than it may be shown."""
        return self._tell([(paper, at + paper // 2 * 10 * MINUTE) for paper in range(PAPERS)])

    def _tell(self, who: list[tuple[int, datetime]], *, reprints: float = 0.15) -> int:
        happening, original = self.tales.happening(), None
        for paper, at in who:
            if at < self.end:
                reprint = original if original and self.rng.random() < reprints else None
                news = self._item(paper, happening, at, reprint)
                original = original or news
                self.news.append(news)
        return happening.number

    def _item(self, paper: int, happening: Happening, at: datetime, original: News | None) -> News:
        rng = self.rng
        worded = self.tales.wording(happening, paper)
        if original:
            worded = Wording(title=worded.title, text=original.text)
        self._printed[paper] += 1
        number = self._printed[paper]
        link = f"{site(paper)}/news/{number}"
        return News(
            paper=paper,
            number=number,
            at=at,
            published=at - rng.randint(1, 40) * MINUTE,
            happening=happening.number,
            text_of=original.link if original else link,
            category=rng.choices(CATEGORIES, (5, 3, 2))[0],
            title=worded.title,
            text=worded.text,
            guid=f"{paper}-{number}",
            link=link,
        )
