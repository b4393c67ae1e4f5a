"""What a feed asks of those who poll it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import Hints

RSS = (
    '<rss version="2.0"{more}><channel><title>Озеро</title>{channel}'
    "<item><guid>1</guid><title>Лёд</title></item>{after}</channel></rss>"
)
SY = ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'

CASES = {
    "nothing": ("", "", Hints()),
    "ttl is minutes": ("", "<ttl> 45 </ttl>", Hints(ttl=timedelta(minutes=45))),
    "a ttl of no number": ("", "<ttl>soon</ttl>", Hints()),
    "a ttl of zero": ("", "<ttl>0</ttl>", Hints()),
    "a ttl of centuries": ("", "<ttl>99999999</ttl>", Hints()),
    "every hour": (SY, "<sy:updatePeriod>hourly</sy:updatePeriod>", Hints(period=timedelta(hours=1))),
    "twice a day": (
        SY,
        "<sy:updatePeriod> Daily\n</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
        Hints(period=timedelta(hours=12)),
    ),
    "never in a period": (
        SY,
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
        Hints(),
    ),
    "a period of no name": (SY, "<sy:updatePeriod>always</sy:updatePeriod>", Hints()),
    "hours, and 24 is midnight": (
        "",
        "<skipHours><hour>1</hour><hour> 07 </hour><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>",
        Hints(skip_hours=frozenset({0, 1, 7})),
    ),
    "days in any case": (
        "",
        "<skipDays><day>Saturday</day><day>SUNDAY</day><day>Fry-day</day></skipDays>",
        Hints(skip_days=frozenset({5, 6})),
    ),
}


@pytest.mark.parametrize(("more", "channel", "hints"), CASES.values(), ids=CASES)
def test_a_feed_asks(parse, more, channel, hints):
    body = RSS.format(more=more, channel=channel, after="").encode()
    assert parse(body).hints == hints


def test_what_stands_behind_the_items_is_read_too(parse):
    body = RSS.format(more="", channel="", after="<skipDays><day>Monday</day></skipDays>")
    assert parse(body).hints == Hints(skip_days=frozenset({0}))


def test_an_item_that_speaks_of_hours_asks_for_nothing(parse):
    body = RSS.format(more="", channel="", after="").replace("Лёд", "<![CDATA[<skipHours><hour>1</hour></skipHours>]]>")
    assert parse(body.encode()).hints == Hints()
