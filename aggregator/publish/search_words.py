"""What the page of a search says in a reader's language.

In:    a language tag.
Out:   words in Russian, Ukrainian or English; English where we do not speak the language.
Never: translates a query, or what is wrong with one: the query language has English words.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.publish.wording import wording_for


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWords:
    """The words of one language."""

    search: str
    looked_for: str  # the label of the box
    hint: str
    found: str  # {}: how many
    many: str  # {}: how many are shown
    nothing: str
    cut: str  # {}: how many articles were read
    order: str
    newer: str
    older: str
    why: str  # a link to the page of an item
    wrong: str  # before what is wrong with a query
    too_long: str  # {}: characters, words
    no_page: str  # {}: pages
    no_query: str
    busy: str


_EN = SearchWords(
    search="Search",
    looked_for="Words, or a query",
    hint=(
        "A word finds all its forms; “words in quotes” stand one behind another. "
        "Also and, or, not, title:, section:, source:, lang:uk, age:<7d."
    ),
    found="Found: {}.",
    many="The newest {} are shown.",
    nothing="Nothing was found.",
    cut="Only the newest {} articles that may match were read, so older ones may be missing. Ask for rarer words.",
    order="Articles stand in the order in which they came here, the newest first; times are those of their publishers.",
    newer="Newer",
    older="Older",
    why="More about it",
    wrong="This query cannot be read",
    too_long="A query has at most {} characters and {} words.",
    no_page="A page is a number from 1 to {}.",
    no_query="A search needs a query: /search.atom?q=…",
    busy="Too many searches are under way at this moment. Please try again in a few seconds.",
)
_RU = SearchWords(
    search="Поиск",
    looked_for="Слова или запрос",
    hint=(
        "Слово находит все свои формы; «слова в кавычках» стоят подряд. "
        "А также and, or, not, title:, section:, source:, lang:uk, age:<7d."
    ),
    found="Найдено: {}.",
    many="Показано последних: {}.",
    nothing="Ничего не найдено.",
    cut="Просмотрены только последние подходящие статьи: {}. Более старых может не хватать; спросите о более редком.",
    order="Статьи стоят в том порядке, в каком пришли сюда, новые сверху; время — то, что называют издания.",
    newer="Новее",
    older="Старше",
    why="Подробнее",
    wrong="Этот запрос нельзя прочесть",
    too_long="В запросе не больше {} знаков и {} слов.",
    no_page="Страница — число от 1 до {}.",
    no_query="Поиску нужен запрос: /search.atom?q=…",
    busy="Сейчас ищут слишком многие. Повторите, пожалуйста, через несколько секунд.",
)
_UK = SearchWords(
    search="Пошук",
    looked_for="Слова або запит",
    hint=(
        "Слово знаходить усі свої форми; «слова в лапках» стоять поспіль. "
        "А також and, or, not, title:, section:, source:, lang:uk, age:<7d."
    ),
    found="Знайдено: {}.",
    many="Показано останніх: {}.",
    nothing="Нічого не знайдено.",
    cut="Переглянуто лише останні статті, що можуть підійти: {}. Старіших може бракувати; спитайте про рідкісніше.",
    order="Статті стоять у тому порядку, в якому надійшли сюди, нові згори; час — той, що його називають видання.",
    newer="Новіші",
    older="Старіші",
    why="Докладніше",
    wrong="Цей запит не можна прочитати",
    too_long="У запиті не більше {} знаків і {} слів.",
    no_page="Сторінка — число від 1 до {}.",
    no_query="Пошуку потрібен запит: /search.atom?q=…",
    busy="Зараз шукають надто багато хто. Спробуйте, будь ласка, за кілька секунд.",
)
_ALL = {"en": _EN, "ru": _RU, "uk": _UK}


def search_words_for(language: str | None) -> SearchWords:
    """Return the words for a BCP 47 tag; English where we have none."""
    return _ALL[wording_for(language).code]
