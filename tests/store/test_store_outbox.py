"""What is to be told is written with the change itself, coalesced, claimed by one, and kept until it has arrived."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_makers import HOUR, LEASE, QUIET, an_artefact, configured

from aggregator.model import Wish
from aggregator.store import artefacts, outbox, subscribers, topics
from aggregator.store.outbox import PER_HOST, Addressed

HUB, OTHER = "https://hub.example/", "https://other.example/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lake(store, time):
    configured(store, time, "lake")


def published(store, time, words="1", hubs=(HUB,), topic="lake"):
    """Publish documents with these words in them."""
    made = [an_artefact(words.encode(), topic=topic, format=kind) for kind in ("atom", "rss", "json", "html")]
    facts = {"rows": (), "entered": {}, "flaw": "", **QUIET}
    store.write_now(artefacts.publish, topic=topic, dirty=1, artefacts=made, hubs=hubs, now=time.now, **facts)


def claimed(store, time, limit=100, busy=None):
    return store.write_now(outbox.claim, limit, LEASE, time.now, busy=busy)


def a_ping(number, host="hub.example"):
    return Addressed(kind="ping", receiver=f"https://{host}/{number}", host=host, topic="lake", format="atom")


@pytest.mark.usefixtures("lake")
def test_a_change_is_told_to_each_hub_about_each_feed_and_not_about_the_page(store, time):
    published(store, time, hubs=(HUB, OTHER))
    found = {(letter.receiver, letter.format) for letter in claimed(store, time)}
    assert found == {(hub, kind) for hub in (HUB, OTHER) for kind in ("atom", "rss", "json")}


@pytest.mark.usefixtures("lake")
def test_what_has_not_changed_is_not_told(store, time):
    published(store, time)
    for letter in claimed(store, time):
        assert store.write_now(outbox.sent, letter, time.now)
    published(store, time)
    assert claimed(store, time) == []


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("hubs", [None, ()])
def test_a_private_topic_and_one_without_hubs_is_told_to_nobody(store, time, hubs):
    published(store, time, hubs=hubs)
    assert claimed(store, time) == []


@pytest.mark.usefixtures("lake")
def test_changes_that_wait_are_one_letter(store, time):
    published(store, time, "1")
    published(store, time, "2")
    assert len(claimed(store, time)) == 3


@pytest.mark.usefixtures("lake")
def test_what_changes_while_a_letter_is_under_way_is_told_afterwards(store, time):
    published(store, time, "1")
    first = claimed(store, time)
    published(store, time, "2")
    assert claimed(store, time) == []
    assert not any(store.write_now(outbox.sent, letter, time.now) for letter in first)
    again = claimed(store, time)
    assert {letter.id for letter in again} == {letter.id for letter in first}
    assert all(store.write_now(outbox.sent, letter, time.now) for letter in again)
    assert claimed(store, time) == []


@pytest.mark.usefixtures("lake")
def test_a_letter_is_claimed_once_and_a_claim_runs_out(store, time):
    published(store, time)
    [first, *_] = claimed(store, time)
    assert claimed(store, time) == []
    time.passes(LEASE + MINUTE)
    again = next(letter for letter in claimed(store, time) if letter.id == first.id)
    assert again.fence > first.fence
    assert not store.write_now(outbox.sent, first, time.now)
    assert store.write_now(outbox.sent, again, time.now)


@pytest.mark.usefixtures("lake")
def test_what_is_put_back_is_sent_at_once(store, time):
    published(store, time)
    held = claimed(store, time)
    store.write_now(outbox.put_back, held, time.now)
    assert {letter.id for letter in claimed(store, time)} == {letter.id for letter in held}


@pytest.mark.usefixtures("lake")
def test_what_has_failed_waits_its_time_though_its_feed_changes_again(store, time):
    published(store, time, "1")
    for letter in claimed(store, time):
        store.write_now(outbox.failed, letter, problem="500", due_at=time.now + HOUR)
    published(store, time, "2")
    assert claimed(store, time) == []
    [waiting] = store.read_now(outbox.pings)
    assert (waiting.hub, waiting.pings, waiting.given_up, waiting.problem) == (HUB, 3, 0, "500")
    time.passes(HOUR + MINUTE)
    assert {letter.failures for letter in claimed(store, time)} == {1}


@pytest.mark.usefixtures("lake")
def test_what_was_given_up_keeps_its_reason_and_is_told_with_the_next_change(store, time):
    published(store, time, "1")
    for letter in claimed(store, time):
        store.write_now(outbox.failed, letter, problem="500", due_at=None)
    time.passes(30 * HOUR)
    assert claimed(store, time) == []
    [waiting] = store.read_now(outbox.pings)
    assert (waiting.given_up, waiting.problem) == (3, "500")
    assert store.read_now(outbox.count) == 0
    published(store, time, "2")
    assert [letter.failures for letter in claimed(store, time)] == [0, 0, 0]


def test_one_host_takes_only_its_share_of_the_places(store, time):
    slow = [a_ping(number, "slow.example") for number in range(3 * PER_HOST)]
    store.write_now(outbox.put, [*slow, a_ping(1)], time.now)
    hosts = [letter.host for letter in claimed(store, time)]
    assert sorted(hosts) == ["hub.example", *["slow.example"] * PER_HOST]
    assert claimed(store, time, busy={"slow.example": PER_HOST}) == []
    assert len(claimed(store, time, busy={"slow.example": PER_HOST - 1})) == 1


def test_what_has_not_failed_yet_goes_first(store, time):
    store.write_now(outbox.put, [a_ping(1)], time.now)
    [letter] = claimed(store, time)
    store.write_now(outbox.failed, letter, problem="500", due_at=time.now)
    time.passes(MINUTE)
    store.write_now(outbox.put, [a_ping(2)], time.now)
    assert [letter.receiver[-1] for letter in claimed(store, time, 1)] == ["2"]


@pytest.mark.usefixtures("lake")
def test_hubs_and_topics_that_are_configured_no_more_are_forgotten(store, time):
    published(store, time, hubs=(HUB, OTHER))
    store.write_now(outbox.keep_only, [HUB], ["lake"])
    assert {letter.receiver for letter in claimed(store, time)} == {HUB}
    store.write_now(outbox.keep_only, [HUB], [])
    assert store.read_now(outbox.pings) == []


@pytest.mark.usefixtures("lake")
def test_subscribers_are_told_of_the_feed_they_have_chosen(store, time):
    wish = Wish(
        callback="https://reader.example/1",
        address="https://feeds.example/feeds/lake.rss",
        topic="lake",
        format="rss",
        mode="subscribe",
        lease=HOUR,
    )
    assert store.write_now(subscribers.wish, wish, time.now) is None
    [question] = claimed(store, time)
    assert store.write_now(subscribers.meant, question, wish, until=time.now + HOUR, now=time.now)
    published(store, time, hubs=())
    [delivery] = claimed(store, time)
    assert (delivery.kind, delivery.format, delivery.host) == ("delivery", "rss", "reader.example")
    due = store.read_now(subscribers.due, delivery, time.now)
    assert due.to.callback == wish.callback
    assert due.feed == artefacts_of(store, "rss")
    published(store, time, "2", hubs=())
    due = store.read_now(subscribers.due, delivery, time.now)
    assert (due.news, due.feed) == (2, artefacts_of(store, "rss"))


def artefacts_of(store, kind):
    return store.read_now(artefacts.load, "lake", kind, "identity")


@pytest.mark.usefixtures("lake")
def test_a_publication_that_is_rolled_back_tells_nobody(store, time):
    def torn(conn):
        outbox.changed(conn, "lake", ["atom"], [HUB], time.now)
        raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        store.write_now(torn)
    assert store.read_now(topics.states)
    assert claimed(store, time) == []
