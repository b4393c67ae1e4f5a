"""Answers that are too slow, too large, cut off, or no HTTP: each ends soon, in a sentence, and in little memory."""

import asyncio
import gzip
import time
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hostile import BOMBS, MIB, OK, drips, is_silent, pours, sends

from aggregator.fetch.flaws import FLAWS
from aggregator.lab.origin import Document, Response
from aggregator.model import PollState, Source

TEXT = "<rss>Обстріл та обмін</rss>".encode()


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(is_silent, id="silence"),
        pytest.param(drips(b"<", before=OK + b"\r\n"), id="the body, byte by byte"),
        pytest.param(drips(b"X", before=OK + b"X-Long: "), id="the headers, byte by byte"),
    ],
)
async def test_what_takes_too_long_ends_at_the_deadline(origin, failure, behaviour):
    began = time.monotonic()
    error = await failure(origin.behave("/", behaviour), deadline_s=0.4)
    assert (error.kind, str(error)) == ("timeout", "no complete answer within 0.4 seconds")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        pytest.param(
            drips(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
            "more than 10 interim answers came, and no real one",
            id="one 103 after another",
        ),
        pytest.param(
            pours(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3000),
            "more than 10 interim answers came, and no real one",
            id="a flood of 103",
        ),
        pytest.param(
            pours(b"1\r\n<\r\n" * 5000, before=OK + b"Transfer-Encoding: chunked\r\n\r\n"),
            "the body is cut into more than 50,000 pieces",
            id="chunks of one byte",
        ),
        pytest.param(sends(OK + b"X: 1\r\n" * 101 + b"\r\n"), "the answer has more than 100 headers", id="101 headers"),
    ],
)
async def test_what_would_be_endless_work_is_not_even_given_the_deadline(*, origin, client, behaviour, problem):
    good = origin.serve("/feed.xml", Document(body=TEXT), host="127.0.0.2")
    async with client() as it:
        bad, fine, longest_s = await beside(it, origin.behave("/", behaviour), good)
    assert (bad.kind, str(bad), fine.body) == ("protocol", problem, TEXT)
    assert longest_s < 1


async def beside(client, bad, good):
    """Fetch both at once; return the error, the document, and for how long the event loop was away at most."""
    longest_s, ended = 0.0, asyncio.Event()

    async def watch():
        nonlocal longest_s
        while not ended.is_set():
            began = time.monotonic()
            await asyncio.sleep(0)
            longest_s = max(longest_s, time.monotonic() - began)

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        got = await asyncio.gather(
            *(client.fetch(Source(id="s", url=url), PollState()) for url in (bad, good)), return_exceptions=True
        )
        ended.set()
    return *got, longest_s


async def test_a_hundred_headers_pass(origin, fetch):
    got = await fetch(origin.behave("/", sends(OK + b"X: 1\r\n" * 99 + b"Content-Length: 6\r\n\r\n<rss/>")))
    assert got.body == b"<rss/>"


async def test_the_deadline_counts_over_all_redirects(origin, failure):
    async def slow(request, _reader, writer):
        await asyncio.sleep(0.15)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: %bx\r\n\r\n" % request.target)

    for n in range(12):
        origin.behave("/" + "x" * n, slow)
    assert (await failure(origin.url("/"), deadline_s=0.5)).kind == "timeout"
    assert len(origin.requests) < 6


async def test_a_look_up_that_hangs_ends_at_the_deadline(failure):
    async def never(_host):
        await asyncio.Event().wait()

    assert (await failure("http://feeds.example/", resolve=never, deadline_s=0.2)).kind == "timeout"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(sends(OK + b"Content-Length: 1048577\r\n\r\n", b"<" * 100), id="announced"),
        pytest.param(pours(b"<" * 65536, before=OK + b"\r\n"), id="endless"),
        pytest.param(
            pours(b"10000\r\n" + b"<" * 65536 + b"\r\n", before=OK + b"Transfer-Encoding: chunked\r\n\r\n"),
            id="endless, in chunks",
        ),
    ],
)
async def test_a_body_above_the_limit_is_refused(origin, failure, behaviour):
    error = await failure(origin.behave("/", behaviour), max_body_bytes=MIB)
    assert (error.kind, str(error)) == ("too-large", "the body is larger than 1 MB")


