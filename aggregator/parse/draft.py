"""Drafts: a document in the publisher's words, after its format is understood and before anything is cleaned.

In:    whatever feed.py, json_feed.py, page.py and sitemap.py understood.
Out:   values that finish.py turns into Items, the same for every format.
Never: trusted. Nothing of these values leaves the part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model import Category, Enclosure, Hints, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text construct (RFC 4287, section 3.1)."""

    value: str = ""
    html: bool = True  # False: plain text, in which `<` means `<`
    base: str = ""  # xml:base, for the links in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """A date as published, and what another reader makes of it (used only where ours does not know the form).

    A rough one was told by the moment of reading ("2 hours ago"): the next reading gives another, so that an item is
    not known by it.
    """

    raw: str = ""
    read: datetime | None = None
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item. Addresses may be relative, names may hold markup, numbers are what they are."""

    where: str  # "item 3"
    id: str = ""
    link: str = ""
    title: Text = Text()
    summary: Text = Text()
    content: Text = Text()
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    fleeting: bool = False  # the addresses of its files are made anew for each reading: another one is no edit
    published: Date = Date()
    updated: Date = Date()
    language: str = ""
    comments: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)  # of extras.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """An entry that its feed takes back (RFC 6721, section 3)."""

    id: str
    when: Date = Date()
    comment: Text = Text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole feed."""

    title: Text = Text()
    link: str = ""
    language: str = ""
    updated: Date = Date()
    hints: Hints = field(default_factory=Hints)
    icon: str = ""
    previous: str = ""
    hubs: tuple[str, ...] = ()
    self_url: str = ""
    entries: tuple[Entry, ...] = ()
    deleted: tuple[Deleted, ...] = ()
