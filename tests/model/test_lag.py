"""How long an item took, and where the time went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Item, StoredItem, chain, longest, percentile

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes):
    return None if minutes is None else NOON + timedelta(minutes=minutes)


def stored(*, published, missing, listed, fetched, curated):
    item = Item(id="1", title="Мост открыт", published=at(published), sha256=b"", raw_sha256=b"")
    return StoredItem(
        key="0" * 16, seq=1, source="one", item=item, first_seen_at=at(fetched), arrival="live", arrival_why="",
        rank=0, missing_at=at(missing), listed_at=at(listed), curated_at=at(curated),
    )  # fmt: skip


# published, missing, listed, fetched, curated, delivered -> (station, minutes since the one before), the longest
CASES = {
    "the server says since when": (
        (0, -5, 2, 20, 21, 22),
        [("published", None), ("in the document", 2), ("fetched", 18), ("curated", 1), ("delivered", 1)],
        "fetched",
    ),
    "it may have come at any moment since the poll before": (
        (0, 10, None, 20, 21, 22),
        [("published", None), ("in the document", 15), ("fetched", 5), ("curated", 1), ("delivered", 1)],
        "in the document",
    ),
    "it cannot stand there before it is published": (
        (16, 10, None, 20, 20, 40),
        [("published", None), ("in the document", 2), ("fetched", 2), ("curated", 0), ("delivered", 20)],
        "delivered",
    ),
    "first contact, no date, in no topic": (
        (None, None, None, 0, 1, None),
        [("fetched", None), ("curated", 1)],
        "curated",
    ),
    "a date in the future is no station": ((30, None, None, 0, None, None), [("fetched", None)], None),
    "edited since it was delivered": (
        (0, None, None, 10, 90, 12),
        [("published", None), ("fetched", None), ("delivered", 2)],
        "delivered",
    ),
}


@pytest.mark.parametrize(("moments", "stations", "slowest"), CASES.values(), ids=CASES)
def test_the_way_of_an_item_names_its_stations_and_what_took_longest(moments, stations, slowest):
    published, missing, listed, fetched, curated, delivered = moments
    one = stored(published=published, missing=missing, listed=listed, fetched=fetched, curated=curated)
    steps = chain(one, at(delivered))
    assert [(s.name, None if s.after is None else s.after / timedelta(minutes=1)) for s in steps] == stations
    found = longest(steps)
    assert (found.name if found else None) == slowest


def test_what_is_only_known_from_two_polls_says_how_sure_it_is():
    one = stored(published=0, missing=10, listed=None, fetched=20, curated=None)
    assert {step.name: step.about for step in chain(one, None)}["in the document"] == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("minutes", "share", "found"),
    [([], 0.5, None), ([7], 0.9, 7), ([1, 2, 3, 4], 0.5, 2), ([4, 1, 3, 2], 0.9, 4), (list(range(1, 51)), 0.9, 45)],
)
def test_a_percentile_is_the_nearest_rank(minutes, share, found):
    lags = [timedelta(minutes=m) for m in minutes]
    assert percentile(lags, share) == (None if found is None else timedelta(minutes=found))
