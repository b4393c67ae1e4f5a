"""RSS, RDF, Atom and CDF, through feedparser.

In:    the text of an XML document.
Out:   a Document in the publisher's words.
Never: lets feedparser clean or resolve HTML (its cleaner takes 30 s for 200 kB of comments and lets svg through), fetch
       anything, see bytes that it could decode wrongly, or raise out of here.

The ladder: feedparser's strict parser; its own loose one; and where it raises, the document in halves and halves again,
until the item that it cannot bear is alone and is left out. What it cannot bear in the channel goes with the channel.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from aggregator.errors import ParseError
from aggregator.model import Category, Enclosure, Person
from aggregator.parse import extras, tombstones
from aggregator.parse.document import FEEDS, Xml, bare, breaks_off_inside_an_item, is_whole, prepared, split
from aggregator.parse.draft import Date, Document, Entry, Text
from aggregator.parse.flaws import Flaws
from aggregator.parse.hints import asked

Foreign = Mapping[str, Any]  # feedparser's dict. Read with _raw: its own access falls back from one key to another.

_HTML = {"text/html", "application/xhtml+xml"}
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LONGEST_AUTHOR = 500  # characters

# An id is a name, compared letter by letter (RFC 4287, section 4.2.6.1). feedparser 6.0.14 joins it to the xml:base
# that was open last: reddit's "t3_42tizy" became "/t3_42tizy" behind a content with a base of its own.
_FeedParserMixin.can_be_relative_uri.discard("id")


def _begin_person(parser: Any, attributes: Mapping[str, str]) -> None:
    parser._get_context().setdefault("podcast_people", []).append(dict(attributes))  # noqa: SLF001
    parser.push("podcast_name", 1)


def _end_person(parser: Any) -> None:
    parser._get_context()["podcast_people"][-1]["name"] = parser.pop("podcast_name") or ""  # noqa: SLF001


# Of an element that it does not know, feedparser keeps the attributes or the text, and of several the last one.
_FeedParserMixin._start_podcast_person = _begin_person  # noqa: SLF001
_FeedParserMixin._end_podcast_person = _end_person  # noqa: SLF001


def read(xml: Xml, flaws: Flaws) -> Document:
    """Return what feedparser finds in the document. Raises ParseError if it finds no feed."""
    text = prepared(xml, flaws)
    deleted, text = tombstones.apart(text, flaws) if xml.root == "feed" else ((), text)
    head, entries = _ladder(text, flaws)
    version = str(getattr(head, "version", ""))
    channel = _raw(head, "feed") or {}
    cdf = xml.root == "channel" and channel  # feedparser names CDF's version at its first item only
    if not entries and not (version and xml.root in FEEDS) and not cdf:
        raise ParseError("not-a-feed", f"XML came that is no feed: its root is <{xml.root}>")
    if head.get("bozo"):
        flaws.add("not-well-formed", detail=str(head.get("bozo_exception", "")))
        if not is_whole(xml):
            flaws.add("truncated")
            entries = _without_the_cut_one(entries, text, flaws)
    atom = version.startswith("atom") and xml.root not in {"rss", "rdf"}  # an RDF that names Atom's namespace
    inherited = _authors(channel) if atom else ()
    return Document(
        title=_text(channel, "title", guessed=not atom),
        link=_link(channel),
        language=str(_raw(channel, "language") or ""),
        updated=_date(channel, "updated", "published"),
        hints=asked(channel, split(text)[0] + text.rpartition("</item>")[2]),
        icon=_icon(channel),
        previous=_previous(channel),
        hubs=_linked(channel, "hub"),
        self_url=next(iter(_linked(channel, "self")), ""),
        entries=tuple(_entry(e, f"item {n}", inherited, atom=atom) for n, e in enumerate(entries, start=1)),
        deleted=deleted,
    )


def _ladder(text: str, flaws: Flaws) -> tuple[Any, list[Foreign]]:
    """Return feedparser's result, and all entries; where it raises, the result is that of the document's head alone."""
    try:
        whole = _parse(text)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - feedparser raises what it likes: KeyError, ValueError, UnicodeError
        head, *items = split(text)
        try:
            result = _parse(head)
        except Exception as headless:  # noqa: BLE001 - as above
            flaws.add("channel-unreadable", "channel", f"{type(headless).__name__}: {headless}")
            head = bare(head)
            result = _parse(head)
        result.update(bozo=True, bozo_exception=f"{type(error).__name__}: {error}")
        return result, list(_salvaged(head, items, flaws))
    return whole, list(whole.entries)


def _salvaged(head: str, items: list[str], flaws: Flaws) -> Iterator[Foreign]:
    """Yield the entries of the items that feedparser can bear."""
    if not items:
        return
    try:
        yield from _parse(head + "".join(items)).entries
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - as in _ladder
        if len(items) == 1:
            flaws.add("item-unreadable", detail=f"{type(error).__name__}: {error} in {items[0][:60]}")
            return
        half = len(items) // 2
        yield from _salvaged(head, items[:half], flaws)
        yield from _salvaged(head, items[half:], flaws)


def _parse(text: str) -> Any:
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False
    )


def _without_the_cut_one(entries: list[Foreign], text: str, flaws: Flaws) -> list[Foreign]:
    """A cut item may have half an id or half a text; whole, it comes with the next poll."""
    if entries and breaks_off_inside_an_item(text):
        flaws.add("item-cut", f"item {len(entries)}")
        return entries[:-1]
    return entries


def _entry(entry: Foreign, where: str, inherited: tuple[Person, ...], *, atom: bool) -> Entry:
    summary = _text(entry, "summary", guessed=False) if "summary_detail" in entry else Text()
    published, updated = _date(entry, "published", "created"), _date(entry, "updated")
    if not published.raw:
        # RSS 1.0 has dc:date only, which feedparser calls `updated`; and many an Atom feed tells only when it changed.
        published, updated = updated, (updated if atom else Date())
    title = _text(entry, "title", guessed=not atom)
    return Entry(
        where=where,
        id=str(_raw(entry, "id") or ""),
        link=_link(entry),
        title=title,
        summary=summary,  # without a detail it is feedparser's copy of the content
        content=_content(entry, summary),
        authors=_authors(entry) or inherited if atom else _writers(entry),
        categories=tuple(_categories(entry)),
        enclosures=tuple(_enclosures(entry)),
        published=published,
        updated=updated,
        language=_language(entry),
        comments=str(_raw(entry, "comments") or ""),
        extras=dict(_extras(entry)),
    )


def _raw(foreign: Foreign, key: str) -> Any:
    """`.get("updated")` would give `published` where there is no such key."""
    return dict.get(foreign, key) if isinstance(foreign, dict) else None


def _text(foreign: Foreign, key: str, *, guessed: bool) -> Text:
    """guessed: RSS does not say whether a title is HTML, and readers agree to take it for HTML."""
    detail = _raw(foreign, f"{key}_detail") or {}
    html = guessed or _raw(detail, "type") in _HTML
    return Text(value=str(_raw(foreign, key) or ""), html=html, base=str(_raw(detail, "base") or ""))


def _content(entry: Foreign, summary: Text) -> Text:
    """Return the longest textual content: media:description and itunes:summary come as contents too.

    Beside a picture and a summary that says more, one without markup describes the picture: Mastodon's do.
    """
    contents = [
        c for c in _raw(entry, "content") or [] if str(_raw(c, "type") or "text/html").startswith(("text/", "app"))
    ]
    best = max(contents, key=lambda c: len(_raw(c, "value") or ""), default=None)
    if best is None:
        return Text()
    html, value = (_raw(best, "type") or "text/html") in _HTML, str(_raw(best, "value") or "")
    if not html and _raw(entry, "media_content") and len(value) < len(summary.value):
        return Text()
    return Text(value=value, html=html, base=str(_raw(best, "base") or ""))


def _link(foreign: Foreign) -> str:
    """Return where the thing can be read; FeedBurner's own address only counts its clicks.

    A link with text inside (`<link rel="enclosure">https://...</link>`) replaces feedparser's `link`, whatever its rel.
    """
    if original := _raw(foreign, "feedburner_origlink"):
        return str(original)
    links = _raw(foreign, "links") or []
    alternates, others = _linked(foreign, "alternate"), [_raw(link, "href") for link in links]
    link = str(_raw(foreign, "link") or "")
    if link == _raw(foreign, "id") and not link.startswith(("http://", "https://")):
        link = ""  # feedparser takes every guid and every Atom id for a link where there is none
    return alternates[0] if alternates and (not link or link in set(others).difference(alternates)) else link


def _previous(channel: Foreign) -> str:
    """Return the document with the entries before these: an archive's or a page's (RFC 5005, sections 3 and 4)."""
    links = {str(_raw(link, "rel") or ""): str(_raw(link, "href") or "") for link in _raw(channel, "links") or []}
    return links.get("prev-archive") or links.get("next") or ""


def _linked(channel: Foreign, rel: str) -> tuple[str, ...]:
    """Return the targets of an Atom feed's links, or of the atom:link elements in an RSS channel, in their order."""
    links = _raw(channel, "links") or []
    return tuple(str(_raw(link, "href")) for link in links if _raw(link, "rel") == rel and _raw(link, "href"))


