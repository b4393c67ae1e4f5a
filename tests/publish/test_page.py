"""The readable page of a topic: parsed as a browser would, then looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import html
from publish_making import delivery, face

from aggregator.model import Category, Enclosure, Origin, Outlet, Person, Site, Topic
from aggregator.publish import page
from aggregator.publish.rights import Rights
from aggregator.publish.wording import wording_for

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = Site(public_url="https://feeds.example.org", title="Газетный киоск")
TOPIC = Topic(id="sea", title="Море & берег", match="section:sea", language="ru", description="Порты и маяки")
SECTIONS = "tag:feeds.example.org,2026-01-02:sections"
ORIGIN = Origin(source="mayak", title="Маяк", url="https://mayak.example/rss", home="https://mayak.example/")


def entry(number=1, *, outlets=(), **fields):
    given = {
        "title": f"Паром номер {number} снова ходит",
        "published": NOON - timedelta(hours=number),
        "authors": (),
        "categories": (),
        "summary": "",
        "origin": ORIGIN,
    }
    return delivery(number, face=face(number, **(given | fields)), outlets=outlets)


def outlet(name="Портовый вестник", link="https://port.example/1"):
    return Outlet(key="0" * 16, source="port", outlet=name, title="Паром", link=link, published=NOON)


def rendered(*entries, topic=TOPIC, site=SITE):
    return page.render(topic, entries, site=site, rights=Rights(topic=topic, sources={}), updated=NOON)


def parsed(*entries, **given):
    return html.document_fromstring(rendered(*entries, **given).decode())


def texts(root, path):
    return [" ".join(node.text_content().split()) for node in root.xpath(path)]


def test_a_page_tells_what_it_is_and_how_to_subscribe():
    root = parsed(entry())
    feeds = [f"https://feeds.example.org/feeds/sea.{kind}" for kind in ("atom", "rss", "json")]
    assert texts(root, "//title") == ["Море & берег · Газетный киоск"]
    assert texts(root, "//h1") == ["Море & берег"]
    assert texts(root, "//header/p[@class='lead']") == ["Порты и маяки"]
    assert texts(root, "//header/p[@class='facts']") == ["1 запись · обновлено 1 марта 2026, 12:00 UTC"]
    assert root.xpath("//nav[@class='subscribe']//a/@href") == feeds
    assert root.xpath("//link[@rel='alternate']/@href") == feeds
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://feeds.example.org/topics/sea"]
    assert root.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_an_entry_leads_to_its_publisher_and_names_outlet_time_and_authors():
    root = parsed(entry(authors=(Person(name="Анна Волкова"), Person(name="Маяк"), Person(name="Анна Волкова"))))
    assert texts(root, "//h3") == ["Паром номер 1 снова ходит"]
    assert root.xpath("//h3/a/@href") == ["https://mayak.example/1"]
    assert root.xpath("//article//time/@datetime") == ["2026-03-01T11:00:00+00:00"]
    assert texts(root, "//p[@class='meta']") == ["11:00 Маяк Анна Волкова"]
    assert root.xpath("//a[@class='outlet']/@href") == ["https://mayak.example/"]


def test_entries_stand_newest_first_whatever_order_they_come_in():
    entries = [entry(number) for number in (3, 1, 2)]
    assert texts(parsed(*entries), "//h3") == [f"Паром номер {number} снова ходит" for number in (1, 2, 3)]
    assert rendered(*entries) == rendered(*reversed(entries))


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        pytest.param("ru", ["Воскресенье, 1 марта 2026", "Суббота, 28 февраля 2026"], id="Russian"),
        pytest.param("ru-RU", ["Воскресенье, 1 марта 2026", "Суббота, 28 февраля 2026"], id="Russian of Russia"),
        pytest.param("uk", ["Неділя, 1 березня 2026", "Субота, 28 лютого 2026"], id="Ukrainian"),
        pytest.param("en", ["Sunday, 1 March 2026", "Saturday, 28 February 2026"], id="English"),
        pytest.param("de", ["Sunday, 1 March 2026", "Saturday, 28 February 2026"], id="not spoken here"),
        pytest.param(None, ["Sunday, 1 March 2026", "Saturday, 28 February 2026"], id="not said: the site's"),
    ],
)
def test_days_have_headings_in_the_language_of_the_topic(language, headings):
    root = parsed(entry(1), entry(12), entry(13), topic=replace(TOPIC, language=language))
    assert texts(root, "//h2") == headings
    assert root.xpath("//h2/time/@datetime") == ["2026-03-01", "2026-02-28"]
    assert root.xpath("/html/@lang") == [wording_for(language).code]


def test_a_day_is_counted_in_utc():
    late = datetime(2026, 3, 2, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    assert texts(parsed(entry(published=late)), "//h2") == ["Воскресенье, 1 марта 2026"]


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        *(("ru", n, f"{n} {w}") for n, w in [(0, "записей"), (1, "запись"), (2, "записи"), (5, "записей")]),
        *(("ru", n, f"{n} {w}") for n, w in [(11, "записей"), (12, "записей"), (21, "запись"), (104, "записи")]),
        *(("ru", n, f"{n} {w}") for n, w in [(111, "записей"), (114, "записей"), (122, "записи")]),
        *(("uk", n, f"{n} {w}") for n, w in [(0, "записів"), (1, "запис"), (3, "записи"), (11, "записів")]),
        *(("en", n, f"{n} {w}") for n, w in [(0, "entries"), (1, "entry"), (21, "entries")]),
    ],
)
def test_a_count_takes_the_form_that_its_number_asks_for(language, number, said):
    assert wording_for(language).count(number) == said


def test_an_empty_topic_is_a_whole_page():
    root = parsed()
    assert texts(root, "//p[@class='empty']")
    assert texts(root, "//p[@class='facts']") == ["0 записей · обновлено 1 марта 2026, 12:00 UTC"]
    assert not root.xpath("//article")


@pytest.mark.parametrize(
    ("fields", "teaser"),
    [
        pytest.param(
            {"summary": "<p>Рейс в 6:15.</p><p>Ветер <b>сл</b>абый.</p>"}, "Рейс в 6:15. Ветер слабый.", id="html"
        ),
        pytest.param({"summary": "Чай &amp; кофе &lt;3"}, "Чай & кофе <3", id="entities once"),
        pytest.param({"content": "<p>Только полный текст</p>"}, "Только полный текст", id="from the content"),
        pytest.param({"summary": "Паром номер 1 снова ходит"}, None, id="not the title again"),
        pytest.param({}, None, id="none"),
        pytest.param({"summary": '<img src="https://a.example/i.png" alt="фото">'}, None, id="a picture is no text"),
    ],
)
def test_a_teaser_is_plain_text(fields, teaser):
    assert texts(parsed(entry(**fields)), "//p[@class='teaser']") == ([teaser] if teaser else [])


def test_a_long_text_is_cut_between_words():
    (teaser,) = texts(parsed(entry(summary="<p>" + "волна " * 200 + "</p>")), "//p[@class='teaser']")
    assert teaser.endswith("волна…")
    assert 200 < len(teaser) <= 240


def test_other_outlets_are_listed_with_their_links():
    told = (outlet(), outlet("Гавань", None), outlet("Бриз", "https://briz.example/"))
    root = parsed(delivery(outlets=told, listed=2))
    said = "Также в изданиях: Портовый вестник 12:00, Гавань 12:00 · Вся история"  # grows by steps (R5)
    assert texts(root, "//p[@class='also']") == [said]
    assert root.xpath("//p[@class='also']//a/@href")[:-1] == ["https://port.example/1"]


def test_outlets_say_the_day_where_it_is_another_and_lead_to_the_page_of_their_story():
    told = delivery(
        story="0123456789abcdef", outlets=(replace(outlet(), published=NOON + timedelta(days=1)), outlet("Гавань"))
    )
    site = replace(SITE, public_url="https://feeds.example.org/news")
    root = parsed(told, site=site)
    said = "Также в изданиях: Портовый вестник 2 марта 2026, 12:00, Гавань 12:00 · Вся история"
    assert texts(root, "//p[@class='also']") == [said]
    assert root.xpath("//p[@class='also']/a[last()]/@href") == ["/news/stories/0000000000000001"]


def test_our_sections_come_before_the_publishers_words_and_none_twice():
    tags = [Category(term=term) for term in ("шторм", "Шторм", "Побережье", *map(str, range(20)))]
    ours = Category(term="coast", scheme=SECTIONS, label="Побережье")
    root = parsed(entry(categories=(*tags, ours)))
    assert texts(root, "//li[@class='section']") == ["Побережье"]
    assert texts(root, "//ul[@class='labels']/li")[:3] == ["Побережье", "шторм", "0"]
    assert len(root.xpath("//ul[@class='labels']/li")) <= 7


@pytest.mark.parametrize(
    ("language", "file", "label"),
    [
        pytest.param("ru", ("audio/mpeg", 12_480_000), "Аудио, 12,5 МБ", id="audio"),
        pytest.param("uk", ("video/mp4", None), "Відео", id="no length"),
        pytest.param("en", ("", 1), "File", id="no type, no real length"),
        pytest.param("en", ("image/png", 99_000), "Image, 0.1 MB", id="image"),
    ],
)
def test_files_are_links_that_say_kind_and_size(language, file, label):
    enclosure = Enclosure(href="https://a.example/1", type=file[0], length_bytes=file[1])
    root = parsed(entry(enclosures=(enclosure,)), topic=replace(TOPIC, language=language))
    assert texts(root, "//ul[@class='files']/li") == [label]
    assert root.xpath("//ul[@class='files']//a/@href") == ["https://a.example/1"]


@pytest.mark.parametrize(
    ("topic", "item", "lang"),
    [
        ("ru", "uk", "uk"),
        ("ru", "ru", "ru"),
        ("ru", "ru-UA", "ru"),
        ("ru", None, "ru"),
        (None, "ru", "ru"),
        ("de", None, "de"),
        ("ru", "en", "en"),
    ],
)
def test_an_entry_says_its_language_or_else_the_topics(topic, item, lang):
    root = parsed(entry(language=item), topic=replace(TOPIC, language=topic))
    assert root.xpath("//article/ancestor-or-self::*[@lang][1]/@lang") == [lang]
    assert root.xpath("//h1/@lang") == [topic or SITE.language]


EVIL = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "<svg/onload=alert(1)>",
    "</p></article></main><iframe src=https://evil.example>",
    "<style>*{display:none}</style>",
    "<!--",
    "]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }}{% raw %}",
    "<base href=//evil.example><form action=//evil.example><input>",
    "<math><mtext></p><style><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u202e<script>\u2028alert(1)//",
]


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_that_a_publisher_writes_becomes_markup(evil):
    person, category = Person(name=evil, uri=evil, email=evil), Category(term=evil, scheme=evil, label=evil)
    attacked = entry(
        title=evil,
        link=evil,
        summary=evil,
        content=evil,
        authors=(person,),
        categories=(category, Category(term=evil, scheme=SECTIONS)),
        enclosures=(Enclosure(href=evil, type=evil), Enclosure(href="https://a.example/" + evil, type=evil)),
        language=evil,
        comments=evil,
        origin=Origin(source=evil, title=evil, url=evil, home=evil),
        outlets=(outlet(evil, evil), outlet(evil, "https://a.example/" + evil)),
    )
    peaceful, root = parsed(entry()), parsed(attacked, topic=replace(TOPIC, title=evil, description=evil))
    known = {node.tag for node in peaceful.iter()} | {"p", "ul", "li", "span"}
    assert {node.tag for node in root.iter()} <= known
    assert not [name for node in root.iter() for name in node.attrib if name.startswith("on") or name == "style"]
    assert all(href.startswith(("https://", "/", "#")) for href in root.xpath("//@href"))
    assert not root.xpath("//@src | //@srcset | //@action")
    assert texts(root, "//h1") == [" ".join(evil.split())]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example/", "/etc/passwd",
     "\x01javascript:alert(1)", "java\tscript:alert(1)", "file:///etc/passwd", "http:", "https:///x", "ftp://a/b", ""],
)  # fmt: skip
def test_only_addresses_of_the_web_become_links(address):
    origin = replace(ORIGIN, home=address)
    root = parsed(
        entry(link=address, origin=origin, outlets=(outlet(link=address),), enclosures=(Enclosure(href=address),))
    )
    assert not root.xpath("//article//a[not(starts-with(@href, '/stories/'))]")
    assert texts(root, "//h3") == ["Паром номер 1 снова ходит"]


def test_a_link_out_takes_no_referrer_along():
    root = parsed(entry(outlets=(outlet(),), enclosures=(Enclosure(href="https://a.example/1"),)))
    assert set(root.xpath("//article//a/@rel")) == {"noreferrer"}
    assert root.xpath("//meta[@name='referrer']/@content") == ["no-referrer"]


def test_half_a_surrogate_costs_one_letter_and_not_the_page():
    root = parsed(entry(1, title="Па\ud800ром"), entry(2))
    assert texts(root, "//h3") == ["Па?ром", "Паром номер 2 снова ходит"]


def test_a_keyboard_and_a_screen_reader_find_their_way():
    root = parsed(entry(1), entry(13))
    assert root.xpath("//body/*[1][self::a]/@href") == ["#main"]
    assert [node.tag for node in root.xpath("//body/*")] == ["a", "header", "main", "footer"]
    assert root.xpath("//main/@id") == ["main"]
    assert all(root.xpath("//nav/@aria-label | //main/@aria-label"))
    assert [node.tag for node in root.iter("h1", "h2", "h3")] == ["h1", "h2", "h3", "h2", "h3"]
    assert root.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]


def test_links_of_our_own_carry_the_path_of_the_public_address_and_no_host():
    root = parsed(site=replace(SITE, public_url="https://example.org/news"))
    assert root.xpath("//link[@rel='stylesheet']/@href")[0].startswith("/news/static/style.css?v=")
    assert set(root.xpath("//body//a[not(ancestor::nav)]/@href")) == {"#main", "/news/", "/news/search"}


def test_the_same_topic_has_the_same_bytes():
    entries = [entry(number, summary="<p>Ветер</p>", outlets=(outlet(),)) for number in range(1, 20)]
    assert rendered(*entries) == rendered(*entries)


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _colours(style):
    return dict(
        line.strip(" ;").removeprefix("--").split(": ") for line in style.splitlines() if line.strip().startswith("--")
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link"])
@pytest.mark.parametrize("paper", ["paper", "raised", "mark"])
def test_every_text_stands_out_from_its_ground(scheme, ink, paper):
    """WCAG 2.2, 1.4.3 (AA): a contrast of 4.5 to 1."""
    light, dark = page.static_files()["style.css"].decode().split("@media (prefers-color-scheme: dark)")
    colours = _colours(light if scheme == "light" else dark)
    one, other = sorted(_luminance(colours[name]) for name in (ink, paper))
    assert (other + 0.05) / (one + 0.05) >= 4.5


SECTION_TITLES = {"ferry": "Переправы", "coast": "Побережье", "port": "Порты"}


def in_sections(*ids):
    return tuple(Category(term=id_, scheme=SECTIONS, label=SECTION_TITLES.get(id_, id_)) for id_ in ids)


def of_outlet(number, name):
    return replace(ORIGIN, source=name.lower(), title=f"{name} {number}")


def shown(root, fragment):
    """The titles that are left when a filter's link is followed, as style.css has it."""
    (place,) = root.xpath(f"//p[@id='{fragment}']/@class")[0].split()[1:]
    days = [day for day in root.xpath("//section") if place in day.get("class").split()]
    return [" ".join(e.xpath("h3")[0].text_content().split()) for d in days for e in d.xpath(f"article[{has(place)}]")]


