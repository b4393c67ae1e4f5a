"""A curator who is none any more: what he was at is left to whoever took over, and is no fault of the topic's."""

from __future__ import annotations

import pytest
import structlog
from newsstand import EVERYTHING, Newsstand, told

from aggregator import pipeline
from aggregator.errors import LeaseLost
from aggregator.store import Seat


async def test_a_topic_that_somebody_else_publishes_by_now_is_left_to_them(world):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    store = world.room.store
    store.seat = Seat(held=False)
    with structlog.testing.capture_logs() as told_of, pytest.raises(LeaseLost):
        await pipeline.publish(world.room, EVERYTHING.id)
    assert told_of == []
    store.seat = Seat(held=True)
    await stand.shows(told(1, 2))
    assert await stand.stand() == (2, 2)
