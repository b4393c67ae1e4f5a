from datetime import timedelta

import pytest

from aggregator.lab.origin import Document, Response
from aggregator.model import Hop, PollState

FEED = Document(body=b"<rss/>", etag=b'"1"')


def to(location, status=302, **headers):
    """Redirect, whatever is asked."""
    extra = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    location = location.encode() if isinstance(location, str) else location
    return lambda _request: Response(status=status, headers=[(b"Location", location), *extra])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_to_another_host_with_the_validators_and_without_a_referer(origin, fetch, status):
    there = origin.serve("/new.xml", FEED, host="127.0.0.2")
    url = origin.script("/old.xml", to(there, status, Set_Cookie=b"id=42"))

    got = await fetch(url)
    again = await fetch(url, PollState(etag=b'"1"'))

    assert (got.url, got.body) == (there, b"<rss/>")
    assert (again.url, again.body) == (there, None)
    assert got.hops == again.hops == (Hop(status=status, url=there),)
    names = {name.lower() for request in origin.requests for name, _ in request.headers}
    assert not names & {b"cookie", b"referer"}


async def test_the_whole_way_is_told_in_order(origin, fetch):
    origin.script("/1", to("/2", 301))
    origin.script("/2", to("/3#top", 302))
    origin.serve("/3", FEED)
    got = await fetch(origin.url("/1"))
    assert got.hops == (Hop(status=301, url=origin.url("/2")), Hop(status=302, url=origin.url("/3")))
    assert (await fetch(origin.url("/3"))).hops == ()


@pytest.mark.parametrize(
    ("location", "target"),
    [
        pytest.param("/b/feed.xml", b"/b/feed.xml", id="absolute path"),
        pytest.param("feed.xml", b"/a/feed.xml", id="relative path"),
        pytest.param("../feed.xml", b"/feed.xml", id="one up"),
        pytest.param("?page=2", b"/a/old?page=2", id="query"),
        pytest.param("/feed.xml#top", b"/feed.xml", id="fragment"),
        pytest.param("/новини", b"/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", id="UTF-8"),
        pytest.param(b"/\xed\xee\xe2", b"/%ED%EE%E2", id="windows-1251"),
        pytest.param("/a b", b"/a%20b", id="blank"),
    ],
)
async def test_a_location_is_understood_as_it_is_written_in_the_wild(origin, failure, location, target):
    await failure(origin.script("/a/old", to(location)))
    assert origin.requests[1].target == target


async def test_ten_redirects_are_followed_and_not_eleven(origin, fetch, failure):
    for n in range(1, 12):
        origin.script(f"/{n}", to(f"/{n - 1}", 301))
    origin.serve("/0", FEED)

    assert (await fetch(origin.url("/10"))).body == b"<rss/>"
    error = await failure(origin.url("/11"))

    assert (error.kind, str(error)) == ("redirects", "redirects more than 10 times")
    assert len(origin.requests) == 11 + 11


@pytest.mark.parametrize(
    ("locations", "requests"),
    [
        pytest.param({"/a": "/a"}, 1, id="to itself"),
        pytest.param({"/a": "/a#again"}, 1, id="to itself with a fragment"),
        pytest.param({"/a": "/b", "/b": "/a"}, 2, id="to and fro"),
    ],
)
async def test_a_loop_is_noticed_at_once(origin, failure, locations, requests):
    for path, location in locations.items():
        origin.script(path, to(location))
    error = await failure(origin.url("/a"))
    assert (error.kind, str(error)) == (
        "redirects",
        "answers with its own address again and again (redirect loop)",
    )
    assert len(origin.requests) == requests


async def test_a_growing_address_ends_after_ten_redirects(origin, failure):
    url = origin.script("/a", lambda request: to(request.target + b"&x")(request))
    assert (await failure(url + "?x")).kind == "redirects"
    assert len(origin.requests) == 11


async def test_a_redirect_to_nowhere_is_said_plainly(origin, failure):
    error = await failure(origin.script("/", lambda _: Response(status=302)))
    assert (error.kind, str(error)) == ("redirects", "answers 302, but does not say where to")


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        pytest.param("file:///etc/passwd", "refused", id="file"),
        pytest.param("ftp://127.0.0.1/feed", "refused", id="ftp"),
        pytest.param("gopher://127.0.0.1/", "refused", id="gopher"),
        pytest.param("data:text/xml,<rss/>", "refused", id="data"),
        pytest.param("dict://127.0.0.1/", "refused", id="dict"),
        pytest.param("unix:/run/some.sock", "refused", id="unix"),
        pytest.param("javascript:alert(1)", "refused", id="javascript"),
        pytest.param("http://h:99x/", "refused", id="no port"),
        pytest.param("http://user:pass@127.0.0.1/", "refused", id="a login"),
        pytest.param("http://h\\@127.0.0.1/", "refused", id="a backslash"),
        pytest.param("http://[::1/", "redirects", id="half an address"),
    ],
)
async def test_a_redirect_out_of_the_web_is_refused(origin, failure, location, kind):
    error = await failure(origin.script("/", to(location)))
    assert error.kind == kind
    assert len(origin.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "blocked",
    [
        "http://127.0.0.2:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
    ],
)
async def test_a_redirect_into_a_private_network_is_refused_at_that_hop(origin, failure, status, blocked):
    origin.serve("/", FEED, host="127.0.0.2")
    url = origin.script("/feed.xml", to(blocked.format(port=origin.port), status), host="127.0.0.7")
    error = await failure(url, allow=("127.0.0.7/32",))
    assert error.kind == "refused"
    assert "not on the public internet" in str(error)
    assert error.hops == ((status, blocked.format(port=origin.port)),)
    assert [request.address for request in origin.requests] == ["127.0.0.7"]


async def test_a_failure_knows_the_way_that_led_to_it(origin, failure):
    origin.script("/1", to("/2", 301))
    origin.script("/2", to("/missing"))
    hops = ((301, origin.url("/2")), (302, origin.url("/missing")))
    for path, way, status in (("/1", hops, 404), ("/2", hops[1:], 404), ("/missing", (), 404)):
        error = await failure(origin.url(path))
        assert (error.hops, error.status) == (way, status)


async def test_a_redirect_may_ask_us_to_stay_away(origin, fetch):
    there = origin.serve("/new.xml", FEED)
    got = await fetch(origin.script("/old.xml", to(there, Retry_After=b"600")))
    assert got.retry_after == timedelta(minutes=10)


async def test_the_body_of_a_redirect_is_not_waited_for(origin, fetch):
    there = origin.serve("/new.xml", FEED)

    async def endless(_request, reader, writer):
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 99999\r\n\r\n..." % there.encode())
        await reader.read()

    assert (await fetch(origin.behave("/old.xml", endless))).body == b"<rss/>"
