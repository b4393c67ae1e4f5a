"""What an index of words is told of a query, and what is marked in what it found."""

from __future__ import annotations

import pytest

from aggregator.model import Item
from aggregator.publish.searched import marked
from aggregator.query import Every, Some, Texts, parse, sought, terms_of, wanted

RULES = {"cat": parse('title:"кот"'), "all": parse("lang:ru"), "both": parse("rule:cat or title:пёс")}
ANY = frozenset(["*"])


def test_an_item_has_a_term_for_each_word_and_another_for_those_of_its_title():
    item = Item(id="1", title="Ferries run", summary="<p>Об’єкт и <b>Ferry</b>.</p>")
    assert terms_of(Texts(item)) == ["=ferri", "=run", "ferri", "run", "и", "об'єкт"]


def test_words_without_end_are_alike_in_the_beginning():
    assert terms_of(Texts(Item(id="1", title="ж" * 400))) == ["=" + "ж" * 50, "ж" * 50]


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        pytest.param('text:"слон"', {"слон"}, id="a word"),
        pytest.param("title:слон", {"=слон"}, id="in the title"),
        pytest.param("text:слон in:title", {"=слон"}, id="in the title, said otherwise"),
        pytest.param("text:слон in:lead", {"слон"}, id="in the lead"),
        pytest.param("text:слон,жираф", {"слон", "жираф"}, id="either"),
        pytest.param("text:слон or title:жираф", {"слон", "=жираф"}, id="either of two clauses"),
        pytest.param("text:слон lang:ru", {"слон"}, id="beside what it knows nothing of"),
        pytest.param("text:слон not title:жираф", {"слон"}, id="without another"),
        pytest.param("rule:cat", {"=кот"}, id="a rule"),
        pytest.param("rule:both", {"=кот", "=пес"}, id="a rule of rules"),
        pytest.param('text:"белый слон"', Every((frozenset(["белый"]), frozenset(["слон"]))), id="a phrase"),
        pytest.param("title:а (text:б or title:/в/)", {"=а"}, id="a part that says nothing"),
    ],
)
def test_an_item_that_matches_has_one_of_these_terms(query, terms):
    assert wanted(parse(query), RULES) == Some((ANY, frozenset(terms) if isinstance(terms, set) else terms))


@pytest.mark.parametrize(
    "query",
    [
        "lang:ru",
        "title:/слон/",
        "text:слон or lang:ru",
        "not text:слон",
        "rule:all",
        "rule:cat,all",
        "rule:unknown",
        "text:слон,/ж/",
    ],
)
def test_of_some_queries_it_says_nothing(query):
    assert wanted(parse(query), RULES) is None


def test_of_parts_that_ask_for_too_much_together_the_smaller_ones_are_asked():
    many = {name: parse(f"text:({','.join(f'{name}{n}' for n in range(1500))})") for name in "ab"}
    small = frozenset(["слон"])
    asked = wanted(parse("rule:a rule:b text:слон"), many)
    assert isinstance(asked, Some)
    [_, kept] = asked.parts
    assert isinstance(kept, Every)
    assert (kept.parts[0], len(kept.parts)) == (small, 2)
    assert wanted(parse("rule:a or rule:b"), many) is None


@pytest.mark.parametrize(
    ("query", "said", "shown"),
    [
        pytest.param("маяк", "Свет маяка, и маяки", "Свет [маяка], и [маяки]", id="forms"),
        pytest.param('"белый свет"', "Белого света свет", "[Белого света] свет", id="a phrase as a whole"),
        pytest.param("свет not тьма", "Свет и тьма", "[Свет] и тьма", id="not what is refused"),
        pytest.param("rule:cat", "Кот и пёс", "[Кот] и пёс", id="of a rule"),
        pytest.param("title:/свет/", "Свет", "Свет", id="no expressions"),
        pytest.param("run", "Running, runs", "[Running], [runs]", id="stems"),
        pytest.param("свет", "", "", id="nothing"),
    ],
)
def test_what_was_looked_for_is_marked(query, said, shown):
    pieces = marked(said, sought(parse(query), RULES))
    assert "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces) == shown
