"""A person names sections, by the real process: it holds over rules, is learned from, and can be taken back."""

from __future__ import annotations

from email.utils import format_datetime

import pytest

from aggregator import clock
from aggregator.lab.origin import Document, Origin

SPORT = ["Вратарь отбил пенальти", "Хоккеисты сыграли вничью", "Тренер сборной назвал состав", "Кубок достался гостям"]
MONEY = ["Банк поднял ставку", "Нефть подешевела к вечеру", "Рубль окреп к доллару", "Биржа закрылась в плюсе"]
ASKED = "Вратарь сборной вернул кубок"
SECTIONS = {
    "sport": {"title": "Спорт", "learned": True},
    "money": {"title": "Деньги", "learned": True, "parent": "life"},
    "life": {"title": "Жизнь"},
}


def url(folder, number):
    return f"https://gorod.example/{folder}/{number}"


def document(articles):
    now = format_datetime(clock.now())
    items = "".join(
        f"<item><link>{url(folder, n)}</link><title>{title}</title><pubDate>{now}</pubDate></item>"
        for n, (folder, title) in enumerate(articles)
    )
    return Document(body=f'<rss version="2.0"><channel><title>Город</title>{items}</channel></rss>'.encode())


@pytest.fixture
def town(place):
    """A source that files its articles in folders, two of which are mapped; polled once."""
    articles = [("arena", title) for title in SPORT] + [("kassa", title) for title in MONEY] + [("news", ASKED)]
    with Origin() as origin:
        mapped = {"/arena/": "sport", "/kassa/": "money"}
        source = {"url": origin.serve("/gorod.xml", document(articles)), "language": "ru", "map": {"path": mapped}}
        topics = {"sport": {"match": "section:sport"}, "all": {"match": "source:gorod"}}
        place.write({"gorod": source}, topics, beside_topics={"sections": SECTIONS})
        assert place.command("poll").returncode == 0
        yield place


def sections(place, address):
    (told,) = place.json("why", address)
    return {one["section"]: one["why"] for one in told["sections"]}


ITEM = url("news", 8)


def test_sections_come_from_folders_and_are_learned_from_them(town):
    assert sections(town, url("arena", 0)) == {"sport": "its address has «/arena/», mapped by its source"}
    mapped = "its address has «/kassa/», mapped by its source"
    assert sections(town, url("kassa", 4)) == {"money": mapped, "life": f"part of it is Деньги: {mapped}"}
    assert sections(town, ITEM) == {"sport": "learned from 8 examples: «вратар», «сборно», «кубок»"}


def test_a_person_s_word_holds_until_it_is_taken_back(town):
    said = town.json("section", "set", ITEM, "money")
    assert {one["section"] for one in said["sections"]} == {"money", "life"}
    assert town.command("poll", "gorod").returncode == 0
    assert sections(town, ITEM) == {"money": "a person said so", "life": "part of it is Деньги: a person said so"}
    assert town.json("section", "set", ITEM, "--none")["sections"] == []
    assert sections(town, ITEM) == {}
    again = town.json("section", "set", ITEM, "--clear")["sections"]
    assert [one["section"] for one in again] == ["sport"]


def test_what_a_person_names_is_learned(town):
    assert town.command("section", "set", url("arena", 0), "money").returncode == 0
    report = {one["section"]: one for one in town.json("section", "report")}
    assert (report["sport"]["examples"], report["money"]["examples"]) == (3, 5)
    assert (report["sport"]["said"], report["money"]["said"]) == (0, 1)
    assert town.command("section", "report").stdout.splitlines()[0].split()[:2] == ["section", "examples"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([ITEM, "sprot"], "sprot is no section; there are: life, money, sport", id="no section"),
        pytest.param([ITEM], "name its sections, or say --none or --clear", id="nothing said"),
        pytest.param([ITEM, "sport", "--none"], "one of the three", id="a contradiction"),
    ],
)
def test_wrong_use_is_said(town, arguments, says):
    asked = town.command("section", "set", *arguments)
    assert (asked.returncode, says in asked.stderr) == (2, True)


def test_taking_back_what_nobody_said_is_said(town):
    asked = town.command("section", "set", ITEM, "--clear")
    assert asked.returncode == 1
    assert "nobody has named sections" in asked.stderr
