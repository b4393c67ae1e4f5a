"""An item as a page, its publisher's edits word by word, and the feed of edits."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree, html
from serve_making import NOON, Stand, ask, learns, serving, topic
from sqlalchemy import text

from aggregator.model import Item, Membership, Section, Source, Tagged, Verdict, key_of
from aggregator.store import Store, polls, stories, topics

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("sea", "hill", "gone")
SOURCES = {name: Source(id=name, url=f"https://{name}.example/rss?token=s3cret", title=name.title()) for name in NAMES}
SEA, HILL, GONE = (key_of(name, "1") for name in NAMES)
EDITS = "/feeds/_edits.atom"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
EVIL = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
LAMP = "Смотритель маяка заменил лампу, и корабли снова видят его за двадцать миль от берега."


def tells(store, source, title, words, *, at, kind="new", language="ru", **more):
    """Have a source tell something, or tell it otherwise."""
    facts = {"link": f"https://{source}.example/1", "summary": words, "published": NOON - 5 * HOUR} | more
    item = Item(id="1", title=title, sha256=f"{title}{words}".encode(), **facts)
    place = Membership(
        kind="story", story=SEA, item=SEA, of=SEA, method="first", score=1.0, evidence="", rule=3
    )  # fmt: skip
    learns(
        store, source, item, at=at, kind=kind, language=language, memberships=(place,) * (source == "sea"),
        sections=(Tagged(section="coast", confidence=1.0, why="its source is of the <coast>"),),
        verdicts=(Verdict(topic="sea", admitted=True, why="matched"), Verdict(topic="lost", admitted=True, why="")),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.write_now(polls.sync_sources, SOURCES.values(), NOON)
    store.write_now(topics.sync_topics, {"sea": b"", "lost": b""}, NOON)
    tells(store, "sea", "Маяк горит", f"<p>{LAMP}</p>", at=NOON - 4 * HOUR)
    tells(store, "sea", "Маяк горит", f"<p>{LAMP.replace('двадцать', 'сорок')}</p>", at=NOON - 3 * HOUR, kind="changed")
    tells(store, "sea", EVIL, f"<p>{LAMP.replace('двадцать', 'сорок')}</p>", at=NOON - 2 * HOUR, kind="changed")
    tells(store, "hill", "Світло", "&lt;b&gt;над морем&lt;/b&gt;", at=NOON - 4 * HOUR, language="uk")
    tells(store, "gone", "Забытый", "Так", at=NOON - 4 * HOUR)
    tells(store, "gone", "Забытый снова", "Иначе", at=NOON - 2 * HOUR, kind="changed")
    yield store
    store.close()


@pytest.fixture
def stand(store):
    stand = Stand(store=store, sources={name: SOURCES[name] for name in NAMES[:2]}, topics={"sea": topic()})
    stand.sections = {"coast": Section(id="coast", title="Побережье")}
    return stand


@pytest.fixture
def server(stand):
    with serving(stand.app()) as server:
        yield server


def page(server, path):
    reply = ask(server, "GET", path)
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["x-robots-tag"] == "noindex"
    root = html.document_fromstring(reply.body.decode())
    assert root.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not root.xpath("//script | //img | //@onerror")
    return root


def texts(root, path):
    return [" ".join(node.text_content().split()) for node in root.xpath(path)]


def test_an_item_shows_who_told_it_when_and_where_it_is(server):
    root = page(server, f"/items/{SEA}")
    assert texts(root, "//h1") == [EVIL]
    facts, original = texts(root, "//p[@class='facts']")
    assert facts == "Sea · опубликовано 1 марта 2026, 07:00 UTC · замечено нами 1 марта 2026, 08:00 UTC"
    assert texts(root, "//p[@class='teaser']") == [LAMP.replace("двадцать", "сорок")]
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://sea.example/1"]
    assert original == "На сайте издания"
    assert texts(root, "//main//li") == [
        "Море & берег: matched",
        "Побережье: its source is of the <coast>",
        "1 марта 2026, 10:00 UTC",
        "1 марта 2026, 09:00 UTC",
        "1 марта 2026, 08:00 UTC",
    ]
    assert root.xpath("//main//a/@href") == ["/topics/sea", f"/items/{SEA}/diff"]


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_an_item_leads_to_its_story_where_another_outlet_tells_it_to_all(store, server, private):
    place = Membership(
        kind="story", story=SEA, item=HILL, of=SEA, method="alike", score=0.9, evidence="", rule=3
    )  # fmt: skip
    store.write_now(stories.place, [place], NOON)
    store.write_now(polls.sync_sources, [SOURCES["sea"], replace(SOURCES["hill"], private=private)], NOON)
    assert (f"/stories/{SEA}" in page(server, f"/items/{SEA}").xpath("//main//a/@href")) is not private


def test_of_a_source_that_lets_its_titles_be_shown_alone_there_is_no_word_more(stand, server):
    stand.sources["sea"] = replace(SOURCES["sea"], republish="link")
    bodies = [ask(server, "GET", path).body.decode() for path in (f"/items/{SEA}", f"/items/{SEA}/diff", EDITS)]
    assert all("Маяк горит" in body for body in bodies[1:])
    assert not [word for word in ("Смотритель", "двадцать", "сорок") if any(word in body for body in bodies)]


def test_a_page_shows_no_more_of_an_article_than_its_teaser(store, server):
    tells(store, "hill", "Світло", "слово " * 100, at=NOON - HOUR, kind="changed")
    [teaser] = texts(page(server, f"/items/{HILL}"), "//p[@class='teaser']")
    assert len(teaser) <= 300


def test_edits_are_shown_word_by_word_the_newest_first(server):
    root = page(server, f"/items/{SEA}/diff")
    assert texts(root, "//section/h2") == ["Изменено 1 марта 2026, 10:00 UTC", "Изменено 1 марта 2026, 09:00 UTC"]
    assert texts(root, "//section/p[@class='facts']") == [
        "прежняя версия: 1 марта 2026, 09:00 UTC",
        "прежняя версия: 1 марта 2026, 08:00 UTC",
    ]
    assert texts(root, "//section/h3") == ["Заголовок", "Текст"]
    assert texts(root, "//section/p[@lang]") == [
        f"удалено: Маяк горит добавлено: {EVIL}",
        "… и корабли снова видят его за удалено: двадцать добавлено: сорок миль от берега.",
    ]
    assert texts(root, "//del") == ["удалено: Маяк горит", "удалено: двадцать"]
    assert texts(root, "//ins") == [f"добавлено: {EVIL}", "добавлено: сорок"]
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://sea.example/1"]


def test_pages_speak_the_language_of_their_item(server):
    root = page(server, f"/items/{HILL}/diff")
    assert root.get("lang") == "uk"
    assert texts(root, "//main") == ["Відколи ми вперше побачили цю статтю, видання не змінювало її слів."]
    assert "Версії" in texts(page(server, f"/items/{HILL}"), "//h2")


def test_a_link_that_is_no_address_of_the_web_is_none(store, server):
    tells(store, "hill", "Світло", "", at=NOON - HOUR, kind="changed", link="javascript:alert(1)")
    for path in (f"/items/{HILL}", f"/items/{HILL}/diff"):
        assert "javascript" not in ask(server, "GET", path).body.decode()


def test_long_texts_are_compared_in_part_and_the_page_says_so(store, server):
    tells(store, "hill", "Світло", "слово " * 5001, at=NOON - HOUR, kind="changed", language="uk")
    assert "Порівнюються лише перші 5000 слів кожної версії." in texts(page(server, f"/items/{HILL}/diff"), "//p")


def test_the_feed_of_edits_tells_of_the_substantial_ones(server, corpus):
    reply = ask(server, "GET", EDITS)
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert reply.headers["access-control-allow-origin"] == "*"
    feed = etree.fromstring(reply.body)
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == [f"Изменено: {EVIL}"]
    [link] = feed.xpath("a:entry/a:link[@rel='alternate']/@href", namespaces=ATOM)
    assert link == f"https://feeds.example.org/items/{SEA}/diff"
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"https://feeds.example.org{EDITS}"]


def test_the_feed_of_edits_is_served_as_other_feeds_are(server):
    plain = ask(server, "GET", EDITS)
    zipped = ask(server, "GET", EDITS, accept_encoding="gzip")
    assert gzip.decompress(zipped.body) == plain.body
    assert not plain.headers["etag"].startswith("W/")
    assert ask(server, "GET", EDITS, if_none_match=plain.headers["etag"]).status == 304
    assert ask(server, "HEAD", EDITS).body == b""
    assert ask(server, "POST", EDITS).status == 405


def test_the_feed_of_edits_is_announced_on_the_index(server):
    root = html.document_fromstring(ask(server, "GET", "/").body.decode())
    assert f"https://feeds.example.org{EDITS}" in root.xpath("//link[@rel='alternate']/@href")


def test_edits_of_long_ago_stand_in_the_feed_no_more(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.write_now(polls.sync_sources, SOURCES.values(), NOON - 16 * DAY)
    tells(store, "sea", "Маяк горит", LAMP, at=NOON - 16 * DAY)
    for days, title in ((15, "Погас"), (13, "Снова горит")):
        tells(store, "sea", title, LAMP, at=NOON - days * DAY, kind="changed")
    with serving(Stand(store=store, sources=SOURCES).app()) as server:
        feed = etree.fromstring(ask(server, "GET", EDITS).body)
    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == ["Изменено: Снова горит"]
    store.close()


def test_a_source_that_is_not_configured_and_what_is_secret_are_shown_nowhere(server):
    for path in (f"/items/{GONE}", f"/items/{GONE}/diff"):
        assert ask(server, "GET", path).status == 404
    for path in (f"/items/{SEA}", f"/items/{SEA}/diff", EDITS):
        body = ask(server, "GET", path).body.decode()
        assert not [word for word in ("Забытый", "Gone", "gone.example", "s3cret", "lost") if word in body]


@pytest.mark.parametrize("why", ["private", "withdrawn"])
def test_what_is_private_or_withdrawn_is_shown_nowhere(why, store, stand, server):
    if why == "private":
        stand.sources["sea"] = replace(SOURCES["sea"], private=True)
    else:
        store.write_now(lambda conn: conn.execute(text("UPDATE item SET withdrawn = 'its publisher asked for it'")))
    for path in (f"/items/{SEA}", f"/items/{SEA}/diff"):
        assert ask(server, "GET", path).status == (404 if why == "private" else 410)
    assert b"<entry" not in ask(server, "GET", EDITS).body


def test_a_private_topic_is_not_named(stand, server):
    stand.topics["sea"] = topic(private=True)
    assert "/topics/sea" not in page(server, f"/items/{SEA}").xpath("//a/@href")


@pytest.mark.parametrize(
    "path",
    [
        "/items",
        "/items/",
        "/items/0123456789abcdef",
        "/items/0123456789abcdef/diff",
        f"/items/{SEA}/",
        f"/items/{SEA}/diff/",
        f"/items/{SEA}.atom",
        f"/items/{SEA.upper()}x",
        "/items/%2e%2e",
        "/feeds/_edits.rss",
        "/feeds/_other.atom",
        "/topics/_edits",
    ],
)
def test_what_is_no_item_has_no_page(server, path):
    assert ask(server, "GET", path).status == 404


def test_a_store_that_does_not_answer_is_told(store, server):
    store.write_now(lambda conn: conn.execute(text("ALTER TABLE item_revision RENAME TO lost")))
    for path in (f"/items/{SEA}", EDITS):
        assert ask(server, "GET", path).status == 503


def test_a_reason_quotes_nothing_of_a_source_whose_titles_alone_are_shown(store, stand):
    said = 'word "лампа" in title «Лампа» and word "маяк" in text «…заменил «лампу» маяка» (2 such words)'
    verdicts = (Verdict(topic="sea", admitted=True, why=said),)
    learns(store, "hill", Item(id="2", title="Лампа", sha256=b"2"), at=NOON - HOUR, verdicts=verdicts)
    with serving(stand.app()) as server:
        assert "заменил" in ask(server, "GET", f"/items/{key_of('hill', '2')}").body.decode()
    stand.sources["hill"] = replace(SOURCES["hill"], republish="link")
    with serving(stand.app()) as server:
        shown = html.fromstring(ask(server, "GET", f"/items/{key_of('hill', '2')}").body).text_content()
    assert 'word "лампа" in title «Лампа» and word "маяк" in text (2 such words)' in " ".join(shown.split())
    assert "заменил" not in shown
