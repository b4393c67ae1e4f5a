"""Pages without a feed, read by the selectors of their source."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import pytest
from parse_samples import NOON

from aggregator.errors import ParseError
from aggregator.model import Select

KYIV = ZoneInfo("Europe/Kyiv")
LIST = Select(item="li", title="a", published=".date")


def rows(*items: str) -> str:
    return "<html><title>Газета</title><ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul></html>"


@pytest.fixture
def listing(corpus):
    """The fragment of a real front page, and what is in it."""
    (page,) = (corpus / "html-listing").glob("*.html")
    expected = json.loads(page.with_name(page.stem + ".expected.json").read_text("utf-8"))
    return page.read_bytes(), expected


def local(item) -> str:
    return item.published.astimezone(KYIV).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("now", [datetime(2018, 3, 17, 12, 0, tzinfo=UTC), NOON], ids=["that day", "years later"])
def test_the_articles_of_a_real_page_are_exactly_the_expected_ones(listing, parse, now):
    page, expected = listing
    select = Select(
        item=".publications-item",
        title=".item-name",
        summary=".announce",
        published=".date",
        section=".publications-item-badage",
    )
    got = parse(page, zone="Europe/Kyiv", select=select, now=now)
    assert [
        {
            "section": item.categories[0].term,
            "path": item.link.removeprefix("https://feeds.example"),
            "published_local": local(item),
            "title": item.title,
        }
        for item in got.items
    ] == expected["articles"]
    assert all(item.summary.removesuffix("</span>").endswith("...") for item in got.items)
    assert got.flaws == ()


@pytest.mark.parametrize("now", [datetime(2018, 3, 17, 12, 0, tzinfo=UTC), NOON], ids=["that day", "years later"])
def test_the_news_of_a_real_page_have_the_days_of_their_headings(listing, parse, now):
    page, expected = listing
    select = Select(item=".important-news-item", title="a", published=".time", day=".title b")
    got = parse(page, zone="Europe/Kyiv", select=select, now=now)
    assert [
        {"path": item.link.removeprefix("https://feeds.example"), "published_local": local(item)} for item in got.items
    ] == expected["news"]
    assert got.flaws == ()


def test_the_block_of_the_seed_page_becomes_its_items(corpus, parse):
    (file,) = (corpus / "seed-page").glob("*.txt")
    block = file.read_text("utf-8").partition("\nСтатьи\n")[2].partition("\nВсе статьи")[0]
    lines = [line for line in block.split("\n") if line]
    items = [lines[n : n + 5] for n in range(0, len(lines), 5)]
    html = "".join(
        '<article><b class="badge">{}</b><i class="date">{}</i> <i class="time">{}</i>'
        "<h3>{}</h3><p>{}</p></article>".format(*map(escape, item))
        for item in items
    )
    select = Select(item="article", title="h3", summary="p", published=".date, .time", section=".badge")
    got = parse(f"<html><body>{html}</body></html>", zone="Europe/Kyiv", select=select, now=NOON)
    assert [(item.categories[0].term, local(item)) for item in got.items] == [
        ("Донбасс", "2026-03-01T17:44"),
        ("Страна", "2026-02-26T16:41"),
        ("Мир", "2026-02-25T11:21"),
    ]
    assert [item.title for item in got.items] == [title for _, _, _, title, _ in items]
    assert [item.link for item in got.items] == [None, None, None]
    assert len({item.id for item in got.items}) == 3
    assert {flaw.code for flaw in got.flaws} == {"item-without-id"}


def test_an_item_without_a_link_keeps_its_id_and_its_hash_while_its_date_is_told_anew(parse):
    def read(said: str, hours: int):
        page = rows(f'<a>Мост</a> <span class="date">{said}</span>')
        (item,) = parse(page, zone="Europe/Kyiv", select=LIST, now=NOON + timedelta(hours=hours)).items
        return item.id, item.sha256

    assert read("2 часа назад", 0) == read("3 часа назад", 1) == read("6 часов назад", 5)
    assert read("сегодня в 9:30", 0) == read("вчера в 9:30", 12) == read("22.11.2026 09:30", 48)
    assert read("9:30", 0) == read("9:30", 24)


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("windows-1251", '<meta charset="windows-1251">', "text/html"),
        ("windows-1251", "", "text/html; charset=windows-1251"),
        ("windows-1251", "", "text/html"),
        ("koi8-u", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-u">', ""),
        ("utf-8", '<meta charset="windows-1251">', ""),
        ("utf-16", "", ""),
    ],
)
def test_a_page_is_read_in_its_encoding(parse, charset, declared, header):
    item = "<li><a href='/1'>Їжак у селі під Краматорськом</a></li>"
    page = f"<html><head>{declared}</head><body><ul>{item}</ul></body></html>"
    got = parse(page.encode(charset), content_type=header, zone="Europe/Kyiv", select=Select(item="li", title="a"))
    assert got.items[0].title == "Їжак у селі під Краматорськом"


@pytest.mark.parametrize(
    ("select", "item", "link"),
    [
        ({"title": "a"}, '<a href="/1">T</a>', "https://feeds.example/1"),
        ({"title": "h2"}, '<h2><a href="/1">T</a></h2>', "https://feeds.example/1"),
        ({"title": "h2"}, '<a href="/1"><h2>T</h2></a>', "https://feeds.example/1"),
        ({"title": "h2"}, '<h2>T</h2><a href="/1">more</a>', None),
        ({"title": "h2", "link": "a"}, '<h2>T</h2><a href="/1">more</a>', "https://feeds.example/1"),
        (
            {"title": "h2", "link": "a@data-to"},
            '<h2>T</h2><a href="#" data-to="/2">more</a>',
            "https://feeds.example/2",
        ),
        ({"title": "a"}, '<a href="#">T</a>', None),
        ({"title": "a"}, '<a href="javascript:void(0)">T</a>', None),
        ({"title": "a"}, '<a href="//other.example/1">T</a>', "https://other.example/1"),
    ],
)
def test_the_link_is_where_its_selector_says_else_where_the_title_leads(parse, select, item, link):
    got = parse(rows(item), zone="UTC", select=Select(item="li", **select))
    assert [one.link for one in got.items] == [link]


def test_words_are_joined_where_a_reader_sees_no_gap_only(parse):
    page = rows("<a><b>К</b>раматорск<span>:</span>мост<br>открыт<!-- a --><script>x</script></a>")
    assert parse(page, zone="UTC", select=LIST).items[0].title == "Краматорск : мост открыт"


def test_nothing_dangerous_comes_out_of_a_page(parse):
    select = Select(item="li", title="a", summary="div")
    bad = '<img src=x onerror=alert(1)><svg><a xlink:href="javascript:x">'
    page = rows(f'<a href="/1">&lt;script&gt;x&lt;/script&gt;</a><div>T{bad}')
    (item,) = parse(page, zone="UTC", select=select).items
    assert item.title == "<script>x</script>"
    assert item.summary == 'T<img src="https://feeds.example/x">'


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000,
        "<div>" * 100_000 + "</p>" * 100_000,
        "<ul><li>" * 60_000,
        "<b>" * 20_000 + "<p>" * 2_000,
        "<table>" * 5_000,
        '<a href="' * 20_000,
        "<" * 300_000,
        "<!--" * 100_000,
        "&" * 500_000,
        "<li><a>" * 20_000,
        "\x00\x01<li>",
        "",
        "{}",
    ],
    ids=lambda page: f"{page[:8]!r}, {len(page)}",
)
def test_a_hostile_page_is_refused_or_read_and_soon(parse, page):
    try:
        parse(f"<p>{page}", zone="UTC", select=Select(item="li", title="a", link="a", day="p"))
    except ParseError as error:
        assert error.kind in {"empty-page", "empty"}  # noqa: PT017 - both ends are right


def test_xhtml_in_the_encoding_that_its_declaration_names_is_a_page(parse):
    page = (
        '<?xml version="1.0" encoding="windows-1251"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Газета</title>'
        '</head><body><UL><li><A HREF="/1">Новость &laquo;дня&raquo;</A></li></UL></body></html>'
    )
    got = parse(page.encode("cp1251"), zone="UTC", select=LIST)
    assert (got.feed.title, got.items[0].title, got.items[0].link) == (
        "Газета",
        "Новость «дня»",
        "https://feeds.example/1",
    )


def test_more_items_than_we_keep_are_told(parse):
    got = parse(rows(*(f'<a href="/{n}">T{n}</a>' for n in range(2100))), zone="UTC", select=LIST)
    assert len(got.items) == 2000
    assert {flaw.code for flaw in got.flaws} == {"item-too-many", "selector-finds-nothing"}


WALL = Select(item="li", id="@data-id", content=".text, .more", author=".who", image="img, .photo", credit=".from")


def test_what_a_page_says_of_an_item_beyond_a_title_is_read(parse):
    drawn = """<i class="photo" style="width:1px; background: red url( '/2.png' ) no-repeat"></i>"""
    page = rows(
        '<b class="who">О. Лис</b> <a class="who" href="/parus">Парус</a>'
        '<p class="text">Міст <i class="text">відкрито</i>.</p><p class="more">Рух <a href="/1">пустили</a>.</p>'
        f'<p class="more">Ще</p><img src="/1.jpg">{drawn}<i class="photo" style="background-image:url(x:y)"></i>'
        '<a class="from" href="//mayak.example/7">Маяк</a>'
    )
    (item,) = parse(page.replace("<li>", '<li data-id="p 7">'), zone="UTC", select=WALL).items
    assert (item.id, item.title, item.link) == ("p 7", "Міст відкрито", None)
    assert item.content == (
        "<p>Міст <i>відкрито</i>.</p>"
        '<p>Рух <a href="https://feeds.example/1" rel="noopener noreferrer">пустили</a>.</p><p>Ще</p>'
    )
    assert [(person.name, person.uri) for person in item.authors] == [
        ("О. Лис", None),
        ("Парус", "https://feeds.example/parus"),
    ]
    assert [(file.href, file.type) for file in item.enclosures] == [
        ("https://feeds.example/1.jpg", "image/jpeg"),
        ("https://feeds.example/2.png", "image/png"),
    ]
    assert item.extras == {"dc:source": "Маяк", "dcterms:source": "https://mayak.example/7"}


def test_items_with_ids_of_their_own_may_lead_to_one_place_and_a_repeated_id_is_one_item(parse):
    same = '<a href="/news">T</a>'
    page = "".join(f'<li data-id="{number}">{same}</li>' for number in (1, 2, 2))
    got = parse(f"<html><ul>{page}</ul></html>", zone="UTC", select=Select(item="li", id="@data-id", title="a"))
    assert [item.id for item in got.items] == ["1", "2"]
    assert [flaw.code for flaw in got.flaws] == ["item-repeated"]


def test_a_title_that_is_looked_for_is_not_made_of_the_text(parse):
    got = parse(
        rows("<b>T</b><p>Міст</p>", "<p>Міст</p>"), zone="UTC", select=Select(item="li", title="b", content="p")
    )
    assert [item.title for item in got.items] == ["T"]
    assert [flaw.code for flaw in got.flaws] == ["item-without-title", "item-without-id"]
