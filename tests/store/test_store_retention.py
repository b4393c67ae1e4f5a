"""What may go and what stays; what went is known for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from store_makers import (
    HOUR,
    MORNING,
    QUIET,
    a_change,
    a_curation,
    a_delivery,
    a_place,
    a_source,
    an_item,
    an_outcome,
    claim,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.model import Alias, Ruling, key_of
from aggregator.store import (
    artefacts,
    checking,
    deliveries,
    identity,
    items,
    learned,
    polls,
    retention,
    rulings,
    stories,
    topics,
    words,
)
from aggregator.store.schema import item, item_revision, poll_log, story, tombstone
from aggregator.store.words import Indexed

DAY = timedelta(days=1)


@pytest.fixture
def old(store, time):
    """Have five items that left their document long ago, and one that stands in it; returns their keys."""
    configured(store, time, "lake")
    keys = stored(store, time, *(an_item(str(n)) for n in range(6)))
    curate(store, time, *(a_curation(key) for key in keys))
    leave(store, time, keys[5])
    return keys


def leave(store, time, *standing, document=2):
    """Let a document come with only these items, all others being gone for a year."""
    commit(store, time, an_outcome(time.now, document=document, present=standing))
    gone = update(item).where(item.c.left_at.is_not(None)).values(left_at=time.now - 365 * DAY)
    store.write_now(lambda conn: conn.execute(gone))


def prune(store, time, limit=100):
    return store.write_now(retention.prune, time.now - 180 * DAY, limit)


def left(store):
    return set(store.read_now(lambda conn: conn.scalars(select(item.c.key)).all()))


def count(store, table):
    return store.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table)))


def deliver(store, time, *rows, topic="lake"):
    entered = {row.anchor: row.entry_id for row in rows}
    facts = {"rows": rows, "entered": entered, "artefacts": (), "flaw": "", "now": time.now, **QUIET}
    store.write_now(artefacts.publish, topic=topic, dirty=1, **facts)


def test_what_left_its_document_long_ago_goes_the_oldest_first(store, time, old):
    assert prune(store, time, limit=2) == 2
    assert left(store) == set(old[2:])
    assert prune(store, time) == 3
    assert prune(store, time) == 0
    assert left(store) == {old[5]}
    assert store.read_now(checking.check, lambda _: None) == []


def test_an_item_that_is_shown_again_has_not_left(store, time, old):
    commit(store, time, an_outcome(time.now, document=3, present=(old[0], old[5])))
    prune(store, time)
    assert left(store) == {old[0], old[5]}


def test_a_document_that_is_the_same_lets_nothing_leave(store, time):
    (key,) = stored(store, time, an_item())
    commit(store, time, an_outcome(time.now, document=1, ended="not-modified", present=()))
    assert store.read_now(lambda conn: conn.scalar(select(item.c.left_at).where(item.c.key == key))) is None


def test_the_items_of_a_source_that_is_configured_no_more_have_left(store, time, old):
    store.write_now(polls.sync_sources, [], time.now)
    assert store.write_now(retention.prune, time.now + HOUR, 100) == 6
    assert left(store).isdisjoint(old)


def test_what_went_is_known_under_all_its_ids_and_no_news_whatever_it_says(store, time, old):
    alias = Alias(key=key_of("ozero", "other"), id="other", item=old[0], why="the same words")
    store.write_now(identity.keep_aliases, [alias], time.now)
    prune(store, time)
    known = store.read_now(identity.known, "ozero", ["0", "other", "5", "new"])
    assert {id_: one.pruned for id_, one in known.items()} == {"0": True, "other": True, "5": False}
    assert count(store, tombstone) == 6


@pytest.mark.parametrize(
    "keep",
    [
        pytest.param(lambda _store, _time, _key: None, id="nothing"),
        pytest.param(
            lambda store, time, key: deliver(store, time, a_delivery(key)), id="it leads an entry of a document"
        ),
        pytest.param(
            lambda store, time, key: store.write_now(
                rulings.rule, said=[Ruling(says="pinned", item=key, other=key)], unsaid=(), now=time.now
            ),
            id="it is pinned",
        ),
        pytest.param(
            lambda store, time, key: store.write_now(learned.say, key, ["war"], time.now),
            id="a person named its sections",
        ),
        pytest.param(
            lambda store, time, key: store.write_now(topics.admit, _admitted(key), time.now),
            id="it waits for its entry",
        ),
        pytest.param(
            lambda store, _time, key: store.write_now(
                lambda conn: conn.execute(update(item).where(item.c.key == key).values(curated_at=None))
            ),
            id="it waits to be curated",
        ),
    ],
)
def test_what_is_needed_stays(request, store, time, old, keep):
    keep(store, time, old[2])
    prune(store, time)
    stays = "nothing" not in request.node.callspec.id
    assert left(store) == ({old[2], old[5]} if stays else {old[5]})


def _admitted(key):
    return [(key, a_curation(key, verdicts=[("lake", True)]).verdicts[0])]


def test_what_waits_for_a_topic_that_is_configured_no_more_goes(store, time, old):
    store.write_now(topics.admit, _admitted(old[0]), time.now)
    configured(store, time)
    assert prune(store, time) == 5


def test_what_stood_in_an_entry_that_has_left_goes_and_the_ledger_stays(store, time, old):
    deliver(store, time, a_delivery(old[0]))
    deliver(store, time, a_delivery(old[0], rev=2, state="aged"))
    assert prune(store, time) == 5
    entry = a_delivery(old[0]).entry_id
    assert store.read_now(deliveries.ever, "lake", [entry]) == {entry}


def test_the_whole_story_of_a_ruled_item_stays_and_one_without_members_goes(store, time, old):
    told = [a_place(old[0], old[0], kind="story"), a_place(old[1], old[0], of=old[0], kind="story")]
    alone = [a_place(old[3], old[3], kind="story")]
    curate(store, time, a_curation(old[0], memberships=[*told, *alone]))
    ruling = Ruling(says="pinned", item=old[1], other=old[1])
    store.write_now(rulings.rule, said=[ruling], unsaid=(), now=time.now)
    prune(store, time)
    assert left(store) == {old[0], old[1], old[5]}
    assert store.read_now(lambda conn: conn.scalars(select(story.c.id)).all()) == [old[0]]


def test_a_source_that_is_being_polled_is_let_be(store, time, old):
    claim(store, time, only=["ozero"], ignore_schedule=True)
    assert prune(store, time) == 0
    assert left(store) == set(old)


def test_the_index_of_words_forgets_it(store, time, old):
    (one,) = store.read_now(items.by_keys, [old[0]])
    indexed = Indexed(seq=one.seq, curated_at=one.curated_at, sha256=one.item.sha256, terms=["паром"])
    assert store.write_now(words.index, [indexed], time.now) == 1
    prune(store, time)
    found = store.read_now(words.candidates, frozenset({"паром"}), 10)
    assert [stored.key for stored in found.items] == [old[5]]  # which is not indexed, so it may match


def test_former_versions_go_when_their_item_has_left_and_stay_while_it_stands(store, time):
    keys = stored(store, time, an_item("1"), an_item("2"))
    edits = [a_change(an_item(n, "Паром стоит"), kind="changed") for n in ("1", "2")]
    commit(store, time, an_outcome(time.now, *edits, document=2))
    leave(store, time, keys[1], document=3)
    time.passes(40 * DAY)
    first, after = store.write_now(retention.drop_revisions, time.now + DAY, 0, 1)
    rest, end = store.write_now(retention.drop_revisions, time.now + DAY, after, 10)
    assert (first + rest, end) == (1, None)
    assert store.read_now(lambda conn: conn.scalars(select(item_revision.c.item)).all()) == [keys[1]]


def test_the_log_of_polls_ends_somewhere(store, time):
    stored(store, time, an_item())
    assert count(store, poll_log) == 1
    assert store.write_now(retention.drop_log, MORNING - DAY, 10) == 0
    assert store.write_now(retention.drop_log, time.now + DAY, 10) == 1


def test_a_store_says_how_large_it_is_and_what_is_too_much(store):
    used = store.read_now(retention.used)
    assert used > 10_000
    assert store.read_now(retention.excess, used - 1000) > 0 >= store.read_now(retention.excess, used + 10**6)
    store.write_now(retention.say_oversize, "too large")
    assert store.read_now(retention.oversize) == "too large"


def test_pruned_private_items_hide_what_they_founded(store, time):
    """A public item must not stand in a story that is named after a private one, were that one pruned."""
    store.write_now(polls.sync_sources, [a_source("ozero"), a_source("bereg")], time.now)
    (private,) = stored(store, time, an_item("1"), source="ozero")
    (public,) = stored(store, time, an_item("2"), source="bereg")
    told = [a_place(private, private, kind="story"), a_place(public, private, of=private, kind="story")]
    curate(store, time, a_curation(private, memberships=told), a_curation(public))
    leave(store, time)
    prune(store, time)
    assert left(store) == {public}
    store.write_now(polls.sync_sources, [replace(a_source("ozero"), private=True), a_source("bereg")], time.now)
    assert store.read_now(stories.group_of, "story", public) == public
