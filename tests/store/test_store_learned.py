"""What persons said of sections and what is learned from: kept, replaced, forgotten, on both engines."""

from __future__ import annotations

import pytest
from store_makers import a_curation, an_item, curate, stored

from aggregator.model import Example, Lessons
from aggregator.store import items, learned
from aggregator.tag import READING


def an_example(item, *sections, **more):
    facts = {"language": "ru", "clues": {"паром": 1.1, "мост": 0.69}, "meaning": b"\x00\x01", **more}
    return Example(item=item, sections=sections, **facts)


def lessons(*examples, forgotten=()):
    return Lessons(reading=READING, learned=examples, forgotten=frozenset(forgotten))


def keep(store, time, some):
    store.write_now(learned.keep, some, time.now)


def test_examples_are_kept_as_they_were_the_oldest_first(store, time):
    one, two = an_example("b", "lake", "field"), an_example("a", said=True, meaning=b"")
    keep(store, time, lessons(one))
    keep(store, time, lessons(two))
    assert sorted(store.read_now(learned.examples, READING), key=lambda e: e.item) == [two, one]


def test_an_item_that_is_learned_again_is_one_example(store, time):
    keep(store, time, lessons(an_example("a", "lake")))
    keep(store, time, lessons(an_example("a", "field"), an_example("b", "lake"), forgotten=["c"]))
    keep(store, time, lessons(forgotten=["b"]))
    assert [(one.item, one.sections) for one in store.read_now(learned.examples, READING)] == [("a", ("field",))]


def test_examples_that_were_read_otherwise_are_no_examples(store, time):
    keep(store, time, lessons(an_example("a", "lake")))
    assert store.read_now(learned.examples, READING + 1) == []


def test_every_lesson_makes_another_version(store, time):
    before = store.read_now(learned.version)
    keep(store, time, lessons(an_example("a", "lake")))
    after = store.read_now(learned.version)
    assert (before, after) == ("", learned.after(before))


def test_what_a_person_said_is_kept_and_the_item_curated_again(store, time):
    (key,) = stored(store, time, an_item("1"))
    curate(store, time, a_curation(key, sections=[("lake", 0.7)]))
    store.write_now(learned.say, key, ["field"], time.now)
    store.write_now(learned.say, key, [], time.now)
    assert store.read_now(learned.said, [key, "other"]) == {key: ()}
    assert [one.key for one in store.read_now(items.uncurated, 10)] == [key]


def test_what_a_person_said_is_forgotten_with_what_was_learned_from_it(store, time):
    (key,) = stored(store, time, an_item("1"))
    keep(store, time, lessons(an_example(key, "lake", said=True)))
    store.write_now(learned.say, key, ["lake"], time.now)
    assert store.write_now(learned.unsay, key)
    assert not store.write_now(learned.unsay, key)
    assert store.read_now(learned.said, [key]) == {}
    assert store.read_now(learned.examples, READING) == []


@pytest.mark.parametrize("said", [True, False], ids=["said", "taken back"])
def test_what_is_said_while_an_item_is_curated_counts(store, time, said):
    """Else the curator would close the item with what it was before."""
    (key,) = stored(store, time, an_item("1"))
    if not said:
        store.write_now(learned.say, key, ["lake"], time.now)
    held = store.read_now(items.by_key, key)
    as_curated = store.read_now(learned.said, [key])
    if said:
        store.write_now(learned.say, key, ["lake"], time.now)
    else:
        store.write_now(learned.unsay, key)
    done = store.write_now(
        items.commit_curated,
        [a_curation(key, sections=[("field", 0.9)])],
        seen={key: (held.item.sha256, False)},
        said=as_curated,
        now=time.now,
    )
    assert done == 0
    assert [one.key for one in store.read_now(items.uncurated, 10)] == [key]


def test_lessons_are_kept_with_what_was_decided(store, time):
    (key,) = stored(store, time, an_item("1"))
    held = store.read_now(items.by_key, key)
    seen = {key: (held.item.sha256, False)}
    taught = lessons(an_example(key, "lake"))
    store.write_now(items.commit_curated, [a_curation(key)], seen=seen, now=time.now, lessons=taught)
    assert store.read_now(learned.examples, READING) == [an_example(key, "lake")]
