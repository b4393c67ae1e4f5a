"""One way out: nothing else of the product can open a connection, and this way opens only what it may (A57)."""

import ast
import sys
from pathlib import Path

import pytest

import aggregator
from aggregator.errors import FetchError
from aggregator.lab.origin import Document, Response
from aggregator.model import PollState, Source

PACKAGE = Path(aggregator.__file__).parent

# What can open a connection, as a module that is imported and as a name that is called.
MODULES = {
    *("socket", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib"),
    *("xmlrpc.client", "socketserver", "asyncore", "httpx", "httpcore", "h11", "h2", "socksio", "aiohttp", "requests"),
    *("urllib3", "websockets", "certifi"),
}
NAMES = {
    *("open_connection", "open_unix_connection", "create_connection", "create_unix_connection", "urlopen"),
    *("create_datagram_endpoint", "sock_connect", "getaddrinfo", "getnameinfo", "gethostbyname", "build_opener"),
    *("HTTPConnection", "HTTPSConnection", "start_tls"),
}

# Who may, and what for. `lab` is the other side: publishers and readers on this machine; no part imports it but the
# verbs that show or score the product.
MAY = {
    "control.py": "the Unix socket beside the database file",
    "serve/app.py": "the socket on which readers are listened to",
    "oversight/supervisor.py": "a word to the service manager on this machine",
    "cli/demo.py": "looks for free ports on this machine",
    "lab/": "the publishers and readers that the demo, the scorecard and the tests play",
    "fetch/": "the way out",
}


def found(path):
    """Yield line and name of everything in a file that could open a connection."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, one.name) for one in names if one.name in MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                if module in MODULES or module.split(".")[0] in MODULES:
                    yield node.lineno, module
                yield from ((node.lineno, one.name) for one in names if f"{module}.{one.name}" in MODULES)
                yield from ((node.lineno, one.name) for one in names if one.name in NAMES)
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in NAMES:
                yield node.lineno, name
            case ast.Constant(value=str(name)) if name in MODULES - {"ssl", "requests", "socket", "h2"}:
                yield node.lineno, f'"{name}", perhaps for __import__'


def test_nothing_but_the_fetcher_can_open_a_connection():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        if not any(place == one or (one.endswith("/") and place.startswith(one)) for one in MAY):
            wrong += [f"aggregator/{place}:{line}: {name}" for line, name in found(path)]
    assert not wrong, "ask through fetch.Client instead:\n" + "\n".join(wrong)


@pytest.mark.parametrize("place", sorted(MAY))
def test_whoever_is_excepted_still_needs_it(place):
    path = PACKAGE / place
    files = [path] if path.is_file() else list(path.rglob("*.py"))
    assert any(list(found(one)) for one in files), f"{place} opens nothing any more: take it off the list"


def test_inside_the_fetcher_only_the_dialler_connects():
    homes = {
        path.name
        for path in (PACKAGE / "fetch").rglob("*.py")
        for _, name in found(path)
        if name in {"sock_connect", "open_connection", "urlopen"}
    }
    assert homes == {"dial.py"}


CONNECTED = []  # addresses; the hook cannot be taken away again, so it is added once
LISTENING = [False]


def _watch(event, arguments):
    if event == "socket.connect" and LISTENING[0]:
        CONNECTED.append(arguments[1])


@pytest.fixture
def connected():
    """Every address that anything in this process connects to."""
    if not CONNECTED and not hasattr(_watch, "added"):
        sys.addaudithook(_watch)
        _watch.added = True
    CONNECTED.clear()
    LISTENING[0] = True
    yield CONNECTED
    LISTENING[0] = False


def to(location):
    return lambda _request: Response(status=301, headers=[(b"Location", location.encode())])


async def test_the_way_out_connects_to_what_was_checked_and_to_nothing_else(origin, client, connected):
    feed = origin.serve("/feed.xml", Document(body=b"<rss/>", etag=b'"1"'), host="127.0.0.7")
    evil = origin.serve("/feed.xml", Document(body=b"<rss/>"), host="127.0.0.8")
    moved = origin.script("/old", to(feed), host="127.0.0.7")
    lured = origin.script("/out", to(evil), host="127.0.0.7")

    async def resolve(host):
        return {"good.example": ["127.0.0.7"], "mixed.example": ["127.0.0.7", "127.0.0.8"]}[host]

    async with client(allow=("127.0.0.7/32",), resolve=resolve, keep=0) as it:
        for url in (feed, moved, feed.replace("127.0.0.7", "good.example")):
            await it.fetch(Source(id="s", url=url), PollState())
            await it.get(url, Source(id="s", url=url))
        for url in (
            evil,
            lured,
            feed.replace("127.0.0.7", "mixed.example"),
            "http://169.254.169.254/",
            "http://[::1]/",
        ):
            for asked in (it.fetch(Source(id="s", url=url), PollState()), it.get(url, Source(id="s", url=feed))):
                with pytest.raises(FetchError, match="not on the public internet"):
                    await asked
    assert set(connected) == {("127.0.0.7", origin.port)}
    assert {request.address for request in origin.requests} == {"127.0.0.7"}
