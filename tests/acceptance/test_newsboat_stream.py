"""A day of a newsroom in a minute, as people with Newsboat see it: each story once, and nothing unread again.

Each topic has readers with a cache file of their own (newsboat.py says why, and what Newsboat does with changes). After
each round they reload, and what is unread then is exactly what the round should bring; then they have read it all.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Thread
from types import MappingProxyType

import pytest
from newsboat import Newsboat, installed
from test_story_verbs import FAIR, FERRY, RETOLD

from aggregator import control
from aggregator.lab.origin import Document, Origin

pytestmark = [installed, pytest.mark.timeout(300)]
OLD = 300
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TOPICS = {
    "events": {"fold": "story", "growth": "quiet"},
    "texts": {"fold": "copy", "growth": "loud", "bump_at": [2]},
    "all": {"fold": "none", "growth": "off"},
}
NOTHING = MappingProxyType({})
LONG = (
    "До понедельника жители обоих берегов ездят в Озёрск через старый мост, а школьников возит автобус лесничества. "
    "Расписание висит на пристани, билеты парома действуют и в нём; за грузами обещали послать баржу из Каменки."
)
TOLD = (FERRY[0], f"{FERRY[1]} {LONG}")
CORRECTED = (FERRY[0], TOLD[1].replace("старый мост", "новый мост"))
REWRITTEN = (
    "Паром «Ласточка» у Каменки сняли с мели",
    (
        "Паром «Ласточка» сняли с мели у Каменки: вода поднялась раньше, чем ждали. Капитан Егор Лунин благодарит "
        "рыбаков и обещает выйти в рейс завтра утром, как только водолазы осмотрят винт и руль."
    ),
)
REPRINT = ("Озёрск остался без переправы", TOLD[1])
LIBRARY = (
    "Библиотека получила читальный зал",
    "Зал на сорок мест построили на деньги, собранные выпускниками гимназии.",
)
FROST = (
    "Синоптики обещают заморозки",
    "В ночь на среду столбик термометра опустится до минус трёх, предупредили метеорологи.",
)
CHESS = ("Шахматист выиграл турнир", "Гроссмейстер Пётр Ланге победил в последнем туре и увёз кубок.")
ROWING = ("Гребцы взяли серебро", "Восьмёрка уступила полкорпуса хозяевам регаты, тренер Ольга Веник довольна.")
HOSPITAL = (
    "Больница купила томограф",
    "Аппарат весит шесть тонн, его поднимали краном через крышу хирургического корпуса.",
)
MINT = ("Садоводы спорят о мяте", "Одни зовут её сорняком, другие сушат на чай; клуб садоводов проголосует в марте.")
MARKET = ("Рынок переехал на набережную", "Сорок рядов под стеклянной крышей; рыбу продают у самой воды, с шести утра.")
COMET = (
    "Комета видна без телескопа",
    "Астрономы советуют смотреть на запад через час после заката, пока не взошла луна.",
)


@dataclass
class Outlet:
    """A source, and what stands in its document."""

    name: str
    origin: Origin
    url: str
    items: dict[int, str] = field(default_factory=dict)
    dates: dict[int, datetime] = field(default_factory=dict)

    def link(self, number):
        return f"https://{self.name}.example/news/{number}"

    def tells(self, number, told, *, category="город", age=5 * MINUTE):
        """Have an article stand there; with a number that was there before, in its place."""
        date = self.dates.setdefault(number, datetime.now(UTC) - age)
        self.items[number] = (
            f"<item><guid>{self.name}-{number}</guid><link>{self.link(number)}</link><title>{told[0]}</title>"
            f"<category>{category}</category><pubDate>{format_datetime(date)}</pubDate>"
            f"<description>{told[1]}</description></item>"
        )
        body = f'<rss version="2.0"><channel><title>{self.name}</title>{"".join(self.items.values())}</channel></rss>'
        self.origin.replace(self.url, Document(body=body.encode()))


class Town:
    """A newsroom of a few outlets, three topics, and those who read them."""

    def __init__(self, place, origin):
        self.place, self.origin = place, origin
        self.outlets = {}
        self.match = {"match": "not category:никуда", "not": "category:спорт"}
        self.daemon = None
        self.readers = {}
        self.seen = {}

    def outlet(self, name):
        url = self.origin.serve(f"/{name}.xml", Document(body=b""), host=f"127.0.0.{len(self.outlets) + 2}")
        self.outlets[name] = Outlet(name, self.origin, url)
        return self.outlets[name]

    def write(self):
        """Write down what is configured; nothing is polled by itself after the first time."""
        sources = {name: {"url": one.url, "poll": {"every": "6h"}} for name, one in self.outlets.items()}
        self.place.write(sources, {name: {**how, **self.match} for name, how in TOPICS.items()})

    def start(self):
        self.write()
        self.daemon = self.place.start()

    def stop(self):
        if self.daemon:
            self.daemon.__exit__()

    def reload(self):
        self.write()
        before = len(self.daemon.told("config.reloaded"))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.wait_for(lambda: len(self.daemon.told("config.reloaded")) > before, "the reload")

    def command(self, *line):
        done = self.place.command(*line)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def met(self, *names):
        """Wait until the daemon polled these by itself, which it does with who is new to it."""
        for name in names:
            self.daemon.wait_for(lambda name=name: self.daemon.told("source.polled", source=name), f"a poll of {name}")

    def poll(self):
        """Have the daemon ask everybody, as `aggregator poll --all` does, and publish what came."""
        said = list(control.ask(control.socket_of(self.place.database), {"verb": "poll", "all": True}))
        polled = {one["source"] for one in said if one["event"] == "polled"}
        assert polled == self.outlets.keys(), said

    def subscribe(self, folder):
        """Let two read each topic: one as Newsboat comes, one who wants to be told of other texts."""
        for name, kind in zip(TOPICS, ("atom", "rss", "atom"), strict=True):
            url = f"{self.daemon.address}/feeds/{name}.{kind}"
            for told in (False, True):
                self.readers[name, told] = Newsboat(folder / f"{name}-{told}", url, told_of_updates=told)
                self.seen[name, told] = {}

    def read(self, news=NOTHING, *, again=NOTHING):
        """Let all reload: of each topic these titles are new, and nothing else is unread.

        again  what is unread again for those who want to be told of another text, and for them alone
        """
        for (topic, told), reader in self.readers.items():
            rows, before = reader.reload(), self.seen[topic, told]
            now = {row.guid: row.title for row in rows}
            assert len(now) == len(rows), f"{topic}: a guid twice"
            assert sorted(now[guid] for guid in now.keys() - before) == sorted(news.get(topic, ())), topic
            unread = sorted(row.title for row in rows if row.unread)
            expected = (*news.get(topic, ()), *(again.get(topic, ()) if told else ()))
            assert unread == sorted(expected), (topic, told)
            reader.read_all()
            self.seen[topic, told] = now

    def standing(self, topic):
        """The titles that the topic's document shows now; each is there once."""
        titles = [item["title"] for item in self.daemon.get(f"/feeds/{topic}.json").json()["items"]]
        assert len(set(titles)) == len(titles)
        return set(titles)


