"""The feeds that a page names.

In:    a body that is no feed, the address it came from, its Content-Type and its Link headers.
Out:   addresses of feeds, the best first; what kind of thing a body is.
Never: asks for one of them, follows a refresh, guesses unasked, or raises, whatever the page.

A page is read as a stream, without a tree, and only the elements that may name a feed reach the parser: libxml2 takes
45 s for 100,000 <div> with as many strayed </p>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree

from aggregator.parse.chars import scrub
from aggregator.parse.document import look
from aggregator.parse.draft import Text
from aggregator.parse.encoding import decode_page
from aggregator.parse.flaws import Flaws
from aggregator.parse.headers import links_in
from aggregator.parse.hubs import Hubs, of_links
from aggregator.parse.links import absolute
from aggregator.parse.markup import plain

How = Literal["given", "header", "link", "refresh", "anchor", "guess", "page"]
Kind = Literal["RSS", "Atom", "RDF", "CDF", "JSON", "HTML", "sitemap", "other"]

MOST = 20  # candidates of a page; a portal names a feed for each of its rubrics
LONGEST = 2_000_000  # characters of a page that are read: a second at worst, of hostile ones
_TITLE = 200  # characters
_MOST_ELEMENTS = 10_000  # links of a page that are looked at
_HEAD = 65_536  # bytes that tell what a body is

# The places where software of many sites puts its feed. Each guess is a request, so there are few (P27).
GUESSES = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")

_FEED_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/x.atom+xml": "Atom",
    "application/x-atom+xml": "Atom",
    "application/rdf+xml": "RDF",
    "application/feed+json": "JSON",
    "application/x-rss+xml": "RSS",
    "text/rss+xml": "RSS",
    "text/atom+xml": "Atom",
}
# May be a feed or not: the first JSON Feeds were application/json, and WordPress calls its API so, on every page.
_VAGUE_TYPES = {"application/xml", "text/xml", "application/json"}
_ROOTS: Mapping[str, Kind] = {
    "rss": "RSS",
    "feed": "Atom",
    "rdf": "RDF",
    "channel": "CDF",
    "html": "HTML",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
}

_OTHER_TAG = re.compile(r"</?(?!(?:a|base|link|meta|script|style|textarea|title)\b)[A-Za-z][^<>]*>", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*url\s*=\s*[\"']?([^\"']+)", re.IGNORECASE)
_FEEDISH = re.compile(
    r"(?<![a-z])(?:rss2?|rdf)(?![a-z])"  # /rss/all, news_rss.xml, rss.example.org
    r"|[/.](?:atom|feeds?)(?:\.(?:xml|json|php))?(?:[/?]|\Z)"  # /feed/, main.atom, /feed.json; not /feed-the-birds
    r"|[?&](?:feed|format|type)=(?:feed|rss|atom)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|комментари|коментар", re.IGNORECASE)

_Element = tuple[str, Mapping[str, str], list[str]]  # its name, its attributes, the words in an <a>
_ORDER: tuple[How, ...] = ("given", "header", "link", "refresh", "anchor", "guess", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed's."""

    url: str
    title: str = ""  # plain text, as the page calls it
    type: str = ""  # "RSS", "Atom", "RDF", "JSON"; "" where the page does not say
    how: How  # where it was found: a Link header, <link>, a refresh, <a>, nowhere, or in what the page itself repeats


def kind_of(body: bytes, content_type: str) -> Kind:
    """Return what a body looks like from its beginning; its server is believed where HTML may be meant."""
    text = decode_page(body[:_HEAD], content_type, Flaws()).lstrip("\ufeff \t\r\n\x00")
    if text.startswith(("{", "[")):
        return "JSON"
    return _ROOTS.get(look(text, Flaws()).root, "HTML" if text[:1] == "<" and "html" in content_type else "other")


def feeds_of(
    html: str | bytes, url: str, headers: Iterable[str] = (), *, content_type: str = ""
) -> tuple[Candidate, ...]:
    """Return the feeds that a page names, the best first, each address once; the target of a refresh among them.

    url      where the page finally came from
    headers  the values of its Link headers (RFC 8288)
    """
    text = html if isinstance(html, str) else decode_page(html[: 4 * LONGEST], content_type, Flaws())
    named = (one for said in links_in(headers) if "rel" in said for one in _candidate(said, url, "header"))
    found = [*named, *_of_page(text[:LONGEST], url)]
    best: dict[str, Candidate] = {}
    for candidate in sorted(found, key=_rank):
        here = best.setdefault(candidate.url, candidate)
        best[candidate.url] = replace(here, title=here.title or candidate.title, type=here.type or candidate.type)
    best.pop(_without_fragment(url), None)
    return tuple(best.values())[:MOST]


