"""The index of topics and our own static files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import html
from serve_making import NOON, SITE, Stand, ask, documents, serving, topic

from aggregator.model import Site
from aggregator.serve.pages import Index


def index_of(stand):
    resource = Index(stand.shelf, stand.site).page(stand.topics)
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
    page = index_of(stand)
    assert [text(node) for node in page.xpath("//h2")] == ["Море & берег", "Air", "Новое"]
    assert [text(node) for node in page.xpath("//*[@class='facts']")] == [
        "21 запись · обновлено 1 марта 2026, 12:00 UTC",
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
    assert page.xpath("//link[@rel='alternate']/@href") == [*feeds, f"{SITE.public_url}/feeds/_edits.atom"]
    kinds = ["application/atom+xml", "application/rss+xml", "application/feed+json"] * 2 + ["application/atom+xml"]
    assert page.xpath("//link[@rel='alternate']/@type") == kinds


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


def test_the_index_is_made_again_only_after_a_change():
    stand = Stand()
    index = Index(stand.shelf, stand.site)
    empty = index.page(stand.topics)
    assert index.page(dict(stand.topics)) is empty
    stand.shelf.put(documents())
    filled = index.page(stand.topics)
    assert filled is not empty
    stand.shelf.put(documents())  # the same again
    assert index.page(stand.topics) is filled
    stand.topics["air"] = topic("air")  # even where the mapping itself was changed
    assert index.page(stand.topics) is not filled


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
