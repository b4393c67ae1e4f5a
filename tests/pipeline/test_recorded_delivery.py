"""What is delivered is recorded first, and nothing is delivered that cannot be."""

from __future__ import annotations

import pytest
from newsstand import EVERYTHING, Newsstand, told

from aggregator.pipeline import record
from aggregator.store import deliveries, meta, topics


@pytest.fixture
async def stand(world):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    return stand


async def lines(world, folder):
    return list(record.read(record.files(folder, await world.read(meta.get, "store")), record.Tally()))


async def test_the_record_says_what_the_ledger_says(stand, world, tmp_path):
    await stand.shows(told(*range(3)))
    await stand.shows(told(*range(5)))
    ledger = await world.read(deliveries.live, "all")
    said = {one.entry_id: one for one in await lines(world, tmp_path)}
    assert len(ledger) == len(said) == 5
    for row in ledger:
        one = said[row.entry_id]
        assert (one.anchor, one.entered_at, one.updated) == (row.anchor, row.entered_at, row.updated)
        assert (one.state, one.rev, one.items) == (row.state, row.rev, (row.anchor,))
        assert one.at <= row.at


async def test_nothing_is_delivered_until_it_can_be_recorded(stand, world, tmp_path):
    await stand.shows(told(*range(3)))
    (path,) = record.files(tmp_path, None)
    aside = path.rename(tmp_path / "aside")
    path.mkdir()  # as good as a full disk: no line can be written
    await stand.shows(told(*range(5)))
    assert len(await stand.entries()) == 3
    (state,) = await world.read(topics.states)
    assert state.flaw.startswith(f"nothing is delivered until it can be recorded in {tmp_path}: ")
    said = await world.round(all=True)
    assert said[-1] == {"error": f"all: {state.flaw}"}
    path.rmdir()
    aside.rename(path)
    await world.publish("all")
    assert len(await stand.entries()) == 5
    (state,) = await world.read(topics.states)
    assert (state.flaw, len(await lines(world, tmp_path))) == ("", 5)
