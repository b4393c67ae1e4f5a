"""A source or a rule comes to a running newsroom: its news enter, its past does not (publication.md R11, R12)."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from aggregator.lab.origin import Document, Origin

MANY = 300
FOLDS = ("story", "copy", "none")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PLACES = ("мост", "паром", "школа", "рынок", "маяк", "вокзал", "театр", "музей", "парк", "причал")
DEEDS = ("открыли", "красят", "закрыли", "чинят", "осветили")
SPORT, OTHER = 50, 10


def title(number):
    return f"{PLACES[number % 10].title()} {DEEDS[number // 10 % 5]}, дом {number}"


def feed(name, dates, category=lambda _: "город"):
    """A document of items with these dates, in this order."""
    items = "".join(
        f"<item><guid>{name}-{n}</guid><link>https://{name}.example/{n}</link><title>{title(n)}</title>"
        f"<category>{category(n)}</category><pubDate>{format_datetime(date)}</pubDate></item>"
        for n, date in enumerate(dates)
    )
    return Document(body=f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode())


def entries(daemon, topic):
    return {item["id"]: item["title"] for item in daemon.get(f"/feeds/{topic}.json").json()["items"]}


def reload(place, daemon, sources):
    """Let the configuration on disk take over, and everything that follows from it be published."""
    before = len(daemon.told("config.reloaded"))
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: len(daemon.told("config.reloaded")) > before, "the reload")
    for name in sources:  # who is new is polled at once
        daemon.wait_for(lambda name=name: daemon.told("source.polled", source=name), f"a poll of {name}")
    done = place.command("poll", "--all")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "age",
    [
        pytest.param(lambda n: (n + 1) * HOUR if n < 10 else 2 * DAY + n * HOUR, id="10 of them young"),
        pytest.param(lambda n: n * 10 * timedelta(seconds=1), id="all of the last hour"),
    ],
)
def test_a_new_source_with_300_items_puts_10_into_a_topic_at_most(place, age):
    now = datetime.now(UTC)
    topics = {fold: {"match": "not category:спорт", "fold": fold} for fold in FOLDS}
    with Origin() as origin:
        sources = {"one": {"url": origin.serve("/1.xml", feed("one", [now - HOUR] * 3))}}
        place.write(sources, topics)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(entries(daemon, "none")) == 3, "the entries of the first source")
            before = {fold: entries(daemon, fold) for fold in FOLDS}
            many = feed("two", [now - age(n) for n in range(MANY)])
            sources["two"] = {"url": origin.serve("/2.xml", many, host="127.0.0.2")}
            place.write(sources, topics)
            for _ in range(2):
                reload(place, daemon, sources)
                came = {fold: entries(daemon, fold).keys() - before[fold].keys() for fold in FOLDS}
                assert len(came["none"]) == 10
                assert all(len(came[fold]) <= 10 for fold in FOLDS)
                assert all(before[fold].items() <= entries(daemon, fold).items() for fold in FOLDS)
            assert place.json("status", "two")["items"] == MANY


@pytest.fixture
def newsroom(place):
    """A topic without sport, and 50 items of sport in the store, all of the last hours."""
    now = datetime.now(UTC)
    dates = [now - n * MINUTE for n in range(SPORT + OTHER)]
    with Origin() as origin:
        document = feed("one", dates, category=lambda n: "спорт" if n < SPORT else "город")
        sources = {"one": {"url": origin.serve("/1.xml", document), "first": SPORT + OTHER}}
        place.write(sources, {"all": {"match": "source:one", "not": "category:спорт", "fold": "none"}})
        with place.start() as daemon:
            daemon.wait_for(lambda: len(entries(daemon, "all")) == OTHER, "the entries")
            yield place, daemon, sources


@pytest.mark.parametrize("backfill", [0, 5], ids=["without backfill", "with backfill"])
def test_an_edited_rule_adds_none_of_the_past_but_what_backfill_asks_for(newsroom, backfill):
    place, daemon, sources = newsroom
    before = entries(daemon, "all")
    place.write(sources, {"all": {"match": "source:one", "fold": "none", "backfill": backfill}})
    for _ in range(2):
        reload(place, daemon, sources)
        now = entries(daemon, "all")
        assert before.items() <= now.items()
        assert {now[one] for one in now.keys() - before.keys()} == {title(n) for n in range(backfill)}
