"""Searching, as everybody does it: the page, the feed, and what neither lets happen."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from html import unescape
from itertools import islice
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import feedparser
import pytest
from lxml import etree, html
from serve_making import AUTHORITY, NOON, SITE, Stand, ask, learns, serving, topic

from aggregator.config import Config
from aggregator.model import Item, Site, Source, key_of
from aggregator.pipeline import Bounds
from aggregator.pipeline.indexing import indexed
from aggregator.serve.search import AT_ONCE, LISTED, PAGES, WAITING
from aggregator.store import Store, polls, withdrawal, words

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SOURCES = {
    "sea": Source(id="sea", url="https://sea.example/rss?token=s3cret", title="Море"),
    "field": Source(id="field", url="https://field.example/rss", title="Поле", republish="link"),
    "hill": Source(id="hill", url="https://hill.example/rss", title="Холм", republish="teaser"),
    "home": Source(id="home", url="https://home.example/rss", title="Домашний", private=True, groups=("family",)),
    "gone": Source(id="gone", url="https://gone.example/rss", title="Ушедший"),
}
LONG = "<p>" + "Погода на берегу была тихой и ясной. " * 12 + "Потом зажгли маяк в порту. " + "Все спят. " * 9 + "</p>"
RULES = {"lights": "words:маяк", "inner": "rule:lights", "family": "words:секрет"}


def config(sources=SOURCES):
    topics = [topic(match="rule:inner"), topic("own", match="rule:family", private=True)]
    return Config(
        public_url=SITE.public_url,
        listen_host="",
        listen_port=0,
        database="",
        sources=sources,
        sections={},
        rules=RULES,
        topics={one.id: one for one in topics},
        files=(),
        root=Path(),
    )


def tells(store, source, name, title, text="", *, at=NOON - HOUR, language="ru", **more):
    facts = {"link": f"https://{source}.example/{name}", "summary": text, "published": at} | more
    learns(
        store, source, Item(id=name, title=title, sha256=f"{title}{text}".encode(), **facts), at=at, language=language
    )


def index_all(store):
    while some := store.read_now(words.unindexed, 100):
        store.write_now(words.index, indexed(some), NOON)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A file with what these sources tell, indexed."""
    path = tmp_path_factory.mktemp("searched") / "news.db"
    store = Store.open(f"sqlite:///{path}")
    store.write_now(polls.sync_sources, SOURCES.values(), NOON)
    tells(store, "sea", "1", "Маяк <горит> ночью", "<p>Лампа «маяка» & порт.</p>", at=NOON - 3 * HOUR)
    tells(store, "field", "1", "Маяком любуются", "Слова для подписчиков: селёдка.", at=NOON - 2 * HOUR)
    tells(store, "hill", "1", "Долгое чтение", LONG, at=NOON - HOUR, link="javascript:alert(1)")
    tells(store, "home", "1", "Домашний маяк", "Маяк и секрет семьи")
    tells(store, "gone", "1", "Ушедший маяк")
    store.write_now(polls.sync_sources, [one for one in SOURCES.values() if one.id != "gone"], NOON)
    index_all(store)
    store.close()
    return path


@pytest.fixture
def store(written, tmp_path):
    path = tmp_path / "news.db"
    shutil.copy(written, path)
    store = Store.open(f"sqlite:///{path}")
    yield store
    store.close()


def standing(store, **more):
    sources = {name: one for name, one in SOURCES.items() if name != "gone"}
    return Stand(store=store, config=config(sources), **more)


@pytest.fixture
def server(store):
    with serving(standing(store).app()) as server:
        yield server


def search(server, query, path="/search", **more):
    rest = "".join(f"&{name}={quote(str(value))}" for name, value in more.items())
    return ask(server, "GET", f"{path}?q={quote(query, safe='')}{rest}")


def page(reply, status=200):
    assert reply.status == status
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return html.document_fromstring(reply.body)


def texts(root, path):
    return [" ".join(node.text_content().split()) for node in root.xpath(path)]


def test_without_a_query_there_is_a_form(server):
    root = page(ask(server, "GET", "/search"))
    [form] = root.xpath("//form")
    assert (form.get("action"), form.get("method")) == ("/search", "get")
    assert root.xpath("//input/@name") == ["q"]


