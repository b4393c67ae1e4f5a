"""What readers get at the addresses of a topic, asked over real HTTP."""

from __future__ import annotations

import contextlib
import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from serve_making import ADDRESSES, BODIES, NOON, SITE, Stand, ask, documents, exchange, parse, serving, topic

STAMP = "Sun, 01 Mar 2026 12:00:00 GMT"
ATOM = ADDRESSES["atom"]


def etag_of(server, path=ATOM, **headers):
    return ask(server, "HEAD", path, **headers).headers["etag"]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("atom", "application/atom+xml; charset=utf-8"),
        ("rss", "application/rss+xml; charset=utf-8"),
        ("json", "application/feed+json; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
    ],
)
def test_each_format_stands_at_its_address_with_its_media_type(server, kind, media_type):
    reply = ask(server, "GET", ADDRESSES[kind])
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, media_type, BODIES[kind])


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES)
def test_a_document_carries_what_caches_need_and_nothing_else(server, path):
    headers = ask(server, "GET", path).headers
    assert headers["etag"].startswith('"')
    assert headers["last-modified"] == STAMP
    assert headers["cache-control"] == "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
    assert headers["vary"] == ("Accept, Accept-Encoding" if path == ADDRESSES["html"] else "Accept-Encoding")
    assert headers["x-content-type-options"] == "nosniff"
    assert "date" in headers
    assert not {"server", "set-cookie", "content-disposition", "content-encoding"} & set(headers)


def test_feeds_may_be_read_by_scripts_of_any_site_and_pages_may_not(server):
    feed, page = ask(server, "GET", ATOM).headers, ask(server, "GET", "/topics/sea").headers
    assert feed["access-control-allow-origin"] == "*"
    assert feed["access-control-expose-headers"] == "ETag"
    assert not any(name.startswith("access-control") for name in page)


def test_a_page_may_run_nothing_and_tells_nobody_where_its_reader_goes(server):
    headers = ask(server, "GET", "/topics/sea").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", [*ADDRESSES.values(), "/", "/static/style.css", "/healthz", "/nothing"])
@pytest.mark.parametrize("accept", ["identity", "gzip"])
def test_head_says_what_get_says_without_the_body(server, path, accept):
    got, head = (ask(server, method, path, accept_encoding=accept) for method in ("GET", "HEAD"))
    got.headers.pop("date")
    head.headers.pop("date")
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("kind", ADDRESSES)
def test_gzip_holds_the_same_document_under_an_etag_of_its_own(server, kind):
    plain, zipped = (ask(server, "GET", ADDRESSES[kind], accept_encoding=e) for e in ("identity", "gzip"))
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) == len(zipped.body) < len(plain.body)
    assert gzip.decompress(zipped.body) == plain.body
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert zipped.headers["vary"] == plain.headers["vary"]
    assert zipped.headers["vary"].endswith("Accept-Encoding")


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        pytest.param("{tag}", 304, id="the same"),
        pytest.param("W/{tag}", 304, id="weak compare"),
        pytest.param('"other", W/"third",{tag}', 304, id="in a list"),
        pytest.param("*", 304, id="any"),
        pytest.param('"a, b", {tag}', 304, id="a tag with a comma"),
        pytest.param('"other"', 200, id="another"),
        pytest.param('"*"', 200, id="a quoted star is a tag"),
        pytest.param("{bare}", 200, id="without quotes it is no tag"),
        pytest.param('"{bare}x"', 200, id="longer"),
        pytest.param("", 200, id="empty"),
        pytest.param('"never closed', 200, id="broken"),
    ],
)
def test_if_none_match_is_a_list_compared_weakly(server, tags, status):
    tag = etag_of(server)
    reply = ask(server, "GET", ATOM, if_none_match=tags.format(tag=tag, bare=tag.strip('"')))
    assert reply.status == status
    assert bool(reply.body) == (status == 200)


