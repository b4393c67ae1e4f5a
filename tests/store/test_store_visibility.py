"""Private items among the stored ones: the same on both engines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from store_makers import (
    HOUR,
    a_curation,
    a_delivery,
    a_place,
    a_source,
    an_artefact,
    an_item,
    configured,
    curate,
    stored,
)

from aggregator.model import Topic
from aggregator.store import artefacts, items, members, polls, rulings, stories, tokens, topics, visibility
from aggregator.store.schema import source_state, topic_item

NAMES = ("ozero", "bereg", "parus")


def turned(store, time, *private):
    """Make these sources private and the others public."""
    sources = [replace(a_source(name), private=name in private) for name in NAMES]
    store.write_now(polls.sync_sources, sources, time.now)


def hidden(conn):
    return {row.id for row in conn.execute(select(source_state.c.id).where(source_state.c.private))}


def told(store, time, *names, kind="story", verdicts=()):
    """Have each of these outlets tell one story, each compared with the one before it; return their keys."""
    keys = []
    for name in names:
        keys += stored(store, time, an_item(f"{name} {len(keys)}"), source=name)
        place = a_place(keys[-1], keys[0], keys[-2] if len(keys) > 1 else None, kind=kind)
        curate(
            store, time, a_curation(keys[-1], memberships=[place], verdicts=verdicts, url=f"https://a.example/{kind}")
        )
    return keys


def grouped(store, key, kind="story"):
    group = store.read_now(stories.group_of, kind, key)
    return {one.item: (one.story, one.of, one.method) for one in store.read_now(stories.members, kind, group)}


def test_the_column_follows_the_configuration_and_stays_where_a_source_leaves_it(store, time):
    turned(store, time, "ozero")
    assert store.read_now(hidden) == {"ozero"}
    turned(store, time, "ozero", "bereg")
    assert store.read_now(hidden) == {"ozero", "bereg"}
    store.write_now(polls.sync_sources, [a_source("parus")], time.now)
    assert store.read_now(hidden) == {"ozero", "bereg"}  # whatever it published before is private still
    turned(store, time)
    assert store.read_now(hidden) == set()


@pytest.mark.parametrize("kind", ["story", "copy"])
def test_what_a_source_founded_that_becomes_private_is_named_after_the_first_public_item(store, time, kind):
    turned(store, time)
    first, second, third = told(store, time, "ozero", "bereg", "parus", kind=kind)
    turned(store, time, "ozero")
    assert grouped(store, second, kind) == {
        second: (second, second, "first"),
        third: (second, second, "same-url"),
        first: (second, second, "kept"),
    }


def test_no_public_item_keeps_evidence_that_a_private_one_gave(store, time):
    turned(store, time)
    first, second, third = told(store, time, "ozero", "bereg", "parus")
    turned(store, time, "bereg")
    assert grouped(store, third) == {
        first: (first, first, "first"),
        second: (first, first, "same-url"),
        third: (first, first, "kept"),
    }
    evidence = {one.item: one.evidence for one in store.read_now(stories.members, "story", first)}
    assert evidence[third] == ""


def test_whoever_has_stories_in_mind_learns_that_some_are_private(store, time):
    turned(store, time)
    before = store.read_now(rulings.version)
    turned(store, time)
    assert store.read_now(rulings.version) == before
    turned(store, time, "ozero")
    assert store.read_now(rulings.version) != before


def test_no_other_item_is_compared_with_a_private_one(store, time):
    turned(store, time, "bereg")
    keys = told(store, time, "ozero", "bereg", "parus")
    since, url = time.now - HOUR, "https://a.example/story"
    asked = {"since": since, "after": 0, "limit": 10}
    assert [one.stored.key for one in store.read_now(stories.recall, **asked)] == [keys[0], keys[2]]
    everyone = store.read_now(stories.recall, **asked, private=True)
    assert [(one.stored.key, one.private) for one in everyone] == list(zip(keys, (False, True, False), strict=True))
    assert [twin.key for twin in store.read_now(items.same_url, [url], since)[url]] == [keys[0], keys[2]]


def test_pages_tell_a_story_without_its_private_items(store, time):
    turned(store, time, "parus")
    keys = told(store, time, "ozero", "bereg", "parus")
    [row] = store.read_now(members.biggest, since=time.now - HOUR, limit=9)
    assert (row.id, row.outlets, row.items) == (keys[0], 2, 2)
    found = store.read_now(members.closely, keys[0], 9)
    assert ([one.stored.key for one in found.members], found.items) == (keys[:2], 2)
    assert store.read_now(members.closely, keys[2], 9) is None  # not even by the key of such an item


def test_what_one_outlet_and_a_private_source_tell_is_no_story_for_others(store, time):
    turned(store, time, "parus")
    keys = told(store, time, "ozero", "parus")
    assert store.read_now(members.biggest, since=time.now - HOUR, limit=9) == []
    alone = store.read_now(members.closely, keys[0], 9)
    assert (alone.id, alone.items, [one.place.method for one in alone.members]) == (keys[0], 1, ["first"])
    assert store.read_now(members.closely, keys[1], 9) is None


TOPICS = {
    "lake": Topic(id="lake", title="Озеро", match="x"),
    "own": Topic(id="own", title="Своё", match="x", private=True),
}


def kept(store, time, known):
    gone = store.write_now(visibility.keep, known, time.now)
    rows = {
        (row.topic, row.item): (row.admitted, row.moved)
        for row in store.read_now(lambda conn: conn.execute(select(topic_item)).all())
    }
    return gone, rows


def test_private_items_leave_public_topics_and_their_documents_go_at_once(store, time):
    turned(store, time)
    configured(store, time, *TOPICS)
    store.write_now(visibility.keep, TOPICS, time.now)
    entered, waiting, other = told(store, time, "ozero", "ozero", "bereg", verdicts=[("lake", True), ("own", True)])
    for topic in TOPICS:
        state = store.read_now(topics.state_of, topic)
        store.write_now(
            artefacts.publish,
            topic=topic,
            dirty=state.dirty,
            rows=[a_delivery(entered, topic=topic)],
            entered={entered: f"tag:feeds.example,2026-03-01:{entered}"},
            kept_out={},
            due_at=None,
            artefacts=[an_artefact(topic=topic)],
            flaw="",
            now=time.now,
        )
    turned(store, time, "ozero")
    gone, rows = kept(store, time, TOPICS)
    assert gone == ["lake"]
    assert rows == {
        ("lake", entered): (False, True),
        ("lake", waiting): (False, True),
        ("lake", other): (True, True),  # their story has another name now
        ("own", entered): (True, True),
        ("own", waiting): (True, True),
        ("own", other): (True, True),
    }
    assert [one.topic for one in store.read_now(artefacts.every, TOPICS)] == ["own"]
    assert store.read_now(topics.dirty, time.now)[:1] == ["lake"]
    whys = [one.verdict.why for one in store.read_now(topics.verdicts_of, waiting) if one.verdict.topic == "lake"]
    assert whys == ["matched; kept out: its source is private"]
    assert kept(store, time, TOPICS)[0] == []  # said once


@pytest.mark.parametrize(
    "now",
    [
        pytest.param({"private": True}, id="private"),
        pytest.param({"republish": "teaser"}, id="less of an article"),
    ],
)
def test_documents_that_were_made_on_other_terms_are_handed_out_no_more(store, time, now):
    turned(store, time)
    configured(store, time, "lake")
    public = {"lake": TOPICS["lake"]}
    assert store.write_now(visibility.keep, public, time.now) == ["lake"]  # nobody knows of old ones how they were made
    assert store.write_now(visibility.keep, public, time.now) == []
    other = {"lake": replace(TOPICS["lake"], **now)}
    assert store.read_now(visibility.ready, other) == []
    assert store.write_now(visibility.keep, other, time.now) == ["lake"]
    assert store.read_now(visibility.ready, other) == ["lake"]


def test_a_token_opens_its_topic_until_it_is_revoked(store, time):
    one, two, third = (tokens.hash_of(token) for token in ("one", "two", "three"))
    store.write_now(tokens.add, "own", [one, two], time.now)
    store.write_now(tokens.add, "other", [third], time.now)
    assert [store.read_now(tokens.topic_of, each) for each in (one, two, third)] == ["own", "own", "other"]
    assert {given.sha256 for given in store.read_now(tokens.given, "own")} == {one, two}
    assert store.write_now(tokens.revoke, "own", [one, third]) == 1
    assert [store.read_now(tokens.topic_of, each) for each in (one, two, third)] == [None, "own", "other"]
