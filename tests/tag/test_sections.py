"""Sections come from the source, the publisher's categories and words, each with its confidence and reason."""

from __future__ import annotations

import pytest

from aggregator.model import Category, Item, Section, Source
from aggregator.tag import Tagger

SECTIONS = {
    section.id: section
    for section in (
        Section(id="ukraine", title="Страна"),
        Section(id="donbas", title="Донбасс", parent="ukraine", words=("Донецк", "Луганск", "Горловка", "Часов Яр")),
        Section(id="kharkiv", title="Харьков", parent="ukraine", words=("Харьков", "Харків")),
        Section(id="world", title="Мир", words=("мир", "НАТО"), not_words=("Мир-2",)),
        Section(id="sport", title="Спорт"),
    )
}
TAGGER = Tagger(SECTIONS)


def tags(item=None, **source):
    found = TAGGER.tag(item or Item(id="1"), Source(id="a", url="http://a.example/", **source))
    return [(tag.section, tag.confidence, tag.why) for tag in found]


def titled(title, text=""):
    return Item(id="1", title=title, content=f"<p>{text}</p>")


def test_the_section_of_the_source_is_certain_and_brings_its_parent():
    assert tags(section="donbas") == [
        ("donbas", 1.0, "the section of its source"),
        ("ukraine", 1.0, "part of it is Донбасс: the section of its source"),
    ]


@pytest.mark.parametrize(
    ("category", "section", "confidence", "why"),
    [
        pytest.param(Category(term="Обстановка"), "donbas", 0.95, "«Обстановка», mapped by its source", id="map"),
        pytest.param(Category(term="ОБСТАНОВКА"), "donbas", 0.95, "«ОБСТАНОВКА», mapped by its source", id="folded"),
        pytest.param(Category(term="x", label="Обстановка"), "donbas", 0.95, "«Обстановка», mapped", id="label"),
        pytest.param(Category(term="спорт"), "sport", 0.9, "«спорт»", id="title of a section"),
        pytest.param(Category(term="Sport"), "sport", 0.9, "«Sport»", id="id of a section"),
    ],
)
def test_a_publishers_category_names_a_section(category, section, confidence, why):
    found = tags(Item(id="1", categories=(category,)), section_map={"Обстановка": "donbas"})[0]
    assert found[:2] == (section, confidence)
    assert found[2].startswith(f"category {why}")


def test_a_map_goes_before_an_equal_name():
    item = Item(id="1", categories=(Category(term="Спорт"),))
    assert [tag[:2] for tag in tags(item, section_map={"Спорт": "world"})] == [("world", 0.95)]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        pytest.param(titled("В Донецке тихо"), [("donbas", 0.85), ("ukraine", 0.85)], id="title"),
        pytest.param(titled("Бои у Часова Яра"), [("donbas", 0.85), ("ukraine", 0.85)], id="two words in the title"),
        pytest.param(
            titled("Тихо", "Дожди в Донецкой области"), [("donbas", 0.6), ("ukraine", 0.6)], id="once in the text"
        ),
        pytest.param(
            titled("Тихо", "Из Донецка в Луганск"), [("donbas", 0.65), ("ukraine", 0.65)], id="two in the text"
        ),
        pytest.param(
            titled("Тихо", "Из Донецка в Луганск и в Горловку, затем в Донецк"),
            [("donbas", 0.7), ("ukraine", 0.7)],
            id="many in the text",
        ),
        pytest.param(
            titled("В Харькове тихо", "Гость из Донецка"),
            [("kharkiv", 0.85), ("ukraine", 0.85), ("donbas", 0.6)],
            id="two sections, the parent once",
        ),
        pytest.param(titled("Мир и НАТО"), [("world", 0.85)], id="not inflected"),
        pytest.param(titled("Станция «Мир-2» над миром"), [], id="not_words"),
        pytest.param(titled("Над миром", "В музее станции Мира-2"), [], id="not_words in the text"),
        pytest.param(titled("Рецепт борща"), [], id="none is a valid answer"),
        pytest.param(titled(""), [], id="no words"),
    ],
)
def test_words_in_any_form_put_an_item_into_sections(item, found):
    assert [tag[:2] for tag in tags(item)] == found


def test_the_best_reason_of_a_section_stands():
    item = Item(id="1", title="В Донецке тихо", categories=(Category(term="Донбасс"),))
    assert tags(item)[0] == ("donbas", 0.9, "category «Донбасс»")


