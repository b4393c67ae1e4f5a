"""The YAML that is suggested for a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.config import load
from aggregator.config.presets import BY_NAME
from aggregator.model import Access, Category, Feed, Fetched, Flaw, Hop, Item, Parsed, Select, Source
from aggregator.parse.discover import Candidate
from aggregator.trial import Asked, Trial, suggestions, toward, yaml


def feed(url: str, *, items=(), flaws=(), hops=(), **said) -> Asked:
    return Asked(
        candidate=Candidate(url=url, how="given"),
        source=Source(id="try", url=url),
        took=timedelta(0),
        fetched=Fetched(status=200, url=hops[-1].url if hops else url, body=b"", hops=hops),
        parsed=Parsed(feed=Feed(**said), items=items, flaws=flaws),
    )


def suggested(*feeds: Asked, name=None):
    return suggestions(Trial(asked=feeds), config=None, name=name, allow_private=())


def written(folder, text: str):
    (folder / "sources.yaml").write_text(text, "utf-8")
    (folder / "topics.yaml").write_text('topics: {all: {match: "age:<7d"}}', "utf-8")
    return load(folder, env={}).sources


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.gazette.example/rss.xml", "gazette"),
        ("https://rss.gazette.example/all", "gazette"),
        ("https://news.gazette.co.uk/feed", "gazette"),
        ("https://donetsk.gazette.com.ua/feed", "donetsk-gazette"),
        ("https://feed.example/", "feed"),
        ("https://112.example/", "112"),
        ("https://true.example/", "true"),
        ("http://localhost:8000/rss", "localhost"),
        ("http://10.0.0.1/rss", "oblast-daily"),
        ("http://[::1]/rss", "oblast-daily"),
        ("https://xn--80a1acny.xn--p1ai/rss", "xn-80a1acny"),
        (f"https://{'a' * 63}.{'b' * 63}.example/", f"{'a' * 63}"),
    ],
)
def test_an_id_comes_from_the_host_else_the_title_and_loads(tmp_path, url, name):
    (one,) = suggested(feed(url, title="Oblast Daily"))
    assert one.id == name
    assert written(tmp_path, yaml([one]))[name].url == url


def test_feeds_of_one_site_have_ids_of_their_own():
    paths = ("rss", "rss/sport.xml", "rss/sport.xml?page=2", "rss?x=3")
    assert [one.id for one in suggested(*(feed(f"https://gazette.example/{path}") for path in paths))] == [
        "gazette",
        "gazette-sport",
        "gazette-2",
        "gazette-3",
    ]


def test_the_same_address_is_suggested_once():
    moved = feed("https://gazette.example/a", hops=(Hop(status=301, url="https://gazette.example/b"),))
    assert [one.url for one in suggested(moved, feed("https://gazette.example/b"))] == ["https://gazette.example/b"]


def test_a_redirect_to_an_address_with_a_password_is_not_suggested():
    moved = feed("https://gazette.example/a", hops=(Hop(status=301, url="https://u:p@gazette.example/b"),))
    assert suggested(moved)[0].url == "https://gazette.example/a"


@pytest.mark.parametrize(
    ("told", "titles", "language"),
    [
        pytest.param("uk-UA", [], "uk", id="told"),
        pytest.param("ua", [], "uk", id="told wrongly"),
        pytest.param(None, ["Новый мост открыли в области, и это было давно"], "ru", id="seen"),
        pytest.param("en", ["Новий міст відкрили, і його вже бачили"], "uk", id="seen against what is told"),
        pytest.param(None, ["12345"], None, id="neither"),
    ],
)
def test_the_language_is_the_one_that_is_seen_else_told(told, titles, language):
    items = tuple(Item(id=title, title=title) for title in titles)
    assert suggested(feed("https://gazette.example/", items=items, language=told))[0].language == language


@pytest.mark.parametrize(
    ("url", "zone"),
    [
        ("https://gazette.com.ua/rss", "Europe/Kyiv"),
        ("https://gazette.ru/rss", "Europe/Moscow"),
        ("https://gazette.example/rss", None),
    ],
)
def test_a_zone_is_suggested_where_dates_carry_none_and_the_country_tells(tmp_path, url, zone):
    zoneless = (Flaw(code="date-without-zone", where="item 1"),)
    (one,) = suggested(feed(url, flaws=zoneless))
    assert one.zone == zone
    assert "its dates name none" in yaml([one])
    assert written(tmp_path, yaml([one]))[one.id].zone == zone
    assert suggested(feed(url))[0].zone is None


def test_a_title_of_any_kind_stays_a_title(tmp_path):
    title = '"Донбасс": новости # {все} \\ \x85 ${HOME}'
    (one,) = suggested(feed("https://gazette.example/${A}", title=title), name="own")
    source = written(tmp_path, yaml([one]))["own"]
    assert source.title == '"Донбасс": новости # {все} \\   $ {HOME}'
    assert source.url == "https://gazette.example/$%7BA}"


def test_secrets_go_to_their_own_origin_only():
    access = Access(via="tor", basic="user:word", headers=(("X-Key", "word"),), verify=False)
    source = Source(id="members", url="https://gazette.example/rss", access=access)
    assert toward(source, "https://gazette.example/other").access == access
    for other in ("http://gazette.example/rss", "https://gazette.example:8443/rss", "https://f.example/rss"):
        assert toward(source, other).access == Access(via="tor")


def listed(url: str, item: str, zone: str | None = None) -> Asked:
    one = feed(url, items=(Item(id="1", title="Мост", categories=(Category(term="Мир"),)),))
    select = Select(item=item, title='a[title="x"]', section=".badge")
    return replace(one, source=replace(one.source, select=select, zone=zone))


@pytest.mark.parametrize(
    ("url", "zone", "said"),
    [
        ("https://gazette.com.ua/", None, "zone: Europe/Kyiv  # a guess"),
        ("https://gazette.example/", None, "zone: UTC  # a guess"),
        ("https://gazette.example/", "Europe/Riga", "zone: Europe/Riga\n"),
    ],
)
def test_a_page_is_suggested_with_its_selectors_and_a_zone(tmp_path, url, zone, said):
    (one,) = suggested(listed(url, ".news > li", zone))
    assert said in yaml([one])
    source = written(tmp_path, yaml([one]))["gazette"]
    assert (source.url, source.select) == (url, Select(item=".news > li", title='a[title="x"]', section=".badge"))
    assert '# map: {section: {"Мир": ...}}' in yaml([one])


def test_two_lists_of_a_page_are_two_sources_and_the_same_list_is_one(tmp_path):
    url = "https://gazette.example/news"
    found = suggested(listed(url, ".a"), listed(url, ".b"), listed(url, ".a"))
    assert [(one.id, one.select.item) for one in found] == [("gazette", ".a"), ("gazette-2", ".b")]
    assert len(written(tmp_path, yaml(found))) == 2


def test_a_sitemap_is_suggested_as_one(tmp_path):
    one = feed("https://gazette.example/sitemap.xml")
    (found,) = suggested(replace(one, source=replace(one.source, sitemap=True)))
    assert written(tmp_path, yaml([found]))["gazette"].sitemap


@pytest.mark.parametrize(
    ("preset", "word", "title", "name"),
    [
        ("telegram", "ozero_news", "Озеро – Telegram", "ozero-news"),
        ("reddit", "r/ozero/new", "Озеро", "r-ozero-new"),
        ("github", "ozero/most", "Release notes from most", "ozero-most"),
        ("youtube", "UC" + "a" * 22, "Ozero TV", "ozero-tv"),
        ("youtube", "UC" + "a" * 22, "Озеро ТБ", "youtube"),
        ("mastodon", "ozero@social.example", "Озеро", "ozero-social-example"),
    ],
)
def test_a_place_that_has_a_preset_is_suggested_by_its_word(tmp_path, preset, word, title, name):
    named = BY_NAME[preset].read(word)
    asked = feed(named.url, title=title)
    (one,) = suggested(replace(asked, source=replace(asked.source, select=named.preset.select)))
    assert (one.id, one.select, one.zone) == (name, None, None)
    text = yaml([one])
    assert f'    {preset}: "{word}"\n' in text
    assert written(tmp_path, text)[name].url == named.url


def test_the_page_of_a_preset_under_other_selectors_is_a_page():
    url = BY_NAME["telegram"].read("ozero_news").url
    own = Select(item=".post", title="b")
    (one,) = suggested(replace(feed(url), source=Source(id="try", url=url, select=own)))
    assert (one.preset, one.select, one.url) == ("", own, url)
