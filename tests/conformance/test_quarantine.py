"""A document that the parser cannot bear costs its source a poll, and its bytes are kept for a person."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.lab.origin import Document, Origin
from aggregator.parse import Workers
from aggregator.pipeline import LEASE, open_newsroom, poll, quarantine
from aggregator.store import Store, polls

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel><item><guid>1</guid><title>x</title></item></channel></rss>"


@pytest.fixture
def configured(tmp_path):
    """A configuration of two sources, whose documents an origin serves."""
    with Origin() as origin:
        poison = origin.serve("/poison.xml", Document(body=FEED.replace(b"x", b"poison")))
        good = origin.serve("/good.xml", Document(body=FEED))
        folder = tmp_path / "config"
        folder.mkdir()
        (folder / "aggregator.yaml").write_text(
            f"state_dir: {tmp_path / 'state'}\nallow_private: [127.0.0.0/8]\nhosts: {{default: {{gap: 0s}}}}\n"
        )
        (folder / "sources.yaml").write_text(f'sources: {{poison: {{url: "{poison}"}}, good: {{url: "{good}"}}}}\n')
        (folder / "topics.yaml").write_text("topics: {all: {match: 'lang:ru'}}\n")
        yield load(folder, env={})


async def polled(room, source: str):
    """Poll one source, whatever its schedule says."""
    how = {"limit": 1, "lease": LEASE, "owner": "test", "now": NOW, "pause": room.config.pause}
    claims = await room.store.write(polls.claim_due, **how, only=[source], ignore_schedule=True, force=True)
    return await poll(room, claims[0])


@pytest.mark.fault("F22")
async def test_what_the_parser_cannot_bear_is_kept_and_the_rest_goes_on(configured, tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'a.db'}", exclusive=True)
    try:
        async with open_newsroom(configured, store, clock=lambda: NOW, rng=random.Random(1)) as room:
            patient = room.workers
            async with Workers(count=1, deadline=timedelta(0)) as hasty:  # for whom any document takes too long
                room.workers = hasty
                outcome = await polled(room, "poison")
            room.workers = patient
            assert outcome is not None
            assert (outcome.ended, outcome.kind) == ("failed", "parser-hung")
            (copy,) = (tmp_path / "state/quarantine").iterdir()
            assert copy.read_bytes() == FEED.replace(b"x", b"poison")
            assert outcome.hint == f"its bytes are kept in {copy}"
            well = await polled(room, "good")
            assert well is not None
            assert (well.ended, len(well.changes)) == ("changed", 1)
    finally:
        store.close()


def test_no_state_is_written_where_nothing_failed(configured):
    assert not Path(configured.state_dir).exists()


def test_the_same_bytes_of_a_source_are_kept_once(tmp_path):
    first, again = (quarantine.keep(tmp_path, "iskra", b"<rss>") for _ in range(2))
    other = quarantine.keep(tmp_path, "iskra", b"<rss >")
    assert first == again != other
    assert sorted(copy.read_bytes() for copy in (tmp_path / "quarantine").iterdir()) == [b"<rss >", b"<rss>"]


def test_only_the_newest_copies_stay(tmp_path):
    for n in range(quarantine.MOST + 5):
        copy = quarantine.keep(tmp_path, "iskra", b"%d" % n)
        os.utime(copy, (n, n))
    left = {copy.read_bytes() for copy in (tmp_path / "quarantine").iterdir()}
    assert left == {b"%d" % n for n in range(5, quarantine.MOST + 5)}


def test_all_copies_together_are_bounded(tmp_path):
    third = quarantine.BYTES // 3
    for n in range(5):
        copy = quarantine.keep(tmp_path, "iskra", b"%d" % n + bytes(third))
        os.utime(copy, (n, n))
    assert sum(copy.stat().st_size for copy in (tmp_path / "quarantine").iterdir()) <= quarantine.BYTES
    assert quarantine.keep(tmp_path, "iskra", bytes(quarantine.BYTES + 1)) is None


def test_where_nothing_can_be_written_there_is_no_copy(tmp_path):
    (tmp_path / "quarantine").write_text("a file in its place")
    assert quarantine.keep(tmp_path, "iskra", b"<rss>") is None