def test_a_reason_names_the_word_and_its_place():
    assert tags(titled("В Донецке тихо"))[0][2] == 'word "Донецк" in title «В Донецке тихо»'
    assert tags(titled("Тихо", "Из Донецка в Луганск"))[0][2] == (
        'word "Донецк" in text «Из Донецка в Луганск» (2 such words)'
    )


def test_sections_that_do_not_exist_are_passed_by():
    item = Item(id="1", categories=(Category(term="а"),))
    assert tags(item, section="nowhere", section_map={"а": "nowhere"}) == []


def test_a_circle_of_parents_ends():
    circle = {"a": Section(id="a", title="A", parent="b"), "b": Section(id="b", title="B", parent="a")}
    found = Tagger(circle).tag(Item(id="1"), Source(id="s", url="http://a.example/", section="a"))
    assert [tag.section for tag in found] == ["a", "b"]


def test_equally_sure_sections_stand_in_the_order_of_the_configuration():
    item = titled("Мир, Харьков и Донецк")
    assert [tag[0] for tag in tags(item)] == ["donbas", "ukraine", "kharkiv", "world"]


@pytest.mark.parametrize(
    ("link", "section", "run"),
    [
        pytest.param("http://a.example/donbass/news/1/", "donbas", "/donbass/", id="a folder"),
        pytest.param("http://a.example/Donbass/news/1/", "donbas", "/donbass/", id="whatever its case"),
        pytest.param("http://a.example/news/sport/donbass/1", "sport", "/news/sport/", id="the longest run"),
        pytest.param("http://a.example/world/donbass/1", "donbas", "/donbass/", id="the longest, not the first"),
        pytest.param("http://a.example/donbass/sumskaa/1", "donbas", "/donbass/", id="of equals the first"),
        pytest.param("http://a.example/%D0%BC%D0%B8%D1%80/1", "world", "/мир/", id="escaped"),
        pytest.param("http://a.example/donbass", None, None, id="an article's name is no folder"),
        pytest.param("http://a.example/?/donbass/", None, None, id="a query is no folder"),
        pytest.param(None, None, None, id="no address"),
    ],
)
def test_where_a_publisher_files_an_item_counts_as_its_source_maps_it(link, section, run):
    mapped = {
        "/donbass/": "donbas",
        "/sumskaa/": "ukraine",
        "/news/sport/": "sport",
        "/world/": "world",
        "/мир/": "world",
    }
    found = tags(Item(id="1", link=link), path_map=mapped)
    expected = [(section, 0.95, f"its address has «{run}», mapped by its source")] if section else []
    assert found[: len(expected) or None] == expected


PATTERNS = Tagger(
    {"sport": Section(id="sport", title="Спорт", patterns=("/матч[а-я]* №\\d+/i", "/^Спорт:/"))},
)


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        pytest.param("МАТЧИ №12", "", [(0.85, "/матч[а-я]* №\\d+/i in title «МАТЧИ №12»")], id="title"),
        pytest.param("", "Был матч №3", [(0.6, "/матч[а-я]* №\\d+/i in text «Был матч №3»")], id="text"),
        pytest.param("Матч", "", [], id="neither"),
    ],
)
def test_a_pattern_puts_an_item_into_its_section(title, text, found):
    tagged = PATTERNS.tag(titled(title, text), Source(id="a", url="http://a.example/"))
    assert [(tag.confidence, tag.why) for tag in tagged] == found


HINTED = Tagger(
    {
        "sport": Section(id="sport", title="Спорт", learned="words", hints=("матч", "гол", "вратарь", "удар")),
        "war": Section(id="war", title="Война", learned="words", hints=("армия", "обстрел", "удар")),
    }
)


@pytest.mark.parametrize(
    ("title", "text", "section"),
    [
        pytest.param("Вратарь пропустил гол", "", "sport", id="two in the title"),
        pytest.param("Гол", "Матчи, вратари", "sport", id="title and text"),
        pytest.param("Гол", "", None, id="a single one"),
        pytest.param("Гол армии", "Матч, обстрел", None, id="as many of another"),
    ],
)
def test_many_hints_of_one_section_put_an_item_there(title, text, section):
    tagged = HINTED.tag(titled(title, text), Source(id="a", url="http://a.example/"))
    assert [tag.section for tag in tagged] == ([section] if section else [])


def test_what_a_person_said_is_certain_and_names_what_is_configured_only():
    assert [(tag.section, tag.confidence) for tag in TAGGER.whole(TAGGER.said(["donbas", "gone"]))] == [
        ("donbas", 1.0),
        ("ukraine", 1.0),
    ]
