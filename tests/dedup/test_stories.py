"""Articles come one after the other, and find the story that they tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator import text
from aggregator.dedup.series import names_a_series
from aggregator.dedup.stories import Article, Stories
from aggregator.dedup.window import SPAN

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

FIRE = (
    "На складе в Озёрске сгорели двести велосипедов",
    (
        "Пожар на складе компании «Спица» в Озёрске начался ночью с субботы на воскресенье. Огонь уничтожил двести "
        "велосипедов, пострадавших нет, сообщил начальник пожарной части Роман Чубенко. Причину выясняют."
    ),
)
FIRE_ELSEWHERE = (
    "Пожарные Озёрска: «Спица» лишилась двухсот велосипедов",
    (
        "Склад «Спицы» вспыхнул в ночь на воскресенье. Двести велосипедов сгорели, никто не пострадал, рассказал Роман "
        "Чубенко, начальник озёрской пожарной части."
    ),
)
FIRE_IN_UKRAINIAN = (
    "В Озерську згоріли двісті велосипедів",
    (
        "Пожежа на складі компанії «Спиця» в Озерську почалася в ніч на неділю. Вогонь знищив двісті велосипедів, "
        "постраждалих немає, повідомив начальник пожежної частини Роман Чубенко."
    ),
)
OTHER_FIRE = (
    "В Каменке сгорела старая мельница",
    (
        "Старая мельница на окраине Каменки загорелась днём от сухой травы. Она пустовала десять лет, огонь потушили "
        "за два часа, рассказала староста села Вера Лунина."
    ),
)
APPEAL = (
    "Harbour board asks high court to block release of its records",
    (
        "The Ostrava Bay harbour board on Thursday asked the high court to keep its financial records from the city "
        "council. A lower court had ruled against the board last week, spokeswoman Ina Dell said."
    ),
)
APPEAL_ELSEWHERE = (
    "Ostrava Bay: harbour board turns to the judges",
    (
        "Lawyers of the harbour board filed a petition on Thursday. They want to keep its financial records secret "
        "after the ruling of a lower court; the council said it would wait."
    ),
)
APPEAL_OF_FRIDAY = (APPEAL_ELSEWHERE[0], APPEAL_ELSEWHERE[1].replace("Thursday", "Friday"))
COUNCIL = (
    "Совет Озёрска утвердил бюджет",
    (
        "Депутаты городского совета Озёрска утвердили бюджет на следующий год: больше всего получат школы и дороги. "
        "За проголосовали двадцать два депутата из тридцати."
    ),
)


def article(key, told, source="one", tongue="ru", *, at=NOON, seen_at=None):
    title, body = told
    return Article(key=key, source=source, title=title, body=body, tongue=tongue, at=at, seen_at=seen_at or at)


def placed(*articles, stories=None):
    """Return {key: story} of articles that came in this order, the lone ones left out."""
    stories = stories or Stories()
    found = [member for one in articles for member in stories.place(one)]
    return {member.item: member.story for member in found if member.kind == "story"}


def test_two_outlets_on_one_event_are_one_story_with_the_words_they_share():
    stories = Stories()
    assert stories.place(article("a", FIRE)) == ()
    first, second = stories.place(article("b", FIRE_ELSEWHERE, "two"))
    assert (first.item, first.story, first.method) == ("a", "a", "first")
    assert (second.item, second.story, second.of, second.method) == ("b", "a", "a", "alike")
    assert second.score >= 0.6
    assert "чубенко" in second.evidence.split()


def test_russian_and_ukrainian_texts_on_one_event_are_one_story():
    assert placed(article("a", FIRE), article("b", FIRE_IN_UKRAINIAN, "two", "uk")) == {"a": "a", "b": "a"}


@pytest.mark.parametrize("other", [OTHER_FIRE, COUNCIL], ids=["the like elsewhere", "another matter of that town"])
def test_other_events_are_other_stories(other):
    assert placed(article("a", FIRE), article("b", other, "two")) == {}


def test_what_happened_on_another_day_of_the_week_is_another_event():
    appeal = article("a", APPEAL, tongue="en")
    assert placed(appeal, article("b", APPEAL_ELSEWHERE, "two", "en")) == {"a": "a", "b": "a"}
    assert placed(appeal, article("b", APPEAL_OF_FRIDAY, "two", "en")) == {}


def test_an_outlet_is_not_merged_with_itself():
    assert placed(article("a", FIRE), article("b", FIRE_ELSEWHERE)) == {}


def test_what_comes_days_later_is_another_story():
    late = NOON + timedelta(days=6)
    assert placed(article("a", FIRE), article("b", FIRE_ELSEWHERE, "two", at=late, seen_at=NOON + HOUR)) == {}


def test_a_reprint_under_another_headline_is_a_copy_and_in_the_story():
    body = f"{FIRE[1]} {COUNCIL[1]}"
    stories = Stories()
    stories.place(article("a", (FIRE[0], body)))
    found = stories.place(article("b", ("Двести велосипедов стали золой", body.replace("ё", "е").upper()), "two"))
    assert [(one.kind, one.item, one.story, one.method) for one in found] == [
        ("copy", "a", "a", "first"),
        ("copy", "b", "a", "same-text"),
        ("story", "a", "a", "first"),
        ("story", "b", "a", "same-text"),
    ]


def test_a_form_that_an_outlet_fills_in_anew_is_no_copy():
    form = (
        "Подписывайтесь на нас, чтобы не пропустить важное: мы рассказываем о жизни города каждый день, с утра и до "
        "вечера, и ничего не скрываем от читателей. Читайте нас там, где вам удобно, делитесь с друзьями и присылайте "
        "свои истории в редакцию, лучшие из них мы публикуем по воскресеньям на первой странице нашей газеты."
    )
    stories = Stories()
    stories.place(article("a", ("Мост закрыт", form)))
    stories.place(article("b", ("В школе новый директор", form)))
    stories.place(article("c", ("Урожай яблок удался", form), "two"))
    assert not [one for one in stories.place(article("d", ("Трамвай сошёл с рельсов", form))) if one.kind == "copy"]


@pytest.mark.parametrize(
    "titles",
    [("Гороскоп на 1 марта", "Гороскоп для всех знаков: 1 марта"), ("Обзор СМИ", "Обзор СМИ: главное")],
    ids=["a horoscope", "a digest"],
)
def test_issues_of_series_are_in_no_story(titles):
    body = FIRE[1]
    one, other = (article(key, (title, body + key * 3), key) for key, title in zip("ab", titles, strict=True))
    assert set(placed(one, other).values()) <= {"a"}  # only where they are one text
    other = article("c", (titles[1], FIRE_ELSEWHERE[1]), "three")
    assert placed(one, other) == {}


@pytest.mark.parametrize(
    ("title", "serial"),
    [
        ("Гороскоп на завтра", True),
        ("В Заречье придёт потепление", True),
        ("Как отметили Единый день грамотности", True),
        ("Гавань светится ко Всемирному дню моря", True),
        ("Top 5 things to know on Friday", True),
        ("Key takeaways from the hearing", True),
        ("День города в Заречье закончился пожаром", False),
        ("Fire in the harbour on Friday", False),
    ],
)
def test_a_title_says_that_it_is_of_a_series(title, serial):
    assert names_a_series(text.tokens(title)) is serial


@pytest.mark.parametrize(
    ("title", "serial"),
    [("The Latest: Harbour board asks high court", True), ("Old phone gets dark mode with the latest update", False)],
    ids=["a page that goes on", "an update"],
)
def test_only_a_title_that_begins_with_the_latest_names_a_series(title, serial):
    assert names_a_series(text.tokens(title)) is serial


def test_a_title_that_an_outlet_had_yesterday_makes_a_series():
    yesterday = article("a", ("Что происходит в Озёрске", COUNCIL[1]), at=NOON - timedelta(days=1))
    today = article("b", ("Что происходит в Озёрске", FIRE[1]))
    assert placed(yesterday, today, article("c", FIRE_ELSEWHERE, "two")) == {}


def test_no_chain_leads_from_one_event_to_another():
    bridge = ("Озёрск за день: совет утвердил бюджет, на складе «Спица» сгорели велосипеды", FIRE[1] + " " + COUNCIL[1])
    stories = placed(
        article("a", FIRE),
        article("b", FIRE_ELSEWHERE, "two"),
        article("c", bridge, "three"),
        article("d", COUNCIL, "four"),
    )
    assert stories["a"] == stories["b"]
    assert "d" not in stories or stories["d"] != stories["a"]


def test_the_same_articles_in_the_same_order_give_the_same_stories():
    told = [FIRE, COUNCIL, FIRE_ELSEWHERE, OTHER_FIRE, FIRE_IN_UKRAINIAN]
    come = [article(str(number), one, f"outlet{number}") for number, one in enumerate(told)]
    assert placed(*come) == placed(*come)


def test_after_a_restart_a_story_goes_on():
    before = Stories()
    come = [article("a", FIRE), article("b", FIRE_ELSEWHERE, "two")]
    stories = placed(*come, stories=before)
    after = Stories(background=before.background)
    for one in come:
        after.recall(one, story=stories.get(one.key), copy=None)
    again = placed(article("c", FIRE_IN_UKRAINIAN, "three", "uk"), stories=after)
    assert again == {"c": "a"}


def test_what_is_out_of_the_window_is_forgotten():
    stories = Stories()
    placed(article("a", FIRE), article("b", FIRE_ELSEWHERE, "two"), stories=stories)
    late = NOON + SPAN + HOUR
    stories.place(article("c", COUNCIL, "three", at=late))
    assert "c" in stories
    assert "a" not in stories
    assert stories.place(article("d", FIRE_IN_UKRAINIAN, "four", "uk", at=late)) == ()


def test_articles_of_few_words_or_none_are_harmless():
    assert placed(*(article(str(number), ("", ""), f"outlet{number}") for number in range(5))) == {}
    assert placed(*(article(str(number), ("Да", "!!!"), f"outlet{number}") for number in range(5))) == {}