def has(name):
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


@pytest.fixture
def filtered():
    """Four entries of two days: two sections, three outlets, one of which only tells what another tells."""
    return parsed(
        entry(1, categories=in_sections("ferry"), origin=of_outlet("", "Mayak")),
        delivery(
            2,
            face=face(2, title="Второй", categories=in_sections("ferry", "coast"), origin=of_outlet("", "Mayak")),
            outlets=(outlet(),),
            listed=1,
        ),
        entry(13, categories=in_sections("coast"), origin=of_outlet("", "Briz")),
        entry(14, categories=(), origin=of_outlet("", "Briz")),
    )


def test_filters_say_how_many_entries_they_leave_the_most_first(filtered):
    assert texts(filtered, "//nav[@id='all']/ul/li") == ["Все", "Переправы 2", "Побережье 2"]
    assert texts(filtered, "//nav[@id='all']/details//li")[1:] == ["Briz 2", "Mayak 2", "Портовый вестник 1"]
    assert texts(filtered, "//p[@id='section-ferry']") == ["Показано только «Переправы»: 2 записи. Показать все"]


@pytest.mark.parametrize(
    ("fragment", "titles"),
    [
        ("section-ferry", ["Паром номер 1 снова ходит", "Второй"]),
        ("section-coast", ["Второй", "Паром номер 13 снова ходит"]),
        ("outlet-briz", ["Паром номер 13 снова ходит", "Паром номер 14 снова ходит"]),
        ("outlet-port", ["Второй"]),
    ],
)
def test_a_filter_leaves_the_entries_of_one_section_or_outlet_and_their_days(filtered, fragment, titles):
    assert shown(filtered, fragment) == titles
    assert f"#{fragment}" in filtered.xpath("//nav[@id='all']//a/@href")


