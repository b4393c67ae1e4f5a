"""Claims, leases, fences, hosts, and the one commit of a poll: the same on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import text
from store_makers import HOUR, LEASE, NOON, QUICK, Time, a_change, a_source, an_item, an_outcome, claim, commit, stored

from aggregator.errors import LeaseLost
from aggregator.model import Access, Burden, Due, Feed, Flaw, Pause, PollState, Select, Strip
from aggregator.store import Store, items, meta, polls, sources

SECOND = timedelta(seconds=1)


def sync(store, time, *configured):
    store.write_now(polls.sync_sources, configured, time.now)


def names(claims):
    return [claim.source for claim in claims]


def farm(count, *, hosts):
    """So many sources, spread evenly over so many hosts."""
    return [a_source(f"s{n:02}", f"https://h{n % hosts}.example/{n}") for n in range(count)]


def test_a_new_source_is_due_at_once_and_held_by_whoever_claims_it(store, time):
    sync(store, time, a_source())
    (held,) = claim(store, time)
    assert (held.source, held.fence) == ("ozero", 1)
    assert held.until.tzinfo is UTC
    assert abs(held.until - time.now - LEASE) < 60 * SECOND
    assert claim(store, time) == []


def test_a_lease_runs_out_by_itself(store, time):
    sync(store, time, a_source())
    claim(store, time)
    time.passes(LEASE + SECOND)
    (again,) = claim(store, time, owner="two")
    assert again.fence == 2


def test_a_source_is_due_again_when_its_poll_said_so(store, time):
    sync(store, time, a_source())
    commit(store, time, an_outcome(time.now))
    assert claim(store, time) == []
    time.passes(HOUR - timedelta(minutes=1))
    assert claim(store, time) == []
    time.passes(timedelta(minutes=2))
    assert names(claim(store, time)) == ["ozero"]


def test_the_longest_due_come_first_and_no_more_than_asked_for(store, time):
    for name in ("c", "a", "b"):
        sync(store, time, *(a_source(n) for n in "cab"[: "cab".index(name) + 1]))
        time.passes(SECOND)
    assert names(claim(store, time, limit=2)) == ["c", "a"]
    assert names(claim(store, time, limit=2)) == ["b"]


def test_only_the_sources_asked_for_are_claimed_and_their_schedule_may_be_ignored(store, time):
    sync(store, time, a_source("a"), a_source("b"))
    commit(store, time, an_outcome(time.now, source="a"))
    assert names(claim(store, time, only=["a"])) == []
    assert names(claim(store, time, only=["a"], ignore_schedule=True)) == ["a"]
    assert names(claim(store, time, only=["a", "unknown"], ignore_schedule=True)) == []
    assert names(claim(store, time, only=[])) == []


def test_as_many_may_be_asked_for_as_there_are(store, time):
    sync(store, time, a_source("a"))
    all_of_them = ["a", *(f"s{number}" for number in range(70_000))]  # a statement of PostgreSQL has 65,535 parameters
    assert store.read_now(polls.next_due_at, time.now, only=all_of_them) is not None
    assert names(claim(store, time, only=all_of_them)) == ["a"]


def test_one_host_lets_in_so_many_at_once_whoever_asks(store, time):
    sync(store, time, *farm(6, hosts=2))
    two = Pause(at_once=2, gap=timedelta(0))
    assert sorted(names(claim(store, time, pause=two))) == ["s00", "s01", "s02", "s03"]
    assert claim(store, time, pause=two) == []


def test_a_crowd_on_one_host_hides_nobody_who_is_due_behind_it(store, time):
    crowd = 3 * polls.WINDOW + 1
    sync(store, time, *farm(crowd, hosts=1))
    time.passes(SECOND)
    sync(store, time, *farm(crowd, hosts=1), a_source("bereg"), a_source("pristan"))
    assert names(claim(store, time, limit=3)) == ["s00", "bereg", "pristan"]
    assert claim(store, time, limit=3) == []


def test_a_source_that_left_the_configuration_is_in_nobodys_way(store, time):
    sync(store, time, *farm(3 * polls.WINDOW, hosts=9))
    sync(store, time, a_source())
    assert names(claim(store, time, limit=1)) == ["ozero"]
    assert store.read_now(polls.due, time.now) == {"ozero"}


def test_a_full_host_lets_the_next_in_when_one_is_done(store, time):
    sync(store, time, *farm(2, hosts=1))
    (first,) = claim(store, time)
    assert claim(store, time) == []
    store.write_now(polls.commit, an_outcome(time.now, source=first.source), first.fence, gap=timedelta(0))
    assert names(claim(store, time)) == ["s01"]


def test_a_gap_stands_between_two_requests_to_one_host_even_by_force(store, time):
    sync(store, time, *farm(3, hosts=1))
    slow = Pause(at_once=3, gap=timedelta(seconds=40))
    assert len(claim(store, time, limit=1, pause=slow)) == 1
    assert claim(store, time, pause=slow, force=True, ignore_schedule=True) == []
    time.passes(timedelta(seconds=41))
    (second,) = claim(store, time, limit=1, pause=slow)
    store.write_now(polls.commit, an_outcome(time.now, source=second.source), second.fence, gap=slow.gap)
    assert claim(store, time, pause=slow) == []
    time.passes(timedelta(seconds=41))
    assert names(claim(store, time, limit=1, pause=slow)) == ["s02"]


def test_a_host_with_a_gap_of_its_own_is_asked_one_thing_at_a_time_and_no_faster_and_others_are(store, time):
    sync(store, time, *farm(6, hosts=2))
    pause = Pause(at_once=3, gap=timedelta(0), gaps={"h0.example": HOUR / 2})
    first = claim(store, time, pause=pause)
    assert sorted(names(first)) == ["s00", "s01", "s03", "s05"]
    for held in first:
        host = f"h{int(held.source[1:]) % 2}.example"
        outcome = an_outcome(time.now, source=held.source)
        store.write_now(polls.commit, outcome, held.fence, gap=pause.gap_of(host))
    assert names(claim(store, time, pause=pause, ignore_schedule=True, only=["s02", "s04", "s05"])) == ["s05"]
    time.passes(HOUR / 2 + SECOND)
    assert names(claim(store, time, pause=pause, only=["s02", "s04"])) == ["s02"]


def test_a_claim_alone_keeps_others_from_a_host_for_its_own_gap(store, time):
    sync(store, time, *farm(2, hosts=1))
    pause = Pause(gap=timedelta(0), gaps={"h0.example": HOUR})
    (held,) = claim(store, time, pause=pause)
    store.write_now(polls.release, held)
    assert claim(store, time, pause=pause) == []
    time.passes(HOUR + SECOND)
    assert names(claim(store, time, pause=pause)) == ["s00"]


def test_a_host_that_asked_us_to_stay_away_is_left_alone_but_by_force(store, time):
    sync(store, time, *farm(2, hosts=1), a_source("other"))
    away = an_outcome(time.now, source="s00", ended="failed", status=429, host_pause=timedelta(minutes=30))
    commit(store, time, away)
    assert names(claim(store, time, ignore_schedule=True)) == ["other"]
    assert names(claim(store, time, force=True)) == ["s01"]
    time.passes(timedelta(minutes=31))
    assert names(claim(store, time)) == ["other", "s01"]  # their leases ran out too


def test_a_later_answer_never_shortens_what_the_host_asked_for(store, time):
    sync(store, time, *farm(2, hosts=1))
    commit(store, time, an_outcome(time.now, source="s00", host_pause=timedelta(hours=2)))
    (held,) = claim(store, time, only=["s01"], force=True)
    later = an_outcome(time.now, source="s01", host_pause=timedelta(minutes=1))
    store.write_now(polls.commit, later, held.fence, gap=timedelta(0))
    pause = store.read_now(sources.one, "s00").host_paused_until
    assert pause - time.now > timedelta(minutes=100)


def test_a_port_is_another_host_and_a_login_is_not():
    assert polls.host_of("https://me:secret@Ozero.Example:8443/rss") == "ozero.example:8443"
    assert polls.host_of("https://ozero.example/rss") == "ozero.example"


def test_a_zombie_writes_nothing(store, time):
    sync(store, time, a_source())
    (asleep,) = claim(store, time, owner="zombie")
    time.passes(LEASE + SECOND)
    (awake,) = claim(store, time, owner="two")
    late = an_outcome(time.now, a_change(an_item("late")), feed=Feed(title="of the zombie"), host_pause=HOUR)
    with pytest.raises(LeaseLost, match="ozero"):
        store.write_now(polls.commit, late, asleep.fence, gap=HOUR)
    row = store.read_now(sources.one, "ozero")
    assert (row.state.etag, row.feed, row.items, row.host_paused_until) == (None, None, 0, None)
    assert store.read_now(sources.log_of, "ozero") == ()
    store.write_now(polls.commit, an_outcome(time.now, a_change(an_item("right"))), awake.fence, gap=HOUR)
    assert store.read_now(sources.one, "ozero").items == 1


def test_a_claim_that_ran_out_unnoticed_is_still_good(store, time):
    sync(store, time, a_source())
    (held,) = claim(store, time)
    time.passes(LEASE + SECOND)
    store.write_now(polls.commit, an_outcome(time.now), held.fence, gap=HOUR)


def test_a_claim_is_good_for_one_commit(store, time):
    sync(store, time, a_source())
    (held,) = claim(store, time)
    store.write_now(polls.commit, an_outcome(time.now), held.fence, gap=HOUR)
    with pytest.raises(LeaseLost):
        store.write_now(polls.commit, an_outcome(time.now, document=2), held.fence, gap=HOUR)
    assert store.read_now(polls.state_of, "ozero").document == 1


def test_a_released_source_is_free_at_once_and_its_claim_is_spent(store, time):
    sync(store, time, a_source())
    (held,) = claim(store, time)
    store.write_now(polls.release, held)
    with pytest.raises(LeaseLost):
        store.write_now(polls.commit, an_outcome(time.now), held.fence, gap=HOUR)
    (again,) = claim(store, time)
    store.write_now(polls.release, held)  # an old claim frees nothing
    assert claim(store, time) == []
    assert again.fence == 2


def test_what_was_remembered_comes_back_equal_and_aware(store, time):
    sync(store, time, a_source())
    assert store.read_now(polls.state_of, "unknown") == PollState()
    outcome = an_outcome(time.now, document=7)
    remembered = replace(outcome.state, failures=3, problem_since=time.now - HOUR)
    commit(store, time, replace(outcome, state=remembered))
    held = store.read_now(polls.state_of, "ozero")
    assert held == replace(remembered, next_poll_at=outcome.due.at)
    assert held.next_poll_at.tzinfo is UTC


def test_a_source_that_was_removed_is_kept_but_not_polled(store, time):
    sync(store, time, a_source("a"), a_source("b"))
    sync(store, time, a_source("b"))
    assert names(claim(store, time)) == ["b"]
    assert [(row.id, row.enabled) for row in store.read_now(sources.every)] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([a_source(url="https://ozero.example/feed")], id="changed url"),
        pytest.param([a_source(url="https://pole.example/feed")], id="changed host"),
    ],
)
def test_another_url_is_first_contact_again(store, time, changes):
    stored(store, time, an_item())
    sync(store, time, *changes)
    row = store.read_now(sources.one, "ozero")
    assert replace(row.state, next_poll_at=None) == PollState()
    assert (row.url, row.ended, row.feed, row.items) == (changes[0].url, None, None, 1)
    assert names(claim(store, time)) == ["ozero"]


def test_enabling_again_is_first_contact_again(store, time):
    stored(store, time, an_item())
    sync(store, time)
    sync(store, time, a_source())
    assert store.read_now(polls.state_of, "ozero").document == 0
    assert names(claim(store, time)) == ["ozero"]


def test_an_unchanged_source_is_left_as_it_is(store, time):
    stored(store, time, an_item())
    before = store.read_now(sources.one, "ozero")
    sync(store, time, a_source())
    assert store.read_now(sources.one, "ozero") == before


@pytest.mark.parametrize(
    "now_configured",
    [pytest.param([], id="removed"), pytest.param([a_source(url="https://ozero.example/feed")], id="moved")],
)
def test_a_poll_under_way_is_refused_when_its_source_was_removed_or_moved(store, time, now_configured):
    sync(store, time, a_source())
    (held,) = claim(store, time)
    sync(store, time, *now_configured)
    with pytest.raises(LeaseLost):
        store.write_now(polls.commit, an_outcome(time.now, a_change(an_item())), held.fence, gap=HOUR)
    assert store.read_now(sources.one, "ozero").items == 0


def test_the_next_source_is_due_when_schedule_lease_and_host_allow(store, time):
    assert store.read_now(polls.next_due_at, time.now) is None
    sync(store, time, *farm(2, hosts=2))

    def wait(**more):
        return (store.read_now(polls.next_due_at, time.now, **more) - time.now).total_seconds()

    assert wait() == pytest.approx(0, abs=5)
    commit(store, time, an_outcome(time.now, source="s00"))
    (held,) = claim(store, time)
    assert held.source == "s01"
    assert wait() == pytest.approx(LEASE.total_seconds(), abs=5)
    assert wait(only=["s00"]) == pytest.approx(3600, abs=5)
    assert wait(only=["s00"], ignore_schedule=True) == pytest.approx(0, abs=5)
    paused = an_outcome(time.now, source="s01", host_pause=2 * HOUR)
    store.write_now(polls.commit, paused, held.fence, gap=timedelta(0))
    assert wait(only=["s01"]) == pytest.approx(7200, abs=5)
    assert wait(only=["s01"], force=True) == pytest.approx(3600, abs=5)
    assert wait() == pytest.approx(3600, abs=5)


def test_all_that_a_poll_found_out_can_be_shown(store, time):
    keys = stored(store, time, an_item("1"), an_item("2"))
    row = store.read_now(sources.one, "ozero")
    assert (row.ended, row.status, row.items, row.flaws, row.why) == ("changed", 200, 2, 0, "a quiet source")
    assert row.terms == {"rhythm": 0.5, "floor": "15 min"}
    assert row.feed == an_outcome(time.now).feed
    assert row.last_new_at == store.read_now(items.by_key, keys[0]).first_seen_at
    assert store.read_now(sources.every) == [row]
    assert store.read_now(sources.one, "unknown") is None


def test_a_failure_keeps_what_the_last_document_said(store, time):
    flaws = tuple(Flaw(code="item-without-id", where=f"item {n}", detail="Без id") for n in range(150))
    stored(store, time, an_item(), flaws=flaws)
    why = {"kind": "timeout", "problem": "no answer within 30 s", "hint": "is it online?", "status": None}
    commit(store, time, an_outcome(time.now, ended="failed", flaws=None, feed=None, **why))
    row = store.read_now(sources.one, "ozero")
    assert (row.kind, row.problem, row.hint) == ("timeout", "no answer within 30 s", "is it online?")
    assert (row.flaws, row.feed.title) == (150, "Озеро")
    assert store.read_now(sources.flaws_of, "ozero") == flaws[:100]
    commit(store, time, an_outcome(time.now, ended="not-modified", flaws=None, feed=None))
    assert store.read_now(sources.one, "ozero").problem == ""


def test_the_log_keeps_the_newest_hundred_polls_of_each_source(store, time):
    stored(store, time, an_item("x"), source="other")
    sync(store, time, a_source("other"), a_source())
    for n in range(103):
        commit(store, time, an_outcome(time.now, took=n * SECOND, bytes_read=n))
    lines = store.read_now(sources.log_of, "ozero", 1000)
    assert [line.bytes_read for line in lines] == list(range(102, 2, -1))
    assert lines[0].took == 102 * SECOND
    assert [(line.new, line.ended, line.at.tzinfo) for line in store.read_now(sources.log_of, "other")] == [
        (1, "changed", UTC)
    ]


def test_words_that_an_engine_refuses_cost_no_poll(store, time):
    item = replace(an_item("1\0"), title="Озеро\0 \udfff")
    (key,) = stored(store, time, item, problem="\0", flaws=(Flaw(code="a", where="\ud800"),))
    assert store.read_now(items.by_key, key).item.title == "Озеро\ufffd ?"


def test_an_id_or_link_of_any_length_is_stored(store, time):
    long = "https://ozero.example/?" + "".join(f"{n:x}" for n in range(5000))
    (key,) = stored(store, time, an_item(long, link=long))
    assert store.read_now(items.by_key, key).item.link == long
    assert [item.key for item in store.read_now(items.by_url, long)] == [key]


def drain(store, time, owner, start):
    """Claim in small bites until there is nothing left, as a daemon does."""
    start.wait()
    mine = []
    while some := claim(store, time, limit=3, pause=Pause(at_once=100, gap=timedelta(0)), owner=owner):
        mine += names(some)
    return mine


def test_two_daemons_never_share_a_source(url, store, time):
    sync(store, time, *farm(60, hosts=60))
    other = Store.open(url)
    start = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda args: drain(*args), [(store, time, "one", start), (other, time, "two", start)]))
    other.close()
    assert len(both[0]) + len(both[1]) == len({*both[0], *both[1]})
    # one that finds all free hosts locked stops early and would come back at its next tick
    assert len({*both[0], *both[1], *drain(store, time, "one", threading.Barrier(1))}) == 60


def test_two_daemons_never_both_turn_to_one_host(url, store, time):
    sync(store, time, *farm(40, hosts=4))
    other = Store.open(url)
    start = threading.Barrier(2)

    def once(daemon):
        start.wait()
        return names(claim(daemon, time, limit=40, pause=QUICK))

    with ThreadPoolExecutor(2) as pool:
        both = [name for some in pool.map(once, [store, other]) for name in some]
    other.close()
    assert sorted(int(name[1:]) % 4 for name in both) == [0, 1, 2, 3]


def test_a_locked_host_is_passed_over_and_not_waited_for(postgresql_url):
    store, other = Store.open(postgresql_url), Store.open(postgresql_url)
    time = Time(store)
    sync(store, time, *farm(2, hosts=2))
    locked, done = threading.Event(), threading.Event()

    def hold(conn):
        conn.execute(text("SELECT * FROM host_state WHERE host = 'h0.example' FOR UPDATE"))
        locked.set()
        done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(other.write_now, hold)
        locked.wait(60)
        assert names(claim(store, time)) == ["s01"]
        done.set()
        holding.result()
    assert names(claim(store, time)) == ["s00"]
    store.close()
    other.close()


def test_postgresql_goes_by_its_own_clock(postgresql_url):
    store = Store.open(postgresql_url)
    time = Time(store)
    sync(store, time, a_source())
    long_ago = store.write_now(
        polls.claim_due, limit=1, lease=LEASE, owner="a", now=NOON.replace(year=1999), pause=QUICK
    )
    assert abs(long_ago[0].until - time.now) < 2 * LEASE
    far = NOON.replace(year=2999)
    assert store.write_now(polls.claim_due, limit=1, lease=LEASE, owner="b", now=far, pause=QUICK) == []
    store.close()


def test_a_due_moment_without_a_zone_is_refused(store, time):
    sync(store, time, a_source())
    naive = Due(at=time.now.replace(tzinfo=None), interval=HOUR, why="")
    with pytest.raises(Exception, match="without a zone"):
        commit(store, time, an_outcome(time.now, due=naive))
    assert store.read_now(meta.stats).failing == 0


def test_another_way_of_asking_forgets_the_validators_and_nothing_else(store, time):
    """P06: another login may see another document; but it is the same source, so this is no first contact."""
    stored(store, time, an_item())
    before = store.read_now(polls.state_of, "ozero")
    assert before.etag
    sync(store, time, replace(a_source(), access=Access(basic="me:secret")))
    after = store.read_now(polls.state_of, "ozero")
    assert after == replace(before, etag=None, last_modified=None, body_sha256=None)


def test_a_store_from_before_ways_of_asking_were_noted_keeps_its_validators(store, time):
    """P01: an upgrade must not cost every publisher a whole document."""
    stored(store, time, an_item())
    before = store.read_now(polls.state_of, "ozero")
    store.write_now(lambda conn: conn.execute(text("UPDATE source_state SET variant = NULL")))
    sync(store, time, a_source())
    assert store.read_now(polls.state_of, "ozero") == before


WAYS = [
    {"zone": "Europe/Kyiv"},
    {"zone_labels": "ignore"},
    {"future": "allow"},
    {"strip": Strip(phrases=("Поддержать",))},
    {"select": Select(item="li", title="a")},
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: next(iter(way)))
def test_another_way_of_reading_forgets_the_validators_and_nothing_else(store, time, way):
    stored(store, time, an_item())
    before = store.read_now(polls.state_of, "ozero")
    assert not before.reread
    sync(store, time, replace(a_source(), **way))
    after = store.read_now(polls.state_of, "ozero")
    assert after == replace(before, etag=None, last_modified=None, body_sha256=None)
    assert after.reread
    commit(store, time, an_outcome(time.now))
    sync(store, time, replace(a_source(), **way))
    assert not store.read_now(polls.state_of, "ozero").reread


def test_each_way_of_reading_is_told_from_the_others_and_from_none():
    ways = [polls.variant_of(replace(a_source(), **way)) for way in ({}, *WAYS)]
    assert len(set(ways)) == len(ways)
    # What is looked at when items are curated (R11), or never, is none.
    others = {"language": "uk", "section": "lake", "priority": 2.0, "full_text": True, "title": "Озеро"}
    assert polls.variant_of(replace(a_source(), **others)) == ways[0]


def test_the_fingerprint_of_a_source_stays():
    """P01: it is written down here, so that no release changes it and costs every publisher a whole document."""
    assert polls.variant_of(a_source()).hex()[:16] == "00b85ac0f933e0af"
    assert polls.variant_of(replace(a_source(), zone="Europe/Kyiv")).hex()[:16] == "497a062ff68d8793"


def test_an_adopted_address_moves_the_politeness_to_its_host(store, time):
    sync(store, time, a_source("a", "https://old.example/1"), a_source("b", "https://new.example/2"))
    outcome = an_outcome(time.now, source="a")
    commit(store, time, replace(outcome, state=replace(outcome.state, adopted_url="https://new.example/1")))
    hosts = store.read_now(lambda conn: dict(conn.execute(text("SELECT id, host FROM source_state")).all()))
    assert hosts == {"a": "new.example", "b": "new.example"}


def test_what_was_overdue_after_a_downtime_comes_later_and_says_why(store, time):
    sync(store, time, *farm(3, hosts=3))
    for name in ("s00", "s01"):  # the third waits for its first poll
        commit(store, time, an_outcome(time.now, source=name))  # due in an hour
    time.passes(3 * HOUR)
    overdue = store.read_now(polls.overdue, time.now - HOUR)
    assert overdue == ["s00", "s01"]
    store.write_now(polls.put_off, {"s00": time.now + SECOND, "s01": time.now + HOUR}, "we were away")
    assert names(claim(store, time)) == ["s02"]
    time.passes(2 * SECOND)
    assert names(claim(store, time)) == ["s00"]
    assert store.read_now(sources.one, "s01").why == "we were away"


def test_a_host_remembers_what_it_bears(store, time):
    sync(store, time, *farm(2, hosts=1))
    assert store.read_now(polls.burden_of, "s00") == Burden(sources=2)
    judged = Burden(price=2.0, penalty=4.0, penalty_at=time.now, silences=3)
    commit(store, time, an_outcome(time.now, source="s00", burden=judged))
    burden = store.read_now(polls.burden_of, "s01")
    assert (burden.price, burden.penalty, burden.penalty_at) == (2.0, 4.0, judged.penalty_at)
    assert (burden.silences, burden.sources) == (3, 2)
    assert len(burden.intervals) == 1
    assert store.read_now(polls.burden_of, "nobody") == Burden()
