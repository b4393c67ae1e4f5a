"""Stories as people see them: the same on both engines."""

from __future__ import annotations

from store_makers import HOUR, a_curation, a_place, a_source, an_item, curate, stored

from aggregator.store import members, polls

NAMES = ("ozero", "bereg", "parus")


def told(store, time, *names, story=None, word="Паром"):
    """Have each of these outlets tell one story; return the keys of their items."""
    if any(store.read_now(polls.state_of, name).next_poll_at is None for name in NAMES):
        store.write_now(polls.sync_sources, [a_source(name) for name in NAMES], time.now)
    keys = []
    for number, name in enumerate(names):
        keys += stored(store, time, an_item(f"{word} {number}", word), source=name)
        group = story or keys[0]
        of = None if len(keys) == 1 else group
        curate(store, time, a_curation(keys[-1], memberships=[a_place(keys[-1], group, of, kind="story")]))
    return keys


def biggest(store, since, limit=10):
    return store.read_now(members.biggest, since=since, limit=limit)


def test_the_biggest_stories_come_first_each_with_its_first_item(store, time):
    small = told(store, time, "bereg", "ozero", word="Паром")
    big = told(store, time, "ozero", "bereg", "parus", "parus", word="Маяк")
    told(store, time, "parus", "parus", word="Баржа")  # one outlet alone is no story for readers
    rows = biggest(store, time.now - HOUR)
    assert [(row.id, row.outlets, row.items) for row in rows] == [(big[0], 3, 4), (small[0], 2, 2)]
    assert [row.first.key for row in rows] == [big[0], small[0]]
    assert [row.id for row in biggest(store, time.now - HOUR, limit=1)] == [big[0]]


def test_a_story_is_of_late_as_long_as_outlets_join_it(store, time):
    old = told(store, time, "ozero", "bereg", word="Паром")
    time.passes(HOUR)
    since = time.now
    assert biggest(store, since) == []
    told(store, time, "parus", "ozero", story=old[0], word="Снова паром")
    [row] = biggest(store, since)
    assert (row.id, row.first.key, row.outlets, row.items) == (old[0], old[0], 3, 4)


def test_a_source_that_is_configured_no_more_tells_no_story(store, time):
    keys = told(store, time, "ozero", "bereg", "parus")
    store.write_now(polls.sync_sources, [a_source("bereg"), a_source("parus")], time.now)
    [row] = biggest(store, time.now - HOUR)
    assert (row.id, row.first.key, row.outlets) == (keys[0], keys[1], 2)
    found = store.read_now(members.closely, keys[0], 10)
    assert ([one.stored.key for one in found.members], found.items) == (keys[1:], 2)
    store.write_now(polls.sync_sources, [a_source("parus")], time.now)
    assert biggest(store, time.now - HOUR) == []


def test_a_story_is_found_by_its_id_and_by_each_of_its_items(store, time):
    keys = told(store, time, "ozero", "bereg", "parus")
    found = store.read_now(members.closely, keys[0], 10)
    assert (found.id, [one.stored.key for one in found.members], found.items) == (keys[0], keys, 3)
    assert [(one.place.method, one.place.of) for one in found.members] == [
        ("first", keys[0]),
        ("same-url", keys[0]),
        ("same-url", keys[0]),
    ]
    assert found.members[0].feed.title == "Озеро"
    assert store.read_now(members.closely, keys[2], 10) == found
    assert store.read_now(members.closely, "f" * 16, 10) is None


def test_an_item_in_no_story_is_one_by_itself(store, time):
    told(store, time)
    (key,) = stored(store, time, an_item(), source="ozero")
    found = store.read_now(members.closely, key, 10)
    assert (found.id, found.items, [one.stored.key for one in found.members]) == (key, 1, [key])
    assert (found.members[0].place.method, found.members[0].feed.title) == ("first", "Озеро")
    store.write_now(polls.sync_sources, [a_source("bereg")], time.now)
    assert store.read_now(members.closely, key, 10) is None


def test_of_a_story_without_end_the_newest_members_are_told(store, time):
    keys = told(store, time, *NAMES)
    found = store.read_now(members.closely, keys[0], 2)
    assert ([one.stored.key for one in found.members], found.items) == (keys[1:], 3)
