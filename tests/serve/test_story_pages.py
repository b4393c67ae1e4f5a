"""Stories as pages and feeds: every member and why it is one."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from lxml import etree, html
from serve_making import NOON, Stand, ask, serving
from sqlalchemy import text

from aggregator.model import (
    Change,
    Curated,
    Due,
    Feed,
    Item,
    Membership,
    Pause,
    PollOutcome,
    PollState,
    Source,
    key_of,
)
from aggregator.store import Store, items, polls, withdrawal

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = ("sea", "field", "hill", "gone")
SOURCES = {name: Source(id=name, url=f"https://{name}.example/rss?token=s3cret", title=name.title()) for name in NAMES}
FIRST, FIELD, HILL, GONE = (key_of(name, "1") for name in NAMES)


def tells(store, source, title, *places, at, **more):
    """Have a source tell something, and let it join what `places` say."""
    facts = {"link": f"https://{source}.example/1", "summary": "<p>Лампа <b>горит</b>.</p>", "published": at} | more
    item = Item(id="1", title=title, sha256=title.encode(), language="ru", **facts)
    [claim] = store.write_now(
        polls.claim_due, limit=1, lease=HOUR, owner="test", now=at, pause=Pause(gap=timedelta(0)), only=[source],
        ignore_schedule=True,
    )  # fmt: skip
    change = Change(kind="new", key=key_of(source, "1"), item=item)
    outcome = PollOutcome(
        source=source, at=at, ended="changed", state=PollState(last_poll_at=at), due=Due(at=at, interval=HOUR, why=""),
        took=HOUR, status=200, changes=(change,), present=(change.key,), feed=Feed(link=f"https://{source}.example/"),
    )  # fmt: skip
    store.write_now(polls.commit, outcome, claim.fence, gap=timedelta(0))
    nothing = dict.fromkeys(("sections", "verdicts", "credits"), ())
    decided = Curated(key=change.key, language="ru", canonical_url=None, memberships=places, **nothing)
    store.write_now(items.commit_curated, [decided], seen={change.key: (item.sha256, False)}, now=at)


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
    assert texts(root, "//tbody/tr") == ["Маяк <горит> 3 3 2026-03-01 11:00 UTC"]
    assert root.xpath("//tbody//a/@href") == [f"/stories/{FIRST}"]


def test_before_anything_was_told_there_is_a_page(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    with serving(Stand(store=store).app()) as server:
        assert texts(page(server, "/stories"), "//main") == ["No two outlets told of the same yet."]
    store.close()


def test_a_story_shows_who_told_it_in_order_and_why_each_is_there(server):
    root = page(server, f"/stories/{FIRST}")
    assert texts(root, "//h1") == ["Маяк <горит>"]
    counts, who = texts(root, "//p[@class='facts']")
    assert counts == "articles: 3 · outlets: 3, independent: 2 · since 2026-03-01 11:00 UTC"
    assert who == (
        "told first by Sea: it cites nobody; before Field by when we saw it. "
        "3 outlets, 2 independent: Field, Hill (one owner); Sea."
    )
    assert texts(root, "//article") == [
        "Маяк <горит> 2026-03-01 11:00 UTC Sea the first",
        "Маяк светит 2026-03-01 11:20 UTC Field is like Sea (0.83, rule 3); both say: маяк, <лампа>",
        "Свет над морем 2026-03-01 11:30 UTC Hill is like an article that is not shown (0.70, rule 3); both say: свет",
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
    assert "told first by Field" in " ".join(texts(page(server, f"/stories/{FIRST}"), "//p[@class='facts']"))


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


def test_a_story_is_found_by_each_of_its_articles_and_says_where_it_stands(server):
    for key in (FIRST, FIELD, HILL):
        [address] = page(server, f"/stories/{key}").xpath("//link[@rel='canonical']/@href")
        assert address == f"https://feeds.example.org/stories/{FIRST}"


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
