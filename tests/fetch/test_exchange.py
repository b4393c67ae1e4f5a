import asyncio
from datetime import timedelta
from itertools import cycle

import pytest

from aggregator.errors import FetchError, SourceGone
from aggregator.fetch.ask import Caller
from aggregator.lab.origin import Document, Response
from aggregator.model import PollState, Source

FEED = Document(body=b"<rss/>", content_type="application/rss+xml; charset=windows-1251")


def answers(*responses):
    """Each response once, and again from the first."""
    row = cycle(responses)
    return lambda _request: next(row)


@pytest.mark.parametrize(
    "etag",
    [
        pytest.param(b'"5f1d"', id="strong"),
        pytest.param(b'W/"5f1d"', id="weak"),
        pytest.param(b'"a b, c"', id="inner spaces"),
        pytest.param(b"5f1d", id="no quotes"),
        pytest.param('"Київ"'.encode(), id="UTF-8"),
        pytest.param(b'"\xca\xe8\xbf\xe2"', id="windows-1251"),
        pytest.param(b'"5f1d-gzip"', id="as Apache marks it"),
    ],
)
async def test_an_etag_comes_back_byte_for_byte(origin, fetch, etag):
    url = origin.serve("/feed.xml", Document(body=b"<rss/>", etag=etag))

    first = await fetch(url)
    second = await fetch(url, PollState(etag=first.etag))

    assert first.etag == etag
    assert origin.requests[-1].header(b"if-none-match") == etag
    assert (second.status, second.body) == (304, None)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(b"Sun, 01 Mar 2026 12:00:00 GMT", id="as it should be"),
        pytest.param(b"Sunday, 01-Mar-26 12:00:00 GMT", id="RFC 850"),
        pytest.param(b"Sun, 01 Mar 2026 14:00:00 EET", id="local zone"),
        pytest.param(b"0", id="zero"),
        pytest.param("вчора".encode(), id="words"),
    ],
)
async def test_a_last_modified_comes_back_byte_for_byte_even_if_it_is_bogus(origin, fetch, moment):
    url = origin.serve("/feed.xml", Document(body=b"<rss/>", last_modified=moment))

    first = await fetch(url)
    await fetch(url, PollState(last_modified=first.last_modified))

    assert first.last_modified == moment
    assert origin.requests[-1].header(b"if-modified-since") == moment


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        pytest.param(PollState(), (None, None), id="neither"),
        pytest.param(PollState(etag=b'"1"'), (b'"1"', None), id="etag"),
        pytest.param(PollState(last_modified=b"x"), (None, b"x"), id="last-modified"),
        pytest.param(PollState(etag=b'"1"', last_modified=b"x"), (b'"1"', b"x"), id="both"),
        pytest.param(PollState(etag=b"", last_modified=b""), (None, None), id="empty is none"),
    ],
)
async def test_a_validator_is_sent_only_if_it_was_given(origin, fetch, state, sent):
    await fetch(origin.serve("/feed.xml", FEED), state)
    request = origin.requests[-1]
    assert (request.header(b"if-none-match"), request.header(b"if-modified-since")) == sent


@pytest.mark.parametrize("status", [200, 304])
async def test_new_validators_are_taken_from_200_and_from_304_and_dropped_when_not_sent(origin, fetch, status):
    new = [(b"ETag", b'"2"'), (b"Last-Modified", b"later")]
    url = origin.script(
        "/feed.xml", answers(Response(status=status, headers=new, body=b"<rss/>"), Response(status=status, body=b"x"))
    )
    state = PollState(etag=b'"1"', last_modified=b"earlier")

    told, silent = await fetch(url, state), await fetch(url, state)

    assert (told.etag, told.last_modified) == (b'"2"', b"later")
    assert (silent.etag, silent.last_modified) == (None, None)


async def test_a_document_comes_with_its_type_its_url_and_its_size(origin, fetch):
    url = origin.serve("/feed.xml", FEED)
    got = await fetch(url)
    assert (got.status, got.url, got.body, got.bytes_read) == (200, url, b"<rss/>", 6)
    assert got.content_type == "application/rss+xml; charset=windows-1251"


async def test_the_request_has_our_headers_and_no_others(origin, fetch):
    await fetch(origin.serve("/feed.xml", FEED))
    request = origin.requests[-1]
    names = {name.lower() for name, _ in request.headers}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding"}
    assert request.header(b"user-agent") == b"aggregator/1.2 (+https://feeds.example/about; feed-id=ostrov)"
    assert request.header(b"accept-encoding") == b"gzip, br, zstd"
    accept = request.header(b"accept")
    for kind in (b"application/atom+xml", b"application/rss+xml", b"application/feed+json", b"*/*;q=0.1"):
        assert kind in accept
    assert (request.method, request.host) == ("GET", f"127.0.0.1:{origin.port}")


