"""What a query finds in an item, and in which words it says why."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from aggregator.model import Category, Cited, Enclosure, Facts, Item, Person, Tagged
from aggregator.query import Subject, parse

RUSSIAN = Facts(
    item=Item(
        id="1",
        title="Обстрел Краматорска: повреждён мост",
        link="https://news.example/donbas/obstrel-1",
        summary="<p>Ракетного удара по мосту никто не&nbsp;ждал, сообщили в Донецкой области.</p>",
        content="<p>Ракетного удара по мосту никто не&nbsp;ждал, сообщили в Донецкой области.</p><p>Ёлки уцелели.</p>",
        authors=(Person(name="Олена Выдуманная"),),
        categories=(Category(term="Срочно"), Category(term="war", label="Война и мир")),
        enclosures=(
            Enclosure(href="https://news.example/1", type="Audio/MPEG; rate=44100"),
            Enclosure(href="https://news.example/most.JPG?w=600"),
        ),
    ),
    source="ostrov",
    groups=("wire", "lviv"),
    owner="ozero-group",
    credits=(
        Cited(outlet="Интерфакса", names=frozenset({"interfax", "wire-interfax"})),
        Cited(outlet="МИД Беларуси", names=frozenset({"беларус мид"})),
    ),
    outlets=3,
    sections=(
        Tagged(section="donbas", confidence=0.85, why='word "Краматорск" in title «…»'),
        Tagged(section="ukraine", confidence=0.85, why="part of it is Донбасс"),
    ),
    language="ru",
    age=timedelta(hours=13),
)
UKRAINIAN = Facts(
    item=Item(id="2", title="Обстріли на Харківщині", content="<p>У Харкові та Куп’янську лунали вибухи.</p>"),
    source="visti",
    language="uk",
)
ENGLISH = Facts(
    item=Item(
        id="3", title="Smith's shelling reports", summary="<p>Two countries agreed. " + "Nothing else. " * 60 + "</p>"
    ),
    source="wire",
    language="en",
)


UNTYPED = Facts(item=Item(id="4", enclosures=(Enclosure(href="https://[bad/file"),)), source="wire")


def why(query, facts, rules=None):
    match = parse(query).matches(Subject(facts, {name: parse(rule) for name, rule in (rules or {}).items()}))
    return match.why if match else None


TITLE = "title «Обстрел Краматорска: повреждён мост»"
FOUND = [
    (RUSSIAN, "section:donbas", 'section donbas 0.85 (word "Краматорск" in title «…»)'),
    (RUSSIAN, "section:ukraine~0.85", "section ukraine 0.85 (part of it is Донбасс)"),
    (RUSSIAN, "section:donbas~0.9", None),
    (RUSSIAN, "section:world,ukraine", "section ukraine 0.85 (part of it is Донбасс)"),
    (RUSSIAN, "source:visti,ostrov", "source ostrov"),
    (RUSSIAN, "source:visti", None),
    (RUSSIAN, "group:lviv", "group lviv"),
    (RUSSIAN, "group:kyiv", None),
    (RUSSIAN, "lang:uk,ru", "lang ru"),
    (RUSSIAN, "lang:uk", None),
    (RUSSIAN, "age:>12h", "age 13h > 12h"),
    (RUSSIAN, "age:>=13h", "age 13h >= 13h"),
    (RUSSIAN, "age:<13h", None),
    (RUSSIAN, "age:>12h age:<1d", "age 13h > 12h and age 13h < 1d"),
    (RUSSIAN, 'title:"обстрел краматорска"', f'"обстрел краматорска" in {TITLE}'),
    (RUSSIAN, 'title:"повреждён мост"', f'"повреждён мост" in {TITLE}'),
    (RUSSIAN, "title:обстрел,мост", f'"обстрел" in {TITLE}'),
    (RUSSIAN, "title:Краматорск", None),
    (RUSSIAN, "title:стрел", None),
    (RUSSIAN, "title:/краматор/i", f"/краматор/i in {TITLE}"),
    (RUSSIAN, "title:/краматор/", None),
    (RUSSIAN, "title:/поврежд[её]н/", f"/поврежд[её]н/ in {TITLE}"),
    (RUSSIAN, "title:/повреждён/", f"/повреждён/ in {TITLE}"),
    (RUSSIAN, r"title:/\pL+ска:/", rf"/\pL+ска:/ in {TITLE}"),
    (RUSSIAN, 'lead:"не ждал"', '"не ждал" in lead «Ракетного удара по мосту никто не ждал, сообщили'),
    (RUSSIAN, "lead:елки", None),
    (RUSSIAN, "text:елки", '"елки" in text «…ждал, сообщили в Донецкой области. Ёлки уцелели.»'),
    (RUSSIAN, "text:Обстрел", f'"Обстрел" in {TITLE}'),
    (RUSSIAN, "text:Обстрел in:lead,text", None),
    (RUSSIAN, "words:обстрел", f'word "обстрел" in {TITLE}'),
    (RUSSIAN, "words:Донецк", 'word "Донецк" in text «…никто не ждал, сообщили в Донецкой области. Ёлки'),
    (RUSSIAN, "words:Донецк in:title", None),
    (RUSSIAN, 'words:"ракетный удар"', 'words "ракетный удар" in text «Ракетного удара по мосту'),
    (RUSSIAN, 'words:"удар ракетный"', None),
    (RUSSIAN, 'words:"мост никто" in:lead', 'words "мост никто" in lead «Ракетного удара по мосту'),
    (RUSSIAN, "words:(стрельба, елка)", 'word "елка" in text «…ждал, сообщили в Донецкой области. Ёлки уцелели.»'),
    (RUSSIAN, "мосты", f'word "мосты" in {TITLE}'),
    (RUSSIAN, "author:выдуман", "author «Олена Выдуманная»"),
    (RUSSIAN, "author:/^Олена/", "author «Олена Выдуманная»"),
    (RUSSIAN, "author:Иван", None),
    (RUSSIAN, "category:срочно", "category «Срочно»"),
    (RUSSIAN, 'category:"война и мир"', "category «Война и мир»"),
    (RUSSIAN, "category:война", None),
    (RUSSIAN, "category:/^Война/", "category «Война и мир»"),
    (RUSSIAN, "url:news.example/donbas", "url «https://news.example/donbas/obstrel-1»"),
    (RUSSIAN, "url:/obstrel-\\d+$/", "url «https://news.example/donbas/obstrel-1»"),
    (UKRAINIAN, "url:visti", None),
    (RUSSIAN, "owner:berega,ozero-group", "owner ozero-group"),
    (RUSSIAN, "owner:berega", None),
    (ENGLISH, "owner:berega", None),
    (RUSSIAN, "credit:Интерфакс", "credit «Интерфакса»"),
    (RUSSIAN, "credit:INTERFAX", "credit «Интерфакса»"),
    (RUSSIAN, "credit:wire-interfax", "credit «Интерфакса»"),
    (RUSSIAN, "credit:мид", "credit «МИД Беларуси»"),
    (RUSSIAN, "credit:МВД,«МИД Беларуси»", "credit «МИД Беларуси»"),
    (RUSSIAN, 'credit:"МИД России"', None),
    (RUSSIAN, "credit:Краматорск", None),
    (RUSSIAN, "enclosure:any", "enclosure audio/mpeg"),
    (RUSSIAN, "enclosure:video,audio", "enclosure audio/mpeg"),
    (RUSSIAN, "enclosure:*/mpeg", "enclosure audio/mpeg"),
    (RUSSIAN, "enclosure:image", "enclosure image/jpeg"),
    (RUSSIAN, "enclosure:audio/*", "enclosure audio/mpeg"),
    (RUSSIAN, "enclosure:video", None),
    (RUSSIAN, "enclosure:audio/mp4", None),
    (ENGLISH, "enclosure:any", None),
    (UNTYPED, "enclosure:any", "enclosure of no type"),
    (UNTYPED, "enclosure:audio,video,image", None),
    (RUSSIAN, "length:>=75", "length 82 >= 75"),
    (RUSSIAN, "length:<82", None),
    (RUSSIAN, "length:<=82 length:>81", "length 82 <= 82 and length 82 > 81"),
    (RUSSIAN, "outlets:>=3", "outlets 3 >= 3"),
    (RUSSIAN, "outlets:>3", None),
    (ENGLISH, "outlets:<2", "outlets 1 < 2"),
    (RUSSIAN, "not lang:uk", "not lang:uk"),
    (RUSSIAN, "not (lang:uk or words:Харків)", "not (lang:uk or words:Харків)"),
    (RUSSIAN, "not lang:ru", None),
    (RUSSIAN, "lang:uk or lang:ru", "lang ru"),
    (RUSSIAN, "lang:ru group:wire", "lang ru and group wire"),
    (RUSSIAN, "lang:ru group:kyiv", None),
    (RUSSIAN, "rule:war", "rule war (lang ru and rule place (group wire))"),
    (RUSSIAN, "rule:nothing,place", "rule place (group wire)"),
    (RUSSIAN, "rule:nothing", None),
    (RUSSIAN, "rule:circle", None),
    (RUSSIAN, "not rule:circle", "not rule:circle"),
    (UKRAINIAN, "words:обстріл", 'word "обстріл" in title «Обстріли на Харківщині»'),
    (UKRAINIAN, "words:Харків", 'word "Харків" in text «У Харкові та Куп’янську лунали вибухи.»'),
    (UKRAINIAN, "words:Куп'янськ", "word \"Куп'янськ\" in text «У Харкові та Куп’янську лунали вибухи.»"),
    (UKRAINIAN, "text:куп'янську", "\"куп'янську\" in text «У Харкові та Куп’янську лунали вибухи.»"),
    (UKRAINIAN, "lead:вибухи", '"вибухи" in lead «У Харкові та Куп’янську лунали вибухи.»'),
    (UKRAINIAN, "words:обстрел", None),
    (ENGLISH, "words:report", "word \"report\" in title «Smith's shelling reports»"),
    (ENGLISH, 'words:"country agrees"', 'words "country agrees" in text «Two countries agreed.'),
    (ENGLISH, "title:smith", "\"smith\" in title «Smith's shelling reports»"),
    (ENGLISH, "words:string", None),
]  # fmt: skip
RULES = {"war": "lang:ru and rule:place", "place": "group:wire", "circle": "rule:round", "round": "rule:circle"}


@pytest.mark.parametrize(("facts", "query", "reason"), FOUND, ids=[query for _, query, _ in FOUND])
def test_a_query_finds_what_it_says_and_tells_why(facts, query, reason):
    found = why(query, facts, RULES)
    if reason is None or found is None:
        assert found == reason
    else:
        assert found.startswith(reason)


def test_a_reason_quotes_only_the_neighbourhood():
    text = "Слово. " * 400 + "Здесь случилось наводнение в городе. " + "Слово. " * 400
    found = why("words:наводнение", Facts(item=Item(id="1", content=f"<p>{text}</p>"), source="a"))
    assert "случилось наводнение" in found
    assert len(found) < 150


@pytest.mark.parametrize("text", ["— " * 5000 + "наводнение" + " —" * 5000, "в" * 50_000 + " наводнение"])
def test_a_reason_stays_short_whatever_stands_around(text):
    assert len(why("words:наводнение", Facts(item=Item(id="1", title=text), source="a"))) < 350


def test_a_catastrophic_pattern_is_harmless_on_a_huge_title():
    """A55: a backtracking engine would need longer than the universe has."""
    facts = Facts(item=Item(id="1", title="a" * 1_000_000 + "!"), source="a")
    began = time.perf_counter()
    assert why("title:/(a+)+$/", facts) is None
    assert why("title:/(a|aa)+(b|bb)+$/", facts) is None
    assert time.perf_counter() - began < 20


def test_a_pattern_that_needs_too_much_memory_is_refused():
    from aggregator.errors import QueryError

    with pytest.raises(QueryError, match="column 7: this regular expression cannot be used"):
        parse("title:/((a{100}){100}){100}/")


EVERYTHING = (
    *("a", "title:a", "lead:a", "text:/a/", "author:a", "category:a", "url:a", "lang:ru", "section:a", "owner:a"),
    *("credit:a", "enclosure:any", "length:>0", "outlets:>1", "age:>1m"),
)


def test_an_empty_item_matches_nothing_and_breaks_nothing():
    facts = Facts(item=Item(id="1"), source="a")
    for query in EVERYTHING:
        assert why(query, facts) is None
