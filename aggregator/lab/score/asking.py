"""What a request looks like: P18, P19, P20, P34."""

from __future__ import annotations

import asyncio
import gzip
import re
from base64 import b64decode

from aggregator.lab.origin import Response
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.hello import listening
from aggregator.lab.score.world import CONTACT, LOOPBACK, Publisher, World, expect
from aggregator.model import Access

PATHS = {  # as configured -> as it is to arrive
    "/rss.asp?ID=7&b=&a": b"/rss.asp?ID=7&b=&a",
    "/RSS/%d0%bd%D0%BE/%7Euser/%2f": b"/RSS/%d0%bd%D0%BE/%7Euser/%2f",
    "/a/../b/./c//d": b"/a/../b/./c//d",
    "/a{b}|c;d=1,2!$*(3)+@:~[e]": b"/a{b}|c;d=1,2!$*(3)+@:~[e]",
    "/100%": b"/100%",
    "/rss?": b"/rss?",
    "/rss#top": b"/rss",
}
NEVER = (b"referer", b"cookie", b"authorization", b"a-im", b"range", b"from", b"origin")
HOP = (b"te", b"upgrade", b"keep-alive", b"proxy-connection", b"http2-settings", b"transfer-encoding")
AGENT = re.compile(r"[A-Za-z][\w.-]*/[\w.+-]+ \(\+https?://[^\s;()]+(; \d+ subscribers?)?; feed-id=[\w.-]+\)")
KINDS = (
    "application/atom+xml",
    "application/rss+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/xml",
    "text/xml",
)
PACKED = {  # one small feed in what one may announce; our own libraries could agree with each other in a fault
    "gzip": gzip.compress(rss(1)),
    "br": b64decode(
        "G3AAEKyKd4DdiKqMZ1SeVzyeKh66lJOBaZ+5Mp71klYiLkXW5jY29haMIHK8Vo1+kJ4svT1ewgRNFJVuqQ/0HnpS1eH1c0bYNDfK0BzPE2QOphU="
    ),
    "zstd": b64decode(
        "KLUv/SBxfQIAEgQOEaBvBBNsdHK2qntimSa7qnAC/S93dxk5OyY2WjRxO5+Ll2d7m2tyN3/PqMMdhiChPLheegX/kgMHAFIoItW4qErczMDUADAv"
        "M4fyBA=="
    ),
}
TLS_1_2 = 0x0303


async def address_as_configured(world: World) -> str:
    """P18."""
    for path, target in PATHS.items():
        publisher = world.publisher()
        publisher.also(target.decode(), Response(headers=[(b"Set-Cookie", b"id=42; Path=/")], body=rss(1)))
        source = await world.subscribe(publisher, url=publisher.at(path))
        await world.polls(source, 2)
        for request in publisher.requests:
            expect(request.target == target, f"{path} arrives as {request.target!r}")
            more = [name.decode() for name in NEVER if request.header(name) is not None]
            expect(not more, f"sent {', '.join(more)}")
    await _own_cookies(world)
    return f"{len(PATHS)} odd addresses arrive byte for byte; no cookie but the ones that a person configured"


async def _own_cookies(world: World) -> None:
    publisher = world.publisher()
    publisher.says(200, [(b"Set-Cookie", b"sid=evil; Path=/"), (b"Set-Cookie", b"id=42")], rss(1))
    source = await world.subscribe(publisher, access=Access(cookies=(("sid", "7f"), ("edition", "uk"))))
    await world.polls(source, 2)
    for request in publisher.requests:
        cookie = request.header(b"cookie")
        expect(cookie == b"sid=7f; edition=uk", f"configured sid=7f; edition=uk, sent {cookie!r}")


