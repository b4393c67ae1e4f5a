"""Invented news: what happened, and how each outlet words it.

In:    chance.
Out:   happenings, and tellings of one whose texts the product's own method joins, and joins with no other.
Never: names anything that exists, or uses one invented name for two happenings.

What makes two tellings one story is what a real pair of reports shares: the names of the place, of who was there and of
what it is about. Here every happening has eight such names of its own; no two of them have the same consonants, for
that is what the product keeps of a word (dedup/roots.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

CONSONANTS, VOWELS = "бвгджзклмнпрстфхш", "аоуеи"
FACTS = 5  # of six, that an outlet tells

KINDS = (
    ("сгорел склад", "огонь уничтожил склад", "пожар на складе"),
    ("открыли мост", "по новому мосту пошли машины", "строители сдали мост"),
    ("суд закрыл завод", "завод остановлен судом", "судья запретил работу завода"),
    ("нашли древний клад", "археологи подняли из земли клад", "под землёй лежал клад"),
    ("выиграла кубок команда", "команда взяла кубок", "кубок достался команде"),
    ("затопило шахту", "вода залила шахту", "в шахту прорвалась вода"),
    ("украли картину из музея", "музей лишился картины", "вор унёс картину музея"),
    ("запустили паром", "паром вышел в первый рейс", "на реке появился паром"),
    ("бастуют водители депо", "депо встало из-за забастовки", "водители отказались работать в депо"),
    ("родился тигр в зоопарке", "зоопарк показал тигрёнка", "тигрица принесла детёныша в зоопарке"),
    ("рухнула башня элеватора", "элеватор потерял башню", "обвалилась башня на элеваторе"),
    ("испытали самолёт конструкторов", "опытный самолёт поднялся в воздух", "конструкторы подняли самолёт"),
)
ROLES = ("директор", "инженер", "следователь", "мэр", "врач", "тренер", "профессор", "бригадир", "адвокат", "капитан")
THINGS = """
    насосы прожекторы лопаты автобусы дроны катера собаки палатки генераторы тракторы носилки рации краны вагоны
    бочки доски кирпичи шланги якоря паруса барабаны скрипки афиши билеты перчатки коньки клюшки мячи шлемы весы
    чертежи схемы карты книги рукописи монеты кувшины бусы мечи щиты микроскопы пробирки бинты кровати ложки котлы
    печи дрова яблоки сливы арбузы пчёлы ульи кролики телята сено комбайны мельницы жернова мешки канаты лебёдки
    рельсы шпалы фонари
""".split()  # noqa: SIM905 - a list of words, and not of quotes
TITLES = (
    "{Kind} «{firm}» в городе {town}",
    "{town}: {kind} «{firm}», рассказал {hero}",
    "{hero} о случае в городе {town}: {kind} «{firm}»",
    "«{firm}» ({town}): {kind}",
)
SAID = (
    (
        "{Kind} «{firm}» на улице {street} в городе {town}.",
        "На улице {street} ({town}) случилось вот что: {kind} «{firm}».",
        "Город {town} обсуждает новость: {kind} «{firm}», улица {street}.",
        "Как стало известно, {kind} «{firm}»; место действия {town}, улица {street}.",
    ),
    (
        "Об этом сообщил {role} {hero}, который приехал туда первым.",
        "{Role} {hero} подтвердил это журналистам у входа.",
        "По словам того, кто руководит делом ({role} {hero}), всё решилось быстро.",
        "«Мы справились», заявил {role} {hero} вечером.",
    ),
    (
        "Понадобились {one}, {two} и {three}, их прислала фирма «{helper}».",
        "Фирма «{helper}» одолжила {one}, а с ними {two} и {three}.",
        "{One}, {two}, {three}: всё это привезла «{helper}».",
        "Без помощи «{helper}», которая дала {two}, {one} и {three}, ничего не вышло бы.",
    ),
    (
        "Свидетельница {witness} из посёлка {village} насчитала {number} человек.",
        "Посёлок {village} был виден издалека, там стояли {number} человек, говорит {witness}.",
        "{witness}, жительница посёлка {village}, называет число {number}.",
        "Собралось {number} зрителей, среди них {witness} (посёлок {village}).",
    ),
    (
        "Расходы берёт на себя фонд «{fund}», он купит {four}.",
        "Фонд «{fund}» обещает оплатить расходы и {four}.",
        "За {four} заплатят из денег фонда «{fund}».",
        "Деньги нашлись: «{fund}» выделит их, чтобы купить {four}.",
    ),
    (
        "Через {days} суток {town} ждёт комиссию, её возглавит {role} {hero}.",
        "Комиссия приедет в {town} через {days} суток.",
        "Окончательный ответ дадут через {days} суток, когда {hero} закончит отчёт.",
        "Отчёт, над которым работает {hero}, обещан через {days} суток.",
    ),
)
ENDS = (
    "Наш корреспондент {own} следит за тем, что будет дальше.",
    "Текст подготовил {own}, снимки сделаны утром.",
    "Редактор {own} просит очевидцев звонить.",
    "Записал {own} по телефону.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened, with names that nothing else has."""

    number: int
    words: dict[str, str]
    kind: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How an outlet tells of it."""

    title: str
    text: str


def names(rng: random.Random) -> Iterator[str]:
    """Names that were never given before: four consonants each, no four twice."""
    given = set()
    while True:
        skeleton = tuple(rng.sample(CONSONANTS, 4))
        if skeleton not in given:
            given.add(skeleton)
            yield "".join(letter + rng.choice(VOWELS) for letter in skeleton[:3]).title() + skeleton[3]


class Tales:
    """Invents one happening after the other, and words them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng, self._names, self._numbers = rng, names(rng), 0

    def happening(self) -> Happening:
        """Invent what nobody has heard of."""
        rng, new = self._rng, self._names
        one, two, three, four = rng.sample(THINGS, 4)
        self._numbers += 1
        words = {
            **{name: next(new) for name in ("town", "firm", "street", "helper", "village", "fund")},
            "hero": f"{next(new)} {next(new)}",
            "witness": next(new),
            "role": rng.choice(ROLES),
            "one": one,
            "two": two,
            "three": three,
            "four": four,
            "number": str(rng.randint(20, 900)),
            "days": str(rng.randint(3, 19)),
        }
        return Happening(number=self._numbers, words=words, kind=rng.choice(KINDS))

    def wording(self, of: Happening, teller: int) -> Wording:
        """Word it as this outlet does; a reporter of its own stands in the last sentence."""
        rng = self._rng
        kind = of.kind[teller % len(of.kind)]
        words = {**of.words, "kind": kind, "own": next(self._names)}
        words |= {name.title(): _upper(words[name]) for name in ("kind", "role", "one")}
        told = [rng.choice(ways) for ways in rng.sample(SAID[1:], FACTS - 1)]
        lines = [SAID[0][teller % len(SAID[0])], *told, rng.choice(ENDS)]
        return Wording(title=TITLES[(teller // 3) % len(TITLES)].format(**words), text=" ".join(lines).format(**words))


def corrected(text: str) -> str:
    """Return a text in which two words are other ones: less than 15 % of it (publication.md R5)."""
    return f"{text.removesuffix('.')}, уточнили позже."


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
