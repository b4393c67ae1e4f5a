"""Addresses: absolute http(s), or nothing (content.md A31, A35)."""

from __future__ import annotations

import pytest

from aggregator.parse.links import LONGEST, absolute

BASE = "https://site.example/news/feed.xml"


@pytest.mark.parametrize(
    ("address", "base", "joined"),
    [
        pytest.param("https://a.example/x?y=1#z", BASE, "https://a.example/x?y=1#z", id="absolute"),
        pytest.param(" \n https://a.example/x \t", BASE, "https://a.example/x", id="padded"),
        pytest.param("HTTP://a.example/x", BASE, "http://a.example/x", id="upper case"),
        pytest.param("1.html", BASE, "https://site.example/news/1.html", id="relative"),
        pytest.param("/1.html", BASE, "https://site.example/1.html", id="rooted"),
        pytest.param("//b.example/1", BASE, "https://b.example/1", id="without a scheme"),
        pytest.param("?id=1", BASE, "https://site.example/news/feed.xml?id=1", id="query alone"),
        pytest.param("https://a.example/a b", BASE, "https://a.example/a%20b", id="blank"),
        pytest.param('https://a.example/"><x>', BASE, "https://a.example/%22%3E%3Cx%3E", id="break-out"),
        pytest.param("https://a.example/very/\n  long", BASE, "https://a.example/very/%20%20long", id="wrapped"),
        pytest.param("https://пример.example/новость", BASE, "https://пример.example/новость", id="letters stay"),
        pytest.param("https://a.example:8080/x", BASE, "https://a.example:8080/x", id="port"),
        pytest.param("javascript:alert(1)", BASE, None, id="javascript"),
        pytest.param("java\nscript:alert(1)", BASE, None, id="split scheme"),
        pytest.param("ht\ttp://evil.example/", BASE, None, id="split http"),
        pytest.param("\x01javascript:alert(1)", BASE, None, id="control first"),
        pytest.param("data:text/html,x", BASE, None, id="data"),
        pytest.param("file:///etc/passwd", BASE, None, id="file"),
        pytest.param("mailto:a@b.example", BASE, None, id="mail"),
        pytest.param("magnet:?xt=1", BASE, None, id="magnet"),
        pytest.param("http://", BASE, None, id="no host"),
        pytest.param("http://[1", BASE, None, id="half an address"),
        pytest.param("https://a.example/" + "x" * LONGEST, BASE, None, id="too long"),
        pytest.param("", BASE, None, id="nothing"),
        pytest.param("1.html", "", None, id="nothing to join to"),
        pytest.param("1.html", "javascript:", None, id="a base that is a script"),
        pytest.param("1.html", "http://[1", None, id="a base that is no address"),
        pytest.param("1.html", "file:///etc/", None, id="a base that is a file"),
    ],
)
def test_an_address_becomes_absolute_or_nothing(address, base, joined):
    assert absolute(address, base) == joined


def test_xml_base_governs_what_it_stands_around(parse):
    (item,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/x/"><title>t</title>'
        '<entry xml:base="y/"><id>urn:x</id><title/><link href="1.html"/>'
        '<content type="html" xml:base="z/">&lt;img src="2.jpg"&gt;</content></entry></feed>'
    ).items
    assert item.link == "https://a.example/x/y/1.html"
    assert item.content == '<img src="https://a.example/x/y/z/2.jpg">'


@pytest.mark.parametrize("base", ["javascript:alert(1)//", "http://[1", "file:///", "", "data:text/html,"])
def test_a_hostile_xml_base_joins_nothing_to_itself(parse, base):
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}"><title>t</title><entry><id>urn:x</id>'
        '<title/><link href="1.html"/><content type="html">&lt;a href="2.html">x&lt;/a></content></entry></feed>'
    )
    (item,) = parse(body).items
    assert item.link in (None, "https://feeds.example/1.html")
    assert "javascript" not in item.content
    assert "file:" not in item.content
