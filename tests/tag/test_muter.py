"""What a mute keeps out, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Facts, Item, Mute
from aggregator.tag import Muter

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SNOW = Mute(match="words:снег")
STARS = Mute(match="rule:stars", until=NOON)
MUTER = Muter([SNOW, STARS], {"stars": "words:гороскоп"})


def about(title):
    return Facts(item=Item(id="1", title=title, sha256=b""), source="a")


@pytest.mark.parametrize(
    ("title", "now", "why"),
    [
        ("Снега не будет", NOON, 'muted by «words:снег»: word "снег" in title «Снега не будет»'),
        ("Дождя не будет", NOON, ""),
        (
            "Гороскоп",
            NOON - timedelta(seconds=1),
            'muted by «rule:stars»: rule stars (word "гороскоп" in title «Гороскоп»)',
        ),
        ("Гороскоп", NOON, ""),
        ("Снег и гороскоп", NOON - timedelta(days=1), 'muted by «words:снег»: word "снег" in title «Снег и гороскоп»'),
    ],
    ids=["muted", "not muted", "until", "over", "the first of two"],
)
def test_an_item_is_muted_while_it_lasts(title, now, why):
    assert MUTER.muted(about(title), now) == why


def test_what_persons_say_beside_the_configuration_comes_and_goes():
    muter = Muter([], {})
    muter.say((SNOW,))
    assert muter.muted(about("Снег"), NOON)
    muter.say(())
    assert not muter.muted(about("Снег"), NOON)
