"""Certificates and handshakes, with real TLS."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from hostile import outdated, self_signed, server

from aggregator.model import Access

NOW = datetime.now(UTC)


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@asynccontextmanager
async def serving(context):
    """Answer one feed over TLS; give the port."""

    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # refused handshakes are the point here
    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as it:
        yield it.sockets[0].getsockname()[1]


async def home(_host):
    return ["127.0.0.1"]


async def test_tls_keeps_the_name_although_an_address_is_dialled(authority, trusting, fetch):
    async with serving(server(authority.issue_cert("feeds.example"))) as port:
        got = await fetch(f"https://feeds.example:{port}/", resolve=home, tls=trusting)
    assert got.body == b"<rss/>"


BAD = {
    "another name": (lambda ca: server(ca.issue_cert("other.example")), "is for another name"),
    "expired": (
        lambda ca: server(ca.issue_cert("feeds.example", not_after=NOW - timedelta(days=1))),
        "has expired",
    ),
    "not yet": (
        lambda ca: server(
            ca.issue_cert("feeds.example", not_before=NOW + timedelta(days=2), not_after=NOW + timedelta(days=3))
        ),
        "is not valid yet; is our clock right?",
    ),
    "authority": (lambda _: server(trustme.CA().issue_cert("feeds.example")), "comes from an authority that we do not"),
    "TLS 1.0": (lambda ca: outdated(ca.issue_cert("feeds.example")), "encrypted connection"),
}


@pytest.mark.parametrize(("context", "problem"), BAD.values(), ids=BAD.keys())
async def test_a_handshake_that_proves_nothing_is_refused(*, authority, trusting, failure, context, problem):
    async with serving(context(authority)) as port:
        error = await failure(f"https://feeds.example:{port}/", resolve=home, tls=trusting)
    assert (error.kind, problem in str(error)) == ("tls", True), str(error)


async def test_a_self_signed_certificate_is_refused_and_named_so(trusting, failure):
    async with serving(self_signed()) as port:
        error = await failure(f"https://feeds.example:{port}/", resolve=home, tls=trusting)
    assert (error.kind, str(error)) == ("tls", "the certificate of feeds.example is self-signed")


async def test_a_source_may_believe_anybody_and_only_that_source(authority, fetch, failure):
    blind = {"access": Access(verify=False)}
    async with serving(server(authority.issue_cert("other.example"))) as port:
        url = f"https://feeds.example:{port}/"
        assert (await fetch(url, resolve=home, source=blind)).body == b"<rss/>"
        assert (await failure(url, resolve=home)).kind == "tls"


async def test_the_public_authorities_are_trusted_unless_said_otherwise(authority, failure):
    async with serving(server(authority.issue_cert("feeds.example"))) as port:
        error = await failure(f"https://feeds.example:{port}/", resolve=home, tls=None)
    assert (error.kind, "comes from an authority that we do not know" in str(error)) == ("tls", True)


async def test_plain_http_behind_https_is_said_plainly(failure):
    async def connected(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as it:
        error = await failure(f"https://127.0.0.1:{it.sockets[0].getsockname()[1]}/")
    assert (error.kind, str(error)) == (
        "tls",
        "no encrypted connection with 127.0.0.1 came about: wrong version number",
    )


async def test_a_handshake_that_stalls_ends_at_the_deadline(failure):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = await failure(f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline_s=0.3)
    assert error.kind == "timeout"
