"""`aggregator export`: the same bytes as files, for a static server, whether or not a daemon runs."""

from __future__ import annotations

import gzip
from email.utils import parsedate_to_datetime

import pytest
from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one"}, "sea": {"title": "Море", "match": "title:/море/i"}}


@pytest.fixture
def filled(place):
    """A store in which both topics were published once."""
    with Origin() as origin:
        place.write({"one": {"url": origin.serve("/1.xml", document(["Море спокойно", "Мост открыт"]))}}, TOPICS)
        assert place.json("poll", "--all")["new"] == 2
    return place


def test_the_files_are_what_the_daemon_hands_out_byte_for_byte_beside_it_or_without_it(filled, tmp_path):
    out = tmp_path / "www" / "news"
    done = filled.json("export", str(out))
    assert {"feeds/sea.rss", "feeds/all.json.gz", "topics/all/index.html", "index.html", "static/style.css"} <= set(
        done["written"]
    )
    with filled.start() as daemon:
        for name in done["written"]:
            path = name.removesuffix(".gz").removesuffix("index.html").removesuffix("/")
            served = daemon.get(f"/{path}")
            exported = (out / name).read_bytes()
            assert served.content == (gzip.decompress(exported) if name.endswith(".gz") else exported), name
            if "last-modified" in served.headers:  # so a static server's validators hold
                changed = parsedate_to_datetime(served.headers["last-modified"]).timestamp()
                assert (out / name).stat().st_mtime == changed, name
        again = filled.command("export", str(out))
        assert (again.returncode, again.stderr) == (0, "")
        assert again.stdout == f"0 files written, {len(done['written'])} unchanged, 0 removed in {out}.\n"
        assert daemon.stop() == 0


def test_wrong_use_and_work_that_failed_have_their_exit_codes(filled, tmp_path):
    (tmp_path / "file").write_text("")
    ended = filled.command("export", str(tmp_path / "file"))
    assert (ended.returncode, ended.stderr) == (2, f"{tmp_path}/file is a file; name a folder\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/index.html").write_text("my home page")
    ended = filled.command("export", str(tmp_path / "home"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "index.html was not written by an export and would be lost" in ended.stderr


def test_without_a_store_it_says_what_to_do_first(place, tmp_path):
    place.write({"one": {"url": "https://one.example/rss"}}, TOPICS)
    ended = place.command("export", str(tmp_path / "www"))
    assert ended.returncode == 78
    assert "start the daemon first" in ended.stderr
    assert not (tmp_path / "www").exists()
