"""Who is cited in items, and the items of a story with their credits: the same on both engines."""

from __future__ import annotations

from store_makers import HOUR, a_curation, a_place, a_source, an_item, configured, curate, stored

from aggregator.model import Authority, Credit, Telling, Topic
from aggregator.store import credits as cited_in
from aggregator.store import polls, work

WIRE = Credit(outlet="Провод", name="пров", body=False, phrase="сообщает", place=(14, 20))
POLICE = Credit(outlet="МВД Озёрска", name="мвд озерск", body=True, phrase="со ссылкой на", place=(40, 51), via="пров")


def work_of(store, time, topic):
    authority = Authority(name="feeds.example.org", date="2026-01-02")
    return store.read_now(work.of, Topic(id=topic, title="", match=""), authority, time.now)


def test_credits_come_back_in_the_order_of_the_text(store, time):
    first, second, third = stored(store, time, *(an_item(name) for name in "123"))
    curate(store, time, a_curation(first, cited=[WIRE, POLICE]), a_curation(second), a_curation(third, cited=[POLICE]))
    assert store.read_now(cited_in.credits_of, [first, second, third]) == {first: (WIRE, POLICE), third: (POLICE,)}
    assert store.read_now(cited_in.credits_of, []) == {}


def test_who_is_cited_in_edited_words_takes_the_place_of_who_was(store, time):
    first, second = stored(store, time, an_item("1"), an_item("2"))
    curate(store, time, a_curation(first, cited=[WIRE, POLICE]), a_curation(second, cited=[WIRE]))
    curate(store, time, a_curation(first, cited=[POLICE]))
    assert store.read_now(cited_in.credits_of, [first, second]) == {first: (POLICE,), second: (WIRE,)}
    curate(store, time, a_curation(first))
    assert store.read_now(cited_in.credits_of, [first, second]) == {second: (WIRE,)}


def test_the_tellings_of_a_story_come_as_we_saw_them(store, time):
    store.write_now(polls.sync_sources, [a_source("ozero"), a_source("bereg")], time.now)
    (late,), at_noon = stored(store, time, an_item("1"), source="bereg"), time.now
    time.passes(HOUR)
    one, other = stored(store, time, an_item("1"), an_item("2"))
    told = [a_place(late, late, kind="story"), a_place(one, late, late, kind="story")]
    same_text = [a_place(late, late), a_place(one, late, late)]
    curate(
        store, time, a_curation(late, cited=[WIRE]), a_curation(one, memberships=told + same_text), a_curation(other)
    )
    earlier, later = store.read_now(cited_in.tellings, late)
    assert (earlier.item, earlier.source, earlier.copy, earlier.credits) == (late, "bereg", late, (WIRE,))
    assert (later.item, later.source, later.copy, later.credits) == (one, "ozero", late, ())
    assert isinstance(earlier, Telling)
    assert earlier.first_seen_at < later.first_seen_at or store.dialect == "postgresql"
    assert abs(earlier.first_seen_at - at_noon) < HOUR
    assert [(one.item, one.copy) for one in store.read_now(cited_in.tellings, other)] == [(other, None)]
    assert store.read_now(cited_in.tellings, one) == []


def test_a_topic_is_published_with_the_stories_that_cite_an_outlet_as_far_as_it_has_them(store, time):
    configured(store, time, "lake", "field")
    keys = stored(store, time, *(an_item(name) for name in "1234567"))
    citing, cited, kept_out, silent, beside, citing_alone, of_no_story = keys
    story = [a_place(one, citing, citing, kind="story") for one in (citing, cited, kept_out)]
    other = [a_place(one, silent, silent, kind="story") for one in (silent, beside)]
    alone = [a_place(citing_alone, citing_alone, kind="story")]
    said = {citing: [POLICE, WIRE], silent: [POLICE], citing_alone: [WIRE], of_no_story: [WIRE]}
    for key in keys:
        places = [one for one in (*story, *other, *alone) if one.item == key]
        verdicts = [("lake", key != kept_out), ("field", key in (kept_out, of_no_story))]
        curate(store, time, a_curation(key, memberships=places, cited=said.get(key, ()), verdicts=verdicts))
    todo = work_of(store, time, "lake")
    assert [[(one.item, one.credits) for one in told] for told in todo.citing] == [
        [(citing, (POLICE, WIRE)), (cited, ())],
    ]
    assert {one.key for one in todo.tellers} == {citing, cited}
    assert work_of(store, time, "field").citing == []
