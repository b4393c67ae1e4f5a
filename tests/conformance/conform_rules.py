"""What must hold of each expectation: which field of ours it speaks of, or why it speaks of none.

In:    a claim of an authority, what was read from its document.
Out:   a verdict: agreed, differed (with its class), not carried (with its class), failed.
Never: looks at a document's name. A class is a rule about a kind of expectation.

docs/reference/parsing.md is printed from the tables of this file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Literal

from conform_claims import Claim
from conform_words import COMPARISONS, moment, words

from aggregator.model import Feed, Item, Parsed, Person
from aggregator.parse.encoding import decode
from aggregator.parse.flaws import Flaws

# Why an expectation speaks of nothing that we keep.
NOT_CARRIED = {
    "shape": "How the authority itself writes things down: its names of types and versions, whether an id is a link, "
    "the base address of a text (the links in the text are judged instead), headers of the answer.",
    "channel": "What a feed says of itself beyond title, link, language, date and picture: its descriptions, rights, "
    "authors and categories. A topic has its own.",
    "relations": "Further links of an item or a feed (related, via, edit; rss-parser's feedUrl is the last of any "
    "kind) beside where it can be read.",
    "people": "Contributors and publishers; an item keeps its authors.",
    "origin": "What an item says of the feed it was first in (atom:source, RSS source).",
    "rights": "Rights and licences of an item.",
    "extension": "Elements of modules that are no part of an item: places, chapters, credits, ratings, podcasts.",
    "no expectation": "A value that claims nothing of the document: no web address where one belongs, no date, "
    "rss-parser's EMPTY.",
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of a document: what was read, or why it was refused."""

    parsed: Parsed | None
    refused: str = ""  # kind of the ParseError
    problem: str = ""
    body: bytes
    header: str = ""  # of the answer, as "Content-Type: text/xml"

    @property
    def content_type(self) -> str:
        name, _, value = self.header.partition(":")
        return value.strip() if name.lower() == "content-type" else ""

    @cached_property
    def text(self) -> str:
        """As decoded by us."""
        return decode(self.body, self.content_type, Flaws())

    @property
    def flaws(self) -> set[str]:
        return {flaw.code for flaw in self.parsed.flaws} if self.parsed else {self.refused}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """An expectation that our value does not meet."""

    path: str
    want: Any
    name: str  # of our field
    ours: tuple[Any, ...]
    reading: Reading

    @property
    def empty(self) -> bool:
        return not any(one not in (None, "", NOBODY) for one in self.ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why we disagree on purpose."""

    says: str
    applies: Callable[[Disagreement], bool]


NOBODY = Person(name="")

# Where we disagree with an authority, and why. The first that applies is the class.
DIFFERED = {
    "header": Reason(
        says="Content-Location gives no base address (RFC 7231, appendix B), Content-Language speaks of the audience.",
        applies=lambda d: d.reading.header.lower().startswith(("content-location", "content-language")),
    ),
    "media type": Reason(
        says="A body is read whatever media type its server names, and without a charset the document's own word "
        "counts (RFC 7303, section 3.1): neither is a flaw of the document.",
        applies=lambda d: d.name == "bozo" and bool(d.reading.content_type),
    ),
    "their damage": Reason(
        says="The authority read the document in a wrong encoding.",
        applies=lambda d: "\ufffd" in str(d.want) and not any("\ufffd" in str(one) for one in d.ours),
    ),
    "their slip": Reason(
        says="The authority's media type stands nowhere in the document.",
        applies=lambda d: d.name == "enclosure.type" and str(d.want) not in d.reading.text,
    ),
    "encoding": Reason(
        says="Where nothing names an encoding that fits, UTF-8 and then thirty others are tried by their letters, "
        "and a flaw says so.",
        applies=lambda d: bool(d.reading.flaws & {"encoding-guessed", "encoding-wrong"}),
    ),
    "cut item": Reason(
        says="The last item of a document that breaks off waits for the next poll.",
        applies=lambda d: d.path.startswith("item.") and d.empty and "item-cut" in d.reading.flaws,
    ),
    "repeated item": Reason(
        says="The same item twice in a document is one item, and a repeated id gets the link beside it.",
        applies=lambda d: d.path.startswith("item.") and bool(d.reading.flaws & {"item-repeated", "id-repeated"}),
    ),
    "nameless": Reason(
        says="An author has a name or a mail address, a category a term or a label; what has neither is left out.",
        applies=lambda d: d.name in {"item.authors", "item.categories"} and d.empty and "/" in str(d.want),
    ),
    "naked markup": Reason(
        says="Elements inside an element that holds plain text are not its text; feedparser reads none of it.",
        applies=lambda d: d.empty and bool(_NAKED.search(d.reading.text)),
    ),
    "not text": Reason(
        says="Content of another media type than text is no text to show.",
        applies=lambda d: d.name == "item.text" and d.empty and bool(_NOT_TEXT.search(d.reading.text)),
    ),
    "id": Reason(
        says="An id is a name and never joined to an address (RFC 4287, section 4.2.6.1).",
        applies=lambda d: d.name == "item.id" and str(d.want).endswith(str(d.ours[0]).lstrip("./")),
    ),
    "one language": Reason(
        says="An item has one language: its own, else its title's, its summary's, its content's.",
        applies=lambda d: d.name == "item.language" and len(set(_LANGUAGES.findall(d.reading.text))) > 1,
    ),
    "one content": Reason(
        says="Of a JSON Feed's content_html and content_text, the first is kept.",
        applies=lambda d: d.path == "item.content_text" and not d.empty,
    ),
    "HTML 5": Reason(
        says="&lang; and &rang; are the characters of HTML 5, not those of HTML 4.",
        applies=lambda d: str(d.want).translate({0x2329: 0x27E8, 0x232A: 0x27E9}) in d.ours,
    ),
    "HTML": Reason(
        says="A text says what HTML's own rules make of it: a head, a comment that breaks off, a CDATA section and "
        "what stands inside an iframe are not shown.",
        applies=lambda d: (
            d.name == "item.text"
            and bool(re.search(r"<!--|<!\[CDATA|&lt;!\[CDATA", str(d.want)) or "/iframe" in d.reading.text)
        ),
    ),
    "style": Reason(
        says="The authority takes the rules of a style element for text.",
        applies=lambda d: (
            d.name == "item.text" and bool(re.search(r"(?:<|&lt;)style", d.reading.text)) and "{" in d.want
        ),
    ),
    "teaser": Reason(
        says="The authority makes a summary of the content's first words.",
        applies=lambda d: d.name == "item.text" and any(_begins(one, d.want) for one in d.ours),
    ),
    "mixed content": Reason(
        says="rss-parser loses words and order where text and elements are mixed in XML; ours has all of its letters.",
        applies=lambda d: d.name == "item.text" and any(_has_letters(one, d.want) for one in d.ours),
    ),
    "FeedBurner": Reason(
        says="feedburner:origLink is where an item can be read; the other address counts clicks.",
        applies=lambda d: d.name == "item.link" and "feedburner:origLink" in d.reading.text,
    ),
    "picture": Reason(
        says="A feed's picture is what its channel calls icon, logo or image, in this order, an item's what it names "
        "as such: not what stands in their texts or elsewhere in the document.",
        applies=lambda d: d.name in {"feed.icon", "item.enclosures"} and ("image" in d.path or "icon" in d.path),
    ),
    "ill-formed": Reason(
        says="What can be saved from a document that is not well-formed is what feedparser's loose parser saves.",
        applies=lambda d: d.empty and "not-well-formed" in d.reading.flaws,
    ),
    "empty item": Reason(
        says="An item in which nothing is that an item keeps is left out.",
        applies=lambda d: d.path.startswith("item.") and d.empty and "item-empty" in d.reading.flaws,
    ),
}
_LANGUAGES = re.compile(r"xml:lang\s*=\s*[\"'](.*?)[\"']")
_NOT_TEXT = re.compile(r"<content[^<>]*type=[\"'](?!text|html|xhtml|application/xhtml)")
_NAKED = re.compile(r"<(?:category|guid)\b[^<>]*(?<!/)>\s*<[a-z]")


def _begins(text: str, want: Any) -> bool:
    start = words(want).rstrip(".…")
    return len(start) > 40 and words(text).startswith(start)


def _has_letters(text: str, want: Any) -> bool:
    return bool(want) and not Counter(words(want)) - Counter(words(text))


Verdict = tuple[Literal["agreed", "differed", "not carried", "failed"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of ours, of which any of its values may agree."""

    says: str
    held: str  # a comparison
    of: Callable[[Parsed, Item], tuple[Any, ...]]


FIELDS = {
    "feed.title": Field(says="title of the feed", held="title", of=lambda p, _: (p.feed.title,)),
    "feed.link": Field(says="address of the site", held="address", of=lambda p, _: (p.feed.link,)),
    "feed.language": Field(says="language of the feed", held="text", of=lambda p, _: (p.feed.language,)),
    "feed.updated": Field(says="when the feed changed", held="moment", of=lambda p, _: (p.feed.updated,)),
    "feed.icon": Field(says="picture of the feed", held="address", of=lambda p, _: (p.feed.icon,)),
    "feed.previous": Field(says="document with older items", held="address", of=lambda p, _: (p.feed.previous,)),
    "feed.self_url": Field(says="its name for itself", held="address", of=lambda p, _: (p.feed.self_url,)),
    "hints": Field(
        says="what it asks of those who poll it",
        held="text",
        of=lambda p, _: (
            *((int(p.hints.ttl.total_seconds() // 60),) if p.hints.ttl else ()),
            *sorted(p.hints.skip_hours),
            *(_WEEK[day] for day in sorted(p.hints.skip_days)),
        ),
    ),
    "item.id": Field(says="id of the item", held="text", of=lambda _, i: (i.id,)),
    "item.title": Field(says="title", held="title", of=lambda _, i: (i.title,)),
    "item.link": Field(says="where it can be read", held="address", of=lambda _, i: (i.link,)),
    "item.text": Field(says="summary or content", held="words", of=lambda _, i: (i.summary, i.content)),
    "item.authors": Field(says="authors", held="person", of=lambda _, i: i.authors),
    "item.categories": Field(
        says="term, scheme or label of a category",
        held="title",
        of=lambda _, i: tuple(said for c in i.categories for said in (c.term, c.scheme, c.label) if said),
    ),
    "item.enclosures": Field(
        says="address of an enclosure", held="address", of=lambda _, i: tuple(e.href for e in i.enclosures)
    ),
    "enclosure.type": Field(says="media type", held="text", of=lambda _, i: tuple(e.type for e in i.enclosures)),
    "enclosure.length": Field(
        says="bytes of an enclosure", held="text", of=lambda _, i: tuple(e.length_bytes for e in i.enclosures)
    ),
    "item.published": Field(says="when it was published", held="moment", of=lambda _, i: (i.published,)),
    "item.updated": Field(says="when it changed", held="moment", of=lambda _, i: (i.updated, i.published)),
    "item.language": Field(says="language", held="text", of=lambda _, i: (i.language,)),
    "item.comments": Field(says="page of comments", held="address", of=lambda _, i: (i.comments,)),
}
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Paths of the authorities, after `item` and `feed` were put in front; the first that fits counts.
# A value is a field of ours or a class of NOT_CARRIED.
MAPPING = {
    "feed.title": "feed.title",
    "feed.title_detail.value": "feed.title",
    "feed.link": "feed.link",
    "feed.home_page_url": "feed.link",
    "feed.language": "feed.language",
    "feed.updated": "feed.updated",
    "feed.updated_parsed": "feed.updated",
    "feed.updatedParsed": "feed.updated",
    "feed.lastBuildDate": "feed.updated",
    "feed.lastBuildDateParsed": "feed.updated",
    "feed.image.href": "feed.icon",
    "feed.image.url": "feed.icon",
    "feed.logo": "feed.icon",
    "feed.icon": "feed.icon",
    "feed.next_url": "feed.previous",
    "feed.feed_url": "feed.self_url",
    "feed.feedLink": "feed.self_url",
    "feed.feedUrl": "relations",
    "feed.ttl": "hints",
    "feed.skipHours.*": "hints",
    "feed.skipDays.*": "hints",
    "feed.links*": "relations",
    "feed.paginationLinks*": "relations",
    "feed.contributors*": "people",
    "feed.publisher*": "people",
    "feed.feedType": "shape",
    "feed.feedVersion": "shape",
    "feed.version": "shape",
    "feed.*_detail.type": "shape",
    "feed.*_detail.base": "shape",
    "feed.itunes*": "extension",
    "feed.extensions*": "extension",
    "feed.custom*": "extension",
    "feed.dcExt*": "extension",
    "feed.*": "channel",
    "item.title": "item.title",
    "item.title_detail.value": "item.title",
    "item.link": "item.link",
    "item.url": "item.link",
    "item.id": "item.id",
    "item.guid": "item.id",
    "item.guid.value": "item.id",
    "item.description": "item.text",
    "item.summary": "item.text",
    "item.summary_detail.value": "item.text",
    "item.content": "item.text",
    "item.content.*.value": "item.text",
    "item.content.value": "item.text",
    "item.content_html": "item.text",
    "item.content_text": "item.text",
    "item.content:encoded": "item.text",
    "item.author": "item.authors",
    "item.creator": "item.authors",
    "item.author.name": "item.authors",
    "item.author.email": "item.authors",
    "item.author.url": "item.authors",
    "item.author.uri": "item.authors",
    "item.author_detail.*": "item.authors",
    "item.authors.*.name": "item.authors",
    "item.authors.*.email": "item.authors",
    "item.authors.*.ur?": "item.authors",
    "item.category": "item.categories",
    "item.tags.len": "shape",
    "item.tags.*": "item.categories",
    "item.categories.*": "item.categories",
    "item.enclosures.*.href": "item.enclosures",
    "item.enclosures.*.url": "item.enclosures",
    "item.enclosure.url": "item.enclosures",
    "item.attachments.*.url": "item.enclosures",
    "item.image": "item.enclosures",
    "item.image.*": "item.enclosures",
    "item.banner_image": "item.enclosures",
    "item.enclosures.*.type": "enclosure.type",
    "item.enclosure.type": "enclosure.type",
    "item.attachments.*.mime_type": "enclosure.type",
    "item.enclosures.*.length": "enclosure.length",
    "item.enclosure.length": "enclosure.length",
    "item.attachments.*.size_in_bytes": "enclosure.length",
    "item.published": "item.published",
    "item.published_parsed": "item.published",
    "item.publishedParsed": "item.published",
    "item.pubDate": "item.published",
    "item.pubDateParsed": "item.published",
    "item.isoDate": "item.published",
    "item.date_published": "item.published",
    "item.created": "item.published",
    "item.created_parsed": "item.published",
    "item.updated": "item.updated",
    "item.updated_parsed": "item.updated",
    "item.updatedParsed": "item.updated",
    "item.date_modified": "item.updated",
    "item.language": "item.language",
    "item.title_detail.language": "item.language",
    "item.summary_detail.language": "item.language",
    "item.content.*.language": "item.language",
    "item.comments": "item.comments",
    "item.source*": "origin",
    "item.links*": "relations",
    "item.contributors*": "people",
    "item.publisher*": "people",
    "item.rights*": "rights",
    "item.license": "rights",
    "item.*_detail.*": "shape",
    "item.content.*": "shape",
    "item.guid*": "shape",
    "item.*": "extension",
    "encoding": "encoding",
    "bozo": "bozo",
    "survives": "survives",
    "*": "shape",
}


def field_of(path: str) -> str:
    """Return the field of ours, or the class, that a path of an authority speaks of."""
    return next(name for pattern, name in MAPPING.items() if fnmatchcase(path, pattern))


_ITEM = re.compile(r"^(?:feed\.)?(?:entries|items)\.(\d+)\.")
_OWN = ("bozo", "encoding", "survives", "expression", "version", "headers", "etag", "modified", "feed.")


def placed(path: str) -> tuple[str, int]:
    """Return an authority's path with `item` or `feed` in front, and the number of the item (-1 for the feed)."""
    if found := _ITEM.match(path):
        return "item." + path[found.end() :], int(found[1])
    return (path if path.startswith(_OWN) else f"feed.{path}"), -1


def verdict(claim: Claim, reading: Reading) -> Verdict:
    """Return what became of an expectation."""
    path, number = placed(claim.path)
    name = field_of(path)
    if name in NOT_CARRIED:
        return "not carried", name
    if name in WHOLE:
        return WHOLE[name](claim, reading)
    field = FIELDS[name]
    if _claims_nothing(field.held, claim.want):
        return "not carried", "no expectation"
    parsed = reading.parsed or Parsed(feed=Feed(), items=())
    item = parsed.items[number] if -1 < number < len(parsed.items) else Item(id="")
    ours = field.of(parsed, item) or (NOBODY if field.held == "person" else "",)
    if any(COMPARISONS[field.held][1](claim.want, one) for one in ours):
        return "agreed", name
    return _disagreed(Disagreement(path=path, want=claim.want, name=name, ours=ours, reading=reading), claim)


def _claims_nothing(held: str, want: Any) -> bool:
    if held == "moment":
        return moment(want) is None
    if want == "EMPTY":
        return True
    return held == "address" and not re.match("https?://[^/]", str(want).strip())


def _disagreed(found: Disagreement, claim: Claim) -> Verdict:
    why = next((why for why, reason in DIFFERED.items() if reason.applies(found)), "")
    return ("differed", why) if why else ("failed", f"{found.name}: {claim} but {found.ours}")


def _encoding(claim: Claim, reading: Reading) -> Verdict:
    """The text is what the named encoding makes of the bytes."""
    try:
        text = reading.body.decode(claim.want).lstrip("\ufeff")
    except (LookupError, UnicodeDecodeError):
        return "not carried", "no expectation"
    if text == reading.text:
        return "agreed", "encoding"
    return _disagreed(Disagreement(path="encoding", want=claim.want, name="encoding", ours=(), reading=reading), claim)


def _wellformed(claim: Claim, reading: Reading) -> Verdict:
    """What feedparser calls bozo has a flaw or was refused; what it does not is read without damage."""
    damage = {"not-well-formed", "truncated", "encoding-damaged", "channel-unreadable", "item-unreadable"}
    if bool(reading.flaws if claim.want else reading.flaws & damage) == claim.want:
        return "agreed", "bozo"
    ours = tuple(reading.flaws)
    return _disagreed(Disagreement(path="bozo", want=claim.want, name="bozo", ours=ours, reading=reading), claim)


def _survives(_: Claim, reading: Reading) -> Verdict:
    died = reading.refused.startswith("parser-")
    return ("failed", reading.refused) if died else ("agreed", "survives")


WHOLE = {"encoding": _encoding, "bozo": _wellformed, "survives": _survives}
