"""What is withdrawn is in no topic, no story and no telling from then on, whatever comes: the same on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from store_makers import (
    HOUR,
    QUIET,
    a_change,
    a_curation,
    a_delivery,
    a_place,
    a_source,
    an_item,
    an_outcome,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.model import Alias, Article, Verdict, key_of
from aggregator.store import artefacts, items, members, polls, sources, topics, withdrawal
from aggregator.store.credits import tellings
from aggregator.store.schema import topic_item

GONE = "its page is gone: 410"


@pytest.fixture
def lake(store, time):
    """Have these items admitted to the topic `lake`; deliver those that are to stand in an entry."""
    configured(store, time, "lake", "field")

    def admitted(*some, delivered=0):
        keys = stored(store, time, *some)
        curate(store, time, *(a_curation(key, verdicts=[("lake", True)]) for key in keys))
        rows = [a_delivery(key) for key in keys[:delivered]]
        entered = {row.anchor: row.entry_id for row in rows}
        store.write_now(
            artefacts.publish,
            topic="lake",
            dirty=9,
            rows=rows,
            entered=entered,
            artefacts=(),
            flaw="",
            now=time.now,
            **QUIET,
        )
        return keys

    return admitted


@pytest.fixture
def withdraw(store, time):
    """Withdraw these; return those that stood until now."""

    def withdraw(*keys, why=GONE):
        return store.write_now(withdrawal.withdraw, keys, why, time.now)

    return withdraw


def waiting(store):
    return [one.stored.key for one in store.read_now(topics.pending, "lake")]


def moved(store):
    t = topic_item.c
    return store.read_now(lambda conn: list(conn.scalars(select(t.item).where(t.moved).order_by(t.item))))


def test_an_item_is_withdrawn_once_and_the_first_reason_stays(store, time, withdraw):
    one, two = stored(store, time, an_item("1"), an_item("2"))
    assert store.read_now(withdrawal.withdrawn, one) is None
    before = time.now
    assert withdraw(one) == [one]
    first = store.read_now(withdrawal.withdrawn, one)
    assert (first.why, first.at >= before, first.at.tzinfo is not None) == (GONE, True, True)
    time.passes(HOUR)
    assert withdraw(one, two, "f" * 16, why="a person withdrew it") == [two]
    assert store.read_now(withdrawal.withdrawn, one) == first
    assert store.read_now(items.by_key, one).withdrawn == GONE
    assert store.read_now(withdrawal.withdrawn, "f" * 16) is None
    assert (store.read_now(withdrawal.count, "ozero"), store.read_now(withdrawal.count, "bereg")) == (2, 0)


def test_what_waits_for_an_entry_is_kept_out_with_the_reason(store, lake, withdraw):
    one, two = lake(an_item("1"), an_item("2"))
    assert waiting(store) == [one, two]
    dirty = store.read_now(topics.state_of, "lake").dirty
    withdraw(one)
    assert waiting(store) == [two]
    (standing,) = store.read_now(topics.verdicts_of, one)
    assert standing.verdict == Verdict(topic="lake", admitted=False, why=f"matched; kept out: {GONE}")
    assert moved(store) == [one], "a publication may be about to let it in"
    assert store.read_now(topics.state_of, "lake").dirty == dirty + 1
    assert store.read_now(topics.kept_out, "lake") == {"withdrawn": 1}, "no `backfill` lets it in"


def test_what_stands_in_an_entry_is_looked_at_again_by_publishing(store, lake, withdraw):
    one, two = lake(an_item("1"), an_item("2"), delivered=2)
    dirty = {topic: store.read_now(topics.state_of, topic).dirty for topic in ("lake", "field")}
    withdraw(one)
    assert moved(store) == [one]
    after = {topic: store.read_now(topics.state_of, topic).dirty for topic in ("lake", "field")}
    assert after == {"lake": dirty["lake"] + 1, "field": dirty["field"]}
    assert withdraw(one) == []
    assert store.read_now(topics.state_of, "lake").dirty == after["lake"], "there is no news in it"
    assert store.read_now(withdrawal.entries, [one, two, "f" * 16]) == {
        ("lake", a_delivery(one).entry_id),
        ("lake", a_delivery(two).entry_id),
    }


def test_what_is_withdrawn_while_its_entry_is_made_is_looked_at_again(store, time, lake, withdraw):
    (key,) = lake(an_item())
    withdraw(key)  # after publishing has read what waits, and before it commits
    row = a_delivery(key)
    facts = {"rows": [row], "entered": {key: row.entry_id}, "artefacts": (), "flaw": "", "now": time.now, **QUIET}
    store.write_now(artefacts.publish, topic="lake", dirty=1, **facts)
    assert moved(store) == [key]


def test_an_item_that_is_withdrawn_while_it_is_curated_is_curated_again(store, time, withdraw):
    (key,) = stored(store, time, an_item())
    configured(store, time, "lake")
    withdraw(key)
    curate(store, time, a_curation(key, verdicts=[("lake", True)], sections=[("world", 1.0)]))
    assert ([one.key for one in store.read_now(items.uncurated, 9)], waiting(store)) == ([key], [])
    curate(store, time, a_curation(key, verdicts=[("lake", False)], sections=[("world", 1.0)]))
    assert store.read_now(items.uncurated, 9) == []
    assert [one.section for one in store.read_now(items.sections_of, key)] == ["world"]


def test_no_backfill_brings_it_back(store, time, lake, withdraw):
    one, two = lake(an_item("1"), an_item("2"))
    withdraw(one)
    assert [found.key for found in store.read_now(items.newest, 9)] == [two]
    store.write_now(topics.admit, [(one, Verdict(topic="lake", admitted=True, why="backfill"))], time.now)
    assert waiting(store) == [two]


def test_a_poll_that_shows_it_again_brings_no_withdrawn_item_back(store, time, lake, withdraw):
    (key,) = lake(an_item())
    withdraw(key)
    edited = a_change(an_item(words="Снова тут"), kind="changed")
    commit(store, time, an_outcome(time.now, edited, a_change(an_item())))
    held = store.read_now(items.by_key, key)
    assert (held.item.title, held.withdrawn, waiting(store)) == ("Снова тут", GONE, [])


def test_a_poll_withdraws_in_its_own_transaction_also_what_it_brings(store, time):
    (old,) = stored(store, time, an_item("1"))
    new = a_change(an_item("2"))
    outcome = an_outcome(
        time.now,
        new,
        articles=(Article(key=new.key, due_at=time.now), Article(key=old, due_at=time.now)),
        withdrawn={new.key: GONE, old: "its publisher took it back"},
    )
    commit(store, time, outcome)
    assert [store.read_now(items.by_key, key).withdrawn for key in (old, new.key)] == [
        "its publisher took it back",
        GONE,
    ]
    asked = {"since": time.now - HOUR, "now": time.now + HOUR, "limit": 9}
    assert store.read_now(items.without_article, "ozero", **asked) == [], "its page is not asked for any more"


def test_what_is_held_and_withdrawn_is_not_held_any_more(store, time, withdraw):
    change = a_change(an_item(), held="flood")
    store.write_now(polls.sync_sources, [a_source()], time.now)
    commit(store, time, an_outcome(time.now, change))
    withdraw(change.key)
    assert store.read_now(sources.one, "ozero").held == {}
    assert [one.key for one in store.read_now(items.uncurated, 9)] == [change.key]


def test_stories_and_tellings_leave_it_out(store, time, withdraw):
    names = ("ozero", "bereg", "parus")
    store.write_now(polls.sync_sources, [a_source(name) for name in names], time.now)
    keys = []
    for name in names:
        keys += stored(store, time, an_item(name), source=name)
        of = None if len(keys) == 1 else keys[0]
        curate(store, time, a_curation(keys[-1], memberships=[a_place(keys[-1], keys[0], of, kind="story")]))
    withdraw(keys[0])
    [row] = store.read_now(members.biggest, since=time.now - HOUR, limit=9)
    assert (row.id, row.first.key, row.outlets, row.items) == (keys[0], keys[1], 2, 2)
    found = store.read_now(members.closely, keys[0], 9)
    assert ([one.stored.key for one in found.members], found.items) == (keys[1:], 2)
    assert [one.item for one in store.read_now(tellings, keys[0])] == keys[1:]
    withdraw(*keys[1:])
    assert store.read_now(members.biggest, since=time.now - HOUR, limit=9) == []
    assert store.read_now(members.closely, keys[0], 9) is None


def test_what_a_source_takes_back_is_found_under_all_its_ids_and_in_that_source_only(store, time, withdraw):
    store.write_now(polls.sync_sources, [a_source("ozero"), a_source("bereg")], time.now)
    one, two = stored(store, time, an_item("1"), an_item("2"))
    stored(store, time, an_item("1"), source="bereg")
    alias = Alias(key=key_of("ozero", "new-2"), id="new-2", item=two, why="the same link")
    commit(store, time, an_outcome(time.now, aliases=(alias,)))

    def meant(*ids):
        return store.read_now(withdrawal.meant, "ozero", ids)

    assert meant("1", "new-2", "3") == {"1": one, "new-2": two}
    assert store.read_now(withdrawal.standing, "ozero") == [two, one]
    withdraw(one)
    assert meant("1", "2") == {"2": two}
    assert store.read_now(withdrawal.standing, "ozero") == [two]


def test_of_the_pages_that_were_asked_for_lately_it_is_known_which_were_gone(store, time, withdraw):
    keys = stored(store, time, *(an_item(str(n)) for n in range(5)))
    commit(store, time, an_outcome(time.now, articles=[Article(key=key, text="<p>Паром</p>") for key in keys[:3]]))
    withdraw(keys[4])
    withdraw(keys[3], keys[0], why="a person withdrew it")
    assert store.read_now(withdrawal.pages_gone, "ozero", GONE, 9) == [True, False, False, False]
    assert store.read_now(withdrawal.pages_gone, "ozero", GONE, 2) == [True, False]
