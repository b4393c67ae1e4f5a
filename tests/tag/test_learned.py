"""What is learned from examples: it guesses, says why, abstains, and forgets without a trace."""

from __future__ import annotations

import pytest

from aggregator.model import Example, Item, Section
from aggregator.tag import Learner, clues
from aggregator.tag.learned import KEPT, ONE_IN
from aggregator.tag.proving import interval, prove

SECTIONS = {
    "sport": Section(id="sport", title="Спорт", learned="words", hints=("матч", "гол", "match")),
    "economy": Section(id="economy", title="Экономика", learned="words", hints=("биржа", "акция", "market")),
    "lake": Section(id="lake", title="Озеро"),
}
TEXTS = {
    "sport": [
        "Вратарь отбил пенальти",
        "Хоккеисты сыграли вничью",
        "Тренер назвал состав сборной",
        "Финал кубка в среду",
    ],
    "economy": ["Банк поднял ставку", "Цены на нефть упали", "Рубль подешевел к доллару", "Банк выдал меньше кредитов"],
    "lake": ["На озере открыли маяк", "Рыбаки вышли на озеро", "Озеро замёрзло в ноябре", "Маяк на озере покрасили"],
}


def an_item(title, link=None):
    return Item(id=title, title=title, link=link)


def an_example(title, *sections, key=None, said=False, language="ru"):
    return Example(item=key or title, language=language, sections=sections, clues=clues(an_item(title)), said=said)


def examples(**more):
    return [an_example(title, section, **more) for section, titles in TEXTS.items() for title in titles]


def guessed(learner, title, language="ru"):
    return [tag.section for tag in learner.tags(language, clues(an_item(title)))]


def test_it_guesses_the_section_of_words_that_its_examples_have():
    learner = Learner(SECTIONS, examples())
    assert guessed(learner, "Вратарь сборной остался без кубка") == ["sport"]
    assert guessed(learner, "Нефть и рубль подешевели, ставка банка прежняя") == ["economy"]


def test_it_names_the_words_that_say_so():
    (tag,) = Learner(SECTIONS, examples()).tags("ru", clues(an_item("Вратарь сборной")))
    assert tag.why == "learned from 12 examples: «вратар», «сборно»"
    assert tag.confidence <= 0.8


def test_it_never_tells_a_section_that_is_not_to_be_learned():
    assert guessed(Learner(SECTIONS, examples()), "Маяк на озере") == []


def test_it_abstains_from_what_it_knows_nothing_of():
    assert guessed(Learner(SECTIONS, examples()), "Zwei Bücher") == []


def test_hints_are_enough_for_a_beginning():
    first, second = Learner(SECTIONS).guess("ru", clues(an_item("Гол на последней минуте матча")))
    assert (first.section, first.clues, second.clues) == ("sport", ("гол",), ())


def test_languages_learn_by_themselves():
    learner = Learner(SECTIONS, examples(language="uk"))
    assert guessed(learner, "Вратарь сборной остался без кубка", "uk") == ["sport"]
    assert guessed(learner, "Вратарь сборной остался без кубка", "ru") == []


def test_folders_of_the_address_are_learned_too():
    filed = [
        Example(
            item=f"{n}",
            language="ru",
            sections=(name,),
            clues=clues(an_item(f"Слово {n}", f"http://a.example/{f}/{n}")),
        )
        for n, (name, f) in enumerate([("sport", "arena"), ("economy", "money")] * 5)
    ]
    learner = Learner(SECTIONS, filed)
    first = learner.guess("ru", clues(an_item("Другое", "http://a.example/arena/77")))[0]
    assert (first.section, first.clues) == ("sport", ("/arena",))


def test_a_person_counts_more_than_a_rule():
    learner = Learner(SECTIONS, [*examples(), an_example("Маяк светит", "economy", key="rule")])
    before = learner.guess("ru", clues(an_item("Маяк светит")))[0].section
    learner.learn(an_example("Маяк светит", "sport", key="person", said=True))
    learner.learn(an_example("Маяк светит ярко", "sport", key="again", said=True))
    after = learner.guess("ru", clues(an_item("Маяк светит")))[0].section
    assert (before, after) == ("economy", "sport")


def test_what_a_person_says_has_no_section_is_no_section():
    learner = Learner(SECTIONS, [*examples(), *(an_example(f"Гороскоп {n}", key=f"{n}", said=True) for n in range(5))])
    assert guessed(learner, "Гороскоп") == []


def test_the_order_of_examples_does_not_matter():
    there, back = Learner(SECTIONS, examples()), Learner(SECTIONS, examples()[::-1])
    asked = clues(an_item("Банк сборной"))
    assert [(g.section, pytest.approx(g.likelihood)) for g in there.guess("ru", asked)] == [
        (g.section, g.likelihood) for g in back.guess("ru", asked)
    ]


def test_what_is_forgotten_leaves_no_trace():
    learner, never = Learner(SECTIONS, examples()), Learner(SECTIONS, examples())
    learner.learn(an_example("Совсем другое слово", "sport", key="x"))
    learner.forget("x")
    asked = clues(an_item("Банк сборной и совсем другое слово"))
    assert [(g.section, round(g.likelihood, 9)) for g in learner.guess("ru", asked)] == [
        (g.section, round(g.likelihood, 9)) for g in never.guess("ru", asked)
    ]
    assert learner.lessons().forgotten == {"x"}


def test_an_item_that_is_learned_again_takes_its_own_place():
    learner = Learner(SECTIONS, examples())
    for section in ("sport", "economy", "sport"):
        learner.learn(an_example("Банк", section, key="x"))
    lessons = learner.lessons()
    assert [(one.item, one.sections) for one in lessons.learned] == [("x", ("sport",))]
    assert learner.lessons() is None


def test_it_keeps_a_bounded_number_of_examples():
    learner = Learner(SECTIONS)
    for n in range(KEPT * 3):
        if learner.wants(f"{n}", "ru", ("sport",)):
            learner.learn(an_example(f"Матч {n}", "sport", key=f"{n}"))
    lessons = learner.lessons()
    assert len(lessons.learned) == KEPT
    assert 0 < len(lessons.forgotten) < KEPT * 3 / ONE_IN * 2


def test_examples_of_sections_that_are_configured_no_more_are_left_out():
    learner = Learner({"sport": SECTIONS["sport"]}, examples())
    assert {g.section for g in learner.guess("ru", clues(an_item("Банк")))} <= {"sport"}


def test_nothing_is_learned_where_no_section_asks_for_it():
    assert not Learner({"lake": SECTIONS["lake"]})


def test_it_proves_itself_on_what_it_was_not_taught():
    told = [
        an_example(f"{title} {n}", section, key=f"{section}{title}{n}", said=n == 0)
        for section, titles in TEXTS.items()
        for title in titles
        for n in range(5)
    ]
    proofs = {proof.section: proof for proof in prove(SECTIONS, told)}
    assert set(proofs) == {"sport", "economy"}
    assert (proofs["sport"].examples, proofs["sport"].said) == (20, 4)
    assert proofs["sport"].recall > 0.8
    assert proofs["sport"].precision > 0.9


def test_the_interval_of_a_share_has_a_width_also_where_all_are_right():
    low, high = interval(10, 10)
    assert 0.6 < low < 0.8
    assert high == 1.0
    assert interval(0, 0) == (0.0, 1.0)