def test_the_page_shows_what_was_found_with_its_words_marked(server):
    root = page(search(server, "маяк"))
    assert texts(root, "//h3") == ["Долгое чтение", "Маяком любуются", "Маяк <горит> ночью"]
    assert texts(root, "//h3//mark") == ["Маяком", "Маяк"]
    assert root.xpath("//h3/a/@href") == ["https://field.example/1", "https://sea.example/1"]  # no script is a link
    assert texts(root, "//p[@class='teaser']//mark") == ["маяка"]
    assert texts(root, "//p[@class='meta']")[-1] == "1 March 2026, 09:00 UTC Море More about it"
    assert texts(root, "//p[@class='also']")[-1] == 'word "маяк" in title «Маяк <горит> ночью»'
    assert texts(root, "//main/p") == ["Found: 3."]
    assert root.xpath("//input/@value") == ["маяк"]


def test_a_page_leads_to_the_feed_of_its_query(server):
    [told] = page(search(server, "маяк title:горит")).xpath("//link[@type='application/atom+xml']/@href")
    assert told == f"{SITE.public_url}/search.atom?q={quote('words:маяк and title:горит', safe='')}"
    assert ask(server, "GET", told.removeprefix(SITE.public_url)).status == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("селёдка", "Маяком любуются", id="of a source that lets its titles be shown"),
        pytest.param("порту", "Долгое чтение", id="of a source that lets a teaser be shown"),
    ],
)
def test_by_words_that_must_not_be_shown_an_item_is_found_and_no_word_said(server, query, shown):
    root = page(search(server, query))
    assert texts(root, "//h3") == [shown]
    assert texts(root, "//p[@class='also']") == []
    body = search(server, query, "/search.atom").body.decode()
    for secret in ("подписчиков", "зажгли"):
        assert secret not in root.text_content()
        assert secret not in body


def test_a_feed_of_a_search_has_the_entries_that_topics_have(server, corpus):
    reply = search(server, "маяк", "/search.atom")
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=60"
    assert reply.headers["access-control-allow-origin"] == "*"
    feed = etree.fromstring(reply.body)
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)
    assert feed.xpath("a:entry/a:id/text()", namespaces=ATOM) == [
        AUTHORITY.entry_id(key_of(source, "1")) for source in ("hill", "field", "sea")
    ]
    assert feed.xpath("a:entry/a:source/a:title/text()", namespaces=ATOM) == ["Холм", "Поле", "Море"]
    assert feed.xpath("a:entry/a:author/a:name/text()", namespaces=ATOM) == ["Холм", "Поле", "Море"]
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [
        f"{SITE.public_url}/search.atom?q={quote('words:маяк', safe='')}"
    ]
    read = feedparser.parse(reply.body)
    assert (read.bozo, len(read.entries)) == (False, 3)
    assert read.entries[2].summary == "Лампа «маяка» &amp; порт."
    assert max(len(entry.get("summary", "")) for entry in read.entries) <= 310


def test_another_spelling_of_a_query_is_the_same_feed(server):
    ids = {
        etree.fromstring(search(server, query, "/search.atom").body).findtext("{*}id")
        for query in ("маяк", " words:маяк")
    }
    assert len(ids) == 1


def test_a_feed_that_the_reader_has_is_not_sent_again(server):
    path = f"/search.atom?q={quote('маяк')}"
    first = ask(server, "GET", path, accept_encoding="gzip")
    assert first.headers["content-encoding"] == "gzip"
    assert ask(server, "GET", path, accept_encoding="gzip", if_none_match=first.headers["etag"]).status == 304
    assert ask(server, "HEAD", path).body == b""


def test_nothing_found_is_a_page_and_a_feed(server, corpus):
    assert texts(page(search(server, "верблюд")), "//main/p") == ["Nothing was found."]
    feed = etree.fromstring(search(server, "верблюд", "/search.atom").body)
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)


