import asyncio
import errno
import socket
import threading

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.guard import check, check_unresolved, networks
from aggregator.fetch.resolve import MAX_LOOKUPS, SystemResolver, unresolved
from aggregator.lab.origin import Document, Response

FEED = Document(body=b"<rss/>")


def says(*answers):
    """A resolver that gives each answer once, then the last one for ever."""
    row = list(answers)

    async def resolve(_host):
        return row.pop(0) if len(row) > 1 else row[0]

    return resolve


PRIVATE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
    *("192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::"),
    *("3fff::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1"),
]
PUBLIC = [
    *(
        "1.1.1.1",
        "8.8.8.8",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.255.255",
        "198.20.0.1",
        "223.255.255.255",
    ),
    *("2606:4700::1111", "2a02:6b8::1", "::ffff:8.8.8.8", "64:ff9b::808:808"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_outside_the_public_internet_is_refused(address):
    with pytest.raises(FetchError, match="not on the public internet") as caught:
        check("feeds.example", address, ())
    assert caught.value.kind == "refused"
    assert caught.value.problem.startswith(f"feeds.example has the address {address}, ")


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_passes(address):
    check("feeds.example", address, ())


@pytest.mark.parametrize(
    ("cidr", "address", "passes"),
    [
        pytest.param("127.0.0.0/8", "127.9.9.9", True, id="inside"),
        pytest.param("127.0.0.1/8", "127.9.9.9", True, id="host bits set"),
        pytest.param("10.0.0.7/32", "10.0.0.8", False, id="the neighbour"),
        pytest.param("127.0.0.0/8", "::ffff:127.0.0.1", True, id="the same address in other clothes"),
        pytest.param("127.0.0.0/8", "64:ff9b::7f00:1", False, id="not through a gateway"),
        pytest.param("127.0.0.0/8", "::1", False, id="the other family"),
        pytest.param("fd00::/8", "fd00::1", True, id="IPv6"),
        pytest.param("0.0.0.0/0", "169.254.169.254", True, id="everything"),
    ],
)
def test_allow_private_lets_through_exactly_its_networks(cidr, address, passes):
    try:
        check("feeds.example", address, networks((cidr,)))
    except FetchError:
        assert not passes
    else:
        assert passes


def test_a_refusal_says_how_to_allow_it():
    with pytest.raises(FetchError) as caught:
        check("10.0.0.7", "10.0.0.7", ())
    assert str(caught.value) == (
        "the address 10.0.0.7 is not on the public internet"
        " (if it is meant, allow it with `allow_private: [10.0.0.7/32]`)"
    )


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[::]"),
        *("0x7f.1", "2130706433", "0177.0.0.1", "127.1", "①②⑦.⓪.⓪.①", "127.000.000.001", "0x7f000001"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fd00::1]", "[fe80::1%25lo]", "[fec0::1]", "[fd00:ec2::254]"),
        *("169.254.169.254", "100.100.100.200", "192.0.0.192", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
    ],
)
async def test_no_spelling_of_a_private_address_is_called(failure, host):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = await failure(f"http://{host}:{listener.getsockname()[1]}/latest/meta-data/", allow=())
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert error.kind == "refused"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "0", "127.1", "0x7f.1", "2130706433", "0177.0.0.1"),
        *("①②⑦.⓪.⓪.①", "127.0.0.1.", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1", "fe80::1%lo"),
        *("printer.local", "wiki.internal.", "router", "nas.home.arpa", "srv.localdomain", "x.alt"),
    ],
)
def test_without_a_look_up_what_only_a_private_network_knows_is_refused(host):
    with pytest.raises(FetchError) as caught:
        check_unresolved(host, ())
    assert caught.value.kind == "refused"


@pytest.mark.parametrize(
    "host", ["feeds.example", "8.8.8.8", "2606:4700::1111", "local.example", "xn--e1afmkfd.xn--p1ai"]
)
def test_without_a_look_up_public_names_and_addresses_pass(host):
    check_unresolved(host, ())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1"])
def test_without_a_look_up_an_allowed_address_passes(host):
    check_unresolved(host, networks(("127.0.0.0/8",)))


async def test_one_private_address_among_public_ones_is_enough_to_refuse(failure):
    error = await failure("http://feeds.example/", allow=(), resolve=says(["8.8.8.8", "127.0.0.1"]))
    assert error.kind == "refused"
    assert "feeds.example has the address 127.0.0.1" in str(error)


@pytest.mark.parametrize(("keep", "kind"), [(0, "refused"), (9, "status")])
async def test_a_name_that_changes_its_address_is_checked_again_at_every_connection(*, origin, failure, keep, kind):
    origin.serve("/", FEED, host="127.0.0.8")
    url = origin.script(
        "/feed.xml",
        lambda _: Response(status=302, headers=[(b"Location", b"http://feeds.example:%d/" % origin.port)]),
        host="127.0.0.7",
    ).replace("127.0.0.7", "feeds.example")

    error = await failure(url, allow=("127.0.0.7/32",), resolve=says(["127.0.0.7"], ["127.0.0.8"]), keep=keep)

    assert error.kind == kind  # a kept connection leads to the address that was checked, and to none else
    assert {request.address for request in origin.requests} == {"127.0.0.7"}