def test_the_etag_of_another_encoding_does_not_match(server):
    plain, zipped = etag_of(server), etag_of(server, accept_encoding="gzip")
    assert ask(server, "GET", ATOM, if_none_match=zipped).status == 200
    assert ask(server, "GET", ATOM, if_none_match=plain, accept_encoding="gzip").status == 200
    assert ask(server, "GET", ATOM, if_none_match=zipped, accept_encoding="gzip").status == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        pytest.param(STAMP, 304, id="the same"),
        pytest.param("Sun, 01 Mar 2026 12:00:01 GMT", 304, id="later"),
        pytest.param("Sun, 01 Mar 2026 11:59:59 GMT", 200, id="earlier"),
        pytest.param("Sunday, 01-Mar-26 12:00:00 GMT", 304, id="RFC 850 form"),
        pytest.param("Sun Mar  1 12:00:00 2026", 304, id="asctime form"),
        pytest.param("2026-03-01T12:00:00Z", 200, id="no HTTP-date"),
        pytest.param("soon", 200, id="words"),
        pytest.param("Sun, 01 Mar 99999 12:00:00 GMT", 200, id="absurd year"),
        pytest.param("", 200, id="empty"),
    ],
)
def test_if_modified_since_counts_where_it_is_a_date(server, since, status):
    assert ask(server, "GET", ATOM, if_modified_since=since).status == status


@pytest.mark.parametrize(
    ("tag", "since", "status"),
    [
        pytest.param('"other"', STAMP, 200, id="another tag, same date"),
        pytest.param("*", "Sun, 01 Mar 1999 12:00:00 GMT", 304, id="any tag, old date"),
    ],
)
def test_if_none_match_wins_over_if_modified_since(server, tag, since, status):
    assert ask(server, "GET", ATOM, if_none_match=tag, if_modified_since=since).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_has_the_headers_that_a_cache_updates_and_no_others(server, method):
    full = ask(server, "GET", ATOM)
    brief = ask(server, method, ATOM, if_none_match=full.headers["etag"])
    assert (brief.status, brief.body) == (304, b"")
    cors = {"access-control-allow-origin", "access-control-expose-headers"}
    assert set(brief.headers) == {"date", "etag", "cache-control", "vary", "connection"} | cors
    assert all(brief.headers[name] == full.headers[name] for name in ("etag", "cache-control", "vary"))


@pytest.mark.parametrize("path", [*ADDRESSES.values(), "/", "/static/style.css"])
def test_a_client_that_refuses_every_encoding_is_told_so(server, path):
    reply = ask(server, "GET", path, accept_encoding="identity;q=0, br")
    assert (reply.status, reply.headers["vary"]) == (406, "Accept-Encoding")


