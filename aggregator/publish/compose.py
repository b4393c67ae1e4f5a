"""What an entry shows, before any format.

In:    an admitted item with its origin and sections; later its row of the ledger.
Out:   the Face that is pinned at first delivery, and the Entry that every format writes out.
Never: knows XML, JSON or the store, or shows an address with a secret in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator import text
from aggregator.model import (
    Authority,
    Candidate,
    Category,
    Delivery,
    Enclosure,
    Face,
    Feed,
    Item,
    Origin,
    Outlet,
    Person,
    Section,
    Site,
    Source,
    StoredItem,
    Tagged,
    Topic,
)
from aggregator.publish.rights import Terms, pictured
from aggregator.publish.wording import Wording, wording_for
from aggregator.urls import ascii_only, public

TEASER = 300  # characters of a teaser (publication.md, Rights)
HEADLINE = 80  # characters of a title that we make from the text

CREDITS = ("dc:source", "dcterms:source")  # whom an item is taken from: who shows least of it says this all the same

# What Atom's grammar asks of these (RFC 4287, appendix B); publishers write anything.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_MEDIA_TYPE = re.compile(r"[^/\s]+/\S+\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address, and what it is called ("" where nobody says)."""

    href: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as readers see it, the same in every format: addresses are ASCII, times are whole seconds."""

    id: str
    title: str  # plain text, never empty
    link: str | None
    published: datetime
    updated: datetime
    authors: tuple[Person, ...]  # never empty
    categories: tuple[Category, ...]
    summary: str  # safe HTML; "" where it would only repeat the content
    content: str  # safe HTML; never empty where there is no link
    enclosures: tuple[Enclosure, ...]
    outlets: tuple[Outlet, ...]
    story: str | None  # the address of the page of its story
    via: tuple[Link, ...]  # whom it says it is taken from
    related: tuple[Link, ...]  # the other outlets; no address stands twice among these, those in `via` and its own
    language: str | None  # only where it is not the feed's
    comments: str | None
    origin: Origin
    extras: Mapping[str, str]


def face(candidate: Candidate, *, sections: Mapping[str, Section], authority: Authority) -> Face:
    """Return what an entry with this anchor shows (R4). sections: by id, for their titles."""
    stored, item = candidate.stored, candidate.stored.item
    named = tuple(person for person in item.authors if person.name.strip())
    tags = (tag for tag in item.categories if tag.term.strip())
    return Face(
        title=title_of(stored),
        link=item.link,
        published=stored.sort_at,
        authors=named or (Person(name=_name(candidate.origin), uri=candidate.origin.home),),
        categories=(*tags, *_ours(candidate.sections, sections, authority)),
        summary=item.summary,
        content=whole(stored).content,
        enclosures=item.enclosures,
        language=stored.language or item.language,
        comments=item.comments,
        origin=replace(candidate.origin, title=_name(candidate.origin), url=public(candidate.origin.url)),
        extras=item.extras,
        via=candidate.via,
    )


def outlet(candidate: Candidate, *, via: bool = False) -> Outlet:
    """Return this item as a line in the list of another outlet's entry. via: its text names it as its source."""
    return Outlet(
        key=candidate.stored.key,
        source=candidate.stored.source,
        outlet=_name(candidate.origin),
        title=title_of(candidate.stored),
        link=candidate.stored.item.link,
        published=candidate.stored.sort_at,
        via=via,
    )


def entry(delivery: Delivery, language: str, site: Site, terms: Terms) -> Entry:
    """Return the entry that a row of the ledger shows in a feed of this language."""
    outlets = tuple(map(_linked, _open_to_all(delivery.outlets[: delivery.listed], terms)))
    # Of whatever story its anchor is in by now: the page answers 301, and an entry does not change with its story.
    story = None if terms.story == "nowhere" else story_url(delivery.anchor, site)
    shown, inside = limited(delivery.face, terms), bool(outlets) or terms.story == "inside"
    return told(shown, delivery.entry_id, delivery.updated, language, outlets=outlets, story=story, story_inside=inside)


