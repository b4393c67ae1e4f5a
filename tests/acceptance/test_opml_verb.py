"""`aggregator opml export`: what a feed reader imports, and what the daemon hands out at /opml/."""

from __future__ import annotations

import listparser
import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {
    "all": {"title": "Всё", "match": "source:one", "description": "Всё, что пишет один"},
    "own": {"title": "Своё", "match": "source:two", "visibility": "private"},
}


@pytest.fixture
def filled(place):
    with Origin() as origin:
        urls = [origin.serve(f"/{n}.xml", document(["Мост открыт"]), host=f"127.0.5.{n}") for n in (1, 2)]
        place.write(
            {
                "one": {"url": f"{urls[0]}?key=s3cret"},
                "two": {"url": urls[1], "visibility": "private"},
                "page": {
                    "page": origin.url("/news", "127.0.5.3"),
                    "title": "Страница",
                    "zone": "UTC",
                    "select": {"item": "li", "title": "a"},
                },
            },
            TOPICS,
            beside_sources={"groups": {"wire": {"sources": ["one"]}}},
        )
        place.command("poll", "--all")
        place.urls = urls
        yield place


@pytest.mark.parametrize("what", ["topics", "sources"])
def test_the_verb_prints_what_the_daemon_hands_out(filled, what):
    printed = filled.command("opml", "export", f"--{what}")
    assert (printed.returncode, printed.stderr) == (0, "")
    with filled.start() as daemon:
        assert daemon.get(f"/opml/{what}").text == printed.stdout
        (told,) = daemon.get("/api/v1/topics").json()["topics"]
        assert (told["id"], told["entries"], told["entries_24h"]) == ("all", 1, 1)
        assert daemon.stop() == 0


def test_a_reader_finds_every_public_feed_and_no_key(filled):
    topics = listparser.parse(filled.command("opml", "export").stdout)
    assert [(feed.title, feed.url) for feed in topics.feeds] == [("Всё", "http://127.0.0.1:8080/feeds/all.atom")]
    said = filled.command("opml", "export", "--sources").stdout
    sources = listparser.parse(said)
    assert not topics.bozo
    assert not sources.bozo
    assert [(feed.title, feed.url, feed.categories) for feed in sources.feeds] == [
        ("news.example", filled.urls[0], [["wire"]])
    ]
    assert 'htmlUrl="https://news.example/"' in said
    assert 'type="link" text="Страница"' in said
    assert "s3cret" not in said
    assert filled.urls[1] not in said
