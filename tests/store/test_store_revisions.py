"""What items said before: the same on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from store_makers import HOUR, a_change, a_curation, a_source, an_item, an_outcome, commit, curate, stored

from aggregator.store import items, polls, revisions
from aggregator.store.items import REVISIONS_KEPT
from aggregator.store.schema import item


def edited(store, time, words, *, name="1", source="ozero", **how):
    """Have the publisher edit an item an hour later; return when."""
    time.passes(HOUR)
    now = time.now
    change = a_change(an_item(name, words), source, kind="changed", **how)
    commit(store, time, an_outcome(now, change, source=source, document=2))
    return now


def closely(store, key):
    return store.read_now(revisions.closely, key).versions


def test_the_versions_of_an_item_are_told_with_the_time_of_each(store, time):
    (key,) = stored(store, time, an_item("1", "Сначала", content="", summary="<p>a</p>"))
    begun = store.read_now(items.by_key, key).first_seen_at
    moments = [edited(store, time, words) for words in ("Потом", "Теперь")]
    versions = closely(store, key)
    assert [(one.title, one.since) for one in versions] == list(
        zip(["Сначала", "Потом", "Теперь"], [begun, *moments], strict=True)
    )
    assert [one.text for one in versions] == ["<p>a</p>", *["<p>The ferry runs every hour again.</p>"] * 2]


def test_an_item_that_was_never_edited_has_one_version(store, time):
    (key,) = stored(store, time, an_item("1", "Сначала"))
    assert [one.title for one in closely(store, key)] == ["Сначала"]
    assert store.read_now(revisions.lately, 9) == []


def test_a_version_knows_for_good_that_only_we_read_it_otherwise(store, time):
    (key,) = stored(store, time, an_item("1", "Сначала"))
    edited(store, time, "Иначе", reread=True)
    edited(store, time, "Теперь")
    first, second, third = closely(store, key)
    assert (second.reread(first), third.reread(second)) == (True, False)


def test_words_that_are_held_are_no_version_yet(store, time):
    (key,) = stored(store, time, an_item("1", "Сначала"))
    curate(store, time, a_curation(key))
    edited(store, time, "Опять", held="edits", held_until=time.now + 9 * HOUR)
    edited(store, time, "И опять", held="edits", held_until=time.now + 9 * HOUR)
    assert [one.title for one in closely(store, key)] == ["Сначала"]
    edited(store, time, "Наконец")
    assert [one.title for one in closely(store, key)] == ["Сначала", "Наконец"]


def test_when_the_first_version_that_is_kept_came_is_not_known_once_older_ones_went(store, time):
    (key,) = stored(store, time, an_item("1"))
    for number in range(REVISIONS_KEPT + 1):
        edited(store, time, str(number))
    versions = closely(store, key)
    assert (len(versions), versions[0].since) == (REVISIONS_KEPT + 1, None)


def test_the_newest_changes_of_all_items_are_told(store, time):
    one, two = stored(store, time, an_item("1", "Один"), an_item("2", "Два"))
    edited(store, time, "Один, давно")
    edited(store, time, "Два, теперь", name="2")
    edited(store, time, "Один, теперь")
    found = {history.stored.key: history for history in store.read_now(revisions.lately, 2)}
    titles = {key: [version.title for version in history.versions] for key, history in found.items()}
    assert titles == {one: ["Один, давно", "Один, теперь"], two: ["Два", "Два, теперь"]}
    assert found[one].feed.title == "Озеро"


@pytest.mark.parametrize("why", ["not configured", "drift", "flood"])
def test_nothing_is_told_of_what_may_not_be_shown(store, time, why):
    (key,) = stored(store, time, an_item("1", "Сначала"))
    edited(store, time, "Потом")
    if why == "not configured":
        store.write_now(polls.sync_sources, [a_source("bereg")], time.now)
    else:
        store.write_now(lambda conn: conn.execute(update(item).values(held=why)))
    assert store.read_now(revisions.closely, key) is None
    assert store.read_now(revisions.lately, 9) == []


def test_what_was_never_stored_has_no_history(store):
    assert store.read_now(revisions.closely, "0" * 16) is None
