"""What `db check` finds in a store, and that it finds nothing in a whole one."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, text, update
from store_makers import MORNING, QUIET, a_curation, a_delivery, an_artefact, an_item, configured, curate, stored

from aggregator.store import artefacts, checking
from aggregator.store.extent import extent
from aggregator.store.schema import artefact, delivery, item, remembered, source_state, tombstone, topic_item


@pytest.fixture
def full(store, time):
    """Have an item that is an entry of a topic, with its document; returns its key."""
    configured(store, time, "lake")
    (key,) = stored(store, time, an_item())
    curate(store, time, a_curation(key, verdicts=[("lake", True)]))
    row = a_delivery(key)
    facts = {"rows": [row], "entered": {key: row.entry_id}, "flaw": "", "now": time.now, **QUIET}
    store.write_now(artefacts.publish, topic="lake", dirty=1, artefacts=[an_artefact()], **facts)
    return key


def check(store):
    return store.read_now(checking.check, lambda _name: None)


def test_a_whole_store_has_no_problem_and_each_check_is_told(store, full):
    told = []
    assert store.read_now(checking.check, told.append) == []
    assert told == list(checking.CHECKS)
    assert full


WRONG = [
    pytest.param(
        lambda _key: update(item).values(item_id="another"), "is not the key of its id", id="an item under another id"
    ),
    pytest.param(
        lambda key: insert(tombstone).values(key=key, source="ozero"), "counts as pruned", id="a tombstone of an item"
    ),
    pytest.param(
        lambda _key: update(source_state).values(body_sha256=None),
        "holds validators and no document",
        id="validators without a document",
    ),
    pytest.param(
        lambda _key: update(delivery).values(state="aged"), "not its last", id="an entry that left, and still counts"
    ),
    pytest.param(lambda _key: delete(delivery), "is in no entry of it", id="an entry that was never delivered"),
    pytest.param(
        lambda _key: insert(artefact).values(
            topic="lake", format="atom", encoding="gzip", etag="e", last_modified=MORNING, entries=1, body=b"no gzip"
        ),
        "compressed atom",
        id="a compressed document that is another",
    ),
]


@pytest.mark.parametrize(("damage", "said"), WRONG)
def test_what_is_wrong_is_said(store, full, damage, said):
    store.write_now(lambda conn: conn.execute(damage(full)))
    (problem,) = check(store)
    assert said in problem


def test_what_had_left_and_is_back_is_said(store, time, full):
    for number, state in ((2, "aged"), (3, "live")):
        row = a_delivery(full, rev=number, state=state)
        facts = {"rows": [row], "entered": {}, "artefacts": (), "flaw": "", "now": time.now, **QUIET}
        store.write_now(artefacts.publish, topic="lake", dirty=number, **facts)
    assert [problem.split(": ")[-1] for problem in check(store)] == [
        "tag:feeds.example,2026-03-01:" + full + " had left, and is back"
    ]


def test_a_sequence_that_would_repeat_itself_is_said(store, full):
    assert full
    back = (
        "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'item'"
        if store.dialect == "sqlite"
        else "SELECT setval(pg_get_serial_sequence('item', 'seq'), 1, false)"
    )
    store.write_now(lambda conn: conn.execute(text(back)) and None)
    assert check(store) == ["numbers: item is counted to 0, and has a row 1: new ones would be refused"]


def test_an_extent_tells_rows_bytes_and_growth(store, time, full):
    assert full
    found = store.read_now(extent, time.now, time.now)
    parts = {part.table: part for part in found.parts}
    assert (parts["item"].rows, parts["delivery"].rows, parts["tombstone"].rows) == (1, 1, 0)
    assert parts["item"].bytes > 0
    assert found.size >= sum(part.bytes for part in found.parts) * 0.9
    assert (found.items_per_day, found.prunable, found.oldest) == (1.0, 0, found.newest)
    assert found.bytes_per_day > 0


def test_an_empty_store_has_an_extent_as_well(store, time):
    found = store.read_now(extent, time.now, time.now)
    assert (found.oldest, found.newest, found.items_per_day) == (None, None, 0)


def test_rows_that_only_stand_in_the_record_are_no_problem(store, full):
    """After a restore an item may stand in an entry of which the ledger has no row."""
    row = a_delivery(full)
    store.write_now(lambda conn: conn.execute(delete(delivery)))
    known = {"topic": "lake", "item": full, "entry_id": row.entry_id, "anchor": full, "state": "aged"}
    store.write_now(lambda conn: conn.execute(insert(remembered).values(**known, entered_at=MORNING, updated=MORNING)))
    assert check(store) == []
    assert store.read_now(lambda conn: conn.execute(topic_item.select()).all())
