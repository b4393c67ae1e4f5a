"""The extra `semantic`: texts that mean the same are alike in any language, and sections are learned from few."""

from __future__ import annotations

import pytest

from aggregator.model import Example, Item, Section
from aggregator.tag import Learner, clues, meaning

pytestmark = pytest.mark.skipif(not meaning.available(), reason="the extra `semantic` is not installed")

SECTIONS = {name: Section(id=name, title=name, learned="semantic") for name in ("sport", "economy")}
ENGLISH = {
    "sport": [
        "The home side won the cup final on penalties",
        "The striker scored twice before half-time",
        "A sprinter from the north took gold in the relay",
        "The coach named his squad for the qualifier",
    ],
    "economy": [
        "The central bank raised its interest rate again",
        "Oil prices fell as exporters agreed to pump more",
        "The factory will cut a third of its workers",
        "Shares closed higher after strong retail sales",
    ],
}


def an_item(title):
    return Item(id=title, title=title)


def an_example(title, section, language="en", *, said=False):
    item = an_item(title)
    (means,) = meaning.meanings_of([meaning.gist(item)])
    return Example(item=title, language=language, sections=(section,), clues=clues(item), meaning=means, said=said)


@pytest.fixture(scope="module")
def taught():
    return [an_example(title, section) for section, titles in ENGLISH.items() for title in titles]


def surest(learner, title, language):
    (means,) = meaning.meanings_of([meaning.gist(an_item(title))])
    return learner.guess(language, clues(an_item(title)), means)


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("Сборная выиграла матч чемпионата по футболу", "sport"),
        ("Центральный банк снизил процентную ставку", "economy"),
    ],
)
def test_what_was_learned_in_english_is_known_in_russian(taught, title, section):
    learner = Learner(SECTIONS, [*taught, an_example("Хоккей", "sport", "ru"), an_example("Рубль", "economy", "ru")])
    guess = surest(learner, title, "ru")[0]
    assert (guess.section, guess.likelihood > 0.6) == (section, True)


def test_what_is_forgotten_leaves_no_trace(taught):
    learner, never = Learner(SECTIONS, taught), Learner(SECTIONS, taught)
    learner.learn(an_example("A ferry ran aground", "economy", said=True))
    learner.forget("A ferry ran aground")
    asked = "The ferry company reports a loss"
    for one, other in zip(surest(learner, asked, "en"), surest(never, asked, "en"), strict=True):
        assert (one.section, pytest.approx(one.likelihood, abs=1e-6)) == (other.section, other.likelihood)


def test_a_meaning_is_a_kilobyte():
    assert [len(one) for one in meaning.meanings_of(["Паром", "Ferry"])] == [1024, 1024]
    assert meaning.meanings_of([]) == []


def test_it_says_nothing_while_there_is_nothing_to_choose_from(taught):
    learner = Learner(SECTIONS, taught[:4])
    assert learner.tags("en", clues(an_item("Goal")), taught[0].meaning) == []
