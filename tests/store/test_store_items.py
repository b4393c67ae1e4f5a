"""Items, revisions, sections, stories and topics: the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import func, select
from store_makers import (
    HOUR,
    NOON,
    QUIET,
    a_change,
    a_curation,
    a_place,
    a_source,
    an_item,
    an_outcome,
    commit,
    configured,
    curate,
    stored,
)

from aggregator.model import Ahead, Article, Item, Known, Ruling, Tagged, Verdict, key_of
from aggregator.store import artefacts, identity, items, polls, rulings, stories, topics
from aggregator.store.items import REVISIONS_KEPT
from aggregator.store.schema import item as item_table
from aggregator.store.schema import item_revision


def change(store, time, *some, document=2):
    """Their publisher changed these items."""
    changes = [a_change(item, kind="changed") for item in some]
    commit(store, time, an_outcome(time.now, *changes, document=document))


def keys(found):
    return [one.key for one in found]


@pytest.mark.parametrize(
    "item", [pytest.param(an_item(), id="with everything"), pytest.param(Item(id="bare"), id="with nothing but an id")]
)
def test_an_item_comes_back_equal(store, time, item):
    (key,) = stored(store, time, item)
    held = store.read_now(items.by_key, key)
    assert held.item == item
    assert (held.key, held.source, held.arrival, held.curated_at) == (key_of("ozero", item.id), "ozero", "live", None)
    assert held.first_seen_at.tzinfo is UTC
    assert store.read_now(items.by_key, "unknown") is None


def test_how_an_item_arrived_is_kept(store, time):
    store.write_now(polls.sync_sources, [a_source()], time.now)
    facts = {"arrival": "backfill", "arrival_why": "first contact, 12th newest", "rank": 11}
    commit(store, time, an_outcome(time.now, a_change(an_item(), **facts)))
    (held,) = store.read_now(items.uncurated, 10)
    assert {name: getattr(held, name) for name in facts} == facts


def test_an_item_is_stored_once_whoever_brings_it_again(store, time):
    first = stored(store, time, an_item("1", "Первое"))
    commit(store, time, an_outcome(time.now, a_change(an_item("1", "Второе")), a_change(an_item("2"))))
    held = store.read_now(items.uncurated, 10)
    assert [one.item.title for one in held] == ["Первое", "Паром снова ходит"]
    assert keys(held)[:1] == first


def test_the_same_id_in_two_sources_is_two_items(store, time):
    store.write_now(polls.sync_sources, [a_source("a"), a_source("b")], time.now)
    one, two = stored(store, time, an_item("1"), source="a") + stored(store, time, an_item("1"), source="b")
    assert one != two
    (known,) = store.read_now(identity.known, "a", ["1"]).values()
    assert (known.key, known.sha256) == (one, an_item("1").sha256)


def test_what_is_known_is_told_however_many_are_asked_for(store, time):
    some = [an_item(f"id {n}") for n in range(1200)]
    stored(store, time, *some)
    asked = [item.id for item in some] + ["never seen"]
    known = store.read_now(identity.known, "ozero", asked)
    assert known.keys() == {item.id for item in some}
    facts = {name: getattr(some[7], name) for name in ("id", "sha256", "title", "link", "published")}
    assert known["id 7"] == Known(key=key_of("ozero", "id 7"), document=1, **facts)
    assert store.read_now(identity.known, "other", asked) == {}
    assert store.read_now(identity.known, "ozero", []) == {}


def test_a_changed_item_keeps_its_place_and_its_former_words(store, time):
    key, other = stored(store, time, an_item("1", "Паром ходит"), an_item("2"))
    before = store.read_now(items.by_key, key)
    curate(store, time, a_curation(key), a_curation(other))
    time.passes(HOUR)
    change(store, time, an_item("1", "Паром не ходит", link=None))
    after = store.read_now(items.by_key, key)
    assert (after.item, after.curated_at) == (an_item("1", "Паром не ходит", link=None), None)
    assert (after.seq, after.first_seen_at) == (before.seq, before.first_seen_at)
    assert keys(store.read_now(items.uncurated, 10)) == [key]
    (revision,) = store.read_now(lambda conn: conn.execute(select(item_revision)).all())
    assert (revision.item, revision.title, revision.link) == (key, "Паром ходит", before.item.link)
    assert revision.sha256 == before.item.sha256


def test_the_newest_revisions_of_an_item_are_kept_and_no_more(store, time):
    stored(store, time, an_item("1", "0"), an_item("2"))
    for n in range(1, REVISIONS_KEPT + 4):
        change(store, time, an_item("1", str(n)), document=n)
    change(store, time, an_item("2", "other"))
    kept = select(item_revision.c.title).order_by(item_revision.c.seq)
    titles = store.read_now(lambda conn: conn.scalars(kept).all())
    assert titles == [str(n) for n in range(3, REVISIONS_KEPT + 3)] + ["Паром снова ходит"]


def test_items_remember_the_newest_document_that_showed_them(store, time):
    both = stored(store, time, an_item("1"), an_item("2"))
    commit(store, time, an_outcome(time.now, document=2, present=both[1:]))
    commit(store, time, an_outcome(time.now, document=2, ended="unchanged", present=()))
    numbers = select(item_table.c.key, item_table.c.document)
    assert store.read_now(lambda conn: dict(conn.execute(numbers).all())) == {both[0]: 1, both[1]: 2}


def test_items_wait_to_be_curated_in_order_of_arrival(store, time):
    some = stored(store, time, *(an_item(str(n)) for n in range(5)))
    assert keys(store.read_now(items.uncurated, 3)) == some[:3]
    curate(store, time, *(a_curation(key) for key in some[:2]))
    assert keys(store.read_now(items.uncurated, 9)) == some[2:]
    assert keys(store.read_now(items.newest, 9)) == some[1::-1]
    assert keys(store.read_now(items.newest, 1)) == some[1:2]


def test_what_curating_decided_comes_back(store, time):
    (key,) = stored(store, time, an_item())
    url = "https://ozero.example/canonical"
    curate(store, time, a_curation(key, url=url, language="uk", sections=[("lake", 0.7), ("world", 1.0)]))
    held = store.read_now(items.by_key, key)
    assert (held.language, held.canonical_url, held.curated_at.tzinfo) == ("uk", url, UTC)
    assert store.read_now(items.sections_of, key) == (
        Tagged(section="world", confidence=1.0, why="because of world"),
        Tagged(section="lake", confidence=0.7, why="because of lake"),
    )
    curate(store, time, a_curation(key, sections=[("lake", 0.2)]))
    assert [(t.section, t.confidence) for t in store.read_now(items.sections_of, key)] == [("lake", 0.2)]


def test_an_item_that_changed_while_it_was_curated_is_curated_again(store, time):
    first, second = stored(store, time, an_item("1"), an_item("2"))
    configured(store, time, "lake")
    seen = {first: (an_item("1").sha256, False), second: (an_item("2").sha256, False)}
    change(store, time, an_item("1", "Новые слова"))
    decided = [a_curation(key, verdicts=[("lake", True)], sections=[("lake", 1.0)]) for key in (first, second)]
    store.write_now(items.commit_curated, decided, seen=seen, now=time.now)
    assert keys(store.read_now(items.uncurated, 9)) == [first]
    assert store.read_now(items.sections_of, first) == ()
    assert [one.stored.key for one in store.read_now(topics.pending, "lake")] == [second]


def test_an_item_whose_article_came_while_it_was_curated_is_curated_again(store, time):
    (key,) = stored(store, time, an_item())
    commit(store, time, an_outcome(time.now, articles=(Article(key=key, text="<p>Паром</p>"),)))
    decided = [a_curation(key)]
    store.write_now(items.commit_curated, decided, seen={key: (an_item().sha256, False)}, now=time.now)
    assert keys(store.read_now(items.uncurated, 9)) == [key]
    store.write_now(items.commit_curated, decided, seen={key: (an_item().sha256, True)}, now=time.now)
    assert store.read_now(items.uncurated, 9) == []


def test_pages_wait_until_they_may_be_asked_for_and_no_longer_than_news_is_news(store, time):
    old, late, new, had = (an_item(name, published=NOON + n * HOUR) for n, name in enumerate("abcd"))
    found = stored(store, time, old, late, new, had)
    due = [Article(key=key, due_at=time.now) for key in found[:3]]
    commit(store, time, an_outcome(time.now, articles=(*due, Article(key=found[3], text="<p>Паром</p>"))))

    def waiting(since=time.now - HOUR, now=time.now, limit=9):
        asked = {"since": since, "now": now, "limit": limit}
        return keys(store.read_now(items.without_article, "ozero", **asked))

    assert waiting() == [found[2], found[1], found[0]]
    assert waiting(limit=1) == [found[2]]
    assert waiting(since=time.now + HOUR) == []
    assert store.read_now(items.by_key, found[3]).full_text == "<p>Паром</p>"
    later = (Article(key=found[2], due_at=time.now + HOUR), Article(key=found[1]))
    commit(store, time, an_outcome(time.now, articles=later))
    assert waiting() == [found[0]]
    assert waiting(now=time.now + HOUR) == [found[2], found[0]]


def test_an_article_has_its_item_curated_again_and_other_words_of_it_are_no_edit(store, time):
    (key,) = stored(store, time, an_item())
    curate(store, time, a_curation(key))
    commit(store, time, an_outcome(time.now, articles=(Article(key=key, due_at=time.now),)))
    assert store.read_now(items.uncurated, 9) == []
    commit(store, time, an_outcome(time.now, articles=(Article(key=key, text="<p>Паром</p>"),)))
    assert keys(store.read_now(items.uncurated, 9)) == [key]


def test_what_was_read_otherwise_remembers_from_what_until_its_publisher_edits_it(store, time):
    (key,) = stored(store, time, an_item())
    read = an_item(words="Паром")
    commit(store, time, an_outcome(time.now, a_change(read, kind="changed", reread=True)))
    assert store.read_now(items.by_key, key).reread_from == an_item().sha256
    change(store, time, an_item(words="Мост"))
    assert store.read_now(items.by_key, key).reread_from is None


def test_items_are_found_by_link_and_by_canonical_url(store, time):
    one, two = stored(store, time, an_item("1"), an_item("2"))
    curate(store, time, a_curation(two, url="https://ozero.example/news/1"))
    assert keys(store.read_now(items.by_url, "https://ozero.example/news/1")) == [one, two]
    assert store.read_now(items.by_url, "https://ozero.example/news/") == []


def test_items_at_one_address_are_found_with_their_story(store, time):
    old, new, other = stored(store, time, an_item("1"), an_item("2"), an_item("3", published=None))
    url = "https://ozero.example/a"
    mine = [a_place(old), a_place(old, "s9", kind="story")]
    curate(store, time, a_curation(old, url=url, memberships=mine), a_curation(other, url=url + "b"))
    started = time.now
    seen_at = store.read_now(items.by_key, old).first_seen_at
    assert store.read_now(items.same_url, [url], started - HOUR) == {
        url: [
            items.Twin(
                key=old,
                source="ozero",
                story="s9",
                copy="s1",
                first_seen_at=seen_at,
                sort_at=store.read_now(items.by_key, old).sort_at,
            )
        ]
    }
    curate(store, time, a_curation(new, url=url))
    found = store.read_now(items.same_url, [url, url + "b", "https://nowhere.example/"], started - HOUR)
    assert {there: keys(twins) for there, twins in found.items()} == {url: [old, new], url + "b": [other]}
    assert found[url + "b"][0].sort_at == found[url + "b"][0].first_seen_at
    assert found[url][1].story is None
    assert store.read_now(items.same_url, [url], started + HOUR) == {}


@pytest.mark.parametrize("kind", ["copy", "story"])
def test_a_group_keeps_the_evidence_of_each_member(store, time, kind):
    one, two = stored(store, time, an_item("1"), an_item("2"))
    both = [a_place(one, kind=kind), a_place(two, of=one, kind=kind)]
    curate(store, time, a_curation(one))
    assert store.read_now(stories.group_of, kind, one) is None
    curate(store, time, a_curation(two, memberships=both))
    assert sorted(store.read_now(stories.members, kind, "s1"), key=lambda m: m.of != m.item) == both
    assert store.read_now(stories.group_of, kind, two) == "s1"
    moved = a_place(two, story="s2", of=one, kind=kind)
    curate(store, time, a_curation(two, memberships=[moved]))
    assert store.read_now(stories.members, kind, "s1") == both[:1]
    assert store.read_now(stories.members, kind, "s2") == [moved]


def test_who_founded_a_group_is_not_moved_by_founding_another(store, time):
    one, two, three = stored(store, time, an_item("1"), an_item("2"), an_item("3"))
    curate(store, time, a_curation(two, memberships=[a_place(one), a_place(two, of=one)]))
    curate(store, time, a_curation(three, memberships=[a_place(two, story=two), a_place(three, story=two, of=two)]))
    assert store.read_now(stories.group_of, "copy", two) == "s1"


def test_an_item_waits_for_a_topic_with_its_group_of_the_kind_that_is_asked_for(store, time):
    configured(store, time, "lake")
    (key,) = stored(store, time, an_item())
    groups = [a_place(key), a_place(key, "s9", kind="story")]
    curate(store, time, a_curation(key, verdicts=[("lake", True)], memberships=groups))
    assert [one.story for one in store.read_now(topics.pending, "lake", "copy")] == ["s1"]
    assert [one.story for one in store.read_now(topics.pending, "lake", "story")] == ["s9"]


def test_a_curator_recalls_what_was_curated_lately_with_its_groups(store, time):
    old, one, two, waiting = stored(store, time, *map(an_item, "0123"))
    groups = [a_place(two, of=one), a_place(two, "s9", kind="story")]
    curate(store, time, *map(a_curation, (old, one)), a_curation(two, memberships=groups))
    after = store.read_now(items.by_key, old).seq
    first, second = store.read_now(stories.recall, since=time.now - HOUR, after=after, limit=9)
    assert (first.stored.key, first.story, first.copy) == (one, None, None)
    assert (second.stored.key, second.story, second.copy) == (two, "s9", "s1")
    assert waiting not in {one.stored.key for one in (first, second)}
    assert len(store.read_now(stories.recall, since=time.now - HOUR, after=after, limit=1)) == 1
    assert store.read_now(stories.recall, since=time.now + HOUR, after=0, limit=9) == []


def test_what_was_counted_of_words_is_kept(store):
    assert store.read_now(stories.words) == stories.Words(counts={}, articles=0, upto=0)
    store.write_now(stories.keep_words, stories.Words(counts={7: 1, 2**32 - 1: 5}, articles=6, upto=40))
    store.write_now(stories.keep_words, stories.Words(counts={7: 0, 9: 2}, articles=8, upto=50))
    assert store.read_now(stories.words) == stories.Words(counts={2**32 - 1: 5, 9: 2}, articles=8, upto=50)


def test_a_topic_is_added_edited_removed_and_comes_back(store, time):
    sync = lambda **rules: store.write_now(topics.sync_topics, rules, time.now)  # noqa: E731
    of = lambda topic: store.read_now(topics.state_of, topic)  # noqa: E731
    sync(a=b"1", b=b"1")
    sync(a=b"1", b=b"2", c=b"1")
    assert [of(topic).rules_sha256 for topic in "abc"] == [b"1", b"2", b"1"]
    sync(a=b"1")
    assert [state.topic for state in store.read_now(topics.states)] == ["a"]
    assert store.read_now(topics.dirty, time.now) == ["a"]
    assert not of("b").configured
    before = of("b").dirty
    sync(a=b"1", b=b"3")
    assert (of("b").rules_sha256, of("b").configured, of("b").dirty > before) == (b"3", True, True)
    sync()
    assert store.read_now(topics.states) == []


def test_a_new_or_edited_topic_waits_for_its_past_until_it_is_there(store, time):
    sync = lambda **rules: store.write_now(topics.sync_topics, rules, time.now, backfilled=["a", "b"])  # noqa: E731
    past = lambda topic, rules: store.write_now(topics.backfill, topic, rules, [], time.now)  # noqa: E731
    for _ in range(2):  # whoever died in between finds them again
        assert sync(a=b"1", b=b"1", c=b"1") == ["a", "b"]
    past("a", b"1")
    assert sync(a=b"1", b=b"1", c=b"2") == ["b"]
    past("b", b"1")
    assert sync(a=b"2", b=b"1") == ["a"]
    assert sync(a=b"1", b=b"1") == []  # taken back before it had any effect


def publish(store, time, topic, entered=()):
    """Render it: all reasons seen until now are spent."""
    state = store.read_now(topics.state_of, topic)
    facts = {"rows": (), "entered": dict(entered), "artefacts": (), "flaw": "", "now": time.now, **QUIET}
    store.write_now(artefacts.publish, topic=topic, dirty=state.dirty, **facts)


def test_a_topic_is_dirty_until_published_and_a_reason_that_came_meanwhile_stays(store, time):
    configured(store, time, "lake", "field")
    assert store.read_now(topics.dirty, time.now) == ["field", "lake"]
    publish(store, time, "field")
    publish(store, time, "lake")
    assert store.read_now(topics.dirty, time.now) == []
    read = store.read_now(topics.state_of, "lake").dirty
    store.write_now(topics.touch, ["lake", "unknown"])
    facts = {"rows": (), "entered": {}, "artefacts": (), "flaw": "", "now": time.now, **QUIET}
    store.write_now(artefacts.publish, topic="lake", dirty=read, **facts)
    assert store.read_now(topics.dirty, time.now) == ["lake"]


def test_an_admitted_item_waits_for_its_entry_and_makes_its_topic_dirty(store, time):
    configured(store, time, "lake", "field", "sky")
    for topic in ("lake", "field", "sky"):
        publish(store, time, topic)
    one, two = stored(store, time, an_item("1"), an_item("2"))
    sections = [("world", 0.9), ("lake", 0.5)]
    curate(
        store,
        time,
        a_curation(two, verdicts=[("lake", True), ("field", False)], sections=sections, memberships=[a_place(two)]),
        a_curation(one, verdicts=[("lake", True)]),
    )
    assert store.read_now(topics.dirty, time.now) == ["lake"]
    first, second = store.read_now(topics.pending, "lake")
    assert (first.stored.key, first.story, first.sections) == (one, None, ())
    assert (second.stored.item, second.story, [s.section for s in second.sections]) == (
        an_item("2"),
        "s1",
        ["world", "lake"],
    )
    assert store.read_now(topics.pending, "field") == []
    standings = store.read_now(topics.verdicts_of, two)
    assert [(s.verdict.topic, s.verdict.admitted, s.entry_id) for s in standings] == [
        ("field", False, None),
        ("lake", True, None),
    ]


def test_a_verdict_may_change_until_the_item_stands_in_an_entry(store, time):
    configured(store, time, "lake", "field", "sky")
    (key,) = stored(store, time, an_item())
    curate(store, time, a_curation(key, verdicts=[("lake", True), ("field", False), ("sky", True)]))
    publish(store, time, "lake", {key: "tag:x:1"})
    change(store, time, an_item(words="Другие слова"))
    curate(store, time, a_curation(key, verdicts=[("lake", False), ("field", True)]))
    standings = {s.verdict.topic: (s.verdict.admitted, s.entry_id) for s in store.read_now(topics.verdicts_of, key)}
    assert standings == {"lake": (True, "tag:x:1"), "field": (True, None)}  # sky: it does not match any more
    assert store.read_now(topics.pending, "lake") == []
    assert keys(one.stored for one in store.read_now(topics.pending, "field")) == [key]


def test_an_entry_whose_item_was_curated_again_makes_its_topic_dirty(store, time):
    configured(store, time, "lake")
    (key,) = stored(store, time, an_item())
    curate(store, time, a_curation(key, verdicts=[("lake", True)]))
    publish(store, time, "lake", {key: "tag:x:1"})
    change(store, time, an_item(words="Другие слова"))
    assert store.read_now(topics.dirty, time.now) == []
    curate(store, time, a_curation(key))
    assert store.read_now(topics.dirty, time.now) == ["lake"]


def test_backfill_adds_verdicts_and_leaves_the_others_alone(store, time):
    configured(store, time, "lake", "field")
    (key,) = stored(store, time, an_item())
    curate(store, time, a_curation(key, verdicts=[("lake", True)]))
    verdict = Verdict(topic="field", admitted=True, why="backfill: 1st newest")
    store.write_now(topics.admit, [(key, verdict)], time.now)
    store.write_now(topics.admit, [], time.now)
    assert [s.verdict.topic for s in store.read_now(topics.verdicts_of, key)] == ["field", "lake"]
    assert store.read_now(topics.pending, "field")[0].stored.key == key


def test_curating_twice_changes_nothing(store, time):
    configured(store, time, "lake")
    (key,) = stored(store, time, an_item())
    decided = a_curation(key, verdicts=[("lake", True)], memberships=[a_place(key)], sections=[("lake", 1.0)])
    for _ in range(2):
        curate(store, time, decided)
    assert len(store.read_now(topics.pending, "lake")) == 1
    assert len(store.read_now(stories.members, "copy", "s1")) == 1
    assert store.read_now(items.sections_of, key) == decided.sections


def test_many_items_are_curated_in_one_go(store, time):
    configured(store, time, "lake")
    some = stored(store, time, *(an_item(str(n)) for n in range(700)))
    curate(store, time, *(a_curation(key, verdicts=[("lake", True)]) for key in some))
    assert store.read_now(items.uncurated, 9) == []
    assert store.read_now(lambda conn: conn.scalar(select(func.count()).select_from(item_table))) == 700
    assert keys(one.stored for one in store.read_now(topics.pending, "lake")) == some


def test_an_item_from_the_future_stands_where_we_first_saw_it(store, time):
    future = replace(an_item(), published=time.now + timedelta(days=9))
    (key,) = stored(store, time, future)
    curate(store, time, a_curation(key, url="https://ozero.example/f"))
    twin = store.read_now(items.same_url, ["https://ozero.example/f"], time.now - HOUR)["https://ozero.example/f"][0]
    assert twin.sort_at == twin.first_seen_at == store.read_now(items.by_key, key).sort_at


def test_an_item_whose_zone_lies_stands_where_it_appeared_and_keeps_its_date(store, time):
    store.write_now(polls.sync_sources, [a_source("ozero")], time.now)
    dated = [an_item(name, published=time.now + ahead) for name, ahead in (("1", HOUR), ("2", HOUR * 4))]
    commit(store, time, an_outcome(time.now, *(a_change(item, ahead=3 * HOUR) for item in dated)))
    one, two = (store.read_now(items.by_key, key_of("ozero", name)) for name in "12")
    assert (one.sort_at, one.item.published) == (dated[0].published - 3 * HOUR, dated[0].published)
    assert (two.sort_at, two.item.published) == (two.first_seen_at, dated[1].published)


def test_what_is_remembered_of_dates_ahead_comes_back(store, time):
    store.write_now(polls.sync_sources, [a_source("ozero")], time.now)
    outcome = an_outcome(time.now)
    aheads = (Ahead(least=-HOUR, most=HOUR * 2), Ahead(least=HOUR, most=HOUR))
    commit(store, time, replace(outcome, state=replace(outcome.state, aheads=aheads)))
    assert store.read_now(polls.state_of, "ozero").aheads == aheads


def a_word(says, one, other=None):
    return Ruling(says=says, item=min(one, other or one), other=max(one, other or one))


def test_what_a_person_says_of_stories_is_kept_until_it_is_taken_back(store, time):
    one, two, three = stored(store, time, *map(an_item, "123"))
    curate(store, time, a_curation(two, memberships=[a_place(two, one, of=one, kind="story")]))
    said = [a_word("apart", one, three), a_word("together", one, two), a_word("pinned", two), a_word("pinned", three)]
    for again in range(2):
        store.write_now(rulings.regroup, [], [], said=said, unsaid=[], now=time.now + HOUR * again)
    pins = [Ruling(says="pinned", item=two, other=one), Ruling(says="pinned", item=three, other=three)]
    assert set(store.read_now(rulings.every)) == {*said[:2], *pins}
    assert set(store.read_now(rulings.about, [three])) == {said[0], pins[1]}
    store.write_now(rulings.regroup, [], [], unsaid=[said[0], said[2]], now=time.now)
    assert set(store.read_now(rulings.every)) == {said[1], pins[1]}


def test_regrouping_changes_what_is_otherwise_and_leaves_the_rest(store, time):
    one, two, three, four = stored(store, time, *map(an_item, "1234"))
    before = [a_place(one, one, kind="story"), *(a_place(key, one, of=one, kind="story") for key in (two, three, four))]
    copies = [a_place(two), a_place(three, of=two)]
    curate(store, time, a_curation(four, memberships=[*before, *copies]))
    version = store.read_now(rulings.version)
    after = [a_place(three, three, kind="story"), a_place(four, three, of=three, kind="story"), before[0]]
    store.write_now(rulings.regroup, [one, two, three, four], after, now=time.now)
    assert store.read_now(stories.members, "story", one) == before[:1]
    assert store.read_now(stories.members, "story", three) == after[:2]
    assert [store.read_now(stories.group_of, kind, two) for kind in ("story", "copy")] == [None, None]
    assert store.read_now(rulings.version) != version


def test_regrouping_stories_leaves_copies_that_are_not_named(store, time):
    one, two = stored(store, time, *map(an_item, "12"))
    curate(store, time, a_curation(two, memberships=[a_place(one), a_place(two, of=one)]))
    both = [a_place(one, one, kind="story"), a_place(two, one, of=one, kind="story")]
    store.write_now(rulings.regroup, [], both, now=time.now)
    assert store.read_now(stories.members, "story", one) == both
    assert len(store.read_now(stories.members, "copy", "s1")) == 2


def test_topics_of_regrouped_items_are_rendered_again_and_see_the_pin(store, time):
    configured(store, time, "lake", "field")
    one, two = stored(store, time, *map(an_item, "12"))
    curate(store, time, a_curation(one, verdicts=[("lake", True)]), a_curation(two, verdicts=[("field", True)]))
    before = store.read_now(topics.state_of, "lake").dirty, store.read_now(topics.state_of, "field").dirty
    moment = time.now
    store.write_now(rulings.regroup, [], [], said=[a_word("pinned", one)], now=moment)
    dirty = store.read_now(topics.state_of, "lake").dirty, store.read_now(topics.state_of, "field").dirty
    assert (dirty[0] > before[0], dirty[1] == before[1]) == (True, True)
    assert [waiting.pinned_at for waiting in store.read_now(topics.pending, "lake")] == [moment]
    assert [waiting.pinned_at for waiting in store.read_now(topics.pending, "field")] == [None]
