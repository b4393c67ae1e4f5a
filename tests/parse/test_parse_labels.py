"""Local time labelled GMT shows itself by when items appear, and nothing else is taken for it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Ahead, Change, Item, PollState, Source
from aggregator.parse.labels import KEPT, ahead_of, flaws, learned, mislabelled, offset_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SOURCE = Source(id="a", url="https://vesna.example/rss")


def life(offset: timedelta, every: timedelta, *, late: timedelta = timedelta(0), items: int = KEPT, seed: int = 7):
    """What a source whose dates are wrong by `offset` shows: items at any time, each late by up to `late`."""
    rng = random.Random(seed)
    for _ in range(items):
        since_before = rng.random() * every  # from the poll before to when it stood in the document
        written = since_before - rng.random() * late
        yield Ahead(least=written + offset - every, most=written + offset)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("offset", "every", "late"),
    [
        pytest.param(2, 15 * MINUTE, 0 * MINUTE, id="Kyiv, often"),
        pytest.param(3, 15 * MINUTE, 10 * MINUTE, id="Moscow, items ten minutes late"),
        pytest.param(3, 50 * MINUTE, 15 * MINUTE, id="polled hourly"),
        pytest.param(1, 20 * MINUTE, 0 * MINUTE, id="one hour"),
        pytest.param(12, 30 * MINUTE, 0 * MINUTE, id="Kamchatka"),
    ],
)
def test_dates_that_are_whole_hours_ahead_are_noticed(offset, every, late, seed):
    assert mislabelled(list(life(offset * HOUR, every, late=late, seed=seed))) == offset * HOUR


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "aheads",
    [
        pytest.param(lambda seed: life(0 * HOUR, 15 * MINUTE, seed=seed), id="right dates"),
        pytest.param(lambda seed: life(0 * HOUR, 6 * HOUR, seed=seed), id="right dates, polled rarely"),
        pytest.param(lambda seed: life(0 * HOUR, 30 * MINUTE, late=5 * HOUR, seed=seed), id="hours late"),
        pytest.param(lambda seed: life(-3 * HOUR, 30 * MINUTE, seed=seed), id="behind"),
        pytest.param(lambda seed: life(3 * HOUR, 6 * HOUR, seed=seed), id="too rarely polled to know"),
        pytest.param(lambda seed: life(3 * HOUR, 15 * MINUTE, items=7, seed=seed), id="too few"),
        pytest.param(
            lambda seed: [*life(3 * HOUR, 15 * MINUTE, seed=seed), *life(0 * HOUR, 15 * MINUTE, seed=seed)], id="some"
        ),
        pytest.param(
            lambda seed: [
                Ahead(least=ahead - 15 * MINUTE, most=ahead)
                for rng in [random.Random(seed)]
                for ahead in (rng.randint(1, 300) * HOUR for _ in range(KEPT))
            ],
            id="events",
        ),
        pytest.param(lambda _: (), id="nothing"),
    ],
)
def test_nothing_else_is_taken_for_it(aheads, seed):
    assert mislabelled(list(aheads(seed))) == timedelta(0)


@pytest.mark.parametrize(
    ("hours", "url", "language", "zone"),
    [
        pytest.param(2, "https://vesna.ua/rss", None, "Europe/Kyiv", id="country"),
        pytest.param(3, "https://vesna.example/rss", "ru", "Europe/Moscow", id="language"),
        pytest.param(2, "https://vesna.example/rss", "uk-UA", "Europe/Kyiv", id="language with a region"),
        pytest.param(3, "https://vesna.ua/rss", "ru", "Europe/Moscow", id="the country's zone is another"),
        pytest.param(5, "https://vesna.example/rss", "en", "Etc/GMT-5", id="nobody's"),
    ],
)
def test_the_flaw_proposes_the_zone(hours, url, language, zone):
    (flaw,) = flaws(list(life(hours * HOUR, 15 * MINUTE)), url=url, language=language, now=NOON)
    assert flaw.code == "zone-mislabelled"
    assert flaw.detail.startswith(f"dates are {hours} h ahead")
    assert f"`zone: {zone}` and `zone_labels: ignore`" in flaw.detail
    assert flaws([], url=url, language=language, now=NOON) == ()


def change(published: datetime, **more) -> Change:
    return Change(kind="new", key="k", item=Item(id="1", published=published), **more)


def test_only_items_that_the_offset_fits_are_corrected():
    state = PollState(last_success_at=NOON - 15 * MINUTE, aheads=tuple(life(3 * HOUR, 15 * MINUTE)))
    assert ahead_of(SOURCE, state, change(NOON + 3 * HOUR - 5 * MINUTE), NOON) == 3 * HOUR
    assert ahead_of(SOURCE, state, change(NOON - 5 * MINUTE), NOON) == timedelta(0)  # its publisher has put it right
    for person in (
        Source(id="a", url="https://a.example/", zone="Europe/Kyiv", zone_labels="ignore"),
        Source(id="a", url="https://a.example/", future="allow"),
    ):
        assert offset_of(person, state) == timedelta(0)
        assert learned(person, state, [change(NOON)], {}, NOON) == ()


def test_the_newest_items_are_kept_by_what_they_claimed_and_what_came_late_is_not():
    state = PollState(last_success_at=NOON - HOUR, aheads=tuple(life(3 * HOUR, 15 * MINUTE)))
    got = learned(SOURCE, state, [change(NOON), change(NOON, arrival="backfill")], {"1": NOON + 2 * HOUR}, NOON)
    assert got == (*state.aheads[1:], Ahead(least=2 * HOUR, most=3 * HOUR))
    assert learned(SOURCE, PollState(), [change(NOON)], {}, NOON) == ()