async def test_a_body_of_exactly_the_limit_passes(origin, fetch):
    got = await fetch(origin.serve("/", Document(body=b"<" * MIB)), max_body_bytes=MIB)
    assert len(got.body) == MIB


async def test_more_than_the_announced_length_is_not_read(origin, fetch):
    got = await fetch(origin.behave("/", sends(OK + b"Content-Length: 6\r\n\r\n<rss/>", b"<" * 10 * MIB)))
    assert got.body == b"<rss/>"


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize(("encoding", "bomb"), BOMBS.values(), ids=BOMBS.keys())
async def test_a_bomb_is_stopped_in_little_memory_and_the_others_go_on(*, origin, client, encoding, bomb, status):
    answer = Response(status=status, headers=[(b"Content-Encoding", encoding)], body=bomb())
    evil = origin.script("/", lambda _: answer)
    good = origin.serve("/feed.xml", Document(body=TEXT), host="127.0.0.2")
    async with client() as it:
        tracemalloc.start()
        bad, fine, longest_s = await beside(it, evil, good)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert bad.kind == {200: "too-large", 403: "status"}[status]
    assert fine.body == TEXT
    assert peak_bytes < 32 * MIB
    assert longest_s < 1


async def test_a_body_that_unpacks_to_200_times_its_size_is_a_bomb(origin, fetch, failure):
    def packed(size):
        body = zlib.compress(bytes(size))
        return lambda _: Response(headers=[(b"Content-Encoding", b"deflate")], body=body)

    assert len((await fetch(origin.script("/", packed(MIB)))).body) == MIB  # a small one does no harm
    error = await failure(origin.script("/", packed(2 * MIB)))
    assert (error.kind, str(error)) == ("too-large", "the body unpacks to more than 200 times what was sent")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param(b"gzip", gzip.compress(TEXT), id="gzip"),
        pytest.param(b"gzip", gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), id="two members"),
        pytest.param(b"deflate", zlib.compress(TEXT), id="deflate"),
        pytest.param(b"br", brotli.compress(TEXT), id="br"),
        pytest.param(b"zstd", zstandard.compress(TEXT), id="zstd"),
    ],
)
async def test_a_packed_body_is_unpacked(origin, fetch, encoding, body):
    got = await fetch(origin.script("/", lambda _: Response(headers=[(b"Content-Encoding", encoding)], body=body)))
    assert (got.body, got.bytes_read, got.flaws) == (TEXT, len(body), ())


@pytest.mark.parametrize("garbage", [b"\nbye", b"\x1f", b"\0" * 100_000])
async def test_garbage_behind_a_packed_body_is_dropped_and_noted(origin, fetch, garbage):
    answer = Response(headers=[(b"Content-Encoding", b"gzip")], body=gzip.compress(TEXT) + garbage)
    got = await fetch(origin.script("/", lambda _: answer))
    assert (got.body, [flaw.code for flaw in got.flaws]) == (TEXT, ["garbage-after-gzip"])
    assert all(flaw.code in FLAWS for flaw in got.flaws)


