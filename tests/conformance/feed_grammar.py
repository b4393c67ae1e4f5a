"""What stands where in a feed, as tables: RFC 4287, RFC 5005, RSS 2.0, OPML 2.0, and what else our feeds have in them.

In:    nothing.
Out:   elements, attributes, what their values must be; which mistakes are but warnings; a mistake as a value.
Never: looks at a document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import feed_values as values
from feed_values import Check
from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
NAMES = {"a": ATOM}
XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://www.georss.org/georss": "georss",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://www.w3.org/2005/Atom": "atom",
    XHTML: "xhtml",
    XML: "xml",
}
OPEN = ("dcterms", "media", "xhtml", "thr")  # whose elements are not in the tables

# Elements and what may stand in them: "!" once, "?" at most once, "+" at least once, "*" as often as one likes.
PERSON = "name! uri? email?"
OF_FEED = "author* category* contributor* generator? icon? link* logo? rights? subtitle?"
GRAMMAR = {
    "atom": {
        "feed": f"{OF_FEED} id! title! updated! entry*",
        "entry": "author* category* content? contributor* id! link* published? rights? source? summary? title! "
        "updated!",
        "source": f"{OF_FEED} id! title! updated!",
        "author": PERSON,
        "contributor": PERSON,
    },
    "rss": {
        "rss": "channel!",
        "channel": "title! link! description! language? copyright? managingEditor? webMaster? pubDate? lastBuildDate? "
        "category* generator? docs? cloud? ttl? image? rating? textInput? skipHours? skipDays? item*",
        "item": "title? link? description? author? category* comments? enclosure* guid? pubDate? source?",
        "image": "url! title! link! width? height? description?",
        "textInput": "title! description! name! link!",
        "skipHours": "hour+",
        "skipDays": "day+",
    },
    "opml": {
        "opml": "head! body!",
        "head": "title? dateCreated? dateModified? ownerName? ownerEmail? ownerId? docs? expansionState? "
        "vertScrollState? windowTop? windowLeft? windowBottom? windowRight?",
        "body": "outline+",
        "outline": "outline*",
    },
}
ONCE = {"dc:date", "dc:language", "sy:updatePeriod", "sy:updateFrequency", "sy:updateBase", "content:encoded"}
IN_CHANNEL_TOO = {"dc:creator", "dc:publisher"}
EXTENSIONS = {
    "dc": "contributor coverage creator date description format identifier language publisher relation rights source "
    "subject title type",
    "content": "encoded",
    "sy": "updatePeriod updateFrequency updateBase",
    "creativeCommons": "license",
    "georss": "point line polygon box where featuretypetag relationshiptag featurename elev floor radius",
    "fh": "archive complete incremental",
    "itunes": "author block category complete duration email episode episodeType explicit image isClosedCaptioned "
    "keywords name new-feed-url order owner season subtitle summary title type",
}
COUNT = values.number(0)
# What the text of an element must be. "vocabulary:element" or "prefix:element"; "parent/element" where it depends.
TEXT: dict[str, Check] = {
    **dict.fromkeys(("atom:updated", "atom:published"), values.rfc3339),
    "atom:id": values.identifier,
    **dict.fromkeys(("atom:icon", "atom:logo", "atom:uri"), values.link),
    "atom:email": values.email,
    **dict.fromkeys(("atom:name", "atom:generator"), values.plain),
    **dict.fromkeys(("rss:pubDate", "rss:lastBuildDate"), values.rfc822),
    **dict.fromkeys(("rss:link", "rss:docs", "rss:comments", "rss:url"), values.rss_link),
    **dict.fromkeys(("rss:managingEditor", "rss:webMaster", "rss:author"), values.address),
    **dict.fromkeys(("rss:title", "rss:category", "rss:source", "rss:copyright"), values.plain),
    "rss:language": values.language,
    "rss:ttl": values.number(1),
    "rss:width": values.number(1, 144, "InvalidWidth"),
    "rss:height": values.number(1, 400, "InvalidHeight"),
    "rss:hour": values.number(0, 24, "InvalidHour"),
    "rss:day": values.one_of("Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "InvalidDay"),
    **dict.fromkeys(("opml:dateCreated", "opml:dateModified"), values.rfc822),
    "opml:ownerEmail": values.address,
    "dc:date": values.w3cdtf,
    "dc:language": values.language,
    "sy:updatePeriod": values.one_of("hourly daily weekly monthly yearly", "InvalidUpdatePeriod"),
    "sy:updateFrequency": values.number(1),
    "sy:updateBase": values.w3cdtf,
    "creativeCommons:license": values.rss_link,
    "georss:point": values.point,
    "itunes:duration": lambda text: None if re.fullmatch(r"(\d+:)?(\d+:)?\d+", text) else "InvalidDuration",
    "itunes:explicit": values.one_of("yes no clean true false explicit", "InvalidYesNoClean"),
    **dict.fromkeys(("itunes:keywords", "itunes:subtitle", "itunes:summary"), values.plain),
    "itunes:episodeType": values.one_of("full trailer bonus", "InvalidItunesEpisodeType"),
    **dict.fromkeys(("itunes:season", "itunes:episode"), values.number(1, None, "InvalidPositiveInteger")),
}
NUMBERS = ("rss:ttl", "rss:width", "rss:height", "sy:updateFrequency")
# Attributes: "!" must be there, "?" may. What is not listed is a mistake where the element is one of ours.
ATTRIBUTES = {
    "atom:link": "href! rel? type? hreflang? title? length?",
    "atom:category": "term! scheme? label?",
    "atom:generator": "uri? version?",
    "atom:content": "type? src?",
    **dict.fromkeys(("atom:title", "atom:subtitle", "atom:summary", "atom:rights"), "type?"),
    "rss:rss": "version!",
    "rss:enclosure": "url! length! type!",
    "rss:guid": "isPermaLink?",
    "rss:source": "url!",
    "rss:category": "domain?",
    "rss:cloud": "domain! port! path! registerProcedure! protocol!",
}
VALUE: dict[str, Check] = {  # of an attribute
    "atom:link/href": values.link,
    "atom:link/type": values.mime,
    "atom:link/hreflang": values.language,
    "atom:link/title": values.plain,
    "atom:link/length": values.number(0, None, "InvalidNonNegativeInteger"),
    "atom:category/scheme": values.full_link,
    "atom:category/label": values.plain,
    "atom:generator/uri": values.link,
    "atom:content/src": values.link,
    "rss:enclosure/url": lambda text: "InvalidURLAttribute" if values.full_link(text) else None,
    "rss:enclosure/length": lambda text: (
        "InvalidNonNegativeInteger" if text.startswith("-") else "InvalidIntegerAttribute" if COUNT(text) else None
    ),
    "rss:enclosure/type": lambda text: values.mime(text) and "InvalidMIMEAttribute",
    "rss:guid/isPermaLink": values.one_of("true false", "InvalidBooleanAttribute"),
    "rss:source/url": values.full_link,
    "rss:cloud/port": lambda text: COUNT(text) and "InvalidIntegerAttribute",
    "opml:outline/isComment": values.one_of("true false", "InvalidTrueFalse"),
    "opml:outline/created": values.rfc822,
}
TEXTS = ("title", "subtitle", "summary", "rights")  # text constructs (RFC 4287, section 3.1)
RELS = values.words(
    "alternate related self enclosure via replies license hub first last next previous prev prev-archive next-archive "
    "current edit edit-media payment service up describedby"
)
WARNINGS = values.words(
    "AvoidNamespacePrefix ContainsHTML ContainsUndeclaredHTML ContainsRelRef DangerousStyleAttr DuplicateEnclosure "
    "DuplicateEntries DuplicateItemSemantics DuplicateSemantics DuplicateUpdated ImageLinkDoesntMatch "
    "ImageTitleDoesntMatch ImplausibleDate MisplacedItem MissingGuid MissingSelf MissingSourceElement MissingSummary "
    "NonCanonicalURI NotBlank ProblematicalRFC822Date RelativeSelf SchemeNotIANARegistered SecurityRisk "
    "SecurityRiskAttr SelfNotAtom UnknownNamespace UnregisteredAtomLinkRel"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that is wrong, and where."""

    what: str
    parent: str = ""
    element: str = ""
    attr: str = ""
    said: str = ""

    @property
    def is_error(self) -> bool:
        """Whether a feed with it is invalid."""
        return self.what not in WARNINGS


def short(element: etree._Element) -> str:
    """Return an element's name as messages have it: a prefix where it is of another vocabulary."""
    name = etree.QName(element)
    prefix = PREFIXES.get(name.namespace or "", element.prefix or "")
    return name.localname if not name.namespace or name.namespace == ATOM else f"{prefix}:{name.localname}"
