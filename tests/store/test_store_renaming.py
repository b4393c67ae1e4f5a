"""A topic gets another id, and all that readers were shown of it goes with it. The same on both engines."""

from __future__ import annotations

import pytest
from store_makers import NOON, a_delivery, an_artefact, configured

from aggregator.store import artefacts, deliveries, renaming, tokens, topics


@pytest.fixture
def lake(store, time):
    """A topic that was published, with a token."""
    configured(store, time, "lake", "field")
    row = a_delivery("1".zfill(16))
    store.write_now(
        artefacts.publish,
        topic="lake",
        dirty=1,
        rows=[row],
        entered={},
        kept_out={},
        due_at=None,
        artefacts=[an_artefact()],
        flaw="",
        now=NOON,
    )
    store.write_now(tokens.add, "lake", [b"hash"], NOON)
    return row


def rename(store, **was):
    return store.write_now(renaming.rename, was)


def test_everything_of_a_topic_goes_with_it(store, lake):
    assert rename(store, sea=("ocean", "lake")) == {"sea": "lake"}
    assert [row.entry_id for row in store.read_now(deliveries.live, "sea")] == [lake.entry_id]
    assert store.read_now(artefacts.load, "sea", "atom", "identity") is not None
    assert store.read_now(tokens.topic_of, b"hash") == "sea"
    assert store.read_now(topics.state_of, "lake") is None
    assert store.read_now(deliveries.live, "lake") == []


@pytest.mark.usefixtures("lake")
def test_the_id_of_its_feed_is_minted_from_its_first_name(store):
    rename(store, sea=("lake",))
    rename(store, ocean=("sea", "lake"))
    assert store.read_now(topics.state_of, "ocean").minted_as == "lake"


@pytest.mark.usefixtures("lake")
def test_it_is_done_once(store):
    rename(store, sea=("lake",))
    assert rename(store, sea=("lake",)) == {}


def test_what_was_published_under_both_names_stays_as_it_is(store, lake):
    assert rename(store, field=("lake",)) == {}
    assert [row.entry_id for row in store.read_now(deliveries.live, "lake")] == [lake.entry_id]


def test_who_never_had_the_name_is_a_new_topic(store):
    assert rename(store, sea=("ocean",)) == {}
