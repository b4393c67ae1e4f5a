"""What our pages say in a reader's language: dates, counts, labels.

In:    a language tag; dates and numbers.
Out:   words in Russian, Ukrainian or English; English where we do not speak the language.
Never: translates what a publisher wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from aggregator.model import TellerWords


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
    lately: str  # {}: how many entries came in the last 24 hours
    opml: str  # a link: all topics in one file
    how: str  # to subscribe
    filters: str  # what the links are that show a part of a page
    everything: str  # the one of them that shows all
    only: str  # {}: the section or the outlet of which all entries are shown
    outlet_list: str
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
    story: str  # in the list of stories, what its columns hold
    outlets: str
    articles: str
    began: str  # a story, and when
    biggest: str  # {}: days
    no_stories: str
    newest: str  # {}: how many articles are shown
    told_first: str  # {}: an outlet
    first: str  # of the articles of a story
    like: Mapping[str, str]  # how an article was found to tell it, before the name of another, by Membership.method
    not_shown: str
    rule: str
    both_say: str
    order: str
    tellers: TellerWords

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
    lately="{} in the last 24 hours",
    opml="All topics in one file (OPML)",
    how="Copy the address of a feed into your feed reader.",
    filters="Show",
    everything="All",
    only="Only “{}” is shown",
    outlet_list="Outlets",
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
    story="story",
    outlets="outlets",
    articles="articles",
    began="began",
    biggest="What most outlets told of in the last {} days.",
    no_stories="No two outlets told of the same yet.",
    newest="the newest {} are shown",
    told_first="told first by {}",
    first="the first",
    like={
        "same-url": "has the same address as",
        "same-text": "has the same text as",
        "alike": "is like",
        "person": "was put by a person with",
        "kept": "stands beside",
    },
    not_shown="an article that is not shown",
    rule="rule",
    both_say="both say",
    order="Articles stand in the order in which they came here; the times are those their publishers say.",
    tellers=TellerWords(),
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
    lately="за сутки: {}",
    opml="Все темы одним файлом (OPML)",
    how="Скопируйте адрес ленты в программу для чтения новостей.",
    filters="Показать",
    everything="Все",
    only="Показано только «{}»",
    outlet_list="Издания",
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
    story="история",
    outlets="изданий",
    articles="статей",
    began="начало",
    biggest="О чём рассказало больше всего изданий за последние {} дн.",
    no_stories="Пока нет ничего, о чём рассказали бы два издания.",
    newest="показаны последние {}",
    told_first="первоисточник — {}",
    first="первая",
    like={
        "same-url": "тот же адрес:",
        "same-text": "тот же текст:",
        "alike": "похоже:",
        "person": "решение человека:",
        "kept": "рядом с ней:",
    },
    not_shown="статья, которой здесь нет",
    rule="правило",
    both_say="общие слова",
    order="Статьи стоят в том порядке, в каком пришли сюда, а время — то, что называют издания.",
    tellers=TellerWords(
        cites_nobody="ни на кого не ссылается",
        cited_by="на него ссылаются: {}",
        before="раньше, чем {} ({})",
        being_ours="наш источник",
        by_name="по названию",
        by_priority="приоритет {:g} против {:g}",
        by_time="по времени, когда мы увидели",
        one_outlet="изданий: {}, независимых: {} — {}",
        outlets="изданий: {}, независимых: {} — {}",
        is_cited="источник — {}",
        one_text="один текст",
        one_owner="один владелец",
    ),
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
    lately="за добу: {}",
    opml="Усі теми одним файлом (OPML)",
    how="Скопіюйте адресу стрічки до програми для читання новин.",
    filters="Показати",
    everything="Усі",
    only="Показано лише «{}»",
    outlet_list="Видання",
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
    story="історія",
    outlets="видань",
    articles="статей",
    began="початок",
    biggest="Про що розповіло найбільше видань за останні {} дн.",
    no_stories="Поки що немає нічого, про що розповіли б два видання.",
    newest="показано останні {}",
    told_first="першоджерело — {}",
    first="перша",
    like={
        "same-url": "та сама адреса:",
        "same-text": "той самий текст:",
        "alike": "схоже:",
        "person": "рішення людини:",
        "kept": "поруч із нею:",
    },
    not_shown="стаття, якої тут немає",
    rule="правило",
    both_say="спільні слова",
    order="Статті стоять у тому порядку, в якому надійшли сюди, а час — той, що його називають видання.",
    tellers=TellerWords(
        cites_nobody="ні на кого не посилається",
        cited_by="на нього посилаються: {}",
        before="раніше, ніж {} ({})",
        being_ours="наше джерело",
        by_name="за назвою",
        by_priority="пріоритет {:g} проти {:g}",
        by_time="за часом, коли ми побачили",
        one_outlet="видань: {}, незалежних: {} — {}",
        outlets="видань: {}, незалежних: {} — {}",
        is_cited="джерело — {}",
        one_text="один текст",
        one_owner="один власник",
    ),
)  # fmt: skip

_ALL = {wording.code: wording for wording in (_EN, _RU, _UK)}


def wording_for(language: str | None) -> Wording:
    """Return the words for a BCP 47 tag, by its first part; English where we have none."""
    return _ALL.get((language or "").partition("-")[0].lower(), _EN)
