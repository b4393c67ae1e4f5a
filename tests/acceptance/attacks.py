"""The attacks of fetching.md as sources of a configuration: where each is served, and what is to be said of it."""

from __future__ import annotations

import gzip
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, Self

import brotli
import trustme
from hostile import BOMBS, MIB, OK, drips, is_silent, outdated, pours, self_signed, sends, server
from sample import rss

from aggregator.lab.origin import Origin, Response

FEED = rss(["Лишняя новость"], host="evil.example")
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Trap:
    """An address of this machine at which nobody may ever call."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]

    @property
    def untouched(self) -> bool:
        """Whether nobody has so much as connected; the kernel would have let him."""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._listener.close()


class Stage:
    """Whatever the attacks are served from: an origin, origins behind bad certificates, and the trap."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.origin = stack.enter_context(Origin())
            self.trap = stack.enter_context(closing(Trap()))
            self._more = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._more.close()

    def secure(self, context: ssl.SSLContext) -> Origin:
        return self._more.enter_context(Origin(tls=context))


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One hostile source."""

    offer: Callable[[Stage, str], str]  # makes ready what is asked, at that address of ours; returns its URL
    kind: str
    says: str  # a part of the problem that `status` shows
    keys: Mapping[str, Any] = field(default_factory=dict)  # of the source, beside url and allow_private
    allowed: bool = True  # the address itself may be called: the attack is in the answer


def blocked(url: str, kind: str = "refused", says: str = "is not on the public internet") -> Attack:
    """An address that is not even called. {port}: the trap's."""
    return Attack(offer=lambda stage, _: url.format(port=stage.trap.port), kind=kind, says=says, allowed=False)


def raw(behaviour: Any, kind: str, says: str) -> Attack:
    return Attack(
        offer=lambda stage, host: stage.origin.behave("/feed.xml", behaviour, host=host), kind=kind, says=says
    )


def packed(encodings: list[bytes], body: Callable[[], bytes], kind: str, says: str) -> Attack:
    def offer(stage: Stage, host: str) -> str:
        answer = Response(headers=[(b"Content-Encoding", encoding) for encoding in encodings], body=body())
        return stage.origin.script("/feed.xml", lambda _: answer, host=host)

    return Attack(offer=offer, kind=kind, says=says)


def redirect(location: str, *, status: int = 302, kind: str = "refused", says: str) -> Attack:
    """{port}: the trap's. The address that was asked may be called, the one that it leads to may not."""

    def offer(stage: Stage, host: str) -> str:
        goal = location.format(port=stage.trap.port).encode()
        return stage.origin.script(
            "/feed.xml", lambda _: Response(status=status, headers=[(b"Location", goal)]), host=host
        )

    return Attack(offer=offer, kind=kind, says=says)


def growing(stage: Stage, host: str) -> str:
    def longer(request: Any) -> Response:
        return Response(status=302, headers=[(b"Location", request.target + b"x")])

    return stage.origin.script("/feed.xml", longer, host=host) + "?"


def chain(stage: Stage, host: str) -> str:
    for n in range(100):
        goal = b"/%d" % (n + 1)
        stage.origin.script(
            f"/{n}", lambda _, goal=goal: Response(status=301, headers=[(b"Location", goal)]), host=host
        )
    return stage.origin.url("/0", host)


def secure(context: Callable[[trustme.CA], ssl.SSLContext], says: str) -> Attack:
    def offer(stage: Stage, host: str) -> str:
        return stage.secure(context(trustme.CA())).script("/feed.xml", lambda _: Response(body=FEED), host=host)

    return Attack(offer=offer, kind="tls", says=says)


def downgrade(stage: Stage, host: str) -> str:
    goal = stage.origin.script("/plain.xml", lambda _: Response(body=FEED), host=host).encode()
    context = server(trustme.CA().issue_cert(host))
    return stage.secure(context).script(
        "/feed.xml", lambda _: Response(status=302, headers=[(b"Location", goal)]), host=host
    )