async def test_what_was_checked_is_what_is_dialled_and_the_name_stays_in_the_request(origin, fetch):
    url = origin.serve("/feed.xml", FEED, host="127.0.0.7").replace("127.0.0.7", "стрічки.example")
    await fetch(url, resolve=says(["127.0.0.7"]))
    assert origin.requests[-1].host.encode() == "стрічки.example".encode("idna") + b":%d" % origin.port
    assert origin.requests[-1].address == "127.0.0.7"


async def test_the_next_address_is_tried_when_one_does_not_answer(origin, fetch):
    url = origin.serve("/feed.xml", FEED).replace("127.0.0.1", "feeds.example")
    got = await fetch(url, resolve=says(["127.0.0.77", "127.0.0.78", "127.0.0.1"]))
    assert got.body == b"<rss/>"


async def test_an_allowance_of_one_source_is_not_another_ones(origin, fetch, failure):
    url = origin.serve("/feed.xml", FEED)
    allowed = {"allow_private": ("127.0.0.1/32",)}
    assert (await fetch(url, allow=(), source=allowed)).body == b"<rss/>"
    assert (await failure(url, allow=())).kind == "refused"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("file:///etc/passwd", 'an address that begins with "file:" is not on the web', id="file"),
        pytest.param("feeds.example/rss", 'begins with ":" is not on the web', id="no scheme"),
        pytest.param("http:///rss", "names no host", id="no host"),
        pytest.param("http://h:abc/", "the address is malformed", id="port of letters"),
        pytest.param("http://127.0.0.1/\x00", "the address is malformed", id="NUL"),
        pytest.param("http://127.0.0.1/a\r\nX: y", "the address is malformed", id="line break"),
        pytest.param("http://127.0.0.1:99999/", "or no port that there is", id="port out of range"),
        pytest.param("http://user:pass@127.0.0.1/", "write it as `basic:`", id="a login"),
        pytest.param("http://user@127.0.0.1/", "the address holds a login", id="half a login"),
        pytest.param("http://user:pass@evil@127.0.0.1/", "the address holds a login", id="two of them"),
        pytest.param("http://h\\@127.0.0.1/", "the address holds a login", id="a backslash and a login"),
        pytest.param("http://127.0.0.1\\.feeds.example/", "the address is malformed", id="a backslash"),
        pytest.param("http://[::1/", "the address is malformed", id="half an address"),
        pytest.param("http://feeds.onion/", "is inside Tor", id="onion"),
    ],
)
async def test_an_address_that_cannot_be_asked_is_refused(failure, url, problem):
    error = await failure(url)
    assert error.kind == "refused"
    assert problem in str(error)
    assert "pass" not in str(error)


async def test_what_looks_like_a_login_behind_the_host_is_none(origin, failure):
    await failure(f"http://127.0.0.1:{origin.port}/%0d%0aX:y/@a#@evil")
    assert origin.requests[-1].target == b"/%0d%0aX:y/@a"


@pytest.mark.fault("F21")
@pytest.mark.parametrize(
    ("number", "problem"),
    [
        pytest.param(socket.EAI_NONAME, "the name feeds.example does not resolve", id="no such name"),
        pytest.param(socket.EAI_AGAIN, "the name feeds.example cannot be looked up: no name server answers", id="none"),
    ],
)
def test_why_a_name_has_no_address_is_said_plainly(number, problem):
    error = unresolved("feeds.example", socket.gaierror(number, "x"))
    assert (error.kind, str(error)) == ("dns", problem)


def test_what_the_look_up_itself_lacks_is_no_names_fault():
    error = unresolved("feeds.example", OSError(errno.EMFILE, "Too many open files"))
    assert (error.kind, error.problem) == ("internal", "this machine lacks what a request needs: Too many open files")


async def test_a_name_that_can_be_none_is_a_dns_failure(failure):
    error = await failure(f"http://{'a' * 64}.example/")
    assert (error.kind, "is not a name that can be looked up" in str(error)) == ("dns", True)


async def test_the_system_knows_localhost():
    assert set(await SystemResolver()("localhost")) <= {"127.0.0.1", "::1"}


@pytest.mark.fault("F21")
async def test_slow_names_hold_a_bounded_number_of_threads_even_when_nobody_waits_any_more():
    go, begun = threading.Event(), threading.Semaphore(0)

    def slow(_host):
        begun.release()
        go.wait(30)
        return ["8.8.8.8"]

    resolve = SystemResolver(slow)
    waiting = [asyncio.create_task(resolve(f"{n}.example")) for n in range(MAX_LOOKUPS + 5)]
    for _ in range(MAX_LOOKUPS):
        await asyncio.to_thread(begun.acquire)
    for task in waiting[:MAX_LOOKUPS]:
        task.cancel()
    assert not await asyncio.to_thread(begun.acquire, timeout=0.1)

    go.set()
    assert await asyncio.gather(*waiting[MAX_LOOKUPS:]) == [["8.8.8.8"]] * 5
