"""A real reader: Newsboat reads the Atom and the RSS of a topic, each in a cache file of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from newsboat import Newsboat, installed
from sample import document

from aggregator.lab.origin import Origin

pytestmark = installed
TITLES = [
    "Мост через Днепр открыт",
    "На Донбассе снова дали воду",
    "Їжак оселився в Києві",
    'Ferry & "bridge" <reopened>',
]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_newsboat_shows_titles_links_dates_and_cyrillic(place, tmp_path, kind):
    with Origin() as origin:
        place.write(
            {"one": {"url": origin.serve("/1.xml", document(TITLES))}}, {"all": {"title": "Всё", "match": "source:one"}}
        )
        with place.start() as daemon:
            daemon.wait_for(lambda: len(daemon.get("/feeds/all.json").json()["items"]) == len(TITLES), "the entries")
            shown = Newsboat(tmp_path / "newsboat", f"{daemon.address}/feeds/all.{kind}").reload()
    assert [row.title for row in shown] == TITLES
    assert [row.url for row in shown] == [f"https://news.example/news/{n}" for n in range(1, len(TITLES) + 1)]
    now = datetime.now(UTC)
    for row in shown:
        assert timedelta(minutes=10) < now - datetime.fromtimestamp(row.published, UTC) < timedelta(minutes=30)
