"""HTML that is safe to store and to print, and titles as plain text.

In:    a text construct as published, and the address its links are relative to.
Out:   HTML of our allow-list, absolute http(s) addresses, XML text; cleaning it again changes nothing.
Never: lets through script, style, frames, forms, embedded vocabularies (svg, math), handlers or another scheme.

Guards stand before nh3, which is quadratic in nesting depth and in references: a cap on characters, on depth and on
references, and a budget for elements that HTML's rules make the parser repeat (unclosed <b> before every <p>).
"""

from __future__ import annotations

import re
from functools import partial
from html import escape, unescape

import nh3

from aggregator.parse.chars import scrub
from aggregator.parse.draft import Text
from aggregator.parse.links import absolute
from aggregator.urls import untracked

LONGEST = 512 * 1024  # characters of a text
DEEPEST = 512  # elements inside each other, as browsers allow
_BUDGET = 300_000  # elements that one text may become
_REFERENCES = 100_000  # nh3 takes 0.1 s for so many `&` and 2 s for five times as many
_PASSES = 8


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as one text."""
    return frozenset(text.split())


_TAGS = words(
    "a abbr article aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre q rp rt ruby "
    "s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var "
    "video wbr center"
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href", "hreflang"},
    "audio": {"controls", "src"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"alt", "height", "sizes", "src", "srcset", "width"},
    "ol": {"reversed", "start", "type"},
    "source": {"sizes", "src", "srcset", "type"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"controls", "height", "poster", "src", "width"},
}
# Gone with all that is in them: what is in other unknown elements stays.
_DROPPED = words(
    "script style iframe frameset noframes noembed svg math template select textarea title xmp plaintext dialog"
)
_SWALLOWS = re.compile(r"<(iframe|script|style|textarea|title|template|select)\b[^<>]*>", re.IGNORECASE)
_ADDRESSES = {"href", "src", "poster"}
_PICTURE = re.compile(r"\Adata:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]{1,20000}\Z")

# As nh3 writes them: each attribute in double quotes.
_PICTURES = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_SAID = re.compile(r' ([a-z]+)="([^"]*)"')
# Pictures of other sizes, or of none, that are asked for only to be counted.
_COUNTERS = re.compile(
    r"https?://(?:"
    r"mc\.yandex\.(?:ru|com)/(?:watch|pixel)|(?:www\.)?counter\.yadro\.ru/|counter\.rambler\.ru/|[\w-]+\.mail\.ru/counter"
    r"|www\.tns-counter\.ru/|vk\.com/rtrg|c\.bigmir\.net/|counter\.24log\.|(?:c|r)\.i\.ua/|i\.holder\.com\.ua/"
    r"|(?:www\.|ssl\.)?google-analytics\.com/|[\w.-]+\.doubleclick\.net/|www\.facebook\.com/tr\b|analytics\.twitter\.com/"
    r"|pixel\.wp\.com/|stats\.wordpress\.com/|feeds\.wordpress\.com/[\d.]+/|feeds\.feedburner\.com/~|[\w.-]+\.feedsportal\.com/"
    r"|(?:sb|b)\.scorecardresearch\.com/|pixel\.quantserve\.com/|medium\.com/_/stat|[\w.-]+\.list-manage\.com/track/"
    r"|(?:www\.)?statcounter\.com/|c\.statcounter\.com/|[\w.-]+\.moatads\.com/"
    r")",
    re.IGNORECASE,
)

_PLAIN = re.compile("[<>&\r\xa0]")  # a text without these means the same in HTML, and nh3 would not change it
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_CLOSED_BY_THE_NEXT = words("p li dt dd td th tr option rp rt tbody thead tfoot colgroup")
_REPEATED = words("a b big code em font i nobr s small strike strong tt u")


def safe_html(text: Text, base: str) -> tuple[str, bool]:
    """Return a text construct as safe HTML, and whether it had to be cut. base: what its links are relative to."""
    value = scrub(text.value).strip()
    if not text.html:
        value = escape(value, quote=False)
    if not _PLAIN.search(value):
        return value[:LONGEST], len(value) > LONGEST
    whole = _unswallowed(value[:LONGEST])
    kept = affordable(whole)
    html = clean(kept, base)
    while len(html) > LONGEST:  # `&` becomes `&amp;`, and every link says noreferrer
        kept = kept[: len(kept) // 2]
        html = clean(kept, base)
    return html, len(value) > LONGEST or len(kept) < len(whole)


def _unswallowed(html: str) -> str:
    """Return HTML without the start tags that would hide all that follows.

    Feeds close them as XML does, `<iframe src="..."/>`, or not at all; HTML reads on until </iframe>.
    """
    ended = html.lower().rfind("</iframe")

    def kept(found: re.Match[str]) -> str:
        endless = found[1].lower() == "iframe" and found.start() > ended
        return "" if endless or found[0].endswith("/>") else found[0]

    return _SWALLOWS.sub(kept, html)


def clean(html: str, base: str) -> str:
    """Return safe HTML for HTML within the caps; relative addresses are joined to the base.

    HTML parsed twice may differ from HTML parsed once (the line break that begins a <pre>, elements that a removed one
    held apart), and what differs is where sanitisers were broken, so the result is one that parses to itself.
    """
    cleaner = nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, base=base),
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    for _ in range(_PASSES):
        before, html = html, _PICTURES.sub(_seen, scrub(cleaner.clean(html))).strip()
        if html == before:
            return html
    return escape(plain(Text(value=html)), quote=False)


def _attribute(tag: str, name: str, value: str, *, base: str) -> str | None:
    """Return an attribute's value as it may be printed, or None to drop it. nh3 asks for each one."""
    if name == "srcset":
        return _srcset(value, base)
    if name not in _ADDRESSES:
        return value
    value = value.strip()
    if tag == "a" and value[:7].lower() == "mailto:":
        return None if re.search(r"[\s\x00-\x1f]", value) else value
    if tag == "img" and _PICTURE.match(value):
        return value
    # A bare fragment leads to an id in the same text, and ids are not kept.
    address = None if value.startswith("#") else absolute(value, base)
    return untracked(address) if address and tag == "a" else address


