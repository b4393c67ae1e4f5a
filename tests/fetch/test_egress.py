"""Other ways out: a real HTTP proxy and a real SOCKS proxy, written here byte by byte, with the guard through both."""

import asyncio
import ssl
import traceback

import pytest
import trustme
from proxies import HttpProxy, SocksProxy

from aggregator.fetch import egress
from aggregator.lab.origin import Document, Origin, Response
from aggregator.model import Access, PollState, Source

FEED = Document(body=b"<rss/>", etag=b'"1"')
SECRET = "pr0xy-s3cret"


KINDS = pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
AUTHORITY = trustme.CA()


def through(proxy, login=""):
    """Options of a client that knows this proxy as "out"."""
    return {"egresses": {"out": f"{proxy.scheme}://{login}{'@' if login else ''}127.0.0.1:{proxy.port}"}}


OUT = {"access": Access(via="out")}


async def nobody(host):
    raise AssertionError(f"{host} was looked up here")


@KINDS
async def test_a_source_is_fetched_through_it_and_its_name_is_looked_up_there(origin, fetch, kind):
    url = origin.serve("/feed.xml?q=1", FEED).replace("127.0.0.1", "feeds.example")
    async with kind().running() as proxy:
        got = await fetch(url, source=OUT, allow=(), resolve=nobody, **through(proxy))
        again = await fetch(url, PollState(etag=got.etag), source=OUT, allow=(), resolve=nobody, **through(proxy))
    assert (got.body, again.status) == (b"<rss/>", 304)
    assert proxy.asked == [("feeds.example", origin.port)] * 2
    request = origin.requests[0]
    assert (request.target, request.host) == (b"/feed.xml?q=1", f"feeds.example:{origin.port}")


@KINDS
async def test_tls_goes_through_it_and_ends_at_the_source(fetch, failure, kind):
    trusting, serving = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.configure_trust(trusting)
    AUTHORITY.issue_cert("feeds.example").configure_cert(serving)
    with Origin(tls=serving) as secure:
        url = secure.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
        async with kind().running() as proxy:
            proxy.names["other.example"] = "127.0.0.1"
            got = await fetch(url, source=OUT, tls=trusting, **through(proxy))
            wrong = url.replace("feeds.example", "other.example")
            error = await failure(wrong, source=OUT, tls=trusting, **through(proxy))
    assert got.body == b"<rss/>"
    assert (error.kind, "other.example is for another name" in str(error)) == ("tls", True)
    assert not any(b"GET" in head for head in proxy.heads)


@KINDS
async def test_other_sources_go_directly(origin, client, kind):
    url = origin.serve("/feed.xml", FEED)
    async with kind().running() as proxy, client(**through(proxy)) as it:
        await it.fetch(Source(id="direct", url=url), PollState())
        assert proxy.asked == []
        await it.fetch(Source(id="led", url=url, **OUT), PollState())
    assert proxy.asked == [("127.0.0.1", origin.port)]
    assert origin.connections == 2