def nested(times: int) -> Callable[[], bytes]:
    def body() -> bytes:
        data = FEED
        for _ in range(times):
            data = gzip.compress(data)
        return data

    return body


PRIVATE = {
    "A01 loopback": "127.0.0.1",
    "A01 localhost": "localhost",
    "A01 IPv6": "[::1]",
    "A01 zero": "0",
    "A01 zeros": "0.0.0.0",
    "A02 hexadecimal": "0x7f.1",
    "A02 a number": "2130706433",
    "A02 short": "127.1",
    "A03 mapped": "[::ffff:127.0.0.1]",
    "A03 mapped metadata": "[::ffff:169.254.169.254]",
    "A03 NAT64": "[64:ff9b::7f00:1]",
    "A03 6to4": "[2002:7f00:1::]",
    "A03 compatible": "[::127.0.0.1]",
    "A03 unique local": "[fd00::1]",
    "A03 site local": "[fec0::1]",
    "A04 metadata": "169.254.169.254",
    "A04 metadata, IPv6": "[fd00:ec2::254]",
    "A04 metadata, Alibaba": "100.100.100.200",
    "A04 metadata, Oracle": "192.0.0.192",
    "A04 carrier NAT": "100.64.0.1",
    "A04 benchmarks": "198.18.0.1",
    "A04 multicast": "224.0.0.1",
    "A04 reserved": "240.0.0.1",
}

NO_HOSTS = {"A02 octal": "0177.0.0.1", "A02 padded": "127.000.000.001", "A02 circled": "①②⑦.⓪.⓪.①"}

