"""What our own hub takes for a wish, and with which sentence it refuses what is none."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from aggregator.model import Wish
from aggregator.push.asking import LEASE, LONGEST_LEASE, SHORTEST_LEASE, Unwanted, read

TOPIC = "https://feeds.example/feeds/sea.atom"
CALLBACK = "https://reader.example/push?id=7&hub.mode=odd"
ADDRESSES = {TOPIC: ("sea", "atom")}


def form(**fields):
    said = {"mode": "subscribe", "topic": TOPIC, "callback": CALLBACK} | fields
    return urlencode({f"hub.{name}": value for name, value in said.items() if value is not None}).encode()


def test_a_wish_is_read():
    assert read(form(secret="тайна", lease_seconds="86400", unknown="x"), ADDRESSES) == Wish(
        callback=CALLBACK,
        address=TOPIC,
        topic="sea",
        format="atom",
        mode="subscribe",
        secret="тайна",
        lease=timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("said", "granted"),
    [
        pytest.param(None, LEASE, id="nothing"),
        pytest.param("", LEASE, id="empty"),
        pytest.param("3600", timedelta(hours=1), id="an hour"),
        pytest.param("0", SHORTEST_LEASE, id="too short"),
        pytest.param("31536000", LONGEST_LEASE, id="a year"),
        pytest.param("9" * 400, LONGEST_LEASE, id="absurd"),
    ],
)
def test_a_lease_is_granted_within_bounds(said, granted):
    assert read(form(lease_seconds=said), ADDRESSES).lease == granted


def test_the_lease_of_who_wants_to_leave_does_not_count():
    assert read(form(mode="unsubscribe", lease_seconds="soon"), ADDRESSES).mode == "unsubscribe"


@pytest.mark.parametrize("secret", ["", None])
def test_an_empty_secret_is_none(secret):
    assert read(form(secret=secret), ADDRESSES).secret is None


def test_a_secret_of_199_bytes_is_taken():
    assert read(form(secret="s" * 199), ADDRESSES).secret == "s" * 199


@pytest.mark.parametrize("field", ["topic", "url"])
def test_a_ping_about_a_feed_of_ours_is_no_wish(field):
    assert read(urlencode({"hub.mode": "publish", f"hub.{field}": TOPIC}).encode(), ADDRESSES) is None


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        pytest.param(form(mode=None), 400, "hub.mode must be", id="no mode"),
        pytest.param(form(mode="denied"), 400, "hub.mode must be", id="a mode that is ours to use"),
        pytest.param(form(topic=None), 400, "hub.topic is missing", id="no topic"),
        pytest.param(form(topic=TOPIC + "?"), 404, "own feeds only", id="a topic that is not exact"),
        pytest.param(form(topic="https://other.example/"), 404, "own feeds only", id="a topic of others"),
        pytest.param(form(mode="publish", topic="https://other.example/"), 404, "own feeds only", id="news of others"),
        pytest.param(form(callback=None), 400, "hub.callback is missing", id="no callback"),
        pytest.param(form(callback="ftp://reader.example/"), 400, "http or https", id="another scheme"),
        pytest.param(form(callback="//reader.example/"), 400, "http or https", id="no scheme"),
        pytest.param(form(callback="https:///push"), 400, "http or https", id="no host"),
        pytest.param(form(callback="https://reader.example:99999/"), 400, "http or https", id="no port that there is"),
        pytest.param(form(callback="https://reader.example/#a"), 400, "http or https", id="a fragment"),
        pytest.param(form(callback="https://reader.example/a b"), 400, "http or https", id="a blank"),
        pytest.param(form(callback="https://reader.example/\r\nX: y"), 400, "http or https", id="a line break"),
        pytest.param(form(callback="https://a\\@reader.example/"), 400, "http or https", id="a backslash"),
        pytest.param(form(callback="https://a:b@reader.example/"), 400, "login", id="a login"),
        pytest.param(form(callback="https://reader.example/" + "a" * 2048), 400, "longer than", id="too long"),
        pytest.param(form(secret="s" * 200), 400, "longer than 199", id="a secret of 200 bytes"),
        pytest.param(form(secret="т" * 100), 400, "longer than 199", id="a secret of 100 letters in 200 bytes"),
        pytest.param(form(secret="a\0b"), 400, "NUL", id="a NUL"),
        pytest.param(form(lease_seconds="-5"), 400, "whole number", id="a negative lease"),
        pytest.param(form(lease_seconds="soon"), 400, "whole number", id="a lease in words"),
        pytest.param(b"\xff\xfe", 400, "UTF-8", id="no UTF-8"),
        pytest.param(b"hub.topic=%ff", 400, "UTF-8", id="no UTF-8 in an escape"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(60)), 400, "form", id="too many fields"),
        pytest.param(b"", 400, "hub.mode", id="nothing"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(body, status, sentence):
    with pytest.raises(Unwanted, match=sentence) as caught:
        read(body, ADDRESSES)
    assert caught.value.status == status
    assert caught.value.sentence.endswith(".")
