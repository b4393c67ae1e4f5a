"""Whom we call back is asked once: whatever he answers is the answer, and he cannot send us elsewhere or hold us up."""

from __future__ import annotations

import pytest

from aggregator.errors import FetchError, SourceGone
from aggregator.lab.origin import Response
from aggregator.model import Source

NOBODY = Source(id="hub", url="", private=True)
HEADERS = [(b"Content-Type", b"text/plain"), (b"X-Hub-Signature", b"sha256=1")]


@pytest.fixture
def call(client):
    async def call(url, *, sent=None, allow=("127.0.0.0/8",)):
        async with client(allow=allow) as it:
            if sent is None:
                return await it.call(url, NOBODY)
            return await it.call(url, NOBODY, body=sent, headers=HEADERS)

    return call


@pytest.mark.parametrize("status", [200, 201, 202, 299])
async def test_a_question_returns_how_the_answer_begins(call, origin, status):
    url = origin.script("/callback?a=1", lambda _: Response(status=status, body=b"yes" * 5000))
    assert await call(url) == (b"yes" * 5000)[:4096]
    (request,) = origin.requests
    assert (request.method, request.target) == ("GET", b"/callback?a=1")
    assert request.header(b"user-agent") == b"aggregator/1.2 (+https://feeds.example/about)"


async def test_an_empty_answer_is_an_answer(call, origin):
    assert await call(origin.script("/callback", lambda _: Response(status=204))) == b""


async def test_a_body_is_sent_with_the_headers_that_describe_it(call, origin):
    assert await call(origin.script("/callback", lambda _: Response(status=202, body=b"thanks")), sent=b"news") == b""
    (request,) = origin.requests
    assert (request.method, request.body) == ("POST", b"news")
    assert request.header(b"content-type") == b"text/plain"
    assert request.header(b"x-hub-signature") == b"sha256=1"


@pytest.mark.parametrize("sent", [None, b"news"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 404, 410, 429, 500])
async def test_what_is_no_success_is_a_failure_and_no_redirect_is_followed(call, origin, status, sent):
    there = origin.script("/there", lambda _: Response(status=200))
    url = origin.script("/callback", lambda _: Response(status=status, headers=[(b"Location", there.encode())]))
    with pytest.raises(FetchError) as caught:
        await call(url, sent=sent)
    assert caught.value.status == status
    assert isinstance(caught.value, SourceGone) is (status == 410)
    assert len(origin.requests) == 1


async def test_how_long_to_stay_away_is_told(call, origin):
    url = origin.script("/callback", lambda _: Response(status=503, headers=[(b"Retry-After", b"120")]))
    with pytest.raises(FetchError) as caught:
        await call(url, sent=b"news")
    assert caught.value.retry_after.total_seconds() == 120


@pytest.mark.parametrize("sent", [None, b"news"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f.1"])
async def test_what_is_not_on_the_public_internet_is_not_called(call, origin, host, sent):
    with pytest.raises(FetchError) as caught:
        await call(f"http://{host}:{origin.port}/callback", sent=sent, allow=())
    assert caught.value.kind == "refused"
    assert origin.connections == 0


async def test_a_ping_may_go_in_the_open_for_there_is_nothing_secret_in_it(client, origin):
    url = origin.script("/hub", lambda _: Response(status=204)).replace("127.0.0.1", "localhost")
    async with client() as it:
        assert await it.post(url, [("hub.mode", "publish")], NOBODY, secret=False) == 204
