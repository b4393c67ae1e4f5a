"""Selectors proposed for pages: each proposal is held against the page by reading it."""

from __future__ import annotations

import time

import pytest
from parse_samples import NOON

from aggregator.parse.propose import proposals

TITLES = [
    "Новый мост через Торец открыли на месяц раньше срока",
    "В городе запустили ночной троллейбус до вокзала",
    "Библиотека собирает старые карты края",
    "Как прошла ярмарка мёда: репортаж с площади",
]
TEASER = "Подробности в репортаже нашего корреспондента, который провёл там целый день..."
MENU = "".join(f'<li><a href="/r/{n}">{word}</a></li>' for n, word in enumerate(["Новости", "Спорт", "О нас", "Архив"]))


def html(body: str) -> str:
    frame = (
        f"<nav><ul class='menu'>{MENU}</ul></nav>{{}}<footer><ul>{MENU}</ul><p>Все права сохранены 2026</p></footer>"
    )
    return f"<html lang='ru'><head><title>Газета</title></head><body>{frame.format(body)}</body></html>"


ARTICLES = html(
    '<div id="list">'
    + "".join(
        f'<div class="story {"story--main" if n == 0 else ""}"><a class="pic" href="/a/{n}"><img src="/{n}.jpg"></a>'
        f'<span class="story__badge">{badge}</span><span class="story__date">0{n + 1}.11.2026 17:44</span>'
        f'<a class="story__title" href="/a/{n}">{title}</a><p class="story__lead">{TEASER}</p></div>'
        for n, (title, badge) in enumerate(zip(TITLES, ["Город", "Город", "Край", "Город"], strict=True))
    )
    + '<div class="story"><img src="/ad.gif"></div></div>'
)
TABLE = html(
    '<table class="docs"><tbody><tr><th>Дата</th><th>Время</th><th>Документ</th></tr>'
    + "".join(
        f"<tr><td>{n + 1} ноября 2026</td><td>1{n}:30</td><td><a href='doc?id={n}'>{title}</a></td></tr>"
        for n, title in enumerate(TITLES)
    )
    + "</tbody></table>"
)
BLOG = html(
    "<main>"
    + "".join(
        f'<article><header><h2><a href="/2026/{n}">{title}</a></h2><time datetime="2026-11-0{n + 1}T17:44:00+02:00">'
        f'на днях</time> в рубрике <a rel="tag" class="cat" href="/c">{"Прогулки" if n else "Книги"}</a></header>'
        f'<div class="entry"><p>{TEASER}</p></div><a href="/2026/{n}#more">Читать дальше</a></article>'
        for n, title in enumerate(TITLES)
    )
    + "</main>"
)
TICKER = html(
    '<div class="ticker"><h4 class="day">Неділя, 22 листопада</h4>'
    + "".join(f'<p><em>{9 - n}:0{n}</em> <a href="/n/{n}">{title}</a></p>' for n, title in enumerate(TITLES[:2]))
    + '<h4 class="day">Субота, 21 листопада</h4>'
    + "".join(f'<p><em>{9 - n}:0{n}</em> <a href="/n/{n}">{title}</a></p>' for n, title in enumerate(TITLES) if n > 1)
    + "</div>"
)
BARE = html(
    '<div class="content"><ul>'
    + "".join(f"<li><a href='/{n}'>{t}</a></li>" for n, t in enumerate(TITLES))
    + "</ul></div>"
)


@pytest.mark.parametrize(
    ("page", "links", "published", "sections"),
    [
        pytest.param(
            ARTICLES, "/a/", [f"0{n}.11 15:44" for n in range(1, 5)], ["Город", "Город", "Край", "Город"], id="articles"
        ),
        pytest.param(TABLE, "/doc?id=", ["01.11 08:30", "02.11 09:30", "03.11 10:30", "04.11 11:30"], None, id="table"),
        pytest.param(
            BLOG,
            "/2026/",
            [f"0{n}.11 15:44" for n in range(1, 5)],
            ["Книги", "Прогулки", "Прогулки", "Прогулки"],
            id="blog",
        ),
        pytest.param(TICKER, "/n/", ["22.11 07:00", "22.11 06:01", "21.11 05:02", "21.11 04:03"], None, id="ticker"),
        pytest.param(BARE, "/", None, None, id="links alone"),
    ],
)
def test_what_is_proposed_reads_the_items_of_the_page(parse, page, links, published, sections):
    select = proposals(page, now=NOON)[0]
    got = parse(page, zone="Europe/Kyiv", select=select)
    assert [item.title for item in got.items] == TITLES
    assert [item.link for item in got.items] == [f"https://feeds.example{links}{n}" for n in range(4)]
    told = [item.published.strftime("%d.%m %H:%M") if item.published else None for item in got.items]
    assert told == (published or [None] * 4)
    assert [item.categories[0].term for item in got.items if item.categories] == (sections or [])
    teaser = {ARTICLES: TEASER, BLOG: TEASER}.get(page, "")
    assert [item.summary.removeprefix("<p>").removesuffix("</p>") for item in got.items] == [teaser] * 4


def test_both_lists_of_a_real_front_page_are_proposed_whole(corpus, parse):
    (file,) = (corpus / "html-listing").glob("*.html")
    text = file.read_text("utf-8")
    read = [parse(text, zone="Europe/Kyiv", select=select).items for select in proposals(text, now=NOON)]
    articles, news = sorted(read, key=len)
    assert [item.categories[0].term for item in articles] == ["Страна", "Луганск", "Донецк", "Страна"]
    assert all(item.summary and item.published and item.link for item in articles)
    assert [item.published.strftime("%d %H:%M") for item in news][:5] == [
        "17 11:44",
        "17 11:24",
        "17 08:38",
        "17 06:40",
        "16 21:45",
    ]
    assert len(news) == 6


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>Новости",
        html(""),
        html("<p>Только один материал: <a href='/1'>Новый мост через Торец открыли</a>"),
        html("".join(f"<div class='x'><a href='/'>{TITLES[0]}</a></div>" for _ in range(9))),
    ],
    ids=["nothing", "a word", "menus", "one article", "the same link nine times"],
)
def test_nothing_is_proposed_where_nothing_like_news_is_repeated(page):
    assert proposals(page, now=NOON) == ()


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000,
        "<div class='a b c d e f'>" * 20_000,
        "<ul><li>" * 60_000,
        "".join(f"<p class='c{n}'><a href=/{n}>{TITLES[0]} {n}</a></p>" * 3 for n in range(7_000)),
        "<div class=a>" + "<p><a href=/1>a long title of news here</a> 01.01.2026</p>" * 30_000,
        "<table><tr><td>" * 5_000,
        "<a href=/rss>" * 100_000,
    ],
    ids=lambda page: f"{page[:24]!r}, {len(page)}",
)
def test_a_hostile_page_is_looked_at_in_bounded_time(page):
    began = time.monotonic()
    proposals(page, now=NOON)
    assert time.monotonic() - began < 20
