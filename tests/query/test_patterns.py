"""Many regular expressions at once find what each finds alone, and none of them can hurt (A55)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.model import Facts, Item, Topic
from aggregator.query import Patterns, parse
from aggregator.query.values import Pattern, Raw
from aggregator.tag import Matcher


def pattern(written):
    return Pattern.read(Raw(written, "regex", 1))


WRITTEN = [
    "/мир/",
    "/МИР|дом/i",
    "/ё+ж/i",
    "/^м/",
    "/м$/",
    "/[0-9]{2}/",
    "/./",
    "/a.{0,3}b/i",
    "/x*/",
    "/сад.*дом/",
    "/K/i",
]
TEXTS = st.text(alphabet="мирМИРдомёЁежabABxkK\u212a 12сад\n", max_size=20)


@given(st.lists(st.sampled_from(WRITTEN), max_size=6), TEXTS)
def test_many_expressions_miss_nothing_that_each_finds_alone(written, seen):
    patterns = list(dict.fromkeys(map(pattern, written)))
    found = Patterns(patterns).found(seen)
    assert {one for one in patterns if one.search(seen)} <= set(found) <= set(patterns)


def test_expressions_whose_letters_are_not_there_are_not_asked():
    patterns = [pattern(f"/начало{word}.*конец/") for word in ("а", "б", "в")]
    assert Patterns(patterns).found("начало, началов и конец") == [patterns[2]]


def test_what_one_automaton_cannot_hold_is_asked_singly():
    words = [pattern(f"/{'|'.join(f'{chr(0x430 + n % 32)}{n}x{at}' for at in range(120))}/i") for n in range(400)]
    found = Patterns(words).found("стоит ц150x7 здесь")
    assert words[150 + (ord("ц") - 0x430 - 150) % 32] in found or words == found


CATASTROPHIC = [
    "(a+)+$",
    "(a|a)*$",
    "(a|aa)+$",
    "(.*a){12}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?:a?){30}a{30}",
    "([a-zA-Z]+)*[^x]$",
]


@pytest.mark.parametrize("source", CATASTROPHIC)
def test_a_catastrophic_expression_is_harmless(source):
    topics = {"t": Topic(id="t", title="", match=f"text:/{source}/"), "u": Topic(id="u", title="", match="url:/b$/")}
    matcher = Matcher(topics, {})
    item = Item(id="1", title="a" * 20_000 + "!", content="a" * 100_000 + "!", link="http://a.example/b")
    began = time.perf_counter()
    found = [hit.topic for hit in matcher.match(Facts(item=item, source="s"))]
    assert time.perf_counter() - began < 10  # a backtracking engine would not end in a lifetime
    assert "u" in found


@pytest.mark.parametrize(
    "source",
    ["a{1000}{1000}", "((a{100}){100}){100}", "(?:[а-яё]{1,500}){1,500}", r"(\pL{500}){10}", "|".join(["a"] * 600)],
)
def test_an_expression_that_needs_too_much_is_refused_with_its_place(source):
    with pytest.raises(QueryError, match=r"this regular expression (cannot be used|is longer)") as raised:
        parse(f"lang:ru title:/{source}/")
    assert raised.value.column == 15
