"""Forms are sent to whom they are meant for, and to nobody who could read along."""

from __future__ import annotations

import pytest

from aggregator.errors import FetchError
from aggregator.lab.origin import Response
from aggregator.model import Access, Source

FORM = [("hub.mode", "subscribe"), ("hub.topic", "https://маяк.example/?a=1&b=2"), ("hub.secret", "s")]
BODY = b"hub.mode=subscribe&hub.topic=https%3A%2F%2F%D0%BC%D0%B0%D1%8F%D0%BA.example%2F%3Fa%3D1%26b%3D2&hub.secret=s"


@pytest.fixture
def post(client):
    async def post(url, *, access=None, **options):
        source = Source(id="mayak", url="https://mayak.example/rss", access=access or Access())
        async with client(**options) as it:
            return await it.post(url, FORM, source)

    return post


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_form_is_sent_and_a_success_returned(post, origin, status):
    assert await post(origin.script("/hub", lambda _: Response(status=status))) == status
    (request,) = origin.requests
    assert (request.method, request.body) == ("POST", BODY)
    assert request.header(b"content-type") == b"application/x-www-form-urlencoded"
    assert request.header(b"user-agent").startswith(b"aggregator/1.2 ")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_followed_with_the_form(post, origin, status):
    new = origin.script("/new", lambda _: Response(status=202))
    old = origin.script("/old", lambda _: Response(status=status, headers=[(b"Location", new.encode())]))
    assert await post(old) == 202
    assert [(request.method, request.target, request.body) for request in origin.requests] == [
        ("POST", b"/old", BODY),
        ("POST", b"/new", BODY),
    ]


@pytest.mark.parametrize("status", [303, 304, 400, 404, 410, 429, 500])
async def test_anything_else_is_a_failure(post, origin, status):
    there = origin.script("/there", lambda _: Response(status=202))
    with pytest.raises(FetchError) as caught:
        await post(origin.script("/hub", lambda _: Response(status=status, headers=[(b"Location", there.encode())])))
    assert caught.value.status == status
    assert len(origin.requests) == 1


async def test_two_forms_go_over_one_connection(client, origin):
    url = origin.script("/hub", lambda _: Response(status=202))
    source = Source(id="mayak", url="https://mayak.example/rss")
    async with client() as it:
        await it.post(url, FORM, source)
        await it.post(url, FORM, source)
    assert (len(origin.requests), origin.connections) == (2, 1)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://hub.example/", id="a name"),
        pytest.param("http://198.51.100.7/", id="an address that nobody has allowed"),
        pytest.param("http://localhost:{port}/hub", id="a name of an allowed address"),
    ],
)
async def test_a_secret_is_not_sent_in_the_open(post, client, origin, url):
    url = url.format(port=origin.port)
    with pytest.raises(FetchError, match="over https only"):
        await post(url)
    async with client() as it:
        assert not it.may_post(url, Source(id="mayak", url="https://mayak.example/rss"))
    assert not origin.requests


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        pytest.param("http://hub.example/", "over https only", id="into the open"),
        pytest.param("https://10.0.0.1/hub", "not on the public internet", id="into a private network"),
        pytest.param("file:///etc/passwd", "not on the web", id="to a file"),
    ],
)
async def test_a_redirect_is_not_followed_astray(post, origin, goal, why):
    with pytest.raises(FetchError, match=why):
        await post(origin.script("/hub", lambda _: Response(status=302, headers=[(b"Location", goal.encode())])))
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hub",
        "https://[::1]/hub",
        "https://169.254.169.254/hub",
        "https://2130706433/hub",
        "https://10.0.0.1/hub",
    ],
)
async def test_a_hub_in_a_private_network_is_not_called(post, url):
    with pytest.raises(FetchError, match="not on the public internet"):
        await post(url, allow=())


async def test_a_login_of_the_source_does_not_go_to_its_hub(post, origin):
    access = Access(basic="reader:word", cookies=(("a", "b"),), headers=(("X-Key", "k"),))
    await post(origin.script("/hub", lambda _: Response(status=202)), access=access)
    names = {name.lower() for name, _ in origin.requests[0].headers}
    assert not names & {b"authorization", b"cookie", b"x-key", b"referer"}