@pytest.mark.parametrize(
    ("encoding", "body", "problem"),
    [
        pytest.param([b"compress"], b"\x1f\x9d", 'packed as "compress"', id="not asked for"),
        pytest.param([b"gzip", b"gzip"], gzip.compress(gzip.compress(TEXT)), "packed 2 times over", id="two headers"),
        pytest.param([b"gzip"], TEXT, "not packed the way its header says", id="not packed"),
        pytest.param([b"gzip"], gzip.compress(TEXT)[:-4], "ends in the middle", id="cut"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_said_plainly(origin, failure, encoding, body, problem):
    headers = [(b"Content-Encoding", value) for value in encoding]
    error = await failure(origin.script("/", lambda _: Response(headers=headers, body=body)))
    assert (error.kind, problem in str(error)) == ("encoding", True)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param(OK + b"Content-Length: 1000\r\n\r\n<rs", "the answer ends in the middle", id="cut off"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss/",
            "the answer ends in the middle",
            id="cut off in a chunk",
        ),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
            "the answer ends in the middle",
            id="cut off between chunks",
        ),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\n<",
            "the body is cut into malformed chunks",
            id="a chunk larger than numbers go",
        ),
        pytest.param(b"", "the connection was closed without an answer", id="nothing"),
        pytest.param(b"HTTP/1.1 200", "the answer ends in the middle", id="half a line"),
        pytest.param(b"ICY 200 OK\r\n\r\n<rss/>", "the answer does not begin like HTTP", id="ICY"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "the answer does not begin like HTTP", id="another protocol"),
        pytest.param(OK + b"X Bad : 1\r\n\r\n<rss/>", "the answer has a malformed header", id="blank in a name"),
        pytest.param(OK + b"X: " + b"x" * 20 * MIB, "the headers of the answer are too long", id="one huge header"),
        pytest.param(OK + b"X-A: 1\r\n" * 20_000, "the headers of the answer are too long", id="20,000 headers"),
        pytest.param(
            OK + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\n<rss/>x",
            "the answer names two different lengths",
            id="two lengths",
        ),
        pytest.param(OK + b"Content-Length: -6\r\n\r\n<rss/>", "the answer names an impossible length", id="negative"),
    ],
)
async def test_what_is_no_whole_http_is_a_failure_and_never_a_short_feed(origin, failure, answer, problem):
    error = await failure(origin.behave("/", sends(answer)))
    assert (error.kind, str(error)) == ("protocol", problem)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK.replace(b"\r", b"") + b"Content-Length: 6\n\n<rss/>", id="lines without CR"),
        pytest.param(OK + b"\r\n<rss/>", id="no length: to the end of the connection"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n<rss/>", id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 6\r\n\r\n<rss/>", id="no phrase"),
        pytest.param(OK + b"Content-Length: 6\r\nContent-Length: 6\r\n\r\n<rss/>", id="one length, twice"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3 + OK + b"\r\n<rss/>", id="103 before it"),
        pytest.param(OK + b"X: \xef\xe0\r\nContent-Length: 6\r\n\r\n<rss/>", id="Cyrillic in a header"),
    ],
)
async def test_sloppy_http_is_read(origin, fetch, answer):
    assert (await fetch(origin.behave("/", sends(answer)))).body == b"<rss/>"


async def test_a_connection_that_is_reset_is_a_failure(origin, failure):
    async def resets(_request, _reader, writer):
        writer.write(OK + b"Content-Length: 1000\r\n\r\n<rs")
        await writer.drain()
        writer.transport.abort()

    error = await failure(origin.behave("/", resets))
    assert error.kind in {"connect", "protocol"}


async def test_a_refused_connection_is_said_plainly(origin, failure):
    error = await failure(f"http://127.0.0.99:{origin.port}/")
    assert (error.kind, str(error)) == ("connect", "127.0.0.99 refuses the connection")


async def test_a_failure_leaves_nothing_behind_for_the_exchanges_beside_it(origin, client):
    bad = origin.behave("/bad", sends(OK + b"Content-Length: 1000\r\n\r\n<rs"))
    good = origin.serve("/good", Document(body=TEXT))
    async with client() as it:
        urls = [bad, good] * 50
        got = await asyncio.gather(
            *(it.fetch(Source(id="s", url=url), PollState()) for url in urls), return_exceptions=True
        )
    assert [getattr(one, "kind", None) for one in got] == ["protocol", None] * 50