async def test_the_user_agent_says_how_many_read_it_where_that_is_known(origin, fetch):
    url = origin.serve("/feed.xml", FEED)
    await fetch(url, subscribers=12)
    await fetch(url)
    assert [request.header(b"user-agent") for request in origin.requests] == [
        b"aggregator/1.2 (+https://feeds.example/about; 12 subscribers; feed-id=ostrov)",
        b"aggregator/1.2 (+https://feeds.example/about; feed-id=ostrov)",
    ]


@pytest.mark.parametrize(
    ("contact", "agent"),
    [("https://feeds.example/about", "aggregator/1.2 (+https://feeds.example/about)"), ("", "aggregator/1.2")],
)
def test_the_user_agent_does_not_name_a_private_source(contact, agent):
    private = Source(id="ostrov", url="https://ostrov.example/rss", private=True)
    assert Caller(version="1.2", contact=contact).agent(private) == agent


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        pytest.param("", b"aggregator/1.2 (feed-id=ostrov)", id="none"),
        pytest.param("https://стрічки.example", b"(+https://%D1%81%D1%82", id="beyond ASCII"),
        pytest.param("a\r\nX-Evil: 1", b"(+a%0D%0AX-Evil:%201; feed-id=ostrov)", id="line break"),
    ],
)
async def test_no_contact_can_break_the_user_agent(origin, fetch, contact, agent):
    await fetch(origin.serve("/feed.xml", FEED), contact=contact)
    assert agent in origin.requests[-1].header(b"user-agent")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("/rss.asp?ID=7&b=&a", None, id="query"),
        pytest.param("/RSS/%d0%bd%D0%BE/%7Euser/%2f", None, id="escapes in any case"),
        pytest.param("/a/../b/./c//d", None, id="dots and doubled slashes"),
        pytest.param("/a{b}|c^d`e\\f\"g<h>i[j]'k", None, id="what httpx would escape"),
        pytest.param("/a;b=1,2!$*(3)+@:~", None, id="other punctuation"),
        pytest.param("/100%", None, id="a lone percent sign"),
        pytest.param("/rss?", None, id="empty query"),
        pytest.param(
            "/новини?тема=а б",
            b"/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8?%D1%82%D0%B5%D0%BC%D0%B0=%D0%B0%20%D0%B1",
            id="letters",
        ),
        pytest.param("/rss#top", b"/rss", id="fragment"),
        pytest.param("/rss?a#b?c", b"/rss?a", id="fragment with a question mark"),
        pytest.param("", b"/", id="nothing"),
        pytest.param("?a=1", b"/?a=1", id="query only"),
    ],
)
async def test_the_configured_path_is_sent_unchanged(origin, failure, path, sent):
    await failure(f"http://127.0.0.1:{origin.port}{path}")
    assert origin.requests[-1].target == (sent or path.encode())


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        pytest.param(201, "answers 201 Created: that does not answer what we asked", id="201"),
        pytest.param(204, "answers 204 No Content: there is no document in it", id="204"),
        pytest.param(205, "answers 205 Reset Content: there is no document in it", id="205"),
        pytest.param(206, "answers 206 Partial Content: that is a part of the document, and we asked", id="206"),
        pytest.param(300, "answers 300 Multiple Choices: that does not", id="300"),
        pytest.param(304, "answers 304 Not Modified: we did not ask whether", id="304 to an unconditional request"),
        pytest.param(400, "400 Bad Request", id="400"),
        pytest.param(401, "401 Unauthorized (it wants a login)", id="401"),
        pytest.param(403, "403 Forbidden (it refuses us", id="403"),
        pytest.param(404, "404 Not Found (has the feed moved?)", id="404"),
        pytest.param(429, "429 Too Many Requests (it wants to be asked less often)", id="429"),
        pytest.param(500, "500 Internal Server Error", id="500"),
        pytest.param(503, "503 Service Unavailable", id="503"),
        pytest.param(599, "599", id="unheard of"),
    ],
)
async def test_an_answer_that_is_no_document_is_a_failure_that_names_its_status(origin, failure, status, problem):
    error = await failure(origin.script("/", answers(Response(status=status, body=b"<rss/>"))))
    assert (error.kind, error.status, error.permanent) == ("status", status, False)
    assert str(error).startswith(problem)


