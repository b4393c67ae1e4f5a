"""A real reader: Newsboat reads the Atom and the RSS of a topic, each in a cache file of its own."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from sample import document

from aggregator.lab.origin import Origin

pytestmark = pytest.mark.skipif(not shutil.which("newsboat"), reason="newsboat is not installed (Debian: newsboat)")
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
            shown = newsboat(tmp_path / "newsboat", f"{daemon.address}/feeds/all.{kind}")
    assert [title for title, _, _ in shown] == TITLES
    assert [url for _, url, _ in shown] == [f"https://news.example/news/{n}" for n in range(1, len(TITLES) + 1)]
    now = datetime.now(UTC)
    for _, _, published in shown:
        assert timedelta(minutes=10) < now - datetime.fromtimestamp(published, UTC) < timedelta(minutes=30)


def newsboat(folder, url):
    """Let newsboat fetch a feed; return what it keeps: title, url, date, newest first."""
    folder.mkdir()
    (folder / "urls").write_text(f"{url}\n")
    (folder / "config").write_text("")
    files = ["-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config"]
    done = subprocess.run(["newsboat", *files, "-x", "reload"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(folder / "cache.db") as cache:
        rows = cache.execute("SELECT title, url, pubDate FROM rss_item ORDER BY pubDate DESC").fetchall()
    cache.close()
    return rows
