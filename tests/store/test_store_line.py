"""What daemons on one PostgreSQL say to each other, and who of them curates; what the server may throw at them."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from store_makers import (
    LEASE,
    Time,
    a_change,
    a_source,
    an_artefact,
    an_item,
    an_outcome,
    claim,
    configured,
)
from test_store_inbox import an_outcome_pushed, receive, subscribed

from aggregator.errors import LeaseLost, StoreError
from aggregator.model import Pause, Topic
from aggregator.query import parse
from aggregator.store import Seat, Store, artefacts, inbox, line, meta, polls, visibility

SECOND = timedelta(seconds=1)
NOW = timedelta(0)


@pytest.fixture
async def two(postgresql_url):
    """Two daemons' stores on one database."""
    stores = Store.open(postgresql_url), Store.open(postgresql_url)
    yield stores
    for store in stores:
        store.close()


async def test_one_seat_for_all_and_it_falls_free_with_its_line(two):
    one, other = [await store.line() for store in two]
    assert await one.sit() == 1
    assert await other.sit() is None
    await one.close()
    for _ in range(1000):
        if (number := await other.sit()) is not None:
            break
        await asyncio.sleep(0.05)  # the server notices in its own time that a connection has gone
    assert number == 2
    await other.close()


async def test_who_stands_in_line_is_seen_and_let_in(two):
    one, other = [await store.line() for store in two]
    assert await one.sit() == 1
    assert not await one.wanted()
    waiting = asyncio.create_task(other.wait())
    while not await one.wanted():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.02)
    assert not waiting.done()
    await one.rise()
    assert await asyncio.wait_for(waiting, 30) == 2
    assert await one.sit() is None
    await asyncio.gather(one.close(), other.close())


async def test_what_one_calls_out_the_others_hear_once_it_is_committed(two):
    store, other = two
    ear = await other.line()
    await store.write(line.call, "curate")
    assert await ear.hear(30 * SECOND) == {"curate"}

    def called_in_vain(conn):
        line.call(conn, "shelf")
        raise StoreError("not committed")

    with pytest.raises(StoreError):
        await store.write(called_in_vain)
    assert await ear.hear(NOW) == set()
    await ear.close()


async def test_a_line_that_was_cut_says_so_in_one_line(two):
    ear = await two[0].line()
    await two[1].write(lambda conn: conn.execute(text(CUT)) and None)
    with pytest.raises(StoreError, match="the line to PostgreSQL") as cut:
        await ear.wanted()
    assert not cut.value.permanent
    await ear.close()


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aggregator line'"


@pytest.mark.fault("F04")
async def test_who_lost_the_seat_writes_nothing_whatever_he_believes(two):
    store, other = two
    first, second = await store.line(), await other.line()
    store.seat = Seat(held=True, number=await first.sit())
    await store.decide(meta.put, "word", "of the first")
    await first.rise()
    other.seat = Seat(held=True, number=await second.sit())
    with pytest.raises(LeaseLost):
        await store.decide(meta.put, "word", "of him who was asleep")
    await other.decide(meta.put, "word", "of the second")
    assert await other.read(meta.get, "word") == "of the second"
    store.seat = Seat(held=False)
    with pytest.raises(LeaseLost):
        await store.decide(meta.put, "word", "of nobody")
    await asyncio.gather(first.close(), second.close())


async def test_nobody_sits_down_in_the_middle_of_what_the_curator_writes(two):
    store, other = two
    first, second = await store.line(), await other.line()
    store.seat = Seat(held=True, number=await first.sit())
    writing, go = threading.Event(), threading.Event()

    def slowly(conn):
        writing.set()
        go.wait(30)
        meta.put(conn, "word", "of the first")

    write = asyncio.create_task(store.decide(slowly))
    await asyncio.to_thread(writing.wait, 30)
    await first.rise()
    sits = asyncio.create_task(second.sit())
    assert not (await asyncio.wait({sits}, timeout=0.3))[0]
    go.set()
    await write
    assert await asyncio.wait_for(sits, 30) == 2
    await asyncio.gather(first.close(), second.close())


async def test_on_sqlite_the_seat_is_held_by_whoever_holds_the_file(sqlite_url):
    store = Store.open(sqlite_url)
    await store.decide(meta.put, "word", "of the only one")
    assert await store.read(meta.get, "word") == "of the only one"
    store.close()


# --- what others have published -----------------------------------------------------------------------------------

LAKE = Topic(id="lake", title="Озеро", match=parse("title:/./"))


def publish(store, time, body):
    store.write_now(
        artefacts.publish,
        topic="lake",
        dirty=1,
        rows=[],
        entered={},
        kept_out={},
        due_at=None,
        artefacts=[an_artefact(body)],
        flaw="",
        now=time.now,
    )


def test_what_changed_is_news_and_what_may_not_be_shown_is_gone(store, time):
    configured(store, time, "lake")
    known = {"lake": LAKE}
    store.write_now(visibility.keep, known, time.now)
    publish(store, time, b"a")
    first = store.read_now(artefacts.news, known, {})
    assert [one.body for one in first.documents] == [b"a"]
    again = store.read_now(artefacts.news, known, first.versions)
    assert (again.documents, again.gone, again.versions) == ([], [], first.versions)
    publish(store, time, b"b")
    second = store.read_now(artefacts.news, known, first.versions)
    assert [one.body for one in second.documents] == [b"b"]
    store.write_now(visibility.keep, {"lake": replace(LAKE, private=True)}, time.now)
    assert store.read_now(artefacts.news, known, second.versions).gone == ["lake"]


