"""What hubs get for their questions and deliveries, over real HTTP."""

from __future__ import annotations

import pytest
from serve_making import Stand, ask, exchange, parse, serving

ID = "0" * 32
MOST = 1000  # bytes, as the stand allows


@pytest.fixture
def callback():
    stand = Stand()
    with serving(stand.app()) as server:
        yield stand, server


def deliver(server, body=b"<rss/>", *, path=f"/websub/{ID}", length=None, **headers):
    lines = [f"POST {path} HTTP/1.1", "Host: h", "Connection: close", f"Content-Length: {length or len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return parse(exchange(server, "\r\n".join(lines).encode() + b"\r\n\r\n" + body))


def test_a_question_gets_its_answer_and_no_browser_takes_it_for_a_page(callback):
    reply = ask(callback[1], "GET", f"/websub/{ID}?<script>")
    assert (reply.status, reply.body) == (200, b"<script>")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", [f"/websub/{'1' * 32}", "/websub/", "/websub/0", f"/websub/{ID}/a", "/websub"])
def test_at_an_address_of_nobody_there_is_nothing(callback, path):
    assert ask(callback[1], "GET", path).status == 404


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_hubs_ask_and_deliver_and_nothing_else(callback, method):
    reply = ask(callback[1], method, f"/websub/{ID}")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")


def test_a_delivery_is_handed_on_whole(callback):
    stand, server = callback
    reply = deliver(server, "<rss>Маяк</rss>".encode(), Content_Type="text/xml", X_Hub_Signature="sha1=00")
    assert (reply.status, reply.body) == (202, b"")
    ((name, delivery),) = stand.delivered
    assert name == ID
    assert (delivery.content_type, delivery.signature) == ("text/xml", "sha1=00")
    assert delivery.body == "<rss>Маяк</rss>".encode()


def test_a_delivery_without_anything_is_one_too(callback):
    stand, server = callback
    assert deliver(server, b"").status == 202
    assert [(one.signature, one.body) for _, one in stand.delivered] == [(None, b"")]


def test_a_delivery_to_nobody_is_answered_before_its_body_came(callback):
    stand, server = callback
    assert deliver(server, b"", path=f"/websub/{'1' * 32}", length=100).status == 410
    assert not stand.delivered


def test_a_delivery_that_nobody_expects_any_more_is_gone(callback):
    stand, server = callback
    stand.kept = False
    assert deliver(server).status == 410


def test_what_announces_too_much_is_refused_before_it_came(callback):
    stand, server = callback
    assert deliver(server, b"", length=100 * 2**20).status == 413
    assert not stand.delivered


def test_what_announces_nothing_is_refused_when_it_is_too_much(callback):
    stand, server = callback
    head = f"POST /websub/{ID} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"190\r\n" + b"a" * 0x190 + b"\r\n"
    assert parse(exchange(server, head.encode() + 3 * chunk + b"0\r\n\r\n")).status == 413
    assert parse(exchange(server, head.encode() + 2 * chunk + b"0\r\n\r\n")).status == 202
    assert [len(one.body) for _, one in stand.delivered] == [2 * 0x190]
