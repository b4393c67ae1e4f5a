"""An export's folder: what is written, what is left alone, and that nothing outside it is ever touched."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from serve_making import BODIES, NOON, SITE, documents, topic

from aggregator.serve.export import export
from aggregator.serve.folder import FolderError, open_folder

TOPICS = {"sea": topic(), "land": topic("land")}
MANIFEST = ".aggregator-export.json"
NAMES = {
    f"{name}{twin}"
    for name in (
        *(f"feeds/{id_}.{kind}" for id_ in TOPICS for kind in ("atom", "rss", "json")),
        *(f"topics/{id_}/index.html" for id_ in TOPICS),
        "static/style.css",
        "static/icon.svg",
        "index.html",
        "opml/topics",
        "favicon.ico",
        "icon.png",
        "robots.txt",
    )
    for twin in ("", ".gz")
} - {"robots.txt.gz"}  # too short to gain


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "www" / "news"


def run(out, *, sea=None, topics=TOPICS, now=NOON):
    """Export two topics; sea: other bodies of one of them, made at `now`."""
    made = [*documents("land"), *documents("sea", sea, now=now)]
    return export(out, [one for one in made if one.topic in topics], topics, SITE, {})


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()} - {MANIFEST}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    found = {str(p.relative_to(folder)): p.stat() for p in folder.rglob("*") if p.is_file()}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


def test_the_first_export_writes_every_document_its_twin_the_index_and_our_own_files(out):
    done = run(out)
    assert set(done.written) == names(out) == NAMES
    assert (out / "feeds/sea.atom").read_bytes() == BODIES["atom"]
    assert (out / "topics/sea/index.html").stat().st_mtime == NOON.timestamp()


def test_what_did_not_change_is_not_touched(out):
    run(out)
    before = stamps(out)
    again = run(out)
    assert (again.written, again.unchanged, again.removed) == ((), len(NAMES), ())
    assert stamps(out) == before


def test_what_changed_gets_its_new_time_and_the_rest_keeps_its_own(out):
    run(out)
    before = stamps(out)
    later = NOON + timedelta(hours=1)
    done = run(out, sea=BODIES | {"atom": b"<feed>another</feed>"}, now=later)
    assert {"feeds/sea.atom", "feeds/sea.atom.gz"} <= set(done.written)
    assert (out / "feeds/sea.atom").stat().st_mtime == later.timestamp()
    assert stamps(out)["feeds/land.atom"] == before["feeds/land.atom"]


def test_a_topic_that_is_gone_takes_its_files_along_and_nobody_elses(out):
    run(out)
    (out / "robots.txt").write_text("User-agent: *\n")
    (out / "topics/sea/note.txt").write_text("mine\n")
    done = run(out, topics={"land": TOPICS["land"]})
    assert set(done.removed) == {name for name in NAMES if "sea" in name}
    assert names(out) == {name for name in NAMES if "sea" not in name} | {"robots.txt", "topics/sea/note.txt"}
    assert set(run(out, topics={"sea": TOPICS["sea"]}).removed) == {name for name in NAMES if "land" in name}
    assert not (out / "topics/land").exists()


def test_a_configured_topic_without_documents_is_named_and_keeps_what_it_had(out):
    run(out)
    done = export(out, documents("land"), {**TOPICS, "new": topic("new")}, SITE, {})
    assert (done.waiting, done.removed) == (("sea", "new"), ())
    assert names(out) == NAMES


@pytest.mark.parametrize("name", ["index.html", "feeds/sea.atom", "static/style.css.gz"])
def test_a_file_that_no_export_wrote_is_never_replaced(out, name):
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    with pytest.raises(FolderError, match=f"{name} was not written by an export and would be lost"):
        run(out)
    assert names(out) == {name}
    assert (out / name).read_text() == "mine"


@pytest.mark.parametrize("link", ["feeds", "topics", "topics/sea", "static", "feeds/sea.atom", "index.html", MANIFEST])
def test_a_symbolic_link_inside_is_refused(out, tmp_path, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("somebody else's")
    (out / link).parent.mkdir(parents=True)
    (out / link).symlink_to(outside / "index.html" if "." in link else outside)
    with pytest.raises(FolderError, match="a symbolic link or a file is in the way"):
        run(out)
    assert names(outside) == {"index.html"}
    assert (outside / "index.html").read_text() == "somebody else's"


def test_the_folder_that_was_named_may_be_a_link_itself(out, tmp_path):
    (tmp_path / "real").mkdir()
    out.parent.mkdir()
    out.symlink_to(tmp_path / "real")
    run(out)
    assert names(tmp_path / "real") == NAMES


def test_a_link_planted_under_the_name_of_the_temporary_file_is_not_written_through(out, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (out / "feeds").mkdir(parents=True)
    (out / "feeds/.sea.atom.part").symlink_to(victim)
    run(out)
    assert victim.read_text() == "untouched"
    assert names(out) == NAMES


def test_a_named_pipe_in_the_way_holds_nobody_up(out):
    (out / "feeds").mkdir(parents=True)
    os.mkfifo(out / "feeds/sea.atom")
    with pytest.raises(FolderError, match="was not written by an export"):
        run(out)


def test_a_manifest_that_lies_removes_nothing_that_cannot_be_ours(out, tmp_path):
    run(out)
    victims = [out.parent / "victim.html", out / "victim.html", tmp_path / "index.html"]
    for victim in victims:
        victim.write_text("untouched")
    lies = ["../victim.html", *map(str, victims), "feeds/../../victim.html", "topics/../../index.html", "victim.html"]
    (out / "feeds/old.atom").write_text("old")
    (out / MANIFEST).write_text(json.dumps({"files": [*NAMES, *lies, "feeds/old.atom", "feeds/never.atom"]}))
    assert run(out).removed == ("feeds/old.atom",)
    assert [victim.read_text() for victim in victims] == ["untouched"] * 3


@pytest.mark.parametrize("said", [b"", b"[]", b'{"files": 7}', b'{"files": [7]}', b"\xff"])
def test_a_damaged_manifest_is_said_and_nothing_is_touched(out, said):
    run(out)
    (out / MANIFEST).write_bytes(said)
    before = stamps(out)
    with pytest.raises(FolderError, match="is damaged; empty the folder and export again"):
        run(out, sea={**BODIES, "atom": b"<feed/>"})
    assert stamps(out) == before


def test_an_export_that_was_killed_is_simply_done_again(out):
    """As it stands when the process dies between two renames: the manifest names what is old and what is to come."""
    run(out)
    (out / "feeds/sea.atom").write_text("older bytes")
    (out / "feeds/.sea.rss.part").write_text("half a fi")
    (out / "feeds/sea.rss").unlink()
    assert set(run(out).written) == {"feeds/sea.atom", "feeds/sea.rss"}
    assert names(out) == NAMES


def test_two_exports_do_not_write_into_one_folder_at_once(out):
    run(out)
    holder = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(FolderError, match=r"another export writes into .* just now"):
            run(out)
    finally:
        os.close(holder)
    assert run(out).unchanged == len(NAMES)


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_half(out):
    run(out)
    before = (out / "feeds/sea.json").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # Python ignores the signal and raises
    try:
        with pytest.raises(FolderError, match=r"cannot write .*feeds/sea.json: file too large"):
            run(out, sea={**BODIES, "json": b"x" * 30_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (out / "feeds/sea.json").read_bytes() == before
    assert names(out) == NAMES


def test_a_file_in_the_place_of_a_folder_is_said(out):
    out.parent.mkdir()
    out.write_text("")
    with pytest.raises(FolderError, match=f"cannot write into {out}"):
        run(out)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_folder_without_permission_is_said_plainly():
    with tempfile.TemporaryDirectory() as folder:  # tmp_path stands below a folder that only root may enter
        Path(folder).chmod(0o755)
        os.seteuid(65534)
        try:
            with pytest.raises(FolderError, match=f"cannot write {folder}/.*: permission denied"):
                run(Path(folder))
        finally:
            os.seteuid(0)


def test_what_is_missing_is_nothing_to_read_and_nothing_to_remove(tmp_path):
    with open_folder(tmp_path) as folder:
        assert folder.read("none/at/all") is None
        assert not folder.remove("none/at/all")
