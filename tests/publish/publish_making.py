"""Values for the tests of publishing: a fictional newsroom of three outlets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model import (
    Authority,
    Candidate,
    Category,
    Delivery,
    Face,
    Item,
    Origin,
    Person,
    Section,
    Site,
    StoredItem,
    Tagged,
    Topic,
    key_of,
)
from aggregator.publish import Fragments, Ledger, Minting, Moves, Publication, decide, make

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AUTHORITY = Authority(name="feeds.example.org", date="2026-01-02")
SITE = Site(public_url="https://feeds.example.org", title="Газетный киоск", version="0.1")
SECTIONS = {"sea": Section(id="sea", title="Море"), "land": Section(id="land", title="Суша")}
TOPIC = Topic(id="sea", title="Море & берег", match="section:sea", language="ru", description="Всё о море")
MINTING = Minting(sections=SECTIONS, authority=AUTHORITY, now=NOON)


def item(id_="1", **fields):
    given = {
        "title": f"Маяк {id_} снова горит",
        "link": f"https://mayak.example/{id_}",
        "summary": f"<p>Смотритель маяка {id_} заменил лампу.</p>",
        "published": NOON - HOUR,
        "sha256": id_.encode(),
    }
    return Item(id=id_, **(given | fields))


def origin(source="mayak", **fields):
    given = {"title": source.title(), "url": f"https://{source}.example/rss", "home": f"https://{source}.example/"}
    return Origin(source=source, **(given | fields))


def candidate(id_="1", source="mayak", *, story=None, priority=1.0, seen=NOON, sections=(), language="ru", **fields):
    published = item(id_, **fields)
    stored = StoredItem(
        key=key_of(source, id_),
        seq=0,
        source=source,
        item=published,
        first_seen_at=seen,
        arrival="live",
        arrival_why="",
        rank=0,
        language=language,
    )
    return Candidate(stored=stored, origin=origin(source), priority=priority, story=story, sections=sections)


def tagged(section="sea"):
    return Tagged(section=section, confidence=1.0, why="")


def delivery(number=1, **fields):
    """Return a live row as it stands in the ledger."""
    key = f"{number:016x}"
    given = {
        "topic": TOPIC.id,
        "entry_id": AUTHORITY.entry_id(key),
        "anchor": key,
        "story": None,
        "entered_at": NOON - HOUR,
        "rev": 1,
        "updated": NOON - 2 * HOUR,
        "state": "live",
        "face": face(number),
        "sha256": b"old",
        "listed": len(fields.get("outlets", ())),
    }
    return Delivery(**(given | fields))


def face(number=1, **fields):
    given = {
        "title": f"Шторм {number}",
        "link": f"https://mayak.example/{number}",
        "published": NOON - 2 * HOUR - timedelta(minutes=number),
        "authors": (Person(name="Mayak"),),
        "categories": (Category(term="погода"),),
        "summary": f"<p>Шторм номер {number} прошёл мимо.</p>",
        "content": "",
        "enclosures": (),
        "language": "ru",
        "comments": None,
        "origin": origin(),
    }
    return Face(**(given | fields))


def decided(pending=(), live=(), edited=(), *, topic=TOPIC, now=NOON, voices=None, **moves):
    minting = Minting(sections=SECTIONS, authority=AUTHORITY, now=now)
    ledger = Ledger(pending=pending, live=live, edited=edited, voices=voices or {}, moves=Moves(**moves))
    return decide(topic, ledger, minting)


def made(
    pending=(), live=(), edited=(), *, gone=(), topic=TOPIC, sources=None, site=SITE, now=NOON, days=(), fragments=None
) -> Publication:
    return make(
        topic,
        Ledger(pending=pending, live=live, edited=edited),
        gone=gone,
        sections=SECTIONS,
        sources=sources or {},
        site=site,
        authority=AUTHORITY,
        created_at=NOON - 30 * DAY,
        minted_as=topic.id,
        days=days,
        fragments=fragments or Fragments(),
        now=now,
    )


def body(publication, format_):
    """Return the plain bytes of one document."""
    [found] = [one for one in publication.artefacts if (one.format, one.encoding) == (format_, "identity")]
    return found.body
