"""Words meet in their roots: in all their forms, and in the sister language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import text
from aggregator.dedup.roots import letters, root_in

SAME = [
    ("Харьков", "Харкові"),
    ("Киев", "Києва"),
    ("Мариуполем", "Маріуполі"),
    ("Запорожье", "Запоріжжя"),
    ("Донецк", "Донецьку"),
    ("Зеленский", "Зеленського"),
    ("Алексея", "Олексія"),
    ("министра", "міністром"),
    ("полиции", "поліція"),
    ("взорвалось", "вибухнуло"),
    ("пожара", "пожежі"),
    ("оружия", "зброю"),
    ("поезде", "потяга"),
    ("убийства", "вбивство"),
    ("соглашения", "угоду"),
    ("году", "рік"),
    ("погибли", "загинули"),
    ("голосования", "голосування"),
    ("заседание", "засідання"),
    ("больницы", "лікарні"),
    ("областного", "обласний"),
    ("политический", "політичного"),
    ("информационных", "інформаційні"),
    ("отправили", "відправив"),
    ("солнце", "сонця"),
    ("которые", "якими"),
    ("семья", "родину"),
    ("protests", "protested"),
    ("субботу", "суботу"),
    ("воскресенья", "неділю"),
    ("п'ятницю", "Friday"),
]
APART = [("дом", "дума"), ("суд", "сад"), ("врач", "больница"), ("Иран", "Ирак"), ("Павел", "Палау"), ("12", "21")]
APART += [("субботу", "событие"), ("воскресенье", "неделя"), ("среду", "среди"), ("четверг", "четверо")]


def of(word, *, ukrainian=False):
    return root_in("uk" if ukrainian else "ru")(text.tokens(word)[0])


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda word: word)
def test_forms_and_sister_words_have_one_root(one, other):
    assert of(one) == of(other, ukrainian=True)


def test_a_word_has_its_sister_only_in_a_ukrainian_text():
    assert of("родина") != of("родина", ukrainian=True)


@pytest.mark.parametrize(("one", "other"), APART, ids=lambda word: word)
def test_other_words_have_others(one, other):
    assert of(one) != of(other)


@given(st.text(alphabet=st.sampled_from("абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґё'ʼ"), min_size=1, max_size=30))
def test_every_token_has_a_root(word):
    for token in text.tokens(word):
        assert isinstance(letters(token), str)
        assert 0 <= root_in("uk")(token) < 2**32