def _date(foreign: Foreign, *keys: str) -> Date:
    for key in keys:
        if raw := _raw(foreign, key):
            return Date(raw=str(raw), read=_moment(_raw(foreign, f"{key}_parsed")))
    return Date()


def _moment(parsed: Any) -> datetime | None:
    """Return feedparser's UTC struct_time as a moment; an element <published_parsed> would be a str."""
    try:
        return datetime(*parsed[:6], tzinfo=UTC) if isinstance(parsed, struct_time) else None
    except ValueError:
        return None


def _authors(foreign: Foreign) -> tuple[Person, ...]:
    people = _raw(foreign, "authors") or []
    return tuple(
        Person(name=str(_raw(p, "name") or ""), email=_raw(p, "email"), uri=_raw(p, "href")) for p in people if p
    )


def _writers(entry: Foreign) -> tuple[Person, ...]:
    """Return the authors of an RSS item. "mail (Name)" is taken apart here: feedparser knows no .media or .agency."""
    people = _authors(entry)
    found = _MAIL.search(str(_raw(entry, "author") or "")[:_LONGEST_AUTHOR]) if len(people) == 1 else None
    if found is None:
        return people
    name = (found.string[: found.start()] + found.string[found.end() :]).strip(" ()<>,;:\t\n")
    return (Person(name=name, email=found[0]),)


