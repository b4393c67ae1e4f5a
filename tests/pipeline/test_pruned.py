"""What was pruned and is shown again: known, and never news, by whatever way it comes back (F35)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from newsstand import DAY, EVERYTHING, Newsstand, Told, document, told
from sqlalchemy import select
from structlog.testing import capture_logs

from aggregator.model import Retention
from aggregator.pipeline import Pruned, older_than, prune, trim
from aggregator.store import deliveries, retention
from aggregator.store.schema import item, tombstone
from aggregator.store.sqlite import module

OLD, NOW = range(6), range(10, 16)


@pytest.fixture
async def stand(world):
    """A source that showed six articles two hundred days ago, and shows six others since then."""
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.shows(told(*OLD))
    stand.first = {one[0] for one in await stand.entries()}
    await stand.shows(told(*NOW))
    world.now += 200 * DAY
    await stand.lives()
    return stand


async def gone(world, **how):
    counted = Pruned()
    await prune(world.room, counted, **how)
    return counted


async def keys(world):
    return set(await world.read(lambda conn: conn.scalars(select(item.c.item_id)).all()))


def names(*numbers):
    return {f"news-{n}" for n in numbers}


async def test_what_has_left_goes_and_what_stands_in_the_document_stays(world, stand):
    assert (await gone(world)).items == 6
    assert await keys(world) == names(*NOW)
    assert (await gone(world)).items == 0
    assert len(await world.read(deliveries.ever, "all", list(stand.first))) == 6  # the ledger has them for ever


async def _same(_world, stand):
    return await stand.shows(told(*OLD, *NOW))


async def _undated(_world, stand):
    return await stand.shows(told(*OLD, minutes=None) + told(*NOW))


async def _edited(_world, stand):
    return await stand.shows([Told(n=n, title=f"Совсем другое {n}", minutes=None) for n in OLD] + told(*NOW))


async def _at_another_address(world, stand):
    """First contact once more: nothing is remembered of the source but its items."""
    stand.publisher = world.publisher()
    stand.source = replace(stand.source, url=stand.publisher.url)
    await world.configure(stand.source, topics=(EVERYTHING,))
    return await stand.shows(told(*OLD, minutes=None) + told(*NOW))


async def _by_backfill(world, stand):
    await world.configure(stand.source, topics=(replace(EVERYTHING, match="not category:y", backfill=99),))
    return await stand.shows(told(*OLD, minutes=None) + told(*NOW))


async def _folded_anew(world, stand):
    await world.configure(stand.source, topics=(replace(EVERYTHING, fold="story", backfill=99),))
    return await stand.shows(told(*OLD, minutes=None) + told(*NOW))


async def _after_a_restart(world, stand):
    await world.restart()
    return await stand.shows(told(*OLD, minutes=None) + told(*NOW))


WAYS = {
    "as it was": _same,
    "without dates": _undated,
    "edited all over": _edited,
    "after a restart": _after_a_restart,
    "into a topic that asks for the past": _by_backfill,
    "into a topic that folds otherwise": _folded_anew,
    "at another address": _at_another_address,
}


@pytest.mark.fault("F35")
async def test_what_was_pruned_never_comes_back_by_any_way(world, stand):
    await gone(world)
    for name, way in WAYS.items():
        outcome = await way(world, stand)
        assert outcome.changes == (), name
        await world.publish("all")
        assert await keys(world) == names(*NOW), name
        assert stand.first.isdisjoint(entry[0] for entry in await stand.entries()), name
    ledger = [row for id_ in stand.first for row in await world.read(deliveries.history, "all", id_)]
    assert {row.state for row in ledger if row.rev > 1} == {"aged"}


@pytest.mark.fault("F35")
async def test_nor_under_the_former_name_of_its_topic(world, stand):
    await gone(world)
    named = replace(EVERYTHING, id="renamed", was=("all",), backfill=99, match="not category:y")
    await world.configure(stand.source, topics=(named,))
    stand.publisher.serves(document(told(*OLD, minutes=None) + told(*NOW)))
    await world.poll(stand.source)
    await world.publish("renamed")
    live = await world.read(deliveries.live, "renamed")
    assert stand.first.isdisjoint(row.entry_id for row in live)
    assert len(await world.read(deliveries.ever, "renamed", list(stand.first))) == 6


async def test_a_person_may_want_less_than_is_configured_but_not_the_last_month(world, stand):
    room = world.room
    assert older_than(room, timedelta(days=60)) == room.clock() - timedelta(days=60)
    assert older_than(room, timedelta(days=1)) == room.clock() - retention.LEAST
    assert older_than(room) == room.clock() - timedelta(days=180)
    assert (await gone(world, stopped=lambda: True)).items == 0  # the rest is left to another time
    assert stand.first


def limited(world, most):
    world.room.config = replace(world.room.config, retention=Retention(items=360 * DAY, max_size=most))


async def test_a_store_that_is_too_large_loses_the_oldest_first_and_says_so_when_that_is_not_enough(world, stand):
    limited(world, 1)
    counted = await gone(world)
    assert counted.items == 6  # the six others stand in the document
    assert counted.excess > 0
    why = await world.read(retention.oversize)
    assert why.startswith("the store takes ")
    assert "raise max_size" in why
    limited(world, 10**9)
    assert (await gone(world)).excess == 0
    assert await world.read(retention.oversize) == ""
    limited(world, None)
    assert (await gone(world)).items == 0
    assert await stand.count(tombstone) == 6


async def test_a_store_loses_no_more_than_it_has_to(world, stand):
    used = await world.read(retention.used)
    limited(world, used - 1)
    counted = await gone(world)
    assert 0 < counted.items <= 6
    assert counted.excess == 0
    assert await stand.count() == 12 - counted.items


async def test_a_wal_that_some_reader_keeps_large_is_told(world, stand):
    with closing(module().connect(world.database, isolation_level=None)) as reader, capture_logs() as said:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchall()
        await stand.shows(told(*NOW, 20))
        await trim(world.room, most=0)
    assert [line["event"] for line in said if line["log_level"] == "warning"] == ["store.warning"]
    with capture_logs() as said:
        await trim(world.room, most=0)
    assert said == []
