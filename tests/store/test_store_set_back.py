"""What a clock that was ahead has left is moved back, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from store_makers import a_source

from aggregator.store import polls, set_back
from aggregator.store.schema import host_state, source_state

YEAR, MINUTE = timedelta(days=365), timedelta(minutes=1)
LEASE = 5 * MINUTE
NAMES = ("mayak", "parus", "briz")


@pytest.fixture
def now():
    return datetime.now(UTC).replace(microsecond=0)  # PostgreSQL goes by its own clock


@pytest.fixture
def ahead(store, now):
    """Three sources: two were polled by a clock that was a year ahead, one before that."""
    then = now + YEAR
    store.write_now(polls.sync_sources, [a_source(name) for name in NAMES], now - YEAR)
    rows = {
        "mayak": {"last_poll_at": then, "next_poll_at": then + 15 * MINUTE, "lease_until": then + LEASE},
        "parus": {"last_poll_at": then - 10 * MINUTE, "next_poll_at": then + 5 * MINUTE},
        "briz": {"last_poll_at": now - 10 * MINUTE, "next_poll_at": now + 50 * MINUTE},
    }

    def put(conn):
        for name, values in rows.items():
            conn.execute(update(source_state).where(source_state.c.id == name).values(values))
        conn.execute(update(host_state).values(next_allowed_at=then + MINUTE))

    store.write_now(put)
    return store


def waits(store):
    c = source_state.c
    rows = store.read_now(lambda conn: conn.execute(select(c.id, c.next_poll_at, c.last_poll_at, c.lease_until)).all())
    return {row.id: row for row in rows}


def about(found, expected):
    return abs(found - expected) < MINUTE  # the engine's own clock goes on meanwhile


def test_what_was_planned_by_it_is_as_far_away_as_it_was_and_nothing_else_moves(ahead, now):
    moved, by = ahead.write_now(set_back.set_back, now, lease=LEASE)
    rows = waits(ahead)
    assert moved == 2
    assert about(by, YEAR)
    assert about(rows["mayak"].next_poll_at, now + 15 * MINUTE)
    assert about(rows["parus"].next_poll_at, now + 5 * MINUTE)
    assert rows["briz"].next_poll_at == now + 50 * MINUTE
    assert about(rows["mayak"].lease_until, now + LEASE)
    assert all(row.last_poll_at <= now + MINUTE for row in rows.values())
    allowed = ahead.read_now(lambda conn: conn.scalars(select(host_state.c.next_allowed_at)).all())
    assert min(allowed) <= now + 2 * MINUTE


def test_a_second_look_moves_nothing(ahead, now):
    ahead.write_now(set_back.set_back, now, lease=LEASE)
    before = waits(ahead)
    assert ahead.write_now(set_back.set_back, now, lease=LEASE)[0] == 0
    assert {name: row.next_poll_at for name, row in waits(ahead).items()} == {
        name: row.next_poll_at for name, row in before.items()
    }


def test_a_source_that_was_added_by_it_and_never_polled_is_due(store, now):
    store.write_now(polls.sync_sources, [a_source("mayak")], now)
    later = {"added_at": now + YEAR, "next_poll_at": now + YEAR}
    store.write_now(lambda conn: conn.execute(update(source_state).values(later)) and None)
    store.write_now(set_back.set_back, now, lease=LEASE)
    assert about(waits(store)["mayak"].next_poll_at, now)
