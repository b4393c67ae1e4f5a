"""What an edited rule lets in of the past: so many of the newest as `backfill` says (publication.md R11)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from newsstand import EVERYTHING, Newsstand, told

from aggregator.store import deliveries, topics

CITY = replace(EVERYTHING, match="title:/[0-9]$/", not_="title:/(^| )[0-9]$/", backfill=0)  # of told(...): from 10 on


@pytest.mark.parametrize(
    ("backfill", "came"),
    [
        pytest.param(0, set(), id="none"),
        pytest.param(3, {"1", "2", "3"}, id="the newest of a document, wherever they stand in it"),
        pytest.param(99, {str(n) for n in range(1, 10)}, id="all there are"),
    ],
)
async def test_the_past_enters_as_backfill_says_and_what_is_in_already_takes_no_place_of_it(world, backfill, came):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(CITY,))
    await stand.shows(told(*range(9, 0, -1), *range(19, 9, -1)))
    before = {row.anchor for row in await world.read(deliveries.live, "all")}
    assert len(before) == 10
    await world.configure(stand.source, topics=(replace(CITY, not_="", backfill=backfill),))
    await world.publish("all")
    rows = [row for row in await world.read(deliveries.live, "all") if row.anchor not in before]
    assert {row.face.title.rpartition(" ")[2] for row in rows} == came


async def test_who_dies_between_a_new_rule_and_its_past_finds_it_waiting(world, monkeypatch):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(CITY,))
    await stand.shows(told(*range(9, 0, -1), *range(19, 9, -1)))
    edited = replace(CITY, not_="", backfill=3)
    with monkeypatch.context() as dying:
        dying.delattr(topics, "past")
        with pytest.raises(AttributeError):
            await world.configure(stand.source, topics=(edited,))
    for _ in range(2):  # and once only
        await world.configure(stand.source, topics=(edited,))
        await world.publish("all")
        assert len(await stand.entries()) == 13