@pytest.fixture
def town(place):
    with Origin() as origin:
        made = Town(place, origin)
        yield made
        made.stop()


def everywhere(*told):
    """Each topic, and these titles."""
    return {topic: [title for title, _ in told] for topic in TOPICS}


def test_people_with_newsboat_see_each_story_once_and_nothing_unread_again(town, tmp_path):
    first, second, third = (town.outlet(name) for name in ("gorod", "bereg", "ozero"))
    first.tells(1, FAIR)
    first.tells(2, CHESS, category="спорт")
    second.tells(1, LIBRARY)
    third.tells(1, HOSPITAL)
    town.start()
    town.met(*town.outlets)
    town.poll()
    town.subscribe(tmp_path / "readers")
    town.read(everywhere(FAIR, LIBRARY, HOSPITAL))

    first.tells(3, TOLD)
    third.tells(2, FROST)
    town.poll()
    town.read(everywhere(TOLD, FROST))
    second.tells(3, RETOLD)
    town.poll()
    town.read({"texts": [RETOLD[0]], "all": [RETOLD[0]]}, again={"events": [TOLD[0]]})
    third.tells(3, REPRINT)
    town.poll()
    town.read({"all": [REPRINT[0]]}, again={"texts": [TOLD[0]]})  # "events" shows it when an hour has passed

    first.tells(3, CORRECTED)
    town.poll()
    town.read(again=everywhere(CORRECTED))
    first.tells(3, REWRITTEN)
    town.poll()
    town.read(again=everywhere(REWRITTEN))
    assert REWRITTEN[0] in town.seen["events", False].values()

    the_regrouped(town, first, second, third)
    the_withdrawn(town, second)
    the_killed(town, third)
    the_rule(town, first)
    the_newcomer(town)


