"""What a person asks with a query, by the real process: search, preview --out, mute, plan, and the tests of topics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import feedparser
import pytest

from aggregator.lab.origin import Document, Origin

TITLES = ["Обстрел Краматорска", "Гороскоп на завтра", "Реклама: окна в Донецке", "Снег в Одессе"]
TOPICS = {
    "front": {
        "title": "Фронт",
        "match": "section:donbas~0.7 or rule:shelling",
        "not": "words:реклама",
        "tests": {"in": ["Обстрілами Краматорська"], "out": [{"title": "Вести", "text": "Реклама в Донецке"}]},
    },
    "all": {"title": "Всё", "match": "source:city"},
}
BESIDE = {
    "sections": {"donbas": {"title": "Донбасс", "words": ["Донецк", "Краматорск"]}},
    "rules": {"shelling": "words:(обстрел, обстріл)"},
}


def feed(titles):
    published = format_datetime(datetime.now(UTC) - timedelta(minutes=9))
    items = "".join(
        f"<item><guid>{n}</guid><link>https://vestnik.example/{n}</link><title>{title}</title>"
        f"<pubDate>{published}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    head = "<title>Вестник</title><language>ru</language>"
    return Document(body=f'<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode())


@pytest.fixture
def city(place):
    """Give a source, and a way to change the configuration of topics."""
    with Origin() as origin:
        url = origin.serve("/f.xml", feed(TITLES), host="127.0.0.9")
        place.tells = lambda titles: origin.replace(url, feed(titles))
        place.means = lambda topics, **beside: place.write({"city": {"url": url}}, topics, beside_topics=beside)
        place.means(TOPICS, **BESIDE)
        yield place


def titles_of(place, topic):
    return {one["title"] for one in place.json("preview", topic)["shown"]}


def test_a_query_finds_what_is_stored_and_says_why(city):
    assert city.command("poll").returncode == 0
    found = city.json("search", "words:Донецк")
    assert [(one["title"], one["why"]) for one in found["items"]] == [
        (TITLES[2], 'word "Донецк" in title «Реклама: окна в Донецке»')
    ]
    assert (found["looked_at"], found["query"]) == (1, "words:Донецк")  # the index knows who may match
    first = city.command("search", "section:donbas", "-n", "1").stdout
    assert first.endswith("1 item, of 2 that were read; there may be more: --limit.\n")
    wrong = city.command("search", "section:donbass")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        'column 9: no section is named "donbass". Did you mean "donbas"?\n',
    )


def test_a_running_daemon_is_searched_by_page_and_by_feed(city):
    with city.start() as daemon:
        daemon.wait_for(lambda: titles_of(city, "all"), "the first items")
        daemon.wait_for(lambda: city.json("search", "words:Донецк")["looked_at"] == 1, "the index")
        assert "index" not in city.command("status").stdout
        page, feed = (daemon.get(f"/search{form}?q=%D0%94%D0%BE%D0%BD%D0%B5%D1%86%D0%BA") for form in ("", ".atom"))
        assert "окна в <mark>Донецке</mark>" in page.text
        (entry,) = feedparser.parse(feed.content).entries
        assert entry.title == TITLES[2]
        assert entry.id in daemon.get("/feeds/all.atom").text
        assert daemon.get("/search?q=tilte:x").status_code == 400


def test_what_stayed_out_of_a_topic_is_told_by_the_part_of_its_query(city):
    assert city.command("poll").returncode == 0
    out = {one["because"]: [title for _, title in one["latest"]] for one in city.json("preview", "front", "--out")}
    assert out == {
        "match: none of these holds: section:donbas~0.7, rule:shelling": [TITLES[3], TITLES[1]],
        "not: words:реклама": [TITLES[2]],
    }
    told = city.command("preview", "front", "--out").stdout
    assert told.splitlines()[0] == "     2 match: none of these holds: section:donbas~0.7, rule:shelling"


def test_what_is_muted_enters_no_topic_until_it_is_over(city):
    with city.start() as daemon:
        daemon.wait_for(lambda: titles_of(city, "all"), "the first items")
        muted = city.command("mute", "words:(гороскоп, снег)", "--for", "7d")
        assert muted.stdout.startswith("Muted until "), muted.stderr
        city.tells([*TITLES, "Гороскопы на неделю", "Утро в порту"])
        assert city.command("poll", "city").returncode == 0
        daemon.wait_for(lambda: "Утро в порту" in titles_of(city, "all"), "news")
        assert titles_of(city, "all") == {*TITLES, "Утро в порту"}  # what is in a topic stays
        (listed,) = city.json("mute")
        assert (listed["match"], listed["from"], listed["kept_out"]) == ("words:гороскоп,снег", "by hand", 1)
        (why,) = city.json("why", "https://vestnik.example/4")
        assert [one["why"].rpartition("; ")[2] for one in why["not_in"] if one["topic"] == "all"] == [
            'kept out: muted by «words:гороскоп,снег»: word "гороскоп" in title «Гороскопы на неделю»'
        ]
        assert "1 item matched and stayed out: 1 muted." in city.command("preview", "all").stdout
        assert (
            city.command("mute", "words:(гороскоп, снег)", "--drop").stdout
            == "Not muted any more: words:гороскоп,снег\n"
        )
        city.tells([*TITLES, "Утро в порту", "Снег в порту"])
        assert city.command("poll", "city").returncode == 0
        daemon.wait_for(lambda: "Снег в порту" in titles_of(city, "all"), "what is muted no more")
    assert city.command("mute").stdout == "Nothing is muted.\n"


def test_a_mute_of_the_configuration_ends_with_its_day(city):
    over, lasting = {"match": "words:снег", "until": "2026-01-01"}, {"match": "words:гороскоп", "until": "2999-12-31"}
    city.means(TOPICS, **BESIDE, mute=[over, lasting])
    assert city.command("poll").returncode == 0
    assert titles_of(city, "all") == {TITLES[0], TITLES[2], TITLES[3]}
    told = city.command("mute").stdout
    assert [line.split()[0] for line in told.splitlines()] == ["until", "over", "3000-01-01"]


def test_a_plan_says_what_changed_rules_would_do(city):
    assert city.command("poll").returncode == 0
    as_before = city.command("plan").stdout
    assert as_before == "As before, of the 4 items that arrived last: front, all.\n"
    city.means({"front": TOPICS["front"] | {"match": "words:снег"}, "new": {"match": "lang:uk"}}, **BESIDE)
    plan = city.json("plan")
    assert plan["topics"] == {"added": ["new"], "removed": ["all"]}
    assert plan["changes"]["front"] == {
        "same": 0, "more": [TITLES[3]], "fewer": [[TITLES[0], "words:снег does not hold"]],
    }  # fmt: skip
    told = city.command("plan").stdout
    assert f"front: 0 match as before, 1 more, 1 no longer\n  + {TITLES[3]}\n  - {TITLES[0]}" in told


def test_check_asks_the_tests_of_topics(city):
    assert city.command("check").stdout == "Right: 1 source, 1 section, 2 topics, 2 tests.\n"
    tests = {"in": ["Снег в Одессе"], "out": ["Обстрел порта"]}
    city.means(TOPICS | {"front": TOPICS["front"] | {"tests": tests}}, **BESIDE)
    wrong = city.command("check")
    assert wrong.returncode == 2
    first, second, last = wrong.stderr.splitlines()
    reason = "none of these holds: section:donbas~0.7, rule:shelling."
    assert first.endswith(f"topics.front.tests: «Снег в Одессе» does not enter the topic: {reason}")
    assert "topics.front.tests: «Обстрел порта» enters the topic: rule shelling" in second
    assert last == "2 mistakes, nothing was started."
    assert city.command("poll").returncode == 0  # a test that fails keeps nobody from the news