async def one_name(world: World) -> str:
    """P19."""
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    await world.polls(source, 2)
    await world.restart()
    await world.poll(source)
    agents = {_agent(publisher, number) for number in range(3)}
    expect(len(agents) == 1, f"the name changes: {agents}")
    agent = agents.pop()
    expect(AGENT.fullmatch(agent) is not None, f"{agent} is not NAME/VERSION (+CONTACT; feed-id=ID)")
    expect(CONTACT in agent and source.id in agent, f"{agent} does not name {CONTACT} and {source.id}")
    async with world.asking(subscribers=7):
        await world.poll(source)
    counted = publisher.last.header(b"user-agent") or b""
    expect(
        b"; 7 subscribers; " in counted and AGENT.fullmatch(counted.decode()) is not None,
        f"for seven readers {counted!r}",
    )
    other = world.publisher()
    own = "Reader/1.0 (+https://reader.example)"
    await world.poll(await world.subscribe(other, access=Access(user_agent=own)))
    expect(_agent(other, 0) == own, f"configured {own}, sent {_agent(other, 0)}")
    return f'always "{agent}", unless a person gives a source another'


def _agent(publisher: Publisher, number: int) -> str:
    return (publisher.requests[number].header(b"user-agent") or b"").decode()


async def what_can_be_read(world: World) -> str:
    """P20."""
    publisher = world.publisher()
    await world.poll(await world.subscribe(publisher))
    accepted = _listed(publisher.last.header(b"accept"))
    missing = [kind for kind in KINDS if kind not in accepted]
    expect(not missing, f"Accept lacks {', '.join(missing)}")
    expect(accepted.get("*/*") == "q=0.1", "Accept does not end with */*;q=0.1")
    encodings = list(_listed(publisher.last.header(b"accept-encoding")))
    expect("gzip" in encodings, f"Accept-Encoding: {', '.join(encodings)}")
    for encoding in encodings:
        expect(encoding in PACKED, f"{encoding} is announced")
        packing = world.publisher()
        packing.says(200, [(b"Content-Encoding", encoding.encode())], PACKED[encoding])
        outcome = await world.poll(await world.subscribe(packing))
        expect(len(outcome.changes) == 1, f"{encoding} is announced and not read: {outcome.problem}")
    return f"Accept lists {len(KINDS)} kinds of feeds; announced and read: {', '.join(encodings)}"


def _listed(header: bytes | None) -> dict[str, str]:
    """Return what a header lists, each with its parameters."""
    words = (word.strip() for word in (header or b"").decode().split(","))
    return {name.strip(): more.strip() for name, _, more in (word.partition(";") for word in words if word)}


async def sane_connections(world: World) -> str:
    """P34."""
    publisher = world.publisher()
    await world.poll(await world.subscribe(publisher))
    request = publisher.last
    connection = [value.lower() for name, value in request.headers if name.lower() == b"connection"]
    expect(connection in ([], [b"close"], [b"keep-alive"]), f"Connection: {connection}")
    hosts = sum(name.lower() == b"host" for name, _ in request.headers)
    expect(hosts == 1, f"{hosts} Host headers")
    odd = [name.decode() for name in HOP if request.header(name) is not None]
    expect(not odd, f"sent {', '.join(odd)}")
    offered = await _tls(world)
    await _dead_ipv6(world)
    return f"{offered}; HTTP/1.1 is enough; where IPv6 is dead, IPv4 is asked; one plain Connection header"


async def _tls(world: World) -> str:
    """See what is offered to a server of TLS, and that nothing older than 1.2 is among it."""
    publisher = world.publisher()
    async with listening(publisher.host) as (port, hellos):
        source = await world.subscribe(publisher, url=f"https://{publisher.host}:{port}/feed.xml")
        await world.poll(source)
        hello = await asyncio.wait_for(hellos.get(), 5)
    oldest = min(hello.versions)
    expect(oldest >= TLS_1_2, f"TLS version {oldest:#06x} is offered")
    expect(not hello.protocols or b"http/1.1" in hello.protocols, f"only {hello.protocols} are offered")
    return f"TLS 1.{oldest - 0x0301} or newer"


async def _dead_ipv6(world: World) -> None:
    """See that a name with a dead IPv6 address first is reached over IPv4."""
    publisher = world.publisher()

    async def resolve(_host: str) -> list[str]:
        return ["::1", publisher.host]  # nobody listens at ::1

    url = f"http://outlet.example:{world.origin.port}/feed.xml"
    async with world.asking(resolve=resolve):
        source = await world.subscribe(publisher, url=url, allow_private=(*LOOPBACK, "::1/128"))
        outcome = await world.poll(source)
    expect(outcome.ended == "changed", f"dead IPv6: {outcome.problem}")
