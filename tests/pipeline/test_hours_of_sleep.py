"""A source that becomes free to be asked at an hour when it sleeps is asked later; by hand at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator import pipeline
from aggregator.lab.origin import Document
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import START
from aggregator.model import Active, PollRule
from aggregator.store import polls, sources

NIGHT = "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(7)) + "</skipHours>"
MIDNIGHT = START + timedelta(hours=12)


@pytest.mark.parametrize(
    ("inside", "rule", "why"),
    [
        pytest.param(NIGHT, PollRule(), "skipHours", id="as its feed wants it"),
        pytest.param("", PollRule(active=Active(start=7, end=24)), "active hours", id="as a person wants it"),
    ],
)
async def test_whoever_falls_due_in_the_evening_and_is_free_at_night_is_asked_in_the_morning(world, inside, rule, why):
    publisher = world.publisher()
    publisher.serves(Document(body=rss(1, inside=inside), etag=b'"1"'))
    source = await world.subscribe(publisher, poll=rule)
    await world.poll(source)
    world.now = MIDNIGHT + timedelta(hours=2)  # it was due long ago, and nobody was there
    (claim,) = await world.claims()
    assert await pipeline.poll(world.room, claim) is None
    assert len(publisher.requests) == 1
    row = await world.read(sources.one, source.id)
    assert row.held_until is None
    assert why in row.why
    due = await world.read(polls.next_due_at, world.now)
    assert timedelta(hours=7) <= due - MIDNIGHT <= timedelta(hours=7, minutes=5)
    await world.poll(source)
    assert publisher.last.at == due


async def test_by_hand_it_is_asked_at_night_too(world):
    publisher = world.publisher()
    publisher.serves(Document(body=rss(1, inside=NIGHT), etag=b'"1"'))
    source = await world.subscribe(publisher)
    await world.poll(source)
    world.now = MIDNIGHT + timedelta(hours=2)
    said = await world.round(sources=[source.id])
    assert [one["event"] for one in said if one["event"] in {"polled", "skipped"}] == ["polled"]
