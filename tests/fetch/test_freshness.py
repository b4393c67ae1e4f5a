"""How long an answer says that it stays fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.hints import expires_in, max_age

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HTTP_NOON, HTTP_ONE = "Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 13:00:00 GMT"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("cache_control", "age", "fresh"),
    [
        pytest.param("max-age=3600", None, HOUR, id="plain"),
        pytest.param("public, MAX-AGE = 3600", None, HOUR, id="among others, in any case"),
        pytest.param('max-age="3600"', None, HOUR, id="quoted"),
        pytest.param("max-age=3600", "600", timedelta(minutes=50), id="less its age"),
        pytest.param("max-age=3600", "7200", timedelta(0), id="older than it may be"),
        pytest.param("max-age=3600", "-5", HOUR, id="an age that is none"),
        pytest.param("s-maxage=9999", None, None, id="s-maxage speaks to others"),
        pytest.param("s-maxage=9999, max-age=3600", None, HOUR, id="max-age beside s-maxage"),
        pytest.param("max-age=3600, max-age=60", None, HOUR, id="twice: the first"),
        pytest.param("max-age=0, must-revalidate", None, timedelta(0), id="zero asks for nothing"),
        pytest.param("no-cache, max-age=3600", None, None, id="no-cache"),
        pytest.param("no-store", None, None, id="no-store"),
        pytest.param("must-revalidate", None, None, id="must-revalidate alone"),
        pytest.param("max-age=-1", None, None, id="negative"),
        pytest.param("max-age=1.5", None, None, id="a fraction"),
        pytest.param("max-age=soon", None, None, id="words"),
        pytest.param("max-age=" + "9" * 400, None, timedelta(seconds=2**31), id="absurd"),
        pytest.param("", None, None, id="empty"),
        pytest.param(None, None, None, id="missing"),
    ],
)
def test_max_age_is_what_is_left_of_it(cache_control, age, fresh):
    assert max_age(cache_control, age) == fresh


@pytest.mark.parametrize(
    ("expires", "date", "left"),
    [
        pytest.param(HTTP_ONE, HTTP_NOON, HOUR, id="by the server's clock"),
        pytest.param(HTTP_ONE, "Sun, 01 Mar 2026 12:30:00 GMT", HOUR / 2, id="whose clock may be off by half an hour"),
        pytest.param("Sunday, 01-Mar-26 13:00:00 GMT", HTTP_NOON, HOUR, id="RFC 850"),
        pytest.param("Sun Mar  1 13:00:00 2026", HTTP_NOON, HOUR, id="asctime"),
        pytest.param(HTTP_ONE, None, HOUR, id="without a date ours counts"),
        pytest.param(HTTP_ONE, "yesterday", None, id="a date that is none"),
        pytest.param(HTTP_ONE, "Fri, 27 Feb 2026 11:00:00 GMT", None, id="a clock more than a day off"),
        pytest.param(HTTP_NOON, HTTP_ONE, None, id="expired"),
        pytest.param("0", HTTP_NOON, None, id="0"),
        pytest.param("-1", HTTP_NOON, None, id="-1"),
        pytest.param("", HTTP_NOON, None, id="empty"),
        pytest.param(None, HTTP_NOON, None, id="missing"),
    ],
)
def test_expires_counts_from_the_servers_own_date(expires, date, left):
    assert expires_in(expires, date, NOON) == left
