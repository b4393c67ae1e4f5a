"""Who fetches whole documents again and again is asked to wait; who asks as readers should never is."""

from __future__ import annotations

import asyncio

import pytest
from serve_making import Stand, documents

from aggregator.serve.throttle import KEPT, MOST, WITHIN_S, Throttle

FAR, OTHER = "5.9.1.1", "2a01:4f8::1"
PATH = "/feeds/sea.atom"


def counted(throttle, times, *, peer=FAR, path=PATH, now=0.0):
    return [throttle.wait(peer, path, now) for _ in range(times)]


def test_the_eleventh_whole_document_of_a_minute_has_to_wait_for_the_rest_of_it():
    throttle = Throttle()
    assert counted(throttle, MOST) == [0] * MOST
    assert throttle.wait(FAR, PATH, 20.0) == 40
    assert throttle.wait(FAR, PATH, 59.9) == 1
    assert throttle.wait(FAR, PATH, WITHIN_S) == 0


@pytest.mark.parametrize(
    ("peer", "path"),
    [
        pytest.param(OTHER, PATH, id="another peer"),
        pytest.param(FAR, "/feeds/lake.atom", id="another document"),
        pytest.param("127.0.0.1", PATH, id="a proxy on this machine"),
        pytest.param("10.1.2.3", PATH, id="a proxy in our network"),
        pytest.param("", PATH, id="nobody knows who"),
    ],
)
def test_nobody_waits_for_what_another_did(peer, path):
    throttle = Throttle()
    counted(throttle, 5 * MOST)
    assert counted(throttle, MOST, peer=peer, path=path) == [0] * MOST


def test_a_flood_of_peers_takes_no_more_room_than_it_may():
    throttle = Throttle()
    for number in range(KEPT + 50):
        throttle.wait(f"5.{number >> 16}.{number >> 8 & 255}.{number & 255}", PATH, 0.0)
    assert len(throttle._since) == KEPT


def asked(app, times, **headers):
    """Ask the application as a peer from afar would; return status and headers of each answer."""
    scope = {"type": "http", "method": "GET", "path": PATH, "client": (FAR, 4711), "query_string": b"", "headers": [
        (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
    ]}  # fmt: skip
    sent = []

    async def send(message):
        if message["type"] == "http.response.start":
            sent.append((message["status"], dict(message["headers"])))

    async def ask():
        for _ in range(times):
            await app(scope, None, send)

    asyncio.run(ask())
    return sent


@pytest.fixture
def app():
    stand = Stand()
    stand.shelf.put(documents())
    return stand.app()


def test_the_answer_says_how_long(app):
    *first, (status, headers) = asked(app, MOST + 1)
    assert {one for one, _ in first} == {200}
    assert status == 429
    assert 0 < int(headers[b"retry-after"]) <= WITHIN_S
    assert headers[b"cache-control"] == b"no-store"


def test_whoever_asks_with_what_he_has_is_never_kept_waiting(app):
    assert {status for status, _ in asked(app, 3 * MOST, if_none_match='"old"')} == {200}
    [(_, headers)] = asked(app, 1, if_none_match='"old"')
    known = asked(app, 3 * MOST, if_none_match=headers[b"etag"].decode())
    assert {status for status, _ in known} == {304}
