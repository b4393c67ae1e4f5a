"""Who tells of a feed's news, wherever that is said."""

from __future__ import annotations

import json

import pytest

from aggregator.model import Feed
from aggregator.parse.discover import hubs_of_page
from aggregator.parse.hubs import Hubs, announced, hubs_of

URL = "https://mayak.example/news/feed.xml"
HUB, TOPIC = "https://hub.example/", "https://mayak.example/feed"
LINKS = f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{TOPIC}"/>'
RSS = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>М</title>{LINKS}</channel></rss>'
ATOM = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>М</title>{LINKS.replace("atom:", "")}</feed>'
JSON = {"version": "https://jsonfeed.org/version/1.1", "title": "М", "feed_url": TOPIC, "items": []}
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    f'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>М</title>{LINKS}</channel></rdf:RDF>'
)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(RSS, id="RSS"),
        pytest.param(ATOM, id="Atom"),
        pytest.param(RDF, id="RDF"),
        pytest.param(json.dumps({**JSON, "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": HUB}]})),
    ],
)
def test_a_feed_names_its_hub_and_itself(parse, body):
    feed = parse(body.encode()).feed
    assert (feed.hubs, feed.self_url) == ((HUB,), TOPIC)


def test_hubs_of_items_are_not_the_feeds(parse):
    body = RSS.replace(LINKS, f"<item><guid>1</guid><title>1</title>{LINKS}</item>")
    feed = parse(body.encode()).feed
    assert (feed.hubs, feed.self_url) == ((), None)


@pytest.mark.parametrize(
    ("addresses", "hubs"),
    [
        pytest.param([HUB, "/hub", HUB], (HUB, "https://mayak.example/hub"), id="relative, and once each"),
        pytest.param(["javascript:alert(1)", "file:///etc/passwd", "ftp://hub.example/"], (), id="no web addresses"),
        pytest.param(["https://user:word@hub.example/"], (), id="with a login"),
        pytest.param([HUB + "a" * 1000], (), id="too long"),
        pytest.param([HUB + "#part"], (HUB,), id="with a fragment"),
        pytest.param(["", " "], (), id="empty"),
    ],
)
def test_a_hub_is_an_address_on_the_web(addresses, hubs):
    assert hubs_of(addresses, URL) == hubs


def test_of_a_thousand_hubs_ten_are_looked_at():
    assert len(hubs_of((f"https://hub-{n}.example/" for n in range(1000)), URL)) == 10


@pytest.mark.parametrize(
    ("headers", "hubs", "topic"),
    [
        pytest.param([], ("https://in.example/",), "https://in.example/self", id="nothing in the headers"),
        pytest.param(['</hub>; rel="hub"'], ("https://mayak.example/hub",), "https://in.example/self", id="a hub"),
        pytest.param(['<a>; rel="SELF hub"'], ("https://mayak.example/news/a",), "https://mayak.example/news/a"),
        pytest.param([f"<{TOPIC}>; rel=self, <{HUB}>; rel=hub"], (HUB,), TOPIC, id="both in one header"),
        pytest.param([f"<{TOPIC}>; rel=self", f"<{HUB}>; rel=hub"], (HUB,), TOPIC, id="one header each"),
        pytest.param(['<x:y>; rel="hub"', "garbage"], ("https://in.example/",), "https://in.example/self", id="no hub"),
    ],
)
def test_headers_stand_above_the_document(headers, hubs, topic):
    feed = Feed(title="Маяк", hubs=("https://in.example/",), self_url="https://in.example/self")
    found = announced(feed, headers, URL)
    assert (found.hubs, found.self_url) == (hubs, topic)
    assert found.title == "Маяк"


@pytest.mark.parametrize(
    ("page", "headers", "found"),
    [
        pytest.param(
            '<link rel=hub href="/hub"><link rel="self" href="/news">',
            [],
            Hubs(hubs=("https://mayak.example/hub",), topic="https://mayak.example/news"),
            id="link elements",
        ),
        pytest.param(
            f'<link rel=hub href="/hub"><link rel="self" href="{TOPIC}">',
            [f"<{HUB}>; rel=hub"],
            Hubs(hubs=(HUB,), topic=TOPIC),
            id="the hub in a header",
        ),
        pytest.param(
            '<base href="//o.example/"><link rel=hub href=h>', [], Hubs(hubs=("https://o.example/h",)), id="base"
        ),
        pytest.param('<a rel="hub" href="/hub">hub</a>', [], Hubs(), id="a hub among the links to click"),
    ],
)
def test_a_page_names_its_hub_and_itself(page, headers, found):
    assert hubs_of_page(f"<!doctype html><head>{page}</head>".encode(), URL, headers) == found