@pytest.mark.parametrize("indexed_first", [True, False], ids=["indexed", "not indexed yet"])
@pytest.mark.parametrize("query", ["маяк", "секрет", "not верблюд", "title:/маяк/i", "text:секрет", "lang:ru"])
def test_nothing_private_withdrawn_or_configured_no_more_is_ever_found(store, query, indexed_first):
    tells(store, "home", "2", "Тихий секрет", "маяк")
    tells(store, "sea", "2", "Отозванный секрет", "маяк", at=NOON - MINUTE)
    store.write_now(withdrawal.withdraw, [key_of("sea", "2")], "a person withdrew it", NOON)
    if indexed_first:
        index_all(store)
    with serving(standing(store).app()) as server:
        for path in ("/search", "/search.atom"):
            reply = search(server, query, path)
            assert reply.status == 200
            body = unescape(reply.body.decode()).replace(query, "")
            for canary in ("Домашний", "семьи", "Тихий", "Отозванный", "Ушедший", "home.example", "s3cret"):
                assert canary not in body


@pytest.mark.parametrize("name", ["source:home", "source:gone", "group:family", "rule:family"])
def test_what_is_private_has_no_name_for_others(server, name):
    unknown = f"{name.partition(':')[0]}:{'q' * len(name.partition(':')[2])}"
    bodies = [search(server, one).body.decode().replace(one.partition(":")[2], "…") for one in (name, unknown)]
    assert "is named" in bodies[0]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("name", ["source:hom", "group:familie", "rule:famly"])
def test_nobody_is_told_what_private_name_was_meant(server, name):
    body = search(server, name).body.decode()
    assert not [secret for secret in ("home", "family") if secret in body]


def test_rules_of_public_topics_may_be_asked_for(server):
    assert len(page(search(server, "rule:inner")).xpath("//article")) == 3


@pytest.mark.parametrize(
    ("query", "said", "place"),
    [
        pytest.param("маяк tilte:горит", 'no field is named "tilte". Did you mean "title"?', "tilte:горит", id="field"),
        pytest.param("маяк (порт", "a closing parenthesis is missing", "…", id="the end"),
        pytest.param("title:/(/", "this regular expression cannot be used", "/(/", id="expression"),
        pytest.param("in:title", '"in:" stands behind the words that it limits', "in:title", id="no words"),
    ],
)
def test_a_query_that_cannot_be_read_is_told_with_its_place(server, query, said, place):
    root = page(search(server, query), 400)
    wrong, shown = root.xpath("//p[@class='wrong']")
    assert said in wrong.text_content()
    assert shown.text_content() == query + ("…" if place == "…" else "")
    assert texts(shown, ".//mark") == [place]
    assert page(search(server, query, "/search.atom"), 400).xpath("//p[@class='wrong']")


HOSTILE = [
    *("'", '"', '""', "%", "_", "\\", "\\\\'", "*", "a*", "-a", "+a", "^a", "NEAR(a b)", '"a" NEAR/3 "b"', "{a b}: c"),
    *("a AND", "OR", "NOT NOT", "'; DROP TABLE item; --", "1' OR '1'='1", "a' | !'b", "'a':*", "a <-> b", "((((", "))"),
    *(
        "\x00",
        "\x01\x02",
        "\ud7ff\ufffe",
        "<script>alert(1)</script>",
        '" onfocus="alert(1)',
        "{{7*7}}",
        "🙂",
        "\u202eevil",
    ),
    *("/(a+)+$/", "title:/(a+)+$/", "title:/a{1000}{1000}/", "words:" + "(" * 90, "not " * 100, "a " * 240, "а," * 240),
    *("Мариуполь " * 48, "]]>", "&lt;", "\n\n", "%00", "%D0"),
]


@pytest.mark.parametrize("path", ["/search", "/search.atom"])
def test_no_query_is_a_fault_of_ours(server, path):
    for query in HOSTILE:
        encoded = quote(query.encode("utf-8", "surrogatepass"), safe="")
        reply = ask(server, "GET", f"{path}?q={encoded}")
        assert reply.status in (200, 400), query
        if reply.headers["content-type"].startswith("text/html"):
            assert b"<script>alert" not in reply.body
            assert not html.document_fromstring(reply.body).xpath("//@onfocus")
        else:
            etree.fromstring(reply.body)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param("q=" + "a" * 501, 400, id="more than a query has"),
        pytest.param("q=" + "a" * 5_000, 414, id="more than an address has"),
        pytest.param("q=" + "a+" * 31, 400, id="more words than a query has"),
        pytest.param("q=a&page=1000000000000", 400, id="page 10^12"),
        pytest.param(f"q=a&page={PAGES + 1}", 400, id="a page too far"),
        pytest.param("q=a&page=-1", 400, id="a page before the first"),
        pytest.param("q=a&page=0", 400, id="page 0"),
        pytest.param("q=a&page=1e9", 400, id="no number"),
        pytest.param("q=a&page=", 200, id="no page at all"),
        pytest.param("q=a&page=٣", 400, id="a digit of another script"),
        pytest.param("q=a&limit=-5", 200, id="a limit, which there is none"),
        pytest.param("&".join(["q=a"] * 900), 200, id="the same a thousand times"),
        pytest.param("&" * 3_000, 200, id="nothing, often"),
        pytest.param("q=%ff%fe", 400, id="no UTF-8"),
    ],
)
def test_absurd_requests_are_answered_at_once(server, asked, status):
    search(server, "маяк")  # what is loaded late is loaded
    began = monotonic()
    reply = ask(server, "GET", f"/search?{quote(asked, safe='=&%-+')}")
    took = monotonic() - began
    assert reply.status == status
    assert took < 1  # 50 ms (content.md A53), on a machine that does other things as well


