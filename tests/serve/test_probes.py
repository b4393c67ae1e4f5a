"""The probes tell the process from what it has to hand out."""

from __future__ import annotations

import json

import pytest
from serve_making import Stand, ask, serving

from aggregator.serve import Health


@pytest.fixture(scope="module")
def probed():
    stand = Stand()
    with serving(stand.app()) as server:
        yield stand, server


@pytest.mark.parametrize(
    ("health", "alive", "ready"),
    [
        pytest.param(Health(ready=True), (200, {"status": "ok"}), (200, {"status": "ready"}), id="well"),
        pytest.param(
            Health(ready=False, why="the feeds are not loaded yet"),
            (200, {"status": "ok", "why": "the feeds are not loaded yet"}),
            (503, {"status": "not ready", "why": "the feeds are not loaded yet"}),
            id="starting",
        ),
        pytest.param(
            Health(ready=False, live=False, why="остановка"),
            (503, {"status": "failing", "why": "остановка"}),
            (503, {"status": "not ready", "why": "остановка"}),
            id="beyond help",
        ),
        pytest.param(
            Health(ready=True, why="config/topics.yaml has a mistake, the old one stays"),
            (200, {"status": "ok", "why": "config/topics.yaml has a mistake, the old one stays"}),
            (200, {"status": "ready", "why": "config/topics.yaml has a mistake, the old one stays"}),
            id="well, with a remark",
        ),
    ],
)
def test_healthz_is_about_the_process_and_readyz_about_readers(probed, health, alive, ready):
    stand, server = probed
    stand.health = health
    for path, (status, said) in (("/healthz", alive), ("/readyz", ready)):
        reply = ask(server, "GET", path)
        assert (reply.status, json.loads(reply.body)) == (status, said)
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert reply.headers["cache-control"] == "no-store"
