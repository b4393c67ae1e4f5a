"""The scorecard's world: the product's own newsroom in virtual time, a local origin, and a hub on it."""

from __future__ import annotations

import pytest

from aggregator.lab.origin import Origin
from aggregator.lab.score.world import World


@pytest.fixture
async def world(tmp_path):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("push")
            yield world
