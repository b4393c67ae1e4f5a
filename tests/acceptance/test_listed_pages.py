"""Pages without a feed and sitemaps: the real command, a real origin, and what readers get of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.config import load
from aggregator.lab.hub import Hub
from aggregator.lab.origin import Document, Origin

ALLOWED = ("--allow-private", "127.0.0.0/8")
KYIV = ZoneInfo("Europe/Kyiv")
SELECT = {"item": ".news li", "title": "a", "summary": "p", "published": ".date", "section": ".badge"}
SECTIONS = {"sections": {"donbas": {"title": "Донбасс"}, "world": {"title": "Мир"}}}
TOPICS = {"donbas": {"match": "section:donbas"}, "all": {"match": "age:<7d"}}
TITLES = ["Новый мост через Торец открыли раньше срока", "Саммит о зерне перенесли на весну", "Вокзал ждёт ремонта"]
PATIENCE_S = 30.0


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


def page(titles=TITLES, *, css="news", head="") -> Document:
    now = datetime.now(UTC).astimezone(KYIV)
    items = "".join(
        f"<li><b class=badge>{'Мир' if n == 1 else 'Донбасс'}</b>"
        f" <i class=date>{now - timedelta(minutes=10 + n):%d.%m.%Y %H:%M}</i>"
        f'<a href="/news/{n}">{title}</a><p>Подробности о том, что случилось сегодня утром...</p></li>'
        for n, title in enumerate(titles)
    )
    text = (
        f'<html lang="ru"><head><meta charset="windows-1251"><title>Газета</title>{head}</head>'
        f'<body><ul class="{css}">{items}</ul></body></html>'
    )
    return Document(body=text.encode("cp1251"), content_type="text/html")


def sitemap() -> Document:
    now = datetime.now(UTC).replace(microsecond=0)
    urls = "".join(
        f"<url><loc>https://one.example/news/{n}</loc><news:news><news:title>{title}</news:title>"
        f"<news:publication_date>{(now - timedelta(minutes=10)).isoformat()}</news:publication_date></news:news></url>"
        for n, title in enumerate(TITLES)
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return Document(body=f"<urlset {spaces}>{urls}</urlset>".encode(), content_type="application/xml")


def listed(url, **more):
    meaning = {"section": {"Донбасс": "donbas", "Мир": "world"}}
    return {"one": {"page": url, "zone": "Europe/Kyiv", "select": SELECT, "map": meaning, **more}}


def shown(place, topic: str) -> list[str]:
    return sorted(entry["title"] for entry in place.json("preview", topic)["shown"])


def test_a_page_becomes_entries_with_sections(place, origin):
    place.write(listed(origin.serve("/", page())), TOPICS, beside_topics=SECTIONS)
    told = place.json("poll", "--all")
    assert (told["polled"], told["new"]) == (1, 3)
    assert shown(place, "donbas") == sorted([TITLES[0], TITLES[2]])
    assert shown(place, "all") == sorted(TITLES)
    assert place.json("poll", "--all")["new"] == 0
    accepted = {request.header(b"accept").split(b",")[0] for request in origin.requests if request.target == b"/"}
    assert accepted == {b"text/html"}


def test_a_page_that_was_rebuilt_fails_with_the_way_out_and_keeps_its_items(place, origin):
    url = origin.serve("/", page())
    place.write(listed(url), TOPICS, beside_topics=SECTIONS)
    place.command("poll", "--all")
    origin.replace(url, page(css="feed"))
    ended = place.command("poll", "--all")
    assert ended.returncode == 1
    (row,) = place.json("status")
    assert row["kind"] == "empty-page"
    assert f"aggregator try {url}" in place.command("status", "one").stdout
    assert shown(place, "all") == sorted(TITLES)
    tried = place.command("try", url)
    assert tried.returncode == 0
    assert 'item: ".feed > li"' in tried.stdout


def test_a_wall_in_place_of_a_page_is_called_one(place, origin):
    url = origin.serve("/", page())
    place.write(listed(url), TOPICS, beside_topics=SECTIONS)
    place.command("poll", "--all")
    wall = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
    origin.replace(url, Document(body=wall, content_type="text/html"))
    place.command("poll", "--all")
    assert place.json("status")[0]["kind"] == "challenged"


def test_a_page_that_names_a_hub_is_pushed(place, origin):
    with Hub(origin, host="127.0.0.3") as hub:
        url = origin.url("/")
        head = f'<link rel="hub" href="{hub.url}"><link rel="self" href="{url}">'
        origin.serve("/", page(TITLES[:1], head=head))
        place.process = {"public_url": f"http://127.0.0.1:{place.port}", "websub": "on"}
        place.write(listed(url), TOPICS, beside_topics=SECTIONS)
        with place.start() as daemon:
            daemon.wait_for(lambda: hub.subscribers, "the subscription")
            assert hub.push(page(head=head).body) == [202]

            def titles():
                return {item["title"] for item in daemon.get("/feeds/all.json").json()["items"]}

            daemon.wait_for(lambda: titles() == set(TITLES), "the delivered entries", PATIENCE_S)
            assert daemon.stop() == 0


def test_a_sitemap_becomes_entries(place, origin):
    place.write({"one": {"sitemap": origin.serve("/sitemap.xml", sitemap())}}, TOPICS, beside_topics=SECTIONS)
    assert place.json("poll", "--all")["new"] == 3
    assert shown(place, "all") == sorted(TITLES)


@pytest.mark.parametrize(("path", "offer", "key"), [("/", page, "page"), ("/sitemap.xml", sitemap, "sitemap")])
def test_what_try_prints_for_it_is_a_source_that_works(place, origin, path, offer, key):
    url = origin.serve(path, offer())
    tried = place.command("try", url, *ALLOWED, "--as", "one")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert [request.target.decode() for request in origin.requests] == [path]
    yaml = tried.stdout[tried.stdout.index("sources:\n") :]
    assert f'    {key}: "{url}"' in yaml
    place.write({}, TOPICS, beside_topics=SECTIONS)
    (place.config / "sources.yaml").write_text(yaml, "utf-8")
    assert load(place.config, env={}).sources["one"].url == url
    assert place.json("poll", "--all")["new"] == 3
    assert shown(place, "all") == sorted(TITLES)


def test_a_page_that_names_a_feed_is_asked_for_it_and_nothing_is_proposed(place, origin):
    origin.serve("/sitemap.xml", sitemap())
    feed = b"<rss version='2.0'><channel><title>x</title><item><guid>1</guid><title>T</title></item></channel></rss>"
    origin.serve("/rss.xml", Document(body=feed, content_type="application/rss+xml"))
    url = origin.serve("/", page(head='<link rel="alternate" type="application/rss+xml" href="/rss.xml">'))
    tried = place.json("try", url, *ALLOWED)
    assert [one["select"] for one in tried["asked"]] == [None, None]
    assert [one["url"].rpartition("/")[2] for one in tried["sources"]] == ["rss.xml"]
