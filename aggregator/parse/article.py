"""The text of an article, from the page that an item links to. The only file that knows trafilatura.

In:    a page's body, where it came from, how its source is read.
Out:   the article as safe HTML; "" where there is none.
Never: runs in the daemon's own process (it takes 0.2 s and 12 MB to start), or fetches anything.
"""

from __future__ import annotations

from typing import Any

from lxml import etree, html

from aggregator.errors import ParseError
from aggregator.model import Reading
from aggregator.parse.chars import scrub
from aggregator.parse.draft import Text
from aggregator.parse.encoding import decode_page
from aggregator.parse.flaws import Flaws
from aggregator.parse.markup import safe_html
from aggregator.parse.read import refuse_binary
from aggregator.parse.strip import stripped

LONGEST = 1_000_000  # characters of a page that are read: 2 s of work where they are all words
# Six times the largest real page we have. Of 60 shapes with so many tags (flat and nested paragraphs, tables, lists,
# links, pictures, tags that nothing closes) none took over 1.6 s and 200 MB; 200,000 paragraphs take 58 s. What this
# does not bound is one tag with 100,000 attributes, 73 s, most of it in lxml: there the worker's deadline is the end.
MOST_TAGS = 20_000


def read(body: bytes, *, url: str, content_type: str, reading: Reading) -> str:
    """Return the article in a page, without what is stripped from its source's texts.

    Raises ParseError for what is no page.
    """
    import trafilatura
    from cssselect import HTMLTranslator

    refuse_binary(body)
    text = decode_page(body, content_type, Flaws())
    if text.count("<") > MOST_TAGS:
        raise ParseError("not-a-feed", f"a page of more than {MOST_TAGS:,} tags came, too many for an article")
    tree = _tree(text[:LONGEST])
    if tree is None:
        return ""
    strip = reading.strip
    unwanted = [HTMLTranslator().css_to_xpath(css, prefix=".//") for css in strip.select] if strip else None
    found = trafilatura.extract(
        tree,
        url=url,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
        prune_xpath=unwanted,
    )
    article = Text(value=found or "")
    return safe_html(stripped(article, strip) if strip and found else article, url)[0]


def _tree(text: str) -> Any:
    """Return the page as a tree, None if it is empty. trafilatura would guess about a text, and about its encoding."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(scrub(text).encode(), parser=parser)
    except etree.ParserError:
        return None
