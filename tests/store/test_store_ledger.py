"""The ledger, the documents rendered from it, and what is said once: the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from store_makers import (
    HOUR,
    MORNING,
    QUIET,
    a_change,
    a_curation,
    a_delivery,
    an_artefact,
    an_item,
    an_outcome,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.errors import StoreError
from aggregator.model import Authority
from aggregator.store import Store, artefacts, deliveries, meta, topics


@pytest.fixture
def publish(store, time):
    """Deliver rows and documents of a topic."""
    configured(store, time, "lake", "field")

    def deliver(*rows, topic="lake", entered=(), documents=(), flaw="", dirty=1):
        facts = {"rows": rows, "entered": dict(entered), "artefacts": documents, "flaw": flaw, "now": time.now, **QUIET}
        store.write_now(artefacts.publish, topic=topic, dirty=dirty, **facts)

    return deliver


def live(store, topic="lake"):
    return store.read_now(deliveries.live, topic)


def test_a_delivery_comes_back_equal(store, publish):
    row = replace(a_delivery(), story="s1")
    publish(row)
    (held,) = live(store)
    assert held == row
    assert (held.entered_at.tzinfo, held.face.published.tzinfo) == (UTC, UTC)


def test_the_newest_row_of_an_entry_counts_and_all_are_kept(store, publish):
    first = a_delivery()
    second = replace(first, rev=2, updated=MORNING + HOUR, outlets=(), why="its publisher edited it")
    publish(first)
    publish(second)
    assert live(store) == [second]
    assert store.read_now(deliveries.history, "lake", first.entry_id) == [first, second]
    assert store.read_now(deliveries.history, "field", first.entry_id) == []


@pytest.mark.parametrize("state", ["aged", "absorbed", "withdrawn"])
def test_an_entry_that_left_is_live_no_more_but_was_delivered_for_ever(store, publish, state):
    publish(a_delivery("k1"), a_delivery("k2"))
    gone = a_delivery("k1", rev=2, state=state)
    publish(gone)
    assert [row.anchor for row in live(store)] == ["k2"]
    asked = [gone.entry_id, a_delivery("k2").entry_id, "tag:never"]
    assert store.read_now(deliveries.ever, "lake", asked) == set(asked[:2])
    assert store.read_now(deliveries.ever, "field", asked) == set()


def test_live_entries_come_last_entered_first(store, publish):
    old, new = a_delivery("k1", entered_at=MORNING), a_delivery("k2", entered_at=MORNING + HOUR)
    publish(old, new)
    publish(replace(old, rev=2))
    assert [row.anchor for row in live(store)] == ["k2", "k1"]


def test_one_anchor_may_stand_in_two_topics(store, publish):
    publish(a_delivery())
    publish(a_delivery(topic="field"), topic="field")
    assert len(live(store)) == len(live(store, "field")) == 1
    publish(a_delivery(rev=2, state="aged"))
    assert (len(live(store)), len(live(store, "field"))) == (0, 1)


def test_a_row_is_never_written_twice_and_nothing_of_that_publication_stays(store, publish):
    publish(a_delivery())
    with pytest.raises(StoreError):
        publish(a_delivery("k2"), a_delivery("k1"), documents=[an_artefact()], dirty=9)
    assert [row.anchor for row in live(store)] == ["k1"]
    assert documents(store) == {}
    assert store.read_now(topics.state_of, "lake").published_dirty == 1


def test_an_entry_whose_anchor_was_edited_is_told_with_its_new_words(store, time, publish):
    same, edited = stored(store, time, an_item("1"), an_item("2"))
    publish(a_delivery(same, sha256=an_item("1").sha256), a_delivery(edited, sha256=an_item("2").sha256))
    assert store.read_now(deliveries.edited, "lake") == []
    commit(store, time, an_outcome(time.now, a_change(an_item("2", "Иначе"), kind="changed")))
    ((delivered, item),) = store.read_now(deliveries.edited, "lake")
    assert (delivered.anchor, item.key, item.item.title) == (edited, edited, "Иначе")
    assert delivered == next(row for row in live(store) if row.anchor == edited)
    publish(a_delivery(edited, rev=2, sha256=an_item("2", "Иначе").sha256))
    assert store.read_now(deliveries.edited, "lake") == []


def test_an_entry_is_found_by_each_item_in_it(store, time, publish):
    anchor, listed, outside = stored(store, time, an_item("1"), an_item("2"), an_item("3"))
    curate(store, time, *(a_curation(key, verdicts=[("lake", True)]) for key in (anchor, listed, outside)))
    row = a_delivery(anchor)
    publish(row, entered={anchor: row.entry_id, listed: row.entry_id})
    gone = replace(row, rev=2, state="aged")
    publish(gone)
    assert store.read_now(deliveries.of_item, anchor) == [gone]
    assert store.read_now(deliveries.of_item, listed) == [gone]
    assert store.read_now(deliveries.of_item, outside) == []
    assert [one.stored.key for one in store.read_now(topics.pending, "lake")] == [outside]


def test_what_was_published_is_told(store, time, publish):
    publish(documents=[an_artefact(entries=7)], flaw="window_short", dirty=1)
    state = store.read_now(topics.state_of, "lake")
    assert (state.entries, state.flaw, state.published_dirty) == (7, "window_short", 1)
    assert state.published_at.tzinfo is UTC
    assert store.read_now(topics.dirty, time.now) == ["field"]


def documents(store):
    return {
        (one.topic, one.format, one.encoding): one.etag for one in store.read_now(artefacts.every, ["lake", "field"])
    }


def test_a_document_comes_back_equal(store, publish):
    plain, packed = an_artefact(b"<feed/>"), an_artefact(b"\x1f\x8b\0", encoding="gzip")
    publish(documents=[plain, packed])
    assert store.read_now(artefacts.load, "lake", "atom", "identity") == plain
    assert store.read_now(artefacts.load, "lake", "atom", "gzip") == packed
    assert store.read_now(artefacts.load, "lake", "rss", "gzip") is None
    assert sorted(store.read_now(artefacts.every, {"lake": 1, "field": 1}), key=lambda a: a.encoding) == [packed, plain]
    assert store.read_now(artefacts.every, ["field"]) == []
    heads = {("lake", "atom", "identity"): plain.etag, ("lake", "atom", "gzip"): packed.etag}
    assert documents(store) == heads


def test_the_same_document_keeps_its_last_modified(store, publish):
    publish(documents=[an_artefact(b"a"), an_artefact(b"a", format="rss")])
    before = store.read_now(artefacts.versions)
    publish(documents=[an_artefact(b"a", at=MORNING + HOUR)])
    assert store.read_now(artefacts.versions) == before
    publish(documents=[an_artefact(b"a", at=MORNING + HOUR), an_artefact(b"b", format="rss", at=MORNING + HOUR)])
    assert store.read_now(artefacts.load, "lake", "atom", "identity").last_modified == MORNING
    assert store.read_now(artefacts.load, "lake", "rss", "identity").last_modified == MORNING + HOUR
    assert store.read_now(artefacts.versions) != before


def test_any_change_of_any_document_changes_the_version(store, publish):
    seen = [store.read_now(artefacts.versions)]
    publish(documents=[an_artefact(b"a")])
    seen.append(store.read_now(artefacts.versions))
    publish(topic="field", documents=[an_artefact(b"a", topic="field")])
    seen.append(store.read_now(artefacts.versions))
    store.write_now(artefacts.drop, ["lake"])
    seen.append(store.read_now(artefacts.versions))
    assert all(before != after for before, after in pairwise(seen))


def test_a_topic_that_is_configured_no_more_loses_its_documents_and_keeps_its_ledger(store, publish):
    publish(a_delivery(), documents=[an_artefact()])
    publish(topic="field", documents=[an_artefact(topic="field")])
    assert store.write_now(artefacts.drop, {"field"}) == ["lake"]
    assert store.write_now(artefacts.drop, {"field"}) == []
    assert [topic for topic, _, _ in documents(store)] == ["field"]
    assert len(live(store)) == 1


def test_a_topic_that_comes_back_is_rendered_again_from_its_old_ledger(store, time, publish):
    publish(a_delivery(), dirty=store.read_now(topics.state_of, "lake").dirty)
    assert "lake" not in store.read_now(topics.dirty, time.now)
    configured(store, time, "field")
    configured(store, time, "field", "lake")
    assert "lake" in store.read_now(topics.dirty, time.now)
    assert len(live(store)) == 1


def test_an_authority_is_minted_once_and_never_changes(store, url):
    minted = store.write_now(meta.authority, "feeds.example", MORNING)
    assert minted == Authority(name="feeds.example", date="2026-03-01")
    assert store.write_now(meta.authority, "other.example", MORNING + timedelta(days=400)) == minted
    again = Store.open(url)
    assert again.write_now(meta.authority, "third.example", MORNING) == minted
    again.close()


def test_a_setting_is_what_was_put_last(store):
    assert store.read_now(meta.get, "name") is None
    for value in ("one", "два"):
        store.write_now(meta.put, "name", value)
    assert store.read_now(meta.get, "name") == "два"


def test_the_store_counts_what_it_holds(store, time, publish):
    one, _ = stored(store, time, an_item("1"), an_item("2"))
    curate(store, time, a_curation(one, verdicts=[("lake", True)]))
    publish(a_delivery(one))
    publish(a_delivery(one, rev=2))
    expected = {"sources": 1, "failing": 0, "items": 2, "uncurated": 1, "stories": 0, "topics": 2, "dirty": 2}
    assert store.read_now(meta.stats) == meta.Stats(**expected, entries=1, deliveries=2)
