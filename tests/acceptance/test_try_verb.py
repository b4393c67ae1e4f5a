"""`aggregator try`: the real command against a real origin; what it asks, what it says, and that its YAML works."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from harness import quiet_env
from sample import document, rss

from aggregator.config import load
from aggregator.lab.origin import Document, Origin, Response

ALLOWED = ("--allow-private", "127.0.0.0/8")
TITLES = ["Обстрел Краматорска: что известно", "Новый мост открыли в Виннице"]
FEED = document(TITLES)
TOPICS = {"donbas": {"title": "Донбасс", "match": "section:donbas"}}
ALL = {"all": {"match": "age:<7d"}}
OTHER = {"a": {"url": "https://a.example/rss"}}
SECTIONS = {"sections": {"donbas": {"title": "Донбасс", "words": ["Краматорск"]}}}


@pytest.fixture
def origin():
    with Origin() as running:
        yield running


def page(html: str, *, encoding: str = "utf-8") -> Document:
    return Document(body=html.encode(encoding), content_type="text/html")


def link(href: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


def asked(origin) -> list[str]:
    assert all(request.method == "GET" for request in origin.requests)
    return [request.target.decode() for request in origin.requests]


def yaml_of(stdout: str) -> str:
    return stdout[stdout.index("sources:\n") :]


def sources_of(yaml: str, folder):
    """Load what was printed, beside nothing but a topic."""
    folder.mkdir(exist_ok=True)
    (folder / "sources.yaml").write_text(yaml, "utf-8")
    (folder / "topics.yaml").write_text('topics: {all: {match: "age:<7d"}}', "utf-8")
    return load(folder, env={}).sources


def test_a_feed_costs_one_request_and_its_yaml_works(place, origin):
    zoneless = re.sub(rb" [+-]0000<", b"<", FEED.body)
    url = origin.serve("/rss.xml", replace(FEED, body=zoneless, etag=b'W/"9f"'))
    ended = place.command("try", url, *ALLOWED)
    assert ended.returncode == 0, ended.stderr
    assert asked(origin) == ["/rss.xml"]
    for fact in ("RSS: 200", 'ETag W/"9f"', "«news.example»", "2 items", "date-without-zone", TITLES[0], "min ago"):
        assert fact in ended.stdout
    assert "no configuration" in ended.stderr
    assert "\x1b" not in ended.stdout
    (source,) = sources_of(yaml_of(ended.stdout), place.root / "new").values()
    assert (source.id, source.url, source.title, source.language) == ("news-example", url, "news.example", "ru")
    assert source.allow_private == ("127.0.0.0/8",)
    assert not place.config.exists()


def test_with_a_configuration_it_tells_sections_and_topics_and_takes_no_id_twice(place, origin):
    url = origin.serve("/rss.xml", document([*TITLES, "Старая новость Краматорска"], minutes_ago=3 * 24 * 60))
    place.write({"news-example": {"url": "https://elsewhere.example/rss"}}, TOPICS, beside_topics=SECTIONS)
    told = place.json("try", url)
    first = told["asked"][0]["newest"][0]
    assert [tag["section"] for tag in first["sections"]] == ["donbas"]
    assert [(topic["topic"], topic["admitted"]) for topic in first["topics"]] == [("donbas", False)]
    assert "news is younger than 48 h" in first["topics"][0]["why"]
    assert [source["id"] for source in told["sources"]] == ["news-example-2"]
    assert not place.database.exists()


def test_a_page_costs_a_request_for_each_of_at_most_three_feeds(place, origin):
    for n in range(5):
        origin.serve(f"/{n}.xml", document(TITLES, host=f"n{n}.example"))
    html = "".join(link(f"/{n}.xml", f"Рубрика {n}") for n in range(5)) + '<a href="/rss/">RSS</a>'
    url = origin.serve("/", page(f"<meta charset=windows-1251>{html}", encoding="cp1251"))
    place.write(OTHER, ALL)
    ended = place.command("try", url)
    assert ended.returncode == 0, ended.stderr
    assert asked(origin) == ["/", "/0.xml", "/1.xml", "/2.xml"]
    assert "called «Рубрика 0»" in ended.stdout
    assert "Named there too, and not asked:" in ended.stdout
    assert set(sources_of(yaml_of(ended.stdout), place.root / "new")) == {"n0-example", "n1-example", "n2-example"}


def test_weak_links_are_asked_only_where_nothing_better_is_a_feed(place, origin):
    origin.serve("/rss/", FEED)
    url = origin.serve("/", page(link("/gone.xml") + '<a href="/rss/">RSS</a><a href="/rss/2">RSS</a>'))
    place.write(OTHER, ALL)
    told = place.json("try", url)
    assert asked(origin) == ["/", "/gone.xml", "/rss/"]
    assert [one["how"] for one in told["asked"]] == ["given", "link", "anchor"]
    assert told["asked"][1]["problem"] == "404 Not Found"
    assert [source["url"] for source in told["sources"]] == [origin.url("/rss/")]


def test_a_link_header_is_enough(place, origin):
    origin.serve("/f", FEED)
    header = (b"Link", b'</f>; rel="alternate"; type="application/rss+xml"')
    url = origin.script("/", lambda _: Response(headers=[header, (b"Content-Type", b"text/html")], body=b"<p>"))
    assert place.command("try", url, *ALLOWED).returncode == 0
    assert asked(origin) == ["/", "/f"]


def test_a_page_without_feeds_says_so_and_nothing_is_guessed_unasked(place, origin):
    origin.serve("/rss.xml", FEED)
    url = origin.serve("/", page("<title>Газета</title><p>Новости"))
    ended = place.command("try", url, *ALLOWED)
    assert ended.returncode == 1
    assert asked(origin) == ["/"]
    assert "The page names no feed." in ended.stdout
    assert "--guess" in ended.stdout
    assert "sources:" not in ended.stdout


def test_guesses_end_with_the_first_feed(place, origin):
    origin.serve("/rss.xml", FEED)
    url = origin.serve("/", page("<p>Новости"))
    place.write(OTHER, ALL)
    told = place.json("try", url, "--guess")
    assert asked(origin) == ["/", "/feed", "/rss", "/rss.xml"]
    assert told["feeds"] == 1


def test_a_host_that_wants_to_be_left_alone_is(place, origin):
    busy = origin.script("/1.xml", lambda _: Response(status=429, headers=[(b"Retry-After", b"60")]))
    url = origin.serve("/", page(link(busy) + link("/2.xml") + link("/3.xml")))
    place.write(OTHER, ALL)
    ended = place.command("try", url)
    assert ended.returncode == 1
    assert asked(origin) == ["/", "/1.xml"]
    assert "wants to be left alone" in ended.stderr


def test_a_host_is_not_asked_again_within_its_gap(place, origin):
    origin.serve("/rss.xml", FEED)
    url = origin.serve("/", page(link("/rss.xml")))
    assert place.command("try", url, *ALLOWED).returncode == 0
    first, second = origin.requests
    assert (second.at - first.at).total_seconds() > 1.9  # two seconds, where nothing else is configured


def test_a_json_feed_is_a_feed(place, origin):
    body = '{"version": "https://jsonfeed.org/version/1.1", "title": ":cat: ${HOME} \x7f", "items": [{"id": "1"}]}'
    url = origin.serve("/feed.json", Document(body=body.encode(), content_type="application/feed+json"))
    ended = place.command("try", url, *ALLOWED, "--as", "112")
    assert "JSON: 200" in ended.stdout
    assert "none: each poll would bring the whole document" in ended.stdout
    (source,) = sources_of(yaml_of(ended.stdout), place.root / "new").values()
    assert (source.id, source.url, source.title) == ("112", url, ":cat: $ {HOME}")


@pytest.mark.parametrize(("status", "moves"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_redirect_for_good_changes_the_suggested_address_and_another_does_not(place, origin, status, moves):
    goal = origin.serve("/new.xml", FEED)
    url = origin.script("/old.xml", lambda _: Response(status=status, headers=[(b"Location", b"/new.xml")]))
    told = place.json("try", url, *ALLOWED)
    assert told["asked"][0]["final_url"] == goal
    assert told["asked"][0]["redirects"] == [{"status": status, "url": goal}]
    assert told["sources"][0]["url"] == (goal if moves else url)


def test_a_private_address_is_refused_with_the_way_to_allow_it(place, origin):
    ended = place.command("try", origin.serve("/rss.xml", FEED))
    assert ended.returncode == 1
    assert asked(origin) == []
    assert "not on the public internet" in ended.stdout
    assert "--allow-private 127.0.0.1/32" in ended.stdout


def test_a_page_leads_into_no_private_network_and_its_refresh_is_not_followed(place, origin):
    inside = origin.serve("/rss.xml", FEED, host="127.0.0.9")
    refresh = f'<meta http-equiv="refresh" content="0; url={inside}">'
    url = origin.serve("/", page(link(inside) + refresh.replace("rss.xml", "other")))
    told = place.json("try", url, "--allow-private", "127.0.0.1/32")
    assert [one["error"] for one in told["asked"]] == ["not-a-feed", "refused"]
    assert {candidate["how"] for candidate in told["candidates"]} == {"link", "refresh"}
    assert asked(origin) == ["/"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"%PDF-1.7 ...", "a PDF document came", id="PDF"),
        pytest.param(b'{"a": 1}', "JSON", id="JSON"),
        pytest.param(b"<opml><body/></opml>", "a list of feeds (OPML) came", id="OPML"),
    ],
)
def test_what_is_no_feed_is_named(place, origin, body, said):
    ended = place.command("try", origin.serve("/x", Document(body=body)), *ALLOWED)
    assert ended.returncode == 1
    assert said in ended.stdout
    assert asked(origin) == ["/x"]


def test_a_hostile_page_costs_nothing_but_its_look(place, origin):
    bad = link("javascript:alert(1)//rss") + link("file:///etc/passwd") + link("http://u:p@127.0.0.1/rss")
    junk = "\x00<div>" * 100_000 + "</p>" * 100_000 + "\x1b[2J" + "<a href=/rss>" * 300_000
    url = origin.serve("/", page("<html>" + bad + link("/rss.xml", "\x1b]0;x\x07 \x9b31m") + junk))
    origin.serve("/rss.xml", replace(FEED, body=rss(["\x9b31m red", "ok"])))
    place.write(OTHER, ALL)
    ended = place.command("try", url)
    assert ended.returncode == 0, ended.stderr
    assert asked(origin) == ["/", "/rss.xml"]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", ended.stdout + ended.stderr)


def test_a_bot_wall_is_called_one_and_not_knocked_at_again(place, origin):
    wall = page("<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>" + link("/rss.xml"))
    ended = place.command("try", origin.serve("/", wall), *ALLOWED, "--guess")
    assert ended.returncode == 1
    assert asked(origin) == ["/"]
    assert "names no feed" not in ended.stdout


def test_a_configured_source_is_recognised_and_asked_as_itself(place, origin):
    url = origin.serve("/rss.xml", FEED)
    place.write({"own": {"url": url, "language": "uk"}}, ALL)
    ended = place.command("try", url)
    assert f"{url} is configured already, as own." in ended.stdout
    assert "sources:" not in ended.stdout
    assert b"feed-id=own" in (origin.requests[0].header(b"user-agent") or b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["ftp://a.example/rss"], "begins with http:// or https://", id="another scheme"),
        pytest.param(["a.example/rss"], 'Put "https://" in front.', id="no scheme"),
        pytest.param(["https://a.example/rss", "--as", "Я"], "an id has", id="id"),
        pytest.param(["https://a.example/rss", "--allow-private", "lan"], "a network is expected", id="network"),
        pytest.param(["https://u:p@a.example/rss"], "must not carry a user name", id="a password"),
    ],
)
def test_wrong_use_ends_with_two_and_a_sentence(place, arguments, said):
    ended = place.command("try", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert not ended.stdout


def test_a_wrong_configuration_ends_with_two_before_anything_is_asked(place, origin):
    place.write({"a": {"url": "https://a.example/rss", "lnguage": "uk"}}, ALL)
    ended = place.command("try", origin.serve("/rss.xml", FEED))
    assert ended.returncode == 2
    assert "lnguage" in ended.stderr
    assert asked(origin) == []


def test_colours_are_for_terminals(place):
    screen, terminal = pty.openpty()
    environment = {k: v for k, v in quiet_env().items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    line = [sys.executable, "-m", "aggregator", "--config", str(place.config), "try", "http://127.0.0.1:9/rss"]
    subprocess.run(line, stdout=terminal, stderr=subprocess.DEVNULL, env=environment, timeout=60, check=False)
    os.close(terminal)
    shown = os.read(screen, 10_000)
    os.close(screen)
    assert b"\x1b[1m" in shown
