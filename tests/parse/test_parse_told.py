"""Dates as pages tell them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from aggregator.parse import dates
from aggregator.parse.told import day_told, told

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 14:00 in Kyiv
KYIV = "Europe/Kyiv"


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("01.03.2026 17:44", "2026-03-01T15:44"),
        ("9:37 16.03.2018", "2018-03-16T07:37"),
        ("13:04 16.03.2018 1119", "2018-03-16T11:04"),
        ("01.03.26 | 17:44", "2026-03-01T15:44"),
        ("17:44, 1 марта 2026", "2026-03-01T15:44"),
        ("17:44 воскресенье 1 марта 2026 г.", "2026-03-01T15:44"),
        ("1 березня 2026 о 17:44", "2026-03-01T15:44"),
        ("1 марта, 17:44", "2026-03-01T15:44"),
        ("1 декабря, 17:44", "2025-12-01T15:44"),
        ("Mar 1, 2026 5:44 pm", "2026-03-01T15:44"),
        ("March 1 at 17:44", "2026-03-01T15:44"),
        ("01.03 17:44", "2026-03-01T15:44"),
        ("17:44 01.03", "2026-03-01T15:44"),
        ("1 марта 2026", "2026-02-28T22:00"),
        ("2026-03-01T17:44:00+02:00", "2026-03-01T15:44"),
        ("2026-03-01T15:44:00Z", "2026-03-01T15:44"),
        ("01.03.2026 18:44 МСК", "2026-03-01T15:44"),
        ("вчера в 12:05", "2026-11-21T10:05"),
        ("Вчера, 12:05 (МСК)", "2026-11-21T09:05"),
        ("вчора о 12:05", "2026-11-21T10:05"),
        ("позавчера, 12:05", "2026-11-20T10:05"),
        ("сегодня в 9:30", "2026-11-22T07:30"),
        ("9:30 сегодня", "2026-11-22T07:30"),
        ("сьогодні 9:30", "2026-11-22T07:30"),
        ("today at 9:30 am", "2026-11-22T07:30"),
        ("сегодня", "2026-11-21T22:00"),
        ("в субботу, 12:05", "2026-11-21T10:05"),
        ("Monday, 12:05", "2026-11-16T10:05"),
        ("29 февраля 10:00", "2024-02-29T08:00"),
    ],
)
def test_a_date_is_read_in_the_zone_of_its_page(words, moment):
    got = told(words, day=None, zone=KYIV, now=SUNDAY)
    assert dates.read(got, KYIV) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), "")
    assert not got.rough


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2 часа назад", "2026-11-22T10:00"),
        ("час назад", "2026-11-22T11:00"),
        ("2 години тому", "2026-11-22T10:00"),
        ("5 минут назад", "2026-11-22T11:55"),
        ("15 хв. тому", "2026-11-22T11:45"),
        ("3 дня назад", "2026-11-19T12:00"),
        ("an hour ago", "2026-11-22T11:00"),
        ("Posted 3h ago by Anna", "2026-11-22T09:00"),
        ("2 weeks ago", "2026-11-08T12:00"),
        ("только что", "2026-11-22T12:00"),
        ("щойно", "2026-11-22T12:00"),
        ("13:44", "2026-11-22T11:44"),
        ("14:05", "2026-11-22T12:05"),
        ("23:50", "2026-11-21T21:50"),
    ],
)
def test_what_only_the_moment_of_reading_dates_is_rough(words, moment):
    got = told(words, day=None, zone=KYIV, now=SUNDAY)
    assert dates.read(got, KYIV) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), "")
    assert got.rough


@pytest.mark.parametrize("words", ["скоро", "в 2 часа", "32 марта 2026", "сегодня в 25:00", "год назад", "17.44", "0"])
def test_what_is_no_date_is_unreadable(words):
    assert dates.read(told(words, day=None, zone=KYIV, now=SUNDAY), KYIV) == (None, "date-unreadable")


@pytest.mark.parametrize("words", ["", "  "])
def test_no_words_are_no_date(words):
    assert dates.read(told(words, day=None, zone=KYIV, now=SUNDAY), KYIV) == (None, "")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Суббота 17 марта", date(2018, 3, 17)),
        ("Субота, 21 листопада", date(2026, 11, 21)),
        ("Вторник 17 марта", date(2026, 3, 17)),
        ("17 марта", date(2026, 3, 17)),
        ("23 ноября", date(2026, 11, 23)),
        ("24 ноября", date(2025, 11, 24)),
        ("Вчера", date(2026, 11, 21)),
        ("Saturday, November 21", date(2026, 11, 21)),
        ("П’ятниця", date(2026, 11, 20)),
        ("01.03.2026", date(2026, 3, 1)),
        ("Середа, 18 листопада 2026", date(2026, 11, 18)),
        ("Главное за 5 дней", None),
        ("99.99.2026", None),
    ],
)
def test_a_heading_tells_the_last_such_day(words, day):
    assert day_told(words, zone=KYIV, now=SUNDAY) == day


def test_a_time_belongs_to_the_day_above_it_unless_it_has_one_of_its_own():
    heading = date(2026, 3, 1)
    moments = [
        dates.read(told(words, day=heading, zone=KYIV, now=SUNDAY), KYIV)[0]
        for words in ("17:44", "", "вчера в 12:05", "28.02.2026 23:00")
    ]
    assert [moment.isoformat() for moment in moments] == [
        "2026-03-01T15:44:00+00:00",
        "2026-02-28T22:00:00+00:00",
        "2026-11-21T10:05:00+00:00",
        "2026-02-28T21:00:00+00:00",
    ]


def test_today_begins_in_the_zone_of_the_page():
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # in Kyiv it is Sunday already
    moment, _ = dates.read(told("сегодня в 00:15", day=None, zone=KYIV, now=late), KYIV)
    assert moment == datetime(2026, 11, 21, 22, 15, tzinfo=UTC)
