"""What persons muted by the command line, the same on both engines."""

from __future__ import annotations

from dataclasses import replace

from store_makers import HOUR, NOON, a_curation, an_item, configured, curate, stored

from aggregator.model import Mute, Verdict
from aggregator.store import mutes, topics

FOR_EVER = Mute(match="words:снег")
TODAY = Mute(match="title:100%", until=NOON + HOUR)


def test_a_mute_is_in_force_until_it_is_over(store):
    store.write_now(mutes.add, FOR_EVER, NOON)
    store.write_now(mutes.add, TODAY, NOON + HOUR / 2)
    assert store.read_now(mutes.in_force, NOON + HOUR / 2) == (FOR_EVER, TODAY)
    assert store.read_now(mutes.in_force, NOON + HOUR) == (FOR_EVER,)


def test_said_again_the_later_word_counts(store):
    store.write_now(mutes.add, FOR_EVER, NOON)
    shorter = Mute(match=FOR_EVER.match, until=NOON + HOUR)
    store.write_now(mutes.add, shorter, NOON + HOUR / 2)
    assert store.read_now(mutes.in_force, NOON) == (shorter,)


def test_a_mute_is_ended_once(store):
    store.write_now(mutes.add, FOR_EVER, NOON)
    assert store.write_now(mutes.drop, FOR_EVER.match)
    assert not store.write_now(mutes.drop, FOR_EVER.match)
    assert store.read_now(mutes.in_force, NOON) == ()


def test_items_are_counted_once_however_many_topics_they_stay_out_of(store, time):
    configured(store, time, "lake", "field")
    keys = stored(store, time, an_item("1"), an_item("2"), an_item("3"))
    whys = [TODAY.words, TODAY.words, Mute(match="title:100").words]  # % is no placeholder
    decided = [
        replace(
            a_curation(key),
            verdicts=tuple(
                Verdict(topic=topic, admitted=False, why=f"lang ru; kept out: {words}: 100%")
                for topic in ("lake", "field")
            ),
        )
        for key, words in zip(keys, whys, strict=True)
    ]
    curate(store, time, *decided)
    assert store.read_now(mutes.kept_out, TODAY) == 2
    assert store.read_now(mutes.kept_out, FOR_EVER) == 0
    assert store.read_now(topics.kept_out, "lake") == {"muted": 3}
