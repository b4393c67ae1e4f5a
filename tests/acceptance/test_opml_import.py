"""opml import, as a person types it: beside a daemon that polls at once, and with every wrong word."""

from __future__ import annotations

import json
from html import escape

import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "group:hobby"}}
NOTHING = '<opml version="2.0"><body/></opml>'


def listing(*feeds, folder="Hobby"):
    lines = "".join(f'<outline type="rss" text="{escape(text)}" xmlUrl="{escape(url)}"/>' for text, url in feeds)
    return f'<opml version="2.0"><body><outline text="{folder}">{lines}</outline></body></opml>'


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


@pytest.fixture
def known(place, origin):
    """A newsroom that has one source."""
    url = origin.serve("/known.xml", document(["Мост открыт"]))
    place.write({"known": {"url": url}}, {"all": {"match": "age:<90d"}})
    return url


def test_what_another_reader_has_listed_is_polled_within_seconds(place, origin, known, tmp_path):
    new = origin.serve("/new.xml", document(["Паром ушёл"]), host="127.0.0.7")
    list_ = tmp_path / "My feeds.opml"
    list_.write_text(listing(("Известное", known), ("Новое & другое", new), ("", "https://me:w0rd@sea.example/rss")))
    with place.start() as daemon:
        daemon.wait_for(lambda: daemon.told("topic.published", entries=1), "what is known")
        shown = place.command("opml", "import", str(list_), "--dry-run")
        assert (shown.returncode, 'title: "Новое & другое"' in shown.stdout) == (0, True)
        assert not [*(place.config / "sources.d").glob("*")]
        done = place.command("opml", "import", str(list_))
        assert done.returncode == 0, done.stderr
        assert "my-feeds.yaml: 1 source in 1 group." in done.stdout
        assert "Left out, 1: it is configured already" in done.stdout
        assert "w0rd" not in done.stdout + done.stderr
        daemon.wait_for(lambda: daemon.told("source.polled", source="novoe-druhoe", new=1), "what is new")
    again = place.command("opml", "import", str(list_))
    assert (again.returncode, "Nothing is written: the list brings no new source." in again.stdout) == (1, True)
    assert place.command("check").returncode == 0
    exported = tmp_path / "again.opml"
    exported.write_text(place.command("opml", "export", "--sources").stdout)
    for file in (place.config / "sources.d").iterdir():
        file.unlink()
    said = place.json("opml", "import", str(exported), "--as", "back")
    assert [one["url"] for one in said["sources"].values()] == [new]
    assert said["groups"].keys() == {"hobby"}
    assert (place.config / "sources.d" / "back.yaml").read_text().startswith("# 1 source from again.opml")


@pytest.mark.usefixtures("known")
def test_every_wrong_word_has_its_sentence_and_nothing_is_changed(place, tmp_path):
    lists = {name: tmp_path / f"{name}.opml" for name in ("right", "empty", "none", "huge")}
    lists["right"].write_text(listing(("Море", "https://sea.example/rss")))
    lists["empty"].write_text(NOTHING)
    lists["none"].write_text("<html>Not found</html>")
    with lists["huge"].open("wb") as file:
        file.truncate(30_000_000)

    def says(*line):
        ended = place.command("opml", "import", *map(str, line))
        assert "Traceback" not in ended.stderr
        return ended.returncode, ended.stdout + ended.stderr

    assert says(tmp_path / "absent.opml") == (2, f"there is no file {tmp_path / 'absent.opml'}.\n")
    assert says(tmp_path) == (2, f"{tmp_path} cannot be read: it is not a regular file.\n")
    assert says(lists["huge"]) == (2, f"{lists['huge']} cannot be read: it is larger than 20,000,000 bytes.\n")
    assert says(lists["empty"]) == (1, "Nothing is written: the list brings no new source.\n")
    code, text = says(lists["none"])
    assert (code, "it is no OPML" in text) == (1, True)
    assert says(lists["right"])[0] == 0
    other = tmp_path / "other" / "right.opml"
    other.parent.mkdir()
    other.write_text(listing(("Небо", "https://air.example/rss")))
    code, text = says(other)
    assert (code, "right.yaml is there already; --as NAME writes another one." in text) == (2, True)
    assert says(other, "--as", "other")[0] == 0
    before = {file.name: file.read_text() for file in (place.config / "sources.d").iterdir()}
    assert before.keys() == {"right.yaml", "other.yaml"}
    (place.config / "topics.yaml").write_text(json.dumps({"topics": {"all": {"match": "source:nobody"}}}))
    third = tmp_path / "third.opml"
    third.write_text(listing(("Лес", "https://wood.example/rss")))
    code, text = says(third)
    assert (code != 0, "nobody" in text) == (True, True)
    assert {file.name: file.read_text() for file in (place.config / "sources.d").iterdir()} == before