def limited(shown: Face, terms: Terms) -> Face:
    """Return as much of a face as may be shown: all, its beginning in plain words, or its title and link."""
    via = _open_to_all(shown.via, terms)
    if terms.republish == "full":
        summary, content = (pictured(markup, terms.images) for markup in (shown.summary, shown.content))
        return replace(shown, via=via, summary=summary, content=content)
    if terms.republish == "teaser":
        return replace(shown, via=via, summary=html.escape(teaser(shown)), content="")
    extras = {name: value for name, value in shown.extras.items() if name in CREDITS}
    return replace(shown, via=via, summary="", content="", enclosures=(), comments=None, extras=extras)


def _open_to_all(outlets: Iterable[Outlet], terms: Terms) -> tuple[Outlet, ...]:
    """Return the outlets that may be named: one of them may have become private since."""
    return tuple(one for one in outlets if one.source not in terms.hidden)


def told(
    shown: Face,
    id_: str,
    updated: datetime,
    language: str,
    *,
    outlets: tuple[Outlet, ...] = (),
    story: str | None = None,
    story_inside: bool = False,
) -> Entry:
    """Return the entry that shows a face, with the other outlets listed.

    language      of the feed
    story_inside  its text leads to the story's page, too
    """
    summary, content = _texts(shown, _list(outlets, story if story_inside else None, language))
    link = _ascii(shown.link)
    via = _unlike(_via(shown, outlets), {link})
    return Entry(
        id=id_,
        title=shown.title,
        link=link,
        published=shown.published.replace(microsecond=0),
        updated=updated.replace(microsecond=0),
        authors=tuple(map(_author, shown.authors)),
        categories=shown.categories,
        summary=summary,
        content=content,
        enclosures=tuple(map(_enclosure, shown.enclosures)),
        outlets=outlets,
        story=story,
        via=via,
        related=_unlike((*map(_to, outlets), *_whole(story, language)), {link, *(one.href for one in via)}),
        language=_other_language(shown.language, language),
        comments=_ascii(shown.comments),
        origin=replace(
            shown.origin,
            url=ascii_only(shown.origin.url),
            home=_ascii(shown.origin.home),
            icon=_ascii(shown.origin.icon),
        ),
        extras=shown.extras,
    )


def feed_url(topic: Topic, extension: str, site: Site) -> str | None:
    """Return where a topic's feed is subscribed to; None of a private one.

    Each of its readers has an address with a token of his own, and the document is made once for all of them.
    """
    return None if topic.private else site.feed(topic.id, extension)


def page_url(topic: Topic, site: Site) -> str:
    """Return where a topic is read as a page; of a private one, as above, our own door."""
    return f"{site.public_url}/" if topic.private else f"{site.public_url}/topics/{topic.id}"


def icon_url(site: Site) -> str:
    """Return where our sign stands."""
    return f"{site.public_url}/icon.png"


def story_url(story: str, site: Site) -> str:
    """Return where a story is read as a page; its feed is there with .atom behind."""
    return f"{site.public_url}/stories/{story}"


def origin(source: Source, feed: Feed) -> Origin:
    """Return where a source's items come from, by its configuration and by what its document says of itself."""
    return Origin(
        source=source.id,
        title=source.title or feed.title or source.id,
        url=source.url,
        home=feed.link,
        updated=feed.updated,
        icon=feed.icon,
    )


def plain(markup: str) -> str:
    """Return the words of safe HTML, in one line."""
    return " ".join(text.plain(markup).split())


def teaser(item: Face | Entry | Item) -> str:
    """Return the beginning of the text, plain."""
    return text.shorten(plain(item.summary or item.content), TEASER)


def title_of(stored: StoredItem) -> str:
    """Return the item's title, else its first words, else its address: readers show nothing for an empty one (O09)."""
    item = stored.item
    words = " ".join(item.title.split()) or text.shorten(plain(item.summary or item.content), HEADLINE)
    return words or item.link or stored.key


