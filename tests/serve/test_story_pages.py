"""Stories as pages and feeds: every member and why it is one."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from lxml import etree, html
from serve_making import NOON, SITE, Stand, ask, learns, serving
from sqlalchemy import text

from aggregator.model import Item, Membership, Site, Source, key_of
from aggregator.store import Store, polls, withdrawal

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = ("sea", "field", "hill", "gone")
SOURCES = {name: Source(id=name, url=f"https://{name}.example/rss?token=s3cret", title=name.title()) for name in NAMES}
FIRST, FIELD, HILL, GONE = (key_of(name, "1") for name in NAMES)


def tells(store, source, title, *places, at, language="ru", held=None, **more):
    """Have a source tell something, and let it join what `places` say."""
    facts = {"link": f"https://{source}.example/1", "summary": "<p>Лампа <b>горит</b>.</p>", "published": at} | more
    item = Item(id="1", title=title, sha256=title.encode(), language=language, **facts)
    learns(store, source, item, at=at, language=language, memberships=places, held=held)


def place(item, of, method, score, evidence):
    return Membership(
        kind="story", story=FIRST, item=item, of=of, method=method, score=score, evidence=evidence, rule=3
    )


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.write_now(polls.sync_sources, SOURCES.values(), NOON)
    tells(store, "sea", "Маяк <горит>", place(FIRST, FIRST, "first", 1.0, ""), at=NOON - HOUR)
    tells(store, "gone", "Забытый", place(GONE, FIRST, "same-text", 0.97, "97% of 40 runs"), at=NOON - 50 * MINUTE)
    alike = place(FIELD, FIRST, "alike", 0.83, "маяк <лампа>")
    tells(store, "field", "Маяк светит", alike, at=NOON - 40 * MINUTE, link="javascript:alert(1)")
    tells(store, "hill", "Свет над морем", place(HILL, GONE, "alike", 0.7, "свет"), at=NOON - 30 * MINUTE)
    store.write_now(polls.sync_sources, [SOURCES[name] for name in NAMES[:3]], NOON)
    yield store
    store.close()


@pytest.fixture
def server(store):
    stand = Stand(store=store, sources={name: SOURCES[name] for name in NAMES[:3]})
    stand.owners = {"field": "the harbour", "hill": "the harbour"}
    with serving(stand.app()) as server:
        yield server


def page(server, path):
    reply = ask(server, "GET", path)
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return html.document_fromstring(reply.body)


def texts(root, path):
    return [" ".join(node.text_content().split()) for node in root.xpath(path)]


def test_the_biggest_stories_stand_on_one_page(server):
    root = page(server, "/stories")
    assert texts(root, "//tbody/tr") == ["Маяк <горит> 3 3 1 March 2026, 11:00 UTC"]
    assert root.xpath("//tbody//a/@href") == [f"/stories/{FIRST}"]


def test_they_stand_there_in_the_language_of_the_site(store):
    site = Site(public_url=SITE.public_url, language="ru")
    with serving(Stand(store=store, sources=SOURCES, site=site).app()) as server:
        root = page(server, "/stories")
    assert texts(root, "//thead//th") == ["история", "изданий", "статей", "начало"]
    assert texts(root, "//tbody/tr") == ["Маяк <горит> 3 3 1 марта 2026, 11:00 UTC"]


def test_before_anything_was_told_there_is_a_page(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    with serving(Stand(store=store).app()) as server:
        assert texts(page(server, "/stories"), "//main") == ["No two outlets told of the same yet."]
    store.close()


NOT_SHOWN = "статья, которой здесь нет"


def test_a_story_shows_who_told_it_in_order_and_why_each_is_there(server):
    root = page(server, f"/stories/{FIRST}")
    assert texts(root, "//h1") == ["Маяк <горит>"]
    counts, who = texts(root, "//p[@class='facts']")
    assert counts == "статей: 3 · начало 1 марта 2026, 11:00 UTC"
    assert who == (
        "первоисточник — Sea: ни на кого не ссылается; раньше, чем Field (по времени, когда мы увидели). "
        "изданий: 3, независимых: 2 — Field, Hill (один владелец); Sea."
    )
    assert texts(root, "//article") == [
        "Маяк <горит> 1 марта 2026, 11:00 UTC Sea первая",
        "Маяк светит 1 марта 2026, 11:20 UTC Field похоже: Sea (0.83, правило 3); общие слова: маяк, <лампа>",
        f"Свет над морем 1 марта 2026, 11:30 UTC Hill похоже: {NOT_SHOWN} (0.70, правило 3); общие слова: свет",
    ]
    assert root.xpath("//h3/a/@href") == ["https://sea.example/1", "https://hill.example/1"]  # no script is a link
    assert root.xpath("//p[@class='also']//a/@href") == [f"#{FIRST}"]
    assert root.xpath("//article/@id") == [FIRST, FIELD, HILL]


def test_what_is_withdrawn_is_shown_nowhere_and_tells_nothing(store, server):
    store.write_now(withdrawal.withdraw, [FIRST], "a person withdrew it", NOON)
    for path in ("/stories", f"/stories/{FIRST}", f"/stories/{FIRST}.atom"):
        body = ask(server, "GET", path).body.decode()
        assert "sea.example" not in body
        assert "Маяк <горит>" not in unescape(body)
        assert "Маяк светит" in body
    assert "первоисточник — Field" in " ".join(texts(page(server, f"/stories/{FIRST}"), "//p[@class='facts']"))


def test_a_source_that_is_not_configured_and_what_is_secret_are_shown_nowhere(server):
    for path in ("/stories", f"/stories/{FIRST}", f"/stories/{FIRST}.atom", f"/stories/{GONE}"):
        body = ask(server, "GET", path).body.decode()
        assert not [word for word in ("Забытый", "Gone", "gone.example", "s3cret") if word in body]


def test_a_story_is_a_feed(server, corpus):
    reply = ask(server, "GET", f"/stories/{FIRST}.atom")
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(reply.body)
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("a:entry/a:title/text()", namespaces=atom) == ["Свет над морем", "Маяк светит", "Маяк <горит>"]
    [address] = feed.xpath("a:link[@rel='self']/@href", namespaces=atom)
    assert address == f"https://feeds.example.org/stories/{FIRST}.atom"
    [told] = page(server, f"/stories/{FIRST}").xpath("//link[@type='application/atom+xml']/@href")
    assert told == address
    assert ask(server, "GET", f"/stories/{FIRST}.atom", if_none_match=reply.headers["etag"]).status == 304


@pytest.mark.parametrize("form", ["", ".atom"], ids=["page", "feed"])
@pytest.mark.parametrize("public_url", ["https://feeds.example.org", "https://example.org/feeds"], ids=["root", "path"])
def test_each_other_article_of_a_story_leads_to_the_one_address_where_it_stands(store, public_url, form):
    stand = Stand(store=store, sources=SOURCES, site=Site(public_url=public_url))
    with serving(stand.app()) as server:
        for key in (FIELD, HILL, GONE):
            reply = ask(server, "GET", f"/stories/{key}{form}", Host="elsewhere.example")
            root = public_url.removeprefix("https://").partition("/")[2]
            assert (reply.status, reply.headers["location"]) == (
                301,
                f"{'/' if root else ''}{root}/stories/{FIRST}{form}",
            )
            assert (reply.body, reply.headers["cache-control"]) == (b"", "no-cache")  # a story may be split again
        assert ask(server, "GET", f"/stories/{FIRST}{form}").status == 200


ALONE = key_of("alone", "1")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param(
            "en",
            [
                *("Stories", "articles: 1 · began 1 March 2026, 12:00 UTC"),
                *("told first by Alone: it cites nobody. 1 outlet, 1 independent: Alone.", "the first"),
            ],
            id="English",
        ),
        pytest.param(
            "uk-UA",
            [
                *("Історії", "статей: 1 · початок 1 березня 2026, 12:00 UTC"),
                *("першоджерело — Alone: ні на кого не посилається. видань: 1, незалежних: 1 — Alone.", "перша"),
            ],
            id="Ukrainian",
        ),
        pytest.param(
            None,
            [
                *("Истории", "статей: 1 · начало 1 марта 2026, 12:00 UTC"),
                *("первоисточник — Alone: ни на кого не ссылается. изданий: 1, независимых: 1 — Alone.", "первая"),
            ],
            id="unknown: the site's",
        ),
    ],
)
def test_an_article_that_nobody_else_tells_is_a_story_of_one_in_its_language(store, language, said):
    source = Source(id="alone", url="https://alone.example/rss", title="Alone")
    store.write_now(polls.sync_sources, [source], NOON)
    tells(store, "alone", "Корабель", at=NOON, language=language)
    stand = Stand(store=store, sources={"alone": source}, site=Site(public_url=SITE.public_url, language="ru"))
    with serving(stand.app()) as server:
        root = page(server, f"/stories/{ALONE}")
        assert texts(root, "//p[@class='brand'] | //p[@class='facts'] | //p[@class='also']") == said
        assert root.xpath("//html/@lang") == [(language or "ru")[:2]]
        assert texts(root, "//article/h3") == ["Корабель"]
        assert root.xpath("//link[@rel='canonical']/@href") == [f"{SITE.public_url}/stories/{ALONE}"]
        feed = etree.fromstring(ask(server, "GET", f"/stories/{ALONE}.atom").body)
        assert [one.text for one in feed.iterfind("{*}entry/{*}title")] == ["Корабель"]


def test_an_article_that_is_held_has_no_page(store):
    source = Source(id="alone", url="https://alone.example/rss", title="Alone")
    store.write_now(polls.sync_sources, [source], NOON)
    tells(store, "alone", "Корабель", at=NOON, held="flood")
    with serving(Stand(store=store, sources={"alone": source}).app()) as server:
        assert ask(server, "GET", f"/stories/{ALONE}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/stories/",
        "/stories/0123456789abcdef",
        "/stories/0123456789abcdef.atom",
        f"/stories/{FIRST}.rss",
        f"/stories/{FIRST}/x",
        f"/stories/{FIRST.upper()}x",
        "/stories/%2e%2e",
        "/stories/nothing",
    ],
)
def test_what_is_no_story_has_no_page(server, path):
    assert ask(server, "GET", path).status == 404


def test_a_story_of_which_no_source_is_left_has_no_page(store):
    with serving(Stand(store=store, sources={}).app()) as server:
        assert ask(server, "GET", f"/stories/{FIRST}").status == 404


def test_a_store_that_does_not_answer_is_told(store, server):
    store.write_now(lambda conn: conn.execute(text("ALTER TABLE story_item RENAME TO lost")))
    assert ask(server, "GET", "/stories").status == 503
