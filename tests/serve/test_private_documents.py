"""What stands under /private/TOKEN, and that nothing stands anywhere else of what is private."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest
from serve_making import BODIES, NOON, Stand, ask, documents, serving, topic

from aggregator.model import Source
from aggregator.serve import Shelf
from aggregator.store import Store, polls, tokens

TOKEN = secrets.token_urlsafe(32)
OTHER = secrets.token_urlsafe(32)
PRIVATE = "private, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
OWN = {"atom": "/feeds/own.atom", "rss": "/feeds/own.rss", "json": "/feeds/own.json", "html": "/topics/own"}
LINES = [kind for kind in OWN if kind != "html"]


@dataclass
class Door:
    """A server with a public topic and two private ones."""

    stand: Stand
    server: object

    def get(self, path, token=TOKEN):
        return ask(self.server, "GET", f"/private/{token}{path}" if token else path)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('private')}/news.db")
    store.write_now(tokens.add, "own", [tokens.hash_of(TOKEN)], NOON)
    store.write_now(tokens.add, "other", [tokens.hash_of(OTHER)], NOON)
    store.write_now(tokens.add, "sea", [tokens.hash_of("A" * 43)], NOON)
    sources = [
        Source(id=name, url=f"https://{name}.example/?token=s3cret", private=name == "own") for name in ("open", "own")
    ]
    store.write_now(polls.sync_sources, sources, NOON)
    yield store
    store.close()


@pytest.fixture
def door(store):
    topics = {"sea": topic(), "own": topic("own", title="Своё", private=True), "other": topic("other", private=True)}
    stand = Stand(store=store, topics=topics, sources={"open": Source(id="open", url="")})
    stand.shelf = Shelf(lambda name: name in stand.topics and stand.topics[name].private)
    stand.shelf.put([*documents(), *documents("own")])
    with serving(stand.app()) as server:
        yield Door(stand, server)


@pytest.mark.parametrize("kind", OWN)
def test_a_token_opens_every_format_of_its_topic(door, kind):
    reply = door.get(OWN[kind])
    assert (reply.status, reply.body) == (200, BODIES[kind])
    assert reply.headers["cache-control"] == PRIVATE
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["x-robots-tag"] == "noindex"
    assert not any(name.startswith("access-control") for name in reply.headers)


def test_a_private_document_is_conditional_like_any_other(door):
    etag = door.get(OWN["atom"]).headers["etag"]
    again = ask(door.server, "GET", f"/private/{TOKEN}{OWN['atom']}", If_None_Match=etag)
    assert (again.status, again.headers["cache-control"]) == (304, PRIVATE)


NOTHING = {
    "a private feed at a public address": (None, "/feeds/own.atom"),
    "a private page at a public address": (None, "/topics/own"),
    "a token of another topic": (OTHER, "/feeds/own.atom"),
    "a token nobody has": (secrets.token_urlsafe(32), "/feeds/own.atom"),
    "no token at all": ("", "/private//feeds/own.atom"),
    "a token and more": (f"{TOKEN}A", "/feeds/own.atom"),
    "the hash of a token": (tokens.hash_of(TOKEN).hex(), "/feeds/own.atom"),
    "a public topic": (TOKEN, "/feeds/sea.atom"),
    "a token that a public topic had": ("A" * 43, "/feeds/sea.atom"),
    "a topic that is not": (TOKEN, "/feeds/nothing.atom"),
    "a format that is not": (TOKEN, "/feeds/own.xml"),
    "the token alone": (TOKEN, "/"),
    "a page of ours below it": (TOKEN, "/sources/own"),
    "a private source": (None, "/sources/own"),
}


def told(reply):
    """All of an answer but when it was given."""
    return reply.status, {name: value for name, value in reply.headers.items() if name != "date"}, reply.body


@pytest.mark.parametrize(("token", "path"), NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_what_is_private_cannot_be_told_from_what_is_not_there(door, token, path, method):
    asked = f"/private/{token}{path}" if token else path
    reply, unknown = (ask(door.server, method, one) for one in (asked, "/feeds/no-such-topic.atom"))
    assert told(reply) == told(unknown)
    assert reply.status == 404


def test_a_revoked_token_opens_nothing_from_the_next_request_on(door, store):
    token = secrets.token_urlsafe(32)
    store.write_now(tokens.add, "own", [tokens.hash_of(token)], NOON)
    assert door.get("/feeds/own.atom", token).status == 200
    store.write_now(tokens.revoke, "own", [tokens.hash_of(token)])
    assert door.get("/feeds/own.atom", token).status == 404


def test_a_private_topic_that_is_not_published_yet_is_soon(door):
    assert door.get("/feeds/other.atom", OTHER).status == 503


def test_the_index_knows_public_topics_only(door):
    page = ask(door.server, "GET", "/").body.decode()
    assert "/feeds/sea.atom" in page
    assert "/own" not in page
    assert "Своё" not in page


@pytest.mark.parametrize("was", [False, True], ids=["public", "private"])
def test_a_document_is_never_handed_out_on_terms_it_was_not_made_for(door, was):
    """A reload turns a topic; what stands on the shelf was made before."""
    name = "own" if was else "sea"
    door.stand.topics[name] = topic(name, private=not was)
    public, private = door.get(f"/feeds/{name}.atom", None), door.get(f"/feeds/{name}.atom", TOKEN if was else "A" * 43)
    assert (public.status, private.status) == ((503, 404) if was else (404, 503))
    door.stand.shelf.put(documents(name))
    public, private = door.get(f"/feeds/{name}.atom", None), door.get(f"/feeds/{name}.atom", TOKEN if was else "A" * 43)
    assert (public.status, private.status) == ((200, 404) if was else (404, 200))


def test_a_private_topic_that_left_the_configuration_was_never_there(door):
    del door.stand.topics["own"]
    assert [door.get("/feeds/own.atom", token).status for token in (None, TOKEN)] == [404, 404]
    del door.stand.topics["sea"]
    assert door.get("/feeds/sea.atom", None).status == 410


def test_pages_of_sources_show_public_ones_and_no_secret_of_an_address(door):
    every, one = (ask(door.server, "GET", path).body.decode() for path in ("/sources", "/sources/open"))
    assert "open" in every
    assert "own" not in every.replace("known", "").replace("down", "")
    assert "https://open.example/" in one
    assert "s3cret" not in one
