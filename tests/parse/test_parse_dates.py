"""Dates as publishers write them (content.md A41; library-facts.md finding 11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from parse_samples import rss

from aggregator.model import Reading
from aggregator.model.source import EVENTS
from aggregator.parse.dates import clamped, read
from aggregator.parse.draft import Date

KYIV, MOSCOW = "Europe/Kyiv", "Europe/Moscow"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


NOON = utc(2026, 3, 1, 12, 0)


@pytest.mark.parametrize(
    ("raw", "zone", "moment", "code"),
    [
        pytest.param("Sun, 01 Mar 2026 14:00:00 +0200", None, NOON, "", id="RFC 822"),
        pytest.param("01 Mar 26 12:00 GMT", None, NOON, "", id="two digits of a year, no seconds"),
        pytest.param("Sun, 1 March 2026 12:00:00 Z", None, NOON, "", id="month in full"),
        pytest.param("Sun, 01 Mar 2026 15:00:00 GMT+03:00", None, NOON, "", id="GMT with an offset"),
        pytest.param("Sun, 01 Mar 2026 07:00:00 EST", None, NOON, "", id="EST"),
        pytest.param("Sun, 01 Mar 2026 15:00:00 MSK", None, NOON, "", id="MSK"),
        pytest.param("Sun, 01 Mar 2026 15:00:00 (MSK)", None, NOON, "", id="MSK in brackets"),
        pytest.param("Sun, 01 Mar 2026 14:00:00 EET", None, NOON, "", id="EET"),
        pytest.param("Wed, 01 Jul 2026 15:00:00 EEST", None, utc(2026, 7, 1, 12, 0), "", id="EEST"),
        pytest.param("2026-03-01T12:00:00Z", None, NOON, "", id="RFC 3339"),
        pytest.param("2026-03-01t14:00:00.123456+02:00", None, NOON, "", id="fraction"),
        pytest.param("2026-03-01 14:00:00 +0200", None, NOON, "", id="with blanks"),
        pytest.param("2026-03-01T14:00:00+02", None, NOON, "", id="hours alone"),
        pytest.param("2026-03-01 14:00", KYIV, NOON, "", id="local, winter"),
        pytest.param("2026-07-01 15:00", KYIV, utc(2026, 7, 1, 12, 0), "", id="local, summer"),
        pytest.param("01.03.2026 15:00", MOSCOW, NOON, "", id="dots"),
        pytest.param("1.3.2026, 15:00", MOSCOW, NOON, "", id="dots and a comma"),
        pytest.param("15:00 01.03.2026", MOSCOW, NOON, "", id="time first"),
        pytest.param("01.03.2026 12:00", None, NOON, "date-without-zone", id="no zone at all"),
        pytest.param("2026-03-01", None, utc(2026, 3, 1), "date-without-zone", id="day alone"),
        pytest.param("Вс, 01 мар 2026 15:00:00 +0300", None, NOON, "", id="Russian names"),
        pytest.param("1 марта 2026 г. 15:00", MOSCOW, NOON, "", id="Russian in full"),
        pytest.param("1 марта 2026 года в 15:00 мск", None, NOON, "", id="Russian zone"),
        pytest.param("Нд, 01 бер 2026 14:00:00 +0200", None, NOON, "", id="Ukrainian names"),
        pytest.param("1 березня 2026 р. о 14:00", KYIV, NOON, "", id="Ukrainian in full"),
        pytest.param("9 травня 2026", KYIV, utc(2026, 5, 8, 21, 0), "", id="Ukrainian day alone"),
        pytest.param("Mar 1, 2026 12:00 PM UTC", None, NOON, "", id="American"),
        pytest.param("Sun Mar  1 12:00:00 2026", None, NOON, "date-without-zone", id="asctime"),
        pytest.param("03/25/2026 10:00 GMT", None, utc(2026, 3, 25, 10, 0), "", id="slashes, month first for certain"),
        pytest.param("25/03/2026 10:00 GMT", None, utc(2026, 3, 25, 10, 0), "", id="slashes, day first for certain"),
        pytest.param("03/04/2026 10:00 GMT", None, None, "date-unreadable", id="slashes, nobody knows"),
        pytest.param("2026-02-28T24:00:00Z", None, utc(2026, 3, 1), "", id="midnight as 24:00"),
        pytest.param("2026-03-01T11:59:60Z", None, utc(2026, 3, 1, 11, 59, 59), "", id="leap second"),
        pytest.param("2026-03-01T12:00:00 Europe/London", None, NOON, "", id="a place"),
        pytest.param("2026-03-01T12:00:00+99:00", None, NOON, "date-zone-unknown", id="99 hours"),
        pytest.param("Sun, 01 Mar 2026 15:00:00 XYZ", MOSCOW, NOON, "date-zone-unknown", id="unknown zone"),
        pytest.param("2026-13-45", None, None, "date-unreadable", id="month 13"),
        pytest.param("30 Feb 2026", None, None, "date-unreadable", id="30 February"),
        pytest.param("2026-03-01T25:00:00Z", None, None, "date-unreadable", id="25 o'clock"),
        pytest.param("0000-00-00 00:00:00", None, None, "date-unreadable", id="zeros"),
        pytest.param("9999-12-31T23:59:59-14:00", None, None, "date-unreadable", id="beyond the calendar"),
        pytest.param("скоро", None, None, "date-unreadable", id="words"),
        pytest.param("1 " * 100_000, None, None, "date-unreadable", id="200 kB"),
        pytest.param("", None, None, "", id="nothing"),
    ],
)
def test_a_date_gives_its_moment_or_a_reason(raw, zone, moment, code):
    assert read(Date(raw=raw), zone) == (moment, code)


def test_feedparsers_reading_counts_only_for_forms_that_are_not_ours():
    theirs = utc(2025, 1, 1)
    assert read(Date(raw="20260301T120000Z", read=theirs), None) == (theirs, "")
    assert read(Date(raw="2026-13-45", read=theirs), None) == (None, "date-unreadable")


@pytest.mark.parametrize(
    ("moment", "stored", "code"),
    [
        pytest.param(NOON, NOON, "", id="now"),
        pytest.param(NOON + timedelta(minutes=10), NOON + timedelta(minutes=10), "", id="a clock ahead"),
        pytest.param(NOON + timedelta(hours=2), NOON, "date-in-future", id="two hours ahead"),
        pytest.param(utc(9999, 1, 1), NOON, "date-in-future", id="year 9999"),
        pytest.param(utc(1970, 1, 1), None, "date-absurd", id="zero"),
        pytest.param(None, None, "", id="none"),
    ],
)
def test_a_stored_date_is_never_ahead_nor_before_the_web(moment, stored, code):
    assert clamped(moment, NOON) == (stored, code)


def test_a_clamped_date_does_not_make_the_item_look_edited_at_every_poll(one, noon):
    inside = "<guid>1</guid><title>t</title><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
    early, late = one(inside, now=noon), one(inside, now=noon + timedelta(hours=1))
    after = one(inside, now=noon + timedelta(days=2))
    assert early.published < late.published < after.published
    assert early.sha256 == late.sha256 == after.sha256


def test_an_event_keeps_its_date_and_a_date_beyond_all_plans_does_not(parse):
    events = Reading(ahead=EVENTS)
    item = "<item><guid>1</guid><title>t</title><pubDate>{}</pubDate></item>"
    soon, never = (parse(rss(item.format(d)), reading=events) for d in ("1 Mar 2027 10:00 GMT", "1 Mar 9999 10:00 GMT"))
    assert (soon.items[0].published, soon.flaws) == (utc(2027, 3, 1, 10), ())
    assert [flaw.code for flaw in never.flaws] == ["date-in-future"]


def test_where_labels_are_ignored_the_zone_of_the_source_stands_above_that_of_the_date():
    assert read(Date(raw="Sun, 01 Mar 2026 17:44:00 GMT"), KYIV, labels=False) == (utc(2026, 3, 1, 15, 44), "")
    assert read(Date(raw="2026-03-01T17:44:00+00:00"), KYIV, labels=False) == (utc(2026, 3, 1, 15, 44), "")
    assert read(Date(raw="2026-03-01T17:44:00Z"), None, labels=False) == (utc(2026, 3, 1, 17, 44), "")
