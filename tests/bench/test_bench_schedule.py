"""The simulation: what is printed; that its worlds are fair; that it drives the product's own functions."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.schedule_page import svg, tables
from bench.schedule_rivals import Bounds, Seen, clairvoyant, commafeed, fixed, miniflux, newsblur
from bench.schedule_traces import AFTER, START, Trace, traces, tuned
from bench.schedule_world import SYSTEMS, Result, Way, at_requests, polled

ROOT = Path(__file__).parents[2]
WIDE = Bounds(1 / 12, 24.0)
RNG = random.Random(7)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "report.json"
    line = [sys.executable, "-m", "bench.schedule", "--quick", "--corpus", "/nowhere", "--json", str(path)]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(path.read_text("utf-8")), ended.stdout


def test_every_yardstick_is_compared_at_its_own_number_of_requests(report):
    figures, printed = report
    assert figures["seeds"] == 2
    assert {row["yardstick"] for row in figures["compared"]} <= set(SYSTEMS)
    assert len(figures["compared"]) >= 3
    for row in figures["compared"]:
        assert row["yardstick"] in printed
        assert row["mean"]["ours"] - row["mean"]["theirs"] == pytest.approx(row["mean"]["difference"])


def test_more_requests_find_news_sooner(report):
    for points in (*report[0]["frontier"].values(), report[0]["clairvoyant"]):
        ordered = sorted(points, key=lambda point: point["requests"])
        means = [point["mean"] for point in ordered]
        assert means == sorted(means, reverse=True)


def test_the_page_and_the_picture_are_printed_from_the_figures(report):
    figures, printed = report
    assert tables(figures).strip() == printed.strip()
    assert len(ET.fromstring(svg(figures)).findall(".//{*}polyline")) == len(figures["frontier"]) + 1


def test_traces_are_the_same_for_the_same_seed_sorted_and_split_in_halves():
    first, again = traces(None, 3, scale=0.2), traces(None, 3, scale=0.2)
    assert first == again != traces(None, 4, scale=0.2)
    assert all(trace.times == tuple(sorted(trace.times)) for trace in first)
    assert 0.2 < sum(map(tuned, first)) / len(first) < 0.8


def trace(*days: float, **more) -> Trace:
    claims = tuple(START + timedelta(days=day) for day in days)
    return Trace(name="t", kind="k", times=days, claims=claims, **more)


@pytest.mark.parametrize("name", ["ours", *SYSTEMS])
def test_every_way_keeps_its_bounds_and_finds_everything_once(name):
    source = trace(*(n / 7 for n in range(-200, 190)))
    found = polled(source, Way(name=name), 1)
    pauses = [(b - a) * 24 for a, b in zip(found.polls, found.polls[1:], strict=False)]
    assert min(pauses) >= 0.25 - 1e-9
    assert max(pauses) <= 24 * 1.25 + 1e-9
    after = [day for day in source.times if found.polls[0] < day <= found.polls[-1]]
    assert [day for day, _ in found.waits] == after
    assert all(0 <= wait <= 1.3 for _, wait in found.waits)


def test_what_is_pushed_out_of_the_document_unseen_is_lost():
    minutes = [n / 1440 for n in range(1, 600)]
    found = polled(trace(*minutes, holds=10), Way(name="fixed 60 min", floor=0.25), 1)
    assert found.lost == pytest.approx(500, abs=60)


def test_a_clairvoyant_comes_exactly_when_it_is_worth_it():
    assert clairvoyant([1.0, 1.1, 5.0], 1.0) == [1.1, 5.0]
    assert clairvoyant([1.0, 1.1, 5.0], 0.01) == [1.0, 1.1, 5.0]
    assert clairvoyant([1.0, 1.1, 5.0], 100.0) == [5.0]
    found = polled(trace(1.0, 2.0, 3.0), Way(name="clairvoyant", kappa=0.1), 1)
    assert len(found.polls) == 4
    assert [wait for _, wait in found.waits] == [0, 0, 0]


@pytest.mark.parametrize(
    ("rival", "seen", "hours"),
    [
        pytest.param(fixed(0.5), Seen(0, [], []), 0.5, id="fixed"),
        pytest.param(miniflux, Seen(0, [-1.0] * 14, []), 12, id="Miniflux: 14 a week"),
        pytest.param(miniflux, Seen(0, [], []), 24, id="Miniflux: none"),
        pytest.param(commafeed, Seen(0, [], [0, -4, -8]), 2, id="CommaFeed: half the mean gap"),
        pytest.param(commafeed, Seen(0, [], [-8 * 24.0]), 6, id="CommaFeed: silent for a week"),
        pytest.param(commafeed, Seen(0, [], [-31 * 24.0]), 24, id="CommaFeed: silent for a month"),
    ],
)
def test_the_yardsticks_do_what_their_systems_do(rival, seen, hours):
    assert rival(WIDE, RNG)(seen) == pytest.approx(hours)


@pytest.mark.parametrize(("month", "hours"), [(60, 0.75), (15, 3.0), (0, 24.0)], ids=["2 a day", "1 in 2 days", "none"])
def test_newsblur_goes_by_the_month_and_adds_up_to_a_quarter(month, hours):
    pause = newsblur(0.75, 6.0, 24.0)(WIDE, RNG)(Seen(0, [-24.0] * month, []))
    assert hours <= pause <= hours * 1.25


def test_a_frontier_is_read_between_its_points_and_not_beyond():
    def point(requests: float, mean: float) -> Result:
        none = dict.fromkeys(Result.__dataclass_fields__, 0)
        return Result(**(none | {"requests": requests, "mean": mean, "by_kind": {}}))

    curve = [point(40, 5), point(10, 20)]
    assert at_requests(curve, 20, "mean") == pytest.approx(10)
    assert at_requests(curve, 50, "mean") is None
    assert at_requests(curve, 20, "lost") == 0


def test_the_world_ends_when_it_should():
    assert polled(trace(0.5), Way(name="ours"), 1).polls[-1] < AFTER
