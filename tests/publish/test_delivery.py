"""R1, R2, R4, R5: what readers are shown, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_making import AUTHORITY, DAY, HOUR, NOON, TOPIC, candidate, decided, delivery, tagged

from aggregator.model import Member, key_of
from aggregator.publish import compose

KEY = key_of("mayak", "1")
STORY = "5707e0"


def test_a_lone_item_becomes_an_entry_with_its_own_id():
    decision = decided([candidate()])
    [row] = decision.rows
    assert row.entry_id == f"tag:feeds.example.org,2026-01-02:{KEY}"
    assert (row.anchor, row.rev, row.state, row.entered_at) == (KEY, 1, "live", NOON)
    assert row.face.title == "Маяк 1 снова горит"
    assert decision.entered == {KEY: row.entry_id}


@pytest.mark.parametrize(
    ("members", "face_of"),
    [
        pytest.param([("a", 1.0, 0), ("b", 2.0, 5)], "b", id="priority first"),
        pytest.param([("a", 1.0, 5), ("b", 1.0, 0)], "b", id="then who was seen first"),
        pytest.param([("a", 2.0, 5), ("b", 2.0, 0), ("c", 1.0, -9)], "b", id="priority, then seen first"),
    ],
)
def test_the_best_member_of_a_new_story_gives_it_its_face(members, face_of):
    pending = [
        candidate("1", source, story=STORY, priority=priority, seen=NOON + timedelta(minutes=minute))
        for source, priority, minute in members
    ]
    [row] = decided(pending).rows
    assert row.anchor == key_of(face_of, "1")
    assert {outlet.source for outlet in row.outlets} == {source for source, _, _ in members} - {face_of}


def test_nobody_takes_the_face_of_an_article_by_linking_to_it_first():
    link = "https://news.parus.example/2026/fire"
    early = candidate("1", "mayak", story=STORY, link=link, seen=NOON - HOUR)
    whose = candidate("1", "parus", story=STORY, link=link)
    assert decided([early, whose]).rows[0].anchor == whose.stored.key
    better = replace(early, priority=2.0)
    assert decided([better, whose]).rows[0].anchor == better.stored.key


def test_equally_good_members_are_told_apart_by_their_key():
    pending = [candidate("1", source, story=STORY) for source in ("a", "b", "c")]
    anchors = {decided(order).rows[0].anchor for order in (pending, pending[::-1])}
    assert len(anchors) == 1


def test_a_later_copy_joins_the_list_and_never_takes_the_face():
    [first] = decided([candidate(story=STORY)]).rows
    later = candidate("1", "parus", story=STORY, priority=99.0, title="Лучше сказано")
    decision = decided([later], live=[first], now=NOON + HOUR)
    [row] = decision.rows
    assert (row.entry_id, row.rev, row.updated, row.face) == (first.entry_id, 2, first.updated, first.face)
    assert [outlet.title for outlet in row.outlets] == ["Лучше сказано"]
    assert decision.entered == {later.stored.key: first.entry_id}


def test_an_entry_that_entered_alone_takes_in_the_copies_that_made_it_a_story():
    """A group of copies is named after its founder, so the lone anchor's key is enough to find its entry."""
    [alone] = decided([candidate()]).rows
    assert alone.story is None
    [row] = decided([candidate("1", "parus", story=KEY)], live=[alone], now=NOON + HOUR).rows
    assert (row.entry_id, row.story) == (alone.entry_id, KEY)


def test_whom_an_entry_is_taken_from_stays_as_its_first_readers_saw_it_while_its_list_grows():
    wire = compose.outlet(candidate("1", "provod", story=STORY))
    [first] = decided([replace(candidate(story=STORY), via=(wire,))]).rows
    assert first.face.via == (wire,)
    others = [replace(candidate("1", "provod", story=STORY), cited_by=(KEY,)), candidate("1", "parus", story=STORY)]
    [row] = decided(others, live=[first], now=NOON + HOUR).rows
    assert row.face == first.face
    assert {outlet.source: outlet.via for outlet in row.outlets} == {"provod": True, "parus": False}


def test_without_folding_each_item_is_an_entry():
    topic = replace(TOPIC, fold="none")
    pending = [candidate("1", source, story=STORY) for source in ("mayak", "parus")]
    decision = decided(pending, topic=topic)
    assert [row.anchor for row in decision.rows] == [one.stored.key for one in pending]
    assert all(row.outlets == () for row in decision.rows)


def test_a_story_whose_entry_aged_does_not_come_back_under_another_id():
    [first] = decided([candidate(story=STORY)]).rows
    decision = decided([candidate("1", "parus", story=STORY)], live=[replace(first, state="aged")], now=NOON + 3 * DAY)
    assert decision.rows == ()
    assert set(decision.entered.values()) == {first.entry_id}


def test_an_item_that_already_is_an_entry_changes_nothing():
    [first] = decided([candidate()]).rows
    decision = decided([candidate()], live=[first], now=NOON + HOUR)
    assert decision.rows == ()
    assert decision.entered == {KEY: first.entry_id}


