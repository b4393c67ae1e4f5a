"""What a robots.txt asks is understood as RFC 9309 says."""

from __future__ import annotations

import time

import pytest

from aggregator.fetch.robots import read, token

SITE = "https://vesna.example"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        pytest.param("", "/a", True, id="empty"),
        pytest.param("User-agent: *\nDisallow: /", "/a", False, id="all forbidden"),
        pytest.param("User-agent: *\nDisallow:", "/a", True, id="an empty rule forbids nothing"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True, id="the longest rule"),
        pytest.param("User-agent: *\nAllow: /n\nDisallow: /news", "/news/1", False, id="in any order"),
        pytest.param("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True, id="a tie allows"),
        pytest.param("User-agent: other\nDisallow: /\n", "/a", True, id="another's group"),
        pytest.param("User-agent: *\nDisallow: /\nUser-agent: Aggregator/1\nAllow: /", "/a", True, id="our own group"),
        pytest.param("User-agent: x\nUser-agent: aggregator\nDisallow: /a\n", "/a", False, id="a group of two"),
        pytest.param("user-AGENT :aggregator #we\n disallow : /a # no\n", "/a", False, id="blanks, case and comments"),
        pytest.param("User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b", "/b", False, id="twice"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf", False, id="a star and an end"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/x/a.pdf?x", True, id="not its end"),
        pytest.param("User-agent: *\nDisallow: /*/print", "/a/b/print/1", False, id="a star inside"),
        pytest.param("User-agent: *\nDisallow: /a$", "/a/b", True, id="an end without a star"),
        pytest.param("User-agent: *\nDisallow: /*?page=", "/a?page=2", False, id="the query"),
        pytest.param("User-agent: *\nDisallow: /%D0%B0", "/а", False, id="escaped"),
        pytest.param("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False, id="a mark and line ends"),
        pytest.param("Disallow: /\nAllow: /\n<html>", "/a", True, id="rules of nobody"),
        pytest.param("User-agent: *\nCrawl-delay: 5\nDisallow: /a\nSitemap: x", "/a", False, id="other keys"),
    ],
)
def test_a_path_is_allowed_or_not(text, path, allowed):
    assert read(text.encode(), "aggregator").allow(SITE + path) is allowed


def test_our_name_is_the_product_in_our_user_agent():
    assert token("aggregator/0.1 (+https://x.example; feed-id=a)") == "aggregator"
    assert token("") == "*"


def test_a_flood_costs_little():
    flood = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 1000 + b"$\n" + b"Disallow: /*x*y*z\n" * 30_000
    began = time.monotonic()
    assert read(flood, "aggregator").allow(SITE + "/" + "a" * 500)
    assert time.monotonic() - began < 5
