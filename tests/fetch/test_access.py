"""Headers, cookies and logins that a person wrote for a source: sent to its own origin, and seen nowhere else."""

import traceback
from base64 import b64encode

import pytest
import trustme

from aggregator.errors import FetchError
from aggregator.lab.origin import Document, Origin, Response
from aggregator.model import Access, PollState, Source

FEED = Document(body=b"<rss/>", etag=b'"1"')
SECRET = "s3cret"
FULL = Access(
    headers=(("X-Token", f"t-{SECRET}"),), cookies=(("sid", f"c-{SECRET}"), ("lang", "uk")), basic=f"олена:{SECRET}"
)


def to(location, status=302):
    return lambda _request: Response(status=status, headers=[(b"Location", location.encode())])


def sent(request):
    return {name: request.header(name) for name in (b"x-token", b"cookie", b"authorization")}


NOTHING = {b"x-token": None, b"cookie": None, b"authorization": None}
EVERYTHING = {
    b"x-token": b"t-s3cret",
    b"cookie": b"sid=c-s3cret; lang=uk",
    b"authorization": b"Basic " + b64encode("олена:s3cret".encode()),
}


async def test_what_was_written_for_a_source_is_sent_with_every_request_to_its_origin(origin, fetch):
    origin.serve("/new.xml", FEED)
    url = origin.script("/feed.xml", to("/new.xml"))
    await fetch(url, source={"access": FULL})
    assert [sent(request) for request in origin.requests] == [EVERYTHING, EVERYTHING]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_another_host_gets_none_of_it_and_the_way_back_home_does(origin, fetch, status):
    home = origin.serve("/home.xml", FEED)
    away = origin.script("/away.xml", to(home, status), host="127.0.0.2")
    url = origin.script("/feed.xml", to(away, status))
    await fetch(url, source={"access": FULL})
    assert [sent(request) for request in origin.requests] == [EVERYTHING, NOTHING, EVERYTHING]
    assert not any(request.header(b"referer") for request in origin.requests)


async def test_another_port_is_another_origin(origin, fetch):
    with Origin() as other:
        url = origin.script("/feed.xml", to(other.serve("/feed.xml", FEED)))
        await fetch(url, source={"access": FULL})
        assert [sent(request) for request in (*origin.requests, *other.requests)] == [EVERYTHING, NOTHING]


async def test_an_adopted_address_and_a_page_elsewhere_are_no_origin_of_the_source(origin, client):
    there = origin.serve("/feed.xml", FEED, host="127.0.0.2")
    source = Source(id="ostrov", url=origin.serve("/feed.xml", FEED), access=FULL)
    async with client() as it:
        await it.fetch(source, PollState(adopted_url=there))
        await it.get(there, source)
        await it.get(source.url, source)
    assert [sent(request) for request in origin.requests] == [NOTHING, NOTHING, EVERYTHING]


async def test_with_a_login_nobody_leads_us_from_https_down_to_http(origin, client):
    authority = trustme.CA()
    trusting, serving = ssl_pair(authority)
    plain = origin.serve("/feed.xml", FEED)
    with Origin(tls=serving) as secure:
        url = secure.script("/feed.xml", to(plain))
        async with client(tls=trusting) as it:
            assert (await it.fetch(Source(id="s", url=url), PollState())).url == plain
            for access in (FULL, Access(basic="a:b"), Access(cookies=(("a", "b"),)), Access(headers=(("a", "b"),))):
                with pytest.raises(FetchError, match="from https down to http") as caught:
                    await it.fetch(Source(id="s", url=url, access=access), PollState())
                assert caught.value.kind == "redirects"
    assert len(origin.requests) == 1


def ssl_pair(authority):
    import ssl

    trusting, serving = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(trusting)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    return trusting, serving


async def test_a_header_may_replace_ours_but_not_what_decides_how_the_answer_is_read(origin, fetch):
    access = Access(
        user_agent="Читанка/2 (for one site)",
        headers=(("Accept", "text/xml"), ("Host", "evil.example"), ("Accept-Encoding", "lzma"), ("Connection", "x")),
    )
    await fetch(origin.serve("/feed.xml", FEED), source={"access": access})
    request = origin.requests[0]
    assert request.header(b"user-agent").decode() == "Читанка/2 (for one site)"
    assert [value for name, value in request.headers if name.lower() == b"accept"] == [b"text/xml"]
    assert request.host == f"127.0.0.1:{origin.port}"
    assert (request.header(b"accept-encoding"), request.header(b"connection")) == (b"gzip, br, zstd", None)


async def test_the_user_agent_of_a_source_is_no_secret(origin, fetch):
    url = origin.script("/feed.xml", to(origin.serve("/feed.xml", FEED, host="127.0.0.2")))
    await fetch(url, source={"access": Access(user_agent="Own/1")})
    assert [request.header(b"user-agent") for request in origin.requests] == [b"Own/1", b"Own/1"]


@pytest.mark.parametrize(
    "access",
    [
        pytest.param(Access(headers=(("X-Token", f"{SECRET}\r\nX-Evil: 1"),)), id="a line break in a header"),
        pytest.param(Access(headers=(("X Token", SECRET),)), id="a blank in a name"),
        pytest.param(Access(cookies=(("sid", f"{SECRET}\n"),)), id="a line break in a cookie"),
    ],
)
async def test_what_cannot_be_sent_is_said_without_saying_it(origin, failure, access):
    error = await failure(origin.serve("/feed.xml", FEED), source={"access": access})
    assert (error.kind, str(error)) == ("protocol", "our own request cannot be written as HTTP")
    assert SECRET not in "".join(traceback.format_exception(error, chain=True))
    assert origin.requests == []


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_no_error_and_no_repr_says_a_secret(origin, failure, status):
    url = origin.script("/feed.xml", lambda _: Response(status=status))
    error = await failure(url, source={"access": FULL})
    assert SECRET not in "".join(traceback.format_exception(error, chain=True))
    assert SECRET not in repr(FULL)
    assert SECRET not in repr(Source(id="s", url=url, access=FULL))