@pytest.mark.parametrize("path", [*ADDRESSES.values(), "/", "/static/style.css", "/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_everything_but_reading_is_405_with_what_is_allowed(server, path, method):
    reply = ask(server, method, path)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_options_allows_scripts_a_conditional_request_to_feeds_only(server):
    feed, page = ask(server, "OPTIONS", ATOM), ask(server, "OPTIONS", "/topics/sea")
    assert (feed.status, feed.body, feed.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    assert feed.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in feed.headers["access-control-allow-headers"]
    assert not any(name.startswith("access-control") for name in page.headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/feeds/other.atom", 404, id="never heard of"),
        pytest.param("/topics/other", 404, id="no such page"),
        pytest.param("/feeds/fresh.atom", 503, id="configured, not published yet"),
        pytest.param("/topics/fresh", 503, id="its page"),
        pytest.param("/feeds/gone.rss", 410, id="published, configured no more"),
        pytest.param("/topics/gone", 410, id="its page, gone"),
    ],
)
def test_what_is_not_there_is_said_in_a_plain_sentence(server, path, status):
    reply = ask(server, "GET", path)
    assert reply.status == status
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert ("retry-after" in reply.headers) == (status == 503)
    assert b"</html>" in reply.body


ODD_PATHS = [
    "/feeds/", "/feeds", "/topics/", "/topics", "/feeds/sea", "/feeds/sea.", "/feeds/.atom", "/feeds/sea.html",
    "/feeds/sea.ATOM", "/feeds/Sea.atom", "/feeds/sea.atom/", "/feeds/sea.atom;x", "/feeds/sea.atom%00",
    "/feeds/%00.atom", "/feeds/../feeds/sea.atom", "/feeds/..%2f..%2fetc%2fpasswd", "/feeds/%2e%2e/sea.atom",
    "/feeds//sea.atom", "//feeds/sea.atom", "/feeds/sea.atom%0a", "/feeds/sea%0d%0aX-A:1.atom", "/feeds/CON.atom",
    "/feeds/a/b.atom", f"/feeds/{'a' * 300}.atom", "/feeds/%D0%BC%D0%BE%D1%80%D0%B5.atom", "/feeds/%ff%fe.atom",
    "/static/../serve/app.py", "/static/..%2fpage.py", "/static/", "/static/base.html", "/healthz/", "/%",
    "*", "/topics/sea/", "/topics/sea%00", "/topics/sea.atom",
]  # fmt: skip


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_odd_path_is_404(server, path):
    assert ask(server, "GET", path).status == 404


def test_a_whole_address_is_answered_by_its_path_alone(server):
    """RFC 9112, section 3.2.2: a server must take it. Whose name is in it does not matter (A49)."""
    reply = ask(server, "GET", "http://evil.example/feeds/sea.atom")
    assert (reply.status, reply.body) == (200, BODIES["atom"])
    assert "evil" not in repr(reply)


def test_a_percent_encoded_letter_is_the_same_address(server):
    assert ask(server, "GET", "/feeds/s%65a.atom").body == BODIES["atom"]


@pytest.mark.parametrize("query", ["?utm_source=x", "?page=1000000000000", "?a=%00&a=%ff", "?", "?" + "x" * 4000])
def test_unknown_query_parameters_are_ignored(server, query):
    asked, plain = ask(server, "GET", ATOM + query), ask(server, "GET", ATOM)
    assert (asked.status, asked.body, asked.headers["etag"]) == (200, plain.body, plain.headers["etag"])


@pytest.mark.parametrize("value", ["bytes=0-0", "bytes=0-,0-,0-,0-", "bytes=-1", "lines=1-2"])
def test_range_is_ignored(server, value):
    reply = ask(server, "GET", ATOM, range=value)
    assert (reply.status, reply.body) == (200, BODIES["atom"])


@pytest.mark.parametrize("path", [*ADDRESSES.values(), "/", "/nothing", "/feeds/fresh.atom", "/healthz/", "/topics"])
def test_no_name_that_a_request_claims_comes_back(server, path):
    claims = {
        "Host": "evil.example",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "evil",
        "Forwarded": "host=evil.example",
        "X_Original_URL": "/evil.example",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/",
        "Accept_Language": "evil",
    }
    reply, plain = ask(server, "GET", path + "?evil.example", **claims), ask(server, "GET", path)
    assert (reply.status, reply.body) == (plain.status, plain.body)
    assert "evil" not in repr(reply)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="an address of 1 MB"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n", id="a header of 1 MB"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n", id="100,000 headers"),
        pytest.param(b"GET /feeds/\xff.atom HTTP/1.1\r\nHost: x\r\n\r\n", id="raw bytes in the address"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="TLS on a plain port"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", id="two hosts"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"get / HTTP/1.1\r\nHost: x\r\n\r\n", id="a method that there is not"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n", id="20 kB at once"),
    ],
)
def test_a_monstrous_request_is_refused_and_the_next_one_served(server, head):
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # refused before all of it was sent
        assert parse(exchange(server, head)).status == 400
    assert ask(server, "GET", ATOM).status == 200


def test_a_thousand_tags_are_one_look(server):
    tags = ", ".join(f'"{number}"' for number in range(1500))
    assert ask(server, "GET", ATOM, if_none_match=tags).status == 200
    assert ask(server, "GET", ATOM, if_none_match=f"{tags}, {etag_of(server)}").status == 304


