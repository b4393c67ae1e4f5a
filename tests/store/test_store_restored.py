"""After a restore: the ledger and the record together say what readers know. The same on both engines."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from store_makers import (
    HOUR,
    MORNING,
    NOON,
    a_curation,
    a_delivery,
    an_artefact,
    an_item,
    configured,
    curate,
    stored,
)

from aggregator.model import Recorded, Remembered, Withdrawal, key_of
from aggregator.pipeline import record
from aggregator.store import artefacts, deliveries, meta, restored, topics, withdrawal

ONE, TWO, THREE = (f"{n:016x}" for n in (1, 2, 3))
LATER = NOON + HOUR


def a_line(key=ONE, *, row=None, **more):
    """What the record says of an entry: a first line, or of this row."""
    row = row or a_delivery(key)
    facts = {name: getattr(row, name) for name in (*Remembered.__slots__, "rev", "into")}
    return Recorded(**facts | {"at": LATER, "items": (key,)} | more)


@pytest.fixture
def ledger(store, time):
    """A topic whose ledger has one entry, of the moment NOON."""
    configured(store, time, "lake", "field")
    store.write_now(meta.authority, "feeds.example", MORNING)
    row = a_delivery(ONE)
    publish(store, row)
    return row


def publish(store, *rows, entered=(), documents=(), dirty=1, now=NOON):
    facts = {"rows": rows, "entered": dict(entered), "kept_out": {}, "due_at": None, "artefacts": documents}
    store.write_now(artefacts.publish, topic="lake", dirty=dirty, flaw="", now=now, **facts)


def apply(store, *lines):
    return store.write_now(restored.apply, lines, NOON + 2 * HOUR)


def newest(store, row):
    return store.read_now(deliveries.history, "lake", row.entry_id)[-1]


def remembered(store, *keys, topic="lake"):
    return store.read_now(restored.remembered, topic, keys)


@pytest.mark.usefixtures("ledger")
def test_what_the_ledger_does_not_know_is_remembered_by_item(store):
    done = apply(store, a_line(TWO), a_line(TWO, items=(THREE,), rev=2, updated=LATER, state="aged"))
    assert (done.entries, done.items, done.gone, done.anew) == (1, 2, 0, 0)
    entry = a_delivery(TWO)
    expected = Remembered(
        topic="lake", entry_id=entry.entry_id, anchor=TWO, entered_at=MORNING, updated=LATER, state="aged"
    )
    assert remembered(store, ONE, TWO, THREE) == {TWO: expected, THREE: expected}
    assert remembered(store, TWO, topic="field") == {}


@pytest.mark.parametrize("state", ["aged", "absorbed", "withdrawn"])
def test_what_left_since_the_backup_is_out_again(store, ledger, state):
    into = a_delivery(TWO).entry_id if state == "absorbed" else None
    left = a_line(row=replace(ledger, rev=4, state=state, into=into), items=())
    done = apply(store, a_line(row=replace(ledger, rev=3)), left)
    assert (done.entries, done.gone, done.anew) == (0, 1, 0)
    row = newest(store, ledger)
    assert (row.state, row.into, row.rev, row.why) == (state, into, 5, "restored: it had left since the backup")
    assert (row.face, row.outlets, row.entered_at) == (ledger.face, ledger.outlets, ledger.entered_at)
    assert store.read_now(deliveries.live, "lake") == []


@pytest.mark.parametrize("state", ["aged", "withdrawn", "absorbed"])
def test_once_out_never_back(store, ledger, state):
    publish(store, replace(ledger, rev=2, state=state))
    assert apply(store, a_line(row=replace(ledger, rev=9))).anew == 0
    assert newest(store, ledger).state == state


def test_an_entry_that_was_told_anew_does_not_go_back_to_its_older_date(store, ledger):
    apply(store, a_line(row=replace(ledger, rev=2, updated=LATER)))
    assert (newest(store, ledger).updated, newest(store, ledger).face) == (LATER, ledger.face)


def test_of_how_many_outlets_readers_were_told_is_known_again(store, ledger):
    apply(store, a_line(row=replace(ledger, rev=2, told=5)), a_line(TWO, told=3))
    assert (newest(store, ledger).told, newest(store, ledger).updated) == (5, ledger.updated)
    assert remembered(store, TWO)[TWO].told == 3


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"rev": 1, "at": NOON}, id="the line of the row itself"),
        pytest.param({"rev": 1, "at": NOON - HOUR, "state": "aged"}, id="what came before it"),
        pytest.param({"rev": 2, "at": NOON - HOUR}, id="newer by a clock that went back, and the same"),
    ],
)
def test_what_the_ledger_knows_changes_nothing(store, ledger, line):
    done = apply(store, a_line(row=ledger, **{"items": (), **line}))
    assert (done.entries, done.items, done.gone, done.anew) == (0, 0, 0, 0)
    assert newest(store, ledger) == ledger


def test_where_a_clock_went_back_the_rev_says_what_is_newer(store, ledger):
    assert apply(store, a_line(row=replace(ledger, rev=2, state="aged"), at=NOON - HOUR)).gone == 1


def test_a_line_from_before_an_earlier_restore_does_not_undo_what_came_after_it(store, ledger):
    publish(store, replace(ledger, rev=2, state="aged"), now=LATER + HOUR)
    former = a_line(row=replace(ledger, rev=7), at=LATER)
    done = apply(store, former, a_line(row=replace(ledger, rev=2, state="aged"), at=LATER + HOUR))
    assert (done.gone, done.anew, newest(store, ledger).state) == (0, 0, "aged")


def test_an_item_is_remembered_where_it_does_not_stand(store, time, ledger):
    (key,) = stored(store, time, an_item("1"))
    curate(store, time, a_curation(key, verdicts=[("lake", True)]))
    assert [one.stored.key for one in store.read_now(topics.pending, "lake")] == [key]
    assert apply(store, a_line(TWO, items=(key,))).items == 2
    publish(store, entered={key: ledger.entry_id})
    assert apply(store, a_line(TWO, items=(key,))).items == 2  # readers had it there since
    publish(store, entered={key: a_line(TWO).entry_id})
    assert apply(store, a_line(TWO, items=(key,))).items == 1


def test_what_the_record_says_is_withdrawn_stays_so_when_it_comes(store, time):
    (here,) = stored(store, time, an_item("1"))
    later = key_of("ozero", "2")
    lines = [Withdrawal(item=key, why="by a court", at=NOON) for key in (here, later)]
    assert (apply(store, *lines).withdrawn, apply(store, *lines).withdrawn) == (1, 0)
    stored(store, time, an_item("2"))
    for key in (here, later):
        assert store.read_now(withdrawal.withdrawn, key).why == "by a court"


@pytest.mark.usefixtures("ledger")
def test_an_item_is_remembered_where_it_stood_last(store):
    moved = [a_line(TWO), a_line(THREE), a_line(THREE, items=(TWO,), rev=2)]
    apply(store, *moved)
    assert remembered(store, TWO)[TWO].entry_id == a_delivery(THREE).entry_id


@pytest.mark.usefixtures("ledger")
def test_another_stores_entries_are_passed_over(store):
    foreign = replace(a_line(TWO), entry_id=f"tag:other.example,2026-03-01:{TWO}")
    assert apply(store, foreign).foreign == 1
    assert remembered(store, TWO) == {}


def test_documents_are_rendered_anew(store, ledger):
    (before,) = [one for one in store.read_now(topics.states) if one.topic == "lake"]
    publish(store, documents=[an_artefact()], dirty=before.dirty)
    version = store.read_now(artefacts.versions)["lake"]
    assert store.read_now(topics.dirty, NOON) == ["field"]
    apply(store)
    assert store.read_now(topics.dirty, NOON) == ["field", "lake"]
    assert store.read_now(artefacts.every, ["lake"]) == []
    assert store.read_now(artefacts.versions)["lake"] > version
    assert newest(store, ledger) == ledger


def test_applying_again_changes_nothing(store, ledger):
    lines = [a_line(TWO), a_line(row=replace(ledger, rev=2, state="aged"), items=())]
    apply(store, *lines)
    before, known = newest(store, ledger), remembered(store, TWO)
    apply(store, *lines)
    assert (newest(store, ledger), remembered(store, TWO)) == (before, known)


@pytest.mark.usefixtures("ledger")
def test_a_long_record_is_read_in_parts(store):
    lines = [a_line(f"{n:016x}") for n in range(2, restored.AT_ONCE + 9)]
    last = replace(lines[0], state="aged", rev=2)
    done = apply(store, *lines, last)
    assert (done.entries, done.items) == (len(lines), len(lines))
    assert remembered(store, lines[0].anchor)[lines[0].anchor].state == "aged"


def test_a_stores_name_is_given_once(store):
    assert store.write_now(meta.store_name, "0badcafe") == "0badcafe"
    assert store.write_now(meta.store_name, "deadbeef") == "0badcafe"


def test_the_verb_applies_the_records_of_several_daemons_without_a_backup(store, url, tmp_path):
    """As it is done on PostgreSQL after pg_restore."""
    store.write_now(meta.authority, "feeds.example", MORNING)
    record.keep(tmp_path / "web1", "0badcafe", [a_line(TWO)])
    record.keep(tmp_path / "web2", "0badcafe", [a_line(THREE), replace(a_line(TWO), rev=2, state="aged", items=())])
    settings = {"database": url}
    source = {"sources": {"ozero": {"url": "https://ozero.example/rss"}}}
    topic = {"topics": {"lake": {"title": "Озеро", "match": "source:ozero"}}}
    for name, value in (("aggregator", settings), ("sources", source), ("topics", topic)):
        (tmp_path / f"{name}.yaml").write_text(json.dumps(value), "utf-8")
    named = [word for path in tmp_path.glob("web*/*") for word in ("--record", str(path))]
    line = [sys.executable, "-m", "aggregator", "--config", str(tmp_path), "db", "restore", *named, "--json"]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert (len(said["record"]["files"]), said["record"]["lines"], said["applied"]["entries"]) == (2, 3, 2)
    assert {key: one.state for key, one in remembered(store, TWO, THREE).items()} == {TWO: "aged", THREE: "live"}


@pytest.mark.usefixtures("ledger")
def test_whose_own_entry_was_delivered_is_known_though_it_stood_in_another_last(store):
    absorbed = replace(a_delivery(THREE), state="absorbed", into=a_delivery(TWO).entry_id)
    apply(store, a_line(THREE), a_line(TWO), a_line(row=absorbed, items=()), a_line(TWO, items=(THREE,), rev=2))
    assert remembered(store, THREE)[THREE].anchor == TWO
    assert store.read_now(restored.led, "lake", [ONE, TWO, THREE]) == {TWO, THREE}
    assert store.read_now(restored.led, "field", [TWO, THREE]) == set()
