"""What there is to subscribe to: the index, JSON, OPML; and our own static files."""

from __future__ import annotations

import json
from datetime import timedelta

import listparser
import pytest
from lxml import html
from serve_making import NOON, SITE, Stand, ask, documents, learns, serving, topic
from sqlalchemy import text as sql

from aggregator.model import Item, Select, Site, Source
from aggregator.serve.lists import index
from aggregator.store import Store, polls, topics

DAY = timedelta(days=1)


def index_of(stand, **lately):
    known = {id_: topics.Listed(created_at=NOON, well=True, lately=number) for id_, number in lately.items()}
    resource = index(stand.topics, stand.shelf, stand.site, known)
    return html.fromstring(resource.variants["identity"].full.body.decode())


def text(node):
    return " ".join(node.text_content().split())


def test_the_index_lists_topics_in_the_order_of_the_configuration_with_count_and_last_change():
    stand = Stand(
        topics={
            "sea": topic(description="Порты и маяки"),
            "air": topic("air", title="Air", language="en"),
            "new": topic("new", title="Новое"),
        },
        site=Site(public_url="https://feeds.example.org", title="Киоск", language="ru"),
    )
    stand.shelf.put([*documents(entries=21), *documents("air", entries=1, now=NOON + timedelta(days=1))])
    page = index_of(stand, sea=7, new=0)
    assert [text(node) for node in page.xpath("//h2")] == ["Море & берег", "Air", "Новое"]
    assert [text(node) for node in page.xpath("//*[@class='facts']")] == [
        "21 запись · за сутки: 7 · обновлено 1 марта 2026, 12:00 UTC",
        "1 запись · обновлено 2 марта 2026, 12:00 UTC",
        "ещё не опубликовано",
    ]
    assert page.xpath("//h2/a/@href") == ["/topics/sea", "/topics/air"]
    assert text(page.xpath("//article")[0]).startswith("Море & берег Порты и маяки")


def test_every_feed_is_linked_and_announced_under_the_public_address():
    stand = Stand(topics={"sea": topic(), "air": topic("air")})
    page = index_of(stand)
    feeds = [f"{SITE.public_url}/feeds/{id_}.{kind}" for id_ in ("sea", "air") for kind in ("atom", "rss", "json")]
    assert page.xpath("//nav//a/@href") == feeds
    assert page.xpath("//link[@rel='alternate']/@href") == [
        *feeds,
        f"{SITE.public_url}/feeds/_edits.atom",
        f"{SITE.public_url}/opml/topics",
    ]
    kinds = ["application/atom+xml", "application/rss+xml", "application/feed+json"] * 2
    assert page.xpath("//link[@rel='alternate']/@type") == [*kinds, "application/atom+xml", "text/x-opml"]


def test_an_index_without_topics_says_so():
    assert "No topics are configured yet." in text(index_of(Stand(topics={})))


def test_titles_of_topics_are_text_and_never_markup():
    evil = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    stand = Stand(topics={"sea": topic(title=evil, description=evil)}, site=Site(public_url="https://x", title=evil))
    page = index_of(stand)
    assert not page.xpath("//script | //img | //*[@onerror]")
    assert text(page.xpath("//h2")[0]) == evil
    assert page.xpath("//link[@rel='alternate']/@title")[0] == f"{evil} (Atom)"


def test_links_of_our_own_carry_the_path_of_the_public_address():
    stand = Stand(site=Site(public_url="https://example.org/news"))
    stand.shelf.put(documents())
    page = index_of(stand)
    assert page.xpath("//h2/a/@href") == ["/news/topics/sea"]
    assert page.xpath("//link[@rel='stylesheet']/@href")[0].startswith("/news/static/style.css?v=")


async def test_a_list_is_made_again_only_after_a_change():
    stand = Stand()
    lists = stand.lists()
    empty = await lists.find("/")
    assert await lists.find("/") is empty
    stand.shelf.put(documents())
    filled = await lists.find("/")
    assert filled is not empty
    stand.shelf.put(documents())  # the same again
    assert await lists.find("/") is filled
    stand.topics["air"] = topic("air")  # even where the mapping itself was changed
    assert await lists.find("/") is not filled


def test_the_index_is_served_like_a_document(server):
    reply = ask(server, "GET", "/")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert ask(server, "GET", "/", if_none_match=reply.headers["etag"]).status == 304
    assert ask(server, "GET", "/", accept_encoding="gzip").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("attribute", "media_type"),
    [("//link[@rel='stylesheet']/@href", "text/css; charset=utf-8"), ("//link[@rel='icon']/@href", "image/svg+xml")],
    ids=["style", "icon"],
)
@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_a_page_finds_its_own_files_and_may_keep_them_for_ever(server, path, attribute, media_type):
    address = html.fromstring(ask(server, "GET", path).body.decode()).xpath(attribute)[0]
    assert "?v=" in address
    reply = ask(server, "GET", address)
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_style_loads_nothing_from_elsewhere(server):
    style = ask(server, "GET", "/static/style.css").body
    assert b"url(" not in style
    assert b"@import" not in style


