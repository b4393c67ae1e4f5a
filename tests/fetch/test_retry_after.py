from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.hints import MAX_RETRY_AFTER, retry_after

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("120", timedelta(seconds=120), id="seconds"),
        pytest.param(" 120 ", timedelta(seconds=120), id="padded"),
        pytest.param("Sun, 01 Mar 2026 12:05:00 GMT", timedelta(minutes=5), id="date, RFC 1123"),
        pytest.param("Sunday, 01-Mar-26 12:05:00 GMT", timedelta(minutes=5), id="date, RFC 850"),
        pytest.param("Sun Mar  1 12:05:00 2026", timedelta(minutes=5), id="date, asctime"),
        pytest.param("Sun, 01 Mar 2026 11:00:00 GMT", None, id="date in the past"),
        pytest.param("Sun, 01 Mar 2026 12:00:00 GMT", None, id="now"),
        pytest.param("Sun, 01 Mar 2099 12:00:00 GMT", MAX_RETRY_AFTER, id="date in another age"),
        pytest.param("99999999999999", MAX_RETRY_AFTER, id="absurd seconds"),
        pytest.param("0", None, id="zero"),
        pytest.param("-5", None, id="negative is not in the grammar"),
        pytest.param("1.5", None, id="nor is a fraction"),
        pytest.param("٣٠", None, id="nor are other digits"),
        pytest.param("120, 120", None, id="sent twice"),
        pytest.param("soon", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_retry_after_gives_the_wait_or_none(header, wait):
    assert retry_after(header, NOON) == wait


@given(st.text())
def test_no_text_at_all_makes_retry_after_raise_or_leave_its_bounds(header):
    assert timedelta(0) < (retry_after(header, NOON) or MAX_RETRY_AFTER) <= MAX_RETRY_AFTER