def _seen(picture: re.Match[str]) -> str:
    """Return a picture as it stands in clean HTML, or nothing where it only counts who reads."""
    said = dict(_SAID.findall(picture[0]))
    tiny = all(re.fullmatch(r"\s*[01](?:\.0*)?(?:px)?\s*", said.get(side, "")) for side in ("width", "height"))
    return "" if tiny or _COUNTERS.match(said.get("src", "")) or not (said.keys() & {"src", "srcset"}) else picture[0]


def _srcset(value: str, base: str) -> str | None:
    """Return the candidates that lead to the web (HTML, section 4.8.4.2.1; addresses with a comma are let go)."""
    kept = []
    for candidate in value.split(",")[:20]:
        address, *size = candidate.split()[:2] or [""]
        if (link := absolute(address, base)) and all(re.fullmatch(r"[\d.]+[wxh]", part) for part in size):
            kept.append(" ".join((link.replace(",", "%2C"), *size)))
    return ", ".join(kept) or None


def affordable(html: str) -> str:
    """Return as much of the HTML as stays within depth and budget: a linear look before the quadratic parser."""
    html = "&".join(html.split("&", _REFERENCES)[:_REFERENCES])
    if html.count("<") < DEEPEST:
        return html
    depth = repeated = spent = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        step = -1 if found[1] else 1
        if name in _REPEATED:
            repeated = max(0, repeated + step)
        if name not in _VOID and name not in _CLOSED_BY_THE_NEXT:
            depth = max(0, depth + step)
        spent += 1 + repeated
        if depth > DEEPEST or spent > _BUDGET:
            return html[: found.start()]
    return html


_REFERENCE = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,30});")
_OLD = words("html head body form button noscript blink marquee object applet frame")
_ELEMENTS = "|".join(sorted(_TAGS | _DROPPED | _REPEATED | _VOID | _OLD))
# A value in quotes may hold `<` and `>`; quotes that nobody closes mean nothing.
_MARKUP = re.compile(
    rf"</?(?:{_ELEMENTS})(?=[\s/>])(?:(?:[^<>\"']++|\"[^\"]{{0,1000}}\"|'[^']{{0,1000}}'){{0,200}}>|[^<>]*>)|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_SILENT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
# Overrides and isolates can turn a title round; the others are invisible and make equal titles differ.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u00ad\u061c]")


def plain(text: Text) -> str:
    """Return a text construct as one line of plain text: no elements, references decoded once, blanks folded.

    `<` that begins no element of HTML stays ("a < b", "List<String>"): plain text may hold it.
    """
    value = text.value[: 4 * LONGEST]
    if text.html and "<" in value:
        value = _MARKUP.sub(" ", _SILENT.sub(" ", value)) if value.count("<") < DEEPEST else value.partition("<")[0]
    if text.html and "&" in value:
        value = _REFERENCE.sub(lambda found: unescape(found[0]), value)
    return " ".join(_INVISIBLE.sub("", scrub(value)).split())
