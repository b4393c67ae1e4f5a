"""Whatever is written where an address should be: no error, no waiting, and one form for good."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.urls import ascii_only, canonical, public, untracked

# The words that our rules look for, and the characters that part them: random letters never hit their mixtures.
PIECES = [
    *(
        "/",
        "//",
        ".",
        "..",
        "?",
        "&",
        "&amp;",
        "amp;",
        "=",
        "#",
        "#!",
        ";",
        ":",
        "@",
        "%",
        "+",
        " ",
        "\\",
        "[",
        "]",
        "\n",
    ),
    *("%2f", "%2E", "%61", "%3a", "%26", "%EC", "amp", ".amp", "index.html", "index.php", "default.asp", "www.", "m."),
    *("a.example", "in.ua", "google.com", "google.com/amp/s/", "google.com/url?url=", "cdn.ampproject.org/c/s/"),
    *("yandex.ru/turbo/", "/s/", "t.me/iv?url=", "http://", "https%3A%2F%2F", "https://", "utm_source=1", "id=12345"),
    *(
        "sid=",
        "0" * 32,
        ";jsessionid=1",
        "from=rss",
        "12345",
        "straße.de",
        "маяк.рф",
        "❤.ws",
        "℀",
        "\ud800",
        "xn--a",
        ":80",
    ),
]
HTTP = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda pieces: "https://" + "".join(pieces))
WRITTEN = HTTP | st.text(max_size=60)

MIB = 2**20
HOSTILE = {
    "doors": "https://" + "m." * (MIB // 2) + "example.com",
    "ats": "https://" + "@" * MIB + ":x",
    "brackets": "https://" + "[:@" * (MIB // 3),
    "a Cyrillic host": "https://" + "я" * MIB,
    "AMP, segment by segment": "https://a.example" + "/amp" * (MIB // 4),
    "AMP, then no AMP": "https://a.example" + "/amp" * (MIB // 4) + "/x12345",
    "AMP as endings": "https://a.example/x" + ".amp" * (MIB // 4),
    "AMP as endings, then none": "https://a.example/x" + ".amp" * (MIB // 4) + "x",
    "default pages": "https://a.example" + "/index.html" * (MIB // 11),
    "AMP and dots": "https://a.example/amp/" + "." * MIB + "x",
    "dot segments": "https://a.example" + "/a/.." * (MIB // 5),
    "slashes": "https://a.example" + "/" * MIB + "x",
    "per cent": "https://a.example/" + "%" * MIB,
    "sessions": "https://a.example/" + ";jsessionid=" * (MIB // 12),
    "parameters": "https://a.example/?" + "sid=1&" * (MIB // 6),
    "escaped ampersands": "https://a.example/?" + "&amp;" * (MIB // 5),
    "a site's name": "https://a.example/?ref=" + "a." * (MIB // 2) + "!",
    "viewers in viewers": "https://" + "google.com/amp/s/" * (MIB // 17) + "a.example/x",
    "redirectors in redirectors": "https://t.me/iv?url=" * (MIB // 20) + "https://a.example/x",
    "redirectors to nowhere": "https://t.me/iv?" + "url=&" * (MIB // 5),
    "a fast page of dots": "https://yandex.ru/turbo/" + "." * MIB + "/x",
    "a route": "https://a.example/#" + "/" * MIB,
}


@given(WRITTEN)
@example("https://a.example/..amp")
@example("https://a.example/x;%6Asessionid=1")
@example("https://a.example/?amp;b=1&a=1")
@example("https://www..m.example.com/")
@example("https://google.com/amp/url?url=https://a.example/x")
def test_a_canonical_form_is_ascii_and_its_own_canonical_form(written):
    found = canonical(written)
    if found is not None:
        assert found.isascii()
        assert canonical(found) == found


@given(WRITTEN)
def test_what_is_printed_is_printed_without_an_error(written):
    assert ascii_only(written).isascii()
    assert len(public(written)) <= len(written)
    assert len(untracked(written)) <= len(written)


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE)
def test_a_mebibyte_meant_to_stop_us_costs_a_moment(url):
    began = time.perf_counter()
    found = canonical(url)
    ascii_only(url)
    assert time.perf_counter() - began < 20  # measured at most 2 s; what is quadratic takes minutes
    assert found is None or canonical(found) == found
