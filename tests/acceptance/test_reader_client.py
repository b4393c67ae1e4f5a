"""A real reader: lemon24/reader follows the JSON Feed of a topic over several rounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sample import document

from aggregator.lab.origin import Origin

reader = pytest.importorskip("reader", reason="lemon24/reader is not installed")
TITLES = ["Мост через Днепр открыт", "На Донбассе снова дали воду", "Їжак оселився в Києві"]
LATER = 'Ferry & "bridge" <reopened>'


def shown(person, url):
    """What a person is shown, the newest first: title, link, date, whether it is read."""
    person.update_feed(url)
    return [(one.title, one.link, one.published, one.read) for one in person.get_entries(sort="recent")]


@pytest.mark.parametrize("kind", ["json", "atom", "rss"])
def test_reader_shows_titles_links_dates_and_cyrillic_and_nothing_twice(place, kind):
    with Origin() as origin:
        url = origin.serve("/1.xml", document(TITLES))
        place.write(
            {"one": {"url": url, "poll": {"every": "2s", "under_floor": True}}},
            {"all": {"title": "Всё", "match": "source:one"}},
        )
        with place.start() as daemon, reader.make_reader(":memory:") as person:
            daemon.wait_for(lambda: len(daemon.get("/feeds/all.json").json()["items"]) == len(TITLES), "the entries")
            feed = f"{daemon.address}/feeds/all.{kind}"
            person.add_feed(feed)
            first = shown(person, feed)
            for entry in person.get_entries():
                person.mark_entry_as_read(entry)
            assert [(title, read) for title, *_, read in shown(person, feed)] == [(title, True) for title, *_ in first]
            origin.serve("/1.xml", document([*TITLES, LATER]))
            daemon.wait_for(lambda: len(daemon.get("/feeds/all.json").json()["items"]) > len(TITLES), "the new entry")
            second = shown(person, feed)
            assert person.get_feed(feed).title == "Всё"
    assert sorted(title for title, *_ in first) == sorted(TITLES)
    assert [title for title, *_, read in second if not read] == [LATER]
    assert len(second) == len(TITLES) + 1
    now = datetime.now(UTC)
    for _, link, published, _ in second:
        assert link.startswith("https://news.example/news/")
        assert timedelta(0) < now - published < timedelta(hours=2)
