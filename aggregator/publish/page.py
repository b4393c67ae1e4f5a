"""Render the readable page of a topic: one more finished artefact, format "html".

In:    a topic, the entries that its documents show, the site.
Out:   an HTML document as bytes; the same input gives the same bytes.
Never: lets a publisher's HTML through (teasers are plain text), shows images, runs scripts, reads a clock.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from aggregator import text
from aggregator.model import Category, Delivery, Enclosure, Outlet, Person, Site, Topic
from aggregator.publish import compose
from aggregator.publish.rights import Rights
from aggregator.publish.search_words import search_words_for
from aggregator.publish.wording import Wording, wording_for

SECTION_FILTERS, OUTLET_FILTERS = 12, 24  # the most frequent; style.css has a rule for each place
TEASER = 240  # characters, some four lines: with more a page of a hundred entries is heavy (150 kB) and slow to skim
LABELS = 6  # some publishers tag an article with everything they ever wrote about
WORTH_TELLING = 50_000  # bytes; publishers who do not know a length write 0 or 1
SUBSCRIPTIONS = {
    "atom": ("Atom", "application/atom+xml"),
    "rss": ("RSS", "application/rss+xml"),
    "json": ("JSON Feed", "application/feed+json"),
}

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")  # as the configuration has them


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A label, and where it leads if that is an address of the web."""

    label: str
    href: str | None
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry as the template shows it: plain text and web addresses only."""

    title: Link
    language: str
    outlet: Link
    at: datetime
    authors: tuple[str, ...]
    sections: tuple[str, ...]  # ours
    labels: tuple[str, ...]  # the publisher's
    teaser: str
    also: tuple[tuple[Link, datetime, str], ...]  # outlet, when, and how that is said
    story: str | None  # its id, where others tell it, too
    files: tuple[Link, ...]
    in_sections: Mapping[str, str]  # of ours: fragment -> title
    in_outlets: Mapping[str, str]  # that tell it: the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A link that leaves one section's entries on the page, or one outlet's.

    The link leads to a fragment, and the style sheet hides the rest: the page stays the same bytes for everybody, needs
    no script, and works from a file, too.
    """

    place: int  # 1...: the entries it leaves have the class f1...
    fragment: str
    label: str
    count: int


def render(topic: Topic, entries: Sequence[Delivery], *, site: Site, rights: Rights, updated: datetime) -> bytes:
    """Return the page, entries newest first under a heading per day (UTC).

    updated  of the topic, as its feeds say it
    """
    frame = frame_of(site, topic.language)
    language = topic.language or site.language
    ordered = sorted(entries, key=lambda d: (d.face.published, d.entry_id), reverse=True)
    rows = [_row(delivery, frame["words"], language, site, rights) for delivery in ordered]
    sections = _filters((row.in_sections for row in rows), "section", SECTION_FILTERS, 1)
    outlets = _filters((row.in_outlets for row in rows), "outlet", OUTLET_FILTERS, 1 + SECTION_FILTERS)
    days = [(day, list(rows_of_day)) for day, rows_of_day in groupby(rows, key=_day)]
    page = environment("aggregator.publish").get_template("topic.html").render(
        topic=topic, language=language, days=days, count=len(rows), updated=updated,
        sections=sections, outlets=outlets, classes=_classes([*sections, *outlets]),
        canonical=None if topic.private else compose.page_url(topic, site),
        subscriptions=subscriptions(topic, site), **frame,
    )  # fmt: skip
    return page.encode(errors="replace")  # half a surrogate becomes "?", and the other entries are shown


def subscriptions(topic: Topic, site: Site) -> list[Link]:
    """Return the topic's feeds: under their public addresses, those of a private one as seen from its page.

    So whoever opens that under his token finds the feeds under the same.
    """
    return [
        Link(label=label, href=compose.feed_url(topic, end, site) or f"../feeds/{topic.id}.{end}", type=media_type)
        for end, (label, media_type) in SUBSCRIPTIONS.items()
    ]


def frame_of(site: Site, language: str | None = None) -> dict[str, Any]:
    """Return what every page of ours knows: the site, the words of its language, where our own files stand.

    Our own links carry the path of the public address and no host, so that a page works under every name it is
    reached by.
    """
    return {
        "site": site,
        "words": wording_for(language or site.language),
        "search": search_words_for(language or site.language).search,
        "root": urlsplit(site.public_url).path.rstrip("/"),
        "versions": {name: sha256(data).hexdigest()[:12] for name, data in static_files().items()},
    }


@cache
def static_files() -> Mapping[str, bytes]:
    """Return the few files that pages need beside themselves, by name."""
    folder = resources.files("aggregator.publish") / "static"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@cache
