"""The same article in another outlet, by its address."""

from __future__ import annotations

import pytest

from aggregator.dedup import Place, join, shares_article

URL = "https://ostrov.example/news/1"


def place(key, source, copy=None):
    return Place(key=key, source=source, copy=copy)


def test_the_first_twin_is_in_the_group_of_the_one_that_was_there():
    mine = join(place("b", "unian"), [place("a", "ostrov")], URL)
    assert (mine.item, mine.story, mine.of, mine.method, mine.evidence) == ("b", "a", "a", "same-url", URL)


def test_a_third_joins_the_group_that_is_there():
    mine = join(place("c", "liga"), [place("a", "ostrov", "a"), place("b", "unian", "a")], URL)
    assert (mine.item, mine.story) == ("c", "a")


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([], id="nobody else has it"),
        pytest.param([place("a", "unian")], id="one source never merges with itself"),
        pytest.param(
            [place("a", "ostrov"), place("b", "ostrov")], id="an address used twice by one source is no article's"
        ),
    ],
)
def test_nobody_is_merged_without_good_evidence(others):
    assert join(place("z", "unian"), others, URL) is None


@pytest.mark.parametrize(
    ("url", "can"),
    [
        (None, False),
        ("https://ostrov.example/", False),
        ("https://ostrov.example", False),
        ("https://ostrov.example/news/1", True),
        ("https://ostrov.example/?id=7", True),
    ],
)
def test_a_front_page_cannot_stand_for_an_article(url, can):
    assert shares_article(url) is can
