"""R11 and R12: a new source or an edited rule never dumps its past into a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publish_making import DAY, HOUR, NOON, TOPIC, candidate

from aggregator.publish import admit, arrival


def arrived(*, published, first_contact=False, previous=NOON - HOUR, rank=0, first=10, reread=False):
    return arrival(
        published=published,
        now=NOON,
        first_contact=first_contact,
        previous_success=None if first_contact else previous,
        rank=rank,
        first=first,
        reread=reread,
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"first_contact": True, "published": NOON - HOUR}, "live", id="first contact, young, in front"),
        pytest.param({"first_contact": True, "published": NOON - HOUR, "rank": 9}, "live", id="the tenth"),
        pytest.param({"first_contact": True, "published": NOON - HOUR, "rank": 10}, "backfill", id="the eleventh"),
        pytest.param({"first_contact": True, "published": NOON - 47 * HOUR}, "live", id="first contact, 47 h"),
        pytest.param({"first_contact": True, "published": NOON - 48 * HOUR}, "backfill", id="first contact, 48 h"),
        pytest.param({"first_contact": True, "published": NOON + HOUR}, "live", id="first contact, from the future"),
        pytest.param({"first_contact": True, "published": None}, "backfill", id="undated on first contact"),
        pytest.param({"published": None}, "live", id="undated afterwards"),
        pytest.param({"published": None, "rank": 99}, "live", id="undated afterwards, far down"),
        pytest.param({"published": NOON, "rank": 99}, "live", id="just published, far down"),
        pytest.param({"published": NOON - 25 * HOUR, "rank": 99}, "live", id="24 h before the previous poll"),
        pytest.param({"published": NOON - 26 * HOUR, "rank": 99}, "backfill", id="late and far down"),
        pytest.param({"published": NOON - 26 * HOUR}, "live", id="late, but in front and young"),
        pytest.param({"published": NOON - 49 * HOUR}, "backfill", id="late and older than 48 h"),
        pytest.param({"published": NOON - 9 * DAY, "previous": NOON - 9 * DAY}, "live", id="after a long silence"),
        pytest.param({"published": NOON - HOUR, "first_contact": True, "first": 0}, "backfill", id="first: 0"),
        pytest.param({"published": NOON - HOUR, "reread": True}, "live", id="other selectors, since the previous poll"),
        pytest.param({"published": NOON - 2 * HOUR, "reread": True}, "backfill", id="other selectors, before it"),
        pytest.param({"published": None, "reread": True}, "backfill", id="other selectors, undated"),
    ],
)
def test_an_item_is_news_or_past(given, expected):
    word, why = arrived(**given)
    assert word == expected
    assert why


def test_the_reason_tells_what_decided():
    assert arrived(first_contact=True, published=NOON - 9 * DAY) == (
        "backfill",
        "on first contact: published 9 days ago, and news is younger than 48 h",
    )


@given(age=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)), rank=st.integers(0, 200))
def test_first_contact_lets_in_at_most_the_newest_few_and_nothing_older_than_two_days(age, rank):
    word, _ = arrived(first_contact=True, published=NOON - age, rank=rank)
    assert (word == "live") == (age < 2 * DAY and rank < 10)


@pytest.mark.parametrize(
    ("word", "rank", "backfill", "admitted"),
    [
        pytest.param("live", 99, 0, True, id="news"),
        pytest.param("backfill", 0, 0, False, id="past"),
        pytest.param("backfill", 2, 3, True, id="past that the topic asks for"),
        pytest.param("backfill", 3, 3, False, id="one more than it asks for"),
    ],
)
def test_a_topic_admits_news_and_the_past_it_asks_for(word, rank, backfill, admitted):
    stored = replace(candidate().stored, arrival=word, rank=rank, arrival_why="on first contact: old")
    verdict = admit(replace(TOPIC, backfill=backfill), stored, "section:sea")
    assert verdict.topic == TOPIC.id
    assert verdict.admitted == admitted
    assert verdict.why.startswith("section:sea")
    assert ("kept out: on first contact: old" in verdict.why) == (not admitted)


def test_no_topic_admits_what_is_withdrawn():
    stored = replace(candidate().stored, arrival="live", rank=0, withdrawn="its page is gone: 410")
    verdict = admit(replace(TOPIC, backfill=9), stored, "section:sea")
    assert (verdict.admitted, verdict.why) == (False, "section:sea; kept out: its page is gone: 410")