async def test_410_means_gone(origin, failure):
    error = await failure(origin.script("/", answers(Response(status=410))))
    assert isinstance(error, SourceGone)
    assert (error.permanent, error.status) == (True, 410)
    assert str(error) == "410 Gone (it is gone for good; remove it from the configuration)"


async def test_203_is_a_document(origin, fetch):
    assert (await fetch(origin.script("/", answers(Response(status=203, body=b"<rss/>"))))).body == b"<rss/>"


@pytest.mark.parametrize("headers", [[], [(b"Content-Encoding", b"gzip")]], ids=["plain", "gzip"])
async def test_an_empty_document_is_a_failure(origin, failure, headers):
    error = await failure(origin.script("/", answers(Response(headers=headers))))
    assert (error.kind, error.status, str(error)) == ("empty", 200, "answers 200, but with an empty body")


@pytest.mark.parametrize(
    ("status", "wait"),
    [
        pytest.param(429, timedelta(seconds=120), id="429"),
        pytest.param(503, timedelta(seconds=120), id="503"),
        pytest.param(403, timedelta(seconds=120), id="403"),
        pytest.param(404, None, id="not 404"),
        pytest.param(500, None, id="not 500"),
    ],
)
async def test_retry_after_is_heard_where_it_means_something(origin, failure, status, wait):
    response = Response(status=status, headers=[(b"Retry-After", b"120")])
    assert (await failure(origin.script("/", answers(response)))).retry_after == wait


async def test_retry_after_with_a_304_is_handed_on(origin, fetch):
    url = origin.script("/", answers(Response(status=304, headers=[(b"Retry-After", b"120")])))
    assert (await fetch(url, PollState(etag=b'"1"'))).retry_after == timedelta(seconds=120)


async def test_nothing_that_a_server_plants_comes_back(origin, client):
    planted = [
        (b"Set-Cookie", b"id=42; Path=/"),
        (b"Alt-Svc", b'h3="127.0.0.1:1"; ma=86400'),
        (b"Strict-Transport-Security", b"max-age=86400"),
        (b"Refresh", b"0; url=/other"),
        (b"Link", b"</style.css>; rel=preload"),
    ]
    source = Source(id="ostrov", url=origin.script("/feed.xml", answers(Response(headers=planted, body=b"<rss/>"))))
    async with client() as it:
        for _ in range(2):
            await it.fetch(source, PollState())
    first, second = origin.requests
    assert first.headers == second.headers
    assert {request.target for request in origin.requests} == {b"/feed.xml"}


async def test_proxies_of_the_environment_are_not_used(origin, fetch, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, origin.url("", host="127.0.0.66"))
        monkeypatch.setenv(name.lower(), origin.url("", host="127.0.0.66"))
    origin.serve("/", FEED, host="127.0.0.66")
    await fetch(origin.serve("/feed.xml", FEED, host="127.0.0.2"))
    assert {request.address for request in origin.requests} == {"127.0.0.2"}


async def test_an_adopted_address_is_asked_instead_of_the_configured_one(origin, fetch):
    there = origin.serve("/new.xml", FEED)
    got = await fetch(origin.url("/old.xml"), PollState(adopted_url=there, etag=b'"1"'))
    assert (got.url, [request.target for request in origin.requests]) == (there, [b"/new.xml"])
    assert origin.requests[0].header(b"if-none-match") == b'"1"'


async def test_anything_else_is_got_through_the_same_door_without_a_condition(origin, client):
    page = origin.serve("/page.html", Document(body=b"<html>", content_type="text/html", etag=b'"1"'))
    source = Source(id="ostrov", url=origin.url("/feed.xml"))
    async with client(allow=("127.0.0.1/32",)) as it:
        got = await it.get(page, source, accept="text/html")
        with pytest.raises(FetchError, match="not on the public internet"):
            await it.get(page.replace("127.0.0.1", "127.0.0.2"), source)
        with pytest.raises(FetchError, match="404"):
            await it.get(origin.url("/robots.txt"), source)
    request = origin.requests[0]
    assert (got.body, got.content_type, got.url) == (b"<html>", "text/html", page)
    assert (request.header(b"accept"), request.header(b"if-none-match")) == (b"text/html", None)
    assert request.header(b"user-agent").endswith(b"feed-id=ostrov)")


async def test_many_sources_at_once_each_get_their_own_document(origin, client):
    hosts = [f"127.0.3.{i}" for i in range(1, 101)]
    urls = [origin.serve("/feed.xml", Document(body=host.encode()), host=host) for host in hosts]
    async with client() as it:
        got = await asyncio.gather(*(it.fetch(Source(id="s", url=url), PollState()) for url in urls))
    assert [fetched.body.decode() for fetched in got] == hosts
