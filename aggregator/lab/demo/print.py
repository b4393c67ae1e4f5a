"""Print an outlet's feed: each has its format, its encoding and its habits.

In:    an outlet's name and what it tells now, with dates.
Out:   the Document that the origin serves.
Never: decides what is told, or when.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from aggregator.lab.demo.stock import Telling
from aggregator.lab.origin import Document

Told = Sequence[tuple[datetime, Telling]]  # newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """How one outlet publishes."""

    id: str
    address: str  # of ours; config/sources.yaml names the same
    path: str
    title: str
    body: Callable[[Outlet, Told], str]
    language: str
    encoding: str = "utf-8"
    content_type: str = "application/rss+xml"
    etag: bool = False  # else it dates its document
    gzip: bool = False

    @property
    def home(self) -> str:
        """Its front page, and where its articles are: an address that nobody can have (RFC 2606)."""
        return f"https://{self.id}.example/"


def document(outlet: Outlet, told: Told) -> Document:
    """Return the outlet's feed as bytes in its encoding, with the validator it gives."""
    body = outlet.body(outlet, told).encode(outlet.encoding, "xmlcharrefreplace")  # KOI8-R has no « and no —
    newest = told[0][0]
    return Document(
        body=body,
        content_type=outlet.content_type,
        etag=f'"{sha256(body).hexdigest()[:16]}"'.encode() if outlet.etag else None,
        last_modified=None if outlet.etag else format_datetime(newest, usegmt=True).encode(),
        gzip=outlet.gzip,
    )


def _rss(outlet: Outlet, told: Told, when: Callable[[datetime], str] = format_datetime) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(one.link)}</link>"
        f'<guid isPermaLink="false">{escape(one.id)}</guid><category>{escape(one.section)}</category>'
        f"<description>{escape(one.text)}</description><pubDate>{when(at)}</pubDate></item>\n"
        for at, one in told
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(outlet.title)}</title><link>{outlet.home}</link>"
        f"<description>{escape(outlet.title)}</description><language>{outlet.language}</language>\n"
        f"{items}</channel></rss>\n"
    )


def _rss_without_zone(outlet: Outlet, told: Told) -> str:
    """Dates as people write them at home: 01.03.2026 17:44."""
    kyiv = ZoneInfo("Europe/Kyiv")
    return _rss(outlet, told, when=lambda at: at.astimezone(kyiv).strftime("%d.%m.%Y %H:%M"))


def _rss_broken(outlet: Outlet, told: Told) -> str:
    """Not well-formed: whoever made it forgot to escape the ampersand."""
    return _rss(outlet, told).replace("&amp;", "&")


def _rdf(outlet: Outlet, told: Told) -> str:
    items = "".join(
        f'<item rdf:about="{escape(one.id)}"><title>{escape(one.title)}</title><link>{escape(one.link)}</link>'
        f"<description>{escape(one.text)}</description><dc:date>{at.isoformat()}</dc:date>"
        f"<dc:subject>{escape(one.section)}</dc:subject></item>\n"
        for at, one in told
    )
    return (
        '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{outlet.home}"><title>{escape(outlet.title)}</title>'
        f"<link>{outlet.home}</link><description>{escape(outlet.title)}</description></channel>\n"
        f"{items}</rdf:RDF>\n"
    )


def _atom(outlet: Outlet, told: Told) -> str:
    entries = "".join(
        f"<entry><id>{escape(one.id)}</id><title>{escape(one.title)}</title>"
        f'<link href="{escape(one.link)}"/><category term="{escape(one.section)}"/>'
        f"<summary>{escape(one.text)}</summary><published>{at.isoformat()}</published>"
        f"<updated>{at.isoformat()}</updated></entry>\n"
        for at, one in told
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{outlet.language}"><id>{outlet.home}</id><title>{escape(outlet.title)}</title>'
        f'<link href="{outlet.home}"/><author><name>{escape(outlet.title)}</name></author>'
        f"<updated>{told[0][0].isoformat()}</updated>\n{entries}</feed>\n"
    )


def _json(outlet: Outlet, told: Told) -> str:
    items = [
        {
            "id": one.id,
            "url": one.link,
            "title": one.title,
            "content_text": one.text,
            "date_published": at.isoformat(),
            "tags": [one.section],
        }
        for at, one in told
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": outlet.title, "language": outlet.language}
    return json.dumps({**feed, "home_page_url": f"{outlet.home}", "items": items}, ensure_ascii=False)


_ATOM, _FEED_JSON = "application/atom+xml", "application/feed+json"
_ALL = (
    Outlet(
        id="terikon", address="127.0.71.1", path="/rss.xml", title="Терикон", language="ru",
        body=_rss_without_zone, encoding="windows-1251", etag=True,
    ),
    Outlet(id="vezha", address="127.0.71.2", path="/rss.xml", title="Вежа", language="uk", body=_rss),
    Outlet(
        id="kurier", address="127.0.71.3", path="/news/rss", title="Столичный курьер", language="ru",
        body=_rss, encoding="koi8-r",
    ),
    Outlet(
        id="svitanok", address="127.0.71.4", path="/feed.atom", title="Світанок", language="uk",
        body=_atom, content_type=_ATOM, gzip=True,
    ),
    Outlet(
        id="meridian", address="127.0.71.5", path="/feed.json", title="Меридиан", language="ru",
        body=_json, content_type=_FEED_JSON, etag=True,
    ),
    Outlet(
        id="harbour", address="127.0.71.6", path="/atom.xml", title="Harbour Post", language="en",
        body=_atom, content_type=_ATOM, etag=True,
    ),
    Outlet(
        id="nadra", address="127.0.71.7", path="/feed.json", title="Надра", language="uk",
        body=_json, content_type=_FEED_JSON, gzip=True,
    ),
    Outlet(id="kontur", address="127.0.71.8", path="/rss.php", title="Контур", language="ru", body=_rss_broken),
    Outlet(
        id="circuit", address="127.0.71.9", path="/index.rdf", title="Circuit", language="en",
        body=_rdf, content_type="application/rdf+xml",
    ),
    Outlet(
        id="dispatch", address="127.0.71.10", path="/feed", title="Slow Dispatch", language="en", body=_rss, etag=True
    ),
)  # fmt: skip
OUTLETS = {outlet.id: outlet for outlet in _ALL}
