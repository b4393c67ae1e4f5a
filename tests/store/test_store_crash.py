"""kill -9 in the middle of writing: whatever was acknowledged is there, and never a part of a poll."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select, text
from store_crasher import ITEMS

from aggregator.store import Store, items, polls, sources
from aggregator.store.schema import item, item_revision

KILLS = 12


def test_a_killed_daemon_leaves_items_and_validators_that_agree(sqlite_url):
    script = Path(__file__).with_name("store_crasher.py")
    run = [sys.executable, str(script), sqlite_url, str(KILLS), "20260301"]
    acknowledged = int(subprocess.run(run, capture_output=True, check=True, text=True).stdout)
    store = Store.open(sqlite_url, exclusive=True)
    state = store.read_now(polls.state_of, "ozero")
    count = lambda table: store.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table)))  # noqa: E731
    assert acknowledged <= state.document <= acknowledged + KILLS
    assert state.etag == f'W/"{state.document}"'.encode()
    assert count(item) == ITEMS * state.document
    assert count(item_revision) == state.document - 1
    assert sum(line.new for line in store.read_now(sources.log_of, "ozero")) == ITEMS * min(state.document, 100)
    assert len(store.read_now(items.uncurated, 10**6)) == count(item)
    assert store.read_now(lambda conn: conn.scalar(text("PRAGMA integrity_check"))) == "ok"
    assert store.read_now(lambda conn: conn.execute(text("PRAGMA foreign_key_check")).all()) == []
    store.close()