def test_a_topic_that_nobody_has_made_yet_is_no_news(store):
    assert store.read_now(artefacts.news, {"lake": LAKE}, {}).gone == []


# --- races --------------------------------------------------------------------------------------------------------


@pytest.mark.fault("F44")
@pytest.mark.parametrize("number", [300, pytest.param(2000, marks=pytest.mark.slow)])
def test_five_daemons_claim_every_due_source_once_and_only_once(postgresql_url, number):
    stores = [Store.open(postgresql_url) for _ in range(5)]
    time = Time(stores[0])
    farm = [a_source(f"s{n:04}", f"https://h{n % (number // 4)}.example/{n}") for n in range(number)]
    stores[0].write_now(polls.sync_sources, farm, time.now)
    start, done = threading.Barrier(5), Counter()

    def works(store):
        start.wait()
        mine, idle = [], 0
        while idle < 20:  # what others have locked is passed over, so nothing to do is no end
            held = claim(store, time, limit=25, pause=Pause(at_once=1, gap=timedelta(0)), owner="one")
            idle = 0 if held else idle + 1
            for one in held:
                outcome = an_outcome(time.now, source=one.source)
                store.write_now(polls.commit, outcome, one.fence, gap=timedelta(0))
            mine += [one.source for one in held]
        return mine

    with ThreadPoolExecutor(5) as pool:
        for mine in pool.map(works, stores):
            done.update(mine)
    for store in stores:
        store.close()
    assert done == Counter({source.id: 1 for source in farm})


@pytest.mark.fault("F39")
@pytest.mark.parametrize("rounds", [40, pytest.param(500, marks=pytest.mark.slow)])
def test_a_push_and_a_poll_of_the_same_news_at_the_same_instant_bring_it_once(postgresql_url, rounds):
    stores = Store.open(postgresql_url), Store.open(postgresql_url)
    store, time = stores[0], Time(stores[0])
    held = subscribed(store, time, "ozero")
    start, won = threading.Barrier(2), Counter()

    def polled(number):
        start.wait()
        for one in claim(stores[0], time, only=["ozero"], ignore_schedule=True):
            outcome = an_outcome(time.now, a_change(an_item(f"n{number}")), document=number + 2)
            stores[0].write_now(polls.commit, outcome, one.fence, gap=timedelta(0))
            won["poll"] += 1

    def delivered(number):
        start.wait()
        claimed = stores[1].write_now(inbox.claim_pushed, limit=1, lease=LEASE, owner="two", now=time.now)
        for one, pushed in claimed:
            outcome = an_outcome_pushed(time, a_change(an_item(f"n{number}")))
            stores[1].write_now(inbox.commit_pushed, outcome, one, pushed.seq)
            won["push"] += 1

    with ThreadPoolExecutor(2) as pool:
        for number in range(rounds):
            receive(store, time, held, b"news")
            for done in [pool.submit(polled, number), pool.submit(delivered, number)]:
                done.result()
            delivered_late = [pool.submit(polled, number), pool.submit(delivered, number)]
            for done in delivered_late:
                done.result()
    found = store.read_now(lambda conn: conn.execute(text("SELECT item_id, count(*) FROM item GROUP BY 1")).all())
    for one in stores:
        one.close()
    assert {name for name, _ in found} == {"ozero 0", *(f"n{number}" for number in range(rounds))}
    assert {number for _, number in found} == {1}
    assert won["poll"] > 0 < won["push"]


@pytest.mark.fault("F44")
def test_a_deadlock_is_tried_again_and_both_get_through(postgresql_url):
    stores = Store.open(postgresql_url), Store.open(postgresql_url)
    for name in ("a", "b"):
        stores[0].write_now(meta.put, name, "0")
    meet = threading.Barrier(2)

    def crosswise(conn, first, second):
        for name in (first, second):
            conn.execute(text("UPDATE meta SET value = (value::int + 1)::text WHERE name = :name"), {"name": name})
            if name == first and not meet.broken:
                with suppress(threading.BrokenBarrierError):  # the second try is alone
                    meet.wait(5)
        meet.abort()

    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(stores[0].write_now, crosswise, "a", "b"),
            pool.submit(stores[1].write_now, crosswise, "b", "a"),
        ]
        for one in both:
            one.result(60)
    assert [stores[0].read_now(meta.get, name) for name in ("a", "b")] == ["2", "2"]
    for store in stores:
        store.close()


@pytest.mark.fault("F44")
@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57014", "25006", "53300"])
def test_what_passes_by_itself_is_no_reason_to_give_up(postgresql_url, code):
    store, tries, noted = Store.open(postgresql_url), [], []
    store.noted = noted.append

    def fails(conn):
        tries.append(code)
        conn.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{code}'; END $$"))

    with pytest.raises(StoreError) as failed:
        store.write_now(fails)
    assert not failed.value.permanent
    assert len(tries) == (2 if code.startswith("40") else 1)
    store.write_now(meta.put, "word", "again")
    assert [bool(one) for one in noted] == [True, False]
    store.close()


@pytest.mark.fault("F06")
def test_connections_that_were_ended_cost_one_more_try_and_no_error(postgresql_url, postgresql_server):
    store = Store.open(postgresql_url)
    for _ in range(3):
        postgresql_server.say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aggregator'"
        )
        store.write_now(meta.put, "word", "there")
        assert store.read_now(meta.get, "word") == "there"
    cut = []

    def cut_once(conn):
        if not cut:
            cut.append(conn.scalar(text("SELECT pg_backend_pid()")))
            postgresql_server.say(f"SELECT pg_terminate_backend({cut[0]})")
        return meta.get(conn, "word")

    assert store.read_now(cut_once) == "there"
    store.close()