def whole(stored: StoredItem) -> Item:
    """Return the item, with the article of its page for its content where that says more than the publisher's feed."""
    item = stored.item
    fuller = stored.full_text and len(plain(stored.full_text)) > len(plain(item.content or item.summary))
    return replace(item, content=stored.full_text) if fuller else item


def _name(origin: Origin) -> str:
    return " ".join(origin.title.split()) or origin.source


def _ours(tagged: tuple[Tagged, ...], sections: Mapping[str, Section], authority: Authority) -> tuple[Category, ...]:
    """Return our sections as categories. The scheme tells them from the publisher's, and never moves."""
    scheme = authority.entry_id("sections")
    titles = {id_: section.title for id_, section in sections.items()}
    return tuple(Category(term=tag.section, scheme=scheme, label=titles.get(tag.section)) for tag in tagged)


def _texts(shown: Face, others: str) -> tuple[str, str]:
    """Return (summary, content), not twice the same; the list of outlets stands at the end of the fuller one."""
    summary, content = shown.summary.strip(), shown.content.strip()
    if content == summary:
        content = ""
    if not content and (not summary or not shown.link):  # an Atom entry has a link or a content (RFC 4287, 4.1.2)
        summary, content = "", summary or ("" if shown.link else f"<p>{html.escape(shown.title)}</p>")
        return summary, content + others
    return (summary, content + others) if content else (summary + others, "")


def _list(outlets: tuple[Outlet, ...], story: str | None, language: str) -> str:
    """Return the other outlets and the way to their story as safe HTML, "" if there are none (O14)."""
    words = wording_for(language)
    lines = "".join(_line(outlet, words) for outlet in outlets)
    more = f'<p><a href="{html.escape(story)}">{words.whole_story}</a></p>' if story else ""
    return (f"<p>{words.also_in}:</p><ul>{lines}</ul>" if lines else "") + more


def _line(outlet: Outlet, words: Wording) -> str:
    name = html.escape(outlet.outlet)
    if outlet.link:
        name = f'<a href="{html.escape(outlet.link)}">{name}</a>'
    return f"<li>{name}, {words.moment(outlet.published)}: {html.escape(outlet.title)}</li>"


def _via(shown: Face, outlets: Iterable[Outlet]) -> Iterator[Link]:
    """Yield where an entry is taken from: the Dublin Core terms that pages and channels are read into, its credits."""
    if href := shown.extras.get("dcterms:source"):
        yield Link(href=ascii_only(href), title=shown.extras.get("dc:source", ""))
    yield from map(_to, shown.via)
    yield from (_to(outlet) for outlet in outlets if outlet.via)


def _whole(story: str | None, language: str) -> Iterator[Link]:
    if story:
        yield Link(href=story, title=wording_for(language).whole_story)


def _to(outlet: Outlet) -> Link:
    return Link(href=ascii_only(outlet.link or ""), title=outlet.outlet)


def _unlike(links: Iterable[Link], others: Collection[str | None]) -> tuple[Link, ...]:
    """Return the links that lead somewhere, each address once, without those that stand elsewhere already."""
    by_href: dict[str, Link] = {}
    for link in links:
        if link.href and link.href not in others:
            by_href.setdefault(link.href, link)
    return tuple(by_href.values())


def _author(person: Person) -> Person:
    email = person.email if person.email and _EMAIL.match(person.email) else None
    return replace(person, email=email, uri=_ascii(person.uri))


def _enclosure(file: Enclosure) -> Enclosure:
    return replace(file, href=ascii_only(file.href), type=file.type if _MEDIA_TYPE.match(file.type) else "")


def _other_language(tag: str | None, feed: str) -> str | None:
    """Return the tag if it is one, and of another language than the feed's: `ru-RU` in a `ru` feed goes without."""
    tag = (tag or "").replace("_", "-")
    if not _LANGUAGE.match(tag) or tag.partition("-")[0].lower() == feed.partition("-")[0].lower():
        return None
    return tag


def _linked(outlet: Outlet) -> Outlet:
    return replace(outlet, link=_ascii(outlet.link), published=outlet.published.replace(microsecond=0))


def _ascii(url: str | None) -> str | None:
    return ascii_only(url) if url else None
