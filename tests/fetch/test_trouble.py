"""What certificates and connections do wrong, as sentences; with real TLS where openssl can make certificates."""

import asyncio
import errno
import shutil
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager

import httpcore
import pytest

from aggregator.fetch import trouble


def certificate_error(code, message="some reason"):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def below(cause):
    """What httpcore raises, with its cause some levels down, as it is in life."""
    middle = OSError("All connection attempts failed")
    middle.__cause__ = cause
    top = httpcore.ConnectError("")
    top.__context__ = middle
    return top


@pytest.mark.parametrize(
    ("error", "kind", "problem"),
    [
        (below(certificate_error(10)), "tls", "the certificate of feeds.example has expired"),
        (below(certificate_error(9)), "tls", "the certificate of feeds.example is not valid yet; is our clock right?"),
        (below(certificate_error(18)), "tls", "the certificate of feeds.example is self-signed"),
        (below(certificate_error(20)), "tls", "the certificate of feeds.example comes from an authority that we do"),
        (below(certificate_error(62)), "tls", "the certificate of feeds.example is for another name"),
        (below(certificate_error(99)), "tls", "the certificate of feeds.example is not valid: some reason"),
        (below(ssl.SSLError(1, "x")), "tls", "no encrypted connection with feeds.example came about: unknown reason"),
        (below(OSError(errno.ECONNREFUSED, "x")), "connect", "feeds.example refuses the connection"),
        (below(OSError(errno.ENETUNREACH, "x")), "connect", "feeds.example cannot be reached: there is no route"),
        (below(OSError(errno.EHOSTUNREACH, "x")), "connect", "feeds.example cannot be reached: there is no route"),
        (below(OSError("x")), "connect", "no connection with feeds.example came about"),
        (httpcore.ConnectTimeout(), "timeout", "no connection with feeds.example came about in time"),
        (httpcore.ReadError(), "connect", "the connection with feeds.example broke before the answer was complete"),
        (httpcore.WriteError(), "connect", "the connection with feeds.example broke before the answer was complete"),
        (httpcore.LocalProtocolError("secret"), "protocol", "our own request cannot be written as HTTP"),
        (httpcore.RemoteProtocolError("<script>"), "protocol", "the answer is not correct HTTP"),
    ],
)
def test_every_failure_of_the_network_is_a_plain_sentence(error, kind, problem):
    explained = trouble.explain(error, "feeds.example")
    assert explained.kind == kind
    assert str(explained).startswith(problem)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A private authority, a certificate of it for feeds.example, and a self-signed one."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=feeds.example", "-addext", "subjectAltName=DNS:feeds.example"]
    leaf = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"]
    for arguments in (
        [*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=An authority"],
        [*new, "-keyout", "good.key", "-out", "good.pem", *name, *leaf],
        [*new, "-keyout", "self.key", "-out", "self.pem", *name],
    ):
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@asynccontextmanager
async def tls_server(folder, name):
    """Answer one feed over TLS; give the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")

    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
        writer.close()

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # refused handshakes are the point here
    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def home(_host):
    return ["127.0.0.1"]


async def test_tls_keeps_the_name_although_an_address_is_dialled(certificates, fetch):
    trusting = ssl.create_default_context(cafile=certificates / "ca.pem")
    async with tls_server(certificates, "good") as port:
        got = await fetch(f"https://feeds.example:{port}/", resolve=home, tls=trusting)
    assert got.body == b"<rss/>"


@pytest.mark.parametrize(
    ("host", "served", "trusted", "problem"),
    [
        pytest.param("other.example", "good", "ca", "the certificate of other.example is for another name", id="name"),
        pytest.param(
            "feeds.example", "self", "ca", "the certificate of feeds.example is self-signed", id="self-signed"
        ),
        pytest.param("feeds.example", "good", "self", "comes from an authority that we do not know", id="authority"),
    ],
)
async def test_a_certificate_that_proves_nothing_is_refused(*, certificates, failure, host, served, trusted, problem):
    tls = ssl.create_default_context(cafile=certificates / f"{trusted}.pem")
    async with tls_server(certificates, served) as port:
        error = await failure(f"https://{host}:{port}/", resolve=home, tls=tls)
    assert (error.kind, problem in str(error)) == ("tls", True)


async def test_plain_http_behind_https_is_said_plainly(failure):
    async def connected(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        error = await failure(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert (error.kind, str(error)) == (
        "tls",
        "no encrypted connection with 127.0.0.1 came about: wrong version number",
    )


async def test_a_handshake_that_stalls_ends_at_the_deadline(failure):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = await failure(f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline_s=0.3)
    assert error.kind == "timeout"
