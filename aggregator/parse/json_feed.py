"""JSON Feed 1.0 and 1.1 (jsonfeed.org).

In:    the text of a JSON document.
Out:   a Document in the publisher's words.
Never: fails for one wrong value: what has the wrong type is as if it were absent. feedparser 6 knows no JSON Feed.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from aggregator.errors import ParseError
from aggregator.model import Category, Enclosure, Person
from aggregator.parse.draft import Date, Document, Entry, Text
from aggregator.parse.flaws import Flaws

_VERSION = re.compile(r"https?://jsonfeed\.org/version/|1(?:\.\d)?\Z")  # some write the number alone

T = TypeVar("T")


def _forgiving(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Return the value as the field wants it, or None."""
    try:
        return handler(value)
    except ValidationError:
        return None


def _elements(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Return the elements of a list that can be read; one thing where a list is wanted is a list of one."""
    found = []
    for element in value if isinstance(value, list) else [value]:
        try:
            found.extend(handler([element]))
        except ValidationError:
            continue
    return found


Str = Annotated[str | None, WrapValidator(_forgiving)]
Number = Annotated[float | None, WrapValidator(_forgiving)]
Many = Annotated[list[T], WrapValidator(_elements), Field(default_factory=list)]


class _Author(BaseModel):
    name: Str = None
    url: Str = None


class _Attachment(BaseModel):
    url: str
    mime_type: Str = None
    size_in_bytes: Number = None
    duration_in_seconds: Number = None


class _Hub(BaseModel):
    type: str
    url: str


class _Item(BaseModel):
    id: Str = None
    url: Str = None
    external_url: Str = None
    title: Str = None
    content_html: Str = None
    content_text: Str = None
    summary: Str = None
    image: Str = None
    banner_image: Str = None
    date_published: Str = None
    date_modified: Str = None
    author: Annotated[_Author | None, WrapValidator(_forgiving)] = None  # 1.0
    authors: Many[_Author]
    tags: Many[str]
    language: Str = None
    attachments: Many[_Attachment]


class _Feed(BaseModel):
    title: Str = None
    home_page_url: Str = None
    icon: Str = None
    favicon: Str = None
    next_url: Str = None
    feed_url: Str = None
    hubs: Many[_Hub]
    language: Str = None
    author: Annotated[_Author | None, WrapValidator(_forgiving)] = None  # 1.0
    authors: Many[_Author]


def read(text: str, flaws: Flaws) -> Document:
    """Return the feed in a JSON document. Raises ParseError if there is none."""
    value = _loaded(text)
    version = value.get("version") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not _VERSION.match(str(version)):
        raise ParseError("not-a-feed", "JSON came that is not a JSON Feed: it does not name its version")
    feed = _Feed.model_validate({**value, "items": None})
    items = value.get("items")
    if not isinstance(items, list):
        flaws.add("json-value", "channel", "items is not a list")
        items = []
    inherited = _people(feed.authors, feed.author)
    entries = (_entry(item, f"item {n}", inherited, flaws) for n, item in enumerate(items, start=1))
    return Document(
        title=Text(value=feed.title or "", html=False),
        link=feed.home_page_url or "",
        language=feed.language or "",
        icon=feed.icon or feed.favicon or "",
        previous=feed.next_url or "",
        hubs=tuple(hub.url for hub in feed.hubs if hub.type.lower() == "websub"),
        self_url=feed.feed_url or "",
        entries=tuple(entry for entry in entries if entry),
    )


def _loaded(text: str) -> Any:
    """Numbers stay as they are written: 1e400 is no float, and 5,000 digits are no int.

    strict=False: line breaks inside strings are common, and nobody gains by refusing them.
    """
    try:
        return json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise ParseError("not-a-feed", "JSON came that is nested too deep to be a feed") from None
    except ValueError as error:
        raise ParseError("not-a-feed", f"JSON came that is damaged or breaks off: {error}") from None


def _entry(value: Any, where: str, inherited: tuple[Person, ...], flaws: Flaws) -> Entry | None:
    if not isinstance(value, dict):
        flaws.add("item-unreadable", where, "not an object")
        return None
    item = _Item.model_validate(value)
    lost = [key for key in _Item.model_fields if value.get(key) not in (None, []) and getattr(item, key) in (None, [])]
    if lost:
        flaws.add("json-value", where, ", ".join(lost))
    files = [
        Enclosure(href=a.url, type=a.mime_type or "", length_bytes=_whole(a.size_in_bytes)) for a in item.attachments
    ]
    lengths = [whole for a in item.attachments if (whole := _whole(a.duration_in_seconds))]
    pictures = [Enclosure(href=url) for url in (item.image, item.banner_image) if url]
    return Entry(
        where=where,
        id=item.id or "",
        link=item.url or item.external_url or "",
        title=Text(value=item.title or "", html=False),
        summary=Text(value=item.summary or "", html=False),
        content=_content(item),
        authors=_people(item.authors, item.author) or inherited,
        categories=tuple(Category(term=tag) for tag in item.tags),
        enclosures=(*files, *pictures),
        published=Date(raw=item.date_published or item.date_modified or ""),
        updated=Date(raw=item.date_modified or ""),
        language=item.language or "",
        extras={"itunes:duration": str(lengths[0])} if lengths else {},
    )


def _content(item: _Item) -> Text:
    """content_text keeps its lines: it is what a micro-blog has instead of paragraphs."""
    if item.content_html:
        return Text(value=item.content_html)
    return Text(value="<br>".join(escape(item.content_text or "", quote=False).strip().splitlines()))


def _people(authors: list[_Author], author: _Author | None) -> tuple[Person, ...]:
    return tuple(Person(name=a.name or "", uri=a.url) for a in authors or ([author] if author else []))


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and 0 <= number < 2**53 else None
