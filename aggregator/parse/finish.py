"""From a publisher's words to our Items.

In:    a Document, its address, its source's zone, the moment.
Out:   Parsed: everything cleaned, bounded, absolute, and each item with an id of its own and its sha256.
Never: knows which format the document had.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from aggregator.model import Category, Enclosure, Feed, Item, Parsed, Person, Reading
from aggregator.parse import dates, extras
from aggregator.parse.chars import scrub
from aggregator.parse.draft import Date, Document, Entry, Text
from aggregator.parse.flaws import Flaws
from aggregator.parse.hubs import hubs_of, topic_of
from aggregator.parse.links import LONGEST as LONGEST_LINK
from aggregator.parse.links import absolute
from aggregator.parse.markup import plain, safe_html
from aggregator.parse.strip import stripped
from aggregator.urls import untracked

MOST_ITEMS = 2000
MOST_CATEGORIES = 50
MOST_ENCLOSURES = 20
MOST_AUTHORS = 20
LONGEST_TITLE = 1000  # characters, also of a category and an id
LONGEST_NAME = 200
_HEAD = 200  # characters of a summary that make an item recognisable

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")
_EMAIL = re.compile(r"[^\s<>()\"@]{1,64}@[^\s<>()\"@]{1,190}\Z")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+*-]{1,100}\Z")
_TYPE_BY_ENDING = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "pdf": "application/pdf",
}


def finish(document: Document, *, url: str, zone: str | None, reading: Reading, now: datetime, flaws: Flaws) -> Parsed:
    """Return the document as we store it. url: where it came from."""
    site = absolute(document.link, url)
    finisher = _Finisher(
        base=site or url, language=_language(document.language), zone=zone, reading=reading, now=now, flaws=flaws
    )
    deleted = _taken_back(document, zone)
    entries = tuple(entry for entry in document.entries if _name(entry.id) not in deleted)
    made = [made for entry in _newest(entries, zone, flaws) if (made := finisher.item(entry))]
    items, claimed = _distinct(made, flaws)
    return Parsed(
        feed=Feed(
            title=finisher.title(document.title, "channel"),
            link=site,
            language=_language(document.language),
            updated=finisher.moment(document.updated, "channel")[0],
            icon=absolute(document.icon, site or url),
            previous=absolute(document.previous, url),
            hubs=hubs_of(document.hubs, url),
            self_url=topic_of(document.self_url, url),
        ),
        items=tuple(items),
        claimed=claimed,
        deleted=deleted,
        flaws=flaws.listed(),
        hints=document.hints,
    )


def _taken_back(document: Document, zone: str | None) -> dict[str, str]:
    """Return the ids that a document takes back, with what it says of it.

    Where it holds the entry still, the later word counts; where it is not known which that is, the entry stands.
    Source: RFC 6721, section 3.
    """
    if not document.deleted:
        return {}
    alive: dict[str, datetime | None] = {}
    for entry in document.entries:
        moment, id_ = dates.read(entry.updated if entry.updated.raw else entry.published, zone)[0], _name(entry.id)
        alive[id_] = max(filter(None, (alive.get(id_), moment)), default=None)
    found: dict[str, str] = {}
    for one in document.deleted:
        id_, when = _name(one.id), dates.read(one.when, zone)[0]
        updated = alive.get(id_)
        if id_ and (id_ not in alive or (when and updated and when > updated)):
            found.setdefault(id_, plain(one.comment)[:LONGEST_NAME])
    return found


def _name(id_: str) -> str:
    """Return an id as we store it."""
    return _bounded(_in_one_line(id_))


def _in_one_line(id_: str) -> str:
    return " ".join(scrub(id_).split())


def _bounded(name: str) -> str:
    return name if len(name) <= LONGEST_TITLE else "sha256:" + sha256(name.encode()).hexdigest()


def _newest(entries: tuple[Entry, ...], zone: str | None, flaws: Flaws) -> list[Entry]:
    """Return at most MOST_ITEMS in document order: the newest where all are dated, else the first ones."""
    if len(entries) <= MOST_ITEMS:
        return list(entries)
    flaws.add("item-too-many", detail=f"{len(entries)} items")
    moments = [dates.read(entry.published, zone)[0] for entry in entries]
    dated = [(moment, -n) for n, moment in enumerate(moments) if moment is not None]
    if len(dated) < len(entries):
        return list(entries[:MOST_ITEMS])
    kept = sorted(-n for _, n in sorted(dated, reverse=True)[:MOST_ITEMS])
    return [entries[n] for n in kept]


class _Made(NamedTuple):
    """An item before it has an id of its own."""

    where: str
    item: Item
    lasting: Item  # what of it is the same at the next reading, if nobody has edited it
    published: datetime | None  # as claimed; None where that is rough
    updated: datetime | None


class _Finisher:
    """What all entries of one document have in common."""

    def __init__(
        self,
        *,
        base: str,
        language: str | None,
        zone: str | None,
        reading: Reading,
        now: datetime,
        flaws: Flaws,
    ) -> None:
        self._base, self._language, self._zone, self._reading = base, language, zone, reading
        self._now, self._flaws = now, flaws

    def item(self, entry: Entry) -> _Made | None:
        """Return the item, with the dates as claimed; None if it is empty."""
        where = entry.where
        link = self._link(entry.link, where)
        published, claimed = self.moment(entry.published, where)
        updated, claimed_updated = self.moment(entry.updated, where)
        summary, content = self._html(entry.summary, where), self._html(entry.content, where)
        item = Item(
            id=self._id(entry, link),
            title=self.title(entry.title, where),
            link=link,
            summary=summary,
            content="" if content == summary else content,
            authors=self._authors(entry),
            categories=self._categories(entry),
            enclosures=self._enclosures(entry),
            published=published,
            updated=updated,
            language=_language(entry.language) or self._language,
            comments=absolute(entry.comments, self._base),
            extras=extras.cleaned(entry.extras, self._base),
        )
        if replace(item, id="", language=None) == Item(id="") and not entry.id.strip():
            self._flaws.add("item-empty", where)
            return None
        files = tuple(replace(file, href="") for file in item.enclosures)
        lasting = replace(item, enclosures=files) if entry.fleeting else item
        return _Made(where, item, lasting, None if entry.published.rough else claimed, claimed_updated)

    def title(self, text: Text, where: str) -> str:
        """Return a title as plain text, bounded."""
        title = plain(text)
        if len(title) > LONGEST_TITLE:
            self._flaws.add("title-cut", where)
        return title[:LONGEST_TITLE]

    def moment(self, date: Date, where: str) -> tuple[datetime | None, datetime | None]:
        """Return the moment as stored, and as claimed."""
        claimed, wrong = dates.read(date, self._zone, labels=self._reading.labels)
        stored, absurd = dates.clamped(claimed, self._now, self._reading.ahead)
        for code in filter(None, (wrong, absurd)):
            self._flaws.add(code, where, date.raw)
        return stored, claimed

    def _id(self, entry: Entry, link: str | None) -> str:
        """Return the guid, else the link, else a hash of what the item is recognised by (DESIGN.md section 4)."""
        name = _in_one_line(entry.id)
        if len(name) > LONGEST_TITLE:
            self._flaws.add("id-too-long", entry.where)
        if name or link:
            return _bounded(name) or link or ""
        self._flaws.add("item-without-id", entry.where)
        text = (entry.summary.value or entry.content.value)[: 5 * _HEAD]
        seen = (entry.title.value, entry.published.raw, " ".join(text.split())[:_HEAD])
        return "sha256:" + sha256("\0".join(map(scrub, seen)).encode()).hexdigest()

    def _link(self, address: str, where: str) -> str | None:
        link = absolute(address, self._base)
        if address.strip() and link is None:
            self._flaws.add("link-too-long" if len(address) > LONGEST_LINK else "link-refused", where, scrub(address))
        return link

    def _html(self, text: Text, where: str) -> str:
        if self._reading.strip and text.value:
            text = stripped(text, self._reading.strip)
        html, cut = safe_html(text, absolute(text.base, self._base) or self._base)
        if cut:
            self._flaws.add("html-cut", where)
        return html

    def _authors(self, entry: Entry) -> tuple[Person, ...]:
        people: dict[str, Person] = {}
        for person in entry.authors[:MOST_AUTHORS]:
            name = plain(Text(value=person.name))
            email = scrub(person.email or "").strip()
            if len(name) > LONGEST_NAME:
                self._flaws.add("author-cut", entry.where)
            if name or email:
                people.setdefault(
                    name or email,
                    Person(
                        name=name[:LONGEST_NAME],
                        email=email if _EMAIL.match(email) else None,
                        uri=absolute(person.uri or "", self._base),
                    ),
                )
        return tuple(people.values())

    def _categories(self, entry: Entry) -> tuple[Category, ...]:
        found: dict[tuple[str, str], Category] = {}
        for category in entry.categories[: MOST_CATEGORIES + 1]:
            label = plain(Text(value=category.label or ""))[:LONGEST_TITLE]
            term = plain(Text(value=category.term))[:LONGEST_TITLE] or label
            scheme = scrub(category.scheme or "").strip()[:LONGEST_TITLE]
            if term:
                found.setdefault((term, scheme), Category(term=term, scheme=scheme or None, label=label or None))
        if len(entry.categories) > MOST_CATEGORIES:
            self._flaws.add("category-too-many", entry.where)
        return tuple(found.values())[:MOST_CATEGORIES]

    def _enclosures(self, entry: Entry) -> tuple[Enclosure, ...]:
        found: dict[str, Enclosure] = {}
        for file in entry.enclosures:
            href = absolute(file.href, self._base)
            if href and len(found) <= MOST_ENCLOSURES:
                found.setdefault(href, replace(file, href=href, type=_media_type(file.type, href)))
        if len(found) > MOST_ENCLOSURES:
            self._flaws.add("enclosure-too-many", entry.where)
        return tuple(found.values())[:MOST_ENCLOSURES]


def _media_type(declared: str, href: str) -> str:
    declared = declared.strip().lower()
    if _MEDIA_TYPE.match(declared):
        return declared
    ending = re.split(r"[?#]", href, maxsplit=1)[0].rpartition(".")[2].lower()
    return _TYPE_BY_ENDING.get(ending, "")


def _language(declared: str) -> str | None:
    language = declared.strip().replace("_", "-")
    return language if _LANGUAGE.match(language) else None


def _distinct(made: list[_Made], flaws: Flaws) -> tuple[list[Item], dict[str, datetime]]:
    """Return the items under ids of their own: the first keeps a repeated id, later ones add their link, then a hash.

    What stands in the document twice, word for word, is one item. With them, by id, the dates that lie too far ahead.
    """
    ahead: dict[str, datetime] = {}
    taken: dict[str, set[bytes]] = {}
    items: dict[str, Item] = {}
    for where, item, lasting, published, updated in made:
        print_ = _fingerprint(lasting, published, updated)
        twins = taken.setdefault(item.id, set())
        if print_ in twins:
            flaws.add("item-repeated", where, item.id)
            continue
        if twins:
            flaws.add("id-repeated", where, item.id)
        twins.add(print_)
        names = (item.id, f"{item.id} {item.link or ''}".rstrip(), f"{item.id} {print_.hex()[:16]}")
        name = next((name for name in names if name not in items), names[-1])
        items[name] = replace(item, id=name, sha256=print_)
        if published and item.published and published > item.published:
            ahead[name] = published
    return list(items.values()), ahead


def _fingerprint(item: Item, published: datetime | None, updated: datetime | None) -> bytes:
    """Return the hash of all but the id, for that and what tracks a reader may be made anew for each reading.

    The dates are the claimed ones: a clamped one moves with every poll.
    """
    fields = (
        item.title,
        item.link and untracked(item.link),
        item.summary,
        item.content,
        [(p.name, p.email, p.uri) for p in item.authors],
        [(c.term, c.scheme, c.label) for c in item.categories],
        [(e.href, e.type, e.length_bytes) for e in item.enclosures],
        published and published.isoformat(),
        updated and updated.isoformat(),
        item.language,
        item.comments,
        *((item.extras,) if item.extras else ()),
    )
    return sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).digest()
