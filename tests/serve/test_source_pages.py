"""How the sources stand, as pages."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from serve_making import NOON, SITE, Stand, ask, serving
from sqlalchemy import text

from aggregator.errors import StoreError
from aggregator.model import Due, Flaw, Pause, PollOutcome, PollState, Source
from aggregator.serve.sources import MOST, SourcePages
from aggregator.store import Store, polls

HOUR = timedelta(hours=1)


def polled(store, source, **more):
    pause = Pause(gap=timedelta(0))
    (claim,) = store.write_now(
        polls.claim_due, limit=1, lease=HOUR, owner="test", now=NOON, pause=pause, only=[source], ignore_schedule=True
    )
    state = PollState(last_poll_at=NOON, last_success_at=NOON, next_poll_at=NOON + HOUR, lags=(HOUR, 2 * HOUR))
    facts = {"source": source, "at": NOON, "ended": "changed", "state": state, "took": HOUR, "status": 200} | more
    due = Due(at=NOON + HOUR, interval=HOUR, why="every 1 h: it brings about 9 items a day", terms={"cost": 0.5})
    store.write_now(polls.commit, PollOutcome(due=due, **facts), claim.fence, gap=timedelta(0))


@pytest.fixture
def server(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    names = ("sea", "field", "fresh")
    configured = [Source(id=name, url=f"https://{name}.example/rss") for name in (*names, "gone")]
    store.write_now(polls.sync_sources, configured, NOON)
    polled(store, "sea", flaws=(Flaw(code="date-unclear", where="item 1", detail="<script>"),))
    polled(store, "gone")
    failed = PollState(failures=2, problem_since=NOON - HOUR, last_poll_at=NOON)
    polled(store, "field", ended="failed", status=500, kind="status", problem="answers 500", hint="wait", state=failed)
    with serving(Stand(store=store, sources=names).app()) as server:
        yield server
    store.close()


def test_all_sources_stand_on_one_page_with_the_next_poll_and_the_reason(server):
    page = ask(server, "GET", "/sources").body.decode()
    assert "1 failing · 1 new · 1 well" in page
    assert "every 1 h: it brings about 9 items a day" in page
    assert "in 1 h" in page
    assert page.index("/sources/field") < page.index("/sources/fresh") < page.index("/sources/sea")  # the worst first
    assert "/sources/gone" not in page


def test_of_more_sources_than_the_page_has_room_for_it_lists_the_worst_and_counts_all(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    names = [f"s{number:04}" for number in range(MOST + 2)]
    store.write_now(polls.sync_sources, [Source(id=name, url=f"https://{name}.example/rss") for name in names], NOON)
    for name in names[:2]:
        polled(store, name)
    failed = PollState(failures=1, problem_since=NOON, last_poll_at=NOON)
    polled(store, names[-1], ended="failed", status=500, kind="status", problem="answers 500", state=failed)
    with serving(Stand(store=store, sources=names).app()) as server:
        page = ask(server, "GET", "/sources").body.decode()
    store.close()
    assert f"1 failing · {MOST - 1} new · 2 well" in page
    assert page.index(f"/sources/{names[-1]}") < page.index(f"/sources/{names[2]}")
    assert f"/sources/{names[0]}" not in page
    assert "2 more are not listed" in page


def test_a_source_tells_its_state_its_lag_its_flaws_and_its_polls(server):
    page = ask(server, "GET", "/sources/sea").body.decode()
    for said in (
        "in 1 h (2026-03-01 13:00 UTC): every 1 h",
        "1 h / 2 h from published",
        "date-unclear",
        "&lt;script&gt;",
    ):
        assert said in page
    assert "<script>" not in page
    assert "answers 500, since 2026-03-01 11:00 UTC" in ask(server, "GET", "/sources/field").body.decode()
    assert "never been polled" not in ask(server, "GET", "/sources/fresh").body.decode()


@pytest.mark.parametrize("path", ["/sources/gone", "/sources/nobody", "/sources/", "/sources/sea/x", "/sources/%2e%2e"])
def test_what_is_not_configured_has_no_page(server, path):
    assert ask(server, "GET", path).status == 404


def test_a_page_is_checked_again_and_not_sent_twice(server):
    first = ask(server, "GET", "/sources/sea")
    assert first.headers["cache-control"] == "no-cache"
    assert ask(server, "GET", "/sources/sea", if_none_match=first.headers["etag"]).status == 304


def test_a_store_that_does_not_answer_is_said(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.write_now(lambda conn: conn.execute(text("ALTER TABLE host_state RENAME TO lost")))
    with serving(Stand(store=store, sources=("sea",)).app()) as server:
        assert ask(server, "GET", "/sources").status == 503
    store.close()


async def test_many_who_ask_at_once_share_one_page_and_a_failed_one_is_made_again(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'news.db'}")
    pages = SourcePages(store, SITE, lambda: ["sea"], lambda: NOON)
    try:
        store.write_now(lambda conn: conn.execute(text("ALTER TABLE host_state RENAME TO lost")))
        with pytest.raises(StoreError):
            await pages.find("/sources")
        store.write_now(lambda conn: conn.execute(text("ALTER TABLE lost RENAME TO host_state")))
        made = await asyncio.gather(*(pages.find("/sources") for _ in range(20)))
    finally:
        store.close()
    assert made[0] is not None
    assert all(page is made[0] for page in made)
