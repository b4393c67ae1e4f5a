"""aggregator add: an address becomes a source that a running daemon polls, and a topic takes it; or nothing changes."""

from __future__ import annotations

import json

import pytest
from sample import document

from aggregator.lab.origin import Document, Origin

TOPICS = """# what we read
topics:
  all: {match: 'age:<90d'}
  sea:
    title: Море   # and what it brings
    match: words:маяк  # lighthouses
"""


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


@pytest.fixture
def site(origin):
    """A page that names its feed, and another one of comments."""
    feed = origin.serve("/news.xml", document(["Паром ушёл", "Шторм стих"]), host="127.0.0.7")
    origin.serve("/comments.xml", document(["Ура"]), host="127.0.0.7")
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'
        for href, title in (("/news.xml", "Новости"), ("/comments.xml", "Комментарии"))
    )
    body = f"<html><head>{links}</head><body><p>Газета</p></body></html>".encode()
    origin.serve("/", Document(body=body, content_type="text/html"), host="127.0.0.7")
    return feed.removesuffix("news.xml")


@pytest.fixture
def files(place, origin):
    """A newsroom that has one source; returns what stands in its files."""
    place.write(
        {"known": {"url": origin.serve("/known.xml", document(["Мост открыт"]))}}, {"all": {"match": "age:<90d"}}
    )
    (place.config / "topics.yaml").write_text(TOPICS)
    return lambda: {path: path.read_text() for path in place.config.rglob("*.yaml")}


def test_the_feed_of_a_page_is_polled_at_once_and_its_topic_takes_it(place, site, files):
    with place.start() as daemon:
        daemon.wait_for(lambda: daemon.told("source.polled", source="known"), "what is known")
        before = files()
        done = place.command("add", site, "--topic", "sea", "--as", "port")
        assert done.returncode == 0, done.stderr
        assert f"port: {site}news.xml" in done.stdout
        assert f"also     {site}comments.xml" in done.stdout
        daemon.wait_for(lambda: daemon.told("source.polled", source="port", new=2), "its first poll")
        daemon.wait_for(lambda: daemon.told("topic.published", topic="sea", entries=2), "the topic")
        written = place.config / "sources.d" / "port.yaml"
        topics = place.config / "topics.yaml"
        assert topics.read_text() == TOPICS.replace("words:маяк", '"(words:маяк) or source:port"')
        assert files() == {**before, topics: topics.read_text(), written: written.read_text()}
    again = place.command("add", f"{site}news.xml")
    assert (again.returncode, "is configured already, as port" in again.stdout) == (1, True)
    said = place.json("add", f"{site}comments.xml")
    assert (said["source"]["url"], said["topic"], said["others"]) == (f"{site}comments.xml", None, [])
    assert place.command("check").returncode == 0


def test_every_wrong_word_has_its_sentence_and_nothing_is_changed(place, site, origin, files):
    def says(*line):
        before = files()
        ended = place.command("add", *line)
        assert files() == before
        assert "Traceback" not in ended.stderr
        return ended.returncode, " ".join((ended.stdout + ended.stderr).split())

    origin.serve("/empty", Document(body=b"<html><body>Closed</body></html>", content_type="text/html"))
    code, text = says(origin.url("/empty"))
    assert (code, "names no feed" in text or "no feed" in text) == (1, True)
    code, text = says(origin.url("/nowhere"))
    assert (code, "404" in text) == (1, True)
    assert says("ftp://sea.example/")[0] == 2
    assert "topic" in says(site, "--topic", "see")[1]
    assert says(site, "--topic", "see")[0] == 2
    assert says(site, "--as", "Не ид")[0] == 2
    assert says(site, "--as", "known") == (2, f'there is a source "known" already: {origin.url("/known.xml")}')
    nested = TOPICS.replace("words:маяк  #", "{any: [words:маяк, words:порт]}  #")
    (place.config / "topics.yaml").write_text(nested)
    code, text = says(site, "--topic", "sea", "--as", "port")
    assert (code, "Write `or source:port` into it. Nothing was changed." in text) == (2, True)
    (place.config / "topics.yaml").write_text(json.dumps({"topics": {"all": {"match": "source:nobody"}}}))
    code, text = says(site)
    assert (code != 0, "nobody" in text) == (True, True)
