"""The page of a topic, or its feed, at one address: what Accept asks for (output.md O23)."""

from __future__ import annotations

import gzip

import pytest
from serve_making import ADDRESSES, BODIES, ask

from aggregator.serve.negotiate import chosen

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
READER = "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, application/xml;q=0.4, */*;q=0.1"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        pytest.param("", "html", id="nothing said"),
        pytest.param("*/*", "html", id="anything"),
        pytest.param(BROWSER, "html", id="a browser"),
        pytest.param("text/html", "html", id="a page"),
        pytest.param("application/atom+xml", "atom", id="Atom"),
        pytest.param("application/rss+xml", "rss", id="RSS"),
        pytest.param("application/feed+json", "json", id="JSON Feed"),
        pytest.param("Application/ATOM+XML", "atom", id="in capitals"),
        pytest.param(READER, "rss", id="a reader that likes RSS most"),
        pytest.param("application/atom+xml, application/rss+xml", "atom", id="both alike: Atom"),
        pytest.param("application/rss+xml;q=0.9, application/feed+json", "json", id="the greater weight"),
        pytest.param("application/atom+xml, text/html", "html", id="a page alike: the page"),
        pytest.param("application/atom+xml, text/html;q=0.9", "atom", id="a page less"),
        pytest.param("application/atom+xml;q=0.9, text/html", "html", id="a page more"),
        pytest.param("application/atom+xml, */*", "atom", id="a feed by its name, anything alike"),
        pytest.param("application/atom+xml;q=0.5, */*", "html", id="anything rather than a feed"),
        pytest.param("application/atom+xml, text/*;q=0.2", "atom", id="any text less"),
        pytest.param("application/atom+xml;q=0", "html", id="no Atom"),
        pytest.param("application/atom+xml;q=0.000, */*;q=0.1", "html", id="no Atom, in digits"),
        pytest.param("text/html;q=0, application/atom+xml;q=0.1", "atom", id="no page"),
        pytest.param("application/atom+xml;type=feed;q=0.3, text/html;q=0.2", "atom", id="a parameter before it"),
        pytest.param("application/atom+xml ; Q=1.000 , text/html ; q=0.5", "atom", id="blanks"),
        pytest.param("application/*", "html", id="no feed is named"),
        pytest.param("application/xml, text/xml", "html", id="XML is no feed"),
        pytest.param("image/png", "html", id="nothing that there is"),
        pytest.param("application/atom+xml;q=7", "atom", id="a weight that is none does not count"),
        pytest.param("atom", "html", id="no media type"),
        pytest.param(",,;;=,/", "html", id="signs"),
        pytest.param("application/atom+xml" * 500, "html", id="a long word"),
        pytest.param(";" * 16_000, "html", id="a flood of signs"),
        pytest.param("a/b" + ";q" * 8_000, "html", id="a flood of parameters"),
    ],
)
def test_a_feed_is_sent_where_one_is_named_and_wanted_more_than_a_page(accept, form):
    assert chosen(accept.encode("latin-1")) == form


@pytest.mark.parametrize(("form", "accept"), [("atom", "application/atom+xml"), ("rss", READER), ("html", BROWSER)])
def test_the_address_of_the_page_answers_in_the_form_asked_for_and_tells_caches(server, form, accept):
    reply, there = ask(server, "GET", "/topics/sea", accept=accept), ask(server, "GET", ADDRESSES[form])
    assert (reply.status, reply.body) == (200, BODIES[form])
    assert reply.headers["vary"] == "Accept, Accept-Encoding"
    same = ("content-type", "etag", "cache-control", "last-modified", "content-security-policy")
    assert [reply.headers.get(name) for name in same] == [there.headers.get(name) for name in same]
    again = ask(server, "GET", "/topics/sea", accept=accept, if_none_match=reply.headers["etag"])
    assert (again.status, again.headers["vary"]) == (304, "Accept, Accept-Encoding")
    packed = ask(server, "GET", "/topics/sea", accept=accept, accept_encoding="gzip")
    assert gzip.decompress(packed.body) == BODIES[form]


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_the_address_of_a_feed_never_negotiates(server, form):
    reply = ask(server, "GET", ADDRESSES[form], accept="text/html")
    assert (reply.body, reply.headers["vary"]) == (BODIES[form], "Accept-Encoding")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/topics/fresh", 503),
        ("/topics/gone", 410),
        ("/topics/other", 404),
        ("/topics/", 404),
        ("/topics/_edits", 404),
        ("/topics/_health", 404),
        ("/topics/sea/archive/1", 404),
        ("/topics/..%2fsea", 404),
        ("/topics/sea%00", 404),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/atom+xml"])
def test_what_is_not_there_is_not_there_in_any_form(server, path, status, accept):
    assert ask(server, "GET", path, accept=accept).status == status