QUICK: dict[str, Attack] = {
    **{name: blocked(f"http://{host}:{{port}}/latest/meta-data/") for name, host in PRIVATE.items()},
    **{name: blocked(f"http://{host}:{{port}}/", says="the address is malformed") for name, host in NO_HOSTS.items()},
    **{
        f"A05 {status}": redirect(
            "http://127.0.0.1:{port}/", status=status, says=f"the way there: {status} to http://127.0.0.1:"
        )
        for status in (301, 302, 303, 307, 308)
    },
    "A05 to metadata": redirect("http://169.254.169.254/latest/", says="the address 169.254.169.254 is not"),
    "A05 in other digits": redirect("http://2130706433:{port}/", says="is not on the public internet"),
    **{
        f"A07 {scheme}": redirect(f"{scheme}{rest}", says=f'begins with "{scheme}:" is not on the web')
        for scheme, rest in {
            "file": ":///etc/passwd",
            "ftp": "://127.0.0.1:{port}/",
            "gopher": "://127.0.0.1:{port}/",
            "data": ":text/xml,<rss/>",
            "dict": "://127.0.0.1:{port}/",
            "unix": ":/run/some.sock",
            "javascript": ":alert(1)",
        }.items()
    },
    "A08 a login on the way": redirect("http://user:pass@127.0.0.1:{port}/", says="the address holds a login"),
    "A08 a backslash on the way": redirect("http://h\\@127.0.0.1:{port}/", says="the address holds a login"),
    "A09 loop": redirect("/feed.xml", kind="redirects", says="redirect loop"),
    "A09 chain": Attack(offer=chain, kind="redirects", says="redirects more than 10 times"),
    "A09 growing": Attack(offer=growing, kind="redirects", says="redirects more than 10 times"),
    "A09 downgrade": Attack(
        offer=downgrade,
        kind="redirects",
        says="from https down to http",
        keys={"verify": False, "basic": "reader:word"},
    ),
    "A11 endless": raw(pours(b"<" * 65536, before=OK + b"\r\n"), "too-large", "larger than 20 MB"),
    "A11 endless, in chunks": raw(
        pours(b"10000\r\n" + b"<" * 65536 + b"\r\n", before=CHUNKED), "too-large", "larger than 20 MB"
    ),
    "A11 a gigabyte announced": raw(
        sends(OK + b"Content-Length: 1073741824\r\n\r\n", b"<" * 100), "too-large", "larger than 20 MB"
    ),
    "A11 ten bytes announced, then a flood": raw(
        pours(b"<" * 65536, before=OK + b"Content-Length: 10\r\n\r\n"), "not-a-feed", "«<<<<<<<<<<»"
    ),
    "A11 chunks of one byte": raw(pours(b"1\r\n<\r\n" * 5000, before=CHUNKED), "protocol", "50,000 pieces"),
    "A11 an overflow": raw(sends(CHUNKED + b"F" * 40 + b"\r\n<"), "protocol", "malformed chunks"),
    "A11 cut off": raw(sends(OK + b"Content-Length: 1000\r\n\r\n<rs"), "protocol", "ends in the middle"),
    "A12 20,000 headers": raw(sends(OK + b"X-A: 1\r\n" * 20_000), "protocol", "headers of the answer are too long"),
    "A12 20 MB header": raw(sends(OK + b"X: " + b"x" * 20 * MIB), "protocol", "headers of the answer are too long"),
    "A12 103": raw(pours(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3000), "protocol", "interim answers"),
    "A12 two lengths": raw(
        sends(OK + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\n<rss/>x"), "protocol", "two different lengths"
    ),
    "A12 ICY": raw(sends(b"ICY 200 OK\r\n\r\n", FEED), "protocol", "does not begin like HTTP"),
    **{
        f"A13 bomb: {name}": packed([encoding], bomb, "too-large", "the body ")
        for name, (encoding, bomb) in BOMBS.items()
    },
    "A13 twice": packed([b"gzip, gzip"], nested(2), "encoding", "packed 2 times over"),
    "A13 200 times": packed([b", ".join([b"gzip"] * 200)], nested(200), "encoding", "packed 200 times over"),
    "A13 unknown": packed([b"foo"], lambda: FEED, "encoding", 'packed as "foo"'),
    "A13 bad gzip": packed([b"gzip"], lambda: b"\x1f\x8b" + FEED, "encoding", "not packed the way its header says"),
    "A13 cut gzip": packed([b"gzip"], lambda: gzip.compress(FEED)[:-4], "encoding", "ends in the middle"),
    "A13 cut br": packed([b"br"], lambda: brotli.compress(FEED)[:-4], "encoding", "ends in the middle"),
    "A14 unknown authority": secure(lambda ca: server(ca.issue_cert("127.0.0.1")), "the certificate of"),
    "A14 another name": secure(lambda ca: server(ca.issue_cert("other.example")), "the certificate of"),
    "A14 self-signed": secure(lambda _: self_signed(), "is self-signed"),
    "A14 TLS 1.0": secure(lambda ca: outdated(ca.issue_cert("127.0.0.1")), "encrypted connection"),
}
"""Over at once, or as soon as a limit is reached."""


MANY = {f"A11 endless, number {n}": QUICK["A11 endless"] for n in range(50)}
"""One attack from fifty hosts: a limit for each would be no limit for all."""


def stalled(stage: Stage, host: str) -> str:
    """A plain server that says nothing, where TLS is expected."""
    return stage.origin.behave("/feed.xml", is_silent, host=host).replace("http:", "https:")


SLOW: dict[str, Attack] = {
    "A10 the body, byte by byte": raw(drips(b"<", before=OK + b"\r\n"), "timeout", "within 60 seconds"),
    "A10 the headers, byte by byte": raw(drips(b"X", before=OK + b"X-Long: "), "timeout", "within 60 seconds"),
    "A10 silence": raw(is_silent, "timeout", "silent for 30 seconds"),
    "A10 a handshake that stalls": Attack(offer=stalled, kind="timeout", says="came about in time"),
}
"""Over when patience is: the product's own, which no configuration shortens."""
