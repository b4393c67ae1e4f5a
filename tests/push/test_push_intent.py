"""What a hub asks, and what it is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from aggregator.model import Subscription
from aggregator.push import intent

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOPIC = "https://маяк.example/feed?a=1&b=2"


def held(state="asking"):
    return Subscription(
        id="0" * 32, source="mayak", hub="https://hub.example/", topic=TOPIC, secret="s", due_at=NOON, state=state
    )


def query(**fields):
    return urlencode({f"hub.{name}": value for name, value in fields.items()}).encode()


@pytest.mark.parametrize(
    ("state", "mode", "verdict"),
    [
        pytest.param("asking", "subscribe", "confirmed", id="what was asked for"),
        pytest.param("active", "subscribe", "confirmed", id="a renewal"),
        pytest.param("denied", "subscribe", "confirmed", id="a hub that thinks better of it"),
        pytest.param("leaving", "subscribe", "refused", id="what is not wanted any more"),
        pytest.param("leaving", "unsubscribe", "left", id="an end that was asked for"),
        pytest.param("active", "unsubscribe", "refused", id="an end that nobody asked for"),
        pytest.param("active", "denied", "denied", id="a denial"),
        pytest.param("leaving", "denied", "left", id="a denial of what is leaving anyway"),
        pytest.param("active", "publish", "refused", id="another mode"),
        pytest.param("active", "", "refused", id="no mode"),
    ],
)
def test_only_what_was_asked_for_is_confirmed(state, mode, verdict):
    question = intent.read(query(mode=mode, topic=TOPIC, challenge="echo"))
    assert intent.verdict(question, held(state)) == verdict


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"topic": "https://other.example/"}, id="another topic"),
        pytest.param({"topic": TOPIC + "/"}, id="almost the topic"),
        pytest.param({"topic": ""}, id="no topic"),
        pytest.param({"challenge": ""}, id="no challenge"),
    ],
)
def test_a_question_that_is_not_about_it_is_refused(fields):
    question = intent.read(query(**{"mode": "subscribe", "topic": TOPIC, "challenge": "echo", **fields}))
    assert intent.verdict(question, held()) == "refused"


def test_a_question_about_nothing_we_know_is_refused():
    assert intent.verdict(intent.read(query(mode="subscribe", topic=TOPIC, challenge="echo")), None) == "refused"


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        pytest.param("86400", timedelta(days=1), id="seconds"),
        pytest.param(" 60 ", timedelta(minutes=1), id="padded"),
        pytest.param("9" * 40, timedelta(seconds=10**9), id="absurd"),
        pytest.param("0", None, id="none at all"),
        pytest.param("-5", None, id="negative"),
        pytest.param("٦٠", None, id="digits of another script"),
        pytest.param("a day", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_lease_is_seconds_or_nothing_usable(said, lease):
    assert intent.read(query(lease_seconds=said)).lease == lease


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"&".join(b"a=%d" % n for n in range(1000)), id="a thousand fields"),
        pytest.param(b"%ff%fe=\xff&hub.mode", id="bytes"),
    ],
)
def test_a_query_that_means_nothing_asks_nothing(raw):
    assert intent.read(raw).mode == ""


def test_the_reason_of_a_denial_is_one_short_line():
    reason = intent.read(query(reason="Тема\n\nне наша " * 100)).reason
    assert reason.startswith("Тема не наша Тема")
    assert len(reason) <= 300
