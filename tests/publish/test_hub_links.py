"""Every public feed names its hubs and itself; nothing else of it changes, and private ones name none."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree
from publish_making import SITE, TOPIC, body, delivery, made

HUBS = ("https://feeds.example.org/hub", "https://hub.example/?a=1&b=2")
NAMED = replace(SITE, hubs=HUBS)
ATOM = "{http://www.w3.org/2005/Atom}link"


def links(document):
    """Return the links of a feed, its entries' apart, as (rel, href)."""
    root = etree.fromstring(document)
    channel = root if root.tag.endswith("feed") else root[0]
    return [(link.get("rel"), link.get("href")) for link in channel.findall(ATOM)]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_feed_names_its_hubs_in_their_order_and_itself(kind):
    found = links(body(made(live=[delivery()], site=NAMED), kind))
    assert [href for rel, href in found if rel == "hub"] == list(HUBS)
    assert [href for rel, href in found if rel == "self"] == [f"https://feeds.example.org/feeds/sea.{kind}"]


def test_a_json_feed_names_its_hubs():
    document = json.loads(body(made(live=[delivery()], site=NAMED), "json"))
    assert document["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]
    assert document["feed_url"] == "https://feeds.example.org/feeds/sea.json"


def test_the_page_of_an_rss_feed_stays_its_page():
    channel = etree.fromstring(body(made(site=NAMED), "rss"))[0]
    assert [link.text for link in channel.findall("link")] == ["https://feeds.example.org/topics/sea"]


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
@pytest.mark.parametrize(
    ("topic", "site"),
    [
        pytest.param(TOPIC, SITE, id="where there is no hub"),
        pytest.param(replace(TOPIC, private=True), NAMED, id="of a private topic"),
    ],
)
def test_no_hub_is_named(kind, topic, site):
    document = body(made(live=[delivery()], topic=topic, site=site), kind)
    assert b'"hub' not in document
    assert b"hub.example" not in document


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_the_same_values_give_the_same_bytes(kind):
    one, other = (body(made(live=[delivery()], site=NAMED), kind) for _ in range(2))
    assert one == other
