import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from gzip import decompress
from itertools import count
from urllib.parse import urlsplit

import pytest

from aggregator.lab.origin import Document, Origin, Response

FEED = Document(body=b"<rss/>", content_type="application/rss+xml", etag=b'W/"1"', last_modified=b"yesterday")


@pytest.fixture
def origin():
    with Origin() as origin:
        yield origin


def get(url, method="GET", **headers):
    """Ask once; return status, headers and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_document_is_served_with_its_type_and_validators(origin):
    status, headers, body = get(origin.serve("/feed.xml", FEED))
    assert (status, body) == (200, b"<rss/>")
    assert (headers["Content-Type"], headers["ETag"]) == ("application/rss+xml", 'W/"1"')
    assert (headers["Last-Modified"], headers["Content-Length"]) == ("yesterday", "6")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"If_None_Match": 'W/"1"'}, 304, id="the etag"),
        pytest.param({"If_None_Match": '"1"'}, 304, id="compared weakly"),
        pytest.param({"If_None_Match": '"0", W/"1"'}, 304, id="in a list"),
        pytest.param({"If_None_Match": "*"}, 304, id="any"),
        pytest.param({"If_None_Match": '"2"'}, 200, id="another"),
        pytest.param({"If_Modified_Since": "yesterday"}, 304, id="the moment"),
        pytest.param({"If_Modified_Since": "today"}, 200, id="another moment"),
        pytest.param({"If_None_Match": '"2"', "If_Modified_Since": "yesterday"}, 200, id="the etag comes first"),
    ],
)
def test_conditional_requests_are_answered_properly(origin, headers, status):
    got, _, body = get(origin.serve("/feed.xml", FEED), **headers)
    assert (got, body) == (status, b"" if status == 304 else b"<rss/>")


def test_a_document_without_validators_is_never_not_modified(origin):
    url = origin.serve("/feed.xml", Document(body=b"<rss/>"))
    assert get(url, If_None_Match="*", If_Modified_Since="today")[0] == 200


def test_gzip_is_for_whoever_accepts_it(origin):
    url = origin.serve("/feed.xml", Document(body=b"<rss/>" * 99, gzip=True))
    plain, packed = get(url), get(url, Accept_Encoding="gzip")
    assert packed[1]["Content-Encoding"] == "gzip"
    assert decompress(packed[2]) == plain[2] == b"<rss/>" * 99


def test_head_has_no_body(origin):
    status, headers, body = get(origin.serve("/feed.xml", FEED), "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "6", b"")


def test_a_document_can_be_replaced_and_removed(origin):
    url = origin.serve("/feed.xml?id=7", FEED)
    origin.replace(url, Document(body=b"<feed/>"))
    assert get(url)[2] == b"<feed/>"
    origin.remove(url)
    assert get(url)[0] == 404


def test_a_path_stands_for_all_its_queries_unless_one_is_served_by_itself(origin):
    origin.serve("/feed.xml", Document(body=b"any"))
    origin.serve("/feed.xml?id=7", Document(body=b"seven"))
    assert [get(origin.url(f"/feed.xml{query}"))[2] for query in ("", "?id=8", "?id=7")] == [b"any", b"any", b"seven"]


def test_each_address_has_its_own_paths_on_the_one_port(origin):
    urls = [origin.serve("/", Document(body=b"%d" % n), host=f"127.0.{n // 250}.{n % 250 + 1}") for n in range(400)]
    assert {urlsplit(url).port for url in urls} == {origin.port}
    assert [get(url)[2] for url in urls] == [b"%d" % n for n in range(400)]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::1"])
def test_nothing_beyond_loopback_is_listened_on(origin, host):
    with pytest.raises(ValueError, match="is not in 127"):
        origin.serve("/", FEED, host=host)


def test_every_request_is_recorded_as_it_came(origin):
    origin.serve("/a", FEED, host="127.0.0.7")
    with socket.create_connection(("127.0.0.7", origin.port), timeout=20) as caller:
        caller.sendall(b"GET /a?%7e HTTP/1.1\r\nhOsT: feeds.example\r\nX-Raw:  \xef\xe0  \r\nConnection: close\r\n\r\n")
        while caller.recv(4096):
            pass
    (request,) = origin.requests
    assert (request.address, request.method, request.target) == ("127.0.0.7", "GET", b"/a?%7e")
    assert request.headers[:2] == [(b"hOsT", b"feeds.example"), (b"X-Raw", b"\xef\xe0")]
    assert (request.host, request.header(b"x-raw"), request.header(b"x-none")) == ("feeds.example", b"\xef\xe0", None)
    assert request.at.utcoffset() == timedelta(0)
    origin.forget()
    assert origin.requests == []


def test_a_script_answers_anew_each_time(origin):
    calls = count(1)

    def respond(request):
        n = next(calls)
        return Response(status=503 if n < 3 else 200, headers=[(b"Retry-After", b"%d" % n)], body=request.target)

    url = origin.script("/feed.xml", respond)
    got = [get(url) for _ in range(3)]
    assert [(status, headers["Retry-After"]) for status, headers, _ in got] == [(503, "1"), (503, "2"), (200, "3")]
    assert got[2][2] == b"/feed.xml"


def test_a_delayed_answer_holds_nobody_else_up(origin):
    slow = origin.script("/slow", lambda _: Response(delay=timedelta(seconds=60)))
    fast = origin.serve("/fast", FEED)
    with ThreadPoolExecutor(1) as pool, socket.create_connection(("127.0.0.1", origin.port)) as caller:
        caller.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert pool.submit(get, fast).result(20)[0] == 200
    assert urlsplit(slow).path == "/slow"


def test_a_behaviour_has_the_connection_to_itself(origin):
    async def says_nonsense(request, _reader, writer):
        writer.write(b"ICY " + request.target)

    origin.behave("/evil", says_nonsense)
    with socket.create_connection(("127.0.0.1", origin.port), timeout=20) as caller:
        caller.sendall(b"GET /evil HTTP/1.1\r\n\r\n")
        assert caller.recv(4096) + caller.recv(4096) == b"ICY /evil"


def test_a_connection_is_kept_for_the_next_request(origin):
    origin.serve("/feed.xml", FEED)
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=20)
    for n in range(3):
        connection.request("GET", f"/feed.xml?{n}")
        assert connection.getresponse().read() == b"<rss/>"
    connection.close()
    assert len(origin.requests) == 3


def test_leaving_ends_what_still_hangs():
    async def hangs(_request, reader, _writer):
        await reader.read()

    with Origin() as origin, socket.create_connection(("127.0.0.1", origin.port), timeout=20) as caller:
        origin.behave("/", hangs)
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while not origin.requests:
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", origin.port))


def test_its_record_and_its_date_go_by_its_clock_unless_a_script_gives_a_date(origin):
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    origin.clock = lambda: moment
    url = origin.script("/feed.xml", lambda _: Response(body=b"1"))
    assert get(url)[1]["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert origin.requests[-1].at == moment
    own = origin.script("/own.xml", lambda _: Response(headers=[(b"Date", b"yesterday")]))
    assert get(own)[1]["Date"] == "yesterday"