def test_a_reload_shows_in_the_index_at_once():
    stand = Stand()
    with serving(stand.app()) as server:
        stand.topics = {"air": topic("air", title="Воздух")}
        assert "Воздух" in ask(server, "GET", "/").body.decode()


@pytest.fixture
def store(tmp_path):
    """A sea of which two entries came lately, and an air that has none; three sources, one of them private."""
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.write_now(polls.sync_sources, SOURCES.values(), NOON - 3 * DAY)
    store.write_now(topics.sync_topics, {"sea": b"1", "air": b"1", "own": b"1"}, NOON - 2 * DAY)
    learns(store, "sea", Item(id="1", title="Маяк", sha256=b"1", published=NOON), at=NOON)
    yield store
    store.close()


SOURCES = {
    "sea": Source(
        id="sea", url="https://reader:w0rd@sea.example/rss?token=s3cret&page=1", title="Море & <берег>", language="ru",
        groups=("coast", "daily"),
    ),
    "field": Source(id="field", url="https://поле.example/rss", groups=("daily",)),
    "hill": Source(id="hill", url="https://hill.example/news", title="Холм", select=Select(item="li")),
    "own": Source(id="own", url="https://own.example/rss", title="Своё", private=True),
}  # fmt: skip


@pytest.fixture
def listed(store):
    topics_ = {
        "sea": topic(description="Порты\x01"),
        "air": topic("air", title="Air", language=None),
        "own": topic("own", title="Своё", private=True),
    }
    stand = Stand(store=store, topics=topics_, sources=SOURCES)
    stand.shelf.put(documents(entries=21))
    with serving(stand.app()) as server:
        yield server


def test_programs_are_told_what_the_index_tells(listed):
    reply = ask(listed, "GET", "/api/v1/topics")
    told = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert told["title"] == "Газетный киоск"
    assert told["topics"][0] == {
        "id": "sea",
        "title": "Море & берег",
        "description": "Порты\x01",
        "language": "ru",
        "page": f"{SITE.public_url}/topics/sea",
        "feeds": {kind: f"{SITE.public_url}/feeds/sea.{kind}" for kind in ("atom", "rss", "json")},
        "state": "well",
        "entries": 21,
        "entries_24h": 0,
        "changed": "2026-03-01T12:00:00+00:00",
    }
    assert [(one["id"], one["state"], one["changed"]) for one in told["topics"][1:]] == [("air", "waiting", None)]


def test_topics_are_a_list_that_a_feed_reader_imports(listed):
    reply = ask(listed, "GET", "/opml/topics")
    found = listparser.parse(reply.body)
    assert reply.headers["content-type"] == "text/x-opml; charset=utf-8"
    assert not found.bozo
    assert found.meta.title == "Газетный киоск"
    assert found.meta.modified_parsed == NOON - 2 * DAY
    assert [(feed.title, feed.url) for feed in found.feeds] == [
        ("Море & берег", f"{SITE.public_url}/feeds/sea.atom"),
        ("Air", f"{SITE.public_url}/feeds/air.atom"),
    ]
    assert reply.body == ask(listed, "GET", "/opml/topics").body


def test_sources_are_such_a_list_too_without_what_opens_them(listed):
    reply = ask(listed, "GET", "/opml/sources")
    found = listparser.parse(reply.body)
    assert not found.bozo
    assert found.meta.modified_parsed == NOON - 3 * DAY
    assert [(feed.title, feed.url, feed.categories) for feed in found.feeds] == [
        ("Море & <берег>", "https://sea.example/rss?page=1", [["coast"], ["daily"]]),
        ("field", "https://xn--e1alid.example/rss", [["daily"]]),
    ]
    assert b'htmlUrl="https://sea.example/"' in reply.body
    assert b'type="link" text="' in reply.body  # a page that is read as a feed is none
    assert b'url="https://hill.example/news"' in reply.body
    for secret in (b"s3cret", b"w0rd", b"own.example", "Своё".encode()):
        assert secret not in reply.body


def test_without_the_store_there_is_an_index_that_says_less(listed, store):
    for table in ("topic_state", "source_state"):
        store.write_now(lambda conn, table=table: conn.execute(sql(f"ALTER TABLE {table} RENAME TO lost_{table}")))
    reply = ask(listed, "GET", "/")
    assert reply.status == 200
    assert "за сутки" not in reply.body.decode()
    assert ask(listed, "GET", "/opml/sources").status == 503


@pytest.mark.parametrize(
    ("path", "media_type", "begins"),
    [
        ("/favicon.ico", "image/vnd.microsoft.icon", b"\0\0\1\0"),
        ("/icon.png", "image/png", b"\x89PNG"),
        ("/robots.txt", "text/plain; charset=utf-8", b"# "),
    ],
)
def test_what_is_asked_for_at_the_root_stands_there_and_is_asked_again_after_a_day(server, path, media_type, begins):
    reply = ask(server, "GET", path)
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["cache-control"] == "public, max-age=86400"
    assert reply.body.startswith(begins)
