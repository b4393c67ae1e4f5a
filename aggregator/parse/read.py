"""Read a document, whatever it is.

In:    a body as it came, where it came from, its Content-Type, the source's zone, the moment.
Out:   Parsed, or a ParseError whose sentence says what came instead of a feed.
Never: raises anything else.
"""

from __future__ import annotations

from datetime import datetime

from aggregator.errors import ParseError
from aggregator.model import Parsed, Reading, Select
from aggregator.parse import feed, markup, page
from aggregator.parse import sitemap as sitemaps
from aggregator.parse.document import Xml, look
from aggregator.parse.draft import Document, Text
from aggregator.parse.encoding import decode, decode_page
from aggregator.parse.finish import finish
from aggregator.parse.flaws import Flaws

_BINARY = (
    (b"\x89PNG", "an image (PNG)"),
    (b"GIF8", "an image (GIF)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"RIFF", "an image, a sound or a film (RIFF)"),
    (b"\x00\x00\x01\x00", "an image (ICO)"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed data (gzip)"),
)
_OTHER_XML = {"opml": "a list of feeds (OPML)", "urlset": "a sitemap", "sitemapindex": "an index of sitemaps"}
_TITLE = 200  # characters of a page that are looked at for its title


def read(
    body: bytes,
    *,
    url: str,
    content_type: str,
    zone: str | None,
    now: datetime,
    select: Select | None = None,
    sitemap: bool = False,
    reading: Reading | None = None,
) -> Parsed:
    """Return what is in a body. Raises ParseError only.

    url           where it finally came from; what relative links are relative to
    content_type  the header as sent, "" if there was none
    zone          IANA name, for dates that carry none
    select        a page is expected, with its items there
    sitemap       a sitemap is expected, not a feed
    reading       what else is known of the source
    """
    flaws = Flaws()
    try:
        refuse_binary(body)
        if select:
            text = decode_page(body, content_type, flaws)
            document = page.read(text, select, url=url, zone=zone, now=now, flaws=flaws)
        else:
            document = _document(decode(body, content_type, flaws), flaws, sitemap=sitemap)
        return finish(document, url=url, zone=zone, reading=reading or Reading(), now=now, flaws=flaws)
    except ParseError:
        raise
    except MemoryError:
        raise ParseError("parser-died", "reading it takes more memory than a document may") from None
    except Exception as error:
        raise ParseError("parser-died", f"our parser fails on it: {type(error).__name__}: {error}"[:300]) from error


def refuse_binary(body: bytes) -> None:
    """Raise ParseError for what is no text, or nothing."""
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise ParseError("empty", "an empty document came")
    for magic, name in _BINARY:
        if body.startswith(magic):
            raise ParseError("not-a-feed", f"{name} came")


def _document(decoded: str, flaws: Flaws, *, sitemap: bool) -> Document:
    text = decoded.lstrip("\ufeff \t\r\n\x00")
    if text.startswith(("{", "[")):
        from aggregator.parse import json_feed  # pydantic takes as long to start as all the rest

        return json_feed.read(text, flaws)
    xml = look(text, flaws)
    if xml.root == "html":
        raise ParseError("not-a-feed", f"an HTML page came{_titled(xml)}", _page_hint(xml))
    if not xml.root:
        raise ParseError("not-a-feed", _text_came(text))
    if sitemap:
        return sitemaps.read(xml, flaws)
    if xml.root in _OTHER_XML:
        hint = "write `sitemap:` instead of `url:`" if xml.root in sitemaps.ROOTS else ""
        raise ParseError("not-a-feed", f"{_OTHER_XML[xml.root]} came", hint)
    return feed.read(xml, flaws)


def _titled(xml: Xml) -> str:
    start = xml.text.lower().find("<title", 0, 100_000)
    if start < 0:
        return ""
    head = xml.text[xml.text.find(">", start) + 1 :][: 2 * _TITLE].partition("</")[0]
    title = markup.plain(Text(value=head))[:_TITLE]
    return f", titled «{title}»" if title else ""


def _page_hint(xml: Xml) -> str:
    named = "application/rss+xml" in xml.text or "application/atom+xml" in xml.text
    return "it names a feed of its own: use that address" if named else ""


def _text_came(text: str) -> str:
    if text.strip() in {"null", "true", "false"} or text[:1] == '"':
        return "JSON came that is not a JSON Feed"
    start = markup.plain(Text(value=text[:_TITLE], html=False))[:60]
    return f"text came that is neither XML nor JSON, beginning with «{start}»"
