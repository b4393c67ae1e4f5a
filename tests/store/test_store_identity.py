"""Other ids of items, edits that were counted, items that are held: the same on both engines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from store_makers import HOUR, a_change, a_curation, an_item, an_outcome, commit, curate, stored

from aggregator.model import Alias, Known, key_of
from aggregator.store import gauges, held, identity, items, sources
from aggregator.store.identity import ALIASES_KEPT
from aggregator.store.schema import item_revision

DAY = timedelta(days=1)


def alias(name, of, why="the link is the same"):
    return Alias(key=key_of("ozero", name), id=name, item=of, why=why)


def shown(store, time, document, *changes, **more):
    commit(store, time, an_outcome(time.now, *changes, document=document, **more))


def waiting(store):
    return [one.key for one in store.read_now(items.uncurated, 99)]


def test_an_item_is_known_by_its_other_ids_and_by_its_own(store, time):
    key, _ = stored(store, time, an_item("1"), an_item("2"))
    now = time.now
    commit(store, time, an_outcome(now, document=2, aliases=(alias("uuid", key),)))
    known = store.read_now(identity.known, "ozero", ["1", "uuid", "never seen"])
    facts = {name: getattr(an_item("1"), name) for name in ("sha256", "title", "link", "published")}
    assert known == dict.fromkeys(["1", "uuid"], Known(key=key, id="1", document=1, **facts))
    assert store.read_now(identity.known, "other", ["uuid"]) == {}
    ((told, at),) = store.read_now(identity.aliases_of, key)
    assert (told, at) == (alias("uuid", key), now)


def test_the_newest_ids_of_an_item_are_kept_and_no_more(store, time):
    keys = stored(store, time, an_item("1"), an_item("2"))
    for n in range(ALIASES_KEPT + 3):
        time.passes(HOUR)
        shown(store, time, n + 2, aliases=[alias(f"{key} {n}", key) for key in keys])
    for key in keys:
        kept = [told.id for told, _ in store.read_now(identity.aliases_of, key)]
        assert kept == [f"{key} {n}" for n in range(ALIASES_KEPT + 2, 2, -1)]


def test_an_id_that_goes_to_another_item_is_its_own_from_then_on(store, time):
    one, two = stored(store, time, an_item("1"), an_item("2"))
    for n, key in enumerate((one, two)):
        shown(store, time, n + 2, aliases=(alias("reused", key),))
    assert store.read_now(identity.known, "ozero", ["reused"])["reused"].key == two
    assert store.read_now(identity.aliases_of, one) == []


def test_the_items_that_came_last_are_told_with_the_document_that_showed_them(store, time):
    keys = stored(store, time, *(an_item(str(n)) for n in range(5)))
    shown(store, time, 2, present=keys[:2])
    lately = store.read_now(identity.lately, "ozero", 4)
    assert [(one.key, one.document) for one in lately] == [(keys[4], 1), (keys[3], 1), (keys[2], 1), (keys[1], 2)]


def test_edits_are_counted_from_a_moment_on(store, time):
    (key,) = stored(store, time, an_item("1"))
    moments = []
    for n in range(3):
        time.passes(HOUR)
        moments.append(time.now)
        change = a_change(an_item("1", str(n)), kind="changed")
        commit(store, time, an_outcome(moments[-1], change, document=n + 2))
    assert store.read_now(identity.edits, [key, "other"], moments[0]) == {key: moments[1:]}


def test_what_is_held_is_not_curated_until_its_flood_is_confirmed(store, time):
    keys = stored(store, time, an_item("1"))
    for document in (2, 3):
        shown(store, time, document, a_change(an_item(str(document)), held="flood"))
    assert waiting(store) == keys
    assert store.read_now(gauges.gauges, time.now).uncurated == 1
    assert store.read_now(sources.one, "ozero").held == {"flood": 2}
    shown(store, time, 3, ended="unchanged", present=(), confirmed=3)
    assert waiting(store) == [*keys, key_of("ozero", "3")]
    assert store.read_now(sources.every)[0].held == {"flood": 1}


def test_a_person_releases_all_that_is_held_and_the_feed_is_called_what_it_is_called_now(store, time):
    stored(store, time, an_item("1"))
    shown(store, time, 2, a_change(an_item("2"), held="drift"), a_change(an_item("3"), held="flood"))
    assert store.write_now(held.release, "ozero") == 2
    assert store.read_now(held.counts) == {}
    assert store.read_now(sources.one, "ozero").feed is None
    assert store.write_now(held.release, "ozero") == 0
    assert len(waiting(store)) == 3


def test_words_that_are_held_wait_until_their_time_and_leave_no_revision(store, time):
    (key,) = stored(store, time, an_item("1", "Сначала"))
    curate(store, time, a_curation(key))
    until = time.now + DAY
    for n in range(3):
        change = a_change(an_item("1", f"Правка {n}"), kind="changed", held="edits", held_until=until)
        shown(store, time, n + 2, change)
    kept = store.read_now(items.by_key, key)
    assert (kept.item.title, kept.held, kept.held_until) == ("Правка 2", "edits", until)
    assert kept.curated_at is not None
    assert waiting(store) == []
    assert store.read_now(lambda conn: conn.scalars(select(item_revision.c.title)).all()) == ["Сначала"]
    time.passes(DAY + HOUR)
    shown(store, time, 4, ended="failed", kind="dns", problem="no such host")
    assert waiting(store) == []
    shown(store, time, 4, ended="not-modified", present=())
    assert waiting(store) == [key]
    assert store.read_now(items.by_key, key).held is None


def test_an_item_that_is_held_stays_so_whatever_is_edited_in_it(store, time):
    one, two, waits = stored(store, time, an_item("1"), an_item("2"), an_item("5"))
    curate(store, time, a_curation(one), a_curation(two))
    shown(store, time, 2, a_change(an_item("3"), held="drift"), a_change(an_item("4"), held="drift"))
    until = time.now + DAY
    changes = (
        a_change(an_item("3", "Правка"), kind="changed"),
        a_change(an_item("4", "Правка"), kind="changed", held="edits", held_until=until),
        a_change(an_item("2", "Правка"), kind="changed", held="edits", held_until=until),
        a_change(an_item("5", "Правка"), kind="changed", held="edits", held_until=until),
        a_change(an_item("1", "Правка"), kind="changed"),
    )
    shown(store, time, 3, *changes)
    assert waiting(store) == [one, waits]
    assert store.read_now(held.counts, "ozero") == {"ozero": {"drift": 2, "edits": 1}}