def the_regrouped(town, first, second, third):
    """A person puts two stories together and takes them apart, and takes an outlet out of another one."""
    both = {FAIR[0], FROST[0]}
    town.command("story", "merge", first.link(1), third.link(2))
    town.read(again={"events": [FAIR[0]]})
    assert len(both & town.standing("events")) == 1
    town.command("story", "split", third.link(2))
    town.read(again={"events": [FAIR[0]]})
    assert both <= town.standing("events"), "its id is alive again, and was read"
    town.command("story", "split", second.link(3))
    town.read({"events": [RETOLD[0]]}, again={"events": [REWRITTEN[0]]})  # it had no entry there before
    town.command("story", "merge", first.link(3), second.link(3))
    town.read()
    assert RETOLD[0] not in town.standing("events")


def the_withdrawn(town, second):
    """A person takes an item out of everything."""
    town.command("withdraw", second.link(1), "--yes")
    town.read()
    assert all(LIBRARY[0] not in town.standing(topic) for topic in TOPICS)
    town.poll()
    town.read()


def the_killed(town, third):
    """The daemon dies as soon as something came, and lives again."""
    third.tells(4, MARKET)
    town.daemon.events.clear()
    polling = Thread(target=town.place.command, args=("poll", "ozero"))  # a verb without a daemon ends as it likes
    polling.start()
    town.daemon.wait_for(lambda: town.daemon.told("source.polled", source="ozero"), "the poll")
    town.daemon.stop(signal.SIGKILL)
    polling.join()
    town.stop()
    town.start()
    town.poll()
    for topic in TOPICS:  # what came before it died is published beside what we do
        town.daemon.wait_for(lambda topic=topic: MARKET[0] in town.standing(topic), f"the market in {topic}")
    town.read(everywhere(MARKET))


def the_rule(town, first):
    """Sport is let in, from now on."""
    town.match = {"match": "not category:никуда"}
    town.reload()
    town.poll()
    town.read()
    first.tells(4, ROWING, category="спорт")
    town.poll()
    town.read(everywhere(ROWING))


def the_newcomer(town):
    """A source comes with a long past, and a little news."""
    late = town.outlet("sosed")
    for number in range(OLD):
        title = f"Соседи вспоминают год {1700 + number}"
        late.tells(number, (title, f"{title}: рассказ старожила."), age=3 * DAY + number * MINUTE)
    late.tells(OLD, MINT, age=30 * MINUTE)
    late.tells(OLD + 1, COMET, age=20 * MINUTE)
    town.reload()
    town.met("sosed")
    town.poll()
    town.read(everywhere(MINT, COMET))
    town.poll()
    town.read()