PRIVATE = [
    *("127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "10.0.0.1", "[::1]"),
    *("[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fd00::1]", "169.254.169.254", "100.100.100.200", "0"),
    *("printer.local", "a.localhost", "metadata.google.internal", "router", "nas.home.arpa"),
]


@KINDS
@pytest.mark.parametrize("host", PRIVATE)
async def test_nothing_private_is_asked_for_through_it(failure, kind, host):
    async with kind().running() as proxy:
        error = await failure(f"http://{host}:1/latest", source=OUT, allow=(), **through(proxy))
    assert (error.kind, proxy.asked, proxy.heads) == ("refused", [], [])


@KINDS
async def test_what_is_allowed_is_asked_for_through_it(origin, fetch, kind):
    url = origin.serve("/feed.xml", FEED)
    async with kind().running() as proxy:
        source = OUT | {"allow_private": ("127.0.0.1/32",)}
        assert (await fetch(url, source=source, allow=(), **through(proxy))).body == b"<rss/>"


@KINDS
async def test_a_redirect_stays_on_the_way_and_under_the_guard(origin, fetch, failure, kind):
    there = f"http://moved.example:{origin.port}/new.xml"
    origin.serve("/new.xml", FEED)
    origin.script("/old.xml", lambda _: Response(status=301, headers=[(b"Location", there.encode())]))
    origin.script("/evil.xml", lambda _: Response(status=302, headers=[(b"Location", b"http://10.0.0.1/")]))
    old = f"http://feeds.example:{origin.port}/"
    async with kind().running() as proxy:
        got = await fetch(f"{old}old.xml", source=OUT, allow=(), **through(proxy))
        error = await failure(f"{old}evil.xml", source=OUT, allow=(), **through(proxy))
    assert (got.url, error.kind) == (there, "refused")
    assert [host for host, _ in proxy.asked] == ["feeds.example", "moved.example", "feeds.example"]


async def test_onion_is_reached_through_socks_only(origin, fetch, failure):
    url = origin.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.onion")
    async with SocksProxy().running() as tor, HttpProxy().running() as plain:
        assert (await fetch(url, source=OUT, allow=(), resolve=nobody, **through(tor))).body == b"<rss/>"
        refused = [
            await failure(url, source=OUT, resolve=nobody, **through(plain)),
            await failure(url, resolve=nobody),
        ]
    assert {str(error) for error in refused} == {
        "feeds.onion is inside Tor (give the source a socks5h egress to Tor with `via:`)"
    }
    assert plain.asked == []


@KINDS
async def test_a_login_opens_it_and_is_seen_by_nobody_else(origin, fetch, failure, kind):
    url = origin.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
    async with kind(login=f"anna:{SECRET}").running() as proxy:
        await fetch(url, source=OUT, **through(proxy, f"anna:{SECRET}"))
        wrong = await failure(url, source=OUT, **through(proxy, f"anna:not-{SECRET}"))
        none = await failure(url, source=OUT, **through(proxy))
    for error in (wrong, none):
        assert "egress" in str(error)
        assert SECRET not in "".join(traceback.format_exception(error, chain=True))
    assert len(origin.requests) == 1


async def test_the_login_of_an_http_proxy_goes_into_the_tunnel_for_nobody(fetch):
    trusting, serving = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.configure_trust(trusting)
    AUTHORITY.issue_cert("feeds.example").configure_cert(serving)
    with Origin(tls=serving) as secure:
        url = secure.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
        async with HttpProxy(login=f"anna:{SECRET}").running() as proxy:
            await fetch(url, source=OUT, tls=trusting, **through(proxy, f"anna:{SECRET}"))
        assert secure.requests[0].header(b"proxy-authorization") is None


async def test_a_host_that_the_proxy_cannot_reach_is_said_plainly(failure):
    async with SocksProxy().running() as proxy:
        error = await failure("http://feeds.example:1/", source=OUT, **through(proxy))
    assert (error.kind, str(error)) == (
        "connect",
        'the egress "out" was asked for feeds.example and says that it refuses the connection',
    )


@pytest.mark.parametrize("scheme", egress.SCHEMES)
async def test_a_proxy_that_is_not_there_is_named(failure, scheme):
    error = await failure(
        "http://feeds.example/", source=OUT, egresses={"out": f"{scheme}://anna:{SECRET}@127.0.0.1:1"}
    )
    assert (error.kind, str(error)) == ("connect", 'the egress "out" refuses the connection')


@pytest.mark.parametrize(
    ("scheme", "url", "says"),
    [
        pytest.param("socks5h", "http://feeds.example/", b"HTTP/1.1 400 Bad\r\n\r\n", id="SOCKS to a web server"),
        pytest.param("socks5h", "http://feeds.example/", b"\5", id="SOCKS, cut off"),
        pytest.param("socks5h", "http://feeds.example/", b"\5\0\5\0\0\7", id="SOCKS with an unknown address"),
        pytest.param("socks5h", "http://feeds.example/", b"\5\0\5\x66\0\1\0\0\0\0\0\0", id="SOCKS, unknown answer"),
        pytest.param("http", "https://feeds.example/", b"\5\0", id="CONNECT to SOCKS"),
        pytest.param("http", "https://feeds.example/", b"", id="CONNECT, closed"),
        pytest.param("http", "https://feeds.example/", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99999, id="a huge head"),
    ],
)
async def test_what_is_no_such_proxy_is_said_plainly(*, raw, failure, scheme, url, says):
    async def connected(reader, writer):
        await reader.read(9)
        writer.write(says)
        await writer.drain()

    async with raw(connected) as port:
        error = await failure(url, source=OUT, egresses={"out": f"{scheme}://127.0.0.1:{port}"})
    assert (error.kind, str(error)) == (
        "connect",
        'the egress "out" does not speak the protocol that its address says',
    )


async def test_a_proxy_that_refuses_the_tunnel_is_quoted_by_its_status(raw, failure):
    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    async with raw(connected) as port:
        error = await failure("https://feeds.example/", source=OUT, egresses={"out": f"http://127.0.0.1:{port}"})
    assert str(error) == 'the egress "out" does not connect us with feeds.example (403)'


@KINDS
async def test_no_socket_stays_open_when_a_fetch_through_it_is_cancelled(*, raw, client, sockets, until, kind):
    async def silent(reader, _writer):
        await reader.read()

    async with raw(silent) as port:
        before = sockets()
        async with client(egresses={"out": f"{kind.scheme}://127.0.0.1:{port}"}) as it:
            source = Source(id="s", url="https://feeds.example/", **OUT)
            task = asyncio.create_task(it.fetch(source, PollState()))
            await until(lambda: sockets() == before + 2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await until(lambda: sockets() == before)


async def test_an_egress_that_nobody_has_named_is_a_refusal(failure):
    error = await failure("http://127.0.0.1:1/", source=OUT)
    assert (error.kind, str(error)) == ("refused", 'no egress is named "out" (name it under `egress:`)')


@pytest.mark.parametrize(
    "url",
    [
        *("", "127.0.0.1:3128", "socks5://127.0.0.1:9050", "socks4://127.0.0.1:9050", "https://127.0.0.1:3128"),
        *("http://127.0.0.1", "http://:3128", f"ftp://anna:{SECRET}@h:1", f"http://anna:{SECRET}@h:99999"),
        f"http://anna:{SECRET * 30}@h:1",
    ],
)
def test_what_is_no_egress_is_refused_without_repeating_it(client, url):
    with pytest.raises(ValueError, match="egress out: ") as caught:
        client(egresses={"out": url})
    assert SECRET not in str(caught.value)


def test_a_login_is_read_and_not_shown():
    it = egress.read("out", f"http://anna%40home:{SECRET}@proxy.example:3128")
    assert (it.user, it.password, it.host, it.port) == ("anna@home", SECRET, "proxy.example", 3128)
    assert SECRET not in repr(it)
    assert "anna" not in repr(it)
