"""What we send to hubs and subscribers says what WebSub wants said."""

from __future__ import annotations

import hmac
import random
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from aggregator.model import Wish
from aggregator.push import letters, signature

TOPIC, HUB = "https://feeds.example/feeds/sea.atom", "https://feeds.example/hub"
WISH = Wish(
    callback="https://reader.example/push",
    address=TOPIC,
    topic="sea",
    format="atom",
    mode="subscribe",
    lease=timedelta(days=1),
)


def query(address):
    return parse_qsl(urlsplit(address).query)


def test_a_hub_is_told_in_both_ways_that_hubs_read():
    assert letters.ping(TOPIC) == [("hub.mode", "publish"), ("hub.url", TOPIC), ("hub.topic", TOPIC)]


def test_a_question_says_what_was_wished_for_and_for_how_long():
    assert query(letters.question(WISH, "c-1")) == [
        ("hub.mode", "subscribe"),
        ("hub.topic", TOPIC),
        ("hub.challenge", "c-1"),
        ("hub.lease_seconds", "86400"),
    ]


@pytest.mark.parametrize(
    ("callback", "beginning"),
    [
        pytest.param("https://r.example/push", "https://r.example/push?hub.mode=denied&", id="without a query"),
        pytest.param("https://r.example/?a=%7e&b", "https://r.example/?a=%7e&b&hub.mode=denied&", id="with a query"),
        pytest.param("https://r.example/?hub.mode=x", "https://r.example/?hub.mode=x&hub.mode=denied&", id="with ours"),
    ],
)
def test_the_query_of_a_callback_stays_as_it_is(callback, beginning):
    assert letters.denial(callback, TOPIC, "над").startswith(beginning)


def test_a_feed_names_its_hubs_and_itself_in_one_header():
    assert letters.links(TOPIC, [HUB, "https://other.example/"]) == (
        f'<{HUB}>; rel="hub", <https://other.example/>; rel="hub", <{TOPIC}>; rel="self"'
    )


def test_a_header_holds_no_letters_beyond_ascii():
    assert letters.links("https://новости.example/feeds/sea.atom", []).isascii()


@pytest.mark.parametrize("secret", [None, "тайна"])
def test_a_delivery_is_signed_for_whom_has_given_a_secret_and_for_nobody_else(secret):
    said = dict(letters.delivery(b"body", media_type="application/atom+xml", address=TOPIC, hub=HUB, secret=secret))
    assert said[b"Content-Type"] == b"application/atom+xml"
    assert said[b"Link"] == f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"'.encode()
    assert (b"X-Hub-Signature" in said) is (secret is not None)
    if secret:
        right = hmac.new(secret.encode(), b"body", "sha256").hexdigest()
        assert said[b"X-Hub-Signature"] == f"sha256={right}".encode()
        assert signature.judge(b"body", said[b"X-Hub-Signature"].decode(), secret) == "right"


@pytest.mark.parametrize(("failures", "minutes"), [(0, 1), (1, 2), (3, 8), (20, 60)])
def test_the_pause_doubles_up_to_an_hour(failures, minutes):
    pause = letters.again(failures, random.Random(1)) / timedelta(minutes=minutes)
    assert 0.8 <= pause <= 1.2
