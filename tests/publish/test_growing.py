"""R5: how the list of who else tells an entry's story grows, as seldom as readers bear it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from publish_making import DAY, HOUR, NOON, TOPIC, candidate, decided, delivery

from aggregator.publish import compose
from aggregator.publish.growing import GROWS_FOR, MOST_GROWTHS, growth_due, shown_anew, without

STORY = "5707e0"
MINUTE = timedelta(minutes=1)
LOUD = replace(TOPIC, growth="loud", bump_at=(3, 10))


def outlets(number, start=1):
    return tuple(compose.outlet(candidate("1", f"outlet-{n}", story=STORY)) for n in range(start, start + number))


def told_by(number, *, listed=0, **fields):
    """Return the row of an entry that so many outlets tell, of which readers see `listed`, its own apart."""
    given = {"entered_at": NOON, "story": STORY, "outlets": outlets(number - 1), "listed": listed, "told": 1 + listed}
    return delivery(**(given | fields))


def entered(others, topic=TOPIC):
    pending = [candidate("1", f"outlet-{n}", story=STORY) for n in range(others + 1)]
    [row] = decided(pending, topic=topic).rows
    return row


@pytest.mark.parametrize(
    ("others", "shown"),
    [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4), (6, 4), (7, 7), (11, 7), (12, 12), (19, 12), (20, 20), (30, 20)],
)
def test_the_list_that_readers_see_grows_in_steps(others, shown):
    row = entered(others)
    assert (len(row.outlets), row.listed) == (others, shown)


@pytest.mark.parametrize(("every", "changed"), [(1, 2), (15, 5), (60, 6), (61, 6), (90, 5)])
def test_a_story_that_ever_more_outlets_tell_changes_its_entry_hourly_and_six_times_within_a_day(every, changed):
    row, changes = entered(0), []
    for minute in range(every, 2 * 24 * 60, every):
        now = NOON + minute * MINUTE
        before = row
        later = candidate("1", f"late-{minute}", story=STORY)
        row = next(iter(decided([later], live=[row], now=now).rows), row)
        row = replace(row, at=now)
        if row.listed != before.listed:
            changes.append(now)
        assert row.updated == before.updated
    assert len(changes) == changed <= MOST_GROWTHS
    assert all(later - earlier >= HOUR for earlier, later in pairwise(changes))
    assert changes[-1] - NOON <= GROWS_FOR


@pytest.mark.parametrize(
    ("row", "after", "due"),
    [
        pytest.param(told_by(2), HOUR, NOON, id="a first outlet is shown at once"),
        pytest.param(told_by(4, listed=2), HOUR, None, id="no step"),
        pytest.param(told_by(5, listed=2, growths=1, grown_at=NOON), MINUTE, NOON + HOUR, id="an hour after the last"),
        pytest.param(told_by(5, listed=2, growths=6, grown_at=NOON), 9 * HOUR, None, id="six times is enough"),
        pytest.param(
            told_by(5, listed=2, growths=1, grown_at=NOON + 23 * HOUR + MINUTE), DAY, None, id="due after the day"
        ),
        pytest.param(
            told_by(5, listed=2, growths=1, grown_at=NOON + 3 * HOUR), DAY, NOON + 4 * HOUR, id="on the last moment"
        ),
        pytest.param(
            told_by(5, listed=2, growths=1, grown_at=NOON + 3 * HOUR), DAY + MINUTE, None, id="due in time, asked late"
        ),
    ],
)
def test_when_the_list_is_shown_longer(row, after, due):
    now = NOON + after
    assert growth_due(row, TOPIC, now) == due
    anew = shown_anew(row, TOPIC, now)
    assert (anew is not row) == (due is not None and due <= now)
    if anew is not row:
        assert (anew.growths, anew.grown_at) == (row.growths + 1, now)
        assert (anew.updated, anew.face) == (row.updated, row.face)


def test_what_waits_for_its_hour_is_looked_at_then_and_never_for_ever():
    row = told_by(5, listed=2, growths=1, grown_at=NOON)
    decision = decided(live=[row], now=NOON + MINUTE)
    assert (decision.rows, decision.due_at) == ((), NOON + HOUR)
    [grown] = decided(live=[row], now=NOON + HOUR).rows
    assert (grown.listed, grown.rev) == (4, 2)
    late = decided(live=[row], now=NOON + 2 * DAY)
    assert (late.rows, late.due_at) == ((), None)


def test_without_growth_the_list_stays_as_it_was_at_first():
    off = replace(TOPIC, growth="off")
    row = entered(2, off)
    assert (len(row.outlets), row.listed) == (2, 2)
    later = [candidate("1", f"late-{n}", story=STORY) for n in range(9)]
    decision = decided(later, live=[row], topic=off, now=NOON + HOUR)
    assert (decision.rows, set(decision.entered.values()), decision.due_at) == ((), {row.entry_id}, None)


@pytest.mark.parametrize(
    ("bump_at", "before", "outlets", "listed", "bumps"),
    [
        pytest.param((3, 10), 1, 2, 1, False, id="below the first"),
        pytest.param((3, 10), 2, 3, 2, True, id="on the first"),
        pytest.param((3, 10), 3, 9, 7, False, id="between the two"),
        pytest.param((3, 10), 8, 10, 9, True, id="on the second, which is no step"),
        pytest.param((3, 10), 10, 12, 9, False, id="between it and the next step"),
        pytest.param((3, 10), 8, 14, 12, True, id="past the second in one go"),
        pytest.param((3, 10), 2, 13, 12, True, id="past both in one go"),
        pytest.param((4,), 3, 4, 3, True, id="on one between the steps"),
        pytest.param((), 2, 5, 4, False, id="none is asked for"),
    ],
)
def test_loud_growth_moves_updated_where_it_is_asked_to(bump_at, before, outlets, listed, bumps):
    now, topic = NOON + 2 * HOUR, replace(LOUD, bump_at=bump_at)
    row = told_by(outlets, listed=before - 1)
    anew = shown_anew(row, topic, now)
    assert anew.listed == listed
    assert anew.updated == (now if bumps else row.updated)


def test_an_entry_that_is_told_by_many_from_the_beginning_is_not_loud_about_it():
    row = entered(11, LOUD)
    assert (row.listed, row.updated) == (9, NOON - HOUR)
    assert shown_anew(row, LOUD, NOON + HOUR) is row


def test_a_list_that_shrank_and_grows_again_is_no_news():
    row = replace(told_by(3, listed=1), told=3)  # two were listed, one of them was withdrawn, another one joined
    anew = shown_anew(row, LOUD, NOON + 2 * HOUR)
    assert (anew.listed, anew.told, anew.updated) == (2, 3, row.updated)


def test_who_left_the_list_is_no_step_and_the_list_grows_on_from_there():
    row = told_by(5, listed=4, growths=2, grown_at=NOON)
    shorter = without(row, {row.outlets[1].key})
    assert (len(shorter.outlets), shorter.listed) == (3, 3)
    now = NOON + 3 * HOUR
    assert growth_due(shorter, TOPIC, now) is None
    again = candidate("1", "outlet-9", story=STORY)
    [grown] = decided([again], live=[shorter], now=now).rows
    assert [one.source for one in grown.outlets[: grown.listed]] == ["outlet-1", "outlet-3", "outlet-4", "outlet-9"]


@pytest.mark.parametrize(
    ("gone", "listed"),
    [pytest.param(0, 1, id="one that was seen"), pytest.param(3, 2, id="one that nobody saw yet")],
)
def test_only_what_was_seen_leaves_what_is_seen(gone, listed):
    row = told_by(5, listed=2)
    shorter = without(row, {row.outlets[gone].key})
    assert (len(shorter.outlets), shorter.listed) == (3, listed)
    assert without(row, {"nobody"}) is row


def test_after_a_day_the_list_grows_no_more():
    [first] = decided([candidate(story=STORY)]).rows
    decision = decided([candidate("1", "parus", story=STORY)], live=[first], now=NOON + DAY + HOUR)
    assert decision.rows == ()
    assert set(decision.entered.values()) == {first.entry_id}


def test_a_second_item_of_one_outlet_is_no_further_outlet():
    [first] = decided([candidate("1", story=STORY), candidate("1", "parus", story=STORY)]).rows
    again = [candidate("2", story=STORY), candidate("2", "parus", story=STORY)]
    decision = decided(again, live=[first], now=NOON + HOUR)
    assert decision.rows == ()
    assert set(decision.entered.values()) == {first.entry_id}