def test_what_would_leave_everything_is_no_filter():
    root = parsed(*(entry(n, categories=in_sections("ferry")) for n in (1, 2)))
    assert not root.xpath("//nav[@id='all'] | //p[contains(@class, 'only')]")


def test_the_style_sheet_has_a_rule_for_the_place_of_every_filter():
    many = [
        entry(n, categories=in_sections(f"s{n}"), origin=replace(ORIGIN, source=f"o{n}", title=f"Издание {n}"))
        for n in range(1, 60)
    ]
    places = parsed(*many).xpath("//nav[@id='all']//a/@class")
    style = page.static_files()["style.css"].decode()
    assert len(places) == len(set(places)) == page.SECTION_FILTERS + page.OUTLET_FILTERS
    for place in places:
        assert f".{place}:target ~ .day:not(.{place})" in style
        assert f".{place}:target ~ .day > .entry:not(.{place})" in style
        assert f".{place}:target ~ .filters .{place}" in style


def test_a_page_of_a_hundred_entries_is_no_burden():
    words = "Паром через залив снова ходит после шторма, сообщили в порту города, где ветер стих только к утру. "
    told = (outlet(link="https://port.example/news/2026/03/01/parom"), outlet("Гавань", "https://g.example/2026/3/1"))
    tags = (Category(term="погода на море"), Category(term="расписание"))
    many = [
        delivery(
            n,
            face=face(
                n,
                title=words[:80],
                link=f"https://mayak.example/news/2026/03/01/parom-cherez-zaliv-snova-hodit-{n}.html",
                published=NOON - timedelta(minutes=20 * n),
                categories=(*in_sections("ferry", f"s{n % 9}"), *tags),
                summary=f"<p>{words * 4}</p>",
                origin=replace(ORIGIN, source=f"o{n % 25}", title=f"Портовый вестник {n % 25}"),
            ),
            outlets=told if n % 3 == 0 else (),
            listed=2,
        )
        for n in range(1, 101)
    ]
    assert len(rendered(*many)) < 150_000