def hubs_of_page(body: bytes, url: str, headers: Iterable[str] = (), *, content_type: str = "") -> Hubs:
    """Return the hubs that a page names for itself; its Link headers stand above its <link> elements."""
    base, found = _elements(decode_page(body[: 4 * LONGEST], content_type, Flaws())[:LONGEST], url)
    links = (said for tag, said, _ in found if tag == "link")
    return of_links(links_in(headers), url).over(of_links(links, base))


def guesses(url: str) -> tuple[Candidate, ...]:
    """Return where the site's software may have put a feed."""
    links = (absolute(path, url) for path in GUESSES)
    return tuple(Candidate(url=link, how="guess") for link in links if link)


def _rank(candidate: Candidate) -> tuple[int, bool]:
    """Most software names the feed of comments beside that of articles."""
    return _ORDER.index(candidate.how), bool(_COMMENTS.search(candidate.title + candidate.url))


# --- the page -----------------------------------------------------------------------------------------------------


def _of_page(text: str, url: str) -> Iterator[Candidate]:
    base, found = _elements(text, url)
    for tag, said, words in found:
        if tag == "a":
            yield from _anchor(said, base, " ".join(words))
        elif tag == "link":
            yield from _candidate(said, base, "link")
        elif (target := _REFRESH.match(said.get("content", ""))) and (link := _address(target[1], base)):
            yield Candidate(url=link, how="refresh")


def _elements(text: str, url: str) -> tuple[str, list[_Element]]:
    """Return what the addresses of a page are relative to, and its elements that may name something."""
    page = _Page()
    with suppress(etree.LxmlError, ValueError):  # what was found before is found
        target: Any = page
        parser = etree.HTMLParser(target=target, encoding="utf-8")
        # As bytes: given text, libxml2 would still believe the page's <meta charset>.
        parser.feed(_OTHER_TAG.sub(" ", scrub(text)).encode())
        parser.close()
    return absolute(page.base, url) or url, page.found


class _Page:
    """What lxml tells of a page, as it reads it."""

    def __init__(self) -> None:
        self.base = ""
        self.found: list[_Element] = []
        self._words: list[str] | None = None  # of the <a> that is open

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        """Note an element that may name a feed."""
        words: list[str] = []
        if tag == "a":
            self._words = words
        if tag == "base":
            self.base = self.base or said.get("href", "")
        refresh = tag == "meta" and said.get("http-equiv", "").strip().lower() == "refresh"
        if len(self.found) < _MOST_ELEMENTS and (refresh or (tag in {"link", "a"} and "href" in said)):
            self.found.append((tag, dict(said), words))

    def end(self, tag: str) -> None:
        """Note the end of an <a>."""
        if tag == "a":
            self._words = None

    def data(self, data: str) -> None:
        """Note the words of an <a>."""
        if self._words is not None and len(self._words) < _TITLE:
            self._words.append(data[:_TITLE])

    def close(self) -> None:
        """Nothing is left to do."""


def _candidate(said: Mapping[str, str], base: str, how: How) -> Iterator[Candidate]:
    """Yield what a <link> or a Link header names, if it is a feed or may be one."""
    rel = set(said.get("rel", "").lower().split())
    media = said.get("type", "").partition(";")[0].strip().lower()
    link = _address(said.get("href", ""), base)
    if not link or "stylesheet" in rel or (rel and not rel & {"alternate", "feed"}):
        return
    vague = media in _VAGUE_TYPES or (not media and bool(rel))
    if media in _FEED_TYPES or (vague and ("feed" in rel or _FEEDISH.search(_telling(link)))):
        yield Candidate(url=link, title=_title(said.get("title", "")), type=_FEED_TYPES.get(media, ""), how=how)


def _anchor(said: Mapping[str, str], base: str, words: str) -> Iterator[Candidate]:
    media = said.get("type", "").partition(";")[0].strip().lower()
    link = _address(said.get("href", ""), base)
    if link and (media in _FEED_TYPES or _FEEDISH.search(_telling(link))):
        title = _title(words) or _title(said.get("title", ""))
        yield Candidate(url=link, title=title, type=_FEED_TYPES.get(media, ""), how="anchor")


def _telling(link: str) -> str:
    """Return the part of an address that may tell of a feed; nothing of "add to your reader" links, which hold two."""
    tail = link.partition("://")[2]
    return "" if re.search(r"://|%3a%2f%2f|/https?:", tail, re.IGNORECASE) else tail


def _address(href: str, base: str) -> str | None:
    """Return an address that may be asked: http(s), and without the user name that a page may put in."""
    link = absolute(href, base)
    return _without_fragment(link) if link and "@" not in urlsplit(link).netloc else None


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _title(text: str) -> str:
    return plain(Text(value=text, html=False))[:_TITLE]
