"""The content attacks A30 to A38 of content.md, through the real daemon into a real Chromium: pages, feeds and lists.

Three sources say nothing that is not hostile, in every place of their documents, and the configuration does so, too.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

import feedparser
import listparser
import pytest
from browser import chromium, installed, sync_api, window
from feed_rules import validate
from harness import Daemon, Place, free_port
from lxml import etree
from vectors import VECTORS, harmless

from aggregator.lab.origin import Document, Origin
from aggregator.model import key_of

pytestmark = installed

FORMS = ("atom", "rss", "json")
BREAK_OUTS = {  # A34, A37, A38; the others are in VECTORS
    "section of CDATA": "]]><script>alert(1)</script>",
    "comment": "--><script>alert(1)</script><!--",
    "attribute": "\"'><script>alert(1)</script>",
    "attribute, handler": "\" onmouseover=alert(1) autofocus onfocus=alert(1) x='",
    "script": "</script></style></title></textarea><script>alert(1)</script>",
    "template": "{{7*7}}{% raw %}${alert(1)}#{7*7}<%= 7*7 %>",
    "instruction": "<?xml-stylesheet href='//evil.example/x.xsl'?>",
    "separators": "\u2028alert(1)\u2029",
    "direction": "\u202e<script>\u2066alert(1)\u202d",
    "escapes": "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "formula": "=cmd|'/c calc'!A1",
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\n<script>alert(1)</script>",
}
ATTACKS = {
    name: vector.replace("\ud800", "").replace("\0", "").replace("alert(1)", "alert('ran')")
    for name, vector in (VECTORS | BREAK_OUTS).items()
}
# A38, and only in JSON, for XML has no such characters: clears a terminal, names it, begins a line of a log.
TO_TERMINALS = "\x1b[2J\x1b]0;ran\x07\x9b31m\r\n" + '{"event": "forged", "level": "error"}'
WORST = (
    "\"'></title></style></script><script>alert('ran')</script><img src=//evil.example/i onerror=alert('ran')>{{7*7}}"
)
FIRST = "ferry-1"  # the one id that is known beforehand, for the item's own pages
KEY = key_of("ferry", FIRST)
BASES = ("javascript:alert(1)//", "http://[1", "file:///etc/", "//evil.example/")  # A35
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)


def minutes_ago(number):
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=number)


def rss_item(number, attack, *, edited=False):
    said = escape(attack)
    body = f"Озёрский паром номер {number}{' встал' if edited else ' идёт'}"
    address, guid = f"https://a.example/{number}?{said}", f"{number} {said}" if number > 1 else FIRST
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{body} {said}</title><link>{address}</link>"
        f"<description>{escape(f'<p>{body}.</p>')}{said}</description><author>{said}</author>"
        f"<content:encoded>{escape(f'<p>{body}, сказали в порту.</p>')}{said}</content:encoded>"
        f"<dc:creator>{said}</dc:creator><category domain='{said}'>{said}</category><comments>{said}</comments>"
        f"<enclosure url='{address}' type='{said}' length='{said}'/><media:content url='{said}'/>"
        f"<source url='{said}'>{said}</source><pubDate>{format_datetime(minutes_ago(number))}</pubDate></item>"
    )


def rss(*, edited=False):
    items = "".join(rss_item(number, attack, edited=edited) for number, attack in enumerate(ATTACKS.values(), 1))
    worst = escape(WORST)
    head = f"<title>Паром {worst}</title><link>https://a.example/{worst}</link><description>{worst}</description>"
    head += f"<image><url>{worst}</url><title>{worst}</title><link>{worst}</link></image><generator>{worst}</generator>"
    return f'<?xml version="1.0"?><rss version="2.0" {SPACES}><channel>{head}{items}</channel></rss>'.encode()


def atom():
    entries = []
    for number, (attack, base) in enumerate(zip(ATTACKS.values(), BASES * 40, strict=False), 1):
        said = escape(attack)
        when = minutes_ago(number).isoformat()
        entries.append(
            f'<entry xml:base="{escape(base)}"><id>{number} {said}</id><title type="html">Маяк {number} {said}</title>'
            f'<link href="{said}"/><link rel="alternate" href="https://b.example/{number}"/><updated>{when}</updated>'
            f'<link rel="enclosure" href="{said}"/><link rel="via" href="{said}"/><author><name>{said}</name>'
            f"<uri>{said}</uri><email>{said}</email></author><summary>{said}</summary><published>{when}</published>"
            f'<category term="{said}" scheme="{said}" label="{said}"/>'
            f'<content type="html">{escape("<p>Смотритель зажёг лампу.</p>")}{said}</content></entry>'
        )
    worst = escape(WORST)
    head = f"<title>Маяк {worst}</title><id>{worst}</id><icon>javascript:alert(1)</icon><logo>//evil.example/l</logo>"
    head += f'<subtitle>{worst}</subtitle><link href="{worst}"/><rights>{worst}</rights>'
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'.encode()


def json_feed():
    items = [
        {
            "id": f"{number} {attack}",
            "title": f"Бриз {number} {attack}",
            "url": attack,
            "external_url": attack,
            "content_html": f"<p>Ветер {number}.</p>{attack}",
            "summary": attack,
            "image": attack,
            "authors": [{"name": attack, "url": attack, "avatar": attack}],
            "tags": [attack],
            "attachments": [{"url": attack, "mime_type": attack, "title": attack}],
            "date_published": minutes_ago(number).isoformat(),
        }
        for number, attack in enumerate((*ATTACKS.values(), TO_TERMINALS), 1)
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": f"Бриз {WORST}", "home_page_url": WORST}
    return json.dumps({**head, "icon": WORST, "favicon": WORST, "items": items}).encode()


def twin():
    """Tells what the first item of the RSS tells, so that there is a story, with a title that is no better."""
    return rss().replace(b"a.example", b"d.example").replace("Паром".encode(), "Причал".encode())


TOPICS = {
    "all": {
        "title": f"Всё {WORST}",
        "description": WORST,
        "match": "title:/./",
        "fold": "story",
        "republish": "full",
        "language": "ru",
        "window": {"items": 300},
    },
    "brief": {"title": "Кратко", "match": "title:/номер [1-4] /", "republish": "teaser", "language": "uk"},
}
SECTIONS = {"sections": {"ferry": {"title": f"Паром {WORST}", "words": ["паром"]}}}


@dataclass(frozen=True)
class Scene:
    """A newsroom that was told nothing but attacks, and has noticed an edit."""

    daemon: Daemon
    origin: Origin

    @property
    def paths(self):
        """Every kind of page, each with the most on it."""
        story = re.search(r"/stories/[0-9a-f]{16}", self.daemon.get("/stories").text)
        assert story
        return [
            *("/", "/topics/all", "/stories", "/topics/all#section-ferry", "/topics/brief", story[0]),
            *(f"/items/{KEY}", f"/items/{KEY}/diff", "/sources", "/sources/ferry", "/about", "/nothing-<script>"),
            *("/search", "/search?q=%D0%BF%D0%B0%D1%80%D0%BE%D0%BC", f"/search?q={quote(WORST)}"),
        ]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    place = Place(root=tmp_path_factory.mktemp("browser"), port=free_port())
    place.process = {"public_url": f"http://127.0.0.1:{place.port}"}
    with Origin() as origin:
        served = {"ferry": rss(), "light": atom(), "breeze": json_feed(), "pier": twin()}
        sources = {
            name: {"url": origin.serve(f"/{name}", Document(body=body), host=f"127.0.6.{number}"), "first": 200}
            for number, (name, body) in enumerate(served.items(), 1)
        }
        sources["ferry"]["poll"] = {"every": "1s", "under_floor": True}
        place.write(sources, TOPICS, beside_topics=SECTIONS)
        with place.start() as daemon:
            daemon.wait_for(lambda: _curated(daemon) >= len(served) * len(ATTACKS), "all attacks")
            origin.replace(sources["ferry"]["url"], Document(body=rss(edited=True)))
            daemon.wait_for(lambda: "<del>" in daemon.get(f"/items/{KEY}/diff").text, "the edit to be shown")
            daemon.wait_for(lambda: daemon.get("/topics/brief").status_code == 200, "the topics")
            yield Scene(daemon, origin)
            daemon.process.send_signal(signal.SIGTERM)


def _curated(daemon):
    return sum(line["items"] for line in daemon.told("items.curated"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


def test_the_browser_would_tell(browser):
    with window(browser, "http://127.0.0.1:1") as seen:
        seen.page.set_content(ATTACKS["handler"] + "<script src=https://evil.example/x></script><p style='color: red'>")
        seen.page.wait_for_function("window.ran")
        assert seen.ran()
        assert seen.active() == ["img onerror=alert('ran')", "script", "p style=color: red"]
        assert seen.elsewhere == [("script", "https://evil.example/x")]
        assert seen.errors


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 360), ("dark", 1280)], ids=["light, a phone", "dark, a wide screen"]
)
def test_every_page_runs_nothing_loads_nothing_and_is_open_to_everybody(scene, browser, scheme, width):
    with window(browser, scene.daemon.address, scheme=scheme, width=width) as seen:
        for path in scene.paths:
            reply = seen.page.goto(scene.daemon.address + path)
            assert reply
            assert reply.status == (404 if "nothing" in path else 400 if "script" in path else 200), path
            assert not seen.ran(), path
            assert not seen.active(), path
            assert seen.wider() <= 0, path
            if not path.startswith("/topics/all"):  # the short one has all that it has, and axe is slow
                assert not seen.barriers(), path
            errors = [e for e in seen.errors if "responded with a status of 40" not in e]  # of the page itself
            assert (seen.dialogs, errors, seen.elsewhere) == ([], [], []), path


@pytest.mark.parametrize("form", FORMS)
def test_what_a_reader_shows_of_a_feed_runs_nothing_and_loads_pictures_alone(scene, browser, form):
    """As the most trusting of readers would: it puts all texts into one page that may do everything."""
    texts = read_by(form, scene.daemon.get(f"/feeds/all.{form}").content)
    assert len(texts) > len(ATTACKS)
    with window(browser, scene.daemon.address) as seen:
        seen.page.set_content("".join(f"<article>{text}</article>" for text in texts))
        assert seen.page.locator("article").count() == len(texts)  # none of them breaks out
        assert not seen.ran()
        assert not seen.active()
        assert {kind for kind, _ in seen.elsewhere} <= {"image"}
        assert all(address.startswith(("http://", "https://")) for _, address in seen.elsewhere)
        assert not seen.dialogs


def read_by(form, body):
    """The titles and texts of a feed as a reader gets them: titles as the text they are."""
    if form == "json":
        return [f"{escape(item['title'])}{item.get('content_html', '')}" for item in json.loads(body)["items"]]
    found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo
    return [
        "".join((escape(one.title), one.get("summary", ""), *(c.value for c in one.get("content", ()))))
        for one in found.entries
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_that_is_opened_as_a_page_runs_nothing(scene, browser, form):
    with window(browser, scene.daemon.address) as seen:
        with contextlib.suppress(sync_api.Error):  # what it does not show it would store, and does nothing else
            seen.page.goto(f"{scene.daemon.address}/feeds/all.{form}")
        assert not seen.ran()
        assert (seen.dialogs, seen.elsewhere) == ([], [])


ADDRESSES = {
    "atom": ("//@href", "//@uri", "//*[local-name()='uri' or local-name()='icon' or local-name()='logo']/text()"),
    "rss": ("//@url", "//@href", "//item/link/text()", "//comments/text()"),
}


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_feed_is_well_formed_and_every_address_in_it_is_one_of_the_web(scene, form):
    root = etree.fromstring(scene.daemon.get(f"/feeds/all.{form}").content)  # strict
    found = [address for path in ADDRESSES[form] for address in root.xpath(path)]
    assert len(found) > len(ATTACKS)
    assert [address for address in found if not re.match(r"https?://[^\s<>\"]+\Z", address)] == []
    assert not list(root.iter(etree.ProcessingInstruction, etree.Comment))
    texts = root.xpath("//item/description/text() | //*[local-name()='encoded' or @type='html']/text()")
    assert len(texts) > len(ATTACKS)
    assert [text for text in texts if not harmless(re.sub(r'="https?://[^"]*"', "", text))] == []


@pytest.mark.parametrize("path", ["/feeds/all.atom", "/feeds/all.rss", "/opml/topics", "/opml/sources"])
def test_no_document_breaks_a_rule_of_the_feed_validator(scene, path):
    assert [one for one in validate(scene.daemon.get(path).content) if one.is_error] == []


def test_what_a_publisher_writes_begins_no_line_of_a_log_and_moves_no_terminal(scene):
    place = scene.daemon.place
    said = [place.command(*verb).stdout for verb in (["preview", "all"], ["status"], ["status", "breeze"])]
    lines = [line for text in (*said, "".join(scene.daemon.talk)) for line in text.split("\n")]
    assert any("Бриз" in line for line in lines)
    assert [line for line in lines if re.search(r"[\0-\x1f\x7f-\x9f]", line)] == []
    assert not scene.daemon.told("forged")


@pytest.mark.parametrize("path", ["/opml/topics", "/opml/sources"])
def test_a_list_holds_words_and_addresses_and_nothing_else(scene, path):
    body = scene.daemon.get(path).content
    found = listparser.parse(body)
    assert not found.bozo
    assert {node.tag for node in etree.fromstring(body).iter()} == {
        "opml", "head", "title", "dateModified", "docs", "body", "outline"
    }  # fmt: skip
    assert all(feed.url.startswith(("http://127.0.0.1:", "http://127.0.6.")) for feed in found.feeds)
    assert len(found.feeds) == (len(TOPICS) if path.endswith("topics") else 4)
    for address in re.findall(r'(?:htmlUrl|url)="([^"]*)"', body.decode()):
        assert re.match(r"https?://[^\s<>]+\Z", address)


def test_nobody_was_asked_for_what_the_attacks_name(scene):
    assert {request.address for request in scene.origin.requests} <= {f"127.0.6.{n}" for n in range(1, 5)}


def test_a_filter_is_followed_by_a_keyboard_and_hides_the_rest(scene, browser):
    with window(browser, scene.daemon.address, width=360) as seen:
        page = seen.page
        page.goto(f"{scene.daemon.address}/topics/all")
        everything = page.locator("article:visible").count()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0
        link = page.locator(".filters a[href='#section-ferry']")
        link.focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url("**#section-ferry")
        left = page.locator("article:visible").count()
        assert 0 < left < everything
        assert str(left) in link.inner_text()
        assert page.locator("#section-ferry").is_visible()
        assert not page.locator("section.day:visible:not(:has(article:visible))").count()
        page.locator("#section-ferry a").click()
        assert page.locator("article:visible").count() == everything


def test_on_paper_there_are_the_entries_and_nothing_to_press(scene, browser):
    with window(browser, scene.daemon.address) as seen:
        seen.page.goto(f"{scene.daemon.address}/topics/brief")
        seen.page.emulate_media(media="print")
        assert seen.page.locator("article:visible").count() == 4
        assert not seen.page.locator("nav:visible, footer:visible").count()