def _categories(entry: Foreign) -> Iterator[Category]:
    for tag in _raw(entry, "tags") or []:
        yield Category(term=str(_raw(tag, "term") or ""), scheme=_raw(tag, "scheme"), label=_raw(tag, "label"))


def _enclosures(entry: Foreign) -> Iterator[Enclosure]:
    """Yield RSS's and Atom's enclosures, then what media: and itunes: add."""
    links = [link for link in _raw(entry, "links") or [] if _raw(link, "rel") == "enclosure"]
    for file in (*links, *(_raw(entry, "media_content") or []), *(_raw(entry, "media_thumbnail") or [])):
        href = _raw(file, "href") or _raw(file, "url")
        size = str(_raw(file, "length") or _raw(file, "filesize") or "").strip()
        length = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None  # noqa: PLR2004
        # text/html is what feedparser calls a link that names no type.
        kind = str(_raw(file, "type") or "").replace("text/html", "")
        yield Enclosure(href=str(href or ""), type=kind, length_bytes=length)
    if image := _raw(_raw(entry, "image") or {}, "href"):
        yield Enclosure(href=str(image))


def _extras(entry: Foreign) -> Iterator[tuple[str, str]]:
    """Yield what extras.py knows. feedparser writes names with `_`, and makes True, False or None of `explicit`."""
    for name in extras.NAMES:
        value = _raw(entry, name.replace(":", "_").lower())
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, dict):
            value = _raw(value, "url") or _raw(value, "content")
        if value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
    if people := _raw(entry, "podcast_people"):
        yield extras.PEOPLE, json.dumps(people)
    yield extras.RIGHTS, str(_raw(entry, "rights") or _raw(entry, "media_copyright") or "")
    licences = (_raw(link, "href") for link in _raw(entry, "links") or [] if _raw(link, "rel") == "license")
    yield extras.LICENSE, str(next(licences, "") or "")
    where = _raw(entry, "where") or {}
    if _raw(where, "type") == "Point":
        longitude, latitude = (_raw(where, "coordinates") or ("", ""))[:2]
        yield extras.PLACE, f"{latitude} {longitude}"


def _language(entry: Foreign) -> str:
    """dc:language is the item's own; xml:lang reaches us with the text constructs that it governs."""
    details = [entry, _raw(entry, "title_detail"), _raw(entry, "summary_detail"), *(_raw(entry, "content") or [])]
    return next((str(_raw(d, "language")) for d in details if d and _raw(d, "language")), "")


def _icon(channel: Foreign) -> str:
    image = _raw(channel, "image") or {}
    return str(_raw(channel, "icon") or _raw(channel, "logo") or _raw(image, "href") or "")