def test_after_a_day_readers_see_no_longer_list_even_of_what_joined_in_time():
    """As when nothing was published for a day, or when a withdrawal shortened the list."""
    row = delivery(story=STORY, entered_at=NOON, outlets=(compose.outlet(candidate("1", "parus")),), listed=0)
    assert [one.listed for one in decided(live=[row], now=NOON + DAY).rows] == [1]
    assert decided(live=[row], now=NOON + DAY + HOUR).rows == ()


def test_a_source_has_one_line_also_where_its_other_item_is_pinned():
    listed, other = (candidate(number, "parus", story=STORY) for number in ("1", "2"))
    anchor = candidate(story=STORY)
    [first] = decided([anchor, listed]).rows
    for pinned, told in ((other, {"mayak"}), (candidate("2", story=STORY), {"parus"})):
        here = [anchor, listed, replace(pinned, pinned_at=NOON)]
        members = [Member(candidate=one, entry_id=first.entry_id, moved=True) for one in here]
        [row] = decided(live=[first], members=members, now=NOON + HOUR).rows
        assert (row.shows, {outlet.source for outlet in row.outlets}) == (pinned.stored.key, told)


def test_an_entry_is_not_told_again_under_another_id_when_its_withdrawn_anchor_is_taken_out():
    other = candidate("1", "parus", story=STORY)
    [first] = decided([candidate(story=STORY), other]).rows
    anchor = replace(candidate(story=STORY), hidden="withdrawn")
    told = replace(other, admitted_at=NOON)
    members = [Member(candidate=one, entry_id=first.entry_id, moved=True) for one in (anchor, told)]
    [left] = decided(live=[first], members=members, now=NOON + HOUR).rows
    assert left.shows == other.stored.key
    apart = Member(candidate=replace(told, story=None), entry_id=first.entry_id, moved=True, apart=True)
    left = replace(left, story=other.stored.key)  # as it is read: it goes with what it shows, its anchor being hidden
    assert decided(live=[left], members=[members[0], apart], now=NOON + HOUR).rows == ()


def test_a_row_that_follows_another_is_not_written_yet():
    """Whoever tells readers when an entry left must not take the time of the row before."""
    [first] = decided([candidate(story=STORY)]).rows
    [row] = decided([candidate("1", "parus", story=STORY)], live=[replace(first, at=NOON)], now=NOON + HOUR).rows
    assert (row.rev, row.at) == (2, None)


def test_claims_of_the_future_become_the_present():
    tomorrow = NOON + DAY
    [row] = decided([candidate(published=tomorrow, updated=tomorrow)]).rows
    assert (row.face.published, row.updated) == (NOON, NOON)


def test_the_publishers_own_update_is_taken_over_at_first_delivery():
    [row] = decided([candidate(published=NOON - 5 * HOUR, updated=NOON - HOUR)]).rows
    assert (row.face.published, row.updated) == (NOON - 5 * HOUR, NOON - HOUR)


sources = st.sampled_from(["mayak", "parus", "yakor", "shtil"])
stories = st.sampled_from([None, "a", "b", "c"])
arrivals = st.lists(
    st.lists(st.tuples(sources, stories, st.integers(1, 30), st.floats(0, 4)), max_size=5), min_size=1, max_size=8
)


@settings(max_examples=150)
@given(arrivals)
def test_one_story_never_has_two_live_entries_and_nobody_is_lost(rounds):
    ledger, entered, seen = {}, {}, set()
    for number, batch in enumerate(rounds):
        now = NOON + number * HOUR
        pending = [
            candidate(str(id_), source, story=story, priority=priority, seen=now, published=now + HOUR)
            for source, story, id_, priority in batch
            if (source, id_) not in seen and not seen.add((source, id_))
        ]
        decision = decided(pending, live=list(ledger.values()), now=now)
        assert set(decision.entered) == {one.stored.key for one in pending}
        entered |= decision.entered
        for row in decision.rows:
            assert row.rev == (ledger[row.entry_id].rev + 1 if row.entry_id in ledger else 1)
            assert row.updated <= now
            assert row.face.published <= now
            if row.entry_id in ledger:
                assert row.face == ledger[row.entry_id].face
            ledger[row.entry_id] = row
    told = [row.story for row in ledger.values() if row.story]
    assert len(told) == len(set(told))
    assert set(entered.values()) == set(ledger)
    for row in ledger.values():
        assert row.entry_id == AUTHORITY.entry_id(row.anchor)
        assert len({row.face.origin.source, *(o.source for o in row.outlets)}) == 1 + len(row.outlets)


def test_sections_stand_beside_the_publishers_categories_with_a_scheme_of_their_own():
    [row] = decided([candidate(sections=(tagged(),))]).rows
    [ours] = row.face.categories
    assert (ours.term, ours.scheme, ours.label) == ("sea", "tag:feeds.example.org,2026-01-02:sections", "Море")
