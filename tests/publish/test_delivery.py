"""R1, R2, R4, R5: what readers are shown, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_making import AUTHORITY, DAY, HOUR, NOON, TOPIC, candidate, decided, delivery, face, item, origin, tagged

from aggregator.model import Candidate, key_of
from aggregator.publish import compose
from aggregator.publish.editing import changed_share

KEY = key_of("mayak", "1")
STORY = "5707e0"


def edited(row, now=NOON, reread_from=None, **fields):
    """Return the row that follows when the anchor's publisher, or how we read it, changes these fields of the row."""
    same = {name: getattr(row.face, name) for name in ("title", "link", "summary", "content")}
    anchor = item("1", **(same | fields), sha256=b"new")
    stored = replace(candidate().stored, key=row.anchor, item=anchor, reread_from=reread_from)
    anchor = Candidate(stored=stored, origin=origin(), priority=1.0, story=row.story, sections=())
    return next(iter(decided(live=[row], edited=[(row, anchor)], now=now).rows), row)


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


def test_a_second_item_of_one_outlet_is_no_further_outlet():
    [first] = decided([candidate("1", story=STORY), candidate("1", "parus", story=STORY)]).rows
    again = [candidate("2", story=STORY), candidate("2", "parus", story=STORY)]
    decision = decided(again, live=[first], now=NOON + HOUR)
    assert decision.rows == ()
    assert set(decision.entered.values()) == {first.entry_id}


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


def test_after_a_day_the_list_grows_no_more():
    [first] = decided([candidate(story=STORY)]).rows
    decision = decided([candidate("1", "parus", story=STORY)], live=[first], now=NOON + DAY + HOUR)
    assert decision.rows == ()
    assert set(decision.entered.values()) == {first.entry_id}


@pytest.mark.parametrize(
    ("others", "shown"),
    [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4), (6, 4), (7, 7), (11, 7), (12, 12), (19, 12), (20, 20), (30, 20)],
)
def test_the_list_that_readers_see_grows_in_steps(others, shown):
    [row] = decided([candidate("1", f"outlet-{n}", story=STORY) for n in range(others + 1)]).rows
    assert len(row.outlets) == others
    assert row.listed == shown


def test_claims_of_the_future_become_the_present():
    tomorrow = NOON + DAY
    [row] = decided([candidate(published=tomorrow, updated=tomorrow)]).rows
    assert (row.face.published, row.updated) == (NOON, NOON)


def test_the_publishers_own_update_is_taken_over_at_first_delivery():
    [row] = decided([candidate(published=NOON - 5 * HOUR, updated=NOON - HOUR)]).rows
    assert (row.face.published, row.updated) == (NOON - 5 * HOUR, NOON - HOUR)


def test_an_edit_takes_the_face_anew_and_keeps_published():
    row = delivery()
    changed = edited(row, published=NOON, link="https://mayak.example/new")
    assert (changed.rev, changed.sha256, changed.entry_id) == (2, b"new", row.entry_id)
    assert changed.face.link == "https://mayak.example/new"
    assert changed.face.published == row.face.published


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        pytest.param({}, {}, False, id="nothing that shows"),
        pytest.param({"title": "Шторм"}, {"title": "Шторм утих"}, True, id="the title"),
        pytest.param(
            {"summary": "<p>" + "а б в г " * 5}, {"summary": "<p>" + "а б в г " * 5 + "д"}, False, id="a word"
        ),
        pytest.param({"summary": "а б в г д е"}, {"summary": "а б в г д ё"}, True, id="a sixth of the words"),
        pytest.param({"summary": "<p>а б</p>"}, {"summary": "<p>а <b>б</b></p>"}, False, id="only the markup"),
        pytest.param({"summary": "а б в г"}, {"summary": "в г а б"}, False, id="a sentence moved"),
        pytest.param({"content": "а б в г"}, {"content": "д е ж з"}, True, id="the full text"),
    ],
)
def test_updated_moves_only_for_an_edit_worth_reading_again(before, after, moves):
    row = delivery(face=face(**before))
    changed = edited(row, **after)
    assert changed.updated == (NOON if moves else row.updated)
    assert changed.why.startswith("edited by its publisher: ")


def test_what_only_we_read_otherwise_is_shown_and_told_quietly():
    row = delivery(face=face(title="Маяк", content="<p>Маяк снова горит. Поддержите нас!</p>"))
    told = edited(row, NOON + DAY, title="Маяк 2", content="<p>Маяк снова горит.</p>")
    assert told.updated == NOON + DAY
    quiet = edited(row, NOON + DAY, reread_from=row.sha256, title="Маяк 2", content="<p>Маяк снова горит.</p>")
    assert quiet.face == told.face
    assert (quiet.updated, quiet.sha256) == (row.updated, b"new")
    since = edited(row, NOON + DAY, reread_from=b"another", title="Маяк 2")
    assert since.updated == NOON + DAY


@pytest.mark.parametrize(
    "changes",
    [lambda minutes: {"title": f"Шторм начался {minutes} минут назад"}, lambda minutes: {"link": f"{minutes}"}],
)
def test_an_entry_changes_by_its_publishers_edits_at_most_three_times_a_day(changes):
    row, moved = delivery(entered_at=NOON, updated=NOON), []
    for minutes in range(10, 48 * 60, 10):
        now = NOON + timedelta(minutes=minutes)
        before, row = row, edited(row, now, **changes(minutes))
        if row != before:
            moved.append(now)
    assert max(sum(start <= moment < start + DAY for moment in moved) for start in moved) == 3
    assert moved[3] - moved[0] == DAY


def test_an_edit_too_many_is_shown_when_the_day_is_over():
    row = delivery(entered_at=NOON, updated=NOON, edits=(NOON, NOON + HOUR, NOON + 2 * HOUR))
    anchor = replace(candidate(title="Иначе"), story=row.story)
    decision = decided(live=[row], edited=[(row, anchor)], now=NOON + 3 * HOUR)
    assert (decision.rows, decision.due_at) == ((), NOON + DAY)


def test_an_edit_and_a_new_outlet_together_are_one_row():
    [first] = decided([candidate(story=STORY)]).rows
    anchor = candidate(story=STORY, title="Маяк погас", sha256=b"new")
    [row] = decided(
        [candidate("1", "parus", story=STORY)], live=[first], edited=[(first, anchor)], now=NOON + HOUR
    ).rows
    assert (row.rev, row.face.title, len(row.outlets)) == (2, "Маяк погас", 1)


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [("", "", 0.0), ("а", "а", 0.0), ("а б", "а в", 0.5), ("а а", "а", 0.5), ("", "а", 1.0), ("Ы, ы!", "ы ы", 0.0)],
)
def test_the_share_of_changed_words(before, after, share):
    assert changed_share(before, after) == share


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
