"""Who hears from our own hub: only who has said so, as long as was agreed, and no more than there is room for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_makers import HOUR, LEASE

from aggregator.model import Wish
from aggregator.store import outbox, subscribers
from aggregator.store.subscribers import MOST_OF_A_FEED, MOST_OF_A_HOST, MOST_WISHES, MOST_WISHES_OF_A_HOST

ADDRESS = "https://feeds.example/feeds/lake.atom"
WISH = Wish(
    callback="https://reader.example/1",
    address=ADDRESS,
    topic="lake",
    format="atom",
    mode="subscribe",
    secret="one",
    lease=24 * HOUR,
)
LEAVE = replace(WISH, mode="unsubscribe", secret=None)
ID = subscribers.id_of(WISH.callback, ADDRESS)
MINUTE = timedelta(minutes=1)


def wished(store, time, wish=WISH):
    return store.write_now(subscribers.wish, wish, time.now)


def claimed(store, time):
    return store.write_now(outbox.claim, 100, LEASE, time.now)


def asked(store, time):
    [letter] = claimed(store, time)
    assert letter.kind == "question"
    return letter


def meant(store, time, letter, wish=WISH):
    return store.write_now(subscribers.meant, letter, wish, until=time.now + wish.lease, now=time.now)


def subscribed(store, time, wish=WISH):
    assert wished(store, time, wish) is None
    assert meant(store, time, asked(store, time), wish)
    return one(store)


def one(store, name=ID):
    return store.read_now(subscribers.one, name)


def test_a_wish_is_nothing_until_its_callback_has_confirmed_it(store, time):
    assert wished(store, time) is None
    held = one(store)
    assert (held.until, held.secret, held.wish, held.host) == (None, None, WISH, "reader.example")
    assert store.read_now(subscribers.by_topic, time.now) == {}
    assert meant(store, time, asked(store, time))
    held = one(store)
    assert (held.secret, held.wish) == ("one", None)
    assert held.until > time.now + 23 * HOUR
    assert store.read_now(subscribers.by_topic, time.now) == {"lake": 1}
    assert claimed(store, time) == []


def test_what_is_not_confirmed_is_forgotten(store, time):
    wished(store, time)
    store.write_now(subscribers.not_meant, asked(store, time), time.now)
    assert store.write_now(subscribers.prune, time.now) == 0
    assert one(store) is not None  # so that it cannot be asked again at once
    time.passes(2 * MINUTE)
    assert store.write_now(subscribers.prune, time.now) == 0
    assert one(store) is None


def test_a_callback_that_has_not_said_yes_is_left_alone_for_a_minute(store, time):
    wished(store, time)
    store.write_now(subscribers.not_meant, asked(store, time), time.now)
    assert wished(store, time) is None
    assert claimed(store, time) == []
    time.passes(2 * MINUTE)
    asked(store, time)


def test_a_second_wish_takes_the_place_of_the_first_when_it_is_confirmed(store, time):
    before = subscribed(store, time)
    again = replace(WISH, secret="two", lease=HOUR)
    wished(store, time, again)
    assert replace(one(store), wish=None) == before
    meant(store, time, asked(store, time), again)
    assert one(store).secret == "two"
    assert one(store).until < time.now + 2 * HOUR


def test_a_second_wish_that_is_not_confirmed_changes_nothing(store, time):
    before = subscribed(store, time)
    wished(store, time, replace(WISH, secret="two"))
    store.write_now(subscribers.not_meant, asked(store, time), time.now)
    assert one(store) == before


def test_an_answer_to_an_older_question_confirms_nothing(store, time):
    wished(store, time)
    first = asked(store, time)
    wished(store, time, replace(WISH, secret="two"))
    assert not meant(store, time, first)
    assert one(store).until is None
    assert meant(store, time, asked(store, time), one(store).wish)
    assert one(store).secret == "two"


def test_who_leaves_is_gone_when_he_has_confirmed_that(store, time):
    subscribed(store, time)
    assert wished(store, time, LEAVE) is None
    assert one(store).until is not None
    meant(store, time, asked(store, time), LEAVE)
    assert one(store) is None


def test_who_is_not_there_cannot_leave(store, time):
    assert wished(store, time, LEAVE) == "unknown"


def test_a_lease_that_has_run_out_ends_it(store, time):
    subscribed(store, time)
    time.passes(25 * HOUR)
    store.write_now(outbox.changed, "lake", ["atom"], [], time.now)
    assert claimed(store, time) == []
    assert store.read_now(subscribers.by_topic, time.now) == {}
    assert store.write_now(subscribers.prune, time.now) == 1
    assert one(store) is None


def test_a_delivery_that_waits_longer_than_the_lease_is_not_made(store, time):
    subscribed(store, time)
    store.write_now(outbox.changed, "lake", ["atom"], [], time.now)
    time.passes(25 * HOUR)
    [delivery] = claimed(store, time)
    assert store.read_now(subscribers.due, delivery, time.now).to is None


def test_subscribers_of_what_is_published_no_more_are_told_and_then_forgotten(store, time):
    subscribed(store, time)
    store.write_now(outbox.changed, "lake", ["atom"], [], time.now)
    store.write_now(subscribers.keep_only, {ADDRESS: ("lake", "atom")}, time.now)
    assert one(store).until is not None
    store.write_now(subscribers.keep_only, {}, time.now)
    [letter] = claimed(store, time)
    assert letter.kind == "denial"
    time.passes(HOUR)
    store.write_now(subscribers.prune, time.now)
    assert one(store) is not None
    store.write_now(subscribers.keep_only, {}, time.now)
    assert len(claimed(store, time)) == 1  # told again by nobody else: the claim of that one has run out
    store.write_now(subscribers.end, letter.receiver)
    assert one(store) is None
    assert claimed(store, time) == []


def test_one_host_cannot_have_us_ask_without_end(store, time):
    said = [wished(store, time, replace(WISH, callback=f"https://reader.example/{n}")) for n in range(25)]
    assert said == [None] * MOST_WISHES_OF_A_HOST + ["host"] * 5
    assert wished(store, time, replace(WISH, callback="https://another.example/")) is None


def test_all_together_cannot_have_us_ask_without_end(store, time):
    for n in range(MOST_WISHES):
        assert wished(store, time, replace(WISH, callback=f"https://reader-{n}.example/")) is None
    assert wished(store, time, replace(WISH, callback="https://another.example/")) == "wishes"


def test_who_has_said_yes_before_is_asked_however_many_wait(store, time):
    subscribed(store, time)
    for n in range(MOST_WISHES):
        wished(store, time, replace(WISH, callback=f"https://reader-{n}.example/"))
    assert wished(store, time) is None


@pytest.mark.parametrize(
    ("callback", "most", "full"),
    [
        pytest.param("https://reader.example/{n}", MOST_OF_A_HOST, "host", id="of one host"),
        pytest.param("https://reader-{n}.example/", MOST_OF_A_FEED, "feed", id="of one feed"),
    ],
)
def test_there_is_room_for_so_many_and_no_more(sqlite_url, callback, most, full):
    from store_makers import Time

    from aggregator.store import Store
    from aggregator.store.schema_hub import subscriber

    store = Store.open(sqlite_url)
    time = Time(store)
    rows = [
        {
            "id": str(n),
            "callback": callback.format(n=n),
            "host": outbox.host_of(callback.format(n=n)),
            "address": ADDRESS,
            "topic": "lake",
            "format": "atom",
            "until": time.now + HOUR,
            "wished_at": time.now - HOUR,
        }
        for n in range(most)
    ]
    store.write_now(lambda conn: conn.execute(subscriber.insert(), rows))
    assert wished(store, time, replace(WISH, callback=callback.format(n=most))) == full
    store.close()