def test_one_connection_serves_many_requests(server):
    one = f"GET {ATOM} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    last = f"GET {ATOM} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    assert exchange(server, one * 20 + last).count(b"HTTP/1.1 200 OK") == 21


def test_a_new_document_takes_the_place_of_the_old_one_in_every_encoding():
    stand = Stand()
    stand.shelf.put(documents())
    with serving(stand.app()) as server:
        before = etag_of(server)
        stand.shelf.put(documents(bodies={"atom": BODIES["atom"] + b"!"}, now=NOON + timedelta(hours=1)))
        plain = ask(server, "GET", ATOM, if_none_match=before)
        zipped = ask(server, "GET", ATOM, accept_encoding="gzip")
        assert plain.body == gzip.decompress(zipped.body) == BODIES["atom"] + b"!"
        assert plain.headers["last-modified"] == "Sun, 01 Mar 2026 13:00:00 GMT"
        assert ask(server, "GET", ADDRESSES["rss"]).body == BODIES["rss"]


def test_of_the_documents_of_one_second_the_first_alone_says_its_date():
    stand = Stand()
    stand.shelf.put(documents())
    with serving(stand.app()) as server:
        for end, later, stamp in ((b"!", 0, None), (b"?", 0, None), (b".", 1, "Sun, 01 Mar 2026 12:00:01 GMT")):
            stand.shelf.put(documents(bodies={"atom": BODIES["atom"] + end}, now=NOON + timedelta(seconds=later)))
            answered = ask(server, "GET", ATOM, if_modified_since=STAMP)
            assert (answered.status, answered.headers.get("last-modified")) == (200, stamp)
            assert answered.body == BODIES["atom"] + end
        assert ask(server, "GET", ADDRESSES["rss"], if_modified_since=STAMP).status == 304


def test_the_same_document_made_again_keeps_its_date():
    stand = Stand()
    stand.shelf.put(documents())
    stand.shelf.put(documents(now=NOON + timedelta(hours=1)))
    with serving(stand.app()) as server:
        assert ask(server, "GET", ATOM, if_modified_since=STAMP).status == 304


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("/feeds/ocean.atom", "/feeds/sea.atom"),
        ("/feeds/ocean.json", "/feeds/sea.json"),
        ("/topics/water", "/topics/sea"),
    ],
)
def test_a_renamed_topic_is_found_under_every_name_that_it_had(old, now):
    stand = Stand(topics={"sea": topic(was=("ocean", "water"))})
    stand.shelf.put([*documents("sea"), *documents("ocean")])  # what stood under the old name may still be held
    with serving(stand.app()) as server:
        reply = ask(server, "GET", old)
        assert (reply.status, reply.headers["location"], reply.body) == (301, now, b"")
        assert ask(server, "GET", now).status == 200
        assert ask(server, "GET", old.replace("ocean", "lake").replace("water", "lake")).status == 404


def test_a_renamed_topic_of_a_house_with_a_path_is_found_under_it():
    site = replace(SITE, public_url="https://example.org/news")
    with serving(Stand(topics={"sea": topic(was=("ocean",))}, site=site).app()) as server:
        assert ask(server, "GET", "/feeds/ocean.rss").headers["location"] == "/news/feeds/sea.rss"


def test_the_old_name_of_a_private_topic_tells_nothing():
    with serving(Stand(topics={"sea": topic(was=("ocean",), private=True)}).app()) as server:
        assert ask(server, "GET", "/feeds/ocean.atom").status == 404


def test_a_topic_that_left_the_configuration_is_gone_at_once_and_back_with_it(server, stand):
    topics, stand.topics = stand.topics, {}
    try:
        assert ask(server, "GET", ATOM).status == 410
    finally:
        stand.topics = topics
    assert ask(server, "GET", ATOM).status == 200


def test_a_dropped_topic_is_no_longer_handed_out():
    stand = Stand()
    stand.shelf.put(documents())
    stand.shelf.drop("sea")
    stand.shelf.drop("sea")
    with serving(stand.app()) as server:
        assert ask(server, "GET", ATOM).status == 503
