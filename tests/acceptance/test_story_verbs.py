"""The last word about a story, said to the real process: beside the daemon, after a restart, and without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from aggregator.lab.origin import Document, Origin

FERRY = (
    "Паром «Ласточка» сел на мель у Каменки",
    (
        "Паром «Ласточка» сел на мель у Каменки в субботу утром. Двадцать пассажиров сняли рыбаки, рассказал капитан "
        "Егор Лунин. Судно стащат с мели в понедельник, когда поднимется вода в Озёрске."
    ),
)
RETOLD = (
    "Рыбаки Каменки сняли пассажиров с «Ласточки»",
    (
        "Двадцать пассажиров парома «Ласточка», который в субботу сел на мель у Каменки, сняли рыбаки. Капитан Егор "
        "Лунин ждёт понедельника: поднимется вода, и судно стащат."
    ),
)
FAIR = (
    "В Озёрске открылась ярмарка мёда",
    "Сорок пасечников привезли на площадь Озёрска гречишный и липовый мёд. Ярмарка продлится до вечера.",
)


@pytest.fixture
def outlets(place):
    """Three outlets, of which two tell of one event."""
    published = format_datetime(datetime.now(UTC) - timedelta(minutes=9))
    with Origin() as origin:
        sources = {}
        for number, (title, text) in enumerate((FERRY, RETOLD, FAIR), 1):
            item = (
                f"<item><guid>1</guid><title>{title}</title><link>https://o{number}.example/news/1</link>"
                f"<pubDate>{published}</pubDate><description>{text}</description></item>"
            )
            body = f'<rss version="2.0"><channel><title>О</title>{item}</channel></rss>'.encode()
            sources[f"o{number}"] = {"url": origin.serve("/f.xml", Document(body=body), host=f"127.0.0.{number}")}
        place.write(sources, {"all": {"title": "Всё", "match": "source:o1,o2,o3", "fold": "story"}})
        yield


def url(number):
    return f"https://o{number}.example/news/1"


def outlets_of(place, number):
    return {one["source"] for one in place.json("story", "show", url(number))["items"]}


@pytest.mark.usefixtures("outlets")
def test_what_a_person_says_of_a_story_holds(place):
    with place.start() as daemon:
        daemon.wait_for(lambda: len(daemon.told("source.polled")) == 3, "three polls")
        daemon.wait_for(lambda: len(daemon.get("/feeds/all.json").json()["items"]) == 2, "two entries")
        assert outlets_of(place, 1) == outlets_of(place, 2) == {"o1", "o2"}
        split = place.command("story", "split", url(2))
        assert (split.returncode, split.stderr) == (0, "")
        assert "1 item taken out of the story, which has 1 left." in split.stdout
        assert outlets_of(place, 2) == {"o2"}
        assert len(place.json("story", "merge", url(1), url(3))["story"]) == 2
        assert "Pinned, in a story of 2 items" in place.command("story", "pin", url(3)).stdout
        # Which of two that came together had the face is chance, and so which id goes on; the second is by itself now.
        entries = daemon.get("/feeds/all.json").json()["items"]
        assert sorted(entry["url"] == url(2) for entry in entries) == [False, True]
        assert daemon.stop() == 0
    rebuilt = place.command("story", "rebuild")
    assert "3 items of the last days grouped anew: 0 moved; stories: 0 split, 0 merged." in rebuilt.stdout
    with place.start():
        assert place.json("story", "rebuild", "--dry-run") == {
            "dry_run": True,
            "items": 3,
            "moved": [],
            "split": [],
            "merged": [],
        }
        assert (outlets_of(place, 1), outlets_of(place, 2)) == ({"o1", "o3"}, {"o2"})
    shown = place.command("story", "show", url(3)).stdout
    assert "is pinned" in shown
    assert "are together" in shown
    assert "a person said so" in place.command("why", url(3)).stdout


@pytest.mark.usefixtures("outlets")
def test_wrong_words_are_answered_with_a_sentence(place):
    assert place.command("poll").returncode == 0
    for line, code, sentence in (
        (("split", url(3)), 1, "it is alone: nothing would be left of the story"),
        (("split", url(1), url(3)), 1, "is not in the story of"),
        (("merge", url(1), url(1)), 2, "are one item; name one of each story"),
        (("pin", "--off", url(1)), 1, "is not pinned"),
        (("show", "https://nowhere.example/1"), 1, "nothing is stored under https://nowhere.example/1"),
        (("merge", url(1)), 2, "Missing argument 'ITEM'"),
    ):
        ended = place.command("story", *line)
        assert (ended.returncode, sentence in ended.stderr) == (code, True), ended.stderr
        assert "Traceback" not in ended.stderr
