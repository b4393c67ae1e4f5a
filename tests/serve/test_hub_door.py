"""/hub: forms are taken whole or not at all, and whoever asks wrongly is told in a sentence."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from serve_making import Stand, ask, documents, exchange, parse, serving, topic

from aggregator.pipeline import Reply
from aggregator.serve import Shelf

FORM = urlencode({"hub.mode": "subscribe", "hub.topic": "https://feeds.example.org/feeds/sea.atom"}).encode()


@pytest.fixture
def hub():
    stand = Stand()
    with serving(stand.app()) as server:
        yield stand, server


def post(server, body=FORM, *, kind="application/x-www-form-urlencoded", length=None):
    lines = ["POST /hub HTTP/1.1", "Host: h", "Connection: close"]
    lines += [f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    return parse(exchange(server, "\r\n".join(lines).encode() + b"\r\n\r\n" + body))


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "Application/X-WWW-form-urlencoded;a=b", None])
def test_a_form_is_taken_and_answered_at_once(hub, kind):
    stand, server = hub
    reply = post(server, kind=kind)
    assert (reply.status, reply.body, reply.headers["content-length"]) == (202, b"", "0")
    assert stand.asked == [FORM]


@pytest.mark.parametrize("status", [400, 404, 429, 503])
def test_what_is_refused_is_told_in_a_sentence(hub, status):
    stand, server = hub
    stand.reply = Reply(status=status, sentence="hub.topic is missing.")
    reply = post(server)
    assert (reply.status, reply.body) == (status, b"hub.topic is missing.\n")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert ("retry-after" in reply.headers) is (status in (429, 503))


def test_nothing_to_do_is_said_with_nothing(hub):
    stand, server = hub
    stand.reply = Reply(status=204)
    reply = post(server)
    assert (reply.status, reply.body) == (204, b"")
    assert "content-length" not in reply.headers


def test_where_there_is_no_hub_there_is_nothing(hub):
    stand, server = hub
    stand.reply = None
    assert post(server).status == 404


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "text/plain"])
def test_what_is_no_form_is_not_taken(hub, kind):
    stand, server = hub
    assert post(server, kind=kind).status == 415
    assert not stand.asked


def test_a_form_that_announces_too_much_is_refused_before_it_came(hub):
    stand, server = hub
    assert post(server, b"", length=100_000).status == 413
    assert not stand.asked


def test_a_form_that_breaks_off_is_not_taken(hub):
    stand, server = hub
    reply = exchange_and_leave(server, b"POST /hub HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhub.mode=")
    assert not stand.asked
    assert reply in (b"", None) or b"400" in reply


def exchange_and_leave(server, sent):
    import socket

    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_whoever_opens_it_is_told_what_it_is(hub, method):
    _, server = hub
    reply = ask(server, method, "/hub")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert (b"WebSub" in reply.body) is (method != "HEAD")


def test_feeds_name_their_hub_in_a_header_and_pages_and_private_ones_do_not():
    stand = Stand(topics={"sea": topic(), "diary": topic("diary", private=True)})
    stand.shelf = Shelf(
        lambda name: stand.topics[name].private,
        lambda name, kind: (
            f'<https://hub.example/>; rel="hub", <https://f.example/{name}.{kind}>; rel="self"'
            if kind != "html"
            else ""
        ),
    )
    stand.shelf.put([*documents(), *documents("diary")])
    with serving(stand.app()) as server:
        for kind in ("atom", "rss", "json"):
            reply = ask(server, "GET", f"/feeds/sea.{kind}")
            assert (
                reply.headers["link"]
                == f'<https://hub.example/>; rel="hub", <https://f.example/sea.{kind}>; rel="self"'
            )
            known = ask(server, "GET", f"/feeds/sea.{kind}", if_none_match=reply.headers["etag"])
            assert (known.status, known.headers["link"]) == (304, reply.headers["link"])
        assert "link" not in ask(server, "GET", "/topics/sea").headers
    private = stand.shelf.get("diary", "atom", private=True)
    assert all(name != b"link" for variant in private.variants.values() for name, _ in variant.full.headers)
