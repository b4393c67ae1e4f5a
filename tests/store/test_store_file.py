"""SQLite's file beside other programs: a WAL that a reader holds, and texts that are no UTF-8."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import select
from store_makers import Time, an_item, stored

from aggregator.store import Store, items
from aggregator.store.schema import item
from aggregator.store.sqlite import module


@pytest.fixture
def opened(sqlite_url):
    store = Store.open(sqlite_url, exclusive=True)
    yield store
    store.close()


@pytest.mark.fault("F09")
async def test_a_wal_is_emptied_unless_a_reader_holds_it_and_then_its_size_is_told(opened, sqlite_url):
    time = Time(opened)
    stored(opened, time, an_item("1"))
    assert await opened.trim(10**9) == 0  # it may be so large
    with closing(module().connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchall()
        stored(opened, time, an_item("2"), document=2)
        assert await opened.trim(1000) > 1000
        stored(opened, time, an_item("3"), document=3)  # the writer goes on
        reader.execute("ROLLBACK")
    assert await opened.trim(1000) == 0


@pytest.mark.fault("F23")
def test_a_text_that_is_no_utf8_is_read_with_a_sign_in_its_place(opened, sqlite_url):
    (key,) = stored(opened, Time(opened), an_item("1"))
    with closing(module().connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("UPDATE item SET title = 'a' || CAST(x'eda080' AS TEXT) || 'b'")
    assert opened.read_now(items.by_key, key).item.title.replace("\ufffd", "") == "ab"
    assert opened.write_now(lambda conn: conn.scalar(select(item.c.title))).startswith("a\ufffd")
