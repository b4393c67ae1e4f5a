"""R9 and R10: what a document holds, and that what left it stays away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_making import DAY, HOUR, NOON, TOPIC, delivery, face

from aggregator.model import Window
from aggregator.publish import window
from aggregator.publish.window import CAP_BYTES


def entered(*ages, published=NOON):
    """Return one live row per age, the first being entry 0."""
    return [delivery(n, entered_at=NOON - age, face=face(n, published=published)) for n, age in enumerate(ages)]


def held(ages, *, items=2, hours=48, sizes=None, now=NOON):
    """Return which of the entries a document holds, and the view itself."""
    rows = entered(*ages)
    named = {rows[n].entry_id: size for n, size in (sizes or {}).items()}
    view = window(replace(TOPIC, window=Window(items=items, hours=hours)), rows, named, now)
    numbers = {row.entry_id: n for n, row in enumerate(rows)}
    return sorted(numbers[row.entry_id] for row in view.shown), view


@pytest.mark.parametrize(
    ("ages", "options", "shown"),
    [
        pytest.param([], {}, [], id="nothing entered"),
        pytest.param([HOUR, 2 * HOUR, 48 * HOUR], {}, [0, 1, 2], id="all within the hours, more than the items"),
        pytest.param([HOUR, 2 * HOUR, 49 * HOUR], {}, [0, 1], id="an old one beyond the items"),
        pytest.param([HOUR, 49 * HOUR, 50 * HOUR], {}, [0, 1], id="an old one fills the items"),
        pytest.param([HOUR, 23 * HOUR, 24 * HOUR], {"hours": 1}, [0, 1, 2], id="never less than a day"),
        pytest.param([HOUR, 30 * DAY], {}, [0, 1], id="thirty days"),
        pytest.param([HOUR, 30 * DAY + HOUR], {}, [0], id="no more than thirty days, even below the items"),
        pytest.param([HOUR, 31 * DAY], {"hours": 24 * 60}, [0], id="no more than thirty days, whatever the hours"),
        pytest.param([HOUR, 2 * HOUR], {"sizes": {0: CAP_BYTES, 1: 1}}, [0], id="the newest fills the document"),
        pytest.param([HOUR, 2 * HOUR], {"sizes": {0: CAP_BYTES + 1, 1: 9}}, [1], id="one entry alone is too large"),
        pytest.param([HOUR, 2 * HOUR], {"sizes": {0: CAP_BYTES - 9, 1: 9}}, [0, 1], id="filled to the last byte"),
    ],
)
def test_a_document_holds(ages, options, shown):
    numbers, view = held(ages, **options)
    assert numbers == shown
    assert {row.state for row in view.aged} <= {"aged"}
    assert len(view.shown) + len(view.aged) == len(ages)


def test_what_entered_lately_is_shown_even_if_it_was_published_long_ago():
    rows = entered(*[HOUR] * 5, published=NOON - 20 * DAY)
    assert len(window(replace(TOPIC, window=Window(items=1)), rows, {}, NOON).shown) == 5


def test_readers_see_the_newest_first_and_ties_by_id():
    rows = [delivery(n, face=face(n, published=NOON - (n % 2) * HOUR)) for n in range(6)]
    shown = window(TOPIC, rows, {}, NOON).shown
    assert [int(row.anchor, 16) for row in shown] == [4, 2, 0, 5, 3, 1]
    assert window(TOPIC, rows[::-1], {}, NOON).shown == shown


def test_a_full_document_is_told_with_its_real_span():
    _, view = held([HOUR, 7 * HOUR, 40 * HOUR], sizes=dict.fromkeys(range(3), 900_000))
    assert view.flaw == "window_short: 2 entries of the last 7 h fill 2 MB; the topic asks for 2 entries and 48 h"
    assert [row.why for row in view.aged] == ["aged: no room for its 900000 bytes, the document is full"]


def test_age_alone_is_no_flaw():
    _, view = held([HOUR, 2 * HOUR, 49 * HOUR, 32 * DAY])
    assert view.flaw == ""
    assert [row.why for row in view.aged] == ["aged: entered 49 h ago", "aged: entered 768 h ago"]


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.integers(1, 900_000), max_size=4), min_size=1, max_size=40),
    st.integers(1, 10),
    st.integers(1, 72),
)
def test_what_left_the_window_never_returns_and_what_is_in_it_fits(rounds, items, hours):
    topic = replace(TOPIC, window=Window(items=items, hours=hours))
    live, sizes, gone = {}, {}, set()
    for number, batch in enumerate(rounds):
        now = NOON + number * timedelta(hours=7)
        for size in batch:
            row = delivery(len(sizes), entered_at=now)
            live[row.entry_id], sizes[row.entry_id] = row, size
        view = window(topic, list(live.values()), sizes, now)
        shown = {row.entry_id for row in view.shown}
        assert not shown & gone
        assert sum(sizes[id_] for id_ in shown) <= CAP_BYTES
        gone |= {row.entry_id for row in view.aged}
        live = {row.entry_id: row for row in view.shown}
    assert shown | gone == set(sizes)