def test_a_feed_without_a_query_is_refused(server):
    assert ask(server, "GET", "/search.atom").status == 400


def test_this_page_alone_may_send_its_form_and_runs_nothing(server):
    reply = search(server, "маяк")
    policy = reply.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert reply.headers["x-robots-tag"] == "noindex"
    assert "form-action 'none'" in ask(server, "GET", "/stories").headers["content-security-policy"]


def test_results_go_on_over_pages(store):
    for n in range(LISTED + 3):
        tells(store, "sea", f"more-{n}", f"Порт {n}", at=NOON - timedelta(seconds=100 - n))
    with serving(standing(store).app()) as server:
        first, second = (page(search(server, "порт in:title", page=n)) for n in (1, 2))
        assert len(first.xpath("//article")) == LISTED
        assert texts(first, "//main/p") == [f"The newest {LISTED} are shown."]
        assert first.xpath("//a[@rel='next']/@href") == [f"/search?q={quote('порт in:title')}&page=2"]
        assert texts(second, "//h3") == ["Порт 2", "Порт 1", "Порт 0"]
        assert texts(second, "//main/p") == [f"Found: {LISTED + 3}."]
        assert (second.xpath("//a[@rel='prev']"), second.xpath("//a[@rel='next']")) != ([], [])


def test_the_page_speaks_the_language_of_its_site(store):
    site = Site(public_url="https://example.org/feeds", language="ru")
    with serving(standing(store, site=site).app()) as server:
        root = page(search(server, "маяк"))
    assert texts(root, "//h1") == ["Поиск"]
    assert texts(root, "//main/p") == ["Найдено: 3."]
    assert root.xpath("//form/@action") == ["/feeds/search"]


def test_a_flood_of_searches_is_told_to_come_again_and_everything_else_goes_on(store):
    stand = standing(store)
    go, begun = threading.Event(), threading.Semaphore(0)

    def clock():
        begun.release()
        go.wait(30)
        return NOON

    stand.searched_at = clock
    with serving(stand.app()) as server, ThreadPoolExecutor(40) as many:
        asked = [many.submit(search, server, f"порт {n}") for n in range(40)]
        refused = [one.result() for one in islice(as_completed(asked), 40 - AT_ONCE - WAITING)]
        assert ask(server, "GET", "/stories").status == 200
        assert begun.acquire(timeout=10)
        go.set()
        answered = [one.result().status for one in asked]
    assert {reply.status for reply in refused} == {503}
    assert answered.count(200) == AT_ONCE + WAITING
    assert refused[0].headers["retry-after"] == "10"
    assert "Too many searches" in refused[0].body.decode()


def test_a_search_that_was_cut_short_says_so(store):
    with serving(standing(store, bounds=Bounds(items=2, seconds=60)).app()) as server:
        root = page(search(server, "not верблюд"))
    [said] = texts(root, "//main/p")
    assert said.startswith("Found: 2. Only the newest 2 articles that may match were read, so older ones may be")
    assert len(root.xpath("//article")) == 2


def test_a_reload_shows_at_once(store):
    stand = standing(store)
    with serving(stand.app()) as server:
        assert len(page(search(server, "маяк")).xpath("//article")) == 3
        stand.config = config({"sea": SOURCES["sea"]})
        assert len(page(search(server, "маяк")).xpath("//article")) == 1
