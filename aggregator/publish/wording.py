"""What our pages say in a reader's language: dates, counts, labels.

In:    a language tag; dates and numbers.
Out:   words in Russian, Ukrainian or English; English where we do not speak the language.
Never: translates what a publisher wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one language. Months stand as in a date; counts as (one, few, many)."""

    code: str  # BCP 47
    weekdays: tuple[str, ...]  # Monday first
    months: tuple[str, ...]
    entries: tuple[str, str, str]
    subscribe: str
    updated: str
    empty: str
    skip: str  # to the main part, for a keyboard
    entry_list: str
    also_in: str
    whole_story: str  # a link, below the other outlets
    stories: str
    all_topics: str
    topics: str
    sources: str
    no_topics: str
    not_yet: str
    how: str  # to subscribe
    zone: str
    kinds: Mapping[str, str]  # of enclosures, by the first half of their media type; "" for the rest
    edited: str
    edits: str
    no_edits: str
    cut: str  # when a text is longer than what is compared: its place is filled with a number
    removed: str
    added: str
    former: str
    title: str
    text: str
    seen: str
    published: str
    original: str
    versions: str
    sections: str
    megabytes: str
    point: str  # the decimal one

    def day(self, day: date) -> str:
        """Return "Воскресенье, 1 марта 2026"."""
        return f"{self.weekdays[day.weekday()]}, {self.date(day)}"

    def date(self, day: date) -> str:
        """Return "1 марта 2026"."""
        return f"{day.day} {self.months[day.month - 1]} {day.year}"

    def moment(self, moment: datetime) -> str:
        """Return "1 марта 2026, 15:44 UTC"."""
        moment = moment.astimezone(UTC)
        return f"{self.date(moment)}, {moment:%H:%M}\N{NO-BREAK SPACE}UTC"

    def size(self, length_bytes: int) -> str:
        """Return "12,5 МБ"."""
        return f"{length_bytes / 1e6:.1f} {self.megabytes}".replace(".", self.point)

    def count(self, number: int) -> str:
        """Return "21 запись"."""
        return f"{number} {self.entries[_form(self.code, number)]}"


def _form(code: str, number: int) -> int:
    """Return which of (one, few, many) goes with a number (CLDR, plural rules of ru, uk and en)."""
    if code == "en":
        return 0 if number == 1 else 2
    last, teens = number % 10, number % 100 in range(11, 15)
    if teens or last == 0 or last > 4:  # noqa: PLR2004 - the rule itself
        return 2
    return 0 if last == 1 else 1


_EN = Wording(
    code="en",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    entries=("entry", "entries", "entries"),
    subscribe="Subscribe",
    updated="updated",
    empty="Nothing has been published here yet. Subscribe now, and the first entry will find you.",
    skip="Skip to the content",
    entry_list="Entries",
    also_in="Also in",
    whole_story="The whole story",
    stories="Stories",
    all_topics="All topics",
    topics="Topics",
    sources="Sources",
    no_topics="No topics are configured yet.",
    not_yet="not published yet",
    how="Copy the address of a feed into your feed reader.",
    zone="All times are UTC.",
    kinds={"audio": "Audio", "video": "Video", "image": "Image", "": "File"},
    edited="Edited",
    edits="Edits",
    no_edits="Since we first saw it, its publisher has not changed its words.",
    cut="Only the first {} words of each version are compared.",
    removed="removed",
    added="added",
    former="former version",
    title="Title",
    text="Text",
    seen="seen by us",
    published="published",
    original="At the publisher's",
    versions="Versions",
    sections="Sections",
    megabytes="MB",
    point=".",
)  # fmt: skip

_RU = Wording(
    code="ru",
    weekdays=("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье"),
    months=(
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
    entries=("запись", "записи", "записей"),
    subscribe="Подписаться",
    updated="обновлено",
    empty="Здесь пока ничего нет. Подпишитесь, и первая запись найдёт вас сама.",
    skip="К содержанию",
    entry_list="Записи",
    also_in="Также в изданиях",
    whole_story="Вся история",
    stories="Истории",
    all_topics="Все темы",
    topics="Темы",
    sources="Источники",
    no_topics="Пока не настроено ни одной темы.",
    not_yet="ещё не опубликовано",
    how="Скопируйте адрес ленты в программу для чтения новостей.",
    zone="Время всюду — UTC.",
    kinds={"audio": "Аудио", "video": "Видео", "image": "Изображение", "": "Файл"},
    edited="Изменено",
    edits="Правки",
    no_edits="С тех пор как мы впервые увидели эту статью, издание не меняло её слов.",
    cut="Сравниваются только первые {} слов каждой версии.",
    removed="удалено",
    added="добавлено",
    former="прежняя версия",
    title="Заголовок",
    text="Текст",
    seen="замечено нами",
    published="опубликовано",
    original="На сайте издания",
    versions="Версии",
    sections="Разделы",
    megabytes="МБ",
    point=",",
)  # fmt: skip

_UK = Wording(
    code="uk",
    weekdays=("Понеділок", "Вівторок", "Середа", "Четвер", "П’ятниця", "Субота", "Неділя"),
    months=(
        "січня", "лютого", "березня", "квітня", "травня", "червня",
        "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
    ),
    entries=("запис", "записи", "записів"),
    subscribe="Підписатися",
    updated="оновлено",
    empty="Тут поки що нічого немає. Підпишіться, і перший запис знайде вас сам.",
    skip="До вмісту",
    entry_list="Записи",
    also_in="Також у виданнях",
    whole_story="Уся історія",
    stories="Історії",
    all_topics="Усі теми",
    topics="Теми",
    sources="Джерела",
    no_topics="Поки що не налаштовано жодної теми.",
    not_yet="ще не опубліковано",
    how="Скопіюйте адресу стрічки до програми для читання новин.",
    zone="Час усюди — UTC.",
    kinds={"audio": "Аудіо", "video": "Відео", "image": "Зображення", "": "Файл"},
    edited="Змінено",
    edits="Правки",
    no_edits="Відколи ми вперше побачили цю статтю, видання не змінювало її слів.",
    cut="Порівнюються лише перші {} слів кожної версії.",
    removed="вилучено",
    added="додано",
    former="попередня версія",
    title="Заголовок",
    text="Текст",
    seen="помічено нами",
    published="опубліковано",
    original="На сайті видання",
    versions="Версії",
    sections="Розділи",
    megabytes="МБ",
    point=",",
)  # fmt: skip

_ALL = {wording.code: wording for wording in (_EN, _RU, _UK)}


def wording_for(language: str | None) -> Wording:
    """Return the words for a BCP 47 tag, by its first part; English where we have none."""
    return _ALL.get((language or "").partition("-")[0].lower(), _EN)