def environment(package: str) -> Environment:
    """Return the templates of a package, which may build on ours; everything is escaped, always."""
    loaders = [PackageLoader(name) for name in dict.fromkeys((package, "aggregator.publish"))]
    return Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _row(delivery: Delivery, words: Wording, language: str, site: Site, rights: Rights) -> Row:
    terms = rights.of(delivery.face.origin.source)
    entry = compose.entry(delivery, language, site, terms)
    led = entry.story is not None and (bool(entry.outlets) or terms.story == "inside")
    # Not the entry's own texts: those end with the list of outlets, which has a place of its own here.
    teaser = text.shorten(compose.teaser(compose.limited(delivery.face, terms)), TEASER)
    sections = _labels(category for category in entry.categories if _is_ours(category))
    labels = _labels(category for category in entry.categories if not _is_ours(category))
    return Row(
        title=Link(label=entry.title, href=web(entry.link)),
        language=entry.language or language,
        outlet=Link(label=entry.origin.title, href=web(entry.origin.home)),
        at=entry.published.astimezone(UTC),
        authors=_authors(entry.authors, entry.origin.title),
        sections=sections,
        labels=tuple(label for label in labels if label not in sections),
        teaser="" if teaser == entry.title else teaser,
        also=tuple(_also(outlet, entry.published, words) for outlet in entry.outlets),
        story=delivery.anchor if led else None,
        files=tuple(_files(entry.enclosures, words)),
        in_sections=_named((one.term, one.label or one.term) for one in entry.categories if _is_ours(one)),
        in_outlets=_named(
            [(entry.origin.source, entry.origin.title), *((one.source, one.outlet) for one in entry.outlets)]
        ),
    )


def _named(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return titles by id, of what has an id that can stand in an address."""
    return {id_: title for id_, title in pairs if _ID.fullmatch(id_)}


def _filters(rows: Iterable[Mapping[str, str]], kind: str, most: int, first: int) -> list[Filter]:
    """Return the filters of a page, those of the most entries first; none that would leave all of them.

    rows   titles by id, for each entry
    first  the place of the first of them
    """
    held = list(rows)
    counts = Counter(id_ for row in held for id_ in row)
    titles = {id_: title for row in reversed(held) for id_, title in row.items()}
    worth = sorted((id_ for id_ in counts if counts[id_] < len(held)), key=lambda id_: (-counts[id_], titles[id_], id_))
    return [
        Filter(place=place, fragment=f"{kind}-{id_}", label=titles[id_], count=counts[id_])
        for place, id_ in enumerate(worth[:most], first)
    ]


def _classes(filters: Sequence[Filter]) -> Callable[[Iterable[Row]], str]:
    """Return what says the classes by which filters find these rows: " f1 f14"."""
    places = {one.fragment: one.place for one in filters}

    def of(rows: Iterable[Row]) -> str:
        found = {
            places.get(f"{kind}-{id_}")
            for row in rows
            for kind, ids in (("section", row.in_sections), ("outlet", row.in_outlets))
            for id_ in ids
        }
        return "".join(f" f{place}" for place in sorted(filter(None, found)))

    return of


def _also(outlet: Outlet, beside: datetime, words: Wording) -> tuple[Link, datetime, str]:
    """Return another outlet and when it told: by the hour where that was on the day of the entry."""
    at = outlet.published.astimezone(UTC)
    day = "" if at.date() == beside.astimezone(UTC).date() else f"{words.date(at)}, "
    return Link(label=outlet.outlet, href=web(outlet.link)), at, f"{day}{at:%H:%M}"


def _day(row: Row) -> date:
    return row.at.date()


def _authors(people: Iterable[Person], outlet: str) -> tuple[str, ...]:
    """Return the names, without an outlet that signs its articles with its own name."""
    names = dict.fromkeys(person.name.strip() for person in people)
    return tuple(name for name in names if name and name != outlet)


def _is_ours(category: Category) -> bool:
    return (category.scheme or "").endswith(":sections")  # the scheme that compose.py gives to our sections


def _labels(categories: Iterable[Category]) -> tuple[str, ...]:
    labels: dict[str, str] = {}
    for category in categories:
        label = (category.label or category.term).strip()
        labels.setdefault(label.casefold(), label)
    return tuple(label for label in labels.values() if label)[:LABELS]


def _files(enclosures: Iterable[Enclosure], words: Wording) -> Iterable[Link]:
    """Yield a link per file that can be opened: "Audio, 12.5 MB"."""
    for enclosure in enclosures:
        if href := web(enclosure.href):
            kind = words.kinds.get(enclosure.type.partition("/")[0], words.kinds[""])
            length = enclosure.length_bytes or 0
            size = f", {words.size(length)}" if length >= WORTH_TELLING else ""
            yield Link(label=kind + size, href=href, type=enclosure.type)


def web(url: str | None) -> str | None:
    """Return an address only if it is one of the web: `javascript:` and its like never become a link."""
    return url if url and re.match(r"https?://[^/\s]", url, re.IGNORECASE) else None
