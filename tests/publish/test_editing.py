"""R4, R5: what becomes of an entry when its publisher edits it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from publish_making import DAY, HOUR, NOON, candidate, decided, delivery, face, item, origin

from aggregator.model import Candidate
from aggregator.publish.editing import changed_share

STORY = "5707e0"


def edited(row, now=NOON, reread_from=None, **fields):
    """Return the row that follows when the anchor's publisher, or how we read it, changes these fields of the row."""
    same = {name: getattr(row.face, name) for name in ("title", "link", "summary", "content")}
    anchor = item("1", **(same | fields), sha256=b"new")
    stored = replace(candidate().stored, key=row.shows or row.anchor, item=anchor, reread_from=reread_from)
    anchor = Candidate(stored=stored, origin=origin(), priority=1.0, story=row.story, sections=())
    return next(iter(decided(live=[row], edited=[(row, anchor)], now=now).rows), row)


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
    anchor = candidate(title="Иначе")
    shows, edits = anchor.stored.key, (NOON, NOON + HOUR, NOON + 2 * HOUR)
    row = delivery(entered_at=NOON, updated=NOON, shows=shows, edits=edits)
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


def test_an_edit_of_what_nobody_sees_is_taken_over_and_counts_for_nothing():
    [first] = decided([candidate(story=STORY)]).rows
    row = replace(first, edits=(NOON, NOON + HOUR, NOON + 2 * HOUR))
    edit = (row, candidate(story=STORY, sha256=b"new"))
    [same] = decided(live=[row], edited=[edit], now=NOON + 3 * HOUR).rows
    assert (same.sha256, same.face, same.updated, same.edits) == (b"new", row.face, row.updated, row.edits)
    edit = (row, candidate(story=STORY, sha256=b"new", title="Иначе"))
    assert decided(live=[row], edited=[edit], now=NOON + 3 * HOUR).rows == ()


def test_an_edit_of_what_must_not_be_shown_is_shown_to_nobody():
    anchor = replace(candidate(title="Иначе"), hidden="its publisher took it back")
    row = delivery(shows=anchor.stored.key)
    assert decided(live=[row], edited=[(row, anchor)]).rows == ()


def test_a_face_that_is_not_the_anchors_follows_its_own_publisher():
    row = delivery(shows="other")
    changed = edited(row, title="Иначе")
    assert (changed.shows, changed.anchor, changed.face.title) == ("other", row.anchor, "Иначе")
