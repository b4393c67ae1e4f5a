"""/metrics: who may see it, what is in it, and that nobody's words ever become a label."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from serve_making import ADDRESSES, NOON, Stand, ask, documents, serving

from aggregator import __version__, log, metrics, report
from aggregator.errors import StoreError
from aggregator.model import STATES, Due, PollOutcome, PollState, Source
from aggregator.serve.metrics import may_ask, measure
from aggregator.store.gauges import Gauges

GUIDE = Path(__file__).parents[2] / "docs/guide/running-as-a-daemon.md"
SERIES = re.compile(r'([a-z_]+)(?:\{([a-z]+)="([^"]*)"(?:,([a-z]+)="([^"]*)")?\})? (\S+)')


def series() -> dict[tuple[str, ...], float]:
    """Return all numbers by name and labels' values."""
    lines = [line for line in metrics.text().decode().splitlines() if not line.startswith("#")]
    found = [SERIES.fullmatch(line) for line in lines]
    assert all(found), lines
    return {tuple(filter(None, (m[1], m[3], m[5]))): float(m[6]) for m in found}


def grown(before: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """Return what has been counted since, without the process's own numbers and the buckets."""
    now = series()
    return {
        name: now[name] - before.get(name, 0)
        for name in now
        if now[name] != before.get(name, 0) and not name[0].startswith("process_") and not name[0].endswith("_bucket")
    }


@pytest.fixture(scope="module")
def watched():
    stand = Stand()
    stand.shelf.put(documents())
    with serving(stand.app()) as server:
        yield stand, server


def test_this_machine_sees_the_numbers_as_they_are_at_that_moment(watched):
    stand, server = watched
    asked = stand.measured
    reply = ask(server, "GET", "/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert b"\naggregator_config_ok 1.0\n" in reply.body
    assert b"\nprocess_resident_memory_bytes " in reply.body
    assert stand.measured == asked + 1
    assert ask(server, "HEAD", "/metrics").body == b""
    assert ask(server, "POST", "/metrics").status == 405


@pytest.mark.parametrize(
    ("peer", "allow", "may"),
    [
        pytest.param("127.0.0.1", (), True, id="loopback"),
        pytest.param("127.9.9.9", (), True, id="all of loopback"),
        pytest.param("::1", (), True, id="loopback, IPv6"),
        pytest.param("::ffff:127.0.0.1", (), True, id="loopback on a socket for both"),
        pytest.param("192.0.2.7", (), False, id="a stranger"),
        pytest.param("10.0.0.1", (), False, id="a private network is no loopback"),
        pytest.param("::ffff:192.0.2.7", (), False, id="a stranger on a socket for both"),
        pytest.param("172.20.0.3", ("172.16.0.0/12",), True, id="in a network that may"),
        pytest.param("::ffff:172.20.0.3", ("172.16.0.0/12",), True, id="in a network that may, on a socket for both"),
        pytest.param("172.32.0.1", ("172.16.0.0/12", "2001:db8::/32"), False, id="beside it"),
        pytest.param("2001:db8::7", ("172.16.0.0/12", "2001:db8::/32"), True, id="in a network of IPv6"),
        pytest.param("fe80::1%eth0", ("fe80::/10",), True, id="with its interface"),
        pytest.param("", ("0.0.0.0/0",), False, id="nobody, as over a Unix socket"),
        pytest.param("localhost", ("0.0.0.0/0",), False, id="a name"),
    ],
)
def test_who_may_ask_is_decided_by_the_peers_address(peer, allow, may):
    assert may_ask(peer, allow) is may


async def test_a_stranger_gets_what_stands_where_nothing_is_whatever_his_headers_say():
    stand = Stand()
    app = stand.app()
    lies = [(b"x-forwarded-for", b"127.0.0.1"), (b"forwarded", b"for=127.0.0.1"), (b"x-real-ip", b"127.0.0.1")]
    nowhere = await sent(app, "/nowhere", "192.0.2.7")
    for method in ("GET", "POST", "OPTIONS"):
        assert await sent(app, "/metrics", "192.0.2.7", *lies, method=method) == nowhere
    assert await sent(app, "/metrics", None) == nowhere
    assert stand.measured == 0
    stand.allow = ("192.0.2.0/24",)  # a reload shows at once
    assert (await sent(app, "/metrics", "192.0.2.7"))[0] == 200


async def sent(app, path, peer, *headers, method="GET"):
    """Return status and body of a request from an address that no test can really come from."""
    told = []

    async def send(message):
        told.append(message)

    client = (peer, 40_000) if peer else None
    scope = {"type": "http", "method": method, "path": path, "headers": list(headers), "client": client}
    await app(scope, None, send)
    return told[0]["status"], told[1]["body"]


def test_answers_are_counted_by_kind_and_class_of_status(watched):
    _, server = watched
    before = series()
    for path in (
        ADDRESSES["atom"],
        ADDRESSES["rss"],
        "/feeds/none.atom",
        ADDRESSES["html"],
        "/",
        "/healthz",
        "/nowhere",
    ):
        ask(server, "GET", path)
    etag = ask(server, "GET", ADDRESSES["json"]).headers["etag"]
    ask(server, "GET", ADDRESSES["json"], if_none_match=etag)
    name = "aggregator_http_answers_total"
    assert grown(before) == {
        (name, "feed", "2xx"): 3,
        (name, "feed", "3xx"): 1,
        (name, "feed", "4xx"): 1,
        (name, "page", "2xx"): 2,
        (name, "other", "2xx"): 1,
        (name, "other", "4xx"): 1,
    }


def test_a_poll_a_batch_and_a_topic_are_counted_once():
    before = series()
    metrics.polled(ended="changed", new=3, changed=1, bytes_read=41_822, took_s=0.4)
    metrics.polled(ended="failed", new=0, changed=0, bytes_read=0, took_s=60)
    metrics.curated(items=4, copies=2, retold=3)
    metrics.published(skipped=1, took_s=0.02)
    assert grown(before) == {
        ("aggregator_polls_total", "changed"): 1,
        ("aggregator_polls_total", "failed"): 1,
        ("aggregator_items_total", "new"): 3,
        ("aggregator_items_total", "changed"): 1,
        ("aggregator_fetched_bytes_total",): 41_822,
        ("aggregator_poll_seconds_count",): 2,
        ("aggregator_poll_seconds_sum",): pytest.approx(60.4),
        ("aggregator_items_curated_total",): 4,
        ("aggregator_copies_total",): 2,
        ("aggregator_retold_total",): 3,
        ("aggregator_publications_total",): 1,
        ("aggregator_publish_seconds_count",): 1,
        ("aggregator_publish_seconds_sum",): pytest.approx(0.02),
        ("aggregator_entries_skipped_total",): 1,
    }


def test_a_refused_configuration_shows_until_a_right_one_came():
    for right in (False, True):
        metrics.config_ok(right)
        assert series()["aggregator_config_ok",] == right


class Answers:
    """A store that answers, or does not."""

    def __init__(self, answer):
        self.answer = answer

    async def read(self, _statement, _now):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_store_that_does_not_answer_is_a_number_too_and_the_last_ones_stand():
    late = timedelta(seconds=90)
    said = Gauges(
        sources=dict.fromkeys(STATES, 0) | {"well": 7, "failing": 1},
        uncurated=4,
        dirty=2,
        late=late,
        size_bytes=4096,
        wal_bytes=512,
        subscribers=3,
        letters=5,
    )
    await measure(Answers(said), None)
    gauges = (
        "items_uncurated",
        "topics_dirty",
        "due_lateness_seconds",
        "store_bytes",
        "store_wal_bytes",
        "subscribers",
        "letters_waiting",
    )
    names = ("store_ok", *gauges)
    shown = {name: series()[f"aggregator_{name}",] for name in names}
    assert shown == dict(zip(names, (1, 4, 2, 90, 4096, 512, 3, 5), strict=True))
    assert {name[1]: n for name, n in series().items() if name[0] == "aggregator_sources"} == {
        "well": 7,
        "failing": 1,
        "challenged": 0,
        "dead": 0,
        "gone": 0,
        "new": 0,
        "quiet": 0,
    }
    for trouble in (StoreError("the disk is full"), TimeoutError()):
        await measure(Answers(trouble), None)
        assert {name: series()[f"aggregator_{name}",] for name in names} == shown | {"store_ok": 0}


@pytest.fixture
def unlogged(logs):  # noqa: ARG001 - it ends what this begins
    log.set_up(level="critical")


@pytest.mark.usefixtures("unlogged")
def test_a_hundred_thousand_hosts_and_errors_make_no_new_series():
    """A59: whatever publishers call themselves, and whatever goes wrong with them."""
    before = series().keys()
    for number in range(100_000):
        source = Source(id=f"s{number}", url=f"https://host-{number}.example/feed")
        due = Due(at=NOON, interval=timedelta(hours=1), why=f"why {number}")
        failed = PollOutcome(
            source=source.id,
            at=NOON,
            ended="failed",
            state=PollState(failures=number),
            due=due,
            took=timedelta(seconds=number % 90),
            status=400 + number % 200,
            kind=f"kind-{number}",
            problem=f"problem {number}",
        )
        report.polled(source, failed)
        metrics.answered("feed", 200 + number % 400)
    grown_by = series().keys() - before
    assert {name for name, *_ in grown_by} <= {"aggregator_http_answers_total"}
    assert len(grown_by) <= 4  # classes of status that nobody was answered with before


def test_the_guide_names_every_number():
    ours = set(re.findall(r"^# TYPE (aggregator_\w+)", metrics.text().decode(), re.MULTILINE))
    assert ours <= set(re.findall(r"`(aggregator_\w+)`", GUIDE.read_text("utf-8")))


def test_every_label_has_a_fixed_set_of_values_and_no_name_of_anything_configured():
    """A59: whatever is done, no series is added that is not there, but for classes of answers and states of sources."""
    numbers = dict.fromkeys(("uncurated", "dirty", "late_s", "store_bytes", "wal_bytes", "subscribers", "letters"), 0)
    metrics.store_says(sources=dict.fromkeys(STATES, 1), **numbers)
    allowed = {
        "ended": set(metrics.ENDED),
        "was": set(metrics.RECEIVED) | set(get_args(metrics.Asked)),
        "letter": set(get_args(metrics.Letter)),
        "result": set(get_args(metrics.Arrived)),
        "change": {"new", "changed"},
        "work": set(get_args(metrics.Work)),
        "kind": set(get_args(metrics.Kind)),
        "status": {f"{number}xx" for number in range(1, 6)},
        "state": set(STATES),
        "version": {__version__},
    }
    labels = re.findall(r'([a-z]+)="([^"]*)"', metrics.text().decode())
    assert not {(name, value) for name, value in labels if name != "le" and value not in allowed[name]}
